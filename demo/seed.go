package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
)

// Seed makes the school and its visits where they are not there yet. What was
// made before, and what people did with it, stays. Interrupted, it goes on where
// it was: every call has its own request id. It runs at every start of the demo, and of
// commands that join it, so it has to be cheap where all is there: a few look-ups.
func Seed(ctx context.Context, db *postgres.DB, now time.Time) error {
	house := postgres.As{Owner: Owner}
	if err := school.EnsureOwner(ctx, db, Owner, ownerName); err != nil {
		return fmt.Errorf("the demo's owner: %w", err)
	}
	for _, place := range []struct {
		school uuid.UUID
		name   string
		people *roster.Set
		ids    string
	}{
		// The text makes the ids: one for each person and team, in the order of the roster.
		// It must stay, or the next start would bring everybody a second time.
		{School, schoolName, people(), "person or team %d"},
		{SmallSchool, smallSchoolName, smallPeople(), "person of the small school %d"},
	} {
		if err := school.AddSchool(ctx, db, house, place.school, place.name, now); err != nil {
			return fmt.Errorf("the demo's schools: %w", err)
		}
		if err := hire(ctx, db, house, place.school, place.people, place.ids); err != nil {
			return fmt.Errorf("the demo's people: %w", err)
		}
	}
	s, err := reopen(ctx, db)
	if err != nil || s.done() {
		return err
	}
	s.play()
	if s.err != nil {
		return fmt.Errorf("the demo's visits: %w", s.err)
	}
	return nil
}

// reopen is a script with the school as it is there. The school's own beginning is the
// script's, not now: a demo of last week goes on from then, and dates in it stay what they
// were.
func reopen(ctx context.Context, db *postgres.DB) (*script, error) {
	house := postgres.As{Owner: Owner}
	begun, ids := time.Time{}, map[string]uuid.UUID{}
	err := db.Read(ctx, house, func(b *pgx.Batch) {
		b.Queue("select created_at from school where owner_id = $1 and id = $2", Owner, School).
			QueryRow(func(row pgx.Row) error { return row.Scan(&begun) })
		b.Queue(`
			select distinct p.given_name || ' ' || p.family_name, p.id
			from membership m join person p on p.owner_id = m.owner_id and p.id = m.person_id
			where m.owner_id = $1 and m.school_id = $2`, Owner, School).
			Query(func(rows pgx.Rows) error {
				for rows.Next() {
					var name string
					var id uuid.UUID
					if err := rows.Scan(&name, &id); err != nil {
						return err
					}
					ids[name] = id
				}
				return rows.Err()
			})
	})
	if err != nil {
		return nil, fmt.Errorf("the demo's people: %w", err)
	}
	return newScript(ctx, db, begun, ids), nil
}

// Teacher is one of the demo's people. What the first lines of the demo need to make a
// link.
type Teacher struct {
	ID   uuid.UUID
	Name string
}

// Pair is the two of the visit that one tries the app with: the lesson has been,
// and the feedback is still to be given. The names are the script's; where they were erased
// meanwhile, it fails rather than naming others.
func Pair(ctx context.Context, db *postgres.DB) (visitor, visited Teacher, err error) {
	s, err := reopen(ctx, db)
	if err != nil {
		return visitor, visited, err
	}
	return Teacher{s.person(observedVisitor), observedVisitor}, Teacher{s.person(observedVisited), observedVisited}, s.err
}

// hire takes a school's people in where nobody is there, as of two years ago: they
// have a past. Two years, since only people who were there all through a half-year are
// counted in its figures (P10).
func hire(ctx context.Context, db *postgres.DB, house postgres.As, at uuid.UUID, set *roster.Set, ids string) error {
	var begun time.Time
	var someone bool
	err := db.Read(ctx, house, func(b *pgx.Batch) {
		b.Queue("select created_at, exists (select from membership where owner_id = $1 and school_id = $2) from school where owner_id = $1 and id = $2", Owner, at).
			QueryRow(func(row pgx.Row) error { return row.Scan(&begun, &someone) })
	})
	if err != nil || someone {
		return err
	}
	n := 0
	var hired []uuid.UUID
	numbered := func() uuid.UUID {
		n++
		hired = append(hired, id(fmt.Sprintf(ids, n)))
		return hired[n-1]
	}
	came := begun.AddDate(-2, 0, 0)
	i := school.Import{Set: set, School: at, Now: came, NewID: numbered}
	err = db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
		// The transaction may run again, and has to give the same ids.
		n, hired = 0, nil
		_, err := i.Run(ctx, tx, house)
		return err
	})
	if err != nil {
		return err
	}
	return settleIn(ctx, db, hired, came)
}

// settleIn has people use the app on their first days, so that they count among their
// colleagues: the figures of the demo are made by the rules that hold for everybody. Ids
// that are teams' are nobody's. The rule counts people who have signed in on several days.
// The sessions have long run out: nobody is signed in by them.
func settleIn(ctx context.Context, db *postgres.DB, people []uuid.UUID, came time.Time) error {
	for _, p := range people {
		err := db.Do(ctx, postgres.As{Owner: Owner, Person: p}, func(_ context.Context, tx *postgres.Tx) error {
			for day := range guard.SignInDays {
				at := came.AddDate(0, 0, day)
				tx.Queue(`insert into session (owner_id, id, person_id, device_name, opened_by, refreshed_at, created_at, expires_at)
					select $1, $2, $3, '', 'DEMO', $4, $4, $4::timestamptz + interval '1 day'
					where exists (select from person where owner_id = $1 and id = $3)
					on conflict do nothing`, Owner, id(fmt.Sprintf("day %d of %s", day, p)), p, at)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("the first days of the demo's people: %w", err)
		}
	}
	return nil
}

// done says whether the last call of the script was carried out before. Whoever
// withdrew a visit or was deactivated since then is not a reason to begin anew. The memory of
// requests lasts a month; the visit that the call proposed stays, whatever became of it.
func (s *script) done() bool {
	done := false
	last := s.person(lastActor)
	err := s.db.Read(s.ctx, postgres.As{Owner: Owner, Person: last}, func(b *pgx.Batch) {
		b.Queue("select exists (select from visit where owner_id = $1 and id = $2)", Owner, id(lastVisit)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&done) })
	})
	s.note(err)
	return done
}

// note keeps the first thing that went wrong, with what was being done. All that comes
// after it would fail for the same reason.
func (s *script) note(err error) {
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("%s: %w", s.doing, err)
	}
}

// person finds somebody by name. A script that names nobody of the roster fails as a whole.
// A nil id goes on, and the next call stops at the error that was noted.
func (s *script) person(name string) uuid.UUID {
	p, there := s.people[name]
	if !there {
		s.note(refusal.New(refusal.NotThere).With("person", name))
	}
	return p
}
