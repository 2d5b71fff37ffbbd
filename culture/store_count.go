package culture

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	"undring/postgres"
	"undring/school"
)

const (
	// One at a time counts for an owner.
	// The sweep of two servers may come by at once; the second one finds nothing left to do.
	lockCount = `select pg_advisory_xact_lock(hashtextextended('culture ' || $1::text, 0))`

	termsOfOwner = `
		select term, published_at is not null, pulse_published_at is not null
		from culture_term where owner_id = $1
		order by term`

	// An owner whose first half-year this is, and that came to it late, is counted
	// as it stands then.
	takeTerm = `
		insert into culture_term (owner_id, term, taken_at, late)
		values ($1, $2, $3, $4)
		on conflict do nothing`

	takeSchools = `
		insert into culture_school (owner_id, term, school_id, in_words)
		select s.owner_id, $2, s.id, coalesce((
			select e.figures_in_words from exchange_policy e
			where e.owner_id = s.owner_id and e.school_id = s.id and e.effective_at <= $3
			order by e.effective_at desc limit 1), false)
		from school s
		where s.owner_id = $1
		on conflict do nothing`

	// $4 is the last day by which somebody came who has been there for 30 days at the end.
	takeMembers = `
		with place as (
			select m.person_id, m.school_id, min(m.since) as since, bool_or(m.role = 'TEACHER') as teaches, bool_or(m.role = 'LEADER') as leads
			from membership m
			join person p on p.owner_id = m.owner_id and p.id = m.person_id and p.active
			where m.owner_id = $1 and m.active and m.role in ('TEACHER', 'LEADER') and m.since <= least($3::timestamptz, $4::timestamptz)
			group by m.person_id, m.school_id
		), home as (
			select distinct on (person_id) * from place order by person_id, since, school_id
		)
		insert into culture_member (owner_id, term, person_id, school_id, team_ids, teaches, leads)
		select $1, $2, h.person_id, h.school_id, coalesce((
			select array_agg(t.team_id order by t.team_id) from team_member t
			where t.owner_id = $1 and t.school_id = h.school_id and t.person_id = h.person_id), '{}'), h.teaches, h.leads
		from home h
		on conflict do nothing`

	noteLeavers = `
		update culture_member c set stayed = false
		where c.owner_id = $1 and c.term = $2 and c.stayed and not exists (
			select from membership m
			join person p on p.owner_id = m.owner_id and p.id = m.person_id and p.active
			where m.owner_id = c.owner_id and m.school_id = c.school_id and m.person_id = c.person_id and m.active and m.role in ('TEACHER', 'LEADER'))`

	beginCursor = `
		insert into culture_cursor (owner_id, xid, visit_id, seq)
		values ($1, '0', '00000000-0000-0000-0000-000000000000', 0)
		on conflict do nothing`

	// The next steps in the order in which they were committed, none of a
	// transaction that is not over for everybody. A visit that one of the
	// two withdrew has no facts, whatever step of it is read; one whose words went because
	// their months were over keeps them. A published half-year takes no more.
	fold = `
		with place as (
			select xid, visit_id, seq from culture_cursor where owner_id = $1
		), step as (
			select e.* from visit_event e, place p
			where e.owner_id = $1 and (e.xid, e.visit_id, e.seq) > (p.xid, p.visit_id, p.seq)
			  and e.xid < pg_snapshot_xmin(pg_current_snapshot())
			order by e.xid, e.visit_id, e.seq
			limit $2
		), moved as (
			update culture_cursor c set xid = l.xid, visit_id = l.visit_id, seq = l.seq
			from (select xid, visit_id, seq from step order by xid desc, visit_id desc, seq desc limit 1) l
			where c.owner_id = $1
		), told as (
			select visit_id, bool_or(event = 'OBSERVE') as observed, min(at) filter (where event = 'GIVE') as gave_at,
				min(at) filter (where event = 'SETTLE') as answered_at, bool_or(event = 'EXIT') as let_go,
				exists (select from visit_event w where w.owner_id = $1 and w.visit_id = step.visit_id and w.event = 'WITHDRAW') as withdrawn
			from step
			where event in ('OBSERVE', 'GIVE', 'SETTLE', 'EXIT', 'WITHDRAW')
			group by visit_id
		), gone as (
			delete from culture_fact f using told t
			where t.withdrawn and f.owner_id = $1 and f.visit_id = t.visit_id
		), kept as (
			insert into culture_fact (owner_id, term, visit_id, person_id, other_id, as_observer, as_leader, gave, answered, on_time, let_go)
			select $1, term_of(v.start_at, s.time_zone), v.id, w.person_id, w.other_id, w.as_observer, v.peers = 'LEADER',
				t.gave_at is not null, t.answered_at is not null,
				case when w.as_observer then t.gave_at <= v.feedback_due_at else t.answered_at <= v.answer_due_at end is true, t.let_go
			from told t
			join visit v on v.owner_id = $1 and v.id = t.visit_id
			join school s on s.owner_id = $1 and s.id = v.school_id
			cross join lateral (values (v.observer_id, v.observed_id, true), (v.observed_id, v.observer_id, false)) w (person_id, other_id, as_observer)
			where not t.withdrawn and v.state not in ('PROPOSED', 'AGREED') and term_of(v.start_at, s.time_zone) is not null and not exists (
				select from culture_term c where c.owner_id = $1 and c.term = term_of(v.start_at, s.time_zone) and c.published_at is not null)
			on conflict (owner_id, visit_id, person_id) do update set
				gave = culture_fact.gave or excluded.gave,
				on_time = culture_fact.on_time or excluded.on_time and not (case when culture_fact.as_observer then culture_fact.gave else culture_fact.answered end),
				answered = culture_fact.answered or excluded.answered,
				let_go = culture_fact.let_go or excluded.let_go
		)
		select count(*) from step`

	// Steps that are older than a sheet and not folded yet: of a transaction that was
	// open just now, or behind one.
	stepsLeft = `
		select exists (select from culture_cursor c
			join visit_event e on e.owner_id = c.owner_id and (e.xid, e.visit_id, e.seq) > (c.xid, c.visit_id, c.seq)
			where c.owner_id = $1 and e.at < $2)`

	// Facts are written by the ten thousand and counted once: what the planner knows of
	// them is old. It would go through all of them for each person.
	// The reading is one statement of a whole half-year, for which a hash of each table is right.
	joinWhole = `select set_config('enable_nestloop', 'off', true)`

	// One row for each group: the people of a team, or those in none or several. The
	// columns of the array are in the order of counted. An account that nobody has come by
	// on three days is no person: neither in a figure nor in a size.
	tallies = `
		with fact as materialized (
			select f.*,
				not f.as_observer and exists (select from question q
					where q.owner_id = f.owner_id and q.visit_id = f.visit_id and q.asker_id = f.person_id) as asked_back,
				not f.as_observer and exists (select from takeaway t
					where t.owner_id = f.owner_id and t.visit_id = f.visit_id and t.person_id = f.person_id and t.learning = 'ADJUSTED_PRACTICE') as adjusted,
				not f.as_observer and exists (select from takeaway t
					where t.owner_id = f.owner_id and t.visit_id = f.visit_id and t.person_id = f.person_id and t.learning = 'QUESTIONED_ASSUMPTION') as questioned,
				not f.as_observer and exists (select from action a
					where a.owner_id = f.owner_id and a.visit_id = f.visit_id and a.person_id = f.person_id and a.state = 'REPORTED') as carried_out,
				f.as_observer and me.team_ids <> '{}' and other.team_ids <> '{}' and not me.team_ids && other.team_ids as reached,
				f.as_observer and exists (select from visit v
					where v.owner_id = f.owner_id and v.id = f.visit_id and v.focus_area_id is not null) as on_area
			from culture_fact f
			left join culture_member me on me.owner_id = $1 and me.term = $2 and me.person_id = f.person_id
			left join culture_member other on other.owner_id = $1 and other.term = $2 and other.person_id = f.other_id
			where f.owner_id = $1 and f.term = $2
		), person as (
			select m.school_id, case when cardinality(m.team_ids) = 1 then m.team_ids[1] end as team_id, m.teaches, m.leads, m.stayed,
				bool_or(not f.as_leader and f.as_observer) as visited,
				bool_or(not f.as_leader and f.as_observer and f.gave) as gave,
				bool_or(not f.as_leader and not f.as_observer) as hosted,
				bool_or(not f.as_leader and not f.as_observer and f.answered) as answered,
				2 * count(*) filter (where not f.as_leader and f.on_time)
					> count(*) filter (where not f.as_leader and not f.let_go and (f.as_observer or f.gave)) as on_time,
				bool_or(not f.as_leader and f.asked_back) as asked_back,
				bool_or(not f.as_leader and f.adjusted) as adjusted,
				bool_or(not f.as_leader and f.questioned) as questioned,
				bool_or(not f.as_leader and f.carried_out) as carried_out,
				bool_or(not f.as_leader and f.reached) as reached,
				bool_or(not f.as_leader and f.on_area) as on_area,
				bool_or(f.as_leader) as led
			from culture_member m
			join sign_in_days d on d.owner_id = $1 and d.person_id = m.person_id and d.days = 3
			left join fact f on f.person_id = m.person_id
			where m.owner_id = $1 and m.term = $2
			group by m.person_id, m.school_id, m.team_ids, m.teaches, m.leads, m.stayed
		)
		select p.school_id, p.team_id, coalesce((select t.name from team t where t.owner_id = $1 and t.school_id = p.school_id and t.id = p.team_id), ''),
			count(*) filter (where teaches),
			count(*) filter (where teaches and stayed),
			count(*) filter (where leads and stayed),
			array[
				count(*) filter (where teaches and stayed and visited),
				count(*) filter (where teaches and stayed and gave),
				count(*) filter (where teaches and stayed and hosted),
				count(*) filter (where teaches and stayed and answered),
				count(*) filter (where teaches and stayed and gave and on_time),
				count(*) filter (where teaches and stayed and asked_back),
				count(*) filter (where teaches and stayed and adjusted),
				count(*) filter (where teaches and stayed and questioned),
				count(*) filter (where teaches and stayed and carried_out),
				count(*) filter (where teaches and stayed and reached),
				count(*) filter (where teaches and stayed and on_area),
				count(*) filter (where leads and stayed and led)]::int[]
		from person p
		group by p.school_id, p.team_id`

	// A row with the owner's name alone, where no school belongs to the half-year.
	schoolsOfTerm = `
		select c.school_id, s.name, c.in_words, t.late, o.name
		from culture_term t
		join school_owner o on o.owner_id = t.owner_id
		left join (culture_school c join school s on s.owner_id = c.owner_id and s.id = c.school_id)
			on c.owner_id = t.owner_id and c.term = t.term
		where t.owner_id = $1 and t.term = $2`

	// Whoever teaches or leads at a school, and counts, is asked, at each of theirs.
	askedOfSchool = `
		select s.id, s.name, coalesce(c.in_words, false), o.name,
			count(*) filter (where p.teaches), count(*) filter (where p.leads and not p.teaches)
		from school s
		join school_owner o on o.owner_id = s.owner_id
		left join culture_school c on c.owner_id = s.owner_id and c.school_id = s.id and c.term = $2
		left join (
			select m.school_id, m.person_id, bool_or(m.role = 'TEACHER') as teaches, bool_or(m.role = 'LEADER') as leads
			from membership m
			join person a on a.owner_id = m.owner_id and a.id = m.person_id and a.active
			join sign_in_days d on d.owner_id = m.owner_id and d.person_id = m.person_id and d.days = 3
			where m.owner_id = $1 and m.active and m.role in ('TEACHER', 'LEADER')
			group by m.school_id, m.person_id
		) p on p.school_id = s.id
		where s.owner_id = $1
		group by s.id, s.name, c.in_words, o.name`

	// Which school an answer is about stands within its seal: all of the owner's are opened.
	sealsOfRound = `select sealed from pulse_answer where owner_id = $1 and term = $2`
)

