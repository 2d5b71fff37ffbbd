-- What is mine: who was sent what of somebody's (access), what administrators did
-- (administrative_act), and what people have said yes to (consent). The first two are
-- written by functions of the database alone, so that nobody can leave a line out, add
-- one or change one.

-- +goose Up

-- A row is the first time of a day that a reader was sent something of a person's.
create table access (
    owner_id uuid not null,
    person_id uuid not null,
    reader_id uuid not null,
    kind text not null check (kind in ('READ', 'EXPORT')),
    thing_id uuid not null, -- the visit; of an export the export
    day date not null,
    at timestamptz not null,
    primary key (owner_id, person_id, reader_id, thing_id, kind, day),
    foreign key (owner_id, person_id) references person (owner_id, id),
    foreign key (owner_id, reader_id) references person (owner_id, id)
);
create index access_of_person on access (owner_id, person_id, at desc, thing_id desc);
create index access_by_reader on access (owner_id, reader_id);
create index access_age on access (owner_id, at);
alter table access enable row level security, force row level security;
create policy own_reads on access for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy definer_all on access for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
grant select on access to undring_app;

-- +goose StatementBegin
-- Of privacy: writes down that the person in hand was sent what is the other's of visits.
-- Of others' visits nothing is written: who is not one of the two was sent nothing.
create function note_readings(visits uuid[], notes boolean, moment timestamptz) returns void
    language sql security definer set search_path = ''
begin atomic
    insert into public.access (owner_id, person_id, reader_id, kind, thing_id, day, at)
    select v.owner_id, case me.id when v.observer_id then v.observed_id else v.observer_id end, me.id, 'READ', v.id,
        (moment at time zone public.zone_of(v.school_id))::date, moment
    from public.visit v, (select current_setting('undring.person')::uuid as id) me
    where v.owner_id = current_setting('undring.owner')::uuid and v.id = any (visits) and me.id in (v.observer_id, v.observed_id)
      and v.state <> 'WITHDRAWN' and (not notes or me.id = v.observed_id) -- the observer's notes are their own
    order by v.id
    on conflict do nothing;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: writes down that the person in hand takes a copy of what is theirs.
create function note_export(export uuid, moment timestamptz) returns void
    language sql security definer set search_path = ''
begin atomic
    insert into public.access (owner_id, person_id, reader_id, kind, thing_id, day, at)
    select p.owner_id, p.id, p.id, 'EXPORT', export, (moment at time zone 'UTC')::date, moment
    from public.person p
    where p.owner_id = current_setting('undring.owner')::uuid and p.id = current_setting('undring.person')::uuid;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: forgets accesses that are older than a moment, the oldest first and at most
-- so many, and gives how many they were.
create function forget_accesses(older_than timestamptz, most int) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.access a using (
        select q.ctid from public.access q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < older_than
        order by q.at limit most for update skip locked) old
    where a.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$$;
-- +goose StatementEnd

create table administrative_act (
    owner_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    kind text not null check (kind in ('ROLE_GIVEN', 'ROLE_TAKEN', 'ROSTER_IMPORTED', 'IMPORT_HELD', 'IMPORT_UNDONE', 'INVITED',
        'RELINKED', 'MERGED', 'MERGE_UNDONE', 'POLICY_CHANGED')),
    actor_id uuid, -- null: the house, by a command or a job
    person_id uuid, -- whom it is about; null: nobody in particular
    other_id uuid, -- of a merge: the other one
    school_id uuid,
    role text not null default '',
    people int not null default 0,
    primary key (owner_id, id),
    foreign key (owner_id, actor_id) references person (owner_id, id),
    foreign key (owner_id, person_id) references person (owner_id, id),
    foreign key (owner_id, other_id) references person (owner_id, id),
    foreign key (owner_id, school_id) references school (owner_id, id)
);
create index administrative_act_at on administrative_act (owner_id, at desc, id desc);
create index administrative_act_of_actor on administrative_act (owner_id, actor_id) where actor_id is not null;
create index administrative_act_of_person on administrative_act (owner_id, person_id) where person_id is not null;
create index administrative_act_of_other on administrative_act (owner_id, other_id) where other_id is not null;
create index administrative_act_of_school on administrative_act (owner_id, school_id) where school_id is not null;
alter table administrative_act enable row level security, force row level security;

-- Whom an import touched: made, changed or ended.
create table act_concerns (
    owner_id uuid not null,
    person_id uuid not null,
    act_id uuid not null,
    primary key (owner_id, person_id, act_id),
    foreign key (owner_id, person_id) references person (owner_id, id),
    foreign key (owner_id, act_id) references administrative_act (owner_id, id) on delete cascade
);
create index act_concerns_of_act on act_concerns (owner_id, act_id);
alter table act_concerns enable row level security, force row level security;
create policy own_reads on act_concerns for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy keeper_adds on act_concerns for insert to undring_app with check (
    owner_id = (select current_setting('undring.owner')::uuid) and (select is_house() or is_administrator()));
create policy definer_all on act_concerns for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
grant select, insert on act_concerns to undring_app;

