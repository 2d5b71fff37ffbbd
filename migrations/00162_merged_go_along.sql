-- Of two entries that became one person, what the other one wrote is theirs as well: it is
-- in their export, and goes with them.

-- +goose Up
-- +goose StatementBegin
-- Of school: the entries that became part of a person's, for themselves and for the house.
create function merged_into(who uuid) returns setof uuid
    language sql stable security definer set search_path = ''
as $$
    with recursive theirs as (
        select who as id
        where public.is_house() or who = current_setting('undring.person')::uuid
        union
        select i.other_id from theirs t
        join public.identity_change i on i.owner_id = current_setting('undring.owner')::uuid and i.person_id = t.id
        where i.kind = 'MERGE' and i.outcome = 'DONE'
    )
    select t.id from theirs t where t.id <> who
$$;
-- +goose StatementEnd
revoke execute on function merged_into from public;
grant execute on function merged_into to undring_app;

-- +goose StatementBegin
-- Of privacy: begins to erase a person, who asks for it themselves, or for whom the house
-- does, and every entry that became part of theirs. From here on nobody finds them by a name,
-- no session of theirs counts, there is no way in, and nothing that waits or can be undone
-- brings one back.
create or replace function begin_erasure(who uuid, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    all_of constant uuid[] := array(select who union all select public.merged_into(who));
begin
    if not public.is_house() and who <> current_setting('undring.person')::uuid then
        perform public.refuse('role_required');
    end if;
    insert into public.erasure (owner_id, person_id, asked_at)
    select p.owner_id, p.id, moment from public.person p where p.owner_id = tenant and p.id = any (all_of)
    on conflict do nothing;
    if not found then
        return;
    end if;
    update public.person p set active = false, given_name = '', family_name = '', email = '', login = '', sourced_id = null
    where p.owner_id = tenant and p.id = any (all_of);
    update public.membership m set active = false where m.owner_id = tenant and m.person_id = any (all_of) and m.active;
    update public.session s set ended_at = moment, end_reason = 'REVOKED' where s.owner_id = tenant and s.person_id = any (all_of) and s.ended_at is null;
    delete from public.identity_change i where i.owner_id = tenant and (i.person_id = any (all_of) or i.other_id = any (all_of));
    delete from public.sign_in_link l where l.owner_id = tenant and l.person_id = any (all_of);
    delete from public.invitation i where i.owner_id = tenant and i.person_id = any (all_of);
    delete from public.open_lesson l where l.owner_id = tenant and l.person_id = any (all_of);
end
$$;
-- +goose StatementEnd
