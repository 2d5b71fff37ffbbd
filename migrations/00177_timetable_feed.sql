-- A teacher's timetable from an address that is read again each night.

-- +goose Up
create table timetable_feed (
    owner_id  uuid not null,
    person_id uuid not null,
    school_id uuid not null, -- whose clock and calendar count
    address   text not null check (char_length(address) between 1 and 2000), -- whoever has it reads the timetable
    set_at    timestamptz not null, -- when its person last asked for it
    tried_at  timestamptz, -- when a server last took it in hand
    read_at   timestamptz, -- when it was last read through
    outcome   text not null default 'WAITING' check (outcome in ('WAITING', 'READ', 'UNREACHABLE', 'REFUSED', 'TOO_LARGE', 'NO_CALENDAR', 'INSIDE')),
    lessons   int not null default 0 check (lessons >= 0),
    left_out  int not null default 0 check (left_out >= 0),
    odd       jsonb not null default '[]' check (jsonb_typeof(odd) = 'array'), -- what of it was not understood
    more      int not null default 0 check (more >= 0), -- that is not named
    primary key (owner_id, person_id),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, school_id) references school
);
-- No samples of what people wrote: they would outlive its erasure.
alter table timetable_feed alter address set statistics 0, alter odd set statistics 0;
create index timetable_feed_of_school on timetable_feed (owner_id, school_id);
create index timetable_feed_by_try on timetable_feed (owner_id, tried_at nulls first);
alter table timetable_feed enable row level security;
alter table timetable_feed force row level security;
create policy definer_all on timetable_feed for all to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
create policy own_read on timetable_feed for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (person_id = (select current_setting('undring.person')::uuid) or (select is_house())));
create policy own_write on timetable_feed for insert to undring_app
    with check (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy own_change on timetable_feed for update to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (person_id = (select current_setting('undring.person')::uuid) or (select is_house())));
create policy own_remove on timetable_feed for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
grant select, insert, delete, update (school_id, address, set_at, tried_at, read_at, outcome, lessons, left_out, odd, more) on timetable_feed to undring_app;
