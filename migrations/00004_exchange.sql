-- The exchange: feedback points, questions, answers, talk, take-aways, actions;
-- and the step that moves a visit.

-- +goose Up
-- A new foreign key reads both tables under their policies, which want to know
-- who asks. They are empty here; it is nobody.
set local undring.owner = '00000000-0000-0000-0000-000000000000';
set local undring.person = '00000000-0000-0000-0000-000000000000';

create table feedback_point (
    owner_id    uuid not null,
    id          uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    position    int not null check (position between 1 and 20),
    text        text not null check (char_length(text) between 1 and 2000),
    note_ids    uuid[] not null check (cardinality(note_ids) between 1 and 50),
    saw_note_id uuid, -- witness: one of the notes, of what was seen or heard
    saw_kind    text not null default 'SAW' check (saw_kind = 'SAW'),
    opened      boolean not null default false,
    created_at  timestamptz not null,
    constraint feedback_point__id_taken primary key (owner_id, id),
    constraint feedback_point_of_visit unique (owner_id, visit_id, id),
    constraint feedback_point_position unique (owner_id, visit_id, position),
    constraint point_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint evidence_missing check (saw_note_id is not null and saw_note_id = any (note_ids)),
    constraint saw__evidence_missing foreign key (owner_id, visit_id, saw_note_id, saw_kind) references note (owner_id, visit_id, id, kind)
);

create table question (
    owner_id     uuid not null,
    id           uuid not null,
    visit_id     uuid not null,
    observer_id  uuid not null,
    observed_id  uuid not null,
    asker_id     uuid not null,
    addressee_id uuid not null,
    position     int not null check (position between 1 and 5), -- so many questions has each of the two
    text         text not null check (char_length(text) between 1 and 1000),
    language     text not null check (language in ('nb', 'nn', 'en')),
    -- What the review said is kept only as far as the rule needs it.
    wondering    boolean not null,
    stand_by     boolean not null,
    note_ids     uuid[] not null default '{}' check (cardinality(note_ids) <= 50),
    source       text not null default '' check (char_length(source) <= 300),
    state        text not null default 'OPEN' check (state in ('OPEN', 'ANSWERED', 'TALKED_UNCONFIRMED', 'TALKED', 'PARKED')),
    answer       text not null default '' check (char_length(answer) <= 4000),
    settled_at   timestamptz,
    due_at       timestamptz not null,
    opened       boolean not null default false, -- the observed may read it
    created_at   timestamptz not null,
    answers_gate boolean generated always as (wondering and asker_id = observer_id and state in ('ANSWERED', 'TALKED')) stored,
    opens_gate   boolean generated always as (wondering and asker_id = observer_id) stored,
    constraint question__id_taken primary key (owner_id, id),
    constraint question_position unique (owner_id, visit_id, asker_id, position),
    constraint question_opens_gate unique (owner_id, visit_id, id, opens_gate),
    constraint question_answers_gate unique (owner_id, visit_id, id, answers_gate),
    constraint question_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint question_between_two check ((asker_id, addressee_id) in ((observer_id, observed_id), (observed_id, observer_id))),
    constraint answer_with_state check ((state = 'ANSWERED') = (btrim(answer) <> '')),
    constraint settled_with_state check ((state = 'OPEN') = (settled_at is null)),
    constraint parked__not_your_move check (state <> 'PARKED' or addressee_id = observed_id),
    constraint own_view_missing check (opened or state = 'OPEN' or addressee_id = observer_id)
);
create index question_of_visit on question (owner_id, visit_id);

alter table visit
    add column wondering_true boolean generated always as (case when wondering_id is not null then true end) stored,
    add column answered_true boolean generated always as (case when answered_id is not null then true end) stored;
alter table visit
    add constraint point__feedback_point_missing foreign key (owner_id, id, point_id) references feedback_point (owner_id, visit_id, id),
    add constraint witness__wondering_question_missing foreign key (owner_id, id, wondering_id, wondering_true) references question (owner_id, visit_id, id, opens_gate),
    add constraint answered__question_open foreign key (owner_id, id, answered_id, answered_true) references question (owner_id, visit_id, id, answers_gate);

