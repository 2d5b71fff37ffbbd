package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
)

// admin serves what only those who run the server may see.
func (s *Server) admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.o.DB.Ping(ctx); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

const (
	// sweepEvery is how often visits are ended that nobody went to.
	sweepEvery = 10 * time.Minute
	// sweepMost is how many are ended in one transaction, and sweepRounds how
	// many of these an owner gets at a time.
	sweepMost   = 500
	sweepRounds = 20
)

// sweep ends, from time to time, the visits that nobody went to, until ctx ends.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.Expire(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.LogAttrs(ctx, slog.LevelError, "ending visits that nobody went to", slog.String("error", err.Error()))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Expire ends the visits that nobody went to within 14 days of the lesson, forgets
// sessions that are long over and what has long been gone from feeds, and does
// what is due of the culture report.
func (s *Server) Expire(ctx context.Context) error {
	var owners []uuid.UUID
	err := s.o.DB.Read(ctx, postgres.As{}, func(b *pgx.Batch) {
		b.Queue("select owners()").Query(func(rows pgx.Rows) (err error) {
			owners, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	})
	if err != nil {
		return err
	}
	now := s.o.Now().UTC()
	var failed error
	for _, owner := range owners {
		for range sweepRounds {
			ended := 0
			err := s.o.DB.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
				return tx.Ask(ctx, func(b *pgx.Batch) {
					b.Queue("select count(*) from expire_visits($1, $2)", now, sweepMost).
						QueryRow(func(row pgx.Row) error { return row.Scan(&ended) })
				})
			})
			if err != nil {
				return fmt.Errorf("of one owner: %w", err)
			}
			if ended < sweepMost {
				break
			}
		}
		if err := s.sessions.Expire(ctx, owner); err != nil {
			return fmt.Errorf("old sessions of one owner: %w", err)
		}
		if err := s.phones.Sweep(ctx, owner); err != nil {
			return fmt.Errorf("the feeds of one owner: %w", err)
		}
		if err := s.culture.Sweep(ctx, owner); err != nil {
			failed = errors.Join(failed, fmt.Errorf("the culture report of one owner: %w", err)) // the others' come all the same
		}
	}
	return failed
}
