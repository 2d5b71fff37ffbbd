-- Who has come from which register stands in register_entry. As long as a table is not
-- known, a plan takes this index for that of ids, which begins alike, and looks at every
-- person of the owner for each: see 00023.

-- +goose Up
alter table person drop constraint person_sourced;
alter table person add constraint person_sourced unique (sourced_id, source, owner_id);

-- A person's rows are found by an index, whoever is erased.
create index roster_import_of_person on roster_import (owner_id, imported_by);
create index roster_import_undone_by on roster_import (owner_id, undone_by);
create index identity_change_asked_by on identity_change (owner_id, asked_by);
