-- What is counted of a school's feedback culture, what is told of it, and the pulse.
--
-- Three roles, each with less than the others have:
--   undring_app      answers the pulse, and reads nothing here but who has
--   undring_culture  counts: reads the steps of visits and codes, no word that
--                    anybody wrote in one; writes what is published
--   undring_metrics  reads what is published, and nothing else in the database: that
--                    has a schema of its own, and no other one is open to the role
--
-- culture_member and culture_fact are about people. They go when the sheet is out.
-- published.sheet and published.publication are about groups, and stay as they are.

-- +goose Up
alter table exchange_policy add column figures_in_words boolean not null default false;

-- In the order in which steps were committed.
create index visit_event_committed on visit_event (owner_id, xid, visit_id, seq);

-- A half-year that is being counted, since when, and until when.
create table culture_term (
    owner_id           uuid not null,
    term               text not null check (term ~ '^[0-9]{4}-[12]$'),
    taken_at           timestamptz not null,
    late               boolean not null, -- it had begun before Undring came
    published_at       timestamptz,
    pulse_published_at timestamptz,
    primary key (owner_id, term),
    foreign key (owner_id) references school_owner
);

-- The schools of a half-year, as they were on its first day.
create table culture_school (
    owner_id  uuid not null,
    term      text not null,
    school_id uuid not null,
    in_words  boolean not null,
    primary key (owner_id, term, school_id),
    foreign key (owner_id, term) references culture_term on delete cascade
);

-- Its people, each at one school: the one where they have been longest.
create table culture_member (
    owner_id  uuid not null,
    term      text not null,
    person_id uuid not null,
    school_id uuid not null,
    team_ids  uuid[] not null,
    teaches   boolean not null,
    leads     boolean not null,
    stayed    boolean not null default true, -- until the last day
    primary key (owner_id, term, person_id),
    foreign key (owner_id, term, school_id) references culture_school on delete cascade
);

-- What somebody did in a visit that took place. One row for each of the two.
create table culture_fact (
    owner_id    uuid not null,
    term        text not null,
    visit_id    uuid not null,
    person_id   uuid not null,
    other_id    uuid not null,
    as_observer boolean not null,
    as_leader   boolean not null,
    gave        boolean not null default false, -- feedback was given in it
    answered    boolean not null default false, -- it was answered in it
    on_time     boolean not null default false, -- one's own part of that, by when it was due
    let_go      boolean not null default false, -- it ended without an exchange
    primary key (owner_id, visit_id, person_id)
);
create index culture_fact_of_person on culture_fact (owner_id, term, person_id);

-- Up to where the steps of visits have been counted.
create table culture_cursor (
    owner_id uuid primary key references school_owner,
    xid      xid8 not null,
    visit_id uuid not null,
    seq      int not null
);

-- What is published: once, and never changed.
create schema published;
grant usage on schema published to undring_culture, undring_metrics;
create table published.sheet (
    owner_id     uuid not null,
    term         text not null,
    page         text not null check (page in ('SHEET', 'PULSE')),
    cell_id      uuid not null, -- a school, a team, the owner
    kind         text not null check (kind in ('SCHOOL', 'TEAM', 'OWNER')),
    school_id    uuid, -- of a team
    name         text not null check (char_length(name) <= 200), -- of the group, at that time
    shown        boolean not null, -- large enough for figures of its own
    in_words     boolean not null,
    late         boolean not null,
    published_at timestamptz not null,
    primary key (owner_id, term, page, cell_id),
    foreign key (owner_id) references public.school_owner,
    check ((kind = 'TEAM') = (school_id is not null))
);
create index sheet_of_cell on published.sheet (owner_id, cell_id, page, term);
create index sheet_of_school on published.sheet (owner_id, school_id, page, term) where school_id is not null;

create table published.publication (
    owner_id    uuid not null,
    term        text not null,
    page        text not null,
    cell_id     uuid not null,
    figure      text not null check (figure ~ '^[A-Z_]{1,40}$'),
    kind        text not null check (kind in ('NUMBER', 'LOW_END', 'HIGH_END', 'BETWEEN', 'TOO_FEW', 'TOO_FEW_AMONG')),
    low         int not null check (low >= 0),
    high        int not null check (high >= low),
    people_low  int not null check (people_low >= 0),
    people_high int not null check (people_high >= people_low),
    primary key (owner_id, term, cell_id, figure),
    foreign key (owner_id, term, page, cell_id) references published.sheet,
    check (kind not like 'TOO_FEW%' or high = 0 and people_high = 0)
);
create index publication_of_cell on published.publication (owner_id, cell_id, page, term);

-- The pulse. Who has answered; and, by nobody and sealed with a key that is not in
-- the database, what. The two rows are written together, so whoever holds the disk
-- can tell which seal is whose. They can't open it; and when the round has closed,
-- all seals are opened at once, counted, and gone.
create table pulse_answered (
    owner_id  uuid not null,
    term      text not null check (term ~ '^[0-9]{4}-[12]$'),
    person_id uuid not null,
    constraint answered__pulse_closed primary key (owner_id, term, person_id),
    foreign key (owner_id, person_id) references person
);
create table pulse_answer (
    owner_id uuid not null,
    term     text not null,
    id       uuid not null,
    sealed   bytea not null check (octet_length(sealed) = 46),
    primary key (owner_id, term, id),
    foreign key (owner_id) references school_owner
);

