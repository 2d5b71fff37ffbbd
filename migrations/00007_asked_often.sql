-- What the policies and the calls ask again and again. A function in SQL is
-- planned anew each time that it is called; one in PL/pgSQL keeps its plan for the
-- connection. Planning was two thirds of the time of ten thousand visits.
--
-- Whether somebody is late is asked at each proposal and each list. It must cost
-- what the visits cost that they have under way, not all that there ever were.

-- +goose Up
create index visit_underway_as_observer on visit (owner_id, observer_id) where state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED');
create index visit_underway_as_observed on visit (owner_id, observed_id) where state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED');
drop index question_of_visit; -- question_position begins with the same columns

-- +goose StatementBegin
-- The visit that someone is late with in a role, the oldest one; null: none.
-- The one definition of "overdue on your side", for the gate and for what one
-- is told. Who wishes for the honest exit has done their part.
create or replace function overdue_visit(who uuid, in_role text, moment timestamptz) returns uuid
    language plpgsql stable set search_path = ''
as $$
begin
    return (
    select v.id
    from public.visit v
    where v.owner_id = current_setting('undring.owner')::uuid
      and v.state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')
      and (v.observer_id = who and in_role = 'OBSERVER' or v.observed_id = who and in_role = 'OBSERVED')
      and v.exit_wished_by is distinct from who
      and (
        v.state = 'OBSERVED' and in_role = 'OBSERVER' and v.feedback_due_at < moment
        or v.state = 'FEEDBACK_GIVEN' and exists (
            select from public.question q
            where q.owner_id = v.owner_id and q.visit_id = v.id
              and q.addressee_id = who and q.state = 'OPEN' and q.due_at < moment)
        or v.state = 'FEEDBACK_GIVEN' and in_role = 'OBSERVED' and v.answer_due_at < moment
            and (not v.opened or not exists (
                select from public.question q
                where q.owner_id = v.owner_id and q.visit_id = v.id and q.opens_gate
                  and q.state in ('ANSWERED', 'TALKED', 'TALKED_UNCONFIRMED')))
        or v.state = 'ANSWERED' and v.takeaway_due_at < moment
            and coalesce(case in_role when 'OBSERVER' then v.observer_takeaway else v.observed_takeaway end, 0) < v.edition)
    order by v.start_at
    limit 1);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Does the school hold back new visits of those who are late, at that moment?
create or replace function gate_holds(school uuid, moment timestamptz) returns boolean
    language plpgsql stable set search_path = ''
as $$
begin
    return coalesce((
        select p.gate from public.exchange_policy p
        where p.owner_id = current_setting('undring.owner')::uuid and p.school_id = school and p.effective_at <= moment
        order by p.effective_at desc limit 1), true);
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Does someone have an agreed visit, or a lesson of their own where that stands
-- in the way, in this span? Asked about a colleague whose hours the caller may
-- not read; the answer does not say what it is.
create or replace function is_busy(who uuid, span tstzrange, occasion uuid, lessons_too boolean) returns boolean
    language plpgsql stable security definer set search_path = ''
as $$
begin
    return exists (
        select from public.booking b
        where b.owner_id = current_setting('undring.owner')::uuid
          and b.person_id = who
          and b.span && is_busy.span
          and b.occasion_id <> occasion
          and (b.kind = 1 or lessons_too));
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The visit that something is about, to its two alone; null to everybody else.
-- It opens nothing: a question that the observed may not read yet has a visit
-- that they may know.
create or replace function visit_about(kind text, what uuid) returns uuid
    language plpgsql stable security definer set search_path = ''
as $$
declare
    tenant constant uuid := current_setting('undring.owner')::uuid;
    me constant uuid := current_setting('undring.person')::uuid;
    found_visit uuid;
begin
    case kind
        when 'VISIT' then
            return what;
        when 'QUESTION', 'THREAD' then
            select q.visit_id into found_visit from public.question q
                where q.owner_id = tenant and q.id = what and me in (q.observer_id, q.observed_id);
            if found_visit is null and kind = 'THREAD' then
                select p.visit_id into found_visit from public.feedback_point p
                    where p.owner_id = tenant and p.id = what and me in (p.observer_id, p.observed_id);
            end if;
        when 'NOTE' then
            select n.visit_id into found_visit from public.note n
                where n.owner_id = tenant and n.id = what and n.shared and me in (n.observer_id, n.observed_id);
        when 'CONVERSATION' then
            select c.visit_id into found_visit from public.conversation c
                where c.owner_id = tenant and c.id = what and me in (c.observer_id, c.observed_id);
        when 'ACTION' then
            select a.visit_id into found_visit from public.action a
                where a.owner_id = tenant and a.id = what and me in (a.observer_id, a.observed_id);
    end case;
    return found_visit;
end
$$;
-- +goose StatementEnd
