-- A name is the same name whether its letters are composed (NFC) or put together from a letter
-- and a mark (NFD), as one phone writes them or another; and it goes out of what the two
-- shared from the visit, too.

-- +goose Up
create index learning_of_visit on learning (owner_id, from_visit);

-- +goose StatementBegin
-- A text without a name: whole words, as they are spelled, with a genitive; NN stands there
-- instead, which is never longer than the name. A letter or a mark beside it makes another
-- word of it. A text that has the name comes out composed; every other stays byte for byte.
create or replace function without_name(words text, what text) returns text
    language sql immutable parallel safe set search_path = ''
as $$
    select case when normalize(words, NFC) ~ p.name then regexp_replace(normalize(words, NFC), p.name, 'NN\1', 'g') else words end
    from (select '(?<![0-9A-Za-z\u00C0-\u1FFF])' || regexp_replace(normalize(what, NFC), '([^0-9A-Za-z\u00C0-\u1FFF ])', '\\\1', 'g')
        || '(s|[''\u2019]s)?(?![0-9A-Za-z\u00C0-\u1FFF])' as name) p
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The same in the bytes of a message of the contract, in either form. As many bytes stand
-- there afterwards, since the message counts them. What comes before the name may be such a
-- count, which looks like a letter: so only what comes after it says whether it is a whole
-- word.
create or replace function without_name_in(message bytea, what text) returns bytea
    language plpgsql immutable parallel safe set search_path = ''
as $$
declare
    name bytea;
    instead bytea;
    done int;
    at int;
    behind int;
begin
    for name in select distinct convert_to(f, 'UTF8') from unnest(array[normalize(what, NFC), normalize(what, NFD)]) f loop
        instead := convert_to(rpad('NN', octet_length(name), '.'), 'UTF8');
        done := 0;
        loop
            at := position(name in substring(message from done + 1));
            exit when at = 0;
            at := done + at;
            done := at + octet_length(name) - 1;
            behind := done;
            if behind < octet_length(message) and get_byte(message, behind) = ascii('s') then
                behind := behind + 1;
            end if;
            -- A byte that begins a letter outside ASCII, or a mark, is between C3 and E1.
            if behind >= octet_length(message) or chr(greatest(get_byte(message, behind), 1)) !~ '[0-9A-Za-z\u00C3-\u00E1]' then
                message := overlay(message placing instead from at);
            end if;
        end loop;
    end loop;
    return message;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes a name out of every plain text of a visit, and of what the two shared from it. Made
