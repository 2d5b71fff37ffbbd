-- The end of what is mine: a person is erased, at once for everybody who looks, and visit by
-- visit in the tables. What was addressed to the colleague stays, by somebody without a
-- name. The bodies of the two functions that take words away are made from what the rooms
-- declare (package tables); a test compares, and prints the body that a migration has to
-- bring.

-- +goose Up

-- The ledger of erasures: what a backup brings back is erased again by it.
create table erasure (
    owner_id uuid not null,
    person_id uuid not null,
    asked_at timestamptz not null,
    upto uuid not null default '00000000-0000-0000-0000-000000000000', -- the last visit that was gone through
    done_at timestamptz,
    primary key (owner_id, person_id),
    foreign key (owner_id, person_id) references person (owner_id, id)
);
create index erasure_open on erasure (owner_id, asked_at) where done_at is null;
alter table erasure enable row level security, force row level security;
create policy definer_all on erasure for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
create policy house_reads on erasure for select to undring_app using (owner_id = (select current_setting('undring.owner')::uuid) and (select is_house()));
grant select on erasure to undring_app;

-- What the functions below take away, and could not until now.
create policy definer_all on prompt for all to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
create policy definer_removes on session for delete to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));
create policy definer_removes on invitation for delete to undring_owner using (owner_id = (select current_setting('undring.owner')::uuid));

-- The row of a take-away stands for the step that it allowed, when its words are gone.
alter table takeaway drop constraint says__takeaway_missing;
alter table takeaway add constraint says__takeaway_missing check (says_something(text) or text = '…') not valid;

-- +goose StatementBegin
-- What is written in an exchange is written in its time. A step of the tables' owner is
-- not: it takes words away.
create or replace function exchange_guard() returns trigger
    language plpgsql set search_path = ''
