-- Nobody becomes somebody else: a first way in of somebody who has signed in before, another
-- one in the place of theirs, and two who become one wait 72 hours, and are void when the
-- person says no (identity_change).

-- +goose Up
drop index person_by_address;
create index person_by_address on person (owner_id, lower(email collate "C")) where email <> '';

-- +goose StatementBegin
-- Of session: whether somebody has ever shown who they are. Being somebody of the demo
-- shows nothing.
create function has_proven(who uuid) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.session s
        where s.owner_id = current_setting('undring.owner')::uuid and s.person_id = who and s.opened_by <> 'DEMO')
        or exists (
        select from public.sign_in_link l
        where l.owner_id = current_setting('undring.owner')::uuid and l.person_id = who);
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of session: what somebody signs in by becomes another's, where that one has no such way
-- in; tells which. Sessions of the first end.
create function move_sign_in(gone uuid, keep uuid, now_at timestamptz) returns jsonb
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    moved jsonb;
begin
    with moving as (
        update public.sign_in_link l set person_id = keep
        where l.owner_id = tenant and l.person_id = gone
          and not exists (select from public.sign_in_link k where k.owner_id = tenant and k.person_id = keep and k.issuer = l.issuer)
        returning l.issuer, l.subject
    ) select coalesce(jsonb_agg(jsonb_build_array(m.issuer, m.subject)), '[]') into moved from moving m;
    update public.session s set ended_at = now_at, end_reason = 'REVOKED'
    where s.owner_id = tenant and s.person_id = gone and s.ended_at is null;
    return moved;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of session: the other way round.
create function return_sign_in(keep uuid, gone uuid, links jsonb) returns void
    language sql security definer set search_path = ''
begin atomic
    update public.sign_in_link l set person_id = gone
    from jsonb_array_elements(links) m
    where l.owner_id = current_setting('undring.owner')::uuid and l.person_id = keep and l.issuer = m ->> 0 and l.subject = m ->> 1;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of observation: whether somebody has part in any visit.
