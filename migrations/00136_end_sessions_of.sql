-- An administrator ends the sessions of somebody whose phone is lost, or who has left in
-- anger; it is written down, and read by whom it concerns.

-- +goose Up
alter table administrative_act drop constraint administrative_act_kind_check;
alter table administrative_act add constraint administrative_act_kind_check check (kind in ('ROLE_GIVEN', 'ROLE_TAKEN', 'ROSTER_IMPORTED', 'IMPORT_HELD',
    'IMPORT_UNDONE', 'INVITED', 'RELINKED', 'MERGED', 'MERGE_UNDONE', 'POLICY_CHANGED', 'SESSIONS_ENDED'));

-- +goose StatementBegin
-- Of session: ends all sessions of somebody, by whoever keeps the roster, and says how many
-- there were. What a session of theirs had not sent waits on the phone until they are back.
create function end_sessions_of(who uuid, now_at timestamptz) returns int
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    ended int;
begin
    if not public.is_administrator() then
        perform public.refuse('role_required');
    end if;
    if not exists (select from public.person p where p.owner_id = tenant and p.id = who) then
        perform public.refuse('not_found');
    end if;
    update public.session s set ended_at = now_at, end_reason = 'REVOKED'
    where s.owner_id = tenant and s.person_id = who and s.ended_at is null;
    get diagnostics ended = row_count;
    insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id)
    values (tenant, gen_random_uuid(), now_at, 'SESSIONS_ENDED', current_setting('undring.person')::uuid, who);
    return ended;
end
$$;
-- +goose StatementEnd
revoke execute on function end_sessions_of from public;
grant execute on function end_sessions_of to undring_app;
