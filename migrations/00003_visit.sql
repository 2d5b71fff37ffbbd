-- The visit: where it stands, how it may move, its notes and its hours.
--
-- This is the second statement of the rules; the first is the table of arrows
-- in observation/machine.go, and a test compares the two. A constraint bears
-- the name of the reason that it refuses with (see package refusal).
--
-- The application never writes visit.state. It inserts a visit_event, and the
-- trigger visit_step moves the visit. What holds a step back:
--   an arrow must exist            foreign key of the event to visit_arrow
--   it starts where the last ended foreign key of the event to its predecessor
--   it is that person's move       visit_step
--   what a state needs             checks on visit, with witnesses: rows that a
--                                  foreign key proves to be what they should be
--   nobody is in two places        exclusion constraints on booking
-- The clock's rules (a lesson that has begun, notes before the lesson) are the
-- application's alone; the gate goes by the time that the event states.

-- +goose Up
create table visit_arrow (
    from_state text not null,
    event      text not null,
    to_state   text not null,
    mover      text not null check (mover in ('OBSERVER', 'OBSERVED', 'AWAITED', 'EITHER', 'HOUSE')),
    primary key (from_state, event, to_state)
);
insert into visit_arrow (from_state, event, to_state, mover) values
    ('NONE',                     'PROPOSE',  'PROPOSED',                'EITHER'),
    ('PROPOSED',                 'COUNTER',  'PROPOSED',                'AWAITED'),
    ('PROPOSED',                 'ACCEPT',   'AGREED',                  'AWAITED'),
    ('PROPOSED',                 'DECLINE',  'DECLINED',                'AWAITED'),
    ('PROPOSED',                 'CANCEL',   'CANCELLED',               'EITHER'),
    ('PROPOSED',                 'EXPIRE',   'EXPIRED',                 'HOUSE'),
    ('AGREED',                   'CANCEL',   'CANCELLED',               'EITHER'),
    ('AGREED',                   'EXPIRE',   'EXPIRED',                 'HOUSE'),
    ('AGREED',                   'OBSERVE',  'OBSERVED',                'OBSERVER'),
    ('OBSERVED',                 'GIVE',     'FEEDBACK_GIVEN',          'OBSERVER'),
    ('OBSERVED',                 'EXIT',     'CLOSED_WITHOUT_EXCHANGE', 'EITHER'),
    ('FEEDBACK_GIVEN',           'EXIT',     'CLOSED_WITHOUT_EXCHANGE', 'EITHER'),
    ('FEEDBACK_GIVEN',           'SETTLE',   'ANSWERED',                'EITHER'),
    ('ANSWERED',                 'ASK_BACK', 'FEEDBACK_GIVEN',          'OBSERVED'),
    ('ANSWERED',                 'CLOSE',    'CLOSED',                  'EITHER'),
    ('CLOSED',                   'REOPEN',   'ANSWERED',                'EITHER'),
    ('PROPOSED',                 'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('AGREED',                   'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('OBSERVED',                 'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('FEEDBACK_GIVEN',           'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('ANSWERED',                 'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('CLOSED',                   'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('CLOSED_WITHOUT_EXCHANGE',  'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('DECLINED',                 'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('CANCELLED',                'WITHDRAW', 'WITHDRAWN',               'EITHER'),
    ('EXPIRED',                  'WITHDRAW', 'WITHDRAWN',               'EITHER');
grant select on visit_arrow to undring_app;

-- A round: the first visits the second, the second the third, the last the
-- first. done_ids are the members whose visit of the round has been answered.
create table round (
    owner_id   uuid not null,
    id         uuid not null,
    school_id  uuid not null,
    first_id   uuid not null,
    second_id  uuid not null,
    third_id   uuid,
    joined_ids uuid[] not null,
    done_ids   uuid[] not null default '{}',
    ended_at   timestamptz,
    created_at timestamptz not null,
    constraint round__id_taken primary key (owner_id, id),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, first_id) references person,
    foreign key (owner_id, second_id) references person,
    foreign key (owner_id, third_id) references person,
    constraint round_of_different check (first_id <> second_id and coalesce(third_id not in (first_id, second_id), true)),
    constraint round_joined_by_members check (joined_ids <@ array[first_id, second_id, third_id]),
    constraint round_done_by_members check (done_ids <@ array[first_id, second_id, third_id])
);
create index round_of_first on round (owner_id, first_id);
create index round_of_second on round (owner_id, second_id);
create index round_of_third on round (owner_id, third_id);

create table visit (
    owner_id    uuid not null,
    id          uuid not null,
    school_id   uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    peers       text not null, -- what both are: they teach, or they lead
    occasion_id uuid not null, -- the lesson: one for the two visits of a mutual one
    twin_id     uuid,          -- the visit the other way, of a mutual one
    round_id    uuid,

    state     text not null default 'NONE',
    seq       int not null default 0, -- the last event
    awaits_id uuid, -- whom the proposal waits for

    start_at     timestamptz not null,
    end_at       timestamptz not null,
    place        text not null default '' check (char_length(place) <= 200),
    co_taught    boolean not null,
    talk_at      timestamptz,
    talk_minutes int not null default 30 check (talk_minutes between 5 and 120),
    talk_arena   text not null default '' check (talk_arena in ('', 'CLASSROOM', 'OFFICE', 'WALK', 'CAFE', 'OUTDOORS', 'DIGITAL')),

    focus_question  text not null default '' check (char_length(focus_question) <= 500),
    suggested_focus text not null default '' check (char_length(suggested_focus) <= 500),
    intention       text not null default '' check (char_length(intention) <= 2000),
    look_for        text not null default '' check (char_length(look_for) <= 500),
    do_not_note     text not null default '' check (char_length(do_not_note) <= 500),
    wanted_feedback text not null default '' check (char_length(wanted_feedback) <= 500),
    focus_area_id   uuid,

    -- Both yeses, each with the version of the text that was said yes to.
    observer_agreed_at timestamptz,
    observer_agreed_to text not null default '',
    observed_agreed_at timestamptz,
    observed_agreed_to text not null default '',

    feedback_due_at timestamptz,
    answer_due_at   timestamptz,
    takeaway_due_at timestamptz,

    opened            boolean not null default false, -- the observed's own view is there, or skipped
    acknowledged_at   timestamptz,
    exit_wished_by    uuid,
    reopen_wished_by  uuid,
    edition           int not null default 1, -- counts the reopenings, from 1
    point_id          uuid, -- witness: a feedback point
    wondering_id      uuid, -- witness: a wondering question of the observer
    answered_id       uuid, -- witness: a wondering question that words have settled
    observer_takeaway int,  -- witness: the edition of the observer's latest take-away
    observed_takeaway int,

    revision   bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,

    constraint visit__id_taken primary key (owner_id, id),
    constraint visit_of_two unique (owner_id, id, observer_id, observed_id),
    constraint oneself__invalid_field check (observer_id <> observed_id),
    constraint span__invalid_field check (end_at > start_at and end_at <= start_at + interval '4 hours'),
    constraint peers__invalid_field check (peers in ('TEACHER', 'LEADER')),
    constraint observer__not_peers foreign key (owner_id, school_id, observer_id, peers) references membership (owner_id, school_id, person_id, role),
    constraint observed__not_peers foreign key (owner_id, school_id, observed_id, peers) references membership (owner_id, school_id, person_id, role),
    foreign key (owner_id, round_id) references round,
    foreign key (owner_id, twin_id) references visit deferrable initially deferred,
    constraint awaits_only_proposed check (state = 'NONE' or (state = 'PROPOSED') = (awaits_id is not null)),
    constraint awaits_one_of_two check (awaits_id in (observer_id, observed_id)),
    constraint wishes_of_two check (coalesce(exit_wished_by, observer_id) in (observer_id, observed_id)
        and coalesce(reopen_wished_by, observer_id) in (observer_id, observed_id)),
    constraint focus_missing check (btrim(focus_question) <> ''
        or state not in ('AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED', 'CLOSED_WITHOUT_EXCHANGE')),
    constraint agreed_by_both check (observer_agreed_at is not null and observed_agreed_at is not null
        or state not in ('AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED', 'CLOSED_WITHOUT_EXCHANGE')),
    constraint feedback_due_with_agreement check (feedback_due_at is not null
        or state not in ('AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED', 'CLOSED_WITHOUT_EXCHANGE')),
    constraint answer_due_with_feedback check (answer_due_at is not null or state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')),
    constraint takeaway_due_with_answers check (takeaway_due_at is not null or state not in ('ANSWERED', 'CLOSED')),
    constraint feedback_point_missing check (point_id is not null or state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')),
    constraint wondering_question_missing check (wondering_id is not null or state not in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')),
    constraint wondering__question_open check (answered_id is not null or state not in ('ANSWERED', 'CLOSED')),
    constraint takeaway_missing check (state <> 'CLOSED'
        or (coalesce(observer_takeaway, 0) = edition and coalesce(observed_takeaway, 0) = edition))
);
create index visit_as_observer on visit (owner_id, observer_id, start_at desc, id desc);
create index visit_as_observed on visit (owner_id, observed_id, start_at desc, id desc);
create index visit_waiting on visit (owner_id, end_at) where state in ('PROPOSED', 'AGREED');
create index visit_of_round on visit (owner_id, round_id) where round_id is not null;

-- One row a step, without a word in it: history, and the source of all that
-- follows from a visit. xid orders what was committed.
create table visit_event (
    owner_id   uuid not null,
    visit_id   uuid not null,
    seq        int not null check (seq > 0),
    prev_seq   int generated always as (nullif(seq - 1, 0)) stored,
    event      text not null,
    from_state text not null,
    to_state   text not null,
    actor_id   uuid, -- null: the house
    at         timestamptz not null,
    xid        xid8 not null default pg_current_xact_id(),
    constraint visit_event__wrong_state primary key (owner_id, visit_id, seq),
    constraint visit_event_to unique (owner_id, visit_id, seq, to_state),
    foreign key (owner_id, visit_id) references visit,
    constraint arrow__wrong_state foreign key (from_state, event, to_state) references visit_arrow,
    constraint before__wrong_state foreign key (owner_id, visit_id, prev_seq, from_state) references visit_event (owner_id, visit_id, seq, to_state),
    constraint first__wrong_state check ((seq = 1) = (from_state = 'NONE'))
);
alter table visit add constraint stands__wrong_state
    foreign key (owner_id, id, seq, state) references visit_event (owner_id, visit_id, seq, to_state)
    deferrable initially deferred;

-- Hours that are taken: two for an agreed or observed visit, one for a lesson
-- of the timetable.
create table booking (
    owner_id      uuid not null,
    person_id     uuid not null,
    occasion_id   uuid not null,
    kind          int not null check (kind in (1, 2)), -- 1: a visit, 2: a lesson of one's own
    visit_id      uuid,
    blocks_lesson boolean not null, -- a visit that a lesson of one's own stands in the way of
    span          tstzrange not null check (not isempty(span)),
    -- The two visits of a mutual one each hold the hours of both.
    constraint booking_once unique nulls not distinct (owner_id, person_id, occasion_id, kind, span, visit_id),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, visit_id) references visit,
    constraint booking_of_visit check ((kind = 1) = (visit_id is not null)),
    constraint visit__double_booked exclude using gist
        (owner_id with =, person_id with =, occasion_id with <>, span with &&) where (kind = 1),
    constraint lesson__double_booked exclude using gist
        (owner_id with =, person_id with =, kind with <>, span with &&) where (kind = 2 or blocks_lesson)
);
create index booking_of_visit on booking (owner_id, visit_id);

create table note (
    owner_id    uuid not null,
    id          uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    kind        text not null check (kind in ('SAW', 'INTERPRETATION', 'WONDERING')),
    text        text not null check (char_length(text) between 1 and 2000),
    observed_at timestamptz not null,
    tag         text not null default '' check (char_length(tag) <= 40),
    about_focus boolean not null,
    revision    bigint not null default 1,
    shared      boolean not null default false,
    opened      boolean not null default false,
    created_at  timestamptz not null,
    updated_at  timestamptz not null,
    constraint note__id_taken primary key (owner_id, id),
    constraint note_kind unique (owner_id, visit_id, id, kind),
    -- The two stand in the row for row level security; this key proves them, or
    -- a note could be planted in a stranger's visit.
    constraint note_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id)
);
create index note_by_clock on note (owner_id, visit_id, observed_at, id);

create table availability (
    owner_id  uuid not null,
    person_id uuid not null,
    span      tstzrange not null check (not isempty(span)),
    primary key (owner_id, person_id, span),
    foreign key (owner_id, person_id) references person
);

-- Seen by person_id alone.
create table kept_from_suggestions (
    owner_id  uuid not null,
    person_id uuid not null,
    other_id  uuid not null,
    primary key (owner_id, person_id, other_id),
    foreign key (owner_id, person_id) references person,
    foreign key (owner_id, other_id) references person
);

-- Row level security: the two of a visit, and nobody else.
-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['round', 'visit', 'visit_event', 'booking', 'note', 'availability', 'kept_from_suggestions'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;

    execute format('create policy members_read on round for select to undring_app using (%s and %s in (first_id, second_id, third_id))', tenant, me);
    execute format('create policy members_add on round for insert to undring_app with check (%s and %s in (first_id, second_id, third_id) and joined_ids = array[%s])', tenant, me, me);
    execute format('create policy members_change on round for update to undring_app using (%s and %s in (first_id, second_id, third_id))', tenant, me);

    execute format('create policy two_read on visit for select to undring_app using (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);
    execute format('create policy two_add on visit for insert to undring_app with check (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);
    execute format('create policy two_change on visit for update to undring_app using (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);

    execute format('create policy two_read on visit_event for select to undring_app using (%s and exists (select from visit v where v.owner_id = visit_event.owner_id and v.id = visit_event.visit_id))', tenant);
    execute format('create policy two_add on visit_event for insert to undring_app with check (%s and actor_id = %s and exists (select from visit v where v.owner_id = visit_event.owner_id and v.id = visit_event.visit_id))', tenant, me);
    execute format('create policy own_read on booking for select to undring_app using (%s and person_id = %s)', tenant, me);

    execute format('create policy two_read on note for select to undring_app using (%s and (observer_id = %s or (observed_id = %s and shared and opened)))', tenant, me, me);
    execute format('create policy observer_adds on note for insert to undring_app with check (%s and observer_id = %s)', tenant, me);
    execute format('create policy observer_changes on note for update to undring_app using (%s and observer_id = %s)', tenant, me);
    execute format('create policy observer_removes on note for delete to undring_app using (%s and observer_id = %s)', tenant, me);

    foreach t in array array['availability', 'kept_from_suggestions'] loop
        execute format('create policy own_read on %I for select to undring_app using (%s and person_id = %s)', t, tenant, me);
        execute format('create policy own_add on %I for insert to undring_app with check (%s and person_id = %s)', t, tenant, me);
        execute format('create policy own_remove on %I for delete to undring_app using (%s and person_id = %s)', t, tenant, me);
    end loop;
end
$$;
-- +goose StatementEnd

grant select, insert on round, visit, visit_event, note, availability, kept_from_suggestions to undring_app;
grant select on booking to undring_app;
grant update (joined_ids, ended_at) on round to undring_app;
grant update (start_at, end_at, place, talk_at, talk_minutes, talk_arena,
    focus_question, intention, look_for, do_not_note, wanted_feedback, focus_area_id,
    observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to,
    feedback_due_at, answer_due_at, takeaway_due_at, acknowledged_at, exit_wished_by, reopen_wished_by,
    point_id, wondering_id, answered_id, observer_takeaway, observed_takeaway, revision, updated_at) on visit to undring_app;
grant update (kind, text, observed_at, tag, about_focus, revision, shared, updated_at) on note to undring_app;
grant delete on note, availability, kept_from_suggestions to undring_app;

-- +goose StatementBegin
-- Refuses in the name of a reason, as a constraint would.
create function refuse(reason text) returns void
    language plpgsql set search_path = ''
as $$
begin
    raise exception using errcode = 'check_violation', message = 'refused: ' || reason, constraint = reason;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Does someone have an agreed visit, or a lesson of their own where that stands
-- in the way, in this span? Asked about a colleague whose hours the caller may
-- not read; the answer does not say what it is.
create function is_busy(who uuid, span tstzrange, occasion uuid, lessons_too boolean) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.booking b
        where b.owner_id = current_setting('undring.owner')::uuid
          and b.person_id = who
          and b.span && is_busy.span
          and b.occasion_id <> occasion
          and (b.kind = 1 or lessons_too));
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Each joins a round for themselves.
create function round_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user <> 'undring_owner' and new.joined_ids is distinct from old.joined_ids
       and new.joined_ids <> array_append(old.joined_ids, current_setting('undring.person')::uuid) then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger round_guard before update on round for each row execute function round_guard();

-- +goose StatementBegin
-- A change of the visit's own row: the time while it is proposed, the card by
-- the observed until the lesson is observed, a wish by the one who has it.
create function visit_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see visit_step
    end if;
    if (old.start_at, old.end_at, old.place) is distinct from (new.start_at, new.end_at, new.place) and old.state not in ('NONE', 'PROPOSED') then
        perform public.refuse('wrong_state');
    end if;
    if (old.focus_question, old.intention, old.look_for, old.do_not_note, old.wanted_feedback)
       is distinct from (new.focus_question, new.intention, new.look_for, new.do_not_note, new.wanted_feedback) then
        if me <> old.observed_id then
            perform public.refuse('not_your_move');
        end if;
        if old.state not in ('PROPOSED', 'AGREED') then
            perform public.refuse('wrong_state');
        end if;
    end if;
    if new.observer_agreed_at is not null and new.observer_agreed_at is distinct from old.observer_agreed_at and me <> old.observer_id
       or new.observed_agreed_at is not null and new.observed_agreed_at is distinct from old.observed_agreed_at and me <> old.observed_id then
        perform public.refuse('not_your_move'); -- nobody says yes for the other
    end if;
    if old.exit_wished_by is distinct from new.exit_wished_by and me <> coalesce(new.exit_wished_by, old.exit_wished_by)
       or old.reopen_wished_by is distinct from new.reopen_wished_by and me <> coalesce(new.reopen_wished_by, old.reopen_wished_by) then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger visit_guard before update on visit for each row execute function visit_guard();

-- +goose StatementBegin
-- Notes are written while the visit is agreed or observed. The share lock keeps
-- the visit where it is until the note is in.
create function note_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    n constant public.note := coalesce(new, old);
begin
    if current_user = 'undring_owner' then
        return coalesce(new, old); -- a step, see visit_step
    end if;
    perform from public.visit v
        where v.owner_id = n.owner_id and v.id = n.visit_id and v.state in ('AGREED', 'OBSERVED')
        for share;
    if not found then
        perform public.refuse('notes_closed');
    end if;
    return coalesce(new, old);
end
$$;
-- +goose StatementEnd
create trigger note_guard before insert or delete or update of kind, text, observed_at, tag, about_focus, shared
    on note for each row execute function note_guard();