create policy definer_all on administrative_act for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
create policy keeper_reads on administrative_act for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and (select is_house() or is_administrator()));
create policy concerned_reads on administrative_act for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid)
    and ((select current_setting('undring.person')::uuid) in (person_id, other_id)
        or exists (select from act_concerns c where c.owner_id = administrative_act.owner_id and c.act_id = administrative_act.id
            and c.person_id = (select current_setting('undring.person')::uuid))));
grant select on administrative_act to undring_app;

-- +goose StatementBegin
-- Of school: writes an act down in the transaction that does it, whoever does it by
-- whichever way. It is a trigger, so that no call can forget to.
create function note_act() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    me constant uuid := nullif(current_setting('undring.person', true), '')::uuid;
    actor uuid;
begin
    select p.id into actor from public.person p where p.owner_id = new.owner_id and p.id = me;
    case tg_table_name
        when 'roster_import' then
            if tg_op = 'INSERT' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, new.id, new.at, case when new.held then 'IMPORT_HELD' else 'ROSTER_IMPORTED' end, new.imported_by,
                    new.school_id, new.created + new.updated + new.deactivated);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, gen_random_uuid(), new.undone_at, 'IMPORT_UNDONE', new.undone_by, new.school_id,
                    new.created + new.updated + new.deactivated);
            end if;
        when 'invitation' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id)
            values (new.owner_id, gen_random_uuid(), new.created_at, 'INVITED', new.invited_by, new.person_id);
        when 'identity_change' then
            if tg_op = 'UPDATE' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.ended_at, 'MERGE_UNDONE', actor, new.person_id, new.other_id);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.created_at, case new.kind when 'MERGE' then 'MERGED' else 'RELINKED' end,
                    coalesce(new.asked_by, actor), new.person_id, new.other_id);
            end if;
        when 'exchange_policy' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id)
            values (new.owner_id, gen_random_uuid(), new.set_at, 'POLICY_CHANGED', new.set_by, new.school_id);
    end case;
    return null;
end
$$;
-- +goose StatementEnd
create trigger note_act after insert on roster_import for each row execute function note_act();
create trigger note_act_undone after update on roster_import for each row
    when (old.undone_at is null and new.undone_at is not null) execute function note_act();
create trigger note_act after insert on invitation for each row execute function note_act();
create trigger note_act after insert on identity_change for each row when (new.kind in ('MERGE', 'RELINK')) execute function note_act();
create trigger note_act_undone after update on identity_change for each row
    when (new.kind = 'MERGE' and new.outcome = 'UNDONE' and old.outcome is distinct from 'UNDONE') execute function note_act();
create trigger note_act after insert on exchange_policy for each row when (new.set_by is not null) execute function note_act();

-- +goose StatementBegin
-- Of school: writes down that a role was given or taken by hand. The row of the place
-- does not tell of that by itself: a roster sets it as well.
create function note_role(who uuid, which_school uuid, which_role text, given boolean, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, school_id, role)
    values (tenant, gen_random_uuid(), moment, case when given then 'ROLE_GIVEN' else 'ROLE_TAKEN' end,
        case when not public.is_house() then me end, who, which_school, which_role);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of school: forgets acts that are older than a moment, as forget_accesses does.
create function forget_acts(older_than timestamptz, most int) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    gone int;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.administrative_act a using (
        select q.ctid from public.administrative_act q
        where q.owner_id = current_setting('undring.owner')::uuid and q.at < older_than
        order by q.at limit most for update skip locked) old
    where a.ctid = old.ctid;
    get diagnostics gone = row_count;
    return gone;
end
$$;
-- +goose StatementEnd

-- What somebody has said yes or no to. The history stays: a row is one answer.
create table consent (
    owner_id uuid not null,
    person_id uuid not null,
    subject text not null check (subject in ('INFORMATION')),
    version text not null check (char_length(version) between 1 and 20),
    agreed boolean not null,
    at timestamptz not null,
    primary key (owner_id, person_id, subject, at),
    foreign key (owner_id, person_id) references person (owner_id, id)
);
alter table consent enable row level security, force row level security;
create policy own_reads on consent for select to undring_app using (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy own_adds on consent for insert to undring_app with check (
    owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
create policy definer_all on consent for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
grant select, insert on consent to undring_app;

-- +goose StatementBegin
-- Of observation: to which versions of the agreement the person in hand has said yes,
-- with the last time of each.
create function agreements() returns table (version text, at timestamptz)
    language sql stable set search_path = ''
begin atomic
    select a.version, max(a.at) from (
        select v.observer_agreed_to as version, v.observer_agreed_at as at from public.visit v
        where v.owner_id = current_setting('undring.owner')::uuid and v.observer_id = current_setting('undring.person')::uuid
        union all
        select v.observed_agreed_to, v.observed_agreed_at from public.visit v
        where v.owner_id = current_setting('undring.owner')::uuid and v.observed_id = current_setting('undring.person')::uuid) a
    where a.at is not null and a.version <> ''
    group by a.version;
end;
-- +goose StatementEnd

revoke execute on function note_readings, note_export, forget_accesses, note_act, note_role, forget_acts, agreements from public;
grant execute on function note_readings, note_export, forget_accesses, note_role, forget_acts, agreements to undring_app;
