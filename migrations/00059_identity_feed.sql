-- What would let somebody be taken for a person in another way is told to their phones,
-- with the rest that these keep of them.

-- +goose Up
-- +goose StatementBegin
create function feed_identity() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.tell(new.owner_id, array[new.person_id], 'ME', new.person_id, false);
    if new.other_id is not null then
        perform public.tell(new.owner_id, array[new.other_id], 'ME', new.other_id, false);
    end if;
    return null;
end
$$;
-- +goose StatementEnd
revoke execute on function feed_identity from public;
create trigger feed_identity after insert or update of outcome, agreed, other_agreed on identity_change
    for each row execute function feed_identity();
