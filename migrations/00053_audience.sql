-- Who reads what somebody wrote, stored with it: what stood beside the field when it was
-- written. No later setting widens it. A row's audience never grows, whoever writes,
-- and a policy that restricts holds it against whatever another policy would let through.

-- +goose Up
-- From the narrowest to the widest: the order of the values is what is compared.
create type audience as enum ('WRITER', 'WRITER_UNTIL_GIVEN', 'TWO', 'TEAM', 'SCHOOL');

-- +goose StatementBegin
create function audience_stands() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    perform public.refuse('invalid_field');
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A default that is a constant rewrites no table. What nobody says at writing is the
-- default, and nothing is born wider.
do $$
declare
    me constant text := '(select current_setting(''undring.person'')::uuid)';
    two constant text := format('%s in (observer_id, observed_id)', me);
    t record;
begin
    for t in select * from (values
        ('visit', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('note', 'WRITER_UNTIL_GIVEN', format('observer_id = %1$s or observed_id = %1$s and (audience >= ''TWO'' or audience = ''WRITER_UNTIL_GIVEN'' and shared)', me)),
        ('feedback_point', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('question', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('reply', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('conversation', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('correction', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('own_view', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('takeaway', 'WRITER', format('person_id = %s or audience >= ''TWO'' and %s', me, two)),
        ('draft', 'WRITER_UNTIL_GIVEN', format('observer_id = %s or audience >= ''TWO'' and %s', me, two)),
        ('action', 'TWO', two || ' or audience >= ''SCHOOL'''),
        ('open_lesson', 'SCHOOL', format('person_id = %s or audience >= ''SCHOOL''', me)),
        ('prompt', 'SCHOOL', format('author_id = %s or audience >= ''SCHOOL''', me))
    ) v (name, readers, may_read) loop
        execute format('alter table %I add column audience audience not null default %L', t.name, t.readers);
        execute format('create policy audience_holds on %I as restrictive for select to undring_app using (%s)', t.name, t.may_read);
        execute format('create trigger audience_born before insert on %I for each row when (new.audience > %L) execute function audience_stands()', t.name, t.readers);
        execute format('create trigger audience_stands before update of audience on %I for each row when (new.audience > old.audience) execute function audience_stands()', t.name);
    end loop;
end $$;
-- +goose StatementEnd