// counted are the figures in the order of the array of tallies.
// The two lists are held together by their order alone, so a figure is added at the same place
// in both.
var counted = []guard.Figure{
	guard.Visited, guard.Gave, guard.Hosted, guard.Answered, guard.InTime, guard.AskedBack,
	guard.Adjusted, guard.Questioned, guard.CarriedOut, guard.Reached, guard.OnArea, guard.Leaders,
}

// termState is how far a half-year has come.
type termState struct {
	term             school.Term
	published, pulse bool
}

// queueTerms asks which half-years of an owner have steps, and what of each is published.
func queueTerms(b *pgx.Batch, owner uuid.UUID, into *[]termState) {
	b.Queue(termsOfOwner, owner).Query(func(rows pgx.Rows) error {
		*into = nil
		for rows.Next() {
			var s termState
			var id string
			if err := rows.Scan(&id, &s.published, &s.pulse); err != nil {
				return err
			}
			s.term, _ = school.ParseTerm(id) // a check of the table's holds its form
			*into = append(*into, s)
		}
		return rows.Err()
	})
}

// take writes down who belongs to a half-year, on its first day; later for an owner
// that has just come.
func take(tx *postgres.Tx, owner uuid.UUID, t school.Term, now time.Time, first bool) {
	start, end := t.Span(oslo)
	// A day is allowed for the sweep to come by.
	late := first && now.After(start.AddDate(0, 0, 1))
	// Counted are those who belong on the first day; where the owner came late, those of today.
	since := start
	if late {
		since = now
	}
	tx.Queue(takeTerm, owner, t.String(), now, late)
	tx.Queue(takeSchools, owner, t.String(), since)
	tx.Queue(takeMembers, owner, t.String(), since, end.AddDate(0, 0, -guard.RosterDays))
}

