-- The feed: for each person one row for each thing that they may see, with the
-- moment of its last change. Phones pull from it; nothing else does.
--
-- It is written by triggers, in the transaction of the change, and not by the
-- program: steps are also taken inside SQL (expire_visits, erase_words, the
-- roster), and a path that forgot the feed would leave a phone behind for good.
--
-- The moment is (xid, seq): xid is the transaction that changed the thing, seq
-- tells its rows apart. A reader takes what lies behind its cursor and before
-- the oldest transaction that is still open, pg_snapshot_xmin: whatever commits
-- later has a higher xid. A bare sequence would skip what was numbered early and
-- committed late. A thing that changes moves to the end, so that the feed has as
-- many rows as there are things, and a first synchronisation is a pull from the
-- beginning. What is gone stays as a row for 180 days, for phones to hear of it.
--
-- Not in one transaction, so that nobody waits for the rows that are there
-- already; each part can be run again.

-- +goose NO TRANSACTION
-- +goose Up
-- +goose StatementBegin
drop table if exists feed;
drop sequence if exists feed_seq;
create sequence feed_seq;

create table feed (
    owner_id   uuid not null,
    person_id  uuid not null,
    thing      text not null check (thing in ('OBSERVATION', 'NOTE', 'EXCHANGE', 'DRAFT', 'ROUND', 'SCHOOL', 'ME')),
    subject_id uuid not null, -- of an exchange and a draft, the visit
    xid        xid8 not null default pg_current_xact_id(),
    seq        bigint not null default nextval('feed_seq'),
    gone       boolean not null default false,
    at         timestamptz not null default now(),
    primary key (owner_id, person_id, thing, subject_id)
);
create index feed_of_person on feed (owner_id, person_id, xid, seq);
create index feed_since on feed (xid);
create index feed_of_school on feed (owner_id, subject_id) where thing = 'SCHOOL';
create index feed_gone on feed (owner_id, at) where gone;

alter table feed enable row level security;
alter table feed force row level security;
create policy own_read on feed for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and person_id = (select current_setting('undring.person')::uuid));
-- The triggers write for the owner whom the changed row names, and that row has
-- passed the policies of its own table.
create policy definer_all on feed to undring_owner using (true);
grant select on feed to undring_app;

-- Moves a thing to the end of the feeds of some people. Several changes of it in
-- one transaction are one.
create or replace function tell(owner uuid, people uuid[], what text, subject uuid, is_gone boolean) returns void
    language plpgsql set search_path = ''
as $$
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id, gone)
    select owner, p, what, subject, is_gone from unnest(people) p order by p
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = excluded.gone, at = excluded.at
        where f.xid <> excluded.xid or f.gone <> excluded.gone;
end
$$;

-- Moves schools to the end of the feeds of all who have them there. One at a time
-- for each school: who joins it meanwhile would not be seen here, nor would they
-- see the change.
create or replace function tell_schools(owner uuid, schools uuid[]) returns void
    language plpgsql set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('feed of school ' || s.id, 0))
    from (select distinct id from unnest(schools) u (id) order by id) s;
    update public.feed f set xid = default, seq = default, at = default
    from (
        select l.person_id, l.subject_id from public.feed l
        where l.owner_id = owner and l.thing = 'SCHOOL' and l.subject_id = any (schools)
          and l.xid <> pg_current_xact_id()
        order by l.subject_id, l.person_id
        for update
    ) m
    where f.owner_id = owner and f.person_id = m.person_id and f.thing = 'SCHOOL' and f.subject_id = m.subject_id;
end
$$;

create or replace function feed_visit() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell(new.owner_id, array[new.observer_id, new.observed_id], 'OBSERVATION', new.id, false);
    -- An exchange begins with the first feedback point; its witness goes when
    -- the words are erased.
    if new.point_id is not null or tg_op = 'UPDATE' and old.point_id is not null then
        perform public.tell(new.owner_id, array[new.observer_id, new.observed_id], 'EXCHANGE', new.id, false);
    end if;
    return null;
end
$$;
create or replace trigger feed_visit after insert or update on visit for each row execute function feed_visit();

