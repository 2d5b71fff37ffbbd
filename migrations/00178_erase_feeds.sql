-- The address of a timetable goes with its person.

-- +goose Up
-- +goose StatementBegin
-- Takes away what is a person's beside their visits: so many rows at most. Says whether there
-- are more. Made from what the rooms declare (tables.ErasePersonApart).
create or replace function erase_person_apart(tenant uuid, who uuid, most int) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    budget int := most; -- how many rows are left to take
    done_now int;
begin
    delete from public.prompt where ctid = any (array(select ctid from public.prompt where owner_id = tenant and author_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need where ctid = any (array(select ctid from public.need where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need_support where ctid = any (array(select ctid from public.need_support where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.hearing_voice where ctid = any (array(select ctid from public.hearing_voice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_response where ctid = any (array(select ctid from public.learning_response where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_thanks where ctid = any (array(select ctid from public.learning_thanks where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.round_report where ctid = any (array(select ctid from public.round_report where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.booking where ctid = any (array(select ctid from public.booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.open_lesson where ctid = any (array(select ctid from public.open_lesson where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.availability where ctid = any (array(select ctid from public.availability where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.kept_from_suggestions where ctid = any (array(select ctid from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.request where ctid = any (array(select ctid from public.request where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where ctid = any (array(select ctid from public.register_entry where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where ctid = any (array(select ctid from public.identity_change where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.team_member where ctid = any (array(select ctid from public.team_member where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.invitation where ctid = any (array(select ctid from public.invitation where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.time_booking where ctid = any (array(select ctid from public.time_booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.timetable_feed where ctid = any (array(select ctid from public.timetable_feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.session where ctid = any (array(select ctid from public.session where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_days where ctid = any (array(select ctid from public.sign_in_days where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_link where ctid = any (array(select ctid from public.sign_in_link where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.message where ctid = any (array(select ctid from public.message where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice where ctid = any (array(select ctid from public.notice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice_choice where ctid = any (array(select ctid from public.notice_choice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.device where ctid = any (array(select ctid from public.device where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.calendar_feed where ctid = any (array(select ctid from public.calendar_feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.access where ctid = any (array(select ctid from public.access where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.consent where ctid = any (array(select ctid from public.consent where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.feed where ctid = any (array(select ctid from public.feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    return false;
end
$$;
-- +goose StatementEnd
