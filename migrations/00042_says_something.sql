-- A text that a rule rests on says something: it holds a letter or a digit.

-- +goose Up
-- The same as observation.Says, or a little more: where letters of a script stand, no
-- class of the database's is asked, since that hangs on the locale that it was made with.
create function says_something(words text) returns boolean
    language sql immutable parallel safe set search_path = ''
as $$
    select words ~ '[A-Za-z0-9\u00AA\u00B5\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u1FFF\u2071\u207F\u2090-\u209C\u2100-\u218F\u2C00-\u2DFF\u3005-\u3006\u3031-\uD7FF\uF900-\uFDFF\uFE70-\uFEFC\uFF10-\uFFDC\U00010000-\U0001EFFF\U00020000-\U0003FFFF]'
$$;

-- What stands there already stays, and can be read; nothing new of the kind comes in.
alter table question
    add constraint answer_empty check (answer = '' or public.says_something(answer)) not valid,
    add constraint asks__wondering_question_missing check (public.says_something(text)) not valid;
alter table feedback_point
    add constraint says__feedback_point_missing check (public.says_something(text)) not valid;
alter table own_view
    add constraint says__own_view_missing check (skipped or public.says_something(text)) not valid;
alter table takeaway
    add constraint says__takeaway_missing check (public.says_something(text)) not valid;
-- Of a visit it is asked when it is agreed: one of before goes its way to the end.
alter table visit
    add constraint says__focus_missing check (state <> 'AGREED' or public.says_something(focus_question)) not valid;