-- Whose turn it is hangs on questions and talks.
create or replace function feed_exchange() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.observer_id, x.observed_id], 'EXCHANGE', x.visit_id, false);
    if tg_table_name in ('question', 'conversation') then
        perform public.tell(x.owner_id, array[x.observer_id, x.observed_id], 'OBSERVATION', x.visit_id, false);
    end if;
    return null;
end
$$;
create or replace trigger feed_exchange after insert or update or delete on feedback_point for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on question for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on reply for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on conversation for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on correction for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on own_view for each row execute function feed_exchange();
create or replace trigger feed_exchange after insert or update or delete on action for each row execute function feed_exchange();

-- Read by its writer alone.
create or replace function feed_takeaway() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    x constant record := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array[x.person_id], 'EXCHANGE', x.visit_id, false);
    return null;
end
$$;
create or replace trigger feed_takeaway after insert or update or delete on takeaway for each row execute function feed_takeaway();

create or replace function feed_note() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    n constant record := coalesce(new, old);
begin
    perform public.tell(n.owner_id, array[n.observer_id], 'NOTE', n.id, tg_op = 'DELETE');
    return null;
end
$$;
create or replace trigger feed_note after insert or delete or update of kind, text, observed_at, tag, about_focus, revision, shared
    on note for each row execute function feed_note();

create or replace function feed_draft() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    d constant record := coalesce(new, old);
begin
    perform public.tell(d.owner_id, array[d.observer_id], 'DRAFT', d.visit_id, tg_op = 'DELETE');
    return null;
end
$$;
create or replace trigger feed_draft after insert or update or delete on draft for each row execute function feed_draft();

create or replace function feed_round() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell(new.owner_id, array_remove(array[new.first_id, new.second_id, new.third_id], null), 'ROUND', new.id, false);
    return null;
end
$$;
create or replace trigger feed_round after insert or update on round for each row execute function feed_round();

-- What a school is made of is changed by rosters, many rows at a time: once a
-- statement. Who belongs to a school has it in their feed; whether they still do
-- is asked when they pull.
create or replace function feed_of_school() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.school_id))
    from (select distinct owner_id, school_id from changed) c group by c.owner_id;
    return null;
end
$$;
do $do$
declare
    t text;
begin
    foreach t in array array['exchange_policy', 'team', 'team_member', 'prompt'] loop
        execute format('create or replace trigger feed_added after insert on %I referencing new table as changed for each statement execute function feed_of_school()', t);
        execute format('create or replace trigger feed_changed after update on %I referencing new table as changed for each statement execute function feed_of_school()', t);
        execute format('create or replace trigger feed_removed after delete on %I referencing old table as changed for each statement execute function feed_of_school()', t);
    end loop;
end
$do$;

create or replace function feed_membership() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.school_id))
    from (select distinct owner_id, school_id from changed) c group by c.owner_id;
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select c.owner_id, c.person_id, t.thing, t.id
    from changed c, lateral (values ('SCHOOL', c.school_id), ('ME', c.person_id)) t (thing, id)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, at = excluded.at
        where f.xid <> excluded.xid;
    return null;
end
$$;
create or replace trigger feed_added after insert on membership referencing new table as changed for each statement execute function feed_membership();
create or replace trigger feed_changed after update on membership referencing new table as changed for each statement execute function feed_membership();

create or replace function feed_person() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select c.owner_id, c.id, 'ME', c.id from changed c order by 1, 2
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, at = excluded.at
        where f.xid <> excluded.xid;
    if tg_op = 'UPDATE' then -- a language is nobody else's business
        perform public.tell_schools(s.owner_id, array_agg(s.subject_id))
        from (
            select distinct f.owner_id, f.subject_id
            from changed c
            join was w on w.owner_id = c.owner_id and w.id = c.id
                and (w.given_name, w.family_name, w.email, w.active) is distinct from (c.given_name, c.family_name, c.email, c.active)
            join public.feed f on f.owner_id = c.owner_id and f.person_id = c.id and f.thing = 'SCHOOL'
        ) s
        group by s.owner_id;
    end if;
    return null;
