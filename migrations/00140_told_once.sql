-- +goose Up
-- A change of a visit touches several rows, and each row's trigger tells the two. Telling
-- was written anew each time, with two triggers that looked what had been told: a third of
-- what a change costs. Now the first to tell in a transaction does it, and asks for the look.
drop trigger feed_looks_added on feed;
drop trigger feed_looks_changed on feed;
drop function feed_looks;

-- +goose StatementBegin
-- Tells people that a thing changed, or is gone, and lets look after them whose move may be
-- another one now.
create or replace function tell(owner uuid, people uuid[], what text, subject uuid, is_gone boolean) returns void
    language plpgsql set search_path = ''
as $$
begin
    if not exists (
        select from unnest(people) p
        left join public.feed f on f.owner_id = owner and f.person_id = p and f.thing = what and f.subject_id = subject
        where f.xid is distinct from pg_current_xact_id() or f.gone <> is_gone) then
        return;
    end if;
    insert into public.feed as f (owner_id, person_id, thing, subject_id, gone)
    select owner, p, what, subject, is_gone from unnest(people) p order by p
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, gone = excluded.gone, at = excluded.at
        where f.xid <> excluded.xid or f.gone <> excluded.gone;
    if what in ('OBSERVATION', 'EXCHANGE') then
        perform public.look_after(owner, people, timestamptz '2000-01-01 00:00:00Z');
    end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Brings the one job that waits for each of some people forward to a moment. Whoever
-- takes the job waits for the transaction that asked for it, and sees what it did: the job's
-- row is locked even where its time is early enough already and stays as it is.
--
-- Two changes about the same two people may tell them in either order. Each would then
-- wait for the other's job, so nobody waits: where another change has a person's job in
-- hand, this one adds a job beside it, which finds at worst that nothing is left to do.
create or replace function look_after(owner uuid, people uuid[], moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    p uuid;
begin
    for p in select distinct u.p from unnest(people) u (p) where u.p is not null order by u.p loop
        if pg_try_advisory_xact_lock(hashtextextended(owner || ' ' || p, 65)) then
            insert into river.river_job as j (kind, queue, args, max_attempts, scheduled_at, unique_key, unique_states)
            values ('look', 'look', jsonb_build_object('owner', owner, 'person', p), 20, moment, uuid_send(owner) || uuid_send(p), b'00000001')
            on conflict (unique_key) where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state)
            do update set scheduled_at = excluded.scheduled_at where j.scheduled_at > excluded.scheduled_at;
        else
            insert into river.river_job (kind, queue, args, max_attempts, scheduled_at)
            values ('look', 'look', jsonb_build_object('owner', owner, 'person', p), 20, moment);
        end if;
    end loop;
end
$$;
-- +goose StatementEnd
