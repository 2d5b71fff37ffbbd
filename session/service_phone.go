package session

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/school"
	"undring/wire"
)

// lastExport asks package privacy's function when a copy of all that is the person's was
// last taken. The table of accesses is that room's, so this one asks by a function and not
// by its columns.
const lastExport = `select last_export()`

// QueueActor reads the places that the actor holds now: what is remembered of
// them may be some seconds old. What a phone keeps has to be right for hours without a
// network: [Remembered] old is good enough for one call, and not for that.
func QueueActor(b *pgx.Batch, actor school.Actor) *school.Actor {
	now := actor
	now.Memberships = nil
	school.QueueMemberships(b, actor.Owner, actor.Person, &now.Memberships)
	return &now
}

// PhoneMe reads what the caller's phone keeps of the caller. All is queued into the batch
// of the pull, and the function it returns reads the answers after the batch has run. nil
// for an id means that there is nothing to send; only the caller's own id is ever asked
// for.
func PhoneMe(b *pgx.Batch, actor school.Actor, _ []uuid.UUID, now time.Time) func(uuid.UUID) (*pb.Change, error) {
	people, changes := new([]Person), new([]*pb.IdentityChange)
	queuePerson(b, holder(actor), people)
	school.QueueOpenChanges(b, actor, now, changes)
	exported := new(*time.Time)
	b.Queue(lastExport).QueryRow(func(row pgx.Row) error { return row.Scan(exported) })
	return func(id uuid.UUID) (*pb.Change, error) {
		for _, p := range *people {
			if p.ID == id {
				me := &pb.Me{Person: encode(p), Memberships: encodeMemberships(p), Locale: p.Locale, IdentityChanges: *changes}
				if *exported != nil {
					me.LastExportTime = wire.EncodeTime(**exported)
				}
				return &pb.Change{What: &pb.Change_Me{Me: me}}, nil
			}
		}
		return nil, nil
	}
}

// Ended lists which of some sessions are over, or belong to somebody who has no
// place any more. One statement an owner, however many sessions: it is asked over and over
// for all phones that wait in Watch, which is how a stream ends within [Remembered] of its
// session (G21). On an error, what was found so far is returned as well, so that one
// owner's trouble keeps no ended session's stream open.
func (s *Service) Ended(ctx context.Context, sessions []school.Actor) ([]uuid.UUID, error) {
	now := s.moment()
	byOwner := map[uuid.UUID][]uuid.UUID{}
	for _, a := range sessions {
		byOwner[a.Owner] = append(byOwner[a.Owner], a.Session)
	}
	var ended []uuid.UUID
	for owner, ids := range byOwner {
		err := s.DB.Read(ctx, postgres.As{Owner: owner}, func(b *pgx.Batch) {
			b.Queue(sessionsOver, owner, ids, now).Query(func(rows pgx.Rows) error {
				some, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
				ended = append(ended, some...)
				return err
			})
		})
		if err != nil {
			return ended, err
		}
	}
	return ended, nil
}
