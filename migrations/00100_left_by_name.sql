-- +goose Up
-- Whom the caller has visited, or been visited by, at a school: of them a phone keeps the name
-- when they have left. It asks as the caller, so row level security shows their own visits alone.
-- +goose StatementBegin
create function met_at(which uuid) returns setof uuid
    language sql stable set search_path = ''
begin atomic
    select v.observed_id from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid and v.observer_id = current_setting('undring.person')::uuid and v.school_id = which
    union
    select v.observer_id from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid and v.observed_id = current_setting('undring.person')::uuid and v.school_id = which;
end;
-- +goose StatementEnd
grant execute on function met_at(uuid) to undring_app;
