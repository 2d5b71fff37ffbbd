-- What somebody wrote at a school is theirs to take along when they work there no more. No list
-- shows it to them any longer; their export does, which says so for its own transaction.

-- +goose Up
-- +goose StatementBegin
-- Whether the transaction is an export: it says so itself, and is shown no more by it than
-- what is the person's in hand.
create function is_exporting() returns boolean
    language sql stable set search_path = ''
as $$
    select coalesce(current_setting('undring.export', true), '') = 'on'
$$;
-- +goose StatementEnd

-- +goose StatementBegin
do $$
declare
    t record;
begin
    for t in select * from (values
        ('need', 'person_id'), ('need_support', 'person_id'), ('hearing_voice', 'person_id'), ('focus_area', 'proposed_by'),
        ('focus_change', 'person_id'), ('learning', 'writer_id, other_id'), ('learning_response', 'person_id'), ('prompt', 'author_id'),
        ('open_lesson', 'person_id'), ('action_round', 'starter_id'), ('meeting', 'planned_by'), ('meeting_decision', 'person_id'),
        ('meeting_norms', 'set_by'), ('time_budget', 'set_by'), ('roster_import', 'imported_by, undone_by')
    ) v (name, whose) loop
        execute format('create policy own_export on %I for select to undring_app using (owner_id = (select current_setting(''undring.owner'')::uuid)
            and (select current_setting(''undring.person'')::uuid) in (%s) and (select is_exporting()))', t.name, t.whose);
    end loop;
end
$$;
-- +goose StatementEnd