as $$
begin
    if current_user = 'undring_owner' then
        return new; -- an erasure, see erase_person_in
    end if;
    perform from public.visit v
        where v.owner_id = new.owner_id and v.id = new.visit_id and v.state = any (string_to_array(tg_argv[0], ','))
        for share;
    if not found then
        perform public.refuse('wrong_state');
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes one person's words out of one visit, all but what is addressed to the other one.
create function erase_person_in(tenant uuid, who uuid, which uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.conversation where owner_id = tenant and recorded_by = who and confirmed_at is null and visit_id = which;
    delete from public.correction where owner_id = tenant and observed_id = who and visit_id = which;
    delete from public.own_view where owner_id = tenant and observed_id = who and visit_id = which;
    update public.takeaway set text = '…' where owner_id = tenant and person_id = who and visit_id = which;
    update public.takeaway set borrowed = '' where owner_id = tenant and person_id = who and visit_id = which;
    delete from public.draft where owner_id = tenant and observer_id = who and visit_id = which;
    delete from public.action where owner_id = tenant and person_id = who and visit_id = which;
    update public.visit set place = '', talk_arena = '' where owner_id = tenant and true and id = which;
    update public.visit set focus_question = '…' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set intention = '', expectation = '', later_intention = '', later_expectation = '', look_for = '', do_not_note = '', wanted_feedback = '' where owner_id = tenant and observed_id = who and id = which;
    update public.visit set suggested_focus = '' where owner_id = tenant and observer_id = who and id = which;
    delete from public.note where owner_id = tenant and observer_id = who and not shared and visit_id = which;
    update public.request set reply = null where owner_id = tenant and true and visit_id = which;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Takes away what is a person's beside their visits.
create function erase_person_apart(tenant uuid, who uuid) returns void
    language plpgsql security definer set search_path = ''
as $$
begin
    delete from public.prompt where owner_id = tenant and author_id = who;
    delete from public.need where owner_id = tenant and person_id = who;
    delete from public.need_support where owner_id = tenant and person_id = who;
    delete from public.booking where owner_id = tenant and person_id = who;
    delete from public.open_lesson where owner_id = tenant and person_id = who;
    delete from public.availability where owner_id = tenant and person_id = who;
    delete from public.kept_from_suggestions where owner_id = tenant and who in (person_id, other_id);
    delete from public.request where owner_id = tenant and person_id = who;
    update public.person set given_name = '', family_name = '', email = '', login = '' where owner_id = tenant and id = who;
    update public.person set sourced_id = null where owner_id = tenant and id = who;
    delete from public.register_entry where owner_id = tenant and person_id = who;
    update public.roster_import set before = null where owner_id = tenant and strpos(before::text, who::text) > 0;
    delete from public.identity_change where owner_id = tenant and who in (person_id, other_id);
    delete from public.team_member where owner_id = tenant and person_id = who;
    delete from public.invitation where owner_id = tenant and person_id = who;
    delete from public.time_booking where owner_id = tenant and person_id = who;
    delete from public.session where owner_id = tenant and person_id = who;
    delete from public.sign_in_days where owner_id = tenant and person_id = who;
    delete from public.sign_in_link where owner_id = tenant and person_id = who;
    delete from public.access where owner_id = tenant and person_id = who;
    delete from public.consent where owner_id = tenant and person_id = who;
    delete from public.feed where owner_id = tenant and person_id = who;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: begins to erase a person, who asks for it themselves, or for whom the house
-- does. From here on nobody finds them by a name, no session of theirs counts, and there is
-- no way in.
create function begin_erasure(who uuid, moment timestamptz) returns void
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
begin
    if not public.is_house() and who <> current_setting('undring.person')::uuid then
        perform public.refuse('role_required');
    end if;
    insert into public.erasure (owner_id, person_id, asked_at)
    select p.owner_id, p.id, moment from public.person p where p.owner_id = tenant and p.id = who
    on conflict do nothing;
    if not found then
        return;
    end if;
    update public.person p set active = false, given_name = '', family_name = '', email = '', login = '', sourced_id = null
    where p.owner_id = tenant and p.id = who;
    update public.membership m set active = false where m.owner_id = tenant and m.person_id = who and m.active;
    update public.session s set ended_at = moment, end_reason = 'REVOKED' where s.owner_id = tenant and s.person_id = who and s.ended_at is null;
    delete from public.sign_in_link l where l.owner_id = tenant and l.person_id = who;
    delete from public.invitation i where i.owner_id = tenant and i.person_id = who;
    delete from public.open_lesson l where l.owner_id = tenant and l.person_id = who;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Of privacy: goes on with the oldest erasure that is not done: through at most so many
-- visits, and once there are none left, through everything else. Says whether there is more
-- to do. A visit in which something was given stays with the colleague; of every other the
-- house takes the step by which all words of it go.
create function erase_step(moment timestamptz, most int) returns boolean
    language plpgsql security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    e public.erasure;
    v record;
    gone_through int := 0;
begin
    if not public.is_house() then
        perform public.refuse('role_required');
    end if;
    select * into e from public.erasure x where x.owner_id = tenant and x.done_at is null order by x.asked_at, x.person_id limit 1 for update;
    if not found then
        return false;
    end if;
    for v in
        select w.id, w.seq, w.state, exists (
                select from public.erasure x
                where x.owner_id = tenant and x.person_id in (w.observer_id, w.observed_id) and x.person_id <> e.person_id) as both
        from public.visit w
        where w.owner_id = tenant and e.person_id in (w.observer_id, w.observed_id) and w.id > e.upto
        order by w.id limit most for update
    loop
        gone_through := gone_through + 1;
        -- Where both are erased there is no colleague to keep anything.
        if v.state in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') and not v.both then
            perform public.erase_person_in(tenant, e.person_id, v.id);
        elsif v.state <> 'WITHDRAWN' then
            insert into public.visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
            values (tenant, v.id, v.seq + 1, 'FORGET', v.state, 'WITHDRAWN', null, moment);
        end if;
        update public.erasure x set upto = v.id where x.owner_id = tenant and x.person_id = e.person_id;
    end loop;
    if gone_through < most then
        perform public.erase_person_apart(tenant, e.person_id);
        update public.erasure x set done_at = moment where x.owner_id = tenant and x.person_id = e.person_id;
    end if;
    return exists (select from public.erasure x where x.owner_id = tenant and x.done_at is null);
end
$$;
-- +goose StatementEnd

revoke execute on function erase_person_in, erase_person_apart, begin_erasure, erase_step from public;
grant execute on function begin_erasure, erase_step to undring_app;
