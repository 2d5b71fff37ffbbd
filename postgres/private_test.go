package postgres_test

import (
	"context"
	"log/slog"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/postgres/pgtest"
)

// A database that ends by itself, as it does when its disk is full, is started again; one
// that was stopped is not.
func TestADatabaseThatEndsIsStartedAgain(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	cluster, err := postgres.StartPrivate(t.Context(), postgres.PrivateOptions{Dir: pgtest.Folder(t), Throwaway: true, MaxConnections: 10, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	var keeping sync.WaitGroup
	keeping.Go(func() { cluster.Keep(context.Background(), quiet) })
	answers := func() bool {
		conn, err := pgx.Connect(t.Context(), cluster.URL("postgres", "postgres"))
		if err != nil {
			return false
		}
		return conn.Close(t.Context()) == nil
	}
	first := cluster.PID()
	if err := syscall.Kill(first, syscall.SIGQUIT); err != nil { // as after a panic: at once, without a last word
		t.Fatal(err)
	}
	for until := time.Now().Add(time.Minute); cluster.PID() == first || !answers(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the database has not come back in a minute")
		}
	}
	if err := cluster.Stop(); err != nil {
		t.Error(err)
	}
	keeping.Wait() // or it would be started for ever
	if answers() {
		t.Error("a database that was stopped was started again")
	}
}
