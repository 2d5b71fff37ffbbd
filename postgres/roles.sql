-- The roles of the database, for the whole cluster. Safe to run again.
--   undring_owner    owns every object; nobody signs in as it
--   undring_app      the server: rows by row level security, no way around it
--   undring_culture  counts what a school did, and publishes bands of it
--   undring_metrics  reads what is published, and nothing else
do $$
begin
    -- Two that migrate one database at once must not both create them. Those that migrate
    -- two do not see each other's lock: see makeRoles.
    perform pg_advisory_xact_lock(hashtextextended('undring roles', 0));
    if not exists (select from pg_roles where rolname = 'undring_owner') then
        create role undring_owner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'undring_app') then
        create role undring_app login nosuperuser nocreatedb nocreaterole nobypassrls;
        alter role undring_app set statement_timeout = '5s';
        alter role undring_app set lock_timeout = '2s';
        alter role undring_app set idle_in_transaction_session_timeout = '10s';
    end if;
    -- Every key begins with the tenant and every statement is prepared, so what is asked
    -- about does not change the plan: thinking again about it was a tenth of the
    -- database's time. Roles that are there may be somebody else's to change: it goes on
    -- without.
    if not exists (select from pg_db_role_setting s where s.setrole = 'undring_app'::regrole and s.setdatabase = 0 and array_to_string(s.setconfig, ' ') like '%plan_cache_mode=%') then
        begin
            alter role undring_app set plan_cache_mode = 'force_generic_plan';
        exception when insufficient_privilege then
            raise warning 'it would be quicker after: alter role undring_app set plan_cache_mode = force_generic_plan';
        end;
    end if;
    if not exists (select from pg_roles where rolname = 'undring_culture') then
        create role undring_culture login nosuperuser nocreatedb nocreaterole nobypassrls;
        alter role undring_culture set statement_timeout = '60s';
        alter role undring_culture set lock_timeout = '2s';
        alter role undring_culture set idle_in_transaction_session_timeout = '10s';
    end if;
    if not exists (select from pg_roles where rolname = 'undring_metrics') then
        create role undring_metrics login nosuperuser nocreatedb nocreaterole nobypassrls;
        alter role undring_metrics set default_transaction_read_only = on;
        alter role undring_metrics set statement_timeout = '5s';
        alter role undring_metrics set lock_timeout = '2s';
        alter role undring_metrics set idle_in_transaction_session_timeout = '10s';
    end if;
    if not pg_has_role(current_user, 'undring_owner', 'member') then
        execute format('grant undring_owner to %I', current_user);
    end if;
    execute format('grant create, connect on database %I to undring_owner', current_database());
    execute format('revoke temporary on database %I from public', current_database());
    execute format('grant connect on database %I to undring_app, undring_culture, undring_metrics', current_database());
    revoke all on schema public from public;
    grant usage, create on schema public to undring_owner;
    grant usage on schema public to undring_app, undring_culture;
end
$$;
