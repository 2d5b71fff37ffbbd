package load

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"undring/postgres"
)

// The limit: the same rows by pgbench, which has neither people nor rules. It is
// the superuser, so no policy is asked, each transaction is one statement, so
// that there is no round trip to save, and the keys and triggers of the tables
// are what they are. The numbers of visits and people are drawn as the clients
// draw theirs: somebody else after every ten calls.

// turn draws the next teacher after so many transactions. The expression stands
// for who it is. Ten in a row meet pages that are in memory already, as the server's calls
// do; with somebody new each time the limit would be too low.
func turn(s Size, draw string) string {
	return fmt.Sprintf(`\if :left = 0
\set teacher %s
\set left %d
\endif
\set left :left - 1
\set newest %d + :teacher
\set noted %d + :teacher + %d * random(0, 1)
`, draw, callsEach, (s.rounds()-1)*s.Teachers, (s.rounds()-3)*s.Teachers, s.Teachers)
}

// sqlID is an expression of SQL for an id of the generated school, from pgbench's variable:
// the same ids as [Size] makes, so that both sides meet the same rows.
func sqlID(kind int, variable string) string {
	return fmt.Sprintf("(lpad(to_hex(%d + :%s::bigint), 12, '0') || '7%03d8000' || lpad(to_hex(:%[2]s::bigint), 12, '0'))::uuid", epoch, variable, kind)
}

// newID is a UUIDv7 of now. Random ids would scatter the index, and pgbench would pay for
// pages that the server does not touch.
const newID = `overlay(gen_random_uuid()::text placing lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') from 1 for 13)::uuid`

// scriptSaveNote writes the rows that the server writes for one note, and nothing else: the
// note, and the request with its reply. It is the least that any program would have to do.
func scriptSaveNote(s Size) string {
	return turn(s, fmt.Sprintf("random(0, %d) * 10 + random(%d, %d)", s.Teachers/10-1, oursOfTen, underwayOfTen-1)) + fmt.Sprintf(`
with written as (
    insert into note (owner_id, id, visit_id, observer_id, observed_id, kind, text, observed_at, tag, about_focus, created_at, updated_at)
    select owner_id, %s, id, observer_id, observed_id, 'SAW', '%s', now(), '%s', false, now(), now()
    from visit where owner_id = '%s' and id = %s
    returning owner_id, visit_id, observer_id
)
insert into request (owner_id, person_id, request_id, rpc, content_hash, visit_id, reply, at)
select owner_id, observer_id, gen_random_uuid(), 'SaveNote', sha256('%[2]s'), visit_id, '%s', now() from written;
`, newID, text, loadTag, s.Owner, sqlID(visitID, "newest"), text[:120])
}

// scriptListNotes asks the server's own statement, with its conditions of who may read. One
// row more than a page, as the server reads in order to know whether there is another page.
func scriptListNotes(s Size) string {
	return turn(s, fmt.Sprintf("random(0, %d)", s.Teachers-1)) + fmt.Sprintf(`
select n.id, n.visit_id, n.kind, n.text, n.observed_at, n.tag, n.about_focus, n.revision, n.shared, n.created_at, n.updated_at, n.audience
from note n
where n.owner_id = '%s' and n.visit_id = %s and (n.observer_id = %[3]s or n.observed_id = %[3]s and n.shared and n.opened)
    and (n.observed_at, n.id) > ('0001-01-01'::timestamptz, '00000000-0000-0000-0000-000000000000'::uuid)
order by n.observed_at, n.id
limit 21;
`, s.Owner, sqlID(visitID, "noted"), sqlID(personID, "teacher"))
}

// scriptListObservations asks the server's own statement for a person's visits.
func scriptListObservations(s Size) string {
	return turn(s, fmt.Sprintf("random(0, %d)", s.Teachers-1)) + "\n" +
		fmt.Sprintf(listOfVisits, s.Owner, sqlID(personID, "teacher")) + ";\n"
}

// scriptCultureReport reads a published sheet, as the server does.
func scriptCultureReport(s Size) string { return fmt.Sprintf(sheetOfOwner, s.Owner) }

// sheetOfOwner is what GetCultureReport asks, of the owner and up to the newest
// half-year; a test holds its columns against the server's.
const sheetOfOwner = `
with half as materialized (
    select h.term from published.sheet h
    where h.owner_id = '%[1]s' and h.page = 'SHEET' and h.cell_id = '%[1]s'
    order by h.term desc limit 8
)
select s.term, s.cell_id, s.kind, s.name, s.shown, s.in_words, s.late, s.published_at,
    p.figure, p.kind, p.low, p.high, p.people_low, p.people_high
from half h
cross join lateral (
    select * from published.sheet c where c.owner_id = '%[1]s' and c.page = 'SHEET' and c.cell_id = '%[1]s' and c.term = h.term
    union all
    select * from published.sheet t where t.owner_id = '%[1]s' and t.page = 'SHEET' and t.school_id = '%[1]s' and t.term = h.term
) s
left join lateral (
    select * from published.publication b where b.owner_id = '%[1]s' and b.term = s.term and b.page = 'SHEET' and b.cell_id = s.cell_id
    offset 0
) p on true
order by s.term, s.kind, s.name, s.cell_id, p.figure;
`