create table reply (
    owner_id    uuid not null,
    id          uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    about_id    uuid not null, -- a point or a question of the visit
    author_id   uuid not null,
    position    int not null check (position between 1 and 30),
    text        text not null check (char_length(text) between 1 and 1000),
    created_at  timestamptz not null,
    constraint reply__id_taken primary key (owner_id, id),
    constraint reply_position unique (owner_id, about_id, position),
    constraint reply_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint author__not_your_move check (author_id in (observer_id, observed_id))
);
create index reply_of_visit on reply (owner_id, visit_id);

create table conversation (
    owner_id     uuid not null,
    id           uuid not null,
    visit_id     uuid not null,
    observer_id  uuid not null,
    observed_id  uuid not null,
    recorded_by  uuid not null,
    talked_at    timestamptz not null,
    minutes      int not null check (minutes between 1 and 480),
    summary      text not null check (char_length(summary) between 1 and 500),
    confirmed_by uuid,
    confirmed_at timestamptz,
    created_at   timestamptz not null,
    constraint conversation__id_taken primary key (owner_id, id),
    constraint conversation_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint recorder__not_your_move check (recorded_by in (observer_id, observed_id)),
    constraint confirmer__not_your_move check (confirmed_by in (observer_id, observed_id) and confirmed_by <> recorded_by),
    constraint confirmed_with_time check ((confirmed_by is null) = (confirmed_at is null))
);
create index conversation_of_visit on conversation (owner_id, visit_id, created_at);

create table correction (
    owner_id    uuid not null,
    note_id     uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text        text not null check (char_length(text) between 1 and 2000),
    resolution  text not null default '' check (resolution in ('', 'ACCEPTED', 'BOTH_STAND')),
    created_at  timestamptz not null,
    primary key (owner_id, note_id),
    foreign key (owner_id, note_id) references note (owner_id, id),
    constraint correction_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id)
);
create index correction_of_visit on correction (owner_id, visit_id);

create table own_view (
    owner_id    uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text        text not null default '' check (char_length(text) <= 1000),
    skipped     boolean not null,
    recorded_at timestamptz not null,
    primary key (owner_id, visit_id),
    constraint own_view_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint lines_or_skipped check (skipped = (btrim(text) = ''))
);

create table takeaway (
    owner_id    uuid not null,
    visit_id    uuid not null,
    person_id   uuid not null,
    edition     int not null,
    observer_id uuid not null,
    observed_id uuid not null,
    text        text not null check (char_length(text) between 1 and 2000),
    borrowed    text not null default '' check (char_length(borrowed) <= 1000),
    learning    text not null check (learning in ('ADJUSTED_PRACTICE', 'QUESTIONED_ASSUMPTION', 'NOTHING_NEW')),
    recorded_at timestamptz not null,
    primary key (owner_id, visit_id, person_id, edition),
    constraint takeaway_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint writer__not_your_move check (person_id in (observer_id, observed_id))
);
alter table visit
    add constraint observer__takeaway_missing foreign key (owner_id, id, observer_id, observer_takeaway) references takeaway (owner_id, visit_id, person_id, edition),
    add constraint observed__takeaway_missing foreign key (owner_id, id, observed_id, observed_takeaway) references takeaway (owner_id, visit_id, person_id, edition);

-- What the observer has written so far: a FeedbackDraft of the contract, as it
-- came, since only its writer's phone reads it.
create table draft (
    owner_id    uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    body        bytea not null check (octet_length(body) <= 262144),
    revision    bigint not null,
    updated_at  timestamptz not null,
    primary key (owner_id, visit_id),
    constraint draft_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id)
);

create table action (
    owner_id      uuid not null,
    id            uuid not null,
    visit_id      uuid not null,
    observer_id   uuid not null,
    observed_id   uuid not null,
    person_id     uuid not null,
    slot          int not null check (slot in (1, 2)), -- at most two open ones a visit
    text          text not null check (char_length(text) between 1 and 500),
    lesson        text not null default '' check (char_length(lesson) <= 200),
    due_on        date,
    focus_area_id uuid,
    state         text not null default 'PROPOSED' check (state in ('PROPOSED', 'AGREED', 'REPORTED')),
    agreed_by     uuid,
    did           text not null default '' check (char_length(did) <= 1000),
    happened      text not null default '' check (char_length(happened) <= 1000),
    questioned    text not null default '' check (char_length(questioned) <= 1000),
    next          text not null default '' check (char_length(next) <= 1000),
    learning      text not null default '' check (learning in ('', 'ADJUSTED_PRACTICE', 'QUESTIONED_ASSUMPTION', 'NOTHING_NEW')),
    reported_at   timestamptz,
    created_at    timestamptz not null,
    constraint action__id_taken primary key (owner_id, id),
    constraint action_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id),
    constraint doer__not_your_move check (person_id in (observer_id, observed_id)),
    constraint agreer__not_your_move check (agreed_by in (observer_id, observed_id) and agreed_by <> person_id),
    constraint agreed__wrong_state check ((state <> 'PROPOSED') = (agreed_by is not null)),
    constraint reported_with_words check ((state = 'REPORTED') = (reported_at is not null and did <> '' and happened <> '' and learning <> '')),
    constraint when__invalid_field check (due_on is not null or lesson <> '')
);
create unique index action_slot on action (owner_id, visit_id, slot) where state <> 'REPORTED';
create index action_of_person on action (owner_id, person_id, due_on);
create index action_of_visit on action (owner_id, visit_id);

