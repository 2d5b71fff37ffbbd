-- What goes out of the app: a message is taken in hand by one server, sent, and settled. What
-- could not be delivered is counted, by day and reason, of nobody in particular.

-- +goose Up
alter table message drop constraint message_state_check;
alter table message add constraint message_state_check check (state in ('WAITING', 'SENDING', 'SENT', 'FAILED', 'DROPPED')) not valid;
alter table message validate constraint message_state_check;
alter table message
    add column claimed_at timestamptz, -- when a server last took it in hand
    add column reason text not null default '' constraint message_reason check (reason ~ '^[A-Z_]{0,40}$'); -- why it did not go out
grant update (claimed_at, reason) on message to undring_app;

create table delivery_failure (
    owner_id uuid not null references school_owner,
    day      date not null, -- by the clock of Greenwich
    channel  text not null check (channel in ('PUSH', 'EMAIL')),
    reason   text not null constraint delivery_failure_reason check (reason ~ '^[A-Z_]{1,40}$'),
    retried  int not null check (retried >= 0), -- tries that were to be repeated
    given_up int not null check (given_up >= 0), -- messages that never went out
    primary key (owner_id, day, channel, reason)
);
alter table delivery_failure enable row level security;
alter table delivery_failure force row level security;
create policy definer_all on delivery_failure for all to undring_owner
    using (owner_id = (select current_setting('undring.owner')::uuid));
create policy house_removes on delivery_failure for delete to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
create policy keeper_reads on delivery_failure for select to undring_app
    using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house() or is_administrator()));
grant select, delete on delivery_failure to undring_app;

-- +goose StatementBegin
create function count_undelivered() returns trigger
    language plpgsql security definer set search_path = ''
as $$
begin
    insert into public.delivery_failure as f (owner_id, day, channel, reason, retried, given_up)
    values (new.owner_id, (new.claimed_at at time zone 'UTC')::date, new.channel, new.reason,
        case new.state when 'FAILED' then 0 else 1 end, case new.state when 'FAILED' then 1 else 0 end)
    on conflict (owner_id, day, channel, reason) do update set retried = f.retried + excluded.retried, given_up = f.given_up + excluded.given_up;
    return null;
end
$$;
-- +goose StatementEnd
create trigger count_undelivered after update of state on message for each row
    when (new.reason <> '' and new.claimed_at is not null and old.state = 'SENDING' and new.state in ('WAITING', 'FAILED')) execute function count_undelivered();
revoke execute on function count_undelivered from public;
