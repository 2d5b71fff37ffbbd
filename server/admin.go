package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"time"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
)

// Admin is the handler of the admin port, for those who run the server alone:
// health, metrics, profiles, and the description of the contract. It asks for no token, so
// it belongs on a loopback address or behind a wall: profiles and metrics name nobody, but
// they show how busy a school is.
func (s *Server) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		// A prober gets an answer rather than a timeout.
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := s.o.DB.Ping(ctx); err != nil { // on a connection in reserve: a busy server is not dead
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		// For whoever runs it. The health that balancers ask for stays good: what is there can be
		// read, and no other server of the same database has more room.
		if s.o.DB.Full() {
			http.Error(w, "the database has no room: nothing can be saved until its disk has", http.StatusInsufficientStorage)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	// Named one by one: the package registers itself with the default mux, which nothing
	// serves.
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
// to say so. A balancer that looks each few seconds thus learns of an outage at its next
// look.
const (
	databaseEvery = time.Second
	databaseTime  = 2 * time.Second
)

// watchDatabase makes the health that balancers ask for tell the truth about the
// database, until ctx ends.
func (s *Server) watchDatabase(ctx context.Context) {
	tick := time.NewTicker(databaseEvery)
	defer tick.Stop()
	// It begins as serving, which is what health says until told otherwise.
	up := true
	for {
		asked, cancel := context.WithTimeout(ctx, databaseTime)
		err := s.o.DB.Ping(asked)
		cancel()
		// That the server ends says nothing of the database.
		if ctx.Err() != nil {
			return
		}
		// Reported when it changes: the same line each second would bury the log.
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
