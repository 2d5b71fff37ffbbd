-- A person is erased in steps that hold no lock for long, however much hangs on them; and a
-- school owner takes its own along, and ends, in steps as well.

-- +goose Up
drop function erase_person_apart(uuid, uuid);
-- +goose StatementBegin
-- Takes away what is a person's beside their visits: so many rows at most. Says whether there
-- are more. Made from what the rooms declare (tables.ErasePersonApart).
create function erase_person_apart(tenant uuid, who uuid, most int) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    budget int := most; -- how many rows are left to take
    done_now int;
begin
    delete from public.prompt where ctid = any (array(select ctid from public.prompt where owner_id = tenant and author_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need where ctid = any (array(select ctid from public.need where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.need_support where ctid = any (array(select ctid from public.need_support where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.hearing_voice where ctid = any (array(select ctid from public.hearing_voice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_response where ctid = any (array(select ctid from public.learning_response where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.learning_thanks where ctid = any (array(select ctid from public.learning_thanks where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.round_report where ctid = any (array(select ctid from public.round_report where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.booking where ctid = any (array(select ctid from public.booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.open_lesson where ctid = any (array(select ctid from public.open_lesson where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.availability where ctid = any (array(select ctid from public.availability where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.kept_from_suggestions where ctid = any (array(select ctid from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.request where ctid = any (array(select ctid from public.request where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where ctid = any (array(select ctid from public.register_entry where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where ctid = any (array(select ctid from public.identity_change where owner_id = tenant and who in (person_id, other_id) limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.team_member where ctid = any (array(select ctid from public.team_member where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.invitation where ctid = any (array(select ctid from public.invitation where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.time_booking where ctid = any (array(select ctid from public.time_booking where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.session where ctid = any (array(select ctid from public.session where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_days where ctid = any (array(select ctid from public.sign_in_days where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.sign_in_link where ctid = any (array(select ctid from public.sign_in_link where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.message where ctid = any (array(select ctid from public.message where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice where ctid = any (array(select ctid from public.notice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.notice_choice where ctid = any (array(select ctid from public.notice_choice where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.device where ctid = any (array(select ctid from public.device where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.calendar_feed where ctid = any (array(select ctid from public.calendar_feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.access where ctid = any (array(select ctid from public.access where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.consent where ctid = any (array(select ctid from public.consent where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    delete from public.feed where ctid = any (array(select ctid from public.feed where owner_id = tenant and person_id = who limit budget));
    get diagnostics done_now = row_count;
    budget := budget - done_now;
    if budget <= 0 then
        return true;
    end if;
    return false;
end
$$;
-- +goose StatementEnd
revoke execute on function erase_person_apart from public;

-- +goose StatementBegin
-- Of privacy: goes on with the oldest erasure that is not done: through at most so many
-- visits, and once there are none left, through everything else, so many rows at a time.
-- Says whether there is more to do. A visit in which something was given stays with the
-- colleague; of every other the house takes the step by which all words of it go.
create or replace function erase_step(moment timestamptz, most int) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    e public.erasure;
    v record;
    gone_through int := 0;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    select * into e from public.erasure x where x.owner_id = tenant and x.done_at is null order by x.asked_at, x.person_id limit 1 for update;
    if not found then
        return false;
    end if;
    for v in
        select w.id, w.seq, w.state, exists (
                select from public.erasure x
                where x.owner_id = tenant and x.person_id in (w.observer_id, w.observed_id) and x.person_id <> e.person_id) as both
        from public.visit w
        where w.owner_id = tenant and e.person_id in (w.observer_id, w.observed_id) and w.id > e.upto
        order by w.id limit most for update
    loop
        gone_through := gone_through + 1;
        -- Where both are erased there is no colleague to keep anything.
        if v.state in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') and not v.both then
            perform public.erase_person_in(tenant, e.person_id, v.id);
        elsif v.state <> 'WITHDRAWN' then
            insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
            values (tenant, v.id, v.seq + 1, 'FORGET', v.state, 'WITHDRAWN', null, moment);
        end if;
        update public.erasure x set upto = v.id where x.owner_id = tenant and x.person_id = e.person_id;
    end loop;
    if gone_through < most and not public.erase_person_apart(tenant, e.person_id, 200) then
        update public.erasure x set done_at = moment where x.owner_id = tenant and x.person_id = e.person_id;
    end if;
    return exists (select from public.erasure x where x.owner_id = tenant and x.done_at is null);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: the rows of a table that are the owner's own, for its export. Made from what
-- the rooms declare (tables.OwnerRows): nothing that only the two of a visit read is in it.
create function owner_rows(what text) returns setof jsonb
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    case what
    when 'need_box' then return query select to_jsonb(t) - array['owner_id'] from public.need_box t where t.owner_id = tenant and true;
    when 'focus_area' then return query select to_jsonb(t) - array['owner_id'] from public.focus_area t where t.owner_id = tenant and true;
    when 'focus_change' then return query select to_jsonb(t) - array['owner_id'] from public.focus_change t where t.owner_id = tenant and true;
    when 'hearing_voice' then return query select to_jsonb(t) - array['owner_id'] from public.hearing_voice t where t.owner_id = tenant and true;
    when 'learning' then return query select to_jsonb(t) - array['owner_id', 'words'] from public.learning t where t.owner_id = tenant and t.published;
    when 'school_owner' then return query select to_jsonb(t) - array['owner_id'] from public.school_owner t where t.owner_id = tenant and true;
    when 'school' then return query select to_jsonb(t) - array['owner_id'] from public.school t where t.owner_id = tenant and true;
    when 'person' then return query select to_jsonb(t) - array['owner_id'] from public.person t where t.owner_id = tenant and true;
    when 'register_entry' then return query select to_jsonb(t) - array['owner_id'] from public.register_entry t where t.owner_id = tenant and true;
    when 'administrative_act' then return query select to_jsonb(t) - array['owner_id'] from public.administrative_act t where t.owner_id = tenant and true;
    when 'act_concerns' then return query select to_jsonb(t) - array['owner_id'] from public.act_concerns t where t.owner_id = tenant and true;
    when 'membership' then return query select to_jsonb(t) - array['owner_id'] from public.membership t where t.owner_id = tenant and true;
    when 'team' then return query select to_jsonb(t) - array['owner_id'] from public.team t where t.owner_id = tenant and true;
    when 'team_member' then return query select to_jsonb(t) - array['owner_id'] from public.team_member t where t.owner_id = tenant and true;
    when 'exchange_policy' then return query select to_jsonb(t) - array['owner_id'] from public.exchange_policy t where t.owner_id = tenant and true;
    when 'free_day' then return query select to_jsonb(t) - array['owner_id'] from public.free_day t where t.owner_id = tenant and true;
    when 'busy_plan' then return query select to_jsonb(t) - array['owner_id'] from public.busy_plan t where t.owner_id = tenant and true;
    when 'busy_period' then return query select to_jsonb(t) - array['owner_id'] from public.busy_period t where t.owner_id = tenant and true;
    when 'time_budget' then return query select to_jsonb(t) - array['owner_id'] from public.time_budget t where t.owner_id = tenant and true;
    when 'time_slot' then return query select to_jsonb(t) - array['owner_id'] from public.time_slot t where t.owner_id = tenant and true;
    when 'sheet' then return query select to_jsonb(t) - array['owner_id'] from published.sheet t where t.owner_id = tenant and true;
    when 'publication' then return query select to_jsonb(t) - array['owner_id'] from published.publication t where t.owner_id = tenant and true;
    end case;
end
$$;
-- +goose StatementEnd

-- The end of an owner takes rows away from every table with a tenant.
-- +goose StatementBegin
do $$
declare
    t regclass;
begin
    for t in select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id'
        where c.relkind = 'r' and n.nspname in ('public', 'published')
          and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'definer_all')
    loop
        execute format('create policy definer_all on %s to undring_owner using (owner_id = (select current_setting(''undring.owner'')::uuid))', t);
    end loop;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What is published is never changed. It goes with its owner, once no person of it is left.
create or replace function published_stays() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if tg_op = 'DELETE' and current_user = 'undring_owner'
       and not exists (select from public.person p where p.owner_id = old.owner_id) then
        return old; -- see end_owner_step
    end if;
    raise exception using errcode = 'restrict_violation', message = 'what is published is never changed';
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whether a row of the owner's in another table points at some row of a table.
create function pointed_at(tenant uuid, what oid) returns boolean
    language plpgsql stable set search_path = ''
as $$
declare
    by_whom text;
    any_left boolean;
begin
    for by_whom in
        select distinct n.nspname || '.' || c.relname
        from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where k.contype = 'f' and k.confrelid = what and k.conrelid <> what and (n.nspname, c.relname) <> ('public', 'visit_event')
    loop
        execute format('select exists (select from %s where owner_id = $1)', by_whom) into any_left using tenant;
        if any_left then
            return true;
        end if;
    end loop;
    return false;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: takes a few more rows of the owner in hand away, and says whether there are
-- more. First the ways in go, then words visit by visit, then every row of every table that
-- has a tenant, in an order in which nothing points at what is gone; the owner's own row goes
-- last, so that whoever was interrupted can go on. It finds the tables in the catalogue, so
-- that a new one can't be forgotten.
create function end_owner_step(moment timestamptz, most int) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    t record;
    any_left boolean;
    done_now int;
    these uuid[];
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    -- Nobody comes in any more.
    delete from public.sign_in_link where ctid = any (array(select ctid from public.sign_in_link where owner_id = tenant limit most));
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;
    delete from public.session where ctid = any (array(select ctid from public.session where owner_id = tenant limit most));
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;
    -- The words of visits go by the step that takes them.
    with few as (
        select v.id, v.seq, v.state from public.visit v
        where v.owner_id = tenant and v.state not in ('NONE', 'WITHDRAWN') order by v.id limit greatest(most / 40, 1) for update
    )
    insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
    select tenant, s.id, s.seq + 1, 'FORGET', s.state, 'WITHDRAWN', null, moment from few s;
    get diagnostics done_now = row_count;
    if done_now > 0 then return true; end if;

    for t in
        select n.nspname || '.' || c.relname as name, c.oid
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' and not a.attisdropped
        where c.relkind = 'r' and n.nspname in ('public', 'published')
          and (n.nspname, c.relname) not in (('public', 'visit_event'), ('public', 'school_owner'))
        order by n.nspname = 'published', c.relname
    loop
        execute format('select exists (select from %s where owner_id = $1)', t.name) into any_left using tenant;
        continue when not any_left or public.pointed_at(tenant, t.oid);
        if t.name = 'public.visit' then
            -- A visit, its steps and its twin point at each other: they go together.
            select array_agg(distinct u.id) into these from (
                select v.id, v.twin_id from public.visit v where v.owner_id = tenant order by v.id limit greatest(most / 10, 1)) v
                cross join lateral (values (v.id), (v.twin_id)) u(id) where u.id is not null;
            delete from public.visit_event e where e.owner_id = tenant and e.visit_id = any (these);
            delete from public.visit v where v.owner_id = tenant and v.id = any (these);
        else
            execute format('delete from %1$s where ctid = any (array(select ctid from %1$s where owner_id = $1 limit $2))', t.name) using tenant, most;
        end if;
        return true;
    end loop;
    delete from public.school_owner o where o.owner_id = tenant;
    return found;
end
$$;
-- +goose StatementEnd
revoke execute on function owner_rows, end_owner_step, pointed_at from public;
grant execute on function owner_rows, end_owner_step to undring_app;
