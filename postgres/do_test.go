package postgres_test

import (
	"context"
	"errors"
	"math/rand/v2"
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

func TestMain(m *testing.M) { pgtest.Main(m) }

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
		if left := leftIn(t, in.DB); left != "" {
			t.Errorf("after %s: the connection still acts as %s", name, left)
		}
	}
	_, err := in.App(t).Exec(ctx, "select id from person")
	if err == nil {
		t.Error("a statement without an identity was answered")
	}
}

// leftIn is whom a connection that lies in the pool acts as. A statement there
// without an identity must fail besides, and never see everything.
func leftIn(t *testing.T, db *postgres.DB) string {
	t.Helper()
	var left string
	err := db.Pool().QueryRow(context.Background(),
		"select coalesce(current_setting('undring.owner', true), '') || coalesce(current_setting('undring.person', true), '')").Scan(&left)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.Pool().QueryRow(context.Background(), "select count(*) from person").Scan(&n); err == nil {
		t.Errorf("a statement without an identity is answered: %d people", n)
	}
	return left
}

// G9 (R19): 10,000 requests of 200 people on 4 connections, among them such as
// are hung up, panic, run out of time, or fail at the commit: each sees its own
// owner's one person and nobody else's, and nobody is left in the pool.
func TestG9ThePoolCarriesNobody(t *testing.T) {
	t.Parallel()
	const requests, callers = 10_000, 8
	in := pgtest.NewWith(t, postgres.Options{MaxConns: 4})
	ctx := context.Background()
	people := make([]postgres.As, 200)
	for i := range people {
		people[i] = someone()
		if _, err := in.Owner.Exec(ctx, "with o as (insert into school_owner values ($1, 'x') returning owner_id) insert into person (owner_id, id, given_name, family_name, created_at) select owner_id, $2, 'x', 'x', now() from o",
			people[i].Owner, people[i].Person); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var seen atomic.Int64
	request := func(r *rand.Rand) {
		as, ending := people[r.IntN(len(people))], r.IntN(50)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		look := func(b *pgx.Batch) {
			b.Queue("select id from person").Query(func(rows pgx.Rows) error {
				ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
				if err == nil && (len(ids) != 1 || ids[0] != as.Person) {
					t.Errorf("%v sees %v", as, ids)
				}
				seen.Add(1)
				return err
			})
		}
		if ending >= 5 {
			// On a busy machine somebody may wait too long for one of the four connections; they come back.
			err := in.DB.Read(ctx, as, look)
			for again := 0; refusal.ReasonOf(err) == refusal.Overloaded && again < 20; again++ {
				time.Sleep(50 * time.Millisecond)
				err = in.DB.Read(ctx, as, look)
			}
			if err != nil {
				t.Errorf("reading: %v", err)
			}
			return
		}
		defer func() { _ = recover() }()
		err := in.DB.Do(ctx, as, func(ctx context.Context, tx *postgres.Tx) error {
			if err := tx.Ask(ctx, look); err != nil {
				return err
			}
			switch ending {
			case 0:
				cancel()
			case 1:
				panic("in the middle")
			case 2:
				ctx, stop := context.WithTimeout(ctx, time.Millisecond)
				defer stop()
				return tx.Ask(ctx, func(b *pgx.Batch) { b.Queue("select pg_sleep(10)") })
			case 3:
				return refusal.New(refusal.WrongState)
			default:
				tx.Queue("select 1/0")
			}
			return ctx.Err()
		})
		if err == nil {
			t.Errorf("ending %d went well", ending)
		}
	}
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(caller)))
			for range requests / callers {
				request(r)
			}
		})
	}
	all.Wait()
	if seen.Load() < requests*9/10 {
		t.Errorf("only %d of %d requests saw anybody", seen.Load(), requests)
	}
	for range 20 {
		if left := leftIn(t, in.DB); left != "" {
			t.Errorf("the pool carries %s", left)
		}
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

// A database that is not there is no fault of the program's: the caller is told to come
// back, and the log what it was.
func TestADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	db, err := postgres.Prepare(t.Context(), "postgres://undring_app@127.0.0.1:1/undring?sslmode=disable", postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.Do(t.Context(), someone(), func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue("select 1")
		return nil
	})
	var r *refusal.Refusal
	if !errors.As(err, &r) || r.Reason != refusal.Overloaded || r.RetryAfter == 0 || !errors.Is(err, postgres.ErrAway) {
		t.Errorf("answered with %v", err)
	}
}
