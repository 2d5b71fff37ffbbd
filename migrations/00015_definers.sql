-- Functions that run as the owner of the tables look past row level security.
-- They are for the server alone: PostgreSQL lets everybody call a new function,
-- and the role that counts for the culture report has no business to ask for one
-- teacher's partners, or whose feed has changed.

-- +goose Up
-- +goose StatementBegin
do $$
declare
    f regprocedure;
begin
    for f in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.prosecdef and p.prorettype <> 'trigger'::regtype
            and has_function_privilege('undring_app', p.oid, 'execute')
    loop
        execute format('grant execute on function %s to undring_app', f);
    end loop;
    for f in
        select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = 'public' and p.prosecdef
    loop
        execute format('revoke execute on function %s from public', f);
    end loop;
end
$$;
-- +goose StatementEnd
