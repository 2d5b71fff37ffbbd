-- Notifications and preferences are things that phones know, beside those that there are. The
-- list is made of what stands, so that nothing of others is left out. And whoever is erased leaves
-- none of theirs behind.

-- +goose Up
-- +goose StatementBegin
do $$
declare
    kinds text;
begin
    select string_agg(distinct m[1], ', ') into kinds
    from pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid) || '''NOTIFICATION'' ''PREFERENCES''', '(''[A-Z_]+'')', 'g') m
    where c.conrelid = 'feed'::regclass and c.conname = 'feed_thing_check';
    alter table feed drop constraint feed_thing_check;
    execute format('alter table feed add constraint feed_thing_check check (thing in (%s)) not valid', kinds);
end
$$;
-- +goose StatementEnd

-- What is a person's goes with them, of the new tables too (server/tables_test.go has these bodies).
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
    update public.visit set place = '', talk_arena = '' where owner_id = tenant and true and id = which;
    update public.visit set focus_question = '…' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set intention = '', expectation = '', later_intention = '', later_expectation = '', look_for = '', do_not_note = '', wanted_feedback = '' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set suggested_focus = '' where owner_id = tenant and observer_id = who and id = which;
    delete from public.note where owner_id = tenant and observer_id = who and not shared and visit_id = which;
    update public.request set reply = null where owner_id = tenant and true and visit_id = which;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function erase_person_apart(tenant uuid, who uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.prompt where owner_id = tenant and author_id = who;
    delete from public.need where owner_id = tenant and person_id = who;
    delete from public.need_support where owner_id = tenant and person_id = who;
    delete from public.booking where owner_id = tenant and person_id = who;
    delete from public.open_lesson where owner_id = tenant and person_id = who;
    delete from public.availability where owner_id = tenant and person_id = who;
    delete from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id);
    delete from public.request where owner_id = tenant and person_id = who;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where owner_id = tenant and person_id = who;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where owner_id = tenant and who in (person_id, other_id);
    delete from public.team_member where owner_id = tenant and person_id = who;
    delete from public.invitation where owner_id = tenant and person_id = who;
    delete from public.time_booking where owner_id = tenant and person_id = who;
    delete from public.session where owner_id = tenant and person_id = who;
    delete from public.sign_in_days where owner_id = tenant and person_id = who;
    delete from public.sign_in_link where owner_id = tenant and person_id = who;
    delete from public.message where owner_id = tenant and person_id = who;
    delete from public.notice where owner_id = tenant and person_id = who;
    delete from public.notice_choice where owner_id = tenant and person_id = who;
    delete from public.device where owner_id = tenant and person_id = who;
    delete from public.calendar_feed where owner_id = tenant and person_id = who;
    delete from public.access where owner_id = tenant and person_id = who;
    delete from public.consent where owner_id = tenant and person_id = who;
    delete from public.feed where owner_id = tenant and person_id = who;
end
$$;
-- +goose StatementEnd
