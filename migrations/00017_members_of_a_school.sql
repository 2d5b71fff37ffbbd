-- Forgetting the schools of a half-year looked for the members of each among all of the
-- owner's.

-- +goose Up
create index culture_member_of_school on culture_member (owner_id, term, school_id);
