-- A name goes out of a draft as out of every other text: the draft is a message of the
-- contract, whose bytes were compared until now. So a name that a phone had half composed
-- stayed, and one that followed a count that looks like its first letter went with the count.
-- And a name of two parts is the same name with another blank, hyphen or apostrophe between
-- them, as phones put in by themselves.

-- +goose Up

-- +goose StatementBegin
-- A text without a name: whole words, as they are spelled, with a genitive; NN stands there
-- instead, which is never longer than the name. A letter or a mark beside it makes another
-- word of it. A text that has the name comes out composed; every other stays byte for byte.
create or replace function without_name(words text, what text) returns text
    language sql immutable parallel safe set search_path = ''
as $$
    select case when normalize(words, NFC) ~ p.name then regexp_replace(normalize(words, NFC), p.name, 'NN\1', 'g') else words end
    from (select '(?<![0-9A-Za-z\u00C0-\u1FFF])' || string_agg(case
                when c ~ '[0-9A-Za-z\u00C0-\u1FFF]' then c
                when c = ' ' then '[\s\u00A0\u202F]+'
                when c ~ '[''\u2019\u02BC]' then '[''\u2019\u02BC]'
                when c ~ '[-\u2010\u2011]' then '[-\u2010\u2011]'
                else '\' || c
            end, '' order by nth) || '(s|[''\u2019]s)?(?![0-9A-Za-z\u00C0-\u1FFF])' as name
        from unnest(string_to_array(normalize(regexp_replace(what, '[\s\u00A0\u202F]+', ' ', 'g'), NFC), null)) with ordinality l (c, nth)) p
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A number of a message of the contract, and where what follows it begins.
create function read_varint(message bytea, inout at int, out number bigint)
    language plpgsql immutable parallel safe set search_path = ''
as $$
declare
    byte int;
    shift int := 0;
begin
    number := 0;
    loop
        byte := get_byte(message, at);
        number := number | ((byte & 127)::bigint << shift);
        at := at + 1;
        shift := shift + 7;
        exit when byte < 128;
    end loop;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The same the other way. No number here is negative.
create function write_varint(number bigint) returns bytea
    language plpgsql immutable parallel safe set search_path = ''
as $$
declare
    bytes bytea := '';
begin
    loop
        if number < 128 then
            return bytes || set_byte('\x00', 0, number::int);
        end if;
        bytes := bytes || set_byte('\x00', 0, (128 | (number & 127))::int);
        number := number >> 7;
    end loop;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A FeedbackDraft without a name. It is taken apart by its fields: points (1) and questions
-- (2) are each a LooseText, in which text (2) and effect (5) are people's words. inside: it is
-- such a one. A test holds these numbers against the contract.
create function draft_without_name(message bytea, what text, inside boolean) returns bytea
    language plpgsql immutable parallel safe set search_path = ''
as $$
declare
    size constant int := octet_length(message);
    done bytea := '';
    begun int;
    at int := 0;
    key bigint;
    number bigint;
    piece bytea;
begin
    while at < size loop
        begun := at;
        select v.at, v.number into at, key from public.read_varint(message, at) v;
        case key & 7
            when 0 then
                select v.at into at from public.read_varint(message, at) v;
            when 1 then
                at := at + 8;
            when 5 then
                at := at + 4;
            when 2 then
                select v.at, v.number into at, number from public.read_varint(message, at) v;
                piece := substring(message from at + 1 for number::int);
                at := at + number::int;
                if not inside and key >> 3 in (1, 2) then
                    piece := public.draft_without_name(piece, what, true);
                elsif inside and key >> 3 in (2, 5) then
                    piece := convert_to(public.without_name(convert_from(piece, 'UTF8'), what), 'UTF8');
                end if;
                done := done || public.write_varint(key) || public.write_varint(octet_length(piece)) || piece;
                continue;
            else
                raise 'a draft is no message of the contract' using errcode = 'data_corrupted';
        end case;
        done := done || substring(message from begun + 1 for at - begun);
    end loop;
    return done;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The same for what take_out calls.
create or replace function without_name_in(message bytea, what text) returns bytea
    language sql immutable parallel safe set search_path = ''
as $$
    select public.draft_without_name(message, what, false)
$$;
-- +goose StatementEnd
