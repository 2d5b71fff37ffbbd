-- What became of something that somebody wanted to try: tried, kept or dropped. An
-- intention alone has no outcome.

-- +goose Up
alter table action add column outcome text not null default '' check (outcome in ('', 'TRIED', 'KEPT', 'DROPPED')),
    add constraint outcome__wrong_state check (outcome = '' or state = 'REPORTED');
grant update (outcome) on action to undring_app;

-- +goose StatementBegin
-- What somebody alone may say is nobody else's to change.
create or replace function own_part_guard() returns trigger
    language plpgsql set search_path = ''
as $$
declare
    me constant uuid := current_setting('undring.person')::uuid;
begin
    if tg_table_name = 'correction' then
        if new.text is distinct from old.text and me <> old.observed_id
           or new.resolution <> '' and new.resolution is distinct from old.resolution and me <> old.observer_id then
            perform public.refuse('not_your_move');
        end if;
        return new;
    end if;
    if (new.did, new.happened, new.questioned, new.next, new.outcome, new.learning)
           is distinct from (old.did, old.happened, old.questioned, old.next, old.outcome, old.learning)
           and me <> old.person_id
       or new.agreed_by is distinct from old.agreed_by and me = old.person_id then
        perform public.refuse('not_your_move');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
