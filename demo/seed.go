package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
)

// Seed makes the school and its visits where they are not there yet. What was
// made before, and what people did with it, stays. Interrupted, it goes on where
// it was: every call has its own request id.
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

// reopen is a script with the school as it is there.
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

// Teacher is one of the demo's people.
type Teacher struct {
	ID   uuid.UUID
	Name string
}

// Pair is the two of the visit that one tries the app with: the lesson has been,
// and the feedback is still to be given.
func Pair(ctx context.Context, db *postgres.DB) (visitor, visited Teacher, err error) {
	s, err := reopen(ctx, db)
	if err != nil {
		return visitor, visited, err
	}
	return Teacher{s.person(observedVisitor), observedVisitor}, Teacher{s.person(observedVisited), observedVisited}, s.err
}

// hire takes a school's people in where nobody is there, as of two years ago: they
// have a past.
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
	numbered := func() uuid.UUID {
		n++
		return id(fmt.Sprintf(ids, n))
	}
	i := school.Import{Set: set, School: at, Now: begun.AddDate(-2, 0, 0), NewID: numbered}
	return db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
		n = 0
		_, err := i.Run(ctx, tx, house)
		return err
	})
}

// done says whether the last call of the script was carried out before. Whoever
// withdrew a visit or was deactivated since then is not a reason to begin anew.
func (s *script) done() bool {
	done := false
	last := s.person(lastActor)
	err := s.db.Read(s.ctx, postgres.As{Owner: Owner, Person: last}, func(b *pgx.Batch) {
		b.Queue("select exists (select from request where owner_id = $1 and person_id = $2 and request_id = $3)", Owner, last, id(lastRequest)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&done) })
	})
	s.note(err)
	return done
}

func (s *script) note(err error) {
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("%s: %w", s.doing, err)
	}
}

func (s *script) person(name string) uuid.UUID {
	p, there := s.people[name]
	if !there {
		s.note(refusal.New(refusal.NotThere).With("person", name))
	}
	return p
}
