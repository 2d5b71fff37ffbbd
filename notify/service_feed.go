package notify

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/school"
)

const (
	// No row: the address was never renewed, which is generation 1.
	feedGeneration = `select coalesce((select generation from calendar_feed where owner_id = $1 and person_id = $2), 1)`

	renewFeed = `
		insert into calendar_feed (owner_id, person_id, generation) values ($1, $2, $3)
		on conflict (owner_id, person_id) do update set generation = excluded.generation`
)

// FeedPath is where calendars are on the web port.
const FeedPath = "/calendar/"

// GetCalendarFeed gives the secret address of the caller's calendar.
func (s *Service) GetCalendarFeed(ctx context.Context, _ *pb.GetCalendarFeedRequest) (*pb.GetCalendarFeedResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var generation uint32
	err = s.o.DB.Read(ctx, actor.As(), func(b *pgx.Batch) { queueGeneration(b, actor.Owner, actor.Person, &generation) })
	if err != nil {
		return nil, err
	}
	return &pb.GetCalendarFeedResponse{Address: s.feedAddress(actor, generation)}, nil
}

// RenewCalendarFeed makes another address.
func (s *Service) RenewCalendarFeed(ctx context.Context, req *pb.RenewCalendarFeedRequest) (*pb.RenewCalendarFeedResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "RenewCalendarFeed", Request: req, Now: s.moment()}
	read := func(b *pgx.Batch, generation *uint32) { queueGeneration(b, actor.Owner, actor.Person, generation) }
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, generation *uint32) {
			b.Queue(lockPerson, actor.Person)
			read(b, generation)
		},
		func(w once.Writer, generation *uint32) error {
			// Every address of before is void with it, in all calendars that have it.
			*generation++
			w.Queue(renewFeed, actor.Owner, actor.Person, *generation)
			return nil
		},
		func(generation *uint32) *pb.RenewCalendarFeedResponse {
			return &pb.RenewCalendarFeedResponse{Address: s.feedAddress(actor, *generation)}
		},
	).ReadAnew(ctx, s.o.DB, once.Read(read)) // the secret is not stored with the request
}

func queueGeneration(b *pgx.Batch, owner, person uuid.UUID, into *uint32) {
	b.Queue(feedGeneration, owner, person).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// The first secret signs. Once it is exchanged, addresses that were given out stay good for
// as long as the old one is among the secrets.
func (s *Service) feedAddress(actor school.Actor, generation uint32) string {
	l := link{what: forCalendar, owner: actor.Owner, person: actor.Person, generation: generation}
	return s.o.Address + FeedPath + l.text(s.o.Secrets[0]) + ".ics"
}
