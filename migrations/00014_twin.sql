-- Each change of a visit locks it and the visit the other way. Without this index
-- that reads every visit of the school owner.

-- +goose NO TRANSACTION
-- +goose Up
create index concurrently if not exists visit_of_twin on visit (owner_id, twin_id) where twin_id is not null;
