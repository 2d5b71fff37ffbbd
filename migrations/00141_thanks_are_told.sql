-- +goose Up
-- +goose StatementBegin
-- Who thanks, and the two who are thanked, have it on every phone of theirs: the one that they
-- did, the others how many thank them.
create function feed_thanks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    x constant public.learning_thanks := coalesce(new, old);
begin
    perform public.tell(x.owner_id, array_remove(array[x.person_id, l.writer_id, l.other_id], null), 'COMMONS', l.school_id, false)
    from public.learning l where l.owner_id = x.owner_id and l.id = x.learning_id;
    return null;
end
$$;
create trigger feed_thanks after insert or delete on learning_thanks for each row execute function feed_thanks();
revoke execute on function feed_thanks from public;
-- +goose StatementEnd
