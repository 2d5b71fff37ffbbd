package offline

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
)

const (
	// lookEvery is how often it is asked whose feed has changed. LISTEN and NOTIFY
	// would say it at once, but make every commit wait for the one before it, and
	// do not pass a pooler of transactions.
	lookEvery = 100 * time.Millisecond
	// checkEvery is how often it is asked whose session is over; a stream ends
	// within 10 s of it.
	checkEvery = 4 * time.Second
	// stillEvery is how often a stream says something when there is nothing to say:
	// proxies take one for dead that is silent for 30 s or more.
	stillEvery = 20 * time.Second
	// askTime is how long such a question may take.
	askTime = 3 * time.Second
)

// Watch hints whenever a pull would bring something.
func (s *Service) Watch(_ *pb.WatchRequest, stream grpc.ServerStreamingServer[pb.WatchResponse]) error {
	ctx := stream.Context()
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return err
	}
	w := newWatcher(actor)
	if err := s.hub.join(w); err != nil {
		return err
	}
	defer s.hub.leave(w)
	still := time.NewTimer(stillEvery)
	defer still.Stop()
	// The first hint covers what changed before this stream was there.
	for w.ring(); ; {
		select {
		case <-w.bell:
			if err := stream.Send(new(pb.WatchResponse)); err != nil {
				return err
			}
			still.Reset(stillEvery)
		case <-still.C:
			if err := stream.Send(&pb.WatchResponse{Nothing: true}); err != nil {
				return err
			}
			still.Reset(stillEvery)
		case err := <-w.over:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stop ends every stream with UNAVAILABLE, and refuses new ones.
func (s *Service) Stop() { s.hub.stop() }

// look wakes those who watch until ctx ends: one question for all of them,
// whoever they are. When it could not be asked, the next one covers its time.
func (s *Service) look(ctx context.Context) {
	tick, check := time.NewTicker(lookEvery), time.NewTicker(checkEvery)
	defer tick.Stop()
	defer check.Stop()
	var since uint64
	failing := false
	s.lag.begin(s.Now())
	defer s.lag.end()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			since, err = s.wake(ctx, since)
		case <-check.C:
			err = s.check(ctx)
		}
		// Logged when it begins to fail, not ten times a second.
		if err != nil && !failing && ctx.Err() == nil {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "looking for what has changed", slog.String("error", err.Error()))
		}
		failing = err != nil
	}
}

// wake rings where something has changed since a transaction, and returns up to
// which it looked. Where it does not know since when, or the database has another
// count, it rings everywhere.
func (s *Service) wake(ctx context.Context, since uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var upTo, end uint64
	var who []party
	err := s.DB.Read(ctx, postgres.As{}, func(b *pgx.Batch) {
		// A read that is tried again begins anew.
		who = nil
		queueSince(b, since, &upTo, &end, &who)
	})
	if err != nil {
		return since, err
	}
	s.lag.see(upTo, end, s.Now())
	if since == 0 || upTo < since {
		for _, w := range s.hub.all() {
			w.ring()
		}
	}
	s.hub.ring(who)
	return upTo, nil
}

// check ends the streams of those whose token has run out or whose session is
// over.
func (s *Service) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	now := s.moment()
	bySession := map[uuid.UUID][]*watcher{}
	var sessions []school.Actor
	for _, w := range s.hub.all() {
		if !now.Before(w.until) {
			w.end(refusal.New(refusal.TokenExpired))
			continue
		}
		if bySession[w.session] == nil {
			sessions = append(sessions, school.Actor{Owner: w.owner, Person: w.person, Session: w.session})
		}
		bySession[w.session] = append(bySession[w.session], w)
	}
	// One question for all sessions, however many streams there are.
	ended, err := s.Ended(ctx, sessions)
	for _, id := range ended {
		for _, w := range bySession[id] {
			w.end(refusal.New(refusal.SessionRevoked))
		}
	}
	return err
}
