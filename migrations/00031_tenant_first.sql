-- Keys begin with the tenant again. As partial indexes they are no way to look up rows by
-- their ids, for which a plan took them as long as a table was not known: see 00023, 00025.

-- +goose Up
alter table person drop constraint person_sourced;
create unique index person_sourced on person (owner_id, source, sourced_id) where sourced_id is not null;
alter table team drop constraint team_name;
create unique index team_name on team (owner_id, school_id, name) where name <> '';
