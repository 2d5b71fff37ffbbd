-- Busy periods: leaders set them ahead, everybody of the school sees them, and what
-- falls due in them is due after them.

-- +goose Up
-- Who set them last, and how often they were set: an edit builds on what it saw.
create table busy_plan (
    owner_id  uuid not null,
    school_id uuid not null,
    revision  bigint not null check (revision >= 1),
    set_by    uuid not null,
    set_at    timestamptz not null,
    primary key (owner_id, school_id),
    foreign key (owner_id, school_id) references school
);
create table busy_period (
    owner_id  uuid not null,
    school_id uuid not null,
    first_day date not null,
    last_day  date not null check (last_day between first_day and first_day + 41),
    name      text not null check (char_length(name) between 1 and 100),
    primary key (owner_id, school_id, first_day, name),
    foreign key (owner_id, school_id) references busy_plan (owner_id, school_id)
);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
begin
    foreach t in array array['busy_plan', 'busy_period'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_reads on %I for select to undring_owner using (%s)', t, tenant);
        execute format('create policy tenant_reads on %I for select to undring_app using (%s)', t, tenant);
        execute format('create policy leader_adds on %I for insert to undring_app with check (%s and leads(school_id))', t, tenant);
    end loop;
    execute format('create policy leader_changes on busy_plan for update to undring_app using (%s and leads(school_id))', tenant);
    execute format('create policy leader_removes on busy_period for delete to undring_app using (%s and leads(school_id))', tenant);
end $$;
-- +goose StatementEnd
grant select, insert on busy_plan to undring_app;
grant update (revision, set_by, set_at) on busy_plan to undring_app;
grant select, insert, delete on busy_period to undring_app;

-- Phones keep the days without school and the busy periods beside the school's rules.
create trigger feed_added after insert on busy_plan referencing new table as changed for each statement execute function feed_of_school();
create trigger feed_changed after update on busy_plan referencing new table as changed for each statement execute function feed_of_school();
create trigger feed_added after insert on free_day referencing new table as changed for each statement execute function feed_of_school();
create trigger feed_removed after delete on free_day referencing old table as changed for each statement execute function feed_of_school();

-- +goose StatementBegin
-- Whether a school is busy on a day. Reminders rest on such days.
create function busy_on(which uuid, day date) returns boolean
    language sql stable
    return exists (
        select from busy_period b
        where b.owner_id = current_setting('undring.owner')::uuid and b.school_id = which and day between b.first_day and b.last_day);
-- +goose StatementEnd
