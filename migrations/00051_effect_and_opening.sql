-- A feedback point tells what followed apart from what was seen, and the observed may say
-- of a question whether it opened something.

-- +goose Up
alter table feedback_point add column effect text not null default '' check (char_length(effect) <= 1000);
grant insert (effect) on feedback_point to undring_app;

-- Read by the two of the visit; written, and taken away, by the one whom the question was
-- put to. No figure counts it: undring_culture has no right to it.
create table question_opening (
    owner_id    uuid not null,
    question_id uuid not null,
    visit_id    uuid not null,
    observer_id uuid not null,
    observed_id uuid not null,
    opened      boolean not null,
    text        text not null check (char_length(text) <= 500),
    said_at     timestamptz not null,
    primary key (owner_id, question_id),
    foreign key (owner_id, question_id) references question (owner_id, id),
    constraint opening_of_two foreign key (owner_id, visit_id, observer_id, observed_id) references visit (owner_id, id, observer_id, observed_id)
);
create index question_opening_of_visit on question_opening (owner_id, visit_id);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    execute 'alter table question_opening enable row level security';
    execute 'alter table question_opening force row level security';
    execute format('create policy definer_all on question_opening to undring_owner using (%s)', tenant);
    execute format('create policy two_read on question_opening for select to undring_app using (%s and (observer_id = %s or observed_id = %s))', tenant, me, me);
    execute format('create policy observed_adds on question_opening for insert to undring_app with check (%s and observed_id = %s)', tenant, me);
    execute format('create policy observed_changes on question_opening for update to undring_app using (%s and observed_id = %s)', tenant, me);
    execute format('create policy observed_removes on question_opening for delete to undring_app using (%s and observed_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete, update (opened, text, said_at) on question_opening to undring_app;

-- +goose StatementBegin
-- It is said of a question of the observer's in the same visit, once that is read.
create function opening_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform from public.question q
        where q.owner_id = new.owner_id and q.id = new.question_id and q.visit_id = new.visit_id and q.asker_id = new.observer_id and q.opened;
    if not found then
        perform public.refuse('own_view_missing');
    end if;
    return new;
end
$$;
-- +goose StatementEnd
create trigger opening_guard before insert or update on question_opening for each row execute function opening_guard();
create trigger exchange_guard before insert or update on question_opening for each row execute function exchange_guard('FEEDBACK_GIVEN,ANSWERED,CLOSED');
create trigger feed_exchange after insert or delete or update on question_opening for each row execute function feed_exchange();
