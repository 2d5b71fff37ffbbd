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
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"undring/postgres"
)

// Admin is the handler of the admin port, for those who run the server alone:
// health, metrics, profiles, and the description of the contract.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.o.DB.Ping(ctx); err != nil { // on a connection in reserve: a busy server is no dead one
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("GET /metrics", s.metrics.handler())
	// What grpcurl asks for to describe the contract; the public port does not tell.
	described := grpc.NewServer()
	reflectionpb.RegisterServerReflectionServer(described, reflection.NewServerV1(reflection.ServerOptions{Services: s.grpc}))
	mux.Handle("POST /grpc.reflection.v1.ServerReflection/", described)
	return mux
}

// adminProtocols let grpcurl speak to the admin port as well.
func adminProtocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// How often the database is asked whether it is there, and how long it may take
// to say so.
const (
	databaseEvery = time.Second
	databaseTime  = 2 * time.Second
)

// watchDatabase makes the health that balancers ask for tell the truth about the
// database, until ctx ends.
func (s *Server) watchDatabase(ctx context.Context) {
	tick := time.NewTicker(databaseEvery)
	defer tick.Stop()
	up := true
	for {
		asked, cancel := context.WithTimeout(ctx, databaseTime)
		err := s.o.DB.Ping(asked)
		cancel()
		if ctx.Err() != nil {
			return
		}
		if there := err == nil; there != up {
			up = there
			status, level := healthpb.HealthCheckResponse_SERVING, slog.LevelInfo
			if !up {
				status, level = healthpb.HealthCheckResponse_NOT_SERVING, slog.LevelError
			}
			s.health.SetServingStatus("", status)
			s.o.Log.LogAttrs(ctx, level, "the database answers", slog.Bool("answers", up))
		}
		s.metrics.databaseUp.Set(map[bool]float64{true: 1}[up])
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
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
		if err := s.RunJobs(ctx); err != nil && ctx.Err() == nil {
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

// RunJobs runs every job once.
func (s *Server) RunJobs(ctx context.Context) error { return s.job(ctx, "expire", s.Expire) }