// foldMost steps are folded in one transaction.
// A backlog is folded in steps of that many, so that no transaction is open for long: a phone's
// feed waits for the oldest one.
const foldMost = 20_000

// foldNext folds the next steps of an owner's visits, and returns how many there were.
func foldNext(ctx context.Context, tx *postgres.Tx, owner uuid.UUID) (int, error) {
	// In a flight of its own: a statement that moves the cursor does not see one that is made
	// beside it.
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(lockCount, owner)
		b.Queue(beginCursor, owner)
	})
	if err != nil {
		return 0, err
	}
	n := 0
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(fold, owner, foldMost).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	})
	return n, err
}

// tally counts a half-year of an owner.
func tally(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, t school.Term) (name string, late bool, schools []Counted, err error) {
	at := map[uuid.UUID]*Counted{}
	var order []uuid.UUID
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(schoolsOfTerm, owner, t.String()).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id uuid.NullUUID
				var school *string
				var inWords *bool
				if err := rows.Scan(&id, &school, &inWords, &late, &name); err != nil {
					return err
				}
				if id.Valid {
					order = append(order, id.UUID)
					at[id.UUID] = &Counted{ID: id.UUID, Name: *school, InWords: *inWords}
				}
			}
			return rows.Err()
		})
		// For the statement behind it; the setting ends with the transaction.
		b.Queue(joinWhole)
		b.Queue(tallies, owner, t.String()).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id uuid.UUID
				var team uuid.NullUUID
				var g Group
				var yes []int32
				people := &g.Count.People
				if err := rows.Scan(&id, &team, &g.Name, &g.Began, &people[guard.Teaching], &people[guard.Leading], &yes); err != nil {
					return err
				}
				// Those who are in no team, or in several, are a group without one.
				g.Team = team.UUID
				for i, f := range counted {
					g.Count.Yes[f] = int(yes[i])
				}
				at[id].Groups = append(at[id].Groups, g)
			}
			return rows.Err()
		})
	})
	for _, id := range order {
		schools = append(schools, *at[id])
	}
	return name, late, schools, err
}

