-- A copy of all that is mine, and my end, want a sign-in that was made for it: a session that
-- was stolen right after an ordinary sign-in takes nothing along.

-- +goose Up

-- Whether the session was opened for what is the person's own, and has not been used for it. Only
-- a sign-in sets it: the server may not change it afterwards.
alter table session add column own_data boolean default false not null;

-- +goose StatementBegin
-- Of session: when a session of the person in hand was opened by a sign-in for what is their
-- own; null: it is none of theirs, was opened for something else, or has been used for a copy.
create or replace function signed_in_at(which uuid) returns timestamptz
    language sql stable set search_path = ''
begin atomic
    select s.created_at from public.session s
    where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
      and s.person_id = current_setting('undring.person')::uuid and s.ended_at is null and s.own_data;
end;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of session: uses a sign-in of the person in hand that was made for what is their own. It
-- counts once: of two copies at the same moment one is refused.
create function use_sign_in(which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    update public.session s set own_data = false
    where s.owner_id = current_setting('undring.owner')::uuid and s.id = which
      and s.person_id = current_setting('undring.person')::uuid and s.ended_at is null and s.own_data;
    if not found then
        perform public.refuse('sign_in_again');
    end if;
end
$$;
-- +goose StatementEnd
revoke execute on function use_sign_in from public;
grant execute on function use_sign_in to undring_app;
