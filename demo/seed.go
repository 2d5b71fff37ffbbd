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
)

// Seed makes the school and its visits where they are not there yet. What was
// made before, and what people did with it, stays. Interrupted, it goes on where
// it was: every call has its own request id.
func Seed(ctx context.Context, db *postgres.DB, now time.Time) error {
	house := postgres.As{Owner: Owner}
	if err := school.EnsureOwner(ctx, db, Owner, ownerName); err != nil {
		return fmt.Errorf("the demo's owner: %w", err)
	}
	if err := school.AddSchool(ctx, db, house, School, schoolName, now); err != nil {
		return fmt.Errorf("the demo's school: %w", err)
	}
	var begun time.Time
	var someone bool
	err := db.Read(ctx, house, func(b *pgx.Batch) {
		b.Queue("select created_at, exists (select from person where owner_id = $1) from school where owner_id = $1 and id = $2", Owner, School).
			QueryRow(func(row pgx.Row) error { return row.Scan(&begun, &someone) })
	})
	if err != nil {
		return fmt.Errorf("the demo's school: %w", err)
	}
	if !someone {
		if err := hire(ctx, db, house, begun); err != nil {
			return fmt.Errorf("the demo's people: %w", err)
		}
	}
	ids, err := named(ctx, db)
	if err != nil {
		return err
	}
	s := newScript(ctx, db, begun, ids)
	if s.done() {
		return nil
	}
	s.play()
	if s.err != nil {
		return fmt.Errorf("the demo's visits: %w", s.err)
	}
	return nil
}

// named finds the demo's people by their names.
func named(ctx context.Context, db *postgres.DB) (map[string]uuid.UUID, error) {
	ids := map[string]uuid.UUID{}
	err := db.Read(ctx, postgres.As{Owner: Owner}, func(b *pgx.Batch) {
		b.Queue("select given_name || ' ' || family_name, id from person where owner_id = $1 and source = $2", Owner, "csv:"+School.String()).
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
	return ids, nil
}

// Teacher is one of the demo's people.
type Teacher struct {
	ID   uuid.UUID
	Name string
}

// Pair is the two of the visit that one tries the app with: the lesson has been,
// and the feedback is still to be given.
func Pair(ctx context.Context, db *postgres.DB) (visitor, visited Teacher, err error) {
	ids, err := named(ctx, db)
	return Teacher{ids[observedVisitor], observedVisitor}, Teacher{ids[observedVisited], observedVisited}, err
}

func hire(ctx context.Context, db *postgres.DB, house postgres.As, begun time.Time) error {
	n := 0
	numbered := func() uuid.UUID {
		n++
		return id(fmt.Sprintf("person or team %d", n))
	}
	i := school.Import{Set: people(), School: School, Now: begun.AddDate(-1, 0, 0), NewID: numbered}
	return db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
		n = 0
		_, err := i.Run(ctx, tx, house)
		return err
	})
}

// done says whether the last call of the script was carried out before. Whoever
// withdrew a visit or was deactivated since then is no reason to begin anew.
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
