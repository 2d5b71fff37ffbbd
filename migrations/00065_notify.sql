-- Whose move it is, told: the jobs that look after it, and what they tell.
--
-- The jobs lie in a schema of their own, river, as the library of that name wants it
-- (version 8 of its own migrations, put together); their arguments are ids alone. A
-- person has one job that waits, at the next moment at which something may be told
-- to them. Whatever changes in a visit brings it forward, in the transaction of the
-- change: it hangs on the feed, so that no step, wherever it is taken, is forgotten.

-- +goose Up
create schema river;
grant usage on schema river to undring_app;

create type river.river_job_state as enum ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');

-- +goose StatementBegin
create function river.river_job_state_in_bitmask(bitmask bit(8), state river.river_job_state) returns boolean
    language sql immutable
as $$
    select case state
        when 'available' then get_bit(bitmask, 7)
        when 'cancelled' then get_bit(bitmask, 6)
        when 'completed' then get_bit(bitmask, 5)
        when 'discarded' then get_bit(bitmask, 4)
        when 'pending'   then get_bit(bitmask, 3)
        when 'retryable' then get_bit(bitmask, 2)
        when 'running'   then get_bit(bitmask, 1)
        when 'scheduled' then get_bit(bitmask, 0)
        else 0
    end = 1;
$$;
-- +goose StatementEnd

create table river.river_job (
    id            bigserial primary key,
    state         river.river_job_state not null default 'available',
    attempt       smallint not null default 0,
    max_attempts  smallint not null default 25,
    attempted_at  timestamptz,
    created_at    timestamptz not null default now(),
    finalized_at  timestamptz,
    scheduled_at  timestamptz not null default now(),
    priority      smallint not null default 1,
    args          jsonb not null,
    attempted_by  text[],
    errors        jsonb[],
    kind          text not null,
    metadata      jsonb not null default '{}',
    queue         text not null default 'default',
    tags          varchar(255)[] not null default '{}',
    unique_key    bytea,
    unique_states bit(8),
    constraint finalized_or_finalized_at_null check (
        (finalized_at is null and state not in ('cancelled', 'completed', 'discarded')) or
        (finalized_at is not null and state in ('cancelled', 'completed', 'discarded'))),
    constraint max_attempts_is_positive check (max_attempts > 0),
    constraint priority_in_range check (priority >= 1 and priority <= 4),
    constraint queue_length check (char_length(queue) > 0 and char_length(queue) < 128),
    constraint kind_length check (char_length(kind) > 0 and char_length(kind) < 128)
);
create index river_job_kind on river.river_job (kind);
create index river_job_state_and_finalized_at_index on river.river_job (state, finalized_at) where finalized_at is not null;
create index river_job_prioritized_fetching_index on river.river_job (state, queue, priority, scheduled_at, id);
create unique index river_job_unique_idx on river.river_job (unique_key)
    where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state);

create unlogged table river.river_leader (
    elected_at timestamptz not null,
    expires_at timestamptz not null,
    leader_id  text not null,
    name       text primary key default 'default',
    constraint name_length check (name = 'default'),
    constraint leader_id_length check (char_length(leader_id) > 0 and char_length(leader_id) < 128)
);
create table river.river_queue (
    name       text primary key,
    created_at timestamptz not null default now(),
    metadata   jsonb not null default '{}',
    paused_at  timestamptz,
    updated_at timestamptz not null default current_timestamp
);
create table river.river_notification (
    id         bigserial primary key,
    created_at timestamptz not null default now(),
    payload    text not null,
    topic      text not null,
    constraint topic_length check (length(topic) > 0 and length(topic) < 128)
);
create index river_notification_created_at_idx on river.river_notification (created_at);
create index river_notification_topic_id_idx on river.river_notification (topic, id);
grant select, insert, update, delete on all tables in schema river to undring_app;
grant usage on all sequences in schema river to undring_app;