// listOfVisits is what ListObservations asks; a test holds its columns against the
// server's.
const listOfVisits = `
select v.id, v.school_id, v.observer_id, v.observed_id, v.peers, v.occasion_id, v.twin_id, v.round_id,
    v.state, v.seq, v.awaits_id, v.start_at, v.end_at, v.place, v.co_taught, v.talk_at, v.talk_minutes, v.talk_arena,
    v.focus_question, v.suggested_focus, v.intention, v.look_for, v.do_not_note, v.wanted_feedback, v.focus_area_id,
    v.expectation, v.intended_at, v.later_intention, v.later_expectation, v.later_at,
    v.observer_agreed_at, v.observer_agreed_to, v.observed_agreed_at, v.observed_agreed_to,
    v.feedback_due_at, v.answer_due_at, v.takeaway_due_at,
    v.opened, v.acknowledged_at, v.exit_wished_by, v.reopen_wished_by, v.edition, v.answered_id is not null,
    coalesce(v.observer_takeaway, 0) = v.edition, coalesce(v.observed_takeaway, 0) = v.edition,
    v.revision, v.created_at, v.updated_at, v.audience,
    coalesce(o.to_observed, 0), coalesce(o.to_observer, 0), o.due_at, coalesce(o.unconfirmed, 0), o.teller,
    u.people, u.kinds, u.times, u.revisions, m.by_id, m.start_at, m.end_at, m.created_at, v.ended_alone_by,
    v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') and not exists (
        select from membership s where s.owner_id = v.owner_id and s.school_id = v.school_id and s.person_id = v.observer_id and s.active),
    v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED') and not exists (
        select from membership s where s.owner_id = v.owner_id and s.school_id = v.school_id and s.person_id = v.observed_id and s.active),
    v.name_out, v.name_out_by
from (
    (select id, start_at from visit where owner_id = '%[1]s' and observer_id = %[2]s order by start_at desc, id desc limit 21)
    union all
    (select id, start_at from visit where owner_id = '%[1]s' and observed_id = %[2]s order by start_at desc, id desc limit 21)
    order by start_at desc, id desc limit 21
) page
join visit v on v.owner_id = '%[1]s' and v.id = page.id
left join lateral (
    select count(*) filter (where q.state = 'OPEN' and q.addressee_id = v.observed_id) to_observed,
        count(*) filter (where q.state = 'OPEN' and q.addressee_id = v.observer_id) to_observer,
        min(q.due_at) filter (where q.state = 'OPEN') due_at,
        count(*) filter (where q.state = 'TALKED_UNCONFIRMED') unconfirmed,
        (select c.recorded_by from conversation c
            where c.owner_id = v.owner_id and c.visit_id = v.id and c.confirmed_by is null
            order by c.created_at desc limit 1) teller
    from question q
    where q.owner_id = v.owner_id and q.visit_id = v.id
) o on v.state = 'FEEDBACK_GIVEN'
left join lateral (
    select array_agg(n.person_id order by n.revision, n.kind) people, array_agg(n.kind order by n.revision, n.kind) kinds,
        array_agg(n.at order by n.revision, n.kind) times, array_agg(n.revision order by n.revision, n.kind) revisions
    from visit_notice n where n.owner_id = v.owner_id and n.visit_id = v.id
) u on true
left join visit_move m on m.owner_id = v.owner_id and m.visit_id = v.id
order by v.start_at desc, v.id desc`

// pgbenchSays is the line whose rate leaves the time for connecting out: the server's
// connections are open before it is measured, too.
var pgbenchSays = regexp.MustCompile(`tps = ([0-9.]+) \(without initial connection time\)`)

// limit is what pgbench did.
type limit struct {
	rate  float64         // transactions a second
	used  time.Duration   // pgbench's own processor time
	calls []time.Duration // how long each transaction took, where a rate was given
}

// pgbench runs a script for a time; with a rate, so many transactions a second. Prepared
// statements, as the server has them; two threads at most, as it stands beside the database
// on two cores. With a rate it logs each transaction, since its own summary has no
// quantiles.
func pgbench(ctx context.Context, url, script string, clients int, span time.Duration, rate float64) (limit, error) {
	program, err := postgres.Program("pgbench")
	if err != nil {
		return limit{}, err
	}
	dir, err := os.MkdirTemp("", "undring-load-")
	if err != nil {
		return limit{}, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "script.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return limit{}, err
	}
	cmd := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol=prepared", "--define=left=0", "--file="+file,
		"--client="+strconv.Itoa(clients), "--jobs="+strconv.Itoa(min(clients, 2)),
		"--time="+strconv.Itoa(max(int(span.Seconds()), 1)))
	if rate > 0 {
		cmd.Args = append(cmd.Args, fmt.Sprintf("--rate=%f", rate), "--log", "--log-prefix=took")
	}
	cmd.Args, cmd.Dir = append(cmd.Args, url), dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return limit{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	said := pgbenchSays.FindSubmatch(out)
	if said == nil {
		return limit{}, fmt.Errorf("pgbench did nothing in %s; take a longer --span, or more --notes:\n%s", span, out)
	}
	l := limit{used: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if l.rate, err = strconv.ParseFloat(string(said[1]), 64); err != nil {
		return limit{}, err
	}
	l.calls, err = readTook(dir)
	return l, err
}

// readTook reads pgbench's logs, one for each of its threads: how long transactions
// took from when they began, which is later than when they were due: the lateness of its timer
// would count otherwise. So its tail is not quite what [drive] measures, which counts a call from
// when it was due where the one before it was slow (that makes the server's longer), and spreads
// calls evenly where pgbench draws its moments by chance (that makes pgbench's longer).
func readTook(dir string) ([]time.Duration, error) {
	logs, err := filepath.Glob(filepath.Join(dir, "took.*"))
	if err != nil {
		return nil, err
	}
	var calls []time.Duration
	for _, name := range logs {
		raw, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(raw)) {
			var number, script int
			var client, took, second, micro, late int64
			if _, err := fmt.Sscan(line, &client, &number, &took, &script, &second, &micro, &late); err != nil {
				return nil, fmt.Errorf("pgbench's log, %q: %w", line, err)
			}
			calls = append(calls, time.Duration(took-late)*time.Microsecond)
		}
	}
	return calls, nil
}
