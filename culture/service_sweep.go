package culture

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	"undring/postgres"
	"undring/school"
)

// Sweep does what is due for an owner: writes down who belongs to a half-year that
// has begun, folds the steps of visits, publishes sheets and pulses. It may be
// called at any time, as often as one likes and by several servers: each thing is
// done once.
func (s *Service) Sweep(ctx context.Context, owner uuid.UUID) error {
	var terms []termState
	house := postgres.As{Owner: owner}
	if err := s.culture.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error { return s.begin(ctx, tx, owner, &terms) }); err != nil {
		return fmt.Errorf("beginning a half-year: %w", err)
	}
	// In pieces, each a transaction of its own: after a long time without a sweep there are
	// many steps, and no lock may last as long.
	for n := foldMost; n == foldMost; {
		err := s.culture.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) (err error) {
			n, err = foldNext(ctx, tx, owner)
			return err
		})
		if err != nil {
			return fmt.Errorf("folding the steps of visits: %w", err)
		}
	}
	now := s.moment()
	for _, t := range terms {
		if _, closes := RoundOf(t.term); !t.pulse && !now.Before(closes) {
			if err := s.publish(ctx, owner, t.term, s.publishPulse); err != nil {
				return fmt.Errorf("publishing a pulse: %w", err)
			}
		}
		if !t.published && !now.Before(PublishAt(t.term)) {
			if err := s.publish(ctx, owner, t.term, s.publishSheet); err != nil {
				return fmt.Errorf("publishing a sheet: %w", err)
			}
		}
	}
	return nil
}

// publish makes a page in one transaction, and counts its figures once it is out.
func (s *Service) publish(ctx context.Context, owner uuid.UUID, t school.Term, page func(context.Context, *postgres.Tx, uuid.UUID, school.Term) ([]Cell, error)) error {
	var cells []Cell
	err := s.culture.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) (err error) {
		cells, err = page(ctx, tx, owner, t)
		return err
	})
	if err == nil {
		s.published.add(cells)
	}
	return err
}

// begin writes a half-year's people down when it has begun, and who of them leaves
// while it lasts.
func (s *Service) begin(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, terms *[]termState) error {
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(lockCount, owner)
		queueTerms(b, owner, terms)
	})
	if err != nil {
		return err
	}
	now := s.moment()
	t := termOf(now)
	start, end := t.Span(oslo)
	if now.Before(start) || !now.Before(end) {
		return nil // July
	}
	for _, known := range *terms {
		if known.term == t {
			tx.Queue(noteLeavers, owner, t.String())
			return nil
		}
	}
	take(tx, owner, t, now, len(*terms) == 0)
	*terms = append(*terms, termState{term: t})
	return nil
}

// still says whether a half-year is unpublished, now that nobody else counts.
func still(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, t school.Term, done func(termState) bool) (bool, error) {
	var terms []termState
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(lockCount, owner)
		queueTerms(b, owner, &terms)
	})
	for _, known := range terms {
		if known.term == t && done(known) {
			return false, err
		}
	}
	return true, err
}

// publishSheet makes an owner's sheets of a half-year, for all its schools and teams in one
// transaction: figures of different groups are guarded together, and come out in the same
// minute.
func (s *Service) publishSheet(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, t school.Term) ([]Cell, error) {
	// Asked again under the lock: another server may have published since this sweep looked.
	due, err := still(ctx, tx, owner, t, func(k termState) bool { return k.published })
	if err != nil || !due {
		return nil, err
	}
	left := false
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(stepsLeft, owner, PublishAt(t)).QueryRow(func(row pgx.Row) error { return row.Scan(&left) })
	})
	if err != nil || left {
		return nil, err // the next sweep finds them folded
	}
	name, late, schools, err := tally(ctx, tx, owner, t)
	if err != nil {
		return nil, err
	}
	cells := Build(guard.Sheet, owner, name, schools)
	put(tx, guard.Sheet, owner, t, late, s.moment(), cells)
	// In the transaction that publishes: there is no moment at which the figures are out, and
	// what they were counted from is still there.
	tx.Queue(markPublished, owner, t.String(), s.moment())
	tx.Queue(forgetFacts, owner, t.String())
	tx.Queue(forgetMembers, owner, t.String())
	return cells, nil
}

// publishPulse opens the sealed answers of a round, counts them and forgets them.
func (s *Service) publishPulse(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, t school.Term) ([]Cell, error) {
	due, err := still(ctx, tx, owner, t, func(k termState) bool { return k.pulse })
	if err != nil || !due {
		return nil, err
	}
	var sealers []sealer
	// Answers may be sealed by a key that was in use earlier in the round.
	for _, secret := range s.secrets {
		sealer, err := newSealer(secret, owner, t.String())
		if err != nil {
			return nil, err
		}
		sealers = append(sealers, sealer)
	}
	name, schools, lost, err := ballots(ctx, tx, owner, t, sealers)
	if err != nil {
		return nil, err
	}
	// Logged, and no reason to stop: the others' answers are published all the same.
	if lost > 0 {
		s.log.Error("answers to a pulse that no key opens: is a former key missing in UNDRING_KEY?", "lost", lost, "term", t.String())
	}
	cells := Build(guard.Pulse, owner, name, schools)
	put(tx, guard.Pulse, owner, t, false, s.moment(), cells)
	tx.Queue(markPulse, owner, t.String(), s.moment())
	// As with a sheet: what was about people goes when the figures come out.
	tx.Queue(forgetBallots, owner, t.String())
	tx.Queue(forgetVoters, owner, t.String())
	return cells, nil
}
