package offline

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/school"
	"undring/wire"
)

// Shelf is where things of one kind are.
type Shelf struct {
	// Read queues the reading of those among the ids that the actor may read, and
	// returns what tells of one of them once the batch is back: nil where it is not
	// there for the actor.
	Read func(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, now time.Time) func(id uuid.UUID) (*pb.Change, error)
	// OfVisits says that the ids are visits, and what is told of them another's words.
	OfVisits bool
	// Most is how many of them one answer holds, where they are large; 0: as many as
	// the page.
	Most int
}

// Options are what the room is told by package server.
type Options struct {
	DB  *postgres.DB
	Now func() time.Time
	// Secrets seal cursors: the first one does, the others did before it and
	// still count.
	Secrets [][]byte
	// Shelves read what has changed: one for each Thing.
	Shelves map[pb.Thing]Shelf
	// Calls are those that an operation can stand for, by the names of their
	// requests: see [CallsOf].
	Calls map[protoreflect.FullName]string
	// Invoke makes a call, by its full name as in "/undring.v1.X/Y", as whoever
	// the context belongs to, through all that a call from outside goes through.
	// Its error is a status, in the caller's language.
	Invoke func(ctx context.Context, method string, request proto.Message) (proto.Message, error)
	// Refuse turns a refusal into a status in the caller's language.
	Refuse func(ctx context.Context, refusal error) error
	// Ended lists which of some sessions are over, for whatever reason.
	Ended func(ctx context.Context, sessions []school.Actor) ([]uuid.UUID, error)
	// Readings writes down who is sent what; nil: nobody does.
	Readings school.Readings
	Log      *slog.Logger
}

// Service serves the SyncService of the contract.
type Service struct {
	pb.UnimplementedSyncServiceServer
	Options
	hub hub
	lag lag
}

// NewService makes the service. It refuses to when a kind of thing can't be read.
func NewService(o Options) (*Service, error) {
	for n, name := range pb.Thing_name {
		if thing := pb.Thing(n); thing != pb.Thing_THING_UNSPECIFIED && o.Shelves[thing].Read == nil {
			return nil, fmt.Errorf("nothing reads what has changed of %s", name)
		}
	}
	s := &Service{Options: o}
	s.hub.watchers, s.hub.look = map[party]map[*watcher]bool{}, s.look
	return s, nil
}

// moment is the time of a change.
func (s *Service) moment() time.Time { return wire.Moment(s.Now()) }

// sweepMost is how many rows are forgotten in one transaction.
const sweepMost = 5_000

// Sweep forgets what has been gone from the feeds of an owner for [Horizon], and
// tells of rules that have come into force meanwhile.
func (s *Service) Sweep(ctx context.Context, owner uuid.UUID) error {
	return s.DB.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(sweepFeed, s.moment(), Horizon, sweepMost)
		return nil
	})
}
