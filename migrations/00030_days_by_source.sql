-- Days without school stand by who tells them: the municipality's year and a
-- school's own planning days stay apart, and one gives way only to itself.

-- +goose Up
alter table free_day add column source text not null default '' check (char_length(source) <= 100);
alter table free_day drop constraint free_day_pkey, add primary key (owner_id, school_id, source, day);

-- How many lessons of some people were imported for a time. Their own for everybody;
-- those of others for who may set them.
-- +goose StatementBegin
create function count_lessons(people uuid[], from_at timestamptz, until_at timestamptz) returns int
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if exists (select from unnest(people) p where p <> me) and not public.is_house() and not exists (
        select from public.membership m
        where m.owner_id = tenant and m.person_id = me and m.role = 'ADMINISTRATOR' and m.active) then
        perform public.refuse('role_required');
    end if;
    return (
        select count(*) from public.booking b
        where b.owner_id = tenant and b.person_id = any (people) and b.kind = 2 and b.span && tstzrange(from_at, until_at));
end
$$;
-- +goose StatementEnd

revoke execute on function count_lessons from public;
grant execute on function count_lessons to undring_app;