-- What a person is told: which kind of thing, of which visit, by when, and the
-- how-manieth time. That is the key, so nothing is told twice, whoever works.
create table notice (
    owner_id   uuid not null,
    person_id  uuid not null,
    id         uuid not null,
    school_id  uuid not null,
    kind       text not null check (kind in ('PROPOSAL', 'VISIT_AHEAD', 'FEEDBACK_DUE', 'ANSWER_DUE', 'TAKEAWAY_DUE', 'ACTION_DUE', 'WISH',
        'CHANGED', 'RETURN_VISIT', 'OPEN_LESSON')),
    subject_id uuid not null, -- the visit; of an open lesson, that
    due_at     timestamptz not null,
    nth        int not null check (nth between 0 and 9),
    todo       text not null check (char_length(todo) <= 40), -- what is to be done, or what has happened
    start_at   timestamptz, -- of the lesson
    at         timestamptz not null,
    told_at    timestamptz, -- by push and mail, or never to be
    read_at    timestamptz,
    primary key (owner_id, person_id, id),
    constraint notice_once unique (owner_id, person_id, subject_id, kind, due_at, nth),
    foreign key (owner_id, person_id) references person
);
create index notice_of_person on notice (owner_id, person_id, at desc, id desc);
create index notice_unread on notice (owner_id, person_id) where read_at is null;
create index notice_untold on notice (owner_id, person_id) where told_at is null;
create index notice_by_age on notice (owner_id, at);

-- What a person has chosen. Without a row: what everybody begins with.
create table notice_choice (
    owner_id          uuid not null,
    person_id         uuid not null,
    revision          bigint not null check (revision >= 1),
    channels          text[] not null check (cardinality(channels) <= 40), -- such as PROPOSAL/EMAIL=off
    quiet_from        int not null check (quiet_from between 0 and 1439), -- minutes after midnight at the school
    quiet_to          int not null check (quiet_to between 0 and 1439),
    quiet_free_days   boolean not null,
    digest            boolean not null,
    pause_in_holidays boolean not null,
    paused_until      date,
    show_name         boolean not null,
    updated_at        timestamptz not null,
    primary key (owner_id, person_id),
    foreign key (owner_id, person_id) references person
);

-- Where a person's devices are reached. They end with the session that brought them.
create table device (
    owner_id   uuid not null,
    person_id  uuid not null,
    id         uuid not null,
    session_id uuid not null,
    kind       text not null check (kind in ('WEB_PUSH', 'FCM', 'APNS')),
    address    text not null check (char_length(address) between 1 and 1000),
    p256dh     bytea check (octet_length(p256dh) = 65),
    auth       bytea check (octet_length(auth) = 16),
    created_at timestamptz not null,
    primary key (owner_id, person_id, id),
    constraint device_address unique (owner_id, kind, address),
    check ((kind = 'WEB_PUSH') = (p256dh is not null) and (p256dh is null) = (auth is null)),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, session_id) references session on delete cascade
);
create index device_of_session on device (owner_id, session_id);

-- What goes out by one channel, to one device: which notices, and how that went.
create table message (
    owner_id   uuid not null,
    person_id  uuid not null,
    id         uuid not null,
    channel    text not null check (channel in ('PUSH', 'EMAIL')),
    device_id  uuid, -- of a push
    notice_ids uuid[] not null check (cardinality(notice_ids) between 1 and 500),
    state      text not null default 'WAITING' check (state in ('WAITING', 'SENT', 'FAILED', 'DROPPED')),
    attempts   int not null default 0,
    at         timestamptz not null,
    settled_at timestamptz,
    primary key (owner_id, person_id, id),
    foreign key (owner_id, person_id) references person
);
create index message_by_age on message (owner_id, at);

-- How often the address of a person's calendar was made anew; without a row, never.
create table calendar_feed (
    owner_id   uuid not null,
    person_id  uuid not null,
    generation int not null check (generation >= 1),
    primary key (owner_id, person_id),
    foreign key (owner_id, person_id) references person
);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := 'person_id = (select current_setting(''undring.person'')::uuid)';
    t text;
