-- A change of a visit tells the same thing up to five times: by its event, by the row of the visit, by each row
-- that hangs on it. That it was told is remembered with the transaction, so that it need not be looked up in the feed, and
-- so is who is looked after. Both people of a visit are looked after by one statement.

-- +goose Up
-- +goose StatementBegin
create or replace function tell(owner uuid, people uuid[], what text, subject uuid, is_gone boolean) returns void
    language plpgsql set search_path = ''
as $$
declare
    told constant text := coalesce(current_setting('undring.told', true), '');
    this constant text := what || subject || people::text || ';';
begin
    if not is_gone and strpos(told, this) > 0 then
        return;
    end if;
    -- What is gone may be there again later in the transaction. A change of very many things remembers the last ones.
    perform set_config('undring.told', case when is_gone then '' else right(told, 1000) || this end, true);
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

-- One job of a person waits at a time. Where somebody else is just about to enqueue theirs, another one costs less
-- than waiting for them (see 00099).
-- +goose StatementBegin
create or replace function look_after(owner uuid, people uuid[], moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    told constant text := coalesce(current_setting('undring.looked', true), '');
    this constant text := moment || people::text || ';';
begin
    if strpos(told, this) > 0 then
        return;
    end if;
    perform set_config('undring.looked', right(told, 1000) || this, true);
    insert into river.river_job as j (kind, queue, args, max_attempts, scheduled_at, unique_key, unique_states)
    select 'look', 'look', jsonb_build_object('owner', owner, 'person', o.p), 20, moment,
        case when o.alone then uuid_send(owner) || uuid_send(o.p) end, case when o.alone then b'00000001' end
    from (select u.p, pg_try_advisory_xact_lock(hashtextextended(owner || ' ' || u.p, 65)) alone
        from (select distinct p from unnest(people) p where p is not null) u) o
    order by o.p
    on conflict (unique_key) where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state)
    do update set scheduled_at = excluded.scheduled_at where j.scheduled_at > excluded.scheduled_at;
end
$$;
-- +goose StatementEnd

-- +goose Down
select 1;
