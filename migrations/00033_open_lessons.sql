-- Open lessons: somebody offers a lesson of theirs, and colleagues ask for a place.

-- +goose Up
create table open_lesson (
    owner_id        uuid not null,
    id              uuid not null,
    school_id       uuid not null,
    person_id       uuid not null,
    start_at        timestamptz not null,
    end_at          timestamptz not null check (end_at > start_at and end_at <= start_at + interval '4 hours'),
    place           text not null check (char_length(place) <= 200),
    title           text not null check (char_length(title) between 1 and 200),
    focus_question  text not null check (char_length(focus_question) between 1 and 500),
    wanted_feedback text not null check (char_length(wanted_feedback) <= 500),
    taken           boolean not null default false, -- a visit is agreed for that hour
    created_at      timestamptz not null,
    constraint open_lesson__id_taken primary key (owner_id, id),
    foreign key (owner_id, school_id) references school,
    foreign key (owner_id, person_id) references person
);
create index open_lesson_of_school on open_lesson (owner_id, school_id, start_at);
create index open_lesson_of_person on open_lesson (owner_id, person_id);

-- +goose StatementBegin
do $$
declare
    tenant constant text := 'owner_id = (select current_setting(''undring.owner'')::uuid)';
    me constant text := '(select current_setting(''undring.person'')::uuid)';
begin
    execute 'alter table open_lesson enable row level security';
    execute 'alter table open_lesson force row level security';
    execute format('create policy definer_all on open_lesson to undring_owner using (%s)', tenant);
    execute format('create policy staff_read on open_lesson for select to undring_app using (%s and belongs_to(school_id, %s))', tenant, me);
    execute format('create policy own_add on open_lesson for insert to undring_app with check (%s and person_id = %s and not taken and belongs_to(school_id, %s))', tenant, me, me);
    execute format('create policy own_remove on open_lesson for delete to undring_app using (%s and person_id = %s)', tenant, me);
end
$$;
-- +goose StatementEnd
grant select, insert, delete on open_lesson to undring_app;

-- Phones have them with the school.
create trigger feed_added after insert on open_lesson referencing new table as changed for each statement execute function feed_of_school();
create trigger feed_changed after update on open_lesson referencing new table as changed for each statement execute function feed_of_school();
create trigger feed_removed after delete on open_lesson referencing old table as changed for each statement execute function feed_of_school();

-- +goose StatementBegin
-- An hour that is booked for a visit has no place left; one that is free again has.
create function lesson_taken() returns trigger
    language plpgsql security definer set search_path = ''
as $$
declare
    b constant public.booking := coalesce(new, old);
begin
    update public.open_lesson l set taken = not l.taken
    where l.owner_id = b.owner_id and l.person_id = b.person_id and tstzrange(l.start_at, l.end_at) && b.span
      and l.taken is distinct from exists (
          select from public.booking there
          where there.owner_id = l.owner_id and there.person_id = l.person_id and there.kind = 1
            and there.span && tstzrange(l.start_at, l.end_at));
    return null;
end
$$;
-- +goose StatementEnd
create trigger lesson_taken after insert on booking for each row when (new.kind = 1) execute function lesson_taken();
create trigger lesson_free after delete on booking for each row when (old.kind = 1) execute function lesson_taken();

-- +goose StatementBegin
-- The card of a visit that was asked for is what its lesson's offer says: the words of
-- the observed, which the one who asks can't write for them.
create function card_of_lesson(which uuid, lesson uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.visit v set focus_question = l.focus_question, wanted_feedback = l.wanted_feedback
    from public.open_lesson l
    where v.owner_id = current_setting('undring.owner')::uuid and v.id = which
      and v.observer_id = current_setting('undring.person')::uuid
      and v.state = 'PROPOSED' and v.focus_question = '' and v.awaits_id = v.observed_id
      and l.owner_id = v.owner_id and l.id = lesson and l.person_id = v.observed_id
      and (l.start_at, l.end_at) = (v.start_at, v.end_at);
end
$$;
-- +goose StatementEnd
revoke execute on function card_of_lesson, lesson_taken from public;
grant execute on function card_of_lesson to undring_app;