-- +goose StatementBegin
do $$
declare
    t text;
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    foreach t in array array['feedback_point', 'question', 'reply', 'conversation', 'correction', 'own_view', 'takeaway', 'draft', 'action'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy definer_all on %I to undring_owner using (%s)', t, tenant);
    end loop;

    -- Read by both, once the observed has opened the feedback.
    execute format('create policy two_read on feedback_point for select to undring_app using (%s and (observer_id = %s or (observed_id = %s and opened)))', tenant, me, me);
    execute format('create policy observer_adds on feedback_point for insert to undring_app with check (%s and observer_id = %s)', tenant, me);

    execute format('create policy two_read on question for select to undring_app using (%s and (observer_id = %s or (observed_id = %s and opened)))', tenant, me, me);
    execute format('create policy asker_adds on question for insert to undring_app with check (%s and asker_id = %s and (observer_id = %s or observed_id = %s) and (asker_id = observer_id or opened))', tenant, me, me, me);
    -- The addressee settles; the other one's confirmation of a talk settles too.
    execute format('create policy two_settle on question for update to undring_app using (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);

    foreach t in array array['reply', 'conversation', 'correction', 'own_view', 'action'] loop
        execute format('create policy two_read on %I for select to undring_app using (%s and (observer_id = %s or observed_id = %s))', t, tenant, me, me);
    end loop;
    execute format('create policy author_adds on reply for insert to undring_app with check (%s and author_id = %s)', tenant, me);
    execute format('create policy recorder_adds on conversation for insert to undring_app with check (%s and recorded_by = %s and confirmed_by is null)', tenant, me);
    execute format('create policy other_confirms on conversation for update to undring_app using (%s and (observer_id = %s or observed_id = %s)) with check (confirmed_by = %s)', tenant, me, me, me);
    execute format('create policy observed_corrects on correction for insert to undring_app with check (%s and observed_id = %s)', tenant, me);
    execute format('create policy two_resolve on correction for update to undring_app using (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);
    execute format('create policy observed_adds on own_view for insert to undring_app with check (%s and observed_id = %s)', tenant, me);
    execute format('create policy observed_changes on own_view for update to undring_app using (%s and observed_id = %s)', tenant, me);
    execute format('create policy doer_adds on action for insert to undring_app with check (%s and person_id = %s and state = ''PROPOSED'')', tenant, me);
    execute format('create policy two_change on action for update to undring_app using (%s and (observer_id = %s or observed_id = %s)) with check (person_id = %s or agreed_by = %s)', tenant, me, me, me, me);

    -- Read by the writer alone.
    execute format('create policy own_read on takeaway for select to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy own_add on takeaway for insert to undring_app with check (%s and person_id = %s)', tenant, me);
    execute format('create policy own_change on takeaway for update to undring_app using (%s and person_id = %s)', tenant, me);
    execute format('create policy observer_reads on draft for select to undring_app using (%s and observer_id = %s)', tenant, me);
    execute format('create policy observer_adds on draft for insert to undring_app with check (%s and observer_id = %s)', tenant, me);
    execute format('create policy observer_changes on draft for update to undring_app using (%s and observer_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd

grant select, insert on feedback_point, question, reply, conversation, correction, own_view, takeaway, draft, action to undring_app;
grant update (state, answer, settled_at) on question to undring_app;
grant update (confirmed_by, confirmed_at) on conversation to undring_app;
grant update (text, resolution, created_at) on correction to undring_app;
grant update (text, skipped, recorded_at) on own_view to undring_app;
grant update (text, borrowed, learning, recorded_at) on takeaway to undring_app;
grant update (body, revision, updated_at) on draft to undring_app;
grant update (state, agreed_by, did, happened, questioned, next, learning, reported_at) on action to undring_app;

-- +goose StatementBegin
-- A question is settled by the one whom it is for; "we talked" is confirmed by
-- a conversation that both stand for. What is settled stays settled, but for
-- what was parked.
create function question_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if current_user = 'undring_owner' then
        return new; -- a step, see own_view_opens
    end if;
    if new.state = 'TALKED' then
        perform from public.conversation c
            where c.owner_id = new.owner_id and c.visit_id = new.visit_id and c.confirmed_by is not null;
        if not found then
            perform public.refuse('question_open');
        end if;
        if new.addressee_id <> me and old.state <> 'TALKED_UNCONFIRMED' then
            perform public.refuse('not_your_move');
        end if;
    elsif new.addressee_id <> me then
        perform public.refuse('not_your_move');
    end if;
    if old.state not in ('OPEN', 'PARKED', 'TALKED_UNCONFIRMED') then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger question_guard before update on question for each row execute function question_guard();

-- +goose StatementBegin
-- "All": no question is open, on either side, once a visit is answered. Checked
-- at commit at both ends: at the step, and at what could undo it.
create function question_open() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    if exists (
        select from public.question q
        join public.visit v on v.owner_id = q.owner_id and v.id = q.visit_id
        where q.owner_id = new.owner_id and q.visit_id = new.visit_id
          and v.state in ('ANSWERED', 'CLOSED') and q.state in ('OPEN', 'TALKED_UNCONFIRMED'))
    then
        perform public.refuse('question_open');
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create constraint trigger question_open_at_question after insert or update of state on question
    deferrable initially deferred for each row execute function question_open();
create constraint trigger question_open_at_step after insert on visit_event
    deferrable initially deferred for each row when (new.to_state in ('ANSWERED', 'CLOSED'))
    execute function question_open();

-- +goose StatementBegin
-- Points, questions and shared notes are the observed's to read once their own
-- view is recorded, or skipped.
create function own_view_opens() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit set opened = true where owner_id = new.owner_id and id = new.visit_id and not opened;
    update public.feedback_point set opened = true where owner_id = new.owner_id and visit_id = new.visit_id;
    update public.question set opened = true where owner_id = new.owner_id and visit_id = new.visit_id;
    update public.note set opened = true where owner_id = new.owner_id and visit_id = new.visit_id and shared;
    return null;
end
$$;
-- +goose StatementEnd
create trigger own_view_opens after insert on own_view for each row execute function own_view_opens();

-- +goose StatementBegin
-- What is written about a visit is written while the exchange is on: own view,
-- replies, talks, corrections, take-aways from FEEDBACK_GIVEN on until it ends;
-- feedback while it is observed.
create function exchange_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = any (string_to_array(tg_argv[0], ','))
        for share;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger exchange_guard before insert on feedback_point for each row execute function exchange_guard('OBSERVED');
create trigger exchange_guard before insert on question for each row execute function exchange_guard('OBSERVED,FEEDBACK_GIVEN');
create trigger exchange_guard before insert or update on own_view for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert on reply for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert or update on conversation for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert or update on correction for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert or update on takeaway for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert on action for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED');
create trigger exchange_guard before insert or update on draft for each row execute function exchange_guard('AGREED,OBSERVED');

-- +goose StatementBegin
-- The visit that someone is late with in a role, the oldest one; null: none.
-- The one definition of "overdue on your side", for the gate and for what one
-- is told. Who wishes for the honest exit has done their part.
create function overdue_visit(who uuid, in_role text, moment timestamptz) returns uuid
    language sql stable set search_path = ''
begin atomic
    select v.id
    from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid
      and who = case in_role when 'OBSERVER' then v.observer_id when 'OBSERVED' then v.observed_id end
      and v.exit_wished_by is distinct from who
      and (
        v.state = 'OBSERVED' and in_role = 'OBSERVER' and v.feedback_due_at < moment
        or v.state = 'FEEDBACK_GIVEN' and exists (
            select from public.question q
            where q.owner_id = v.owner_id and q.visit_id = v.id
              and q.addressee_id = who and q.state = 'OPEN' and q.due_at < moment)
        or v.state = 'FEEDBACK_GIVEN' and in_role = 'OBSERVED' and v.answer_due_at < moment
            and (not v.opened or not exists (
                select from public.question q
                where q.owner_id = v.owner_id and q.visit_id = v.id and q.opens_gate
                  and q.state in ('ANSWERED', 'TALKED', 'TALKED_UNCONFIRMED')))
        or v.state = 'ANSWERED' and v.takeaway_due_at < moment
            and coalesce(case in_role when 'OBSERVER' then v.observer_takeaway else v.observed_takeaway end, 0) < v.edition)
    order by v.start_at
    limit 1;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Does the school hold back new visits of those who are late, at that moment?
create function gate_holds(school uuid, moment timestamptz) returns boolean
    language sql stable set search_path = ''
begin atomic
    select coalesce((
        select p.gate from public.exchange_policy p
        where p.owner_id = current_setting('undring.owner')::uuid and p.school_id = school and p.effective_at <= moment
        order by p.effective_at desc limit 1), true);
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Moves a visit: the only thing that writes its state, its hours and its end.
create function visit_step() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    v   public.visit;
    who text;
begin
    select * into v from public.visit where owner_id = new.owner_id and id = new.visit_id for update;
    select mover into who from public.visit_arrow
        where from_state = new.from_state and event = new.event and to_state = new.to_state;
    if v.state <> new.from_state or v.seq <> new.seq - 1 or who is null then
        perform public.refuse('wrong_state');
    end if;

    -- Whose move is it?
    if (case who
        when 'OBSERVER' then new.actor_id = v.observer_id
        when 'OBSERVED' then new.actor_id = v.observed_id
        when 'AWAITED' then new.actor_id = v.awaits_id
        when 'EITHER' then new.actor_id in (v.observer_id, v.observed_id)
        when 'HOUSE' then new.actor_id is null
    end) is not true then
        perform public.refuse('not_your_move');
    end if;
    if new.event = 'PROPOSE' and v.awaits_id is not distinct from new.actor_id
       or new.event = 'EXIT' and coalesce(v.exit_wished_by, new.actor_id) = new.actor_id
       or new.event = 'REOPEN' and coalesce(v.reopen_wished_by, new.actor_id) = new.actor_id then
        perform public.refuse('not_your_move'); -- it takes the other one
    end if;

    -- Finish the one that you owe first.
    if new.event in ('PROPOSE', 'COUNTER', 'ACCEPT') and public.gate_holds(v.school_id, new.at) and (
        public.overdue_visit(new.actor_id, case new.actor_id when v.observer_id then 'OBSERVER' else 'OBSERVED' end, new.at) is not null) then
        perform public.refuse('exchange_overdue');
    end if;

    -- Hours: taken while agreed and observed.
    if new.to_state = 'AGREED' then
        insert into public.booking (owner_id, person_id, occasion_id, kind, visit_id, blocks_lesson, span) values
            (v.owner_id, v.observer_id, v.occasion_id, 1, v.id, not v.co_taught, tstzrange(v.start_at, v.end_at)),
            (v.owner_id, v.observed_id, v.occasion_id, 1, v.id, false, tstzrange(v.start_at, v.end_at));
    elsif new.to_state <> 'OBSERVED' then
        delete from public.booking where owner_id = v.owner_id and visit_id = v.id;
    end if;

    update public.visit set
        state = new.to_state,
        seq = new.seq,
        awaits_id = case new.to_state when 'PROPOSED' then
            case when new.event = 'COUNTER' then
                case new.actor_id when v.observer_id then v.observed_id else v.observer_id end
            else v.awaits_id end end,
        exit_wished_by = null,
        reopen_wished_by = null,
        edition = case new.event when 'REOPEN' then v.edition + 1 else v.edition end,
        revision = v.revision + 1,
        updated_at = new.at
    where owner_id = v.owner_id and id = v.id;

    if new.to_state = 'ANSWERED' and v.round_id is not null then
        update public.round set done_ids = array_append(done_ids, v.observer_id)
        where owner_id = v.owner_id and id = v.round_id and not v.observer_id = any (done_ids);
    end if;
    if new.to_state in ('CLOSED', 'CLOSED_WITHOUT_EXCHANGE') then
        -- What was not shared is gone.
        delete from public.note where owner_id = v.owner_id and visit_id = v.id and not shared;
        delete from public.draft where owner_id = v.owner_id and visit_id = v.id;
    end if;
    if new.to_state = 'WITHDRAWN' then
        perform public.erase_words(v.owner_id, v.id);
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Erases every word of a visit, of both, and the fact of all that was written.
create function erase_words(tenant uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit set
        place = '', talk_at = null, talk_arena = '', focus_question = '', suggested_focus = '', intention = '',
        look_for = '', do_not_note = '', wanted_feedback = '', focus_area_id = null,
        point_id = null, wondering_id = null, answered_id = null, observer_takeaway = null, observed_takeaway = null,
        acknowledged_at = null
    where owner_id = tenant and id = which;
    delete from public.reply where owner_id = tenant and visit_id = which;
    delete from public.conversation where owner_id = tenant and visit_id = which;
    delete from public.correction where owner_id = tenant and visit_id = which;
    delete from public.own_view where owner_id = tenant and visit_id = which;
    delete from public.takeaway where owner_id = tenant and visit_id = which;
    delete from public.draft where owner_id = tenant and visit_id = which;
    delete from public.action where owner_id = tenant and visit_id = which;
    delete from public.question where owner_id = tenant and visit_id = which;
    delete from public.feedback_point where owner_id = tenant and visit_id = which;
    delete from public.note where owner_id = tenant and visit_id = which;
    update public.request set reply = null where owner_id = tenant and visit_id = which;
end
$$;
-- +goose StatementEnd
revoke execute on function erase_words from public;

create trigger visit_step after insert on visit_event for each row execute function visit_step();

-- +goose StatementBegin
-- Ends what nobody went to within 14 days of the lesson; at most so many at a
-- time. Gives the ids of what it ended.
create function expire_visits(moment timestamptz, most int) returns setof uuid
    language plpgsql security definer set search_path = ''
as $$
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    return query
        with due as (
            select v.owner_id, v.id, v.seq, v.state from public.visit v
            where v.owner_id = current_setting('undring.owner')::uuid
              and v.state in ('PROPOSED', 'AGREED') and v.end_at < moment - interval '14 days'
            order by v.end_at limit most for update skip locked)
        insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
        select due.owner_id, due.id, due.seq + 1, 'EXPIRE', due.state, 'EXPIRED', null, moment from due
        returning visit_id;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The visit that something is about, to its two alone; null to everybody else.
-- It opens nothing: a question that the observed may not read yet has a visit
-- that they may know.
create function visit_about(kind text, what uuid) returns uuid
    language sql stable security definer set search_path = ''
begin atomic
    with me as (
        select current_setting('undring.owner')::uuid as owner_id, current_setting('undring.person')::uuid as id
    )
    select case kind
        when 'VISIT' then what
        when 'QUESTION' then (select q.visit_id from public.question q, me
            where q.owner_id = me.owner_id and q.id = what and me.id in (q.observer_id, q.observed_id))
        when 'THREAD' then coalesce(
            (select q.visit_id from public.question q, me
                where q.owner_id = me.owner_id and q.id = what and me.id in (q.observer_id, q.observed_id)),
            (select p.visit_id from public.feedback_point p, me
                where p.owner_id = me.owner_id and p.id = what and me.id in (p.observer_id, p.observed_id)))
        when 'NOTE' then (select n.visit_id from public.note n, me
            where n.owner_id = me.owner_id and n.id = what and n.shared and me.id in (n.observer_id, n.observed_id))
        when 'CONVERSATION' then (select c.visit_id from public.conversation c, me
            where c.owner_id = me.owner_id and c.id = what and me.id in (c.observer_id, c.observed_id))
        when 'ACTION' then (select a.visit_id from public.action a, me
            where a.owner_id = me.owner_id and a.id = what and me.id in (a.observer_id, a.observed_id))
    end;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Each writes their own part of a correction, and of an action.
create function own_part_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if tg_table_name = 'correction' then
        if new.text is distinct from old.text and me <> old.observed_id
           or new.resolution <> '' and new.resolution is distinct from old.resolution and me <> old.observer_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (new.did, new.happened, new.questioned, new.next, new.learning) is distinct from (old.did, old.happened, old.questioned, old.next, old.learning)
           and me <> old.person_id
       or new.agreed_by is distinct from old.agreed_by and me = old.person_id then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger own_part_guard before update on correction for each row execute function own_part_guard();
create trigger own_part_guard before update on action for each row execute function own_part_guard();

grant execute on function visit_about, is_busy, overdue_visit, gate_holds, expire_visits to undring_app;
