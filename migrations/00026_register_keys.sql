-- Foreign keys that lead to a person, and had no index to find their rows by.

-- +goose NO TRANSACTION
-- +goose Up
set lock_timeout = 0;
create index concurrently if not exists roster_import_by on roster_import (owner_id, imported_by) where imported_by is not null;
create index concurrently if not exists roster_import_undone_by on roster_import (owner_id, undone_by) where undone_by is not null;
create index concurrently if not exists identity_change_asked_by on identity_change (owner_id, asked_by) where asked_by is not null;
reset lock_timeout;
