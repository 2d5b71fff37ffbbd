-- A question is not late when it is asked, by its own visit: what others have done since
-- says nothing of it. The demo plays its visits one after the other, each at its time.

-- +goose Up
-- +goose StatementBegin
-- A question is opened with its visit, and is due after what was last done there.
create or replace function question_begins() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    v public.visit;
begin
    if current_user <> 'undring_app' then
        return new;
    end if;
    select * into v from public.visit o where o.owner_id = new.owner_id and o.id = new.visit_id;
    if new.due_at < v.updated_at then
        perform public.refuse('invalid_field');
    end if;
    if new.opened and v.opened is not true then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
