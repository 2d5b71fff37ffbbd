-- A person counts among a group when they have come by a session of their own on three
-- days: otherwise whoever keeps the roster makes a group of one person and seven
-- accounts, and reads that person in its figures.
--
-- What is kept is how many such days there were, up to three, and the last of them as
-- long as there are fewer. From then on nothing is added: it is no record of who works
-- when.

-- +goose Up
create table sign_in_days (
    owner_id  uuid not null,
    person_id uuid not null,
    days      smallint not null check (days between 1 and 3),
    last_on   date, -- by Greenwich; forgotten on the third day
    primary key (owner_id, person_id),
    foreign key (owner_id, person_id) references person,
    check ((days = 3) = (last_on is null))
);
alter table sign_in_days enable row level security;
alter table sign_in_days force row level security;
create policy own_read on sign_in_days for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy culture_counts on sign_in_days for select to undring_culture
    using (owner_id = (select current_setting('undring.owner')::uuid) and is_house());
create policy definer_all on sign_in_days to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
grant select on sign_in_days to undring_app;
grant select (owner_id, person_id, days) on sign_in_days to undring_culture;

-- +goose StatementBegin
-- Of session: counts the day on which a session was opened or renewed. Nobody but the
-- table's owner writes here, so that no statement of the application's makes a day.
create function count_sign_in_day() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    today constant date := (new.refreshed_at at time zone 'UTC')::date;
begin
    -- Asked first, since whoever counts already should not wait for a lock at each renewal.
    if exists (select from public.sign_in_days d where d.owner_id = new.owner_id and d.person_id = new.person_id
               and (d.days = 3 or d.last_on >= today)) then
        return null;
    end if;
    insert into public.sign_in_days as d (owner_id, person_id, days, last_on)
    values (new.owner_id, new.person_id, 1, today)
    on conflict (owner_id, person_id) do update
        set days = d.days + 1, last_on = case when d.days = 1 then excluded.last_on end
        where d.days < 3 and d.last_on < excluded.last_on;
    return null;
end
$$;
-- +goose StatementEnd
revoke execute on function count_sign_in_day from public;
create trigger count_sign_in_day after insert or update of refreshed_at on session
    for each row execute function count_sign_in_day();

-- Who is there already: what their sessions say, which is two days of each at most.
alter table sign_in_days no force row level security;
alter table session no force row level security;
insert into sign_in_days (owner_id, person_id, days, last_on)
select owner_id, person_id, least(count(distinct day), 3), case when count(distinct day) < 3 then max(day) end
from (
    select owner_id, person_id, (created_at at time zone 'UTC')::date as day from session
    union all
    select owner_id, person_id, (refreshed_at at time zone 'UTC')::date from session) s
group by owner_id, person_id;
alter table session force row level security;
alter table sign_in_days force row level security;

-- +goose StatementBegin
-- Whether 8 people or more who count have booked hours of a half-year; not who, nor how
-- many. Of fewer than 11 people who count that would say too much of each.
create or replace function used_by_many(which_school uuid, which_term text) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    return (
        select count(distinct b.person_id) >= 8 and (
            select count(distinct m.person_id) from public.membership m
            join public.sign_in_days d on d.owner_id = m.owner_id and d.person_id = m.person_id and d.days = 3
            where m.owner_id = tenant and m.school_id = which_school and m.active
              and m.role in ('TEACHER', 'LEADER')) >= 11
        from public.time_slot s
        join public.time_booking b on b.owner_id = s.owner_id and b.slot_id = s.id
        join public.sign_in_days d on d.owner_id = b.owner_id and d.person_id = b.person_id and d.days = 3
        where s.owner_id = tenant and s.school_id = which_school and s.term = which_term);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- One ballot a person who counts: it comes in the transaction that says that its person
-- has answered, and alone.
create or replace function ballot_guard() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    this constant text := pg_current_xact_id()::xid::text;
begin
    perform from public.pulse_answered a
        join public.sign_in_days d on d.owner_id = a.owner_id and d.person_id = a.person_id and d.days = 3
        where a.owner_id = new.owner_id and a.term = new.term
          and a.person_id = current_setting('undring.person')::uuid and a.xmin::text = this;
    if not found or exists (select from public.pulse_answer b where b.owner_id = new.owner_id and b.xmin::text = this) then
        perform public.refuse('pulse_closed');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
