-- Foreign keys that lead to a person, and had no index to find their rows by. Taking
-- somebody out of the schools, or erasing what belongs to them, walked through these
-- tables from end to end.

-- +goose NO TRANSACTION
-- +goose Up
set lock_timeout = 0;
create index concurrently if not exists team_member_of_person on team_member (owner_id, person_id);
create index concurrently if not exists kept_from_suggestions_of_other on kept_from_suggestions (owner_id, other_id);
create index concurrently if not exists prompt_of_author on prompt (owner_id, author_id);
create index concurrently if not exists invitation_of_inviter on invitation (owner_id, invited_by) where invited_by is not null;
create index concurrently if not exists time_booking_of_person on time_booking (owner_id, person_id);
create index concurrently if not exists pulse_answered_of_person on pulse_answered (owner_id, person_id);
reset lock_timeout;
