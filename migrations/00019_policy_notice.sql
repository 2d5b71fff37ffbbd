-- The rules of a school change after a notice of seven days, unless it says who of
-- the staff agreed otherwise; and nobody dates a change back past what was set.

-- +goose Up
-- +goose StatementBegin
create or replace function policy_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    zone text;
begin
    if new.set_by is null then -- what a school begins with: where it has rules, nothing begins anew
        if exists (select from public.exchange_policy e where e.owner_id = new.owner_id and e.school_id = new.school_id) then
            perform public.refuse('invalid_field');
        end if;
        return new;
    end if;
    if new.set_at is null or new.effective_at < new.set_at then
        perform public.refuse('invalid_field');
    end if;
    select s.time_zone into zone from public.school s where s.owner_id = new.owner_id and s.id = new.school_id;
    if trim(new.agreed_with) = '' and new.effective_at < (date_trunc('day', new.set_at at time zone zone) + interval '7 days') at time zone zone then
        perform public.refuse('notice_too_short');
    end if;
    if exists (select from public.exchange_policy e
        where e.owner_id = new.owner_id and e.school_id = new.school_id and e.set_at > new.set_at) then
        perform public.refuse('invalid_field');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
