-- What somebody said in a hearing goes with them: the body below is made from what the
-- rooms declare of their tables, which a hearing has joined.

-- +goose Up
-- +goose StatementBegin
create or replace function erase_person_apart(tenant uuid, who uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.prompt where owner_id = tenant and author_id = who;
    delete from public.need where owner_id = tenant and person_id = who;
    delete from public.need_support where owner_id = tenant and person_id = who;
    delete from public.hearing_voice where owner_id = tenant and person_id = who;
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
