package privacy

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

const (
	beginErasure = `select begin_erasure($1, $2)`
	erasureOf    = `select asked_at from erasure where owner_id = $1 and person_id = $2`
	eraseStep    = `select erase_step($1, $2)`

	// eraseMost is how many visits one transaction goes through. Each takes a dozen
	// statements, under the lock of its row: all of them together stay within 100 ms.
	eraseMost = 5
	// eraseRounds is how many of these one job makes: some minutes' work. The rest waits
	// for the next one.
	eraseRounds = 8000
	// eraseTime is how long whoever asks is kept waiting for the end. The job does the rest.
	eraseTime = 5 * time.Second

	// FilesTime is after how long what was erased is gone from the database's files, where
	// its operator does what docs/running.md says: plain vacuum leaves bytes in a page until
	// something else is written there.
	FilesTime = 30 * 24 * time.Hour
)

// EraseMe erases the caller. First, in one transaction, nobody finds them any more; then
// their words go, a few visits at a time.
func (s *Service) EraseMe(ctx context.Context, req *pb.EraseMeRequest) (*pb.EraseMeResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.fresh(ctx, actor); refusal.ReasonOf(err) == refusal.SignInAgain {
		return s.askedBefore(ctx, actor, err)
	} else if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "EraseMe", Request: req, Now: s.moment()}
	reply, err := once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(school.LockRoster, actor.Owner)
			w.Queue(beginErasure, actor.Person, call.Now)
			return nil
		},
		func(*struct{}) *pb.EraseMeResponse {
			return &pb.EraseMeResponse{FilesTime: wire.EncodeTime(call.Now.Add(FilesTime))}
		},
	).Remember(ctx, s.db, once.Gone[struct{}](refusal.New(refusal.NotSignedIn)))
	if err != nil {
		return nil, err
	}
	if s.gone != nil {
		s.gone(actor.Person)
	}
	return s.eraseNow(ctx, actor, reply), nil
}

// askedBefore answers whoever is being erased already: their session has ended with the first
// request, and the same one sent again, or at the same moment, gets the same reply. refused is
// the answer for everybody else.
func (s *Service) askedBefore(ctx context.Context, actor school.Actor, refused error) (*pb.EraseMeResponse, error) {
	var asked *time.Time
	err := s.db.Read(ctx, postgres.As{Owner: actor.Owner}, func(b *pgx.Batch) {
		b.Queue(erasureOf, actor.Owner, actor.Person).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&asked); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	switch {
	case err != nil:
		return nil, err
	case asked == nil:
		return nil, refused
	}
	return s.eraseNow(ctx, actor, &pb.EraseMeResponse{FilesTime: wire.EncodeTime(asked.Add(FilesTime))}), nil
}

// eraseNow takes the steps of an erasure while the caller waits. What is not done by then, or
// fails, the job does: the person is erased all the same.
func (s *Service) eraseNow(ctx context.Context, actor school.Actor, reply *pb.EraseMeResponse) *pb.EraseMeResponse {
	soon, cancel := context.WithTimeout(ctx, eraseTime)
	defer cancel()
	reply.Done = s.Erase(soon, actor.Owner) == nil
	return reply
}

// Begin begins to erase somebody in the name of the house: one who has died, or who asks
// for it in writing. The job does the rest.
func Begin(ctx context.Context, db *postgres.DB, owner, person uuid.UUID, now time.Time) error {
	return db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(school.LockRoster, owner)
		tx.Queue(beginErasure, person, now)
		return nil
	})
}

// Erase goes on with the erasures of an owner until all are done. A job: it can be killed
// anywhere, and goes on where it was.
func (s *Service) Erase(ctx context.Context, owner uuid.UUID) error {
	for range eraseRounds {
		if more, err := s.EraseStep(ctx, owner); err != nil || !more {
			return err
		}
	}
	return nil
}

// EraseStep takes the next step of the erasures of an owner: one transaction, which holds no
// lock for long. It says whether there is more to do.
func (s *Service) EraseStep(ctx context.Context, owner uuid.UUID) (more bool, err error) {
	now := s.moment()
	err = s.db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(eraseStep, now, eraseMost).QueryRow(func(row pgx.Row) error { return row.Scan(&more) })
		})
	})
	return more, err
}
