-- +goose Up
-- +goose StatementBegin
-- Who takes something on in a learning meeting is looked after: they are reminded on its date.
-- So is whoever it is taken from, and who has done it: they are reminded no more.
create function decision_looks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.look_after(new.owner_id, array[new.person_id, old.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$$;

-- Who has told how a round went is asked no more, nor is anybody when it has ended.
create function report_looks() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    perform public.look_after(new.owner_id, array[new.person_id], timestamptz '2000-01-01 00:00:00Z');
    return null;
end
$$;
revoke execute on function decision_looks, report_looks from public;
create trigger decision_looks_added after insert on meeting_decision for each row execute function decision_looks();
create trigger decision_looks_changed after update of person_id, due_on, done on meeting_decision for each row execute function decision_looks();
create trigger report_looks after insert on round_report for each row execute function report_looks();
create trigger round_looks_ended after update of ended_on on action_round for each row execute function round_looks();
-- +goose StatementEnd
