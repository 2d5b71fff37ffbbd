-- What was tried, what came of it and what is answered says something, as the rest of an
-- exchange does: it holds a letter or a digit.

-- +goose Up
-- What stands there already stays, and can be read; nothing new of the kind comes in. Of a plan
-- it is asked when it is made: one of before can still be agreed to, and told of.
alter table action
    add constraint plan__invalid_field check (state <> 'PROPOSED' or public.says_something(text)) not valid,
    add constraint report__invalid_field check (state <> 'REPORTED' or public.says_something(did) and public.says_something(happened)) not valid;
alter table reply
    add constraint says__invalid_field check (public.says_something(text)) not valid;
alter table learning_response
    add constraint says__invalid_field check (public.says_something(text)) not valid;
alter table round_report
    add constraint says__invalid_field check (public.says_something(did) and public.says_something(happened)) not valid;
alter table need
    add constraint answer__invalid_field check (status = 'OPEN' or public.says_something(answer)) not valid;