begin
    foreach t in array array['notice', 'notice_choice', 'device', 'message', 'calendar_feed'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
        execute format('create policy own_read on %I for select to undring_app using (%s and %s)', t, tenant, me);
        execute format('create policy own_add on %I for insert to undring_app with check (%s and %s)', t, tenant, me);
        execute format('create policy own_change on %I for update to undring_app using (%s and %s)', t, tenant, me);
    end loop;
    foreach t in array array['notice', 'message'] loop
        execute format('create policy house_removes on %I for delete to undring_app using (%s and is_house())', t, tenant);
        execute format('create policy house_reads on %I for select to undring_app using (%s and is_house())', t, tenant);
    end loop;
    execute format('create policy own_remove on device for delete to undring_app using (%s and %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete, update (told_at, read_at) on notice to undring_app;
grant select, insert, update on notice_choice, calendar_feed to undring_app;
grant select, insert, delete on device to undring_app;
grant select, insert, delete, update (state, attempts, settled_at) on message to undring_app;

-- +goose StatementBegin
-- A device that somebody else was reached at before, and has handed on.
create function release_device(what text, at_address text) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.device d
    where d.owner_id = current_setting('undring.owner')::uuid and d.kind = what and d.address = at_address;
end
$$;

-- Whoever signs out is reached there no more.
create function end_devices() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.device d where d.owner_id = new.owner_id and d.session_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd
create trigger end_devices after update of ended_at on session for each row when (new.ended_at is not null) execute function end_devices();

-- +goose StatementBegin
-- Brings the one job that waits for each of some people forward to a moment. Whoever
-- takes the job waits for the transaction that asked for it, and sees what it did.
create function look_after(owner uuid, people uuid[], moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    insert into river.river_job as j (kind, queue, args, max_attempts, scheduled_at, unique_key, unique_states)
    select 'look', 'look', jsonb_build_object('owner', owner, 'person', p), 20, moment, uuid_send(owner) || uuid_send(p), b'00000001'
    from (select distinct u.p from unnest(people) u (p)) d
    order by p
    on conflict (unique_key) where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state)
    do update set scheduled_at = least(j.scheduled_at, excluded.scheduled_at);
end
$$;

-- The same for whoever acts.
create function look_at(moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.look_after(current_setting('undring.owner')::uuid, array[current_setting('undring.person')::uuid], moment);
end
$$;

-- What is theirs to do has changed. The jobs' clock may be another one
-- than the database's, so "now" is a time that is over by every clock.
create function feed_looks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    o record;
begin
    for o in select f.owner_id, array_agg(distinct f.person_id) people from changed f
        where f.thing in ('OBSERVATION', 'EXCHANGE') group by f.owner_id
    loop
        perform public.look_after(o.owner_id, o.people, timestamptz '2000-01-01 00:00:00Z');
    end loop;
    return null;
end
$$;
create trigger feed_looks_added after insert on feed referencing new table as changed for each statement execute function feed_looks();
create trigger feed_looks_changed after update on feed referencing new table as changed for each statement execute function feed_looks();

-- A lesson is open to colleagues: theirs to hear of.
create function lesson_looks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.look_after(new.owner_id, (
        select array_agg(distinct m.person_id) from public.membership m
        where m.owner_id = new.owner_id and m.school_id = new.school_id and m.active and m.role in ('TEACHER', 'LEADER')
          and m.person_id <> new.person_id), timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$$;
create trigger lesson_looks after insert on open_lesson for each row execute function lesson_looks();

-- For phones: a notice and the choices are things of their own.
create function feed_notice() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.person_id], 'NOTIFICATION', x.id, tg_op = 'DELETE');
    return null;
end
$$;
create trigger feed_notice after insert or delete or update of read_at on notice for each row execute function feed_notice();

-- Another choice is another moment for what waits.
create function feed_choice() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell(new.owner_id, array[new.person_id], 'PREFERENCES', new.person_id, false);
    perform public.look_after(new.owner_id, array[new.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$$;
create trigger feed_choice after insert or update on notice_choice for each row execute function feed_choice();
-- +goose StatementEnd
revoke execute on function release_device, end_devices, look_after, look_at, feed_looks, lesson_looks, feed_notice, feed_choice from public;
grant execute on function look_at, release_device to undring_app;
