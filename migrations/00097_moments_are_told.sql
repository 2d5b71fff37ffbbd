-- Phones are told of moments, and what is said of a question says who reads it, as all
-- words do.

-- +goose Up
-- +goose StatementBegin
-- To the things that there are: which these are by now is the catalogue's to say.
do $$
declare
    things constant text := pg_get_constraintdef((select oid from pg_constraint where conrelid = 'feed'::regclass and conname = 'feed_thing_check'));
begin
    if things not like '%MOMENT%' then
        alter table feed drop constraint feed_thing_check;
        execute format('alter table feed add constraint feed_thing_check %s not valid', replace(things, 'ARRAY[', 'ARRAY[''MOMENT''::text, '));
    end if;
end $$;
-- +goose StatementEnd
alter table feed validate constraint feed_thing_check;

alter table question_opening add column audience audience not null default 'TWO';
create policy audience_holds on question_opening as restrictive for select to undring_app
    using ((select current_setting('undring.person')::uuid) in (observer_id, observed_id) or audience >= 'SCHOOL');
create trigger audience_born before insert on question_opening for each row when (new.audience > 'TWO') execute function audience_stands();
create trigger audience_stands before update of audience on question_opening for each row when (new.audience > old.audience) execute function audience_stands();

-- +goose StatementBegin
-- Takes one person's words out of one visit, all but what is addressed to the other one.
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
    delete from public.moment where owner_id = tenant and person_id = who and visit_id = which;
    update public.request set reply = null where owner_id = tenant and true and visit_id = which;
end
$$;
-- +goose StatementEnd
