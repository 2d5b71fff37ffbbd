package load

import "fmt"

// What is generated hangs on numbers: the teachers have numbers, school by
// school, and so have the visits. Visit v is paid in round v / teachers by teacher
// v % teachers, to the one who sits a few places further on in the school. A
// round is a week, and a place is an hour of it, so that nobody is in two places.

// generatedID makes the same id from kind and number as [id] in Go: clients and pgbench's
// scripts name rows that neither has read.
var generatedID = fmt.Sprintf(`
create function pg_temp.gid(kind int, n bigint) returns uuid language sql immutable as $$
    select (lpad(to_hex(%d + n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8000' || lpad(to_hex(n), 12, '0'))::uuid
$$`, epoch)

const (
	// generatedStaff gives each teacher a number, a school and a place in it. Temporary
	// tables go with the connection.
	generatedStaff = `
create temp table staff as
    select (row_number() over (order by s.nr, p.pos) - 1)::int n, (s.nr - 1)::int school, p.pos, s.size
    from unnest($1::int[]) with ordinality s (size, nr), generate_series(0, s.size - 1) p (pos)`

	// generatedPaths are the steps that lead to each state, and how long after the
	// lesson each is taken.
	generatedPaths = `
create temp table path as
    select state, seq::int, event, lag(to_state, 1, 'NONE') over (partition by state order by seq) from_state, to_state, mover, after::interval
    from (values
        ('PROPOSED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'),
        ('AGREED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('AGREED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('OBSERVED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('OBSERVED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('OBSERVED', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'),
        ('FEEDBACK_GIVEN', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('FEEDBACK_GIVEN', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('FEEDBACK_GIVEN', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'), ('FEEDBACK_GIVEN', 4, 'GIVE', 'FEEDBACK_GIVEN', 'OBSERVER', '3 hours'),
        ('ANSWERED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('ANSWERED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('ANSWERED', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'), ('ANSWERED', 4, 'GIVE', 'FEEDBACK_GIVEN', 'OBSERVER', '3 hours'),
        ('ANSWERED', 5, 'SETTLE', 'ANSWERED', 'OBSERVED', '1 day'),
        ('CLOSED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('CLOSED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('CLOSED', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'), ('CLOSED', 4, 'GIVE', 'FEEDBACK_GIVEN', 'OBSERVER', '3 hours'),
        ('CLOSED', 5, 'SETTLE', 'ANSWERED', 'OBSERVED', '1 day'), ('CLOSED', 6, 'CLOSE', 'CLOSED', 'OBSERVER', '2 days'),
        ('CLOSED_WITHOUT_EXCHANGE', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('CLOSED_WITHOUT_EXCHANGE', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('CLOSED_WITHOUT_EXCHANGE', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'), ('CLOSED_WITHOUT_EXCHANGE', 4, 'EXIT', 'CLOSED_WITHOUT_EXCHANGE', 'OBSERVED', '1 day'),
        ('DECLINED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('DECLINED', 2, 'DECLINE', 'DECLINED', 'OBSERVED', '-8 days'),
        ('CANCELLED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('CANCELLED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('CANCELLED', 3, 'CANCEL', 'CANCELLED', 'OBSERVED', '-1 day'),
        ('EXPIRED', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('EXPIRED', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('EXPIRED', 3, 'EXPIRE', 'EXPIRED', 'HOUSE', '15 days'),
        ('WITHDRAWN', 1, 'PROPOSE', 'PROPOSED', 'OBSERVER', '-9 days'), ('WITHDRAWN', 2, 'ACCEPT', 'AGREED', 'OBSERVED', '-8 days'),
        ('WITHDRAWN', 3, 'OBSERVE', 'OBSERVED', 'OBSERVER', '0'), ('WITHDRAWN', 4, 'GIVE', 'FEEDBACK_GIVEN', 'OBSERVER', '3 hours'),
        ('WITHDRAWN', 5, 'WITHDRAW', 'WITHDRAWN', 'OBSERVED', '1 day')
    ) p (state, seq, event, to_state, mover, after)`

	// generatedWeeks are the weeks by age, 0 the newest; see [Size.mondays].
	generatedWeeks = `create temp table week as
    select (nr - 1)::int age, monday from unnest($1::timestamptz[]) with ordinality w (monday, nr)`

	// From here on each statement writes one table for everybody at once: at ten million
	// notes, a statement for each row would take far longer than what is measured.
	fillOwner = `insert into school_owner (owner_id, name) values (@owner::uuid, 'Storvik kommune')`

	fillSchools = `
insert into school (owner_id, id, name, created_at)
select @owner::uuid, pg_temp.gid(7, n), 'Skole ' || n + 1, @since::timestamptz from generate_series(0, @schools::int - 1) n`

	// The teachers, then a leader and an administrator for each school.
	fillPeople = `
insert into person (owner_id, id, given_name, family_name, email, created_at)
select @owner::uuid, pg_temp.gid(1, n), 'Lærer', 'Nummer ' || n, 'p' || n || '@storvik.example', @since::timestamptz
from generate_series(0, @teachers::int + 2 * @schools::int - 1) n`

	// Every person holds one place, since most do; what people with several schools cost is
	// not measured.
	fillMemberships = `
insert into membership (owner_id, school_id, person_id, role, since)
select @owner::uuid, pg_temp.gid(7, school), pg_temp.gid(1, n), 'TEACHER', @since::timestamptz from staff
union all
select @owner::uuid, pg_temp.gid(7, n), pg_temp.gid(1, @teachers::int + n), 'LEADER', @since::timestamptz from generate_series(0, @schools::int - 1) n
union all
select @owner::uuid, pg_temp.gid(7, n), pg_temp.gid(1, @teachers::int + @schools::int + n), 'ADMINISTRATOR', @since::timestamptz from generate_series(0, @schools::int - 1) n`

	// Teams of ten.
	fillTeams = `
insert into team (owner_id, school_id, id, name)
select @owner::uuid, pg_temp.gid(7, school), pg_temp.gid(8, school * 1000 + pos / 10), 'Team ' || pos / 10 + 1 from staff where pos % 10 = 0`

	fillTeamMembers = `
insert into team_member (owner_id, school_id, team_id, person_id)
select @owner::uuid, pg_temp.gid(7, school), pg_temp.gid(8, school * 1000 + pos / 10), pg_temp.gid(1, n) from staff`

	// One session each: a call is refused without it. They run out after 80 days, and a
	// database is filled anew each day.
	fillSessions = `
insert into session (owner_id, id, person_id, device_name, opened_by, refreshed_at, created_at, expires_at)
select @owner::uuid, pg_temp.gid(9, n), pg_temp.gid(1, n), 'Telefon', 'PROVIDER', @now::timestamptz, @now::timestamptz, @now::timestamptz + interval '80 days'
from generate_series(0, @teachers::int + 2 * @schools::int - 1) n`

	// They have been there for years: the sessions in which they came are gone.
	fillSignInDays = `
insert into sign_in_days (owner_id, person_id, days)
select owner_id, person_id, 3 from session where owner_id = @owner::uuid
on conflict (owner_id, person_id) do update set days = 3, last_on = null`

	// chosenVisits are those of a chunk, each with its two people, its hour and its fate. A hash
	// of the visit's number decides what became of it, so that the same size gives the same
	// rows on every machine. The newest round is under way, the two before it still have
	// their notes, and of the older ones 78 in 100 are closed.
	chosenVisits = `
create temp table chosen on commit drop as
with numbered as (
    select v, v / @teachers::int round, s.school, s.pos, s.size, s.n observer,
        1 + (v / @teachers::int) % least(s.size / 2, 24) away, abs(hashint8(v::bigint) % 100) fate
    from generate_series(@from::int, @until::int - 1) v
    join staff s on s.n = v % @teachers::int
), fated as (
    select *, @rounds::int - 1 - round age,
        case
            when round = @rounds::int - 1 then case when v % @teachers::int % 10 < 7 then 'OBSERVED' when v % @teachers::int % 10 < 9 then 'AGREED' else 'PROPOSED' end
            when round >= @rounds::int - 3 then case when fate < 45 then 'CLOSED' when fate < 70 then 'FEEDBACK_GIVEN' else 'ANSWERED' end
            when fate < 78 then 'CLOSED' when fate < 86 then 'CLOSED_WITHOUT_EXCHANGE' when fate < 91 then 'DECLINED'
            when fate < 95 then 'CANCELLED' when fate < 98 then 'EXPIRED' else 'WITHDRAWN' end state
    from numbered
)
select v, state, pg_temp.gid(2, v) id, pg_temp.gid(7, school) school_id, fate, age,
    pg_temp.gid(1, observer) observer_id, pg_temp.gid(1, observer - pos + (pos + away) % size) observed_id,
    state in ('ANSWERED', 'CLOSED') or state = 'FEEDBACK_GIVEN' and fate % 2 = 0 opened,
    state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') noted,
    state in ('FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') given,
    w.monday + make_interval(days => pos % 25 / 5, hours => 6 + 2 * (pos % 25 % 5) + case when pos + away >= size then 1 else 0 end)
        + case when state in ('AGREED', 'PROPOSED') then interval '7 days' else interval '0' end start_at
from fated join week w using (age)`

	// A visit is written as it stands at the end of its path, with what its checks ask for:
	// due times while they run, the ids of a point and of a question that was answered, and
	// no words where it was withdrawn. Due times of the newest visits lie ahead, so that no
	// job ends them while it is measured.
	fillVisits = `
insert into visit (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, state, seq, awaits_id,
    start_at, end_at, place, co_taught, focus_question, intention,
    observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to,
    feedback_due_at, answer_due_at, takeaway_due_at, opened, point_id, wondering_id, answered_id,
    observer_takeaway, observed_takeaway, revision, created_at, updated_at)
select @owner::uuid, c.id, school_id, observer_id, observed_id, 'TEACHER', pg_temp.gid(4, v), c.state, p.seq, case c.state when 'PROPOSED' then observed_id end,
    start_at, start_at + interval '45 minutes', case c.state when 'WITHDRAWN' then '' else 'Rom ' || v % 300 end, false,
    case c.state when 'WITHDRAWN' then '' else 'Hvem får ordet i klassen min?' end, case c.state when 'WITHDRAWN' then '' else 'Mindre lærerprat gir flere stemmer.' end,
    start_at - interval '9 days', '2026-11', case when c.state not in ('PROPOSED', 'DECLINED') then start_at - interval '8 days' end, '2026-11',
    case when c.state not in ('PROPOSED', 'DECLINED') then greatest(start_at + interval '1 day', case when age < 3 then @now::timestamptz + interval '3 days' end) end,
    case when given then greatest(start_at + interval '4 days', case when age < 3 then @now::timestamptz + interval '3 days' end) end,
    case when c.state in ('ANSWERED', 'CLOSED') then greatest(start_at + interval '6 days', case when age < 3 then @now::timestamptz + interval '3 days' end) end,
    opened, case when given then pg_temp.gid(5, v) end, case when given then pg_temp.gid(6, v) end,
    case when c.state in ('ANSWERED', 'CLOSED') then pg_temp.gid(6, v) end,
    case c.state when 'CLOSED' then 1 end, case c.state when 'CLOSED' then 1 end, p.seq, start_at - interval '9 days', start_at + p.after
from chosen c join path p on p.state = c.state and p.to_state = c.state`

	// Every step of the path, as the figures of culture are counted from events and each
	// event refers to the one before it.
	fillEvents = `
insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
select @owner::uuid, c.id, p.seq, p.event, p.from_state, p.to_state,
    case p.mover when 'OBSERVER' then observer_id when 'OBSERVED' then observed_id end, start_at + p.after
from chosen c join path p using (state)`

	// Only visits that block a time have bookings.
	fillBookings = `
insert into booking (owner_id, person_id, occasion_id, kind, visit_id, blocks_lesson, span)
select @owner::uuid, who.person, pg_temp.gid(4, v), 1, id, who.blocks, tstzrange(start_at, start_at + interval '45 minutes')
from chosen, lateral (values (observer_id, true), (observed_id, false)) who (person, blocks)
where state in ('AGREED', 'OBSERVED')`

	// A note of 600 bytes; what is left of a closed visit was shared.
	fillNotes = `
insert into note (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, about_focus, shared, opened, created_at, updated_at)
select @owner::uuid, pg_temp.gid(3, v * 32 + k), id, observer_id, observed_id, (array['SAW', 'INTERPRETATION', 'WONDERING'])[k % 3 + 1],
    rpad('Notat ' || k || '. ', 600, 'Fire elever svarte, de samme to ganger. '),
    start_at + make_interval(mins => 1 + k), k % 2 = 0, given, given and opened, start_at + make_interval(mins => 1 + k), start_at + make_interval(mins => 1 + k)
from chosen, generate_series(0, @notes::int - 1) k
where noted`

	// Requests are remembered for 30 days.
	fillRequests = `
insert into request (owner_id, person_id, request_id, rpc, content_hash, visit_id, reply, at)
select @owner::uuid, observer_id, gen_random_uuid(), 'SaveNote', sha256(int8send(v * 32 + k)), id, sha256('reply') || sha256('reply') || sha256('reply'), start_at
from chosen, generate_series(0, @notes::int - 1) k
where noted and age < 4`

	// It rests on the visit's first note, which is one of what was seen.
	fillPoints = `
insert into feedback_point (owner_id, id, visit_id, observer_id, observed_id, position, text, note_ids, saw_note_id, opened, created_at)
select @owner::uuid, pg_temp.gid(5, v), id, observer_id, observed_id, 1, 'Da du ventet, kom to nye hender.', array[pg_temp.gid(3, v * 32)], pg_temp.gid(3, v * 32),
    opened, start_at + interval '3 hours'
from chosen where given`

	// One wondering question, answered where the visit came that far.
	fillQuestions = `
insert into question (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language, wondering, stand_by,
    state, answer, settled_at, due_at, opened, created_at)
select @owner::uuid, pg_temp.gid(6, v), id, observer_id, observed_id, observer_id, observed_id, 1, 'Hva tror du skjedde da du satte deg ned sammen med dem?', 'nb', true, false,
    case when state = 'FEEDBACK_GIVEN' then 'OPEN' else 'ANSWERED' end, case when state = 'FEEDBACK_GIVEN' then '' else 'De snakket med hverandre, ikke til meg.' end,
    case when state <> 'FEEDBACK_GIVEN' then start_at + interval '1 day' end,
    greatest(start_at + interval '4 days', case when age < 3 then @now::timestamptz + interval '3 days' end), opened, start_at + interval '3 hours'
from chosen where given`

	// Nothing is opened before the observed has written their own view.
	fillOwnViews = `
insert into own_view (owner_id, visit_id, observer_id, observed_id, text, skipped, recorded_at)
select @owner::uuid, id, observer_id, observed_id, 'Roligere enn jeg trodde.', false, start_at + interval '5 hours' from chosen where opened`

	// Both have one where the visit is closed.
	fillTakeaways = `
insert into takeaway (owner_id, visit_id, person_id, edition, observer_id, observed_id, text, learning, recorded_at)
select @owner::uuid, id, who, 1, observer_id, observed_id, 'Å vente lenger.', (array['ADJUSTED_PRACTICE', 'QUESTIONED_ASSUMPTION', 'NOTHING_NEW'])[fate % 3 + 1], start_at + interval '2 days'
from chosen, unnest(array[observer_id, observed_id]) who where state = 'CLOSED'`
)