end
$$;
create or replace trigger feed_added after insert on person referencing new table as changed for each statement execute function feed_person();
create or replace trigger feed_changed after update on person referencing old table as was new table as changed for each statement execute function feed_person();

-- The name of a school stands beside each place that somebody holds there.
create or replace function feed_school() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell_schools(c.owner_id, array_agg(c.id)) from changed c group by c.owner_id;
    update public.feed f set xid = default, seq = default, at = default
    from (
        select distinct m.owner_id, m.person_id
        from changed c
        join public.feed m on m.owner_id = c.owner_id and m.subject_id = c.id and m.thing = 'SCHOOL'
    ) p
    where f.owner_id = p.owner_id and f.person_id = p.person_id and f.thing = 'ME' and f.xid <> pg_current_xact_id();
    return null;
end
$$;
create or replace trigger feed_changed after update on school referencing new table as changed for each statement execute function feed_school();

-- Which database this is: another one, one that was restored, or one that took
-- over from another has counted its transactions otherwise. A replica has none:
-- it may lag behind what a cursor has seen.
create or replace function feed_epoch() returns text
    language sql stable security definer set search_path = ''
begin atomic
    select (select system_identifier from pg_control_system())::text
        || '.' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
        || '.' || (select oid from pg_database where datname = current_database())::text
        || '.' || 'public.feed'::regclass::oid::text;
end;

-- Whose feed has changed since a transaction, as far as it can be pulled: who,
-- not what. For the house, which wakes the phones that watch.
create or replace function feeds_since(since xid8) returns table (owner_id uuid, person_id uuid)
    language sql stable security definer set search_path = ''
begin atomic
    select distinct f.owner_id, f.person_id from public.feed f
    where public.is_house() and f.xid >= since and f.xid < pg_snapshot_xmin(pg_current_snapshot());
end;

-- Sweeps the feed of an owner: what has been gone for long is forgotten; rules
-- of a school that have come into force meanwhile are told; rows that were
-- restored from a database that had counted further are counted anew.
create or replace function sweep_feed(moment timestamptz, horizon interval, most int) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    delete from public.feed f using (
        select g.ctid from public.feed g
        where g.owner_id = tenant and g.gone and g.at < moment - horizon
        order by g.at limit most for update skip locked) old
    where f.ctid = old.ctid;
    perform public.tell_schools(tenant, array_agg(distinct e.school_id))
    from public.exchange_policy e
    join public.feed f on f.owner_id = e.owner_id and f.subject_id = e.school_id and f.thing = 'SCHOOL'
    where e.owner_id = tenant and e.effective_at > e.set_at and e.effective_at <= moment and f.at < e.effective_at
    having count(*) > 0;
    update public.feed set xid = default, seq = default
    where owner_id = tenant and xid >= pg_snapshot_xmax(pg_current_snapshot()) and xid <> pg_current_xact_id();
end
$$;
revoke execute on function tell, tell_schools from public;
grant execute on function feed_epoch, feeds_since, sweep_feed to undring_app;
-- +goose StatementEnd

-- +goose StatementBegin
-- What is there already, an owner at a time.
do $$
declare
    o uuid;
begin
    for o in select owner_id from school_owner order by owner_id loop
        perform set_config('undring.owner', o::text, true);
        insert into feed (owner_id, person_id, thing, subject_id)
        select v.owner_id, p.id, 'OBSERVATION', v.id from visit v, unnest(array[v.observer_id, v.observed_id]) p (id)
        union all
        select v.owner_id, p.id, 'EXCHANGE', v.id from visit v, unnest(array[v.observer_id, v.observed_id]) p (id) where v.point_id is not null
        union all
        select owner_id, observer_id, 'NOTE', id from note
        union all
        select owner_id, observer_id, 'DRAFT', visit_id from draft
        union all
        select r.owner_id, p.id, 'ROUND', r.id from round r, unnest(array[r.first_id, r.second_id, r.third_id]) p (id) where p.id is not null
        union all
        select distinct owner_id, person_id, 'SCHOOL', school_id from membership where active
        union all
        select owner_id, id, 'ME', id from person
        on conflict do nothing;
        commit;
    end loop;
end
$$;
-- +goose StatementEnd
