-- +goose Up
-- +goose StatementBegin
-- Brings the one job that waits for each of some people forward to a moment. Whoever
-- takes the job waits for the transaction that asked for it, and sees what it did.
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
            do update set scheduled_at = least(j.scheduled_at, excluded.scheduled_at);
        else
            insert into river.river_job (kind, queue, args, max_attempts, scheduled_at)
            values ('look', 'look', jsonb_build_object('owner', owner, 'person', p), 20, moment);
        end if;
    end loop;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whoever signs out is reached there no more. The owner is that of the session: one that
-- is ended past the server, by hand, has not said whose it is.
create or replace function end_devices() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    if coalesce(current_setting('undring.owner', true), '') = '' then
        perform set_config('undring.owner', new.owner_id::text, true);
    end if;
    delete from public.device d where d.owner_id = new.owner_id and d.session_id = new.id;
    return null;
end
$$;
-- +goose StatementEnd
