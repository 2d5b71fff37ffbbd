-- A visit points at an area of the school's plan, or at none: one that has ended, or is still
-- being heard, can't be chosen. What was learned keeps the area that its visit pointed at.

-- +goose Up
-- +goose StatementBegin
-- Of focus: an area that a visit is to point at is in the plan of the school.
create function area_in_plan(which uuid, of_school uuid) returns boolean
    language sql stable
begin atomic
    select exists (
        select from public.focus_area a
        where a.owner_id = current_setting('undring.owner')::uuid and a.id = which and a.school_id = of_school and a.state = 'ADOPTED');
end;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function area_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if tg_table_name = 'visit' then
        if not public.area_in_plan(new.focus_area_id, (to_jsonb(new) ->> 'school_id')::uuid) then
            perform public.refuse('invalid_field');
        end if;
    elsif not public.area_there(new.focus_area_id, case tg_table_name when 'action' then public.school_of_visit((to_jsonb(new) ->> 'visit_id')::uuid)
            else (to_jsonb(new) ->> 'school_id')::uuid end) then
        perform public.refuse('not_found');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
