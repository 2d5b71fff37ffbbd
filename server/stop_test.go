package server_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
	"undring/town"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// A server that is told to stop lets the call that is under way end, says that
// it no longer serves, and is gone.
func TestTheServerStopsInOrder(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour)
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	rpc, web, admin := listen(), listen(), listen()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- w.Server.Serve(ctx, rpc, web, admin) }()
	conn, err := grpc.NewClient(rpc.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	health, err := healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
	if err != nil || health.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("health: %v %v", health, err)
	}
	for _, address := range []string{"http://" + admin.Addr().String() + "/healthz", "http://" + web.Addr().String()} {
		r, err := http.Get(address)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", address, r.Status)
		}
	}
	// A change that waits for a lock is under way when the server is told to stop.
	tx, err := w.DB.Owner.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(context.Background(), "select from visit where id = $1 for update", v.ID); err != nil {
		t.Fatal(err)
	}
	phone := w.Phone(conn, uuid.MustParse(w.Ola.ID), "Ola")
	changed := make(chan error, 1)
	go func() {
		_, err := (&town.Visit{Town: w, ID: v.ID, Observer: w.Kari, Observed: phone}).Decline()
		changed <- err
	}()
	for town.One[int](w, "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()") == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	time.Sleep(50 * time.Millisecond) // the stop is on its way while the change waits
	if err := tx.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-changed; err != nil {
		t.Errorf("the change that was under way: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if _, err := healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("after the stop: %v", err)
	}
	if town.One[string](w, "select state from visit where id = $1", v.ID) != "DECLINED" {
		t.Error("the change was lost")
	}
}
