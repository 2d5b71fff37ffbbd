-- A roster moves a school in 20,000 feeds. The rows that were locked for it are
-- found again by their place: by their key, and without statistics of a table that
-- one transaction has filled, the plan read all rows of the school for each of them,
-- and took minutes.

-- +goose Up
-- +goose StatementBegin
create or replace function tell_schools(owner uuid, schools uuid[]) returns void
    language plpgsql set search_path = ''
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('feed of school ' || s.id, 0))
    from (select distinct id from unnest(schools) u (id) order by id) s;
    update public.feed f set xid = default, seq = default, at = default
    from (
        select l.ctid from public.feed l
        where l.owner_id = owner and l.thing = 'SCHOOL' and l.subject_id = any (schools)
          and l.xid <> pg_current_xact_id()
        order by l.subject_id, l.person_id
        for update
    ) m
    where f.ctid = m.ctid;
end
$$;
-- +goose StatementEnd

-- The same of what a statement changed: the tables of a transition are no more than
-- rows to a planner, which joined 2,000 of them with themselves.
-- +goose StatementBegin
create or replace function feed_person() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant uuid;
    others uuid[]; -- who looks otherwise now, to their colleagues
begin
    insert into public.feed as f (owner_id, person_id, thing, subject_id)
    select c.owner_id, c.id, 'ME', c.id from changed c order by 1, 2
    on conflict (owner_id, person_id, thing, subject_id) do update
        set xid = excluded.xid, seq = excluded.seq, at = excluded.at
        where f.xid <> excluded.xid;
    if tg_op = 'UPDATE' then -- a language is nobody else's business
        for tenant in select distinct c.owner_id from changed c loop
            others := array(
                select x.id from (
                    select c.id, c.given_name, c.family_name, c.email, c.active from changed c where c.owner_id = tenant
                    except
                    select w.id, w.given_name, w.family_name, w.email, w.active from was w where w.owner_id = tenant
                ) x);
            perform public.tell_schools(tenant, array(
                select distinct f.subject_id from public.feed f
                where f.owner_id = tenant and f.person_id = any (others) and f.thing = 'SCHOOL'));
        end loop;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
