-- Learning meetings: an agenda made from what there is, minutes for each item, roles that
-- go round, a list for later, and decisions that somebody carries out by a date. All who
-- work at the school read them; who takes part, or leads the school, plans and runs them.

-- +goose Up
create table meeting (
    owner_id      uuid not null,
    id            uuid not null,
    school_id     uuid not null,
    team_id       uuid, -- null: all
    planned_by    uuid not null,
    start_at      timestamptz not null,
    place         text not null check (char_length(place) <= 120),
    form          text not null check (form in ('TABLE', 'WALK', 'CAFE', 'OUTDOORS', 'SCREEN')),
    leader_id     uuid,
    timekeeper_id uuid,
    questioner_id uuid,
    reading       text not null check (char_length(reading) <= 300),
    reading_why   text not null check (char_length(reading_why) <= 300),
    items         jsonb not null check (jsonb_typeof(items) = 'array' and jsonb_array_length(items) between 1 and 12),
    parked        jsonb not null default '[]' check (jsonb_typeof(parked) = 'array' and jsonb_array_length(parked) <= 30),
    at_item       int not null default 0 check (at_item between 0 and 12),
    item_at       timestamptz,
    ended_at      timestamptz,
    revision      bigint not null default 1 check (revision >= 1),
    constraint meeting__id_taken primary key (owner_id, id),
    constraint meeting_of_school unique (owner_id, id, school_id),
    constraint reading_says_why check (reading = '' or reading_why <> ''),
    constraint item_since check ((at_item = 0) = (item_at is null)),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, school_id, team_id) references team,
    foreign key (owner_id, planned_by) references person,
    foreign key (owner_id, leader_id) references person,
    foreign key (owner_id, timekeeper_id) references person,
    foreign key (owner_id, questioner_id) references person
);
create index meetings_of_school on meeting (owner_id, school_id, start_at desc, id desc);
create index meeting_of_team on meeting (owner_id, school_id, team_id) where team_id is not null;
create index meeting_planner on meeting (owner_id, planned_by);
create index meeting_leader on meeting (owner_id, leader_id) where leader_id is not null;
create index meeting_timekeeper on meeting (owner_id, timekeeper_id) where timekeeper_id is not null;
create index meeting_questioner on meeting (owner_id, questioner_id) where questioner_id is not null;

create table meeting_decision (
    owner_id   uuid not null,
    id         uuid not null,
    meeting_id uuid not null,
    school_id  uuid not null,
    text       text not null check (char_length(text) between 1 and 300),
    person_id  uuid not null,
    due_on     date not null,
    done       boolean not null,
    constraint meeting_decision__id_taken primary key (owner_id, id),
    foreign key (owner_id, meeting_id, school_id) references meeting (owner_id, id, school_id),
    foreign key (owner_id, person_id) references person
);
create index decision_of_meeting on meeting_decision (owner_id, meeting_id, school_id, due_on, id);
create index decision_of_person on meeting_decision (owner_id, person_id);

create table meeting_norms (
    owner_id    uuid not null,
    id          uuid not null,
    school_id   uuid not null,
    team_id     uuid, -- null: all
    norms       text[] not null check (cardinality(norms) between 1 and 10),
    agreed_with text not null check (char_length(agreed_with) between 1 and 200),
    agreed_on   date not null,
    set_by      uuid not null,
    primary key (owner_id, id),
    constraint norms_of_team unique nulls not distinct (owner_id, school_id, team_id),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, school_id, team_id) references team,
    foreign key (owner_id, set_by) references person
);
create index norms_setter on meeting_norms (owner_id, set_by);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
    runs constant text := '(takes_part(school_id, team_id, ' || me || ') or leads(school_id))';
    meets constant text := 'exists (select from meeting m where m.owner_id = meeting_decision.owner_id and m.id = meeting_id
        and (takes_part(m.school_id, m.team_id, ' || me || ') or leads(m.school_id)))';
begin
    foreach t in array array['meeting', 'meeting_decision', 'meeting_norms'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
        execute format('create policy staff_read on %I for select to undring_app using (%s and belongs_to(school_id, %s))', t, tenant, me);
    end loop;
    execute format('create policy runs_add on meeting for insert to undring_app with check (%s and planned_by = %s and %s)', tenant, me, runs);
    execute format('create policy runs_change on meeting for update to undring_app using (%s and ended_at is null and %s) with check (%s)', tenant, runs, runs);
    execute format('create policy runs_add on meeting_decision for insert to undring_app with check (%s and %s)', tenant, meets);
    execute format('create policy runs_change on meeting_decision for update to undring_app using (%s and (person_id = %s or %s))', tenant, me, meets);
    execute format('create policy runs_add on meeting_norms for insert to undring_app with check (%s and set_by = %s and %s)', tenant, me, runs);
    execute format('create policy runs_change on meeting_norms for update to undring_app using (%s and %s) with check (set_by = %s)', tenant, runs, me);
end
$$;
-- +goose StatementEnd
grant select, insert, update (start_at, place, form, leader_id, timekeeper_id, questioner_id, reading, reading_why, items, parked, at_item, item_at, ended_at, revision) on meeting to undring_app;
grant select, insert, update (text, person_id, due_on, done) on meeting_decision to undring_app;
grant select, insert, update (norms, agreed_with, agreed_on, set_by) on meeting_norms to undring_app;
create trigger feed_added after insert on meeting referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_changed after update on meeting referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_added after insert on meeting_decision referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_changed after update on meeting_decision referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_added after insert on meeting_norms referencing new table as changed for each statement execute function feed_of_commons();
create trigger feed_changed after update on meeting_norms referencing new table as changed for each statement execute function feed_of_commons();
