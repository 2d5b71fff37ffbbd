-- Prompts that the staff of a school have added to those that come with Undring.
-- Which prompt somebody takes is kept nowhere.

-- +goose Up
create table prompt (
    owner_id   uuid not null,
    id         uuid not null,
    school_id  uuid not null,
    author_id  uuid not null,
    moment     text not null check (moment ~ '^[a-z_]{1,40}$'),
    kind       text not null check (kind ~ '^[a-z_]{0,40}$'),
    language   text not null check (language in ('nb', 'nn', 'en')),
    text       text not null check (char_length(text) between 1 and 300),
    revision   bigint not null check (revision >= 1),
    created_at timestamptz not null,
    constraint prompt__id_taken primary key (owner_id, id),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, author_id) references person
);
create index prompt_of_school on prompt (owner_id, school_id, language, moment, created_at);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
    here constant text := 'exists (select from membership m where m.owner_id = prompt.owner_id and m.school_id = prompt.school_id and m.person_id = '
        || me || ' and m.active';
begin
    alter table prompt enable row level security;
    alter table prompt force row level security;
    execute format('create policy staff_read on prompt for select to undring_app using (%s and %s))', tenant, here);
    execute format('create policy staff_add on prompt for insert to undring_app with check (%s and author_id = %s and %s))', tenant, me, here);
    execute format('create policy author_changes on prompt for update to undring_app using (%s and author_id = %s)', tenant, me);
    execute format('create policy author_or_administrator_removes on prompt for delete to undring_app using (%s and (author_id = %s or %s and m.role = ''ADMINISTRATOR'')))',
        tenant, me, here);
end $$;
-- +goose StatementEnd

grant select, insert, delete on prompt to undring_app;
grant update (moment, kind, language, text, revision) on prompt to undring_app;