// ballots counts a round of an owner: opens what there is, and tells how many seals
// no key opens.
func ballots(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, t school.Term, sealers []sealer) (name string, schools []Counted, lost int, err error) {
	var seals [][]byte
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(askedOfSchool, owner, t.String()).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var s Counted
				var g Group
				people := &g.Count.People
				if err := rows.Scan(&s.ID, &s.Name, &s.InWords, &name, &people[guard.Teaching], &people[guard.Leading]); err != nil {
					return err
				}
				// A round asks those who are there now: nobody has left it.
				g.Began = people[guard.Teaching]
				s.Groups = []Group{g}
				schools = append(schools, s)
			}
			return rows.Err()
		})
		b.Queue(sealsOfRound, owner, t.String()).Query(func(rows pgx.Rows) (err error) {
			seals, err = pgx.CollectRows(rows, pgx.RowTo[[]byte])
			return err
		})
	})
	if err != nil {
		return "", nil, 0, err
	}
	for _, sealed := range seals {
		ballot, ok := openWith(sealers, sealed)
		if !ok {
			// An answer is lost with its key; that it was is told, since the figures miss it.
			lost++
			continue
		}
		for i := range schools {
			if schools[i].ID == ballot.School {
				ballot.count(&schools[i].Groups[0].Count)
			}
		}
	}
	return name, schools, lost, nil
}

// openWith opens a sealed answer by whichever key it was sealed with. One that none opens is
// left out: it was sealed by a key that is gone.
func openWith(sealers []sealer, sealed []byte) (Ballot, bool) {
	for _, s := range sealers {
		if b, err := s.open(sealed); err == nil {
			return b, true
		}
	}
	return Ballot{}, false
}
