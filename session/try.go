package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
)

const (
	// One row a day and kind, whoever it was: a count that named people would show who
	// could not sign in. It is one statement, so that two failures at once are counted as
	// two.
	countFailure = `
		insert into sign_in_failure (owner_id, day, kind, times) values ($1, $2, $3, 1)
		on conflict (owner_id, day, kind) do update set times = sign_in_failure.times + 1`
	// Written with each count: no job is needed for what is so small.
	forgetFailures = `delete from sign_in_failure where owner_id = $1 and day < $2`
	// Six kinds on 31 days are fewer than the limit, which is there because every list has
	// one.
	failures = `
		select day, kind, times from sign_in_failure
		where owner_id = $1 and day >= $2
		order by day desc, kind
		limit 200`
)

// failureDays is how many days of failures are shown, and kept.
const failureDays = 30

// Failures are sign-ins of a day that came to nothing. Kind is one of the codes of
// [failureOf], which the desk has words for.
type Failures struct {
	Day   time.Time // a date
	Kind  string
	Times int
}

// QueueFailures reads the failures of an owner's last days, the newest first. The days are
// those of UTC, as they were counted.
func QueueFailures(b *pgx.Batch, owner uuid.UUID, now time.Time, take func(Failures)) {
	b.Queue(failures, owner, now.UTC().AddDate(0, 0, -failureDays)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var f Failures
			if err := rows.Scan(&f.Day, &f.Kind, &f.Times); err != nil {
				return err
			}
			take(f)
		}
		return rows.Err()
	})
}

// countFailed counts a sign-in at a provider that came to nothing, of nobody in particular.
// What is wrong with the count is the log's: whoever wanted to sign in has an answer
// already. It is a transaction of its own, whatever became of the sign-in's.
func (s *Service) countFailed(ctx context.Context, p *Provider, err error) {
	now := s.moment()
	failed := s.DB.Do(ctx, postgres.As{Owner: p.Owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(countFailure, p.Owner, now.UTC(), failureOf(err))
		tx.Queue(forgetFailures, p.Owner, now.UTC().AddDate(0, 0, -failureDays))
		return nil
	})
	if failed != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "a failed sign-in was not counted", slog.String("why", failed.Error()))
	}
}

// failureOf is the kind of a failure, as administrators read it. The code of the refusal,
// where one of the ways to a person ended; NOT_PROVEN and NO_ANSWER for what happened at
// the provider.
func failureOf(err error) string {
	if refusal.ReasonOf(err) == refusal.Overloaded {
		return "NO_ANSWER"
	}
	var r *refusal.Refusal
	if errors.As(err, &r) && r.Meta["code"] != "" {
		return r.Meta["code"]
	}
	return "NOT_PROVEN"
}

// ProvidersOf is how many providers an owner's people come from.
func (s *Service) ProvidersOf(owner uuid.UUID) int {
	n := 0
	for _, p := range s.Providers {
		if p.Owner == owner {
			n++
		}
	}
	return n
}

// Limits of what is shown of a provider's claims. A provider may send claims of any size; a
// page shows enough to see which one holds the address.
const (
	mostClaims   = 50
	longestClaim = 200
)

// Try trades a code as a sign-in does, and reports what the provider said and who it would
// be. Nobody is signed in, and nothing is kept. It asks [school.LookWay], which writes
// nothing, where a sign-in asks [school.FirstWay]: an administrator who tries must not
// begin somebody's 72 hours. Other owners' providers are as unknown as those that do not
// exist.
func (s *Service) Try(ctx context.Context, actor school.Actor, code *pb.AuthorizationCode) (*pb.TestSignInResponse, error) {
	i := slices.IndexFunc(s.Providers, func(p *Provider) bool { return p.ID == code.GetProviderId() && p.Owner == actor.Owner })
	if i < 0 {
		return &pb.TestSignInResponse{Outcome: pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_UNKNOWN_PROVIDER}, nil
	}
	p := s.Providers[i]
	who, err := p.identify(ctx, code, s.Now)
	switch {
	// What came of it is the answer and no refusal: the desk shows it as a result of the
	// test.
	case refusal.ReasonOf(err) == refusal.Overloaded:
		return &pb.TestSignInResponse{Outcome: pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_NO_ANSWER}, nil
	case err != nil:
		return &pb.TestSignInResponse{Outcome: pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_REFUSED}, nil
	}
	reply := &pb.TestSignInResponse{Address: who.address, Claims: who.told()}
	var found school.Way
	err = s.DB.Do(ctx, postgres.As{Owner: p.Owner}, func(ctx context.Context, tx *postgres.Tx) error {
		// The transaction may run again: nothing of the first try may stay.
		found = school.Way{}
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(linkOfSubject, p.Owner, who.issuer, who.subject).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					if err := rows.Scan(&found.Person); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		})
		if err == nil && found.Person == uuid.Nil {
			found, err = school.LookWay(ctx, tx, p.Owner, who.issuer, who.subject, who.address, p.Claim != "" && p.Claim != "email", s.moment())
		}
		if err != nil || found.Person == uuid.Nil {
			return err
		}
		return tx.Ask(ctx, func(b *pgx.Batch) { school.QueueName(b, p.Owner, found.Person, &reply.PersonName) })
	})
	reply.Outcome = outcomeOf(found, who, actor)
	return reply, err
}

// outcomeOf puts into a word what would come of a sign-in. In the order of [way.refuse], so
// that the test says what a sign-in would; NO_ADDRESS comes first of those who were not
// found, since it is for the provider's settings to mend and not for the roster's.
func outcomeOf(w school.Way, who identity, actor school.Actor) pb.TestSignInOutcome {
	switch {
	case w.Refused:
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_SAID_NO
	case w.Several:
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_SEVERAL
	case w.Person == uuid.Nil && who.address == "":
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_NO_ADDRESS
	case w.Person == uuid.Nil:
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_NOT_IN_ROSTER
	case w.Waits:
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_WAITS
	case w.Person == actor.Person:
		return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_YOU
	}
	return pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_SOMEBODY_ELSE
}

// told is what the provider said, cut to what a page shows. Of more than 50 claims, chance
// says which are left out. Values are cut between runes: half a letter is not valid text on
// the wire.
func (i identity) told() map[string]string {
	out := map[string]string{}
	for name, value := range i.claims {
		if len(out) == mostClaims {
			break
		}
		if number, is := value.(float64); is { // a moment in seconds, and no 1.7e+09
			value = strconv.FormatFloat(number, 'f', -1, 64)
		}
		text := []rune(fmt.Sprint(value))
		out[name] = string(text[:min(len(text), longestClaim)])
	}
	return out
}
