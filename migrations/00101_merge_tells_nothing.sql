-- +goose Up
-- An administrator who merges two entries was told that the one who goes has visits: by that
-- they could find out of each colleague whether they visit, unseen. Now every merge begins, and
-- whoever of the two has visits stays, whichever was named first. Where both have, it comes to
-- nothing, as after a no: visits belong to the two in them, and no register moves them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION public.begin_merge(change uuid, keep uuid, gone uuid, now_at timestamp with time zone, until timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
    if exists (
        select from public.identity_change i where i.owner_id = tenant and i.kind = 'MERGE' and i.outcome is null and i.person_id in (keep, gone)) then
        perform public.refuse('wrong_state');
    end if;
    insert into public.identity_change (owner_id, id, person_id, kind, other_id, asked_by, created_at, effective_at)
    values (tenant, change, keep, 'MERGE', gone, case when public.is_house() then null else me end, now_at, until);
    if not public.has_proven(keep) and not public.has_proven(gone) then
        perform public.merge_people(change, now_at);
    end if;
end
$function$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION public.merge_people(change uuid, now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    c public.identity_change;
    keep public.person;
    gone public.person;
    kept jsonb;
    swapped boolean := false; -- the one who was to go has the visits, and stays
    told boolean;    -- the name and address are those of the one who goes
begin
    select * into c from public.identity_change i where i.owner_id = tenant and i.id = change and i.kind = 'MERGE' and i.outcome is null for update;
    if c.id is null then
        perform public.refuse('wrong_state');
    end if;
    if public.has_visits(c.other_id) then
        if public.has_visits(c.person_id) then
            update public.identity_change i set outcome = 'VOID', ended_at = now_at where i.owner_id = tenant and i.id = change;
            return;
        end if;
        update public.identity_change i set person_id = i.other_id, other_id = i.person_id, agreed = i.other_agreed, other_agreed = i.agreed
        where i.owner_id = tenant and i.id = change returning * into c;
        swapped := true;
    end if;
    select * into keep from public.person p where p.owner_id = tenant and p.id = c.person_id for update;
    select * into gone from public.person p where p.owner_id = tenant and p.id = c.other_id for update;
    -- As it was asked for, whoever stays: of the one named second, where they are there.
    told := case when swapped then not keep.active else gone.active end;
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
        given_name = case when told then gone.given_name else keep.given_name end,
        family_name = case when told then gone.family_name else keep.family_name end,
        email = case when gone.email <> '' and (told or keep.email = '') then gone.email else keep.email end,
        login = case when gone.login <> '' and (told or keep.login = '') then gone.login else keep.login end
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
$function$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION public.carry_out_identity_changes(now_at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
        else
            perform public.merge_people(c.id, now_at);
        end if;
    end loop;
    update public.roster_import r set before = null
    where r.owner_id = tenant and r.before is not null and r.at < now_at - interval '30 days';
end
$function$;
-- +goose StatementEnd
