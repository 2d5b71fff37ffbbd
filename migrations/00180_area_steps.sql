-- The steps of a focus area are held by the database, too: whoever may rewrite an area can't
-- take it past its hearing, put the hearing's end elsewhere, or bring it back.

-- +goose Up
-- +goose StatementBegin
create function area_step() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if new.state <> old.state and (old.state, new.state) not in (('DRAFT', 'HEARING'), ('HEARING', 'ADOPTED'), ('DRAFT', 'ENDED'), ('HEARING', 'ENDED'), ('ADOPTED', 'ENDED')) then
        perform public.refuse('wrong_state');
    end if;
    -- The hearing's end was told to all.
    if new.hearing_until is distinct from old.hearing_until and not (old.state = 'DRAFT' and new.state = 'HEARING') then
        perform public.refuse('wrong_state');
    end if;
    if new.state = 'ADOPTED' and old.state <> 'ADOPTED' and not public.leads(new.school_id) then
        perform public.refuse('role_required');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger area_step before update of state, hearing_until on focus_area
    for each row execute function area_step();