create function has_visits(who uuid) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.visit v
        where v.owner_id = current_setting('undring.owner')::uuid and (v.observer_id = who or v.observed_id = who));
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Makes two people one: who goes has no visits, so nothing of anybody's is written anew.
-- The one who stays has all places, teams, ids in registers and ways in of both, and,
-- where the other was active, the other's name and address: those of the newer list.
create function merge_people(change uuid, now_at timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
    keep public.person;
    gone public.person;
    kept jsonb;
begin
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and i.kind = 'MERGE' and i.outcome is null for update;
    if c.id is null or public.has_visits(c.other_id) then
        perform public.refuse('wrong_state');
    end if;
    select * into keep from public.person p where p.owner_id = tenant and p.id = c.person_id for update;
    select * into gone from public.person p where p.owner_id = tenant and p.id = c.other_id for update;
    kept := jsonb_build_object(
        'keep', jsonb_build_object('given', keep.given_name, 'family', keep.family_name, 'email', keep.email, 'login', keep.login, 'active', keep.active),
        'gone', jsonb_build_object('email', gone.email, 'login', gone.login, 'active', gone.active),
        'places', (select coalesce(jsonb_agg(jsonb_build_array(m.school_id, m.role, coalesce(k.active, false))), '[]')
            from public.membership m left join public.membership k on k.owner_id = tenant and k.person_id = keep.id and k.school_id = m.school_id and k.role = m.role
            where m.owner_id = tenant and m.person_id = gone.id and m.active),
        'teams', (select coalesce(jsonb_agg(jsonb_build_array(t.school_id, t.team_id)), '[]') from public.team_member t where t.owner_id = tenant and t.person_id = gone.id),
        'entries', (select coalesce(jsonb_agg(jsonb_build_array(e.source, e.sourced_id)), '[]') from public.register_entry e where e.owner_id = tenant and e.person_id = gone.id),
        'links', public.move_sign_in(gone.id, keep.id, now_at));
    update public.person p set active = false, email = '', login = '' where p.owner_id = tenant and p.id = gone.id;
    update public.person p set active = keep.active or gone.active,
        given_name = case when gone.active then gone.given_name else keep.given_name end,
        family_name = case when gone.active then gone.family_name else keep.family_name end,
        email = case when gone.active and gone.email <> '' then gone.email else keep.email end,
        login = case when gone.active and gone.login <> '' then gone.login else keep.login end
    where p.owner_id = tenant and p.id = keep.id;
    insert into public.membership (owner_id, school_id, person_id, role, active, since, by_hand)
    select m.owner_id, m.school_id, keep.id, m.role, true, m.since, m.by_hand from public.membership m
    where m.owner_id = tenant and m.person_id = gone.id and m.active
    on conflict (owner_id, school_id, person_id, role) do update set active = true;
    update public.membership m set active = false where m.owner_id = tenant and m.person_id = gone.id and m.active;
    insert into public.team_member (owner_id, school_id, team_id, person_id)
    select t.owner_id, t.school_id, t.team_id, keep.id from public.team_member t where t.owner_id = tenant and t.person_id = gone.id
    on conflict do nothing;
    delete from public.team_member t where t.owner_id = tenant and t.person_id = gone.id;
    update public.register_entry e set person_id = keep.id where e.owner_id = tenant and e.person_id = gone.id;
    update public.identity_change i set outcome = 'REPLACED', ended_at = now_at
    where i.owner_id = tenant and i.outcome is null and i.id <> change and gone.id in (i.person_id, i.other_id);
    update public.identity_change i set outcome = 'DONE', ended_at = now_at, before = kept where i.owner_id = tenant and i.id = change;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Begins to make two people one, by whoever keeps the roster: at once where neither has
-- ever shown who they are, otherwise when its time has come or they agree.
create function begin_merge(change uuid, keep uuid, gone uuid, now_at timestamptz, until timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    if (select count(*) from public.person p where p.owner_id = tenant and p.id in (keep, gone)) <> 2 then
        perform public.refuse('not_found');
    end if;
    if public.has_visits(gone) or exists (
        select from public.identity_change i where i.owner_id = tenant and i.kind = 'MERGE' and i.outcome is null and i.person_id in (keep, gone)) then
        perform public.refuse('wrong_state');
    end if;
    insert into public.identity_change (owner_id, id, person_id, kind, other_id, asked_by, created_at, effective_at)
    values (tenant, change, keep, 'MERGE', gone, case when public.is_house() then null else me end, now_at, until);
    if not public.has_proven(keep) and not public.has_proven(gone) then
        perform public.merge_people(change, now_at);
    end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Puts apart again whom a merge has made one, or gives it up before it counts.
create function undo_merge(change uuid, now_at timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = current_setting('undring.person')::uuid and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and i.kind = 'MERGE' for update;
    if c.id is null then
        perform public.refuse('not_found');
    end if;
    if c.outcome is null then
        update public.identity_change i set outcome = 'UNDONE', ended_at = now_at where i.owner_id = tenant and i.id = change;
        return;
    end if;
    if c.outcome <> 'DONE' or c.before is null then
        perform public.refuse('wrong_state');
    end if;
    update public.person p set given_name = c.before #>> '{keep,given}', family_name = c.before #>> '{keep,family}', email = c.before #>> '{keep,email}',
        login = c.before #>> '{keep,login}', active = (c.before #>> '{keep,active}')::boolean
    where p.owner_id = tenant and p.id = c.person_id;
    update public.person p set email = c.before #>> '{gone,email}', login = c.before #>> '{gone,login}', active = (c.before #>> '{gone,active}')::boolean
    where p.owner_id = tenant and p.id = c.other_id;
    update public.membership m set active = true from jsonb_array_elements(c.before -> 'places') b
    where m.owner_id = tenant and m.person_id = c.other_id and m.school_id = (b ->> 0)::uuid and m.role = b ->> 1;
    update public.membership m set active = false from jsonb_array_elements(c.before -> 'places') b
    where m.owner_id = tenant and m.person_id = c.person_id and m.school_id = (b ->> 0)::uuid and m.role = b ->> 1 and not (b ->> 2)::boolean;
    insert into public.team_member (owner_id, school_id, team_id, person_id)
    select tenant, (b ->> 0)::uuid, (b ->> 1)::uuid, c.other_id from jsonb_array_elements(c.before -> 'teams') b
    on conflict do nothing;
    update public.register_entry e set person_id = c.other_id from jsonb_array_elements(c.before -> 'entries') b
    where e.owner_id = tenant and e.source = b ->> 0 and e.sourced_id = b ->> 1 and e.person_id = c.person_id;
    perform public.return_sign_in(c.person_id, c.other_id, c.before -> 'links');
    update public.identity_change i set outcome = 'UNDONE', ended_at = now_at, before = null where i.owner_id = tenant and i.id = change;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- What the person says to a change that concerns them: no makes it void, and an address
-- what it was; yes makes it count.
create function answer_identity_change(change uuid, yes boolean, now_at timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    c public.identity_change;
begin
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and me in (i.person_id, i.other_id) for update;
    if c.id is null then
        perform public.refuse('not_found');
    end if;
    if c.outcome is not null then
        perform public.refuse('wrong_state');
    end if;
    if not yes then
        if c.kind = 'ADDRESS' then
            update public.person p set email = c.was where p.owner_id = tenant and p.id = c.person_id and p.email = c.said;
        end if;
        update public.identity_change i set outcome = 'VOID', ended_at = now_at where i.owner_id = tenant and i.id = change;
        return;
    end if;
    update public.identity_change i set agreed = i.agreed or me = c.person_id, other_agreed = i.other_agreed or coalesce(me = c.other_id, false)
    where i.owner_id = tenant and i.id = change returning * into c;
    if c.kind = 'ADDRESS' then
        update public.identity_change i set outcome = 'DONE', ended_at = now_at where i.owner_id = tenant and i.id = change;
    elsif c.kind = 'MERGE' and (c.agreed or not public.has_proven(c.person_id)) and (c.other_agreed or not public.has_proven(c.other_id)) then
        perform public.merge_people(change, now_at);
    end if;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Carries out the merges whose time has come: neither of the two has been seen since, and
-- nobody has said no. An address whose time has come counts. For the house.
create function carry_out_identity_changes(now_at timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    for c in select * from public.identity_change i
        where i.owner_id = tenant and i.kind in ('MERGE', 'ADDRESS') and i.outcome is null and i.effective_at <= now_at
          and not public.seen_since(i.person_id, i.created_at)
          and (i.other_id is null or not public.seen_since(i.other_id, i.created_at))
    loop
        if c.kind = 'ADDRESS' then
            update public.identity_change i set outcome = 'DONE', ended_at = now_at where i.owner_id = tenant and i.id = c.id;
        elsif public.has_visits(c.other_id) then
            update public.identity_change i set outcome = 'VOID', ended_at = now_at where i.owner_id = tenant and i.id = c.id;
        else
            perform public.merge_people(c.id, now_at);
        end if;
    end loop;
    update public.roster_import r set before = null
    where r.owner_id = tenant and r.before is not null and r.at < now_at - interval '30 days';
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function tell_of_addresses(people uuid[], olds text[], news text[], now_at timestamptz, until timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = current_setting('undring.person')::uuid and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    update public.identity_change c set outcome = 'REPLACED', ended_at = now_at
    where c.owner_id = tenant and c.kind = 'ADDRESS' and c.person_id = any (people) and c.outcome is null;
    insert into public.identity_change (owner_id, id, person_id, kind, was, said, created_at, effective_at)
    select tenant, gen_random_uuid(), n.person, 'ADDRESS', n.old, n.new, now_at, until
    from unnest(people, olds, news) n (person, old, new)
    where public.has_signed_in(n.person);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of session: whether anybody of some people is signed in.
create function any_signed_in(people uuid[], now_at timestamptz) returns boolean
    language sql stable security definer set search_path = ''
begin atomic
    select exists (
        select from public.session s
        where s.owner_id = current_setting('undring.owner')::uuid and s.person_id = any (people)
          and s.ended_at is null and s.expires_at > now_at);
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of session: ends all of somebody's sessions.
create function end_sessions(who uuid, now_at timestamptz) returns void
    language sql security definer set search_path = ''
begin atomic
    update public.session s set ended_at = now_at, end_reason = 'REVOKED'
    where s.owner_id = current_setting('undring.owner')::uuid and s.person_id = who and s.ended_at is null;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whether somebody may be invited at once, by the house: an administrator, where no other
-- one is signed in. Their sessions end with it.
create function invite_at_once(who uuid, now_at timestamptz) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    administrators uuid[];
begin
    select array_agg(distinct m.person_id) into administrators from public.membership m
        join public.person p on p.owner_id = m.owner_id and p.id = m.person_id and p.active
        where m.owner_id = tenant and m.role = 'ADMINISTRATOR' and m.active;
    if not public.is_house() or administrators is null or not who = any (administrators)
        or public.any_signed_in(array_remove(administrators, who), now_at) then
        return false;
    end if;
    perform public.end_sessions(who, now_at);
    return true;
end
$$;
-- +goose StatementEnd

revoke execute on function any_signed_in, end_sessions, invite_at_once from public;
grant execute on function invite_at_once to undring_app;
revoke execute on function has_proven, move_sign_in, return_sign_in, has_visits, merge_people, begin_merge, undo_merge, answer_identity_change, carry_out_identity_changes from public;
grant execute on function has_proven, has_visits, begin_merge, undo_merge, answer_identity_change, carry_out_identity_changes to undring_app;
