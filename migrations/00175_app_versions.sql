-- Which versions of the apps are in use: how many sessions came by on a day, by the version
-- that their app told, and nobody's.

-- +goose Up
create table app_version (
    owner_id uuid not null references school_owner,
    day      date not null, -- by the clock of Greenwich
    app      text not null constraint app_version_app check (app ~ '^[A-Za-z0-9._/-]{1,40}$'),
    sessions int not null check (sessions >= 1),
    primary key (owner_id, day, app)
);
alter table app_version enable row level security;
alter table app_version force row level security;
create policy definer_all on app_version for all to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
create policy house_removes on app_version for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
create policy keeper_reads on app_version for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house() or is_administrator()));
grant select, delete on app_version to undring_app;

-- +goose StatementBegin
-- Counts a session by the version of its app. What an app tells of itself is anybody's word:
-- beside the first 50 versions of a day there is only OTHER, so that nobody fills the table.
create function count_app(which text, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    today constant date := (moment at time zone 'UTC')::date;
begin
    insert into public.app_version as v (owner_id, day, app, sessions)
    select tenant, today, case
        when exists (select from public.app_version o where o.owner_id = tenant and o.day = today and o.app = which)
            or (select count(*) from public.app_version o where o.owner_id = tenant and o.day = today) < 50 then which
        else 'OTHER' end, 1
    on conflict (owner_id, day, app) do update set sessions = v.sessions + 1;
end
$$;
-- +goose StatementEnd
revoke execute on function count_app from public;
grant execute on function count_app to undring_app;
