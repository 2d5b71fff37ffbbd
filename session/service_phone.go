package session

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/school"
)

// QueueActor reads the places that the actor holds now: what is remembered of
// them may be some seconds old.
func QueueActor(b *pgx.Batch, actor school.Actor) *school.Actor {
	now := actor
	now.Memberships = nil
	school.QueueMemberships(b, actor.Owner, actor.Person, &now.Memberships)
	return &now
}

// PhoneMe reads what the caller's phone keeps of the caller.
func PhoneMe(b *pgx.Batch, actor school.Actor, _ []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	people := new([]Person)
	queuePerson(b, holder(actor), people)
	return func(id uuid.UUID) (*pb.Change, error) {
		for _, p := range *people {
			if p.ID == id {
				return &pb.Change{What: &pb.Change_Me{Me: &pb.Me{Person: encode(p), Memberships: encodeMemberships(p), Locale: p.Locale}}}, nil
			}
		}
		return nil, nil
	}
}

// Ended lists which of some sessions are over, or belong to somebody who has no
// place any more.
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
