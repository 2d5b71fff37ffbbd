package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
)

// job is work that is due from time to time without anybody asking for it. It is done
// for each school owner by itself, may be done as often as one likes and by several
// servers at once, and whatever it leaves undone is done the next time. What has to
// be remembered until it has succeeded is not a job of this kind: it belongs in a queue
// that is written in the transaction of the change.
type job struct {
	// name is what the metrics and the log call it.
	name string
	// every is no promise: a round that takes longer is followed by the next at once.
	every time.Duration
	run   func(ctx context.Context, owner uuid.UUID) error
}

// ownerTime is how long a job may take for one owner: one that hangs must not keep the
// others waiting for ever.
const ownerTime = 5 * time.Minute

// jobs lists every job. Ten minutes is how late a person notices that something has ended
// or begun; what is told to people is River's, to the second.
func (s *Server) jobs() []job {
	return []job{
		{"expire_visits", 10 * time.Minute, s.visits.Expire},
		{"forget_sessions", time.Hour, s.sessions.Expire},
		{"carry_out_identity_changes", 10 * time.Minute, s.people.CarryOut},
		{"read_timetables", 30 * time.Second, s.people.ReadFeeds},
		{"open_boxes", 10 * time.Minute, s.focus.OpenBox},
		{"sweep_feeds", 10 * time.Minute, s.phones.Sweep},
		{"culture_report", 10 * time.Minute, s.culture.Sweep},
		{"erase_people", 10 * time.Minute, s.privacy.Erase},
		{"retention", 24 * time.Hour, s.retain},
	}
}

// retain takes away what has been kept for as long as was promised. One that fails
// keeps no other from its turn. The spans are each room's own, as its declaration of tables
// says.
func (s *Server) retain(ctx context.Context, owner uuid.UUID) error {
	return errors.Join(
		s.visits.Forget(ctx, owner),
		once.Forget(ctx, s.o.DB, owner, s.o.Now()),
		s.people.ForgetImports(ctx, owner),
		s.people.ForgetActs(ctx, owner),
		s.privacy.Forget(ctx, owner),
		s.notices.Forget(ctx, owner),
	)
}

// work does every job at its interval, and once at the start, until ctx ends. The jobs
// do not wait for each other. Several servers of one database each do all of them: every
// job may be done twice, and that is cheaper than agreeing on who does it.
func (s *Server) work(ctx context.Context) {
	var all sync.WaitGroup
	for _, j := range s.jobs() {
		all.Go(func() {
			tick := time.NewTicker(j.every)
			defer tick.Stop()
			for {
				// An error because the server ends doesn't count.
				if err := s.round(ctx, j); err != nil && ctx.Err() == nil {
					s.o.Log.LogAttrs(ctx, slog.LevelError, "a job failed", slog.String("job", j.name), slog.String("error", err.Error()))
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	all.Wait()
}

// RunJobs does every job once, for every owner, and returns all that failed. One after the
// other, for tests and for commands.
func (s *Server) RunJobs(ctx context.Context) error {
	var failed []error
	for _, j := range s.jobs() {
		failed = append(failed, s.round(ctx, j))
	}
	return errors.Join(failed...)
}

// round does a job for every owner. What fails for one is said at the end, when the
// others have had their turn. The time of the last success moves only when all owners had
// theirs, so that an alarm on it means that somebody's work is not done.
func (s *Server) round(ctx context.Context, j job) error {
	owners, err := s.owners(ctx)
	if err != nil {
		s.metrics.jobs.WithLabelValues(j.name, "failed").Observe(0)
		return fmt.Errorf("%s: listing the school owners: %w", j.name, err)
	}
	var failed []error
	for _, owner := range owners {
		if err := s.runFor(ctx, j, owner); err != nil {
			failed = append(failed, fmt.Errorf("%s of the school owner %s: %w", j.name, owner, err))
		}
	}
	if len(failed) == 0 {
		s.metrics.jobDone.WithLabelValues(j.name).Set(float64(s.o.Now().Unix()))
	}
	return errors.Join(failed...)
}

// runFor does a job for one owner, and counts how long it took and how it ended.
func (s *Server) runFor(ctx context.Context, j job, owner uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, ownerTime)
	defer cancel()
	begun, result := s.o.Now(), "ok"
	err := j.run(ctx, owner)
	if err != nil {
		result = "failed"
	}
	s.metrics.jobs.WithLabelValues(j.name, result).Observe(s.o.Now().Sub(begun).Seconds())
	return err
}

// owners lists all school owners. It is asked in nobody's name; what is then done is
// done in the name of one owner at a time.
func (s *Server) owners(ctx context.Context) ([]uuid.UUID, error) {
	var owners []uuid.UUID
	err := s.o.DB.Read(ctx, postgres.As{}, func(b *pgx.Batch) {
		b.Queue("select owners()").Query(func(rows pgx.Rows) (err error) {
			owners, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	})
	return owners, err
}
