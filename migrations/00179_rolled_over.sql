-- A school's teams go into a new year: it stands in the log of imports, where it can be undone,
-- and in the record under a name of its own.

-- +goose Up
grant update (name) on team to undring_app;

alter table administrative_act drop constraint administrative_act_kind_check;
alter table administrative_act add constraint administrative_act_kind_check check (kind in ('ROLE_GIVEN', 'ROLE_TAKEN', 'ROSTER_IMPORTED', 'IMPORT_HELD',
    'IMPORT_UNDONE', 'INVITED', 'RELINKED', 'MERGED', 'MERGE_UNDONE', 'POLICY_CHANGED', 'SESSIONS_ENDED', 'ROLLED_OVER'));

-- +goose StatementBegin
create or replace function note_act() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    me constant uuid := nullif(current_setting('undring.person', true), '')::uuid;
    actor uuid;
begin
    select p.id into actor from public.person p where p.owner_id = new.owner_id and p.id = me;
    case tg_table_name
        when 'roster_import' then
            if tg_op = 'INSERT' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, new.id, new.at, case when new.held then 'IMPORT_HELD' when new.source = 'rollover' then 'ROLLED_OVER' else 'ROSTER_IMPORTED' end, new.imported_by,
                    new.school_id, new.created + new.updated + new.deactivated);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id, people)
                values (new.owner_id, gen_random_uuid(), new.undone_at, 'IMPORT_UNDONE', new.undone_by, new.school_id,
                    new.created + new.updated + new.deactivated);
            end if;
        when 'invitation' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id)
            values (new.owner_id, gen_random_uuid(), new.created_at, 'INVITED', new.invited_by, new.person_id);
        when 'identity_change' then
            if tg_op = 'UPDATE' then
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.ended_at, 'MERGE_UNDONE', actor, new.person_id, new.other_id);
            else
                insert into public.administrative_act (owner_id, id, at, kind, actor_id, person_id, other_id)
                values (new.owner_id, gen_random_uuid(), new.created_at, case new.kind when 'MERGE' then 'MERGED' else 'RELINKED' end,
                    coalesce(new.asked_by, actor), new.person_id, new.other_id);
            end if;
        when 'exchange_policy' then
            insert into public.administrative_act (owner_id, id, at, kind, actor_id, school_id)
            values (new.owner_id, gen_random_uuid(), new.set_at, 'POLICY_CHANGED', new.set_by, new.school_id);
    end case;
    return null;
end
$$;
-- +goose StatementEnd
