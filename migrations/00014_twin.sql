-- Each change of a visit locks it and the visit the other way. Without this index
-- that reads every visit of the school owner.

-- +goose NO TRANSACTION
-- +goose Up
-- It stands in nobody's way, and given up half way it would leave a broken index.
set lock_timeout = 0;
create index concurrently if not exists visit_of_twin on visit (owner_id, twin_id) where twin_id is not null;
reset lock_timeout;