-- +goose StatementBegin
-- The half-year of a moment, by the school's clock; null in July.
create function term_of(moment timestamptz, zone text) returns text
    language sql stable parallel safe
    return extract(year from moment at time zone zone)::int::text
        || case when extract(month from moment at time zone zone) <= 6 then '-1'
                when extract(month from moment at time zone zone) >= 8 then '-2' end;
-- +goose StatementEnd

-- +goose StatementBegin
create function published_stays() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    raise exception using errcode = 'restrict_violation', message = 'what is published is never changed';
end
$$;
-- +goose StatementEnd
create trigger published_stays before update or delete on published.sheet for each row execute function published_stays();
create trigger published_stays before update or delete on published.publication for each row execute function published_stays();
create trigger published_stays_whole before truncate on published.sheet for each statement execute function published_stays();
create trigger published_stays_whole before truncate on published.publication for each statement execute function published_stays();

-- +goose StatementBegin
-- Whether 8 people or more have booked hours of a half-year; not who, nor how many.
-- Of fewer than 11 people that would say too much of each.
create function used_by_many(which_school uuid, which_term text) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return (
        select count(distinct b.person_id) >= 8 and (
            select count(distinct m.person_id) from public.membership m
            where m.owner_id = current_setting('undring.owner')::uuid and m.school_id = which_school and m.active
              and m.role in ('TEACHER', 'LEADER')) >= 11
        from public.time_slot s
        join public.time_booking b on b.owner_id = s.owner_id and b.slot_id = s.id
        where s.owner_id = current_setting('undring.owner')::uuid and s.school_id = which_school and s.term = which_term);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['culture_term', 'culture_school', 'culture_member', 'culture_fact', 'culture_cursor', 'published.sheet', 'published.publication', 'pulse_answered', 'pulse_answer'] loop
        execute format('alter table %s enable row level security', t);
        execute format('alter table %s force row level security', t);
    end loop;
    -- The one who counts works for the house.
    foreach t in array array['culture_term', 'culture_school', 'culture_member', 'culture_fact', 'culture_cursor'] loop
        execute format('create policy culture_counts on %I to undring_culture using (%s and is_house())', t, tenant);
        execute format('grant select, insert, update, delete on %I to undring_culture', t);
        -- Deleting a half-year takes its schools and people along.
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;
    foreach t in array array['published.sheet', 'published.publication'] loop
        execute format('create policy metrics_read on %s for select to undring_metrics using (%s)', t, tenant);
        execute format('create policy culture_publishes on %s for insert to undring_culture with check (%s and is_house())', t, tenant);
        execute format('create policy definer_reads on %s for select to undring_owner using (%s)', t, tenant);
        execute format('grant select on %s to undring_metrics', t);
        execute format('grant insert on %s to undring_culture', t);
    end loop;
    foreach t in array array['school_owner', 'school', 'person', 'membership', 'team', 'team_member', 'exchange_policy', 'visit', 'visit_event', 'question', 'takeaway', 'action'] loop
        execute format('create policy culture_counts on %I for select to undring_culture using (%s and is_house())', t, tenant);
    end loop;

    execute format('create policy own_read on pulse_answered for select to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy own_add on pulse_answered for insert to undring_app with check (%s and person_id = %s)', tenant, me);
    execute format('create policy culture_forgets on pulse_answered for delete to undring_culture using (%s and is_house())', tenant);
    execute format('create policy culture_finds on pulse_answered for select to undring_culture using (%s and is_house())', tenant);
    execute format('create policy anyone_adds on pulse_answer for insert to undring_app with check (%s)', tenant);
    execute format('create policy culture_opens on pulse_answer for select to undring_culture using (%s and is_house())', tenant);
    execute format('create policy culture_forgets on pulse_answer for delete to undring_culture using (%s and is_house())', tenant);
end $$;
-- +goose StatementEnd

grant select, insert on pulse_answered to undring_app;
grant insert on pulse_answer to undring_app;
grant execute on function used_by_many to undring_app;

-- Codes, ids and times of visits: no column in which somebody writes.
grant select (owner_id, name) on school_owner to undring_culture;
grant select (owner_id, id, name, time_zone) on school to undring_culture;
grant select (owner_id, id, active) on person to undring_culture;
grant select (owner_id, school_id, person_id, role, active, since) on membership to undring_culture;
grant select (owner_id, school_id, id, name) on team to undring_culture;
grant select on team_member to undring_culture;
grant select (owner_id, school_id, effective_at, figures_in_words) on exchange_policy to undring_culture;
grant select (owner_id, id, school_id, observer_id, observed_id, peers, start_at, state, feedback_due_at, answer_due_at) on visit to undring_culture;
grant select on visit_event to undring_culture;
grant select (owner_id, visit_id, asker_id) on question to undring_culture;
grant select (owner_id, visit_id, person_id, learning) on takeaway to undring_culture;
grant select (owner_id, visit_id, person_id, state) on action to undring_culture;
grant select, delete on pulse_answered to undring_culture;
grant select, delete on pulse_answer to undring_culture;
grant execute on function is_house, term_of to undring_culture;
