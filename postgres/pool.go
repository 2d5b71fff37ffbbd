package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// Options of a pool.
type Options struct {
	// MaxConns is how many statements run at once. 0: DefaultMaxConns.
	MaxConns int
	// Tracer sees every flight to the database; nil: nobody does.
	Tracer pgx.QueryTracer
}

// DefaultMaxConns suits a database of two to four cores.
const DefaultMaxConns = 8

// reserved is how many connections are kept for what must go on when all others
// are taken.
const reserved = 2

// DB is a pool of connections with a gate before it, and a small one in reserve.
// Safe for concurrent use.
type DB struct {
	ordinary, reserve lane
	fullAt            atomic.Int64 // when it last had no room, in nanoseconds; 0: it has
	config            *pgxpool.Config
}

// lane is a pool with its gate.
type lane struct {
	pool *pgxpool.Pool
	gate *gate
}

type urgentKey struct{}

// Urgent marks what must go on under any load: to see whether the database is
// there, to end a session. It runs on connections in reserve.
func Urgent(ctx context.Context) context.Context { return context.WithValue(ctx, urgentKey{}, true) }

// lane is the reserve for what must go on when everything is full (health, signing out), and
// the ordinary one otherwise.
func (d *DB) lane(ctx context.Context) *lane {
	if ctx.Value(urgentKey{}) != nil {
		return &d.reserve
	}
	return &d.ordinary
}

// Open connects to the database at a URL, as the role that it names, and finds it
// there.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	d, err := Prepare(ctx, url, o)
	if err != nil {
		return nil, err
	}
	if err := d.Ping(ctx); err != nil {
		d.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	return d, nil
}

// Prepare is Open for a database that is known to be there: the first who asks
// something connects.
func Prepare(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database's URL: %w", err)
	}
	if o.MaxConns == 0 {
		o.MaxConns = DefaultMaxConns
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.Tracer = o.Tracer
	cfg.AfterConnect = func(_ context.Context, c *pgx.Conn) error {
		pgxuuid.Register(c.TypeMap()) // or ids go as text, by way of database/sql
		return nil
	}
	cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		// Asks the server to stop, so that the connection can go on; only when
		// the server does not, the connection is given up.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 2 * time.Second}
	}
	d := &DB{config: cfg}
	if d.ordinary, err = openLane(ctx, cfg, o.MaxConns); err != nil {
		return nil, err
	}
	if d.reserve, err = openLane(ctx, cfg, reserved); err != nil {
		d.ordinary.pool.Close()
		return nil, err
	}
	return d, nil
}

// openLane opens a pool of its own behind a gate of its own, so that what waits in one
// lane takes no connection of another.
func openLane(ctx context.Context, cfg *pgxpool.Config, conns int) (lane, error) {
	cfg = cfg.Copy()
	cfg.MaxConns = int32(conns)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return lane{}, fmt.Errorf("opening the database: %w", err)
	}
	return lane{pool, newGate(conns)}, nil
}

// Beside opens connections to the same database, with a gate of their own: what goes on in the
// background takes none of those that calls wait for.
func (d *DB) Beside(ctx context.Context, conns int) (*DB, error) {
	beside := &DB{config: d.config}
	var err error
	if beside.ordinary, err = openLane(ctx, d.config, conns); err != nil {
		return nil, err
	}
	if beside.reserve, err = openLane(ctx, d.config, 1); err != nil {
		beside.ordinary.pool.Close()
		return nil, err
	}
	return beside, nil
}

// Bare is the pool as it is, for a library that brings statements of its own. They run in
// nobody's name, so they can read no row of a person's.
func (d *DB) Bare() *pgxpool.Pool { return d.ordinary.pool }

// Close waits for what runs and closes the connections.
func (d *DB) Close() {
	d.ordinary.pool.Close()
	d.reserve.pool.Close()
}

// Ping says whether the database answers, by a connection in reserve.
func (d *DB) Ping(ctx context.Context) error { return d.reserve.pool.Ping(ctx) }

// Stat counts the pool's connections, those in reserve aside.
func (d *DB) Stat() *pgxpool.Stat { return d.ordinary.pool.Stat() }

// Waiting is how many wait before the gate.
func (d *DB) Waiting() int64 { return d.ordinary.gate.waiting.Load() }

// Refused is how many were asked at the gate to come back later.
func (d *DB) Refused() int64 { return d.ordinary.gate.refused.Load() }
