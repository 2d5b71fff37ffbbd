package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/refusal"
)

// trips counts the flights to the database.
type trips struct{ n atomic.Int64 }

func (c *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (c *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.n.Add(1)
	return ctx
}
func (c *trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func someone() postgres.As { return postgres.As{Owner: uuid.New(), Person: uuid.New()} }

func TestReadIsOneTripAndAChangeIsTwo(t *testing.T) {
	t.Parallel()
	counter := new(trips)
	db := pgtest.NewWith(t, postgres.Options{MaxConns: 1, Tracer: counter}).DB
	ctx, as := context.Background(), someone()

	read := func() error {
		return db.Read(ctx, as, func(b *pgx.Batch) { b.Queue("select id from person") })
	}
	house := postgres.As{Owner: as.Owner}
	change := func() error {
		return db.Do(ctx, house, func(ctx context.Context, tx *postgres.Tx) error {
			err := tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select name from school for update") })
			tx.Queue("update school set name = name")
			return err
		})
	}
	for _, tc := range []struct {
		name string
		call func() error
		want int64
	}{{"read", read, 1}, {"change", change, 2}} {
		if err := tc.call(); err != nil { // the first time statements are described
			t.Fatalf("%s: %v", tc.name, err)
		}
		before := counter.n.Load()
		if err := tc.call(); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if got := counter.n.Load() - before; got != tc.want {
			t.Errorf("%s: %d round trips, want %d", tc.name, got, tc.want)
		}
	}
}

func TestG9IdentityIsGoneWhenTheConnectionGoesBack(t *testing.T) {
	t.Parallel()
	in := pgtest.NewWith(t, postgres.Options{MaxConns: 1})
	ctx := context.Background()
	cancelled, cancel := context.WithCancel(ctx)
	endings := map[string]func() error{
		"commit": func() error {
			return in.DB.Read(ctx, someone(), func(b *pgx.Batch) { b.Queue("select 1") })
		},
		"refusal": func() error {
			return in.DB.Do(ctx, someone(), func(ctx context.Context, tx *postgres.Tx) error {
				_ = tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select 1") })
				return refusal.New(refusal.WrongState)
			})
		},
		"panic": func() (err error) {
			defer func() { err = errors.New(recover().(string)) }()
			return in.DB.Do(ctx, someone(), func(ctx context.Context, tx *postgres.Tx) error {
				_ = tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select 1") })
				panic("in the middle")
			})
		},
		"hang-up": func() error {
			return in.DB.Do(cancelled, someone(), func(ctx context.Context, tx *postgres.Tx) error {
				_ = tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select 1") })
				cancel()
				return ctx.Err()
			})
		},
		"failed commit": func() error {
			return in.DB.Do(ctx, someone(), func(_ context.Context, tx *postgres.Tx) error {
				tx.Queue("select 1/0")
				return nil
			})
		},
	}
	for name, end := range endings {
		_ = end()
		// A statement without an identity must fail, never see everything.
		err := in.DB.Read(ctx, postgres.As{}, func(b *pgx.Batch) {
			b.Queue("select current_setting('undring.person')").QueryRow(func(row pgx.Row) error {
				var person string
				if err := row.Scan(&person); err != nil {
					return err
				}
				if person != uuid.Nil.String() {
					t.Errorf("after %s: the connection still acts as %s", name, person)
				}
				return nil
			})
		})
		if err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
	_, err := in.App(t).Exec(ctx, "select id from person")
	if err == nil {
		t.Error("a statement without an identity was answered")
	}
}

func TestCallersWhoHangUpDoNotCostConnections(t *testing.T) {
	t.Parallel()
	db := pgtest.NewWith(t, postgres.Options{MaxConns: 2}).DB
	before := db.Stat().NewConnsCount()
	for range 50 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		err := db.Do(ctx, someone(), func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select pg_sleep(5)") })
		})
		cancel()
		if err == nil {
			t.Fatal("a call that was hung up succeeded")
		}
	}
	if opened := db.Stat().NewConnsCount() - before; opened > 5 {
		t.Errorf("50 hung-up calls cost %d connections", opened)
	}
}

func TestOverloadIsToldToComeBack(t *testing.T) {
	t.Parallel()
	db := pgtest.NewWith(t, postgres.Options{MaxConns: 1}).DB
	var shed, served atomic.Int64
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() {
			err := db.Do(context.Background(), someone(), func(ctx context.Context, tx *postgres.Tx) error {
				return tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select pg_sleep(0.1)") })
			})
			var r *refusal.Refusal
			switch {
			case err == nil:
				served.Add(1)
			case errors.As(err, &r) && r.Reason == refusal.Overloaded && r.RetryAfter > 0:
				shed.Add(1)
			default:
				t.Errorf("neither served nor told to come back: %v", err)
			}
		})
	}
	wg.Wait()
	if served.Load() == 0 || shed.Load() == 0 {
		t.Errorf("served %d, shed %d: want some of both", served.Load(), shed.Load())
	}
}

func TestAChangeThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	in := pgtest.New(t)
	ctx, owner := context.Background(), uuid.New()
	err := in.DB.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue("insert into school_owner (owner_id, name) values ($1, 'Fjordvik')", owner)
		tx.Queue("insert into school_owner (owner_id, name) values ($1, 'Fjordvik')", owner)
		return nil
	})
	if err == nil {
		t.Fatal("the same owner was added twice")
	}
	var n int
	if err := in.Owner.QueryRow(ctx, "select count(*) from school_owner").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are left (%v)", n, err)
	}
}
