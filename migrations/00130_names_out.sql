-- A name, such as a child's, goes out of a note on demand, and out of every other text of
-- the visit: the two do it together, and no earlier wording is left.

-- +goose Up
alter table visit
    add column name_out text not null default '',  -- the name that one of the two would take out; empty: nobody would
    add column name_out_by uuid,
    add constraint name_out__invalid_field check (char_length(name_out) <= 60) not valid,
    add constraint name_out_of_two check (name_out = '' or name_out_by in (observer_id, observed_id)) not valid;

alter table visit_notice drop constraint visit_notice_kind_check;
alter table visit_notice add constraint visit_notice_kind_check
    check (kind in ('CALLED_OFF', 'DECLINED', 'WITHDRAWN', 'EXIT_REFUSED', 'REOPEN_REFUSED', 'MOVED', 'MOVE_REFUSED', 'NAME_REFUSED'));

-- +goose StatementBegin
-- A text without a name: whole words, as they are spelled, with a genitive; NN stands there
-- instead, which is never longer than the name. A letter beside it makes another word of it.
create function without_name(words text, what text) returns text
    language sql immutable parallel safe set search_path = ''
as $$
    select regexp_replace(words, '(?<![0-9A-Za-z\u00C0-\u024F])' || regexp_replace(what, '([^0-9A-Za-z\u00C0-\u024F ])', '\\\1', 'g')
        || '(s|[''\u2019]s)?(?![0-9A-Za-z\u00C0-\u024F])', 'NN\1', 'g')
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The same in the bytes of a message of the contract. As many bytes stand there afterwards,
-- since the message counts them. What comes before the name may be such a count, which
-- looks like a letter: so only what comes after it says whether it is a whole word.
create function without_name_in(message bytea, what text) returns bytea
    language plpgsql immutable parallel safe set search_path = ''
as $$
declare
    name constant bytea := convert_to(what, 'UTF8');
    instead constant bytea := convert_to(rpad('NN', octet_length(name), '.'), 'UTF8');
    done int := 0;
    at int;
    behind int;
begin
    loop
        at := position(name in substring(message from done + 1));
        exit when at = 0;
        at := done + at;
        done := at + octet_length(name) - 1;
        behind := done;
        if behind < octet_length(message) and get_byte(message, behind) = ascii('s') then
            behind := behind + 1;
        end if;
        if behind >= octet_length(message) or chr(greatest(get_byte(message, behind), 1)) !~ '[0-9A-Za-z\u00C3-\u00C9]' then
            message := overlay(message placing instead from at);
        end if;
    end loop;
    return message;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes a name out of every plain text of a visit. Made from what the rooms declare of
-- their tables (tables.TakeOut); a test compares.
create function take_out(tenant uuid, which uuid, what text) returns void
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
create function take_out_name(which uuid, what text, let_go boolean, moment timestamptz) returns void
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
    if not let_go and v.name_out <> '' and v.name_out_by = other and v.name_out <> what then
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
revoke execute on function take_out, take_out_name from public;
grant execute on function take_out_name to undring_app;

-- A step of the tables' owner is none of the two's: it takes a name out.
-- +goose StatementBegin
create or replace function own_part_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- see take_out
    end if;
    if tg_table_name = 'correction' then
        if (new.text, new.created_at) is distinct from (old.text, old.created_at) and me <> old.observed_id
           or new.resolution <> '' and new.resolution is distinct from old.resolution and me <> old.observer_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (new.did, new.happened, new.questioned, new.next, new.outcome, new.learning)
           is distinct from (old.did, old.happened, old.questioned, old.next, old.outcome, old.learning)
           and me <> old.person_id
       or new.agreed_by is distinct from old.agreed_by and me = old.person_id then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- Made from what the rooms declare, with the new column.
-- +goose StatementBegin
create or replace function erase_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit set
        place = '',
        talk_arena = '',
        name_out = '',
        focus_question = '',
        intention = '',
        expectation = '',
        later_intention = '',
        later_expectation = '',
        look_for = '',
        do_not_note = '',
        wanted_feedback = '',
        suggested_focus = '',
        talk_at = null,
        focus_area_id = null,
        point_id = null,
        wondering_id = null,
        answered_id = null,
        observer_takeaway = null,
        observed_takeaway = null,
        acknowledged_at = null,
        intended_at = null,
        later_at = null,
        name_out_by = null
    where owner_id = tenant and id = which;
    update public.request set
        reply = null
    where owner_id = tenant and visit_id = which;
    delete from public.reply where owner_id = tenant and visit_id = which;
    delete from public.conversation where owner_id = tenant and visit_id = which;
    delete from public.correction where owner_id = tenant and visit_id = which;
    delete from public.own_view where owner_id = tenant and visit_id = which;
    delete from public.takeaway where owner_id = tenant and visit_id = which;
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.question_opening where owner_id = tenant and visit_id = which;
    delete from public.question where owner_id = tenant and visit_id = which;
    delete from public.feedback_point where owner_id = tenant and visit_id = which;
    delete from public.action where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which;
    delete from public.moment where owner_id = tenant and visit_id = which;
end
$$;
-- +goose StatementEnd
-- +goose StatementBegin
create or replace function erase_person_in(tenant uuid, who uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.conversation where owner_id = tenant and recorded_by = who and confirmed_at is null and visit_id = which;
    delete from public.correction where owner_id = tenant and observed_id = who and visit_id = which;
    delete from public.own_view where owner_id = tenant and observed_id = who and visit_id = which;
    update public.takeaway set text = '…' where owner_id = tenant and person_id = who and visit_id = which;
    update public.takeaway set borrowed = '' where owner_id = tenant and person_id = who and visit_id = which;
    delete from public.draft where owner_id = tenant and observer_id = who and visit_id = which;
    delete from public.action where owner_id = tenant and person_id = who and visit_id = which;
    update public.visit set place = '' where owner_id = tenant and true and id = which;
    update public.visit set talk_arena = '' where owner_id = tenant and true and id = which;
    update public.visit set name_out = '' where owner_id = tenant and true and id = which;
    update public.visit set focus_question = '…' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set intention = '', expectation = '', later_intention = '', later_expectation = '', look_for = '', do_not_note = '', wanted_feedback = '' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set suggested_focus = '' where owner_id = tenant and observer_id = who and id = which;
    delete from public.note where owner_id = tenant and observer_id = who and not shared and visit_id = which;
    delete from public.moment where owner_id = tenant and person_id = who and visit_id = which;
    update public.request set reply = null where owner_id = tenant and true and visit_id = which;
end
$$;
-- +goose StatementEnd
