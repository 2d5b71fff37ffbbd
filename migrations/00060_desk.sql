-- What the desk of those who run a school stands on: what is there before a first visit, and
-- why people did not get in.

-- +goose Up
-- Sign-ins by a provider that came to nothing, by day and kind: of nobody in particular.
create table sign_in_failure (
    owner_id uuid not null references school_owner,
    day      date not null,
    kind     text not null check (kind ~ '^[A-Z_]{1,40}$'),
    times    int not null check (times >= 1),
    primary key (owner_id, day, kind)
);
alter table sign_in_failure enable row level security;
alter table sign_in_failure force row level security;
create policy definer_all on sign_in_failure for all to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
create policy house_adds on sign_in_failure for insert to undring_app
    with check (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
create policy house_changes on sign_in_failure for update to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
create policy house_removes on sign_in_failure for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
create policy keeper_reads on sign_in_failure for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house() or is_administrator()));
grant select, insert, update (times), delete on sign_in_failure to undring_app;

-- +goose StatementBegin
-- How many of a school have signed in, how many of these teach, and how many have lessons in
-- a timetable: numbers alone, for who keeps the roster.
create function setup_facts(which uuid, now_at timestamptz, out signed_in int, out teachers_in int, out timetabled int)
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_administrator() then
        perform public.refuse('role_required');
    end if;
    select count(*) filter (where x.came), count(*) filter (where x.came and x.teaches), count(*) filter (where x.lessons)
    into signed_in, teachers_in, timetabled
    from (
        select bool_or(m.role in ('TEACHER', 'LEADER')) as teaches,
            exists (select from public.session s where s.owner_id = tenant and s.person_id = m.person_id)
                or exists (select from public.sign_in_days d where d.owner_id = tenant and d.person_id = m.person_id) as came,
            exists (select from public.booking b where b.owner_id = tenant and b.person_id = m.person_id and b.kind = 2
                and b.span && tstzrange(now_at, now_at + interval '60 days')) as lessons
        from public.membership m
        where m.owner_id = tenant and m.school_id = which and m.active
        group by m.person_id
    ) x;
end
$$;
-- +goose StatementEnd
revoke execute on function setup_facts from public;
grant execute on function setup_facts to undring_app;