-- from what the rooms declare of their tables (tables.TakeOut); a test compares.
create or replace function take_out(tenant uuid, which uuid, what text) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.reply set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.conversation set
        summary = public.without_name(summary, what)
    where owner_id = tenant and visit_id = which and (summary) is distinct from (public.without_name(summary, what));
    update public.correction set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.own_view set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.takeaway set
        text = public.without_name(text, what),
        borrowed = public.without_name(borrowed, what)
    where owner_id = tenant and visit_id = which and (text, borrowed) is distinct from (public.without_name(text, what), public.without_name(borrowed, what));
    update public.draft set
        body = public.without_name_in(body, what),
        revision = revision + 1
    where owner_id = tenant and visit_id = which and (body) is distinct from (public.without_name_in(body, what));
    update public.question_opening set
        text = public.without_name(text, what)
    where owner_id = tenant and visit_id = which and (text) is distinct from (public.without_name(text, what));
    update public.question set
        text = public.without_name(text, what),
        source = public.without_name(source, what),
        answer = public.without_name(answer, what)
    where owner_id = tenant and visit_id = which and (text, source, answer) is distinct from (public.without_name(text, what), public.without_name(source, what), public.without_name(answer, what));
    update public.feedback_point set
        text = public.without_name(text, what),
        effect = public.without_name(effect, what)
    where owner_id = tenant and visit_id = which and (text, effect) is distinct from (public.without_name(text, what), public.without_name(effect, what));
    update public.action set
        text = public.without_name(text, what),
        lesson = public.without_name(lesson, what),
        did = public.without_name(did, what),
        happened = public.without_name(happened, what),
        questioned = public.without_name(questioned, what),
        next = public.without_name(next, what)
    where owner_id = tenant and visit_id = which and (text, lesson, did, happened, questioned, next) is distinct from (public.without_name(text, what), public.without_name(lesson, what), public.without_name(did, what), public.without_name(happened, what), public.without_name(questioned, what), public.without_name(next, what));
    update public.learning set
        text = public.without_name(text, what),
        source = public.without_name(source, what)
    where owner_id = tenant and from_visit = which and (text, source) is distinct from (public.without_name(text, what), public.without_name(source, what));
    update public.learning_response set
        text = public.without_name(text, what)
    where owner_id = tenant and kind = 'ANSWER' and learning_id in (select l.id from public.learning l where l.owner_id = tenant and l.from_visit = which) and (text) is distinct from (public.without_name(text, what));
    update public.visit set
        place = public.without_name(place, what),
        name_out = public.without_name(name_out, what),
        focus_question = public.without_name(focus_question, what),
        intention = public.without_name(intention, what),
        expectation = public.without_name(expectation, what),
        later_intention = public.without_name(later_intention, what),
        later_expectation = public.without_name(later_expectation, what),
        look_for = public.without_name(look_for, what),
        do_not_note = public.without_name(do_not_note, what),
        wanted_feedback = public.without_name(wanted_feedback, what),
        suggested_focus = public.without_name(suggested_focus, what)
    where owner_id = tenant and id = which and (place, name_out, focus_question, intention, expectation, later_intention, later_expectation, look_for, do_not_note, wanted_feedback, suggested_focus) is distinct from (public.without_name(place, what), public.without_name(name_out, what), public.without_name(focus_question, what), public.without_name(intention, what), public.without_name(expectation, what), public.without_name(later_intention, what), public.without_name(later_expectation, what), public.without_name(look_for, what), public.without_name(do_not_note, what), public.without_name(wanted_feedback, what), public.without_name(suggested_focus, what));
    update public.note set
        text = public.without_name(text, what),
        tag = public.without_name(tag, what),
        revision = revision + 1
    where owner_id = tenant and visit_id = which and (text, tag) is distinct from (public.without_name(text, what), public.without_name(tag, what));
    update public.request set
        reply = null
    where owner_id = tenant and visit_id = which and (reply) is distinct from (null);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of feedback: keeps the wish of the person in hand that a name goes out of a visit's texts,
-- carries it out where it is the other one's wish too, or there is no other one any more, and
-- lets a wish go. Whoever is told no sees it.
create or replace function take_out_name(which uuid, what text, let_go boolean, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    v public.visit;
    other uuid;
    done boolean;
begin
    select * into v from public.visit x
        where x.owner_id = tenant and x.id = which and me in (x.observer_id, x.observed_id) for no key update;
    if not found or v.state in ('NONE', 'WITHDRAWN') then
        perform public.refuse('wrong_state');
    end if;
    other := case me when v.observer_id then v.observed_id else v.observer_id end;
    if not let_go and v.name_out <> '' and v.name_out_by = other and normalize(v.name_out, NFC) <> normalize(what, NFC) then
        perform public.refuse('nothing_to_answer');
    end if;
    done := not let_go and (v.name_out <> '' and v.name_out_by = other or public.has_left(v.school_id, other));
    if done then
        perform public.take_out(tenant, which, what);
    end if;
    update public.visit x set
        name_out = case when done or let_go then '' else what end,
        name_out_by = case when done or let_go then null else me end,
        revision = x.revision + 1, updated_at = moment
    where x.owner_id = tenant and x.id = which;
    if let_go and v.name_out_by = other then
        perform public.tell_change(tenant, which, other, 'NAME_REFUSED', moment);
    end if;
end
$$;
-- +goose StatementEnd
