package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of a pool.
type Options struct {
	// MaxConns is how many statements run at once. 0: DefaultMaxConns.
	MaxConns int
	// Tracer sees every flight to the database; for tests that count them.
	Tracer pgx.QueryTracer
}

// DefaultMaxConns suits a database of two to four cores.
const DefaultMaxConns = 8

// DB is a pool of connections with a gate before it. Safe for concurrent use.
type DB struct {
	pool *pgxpool.Pool
	gate *gate
}

// Open connects to the database at a URL, as the role that it names.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database's URL: %w", err)
	}
	if o.MaxConns == 0 {
		o.MaxConns = DefaultMaxConns
	}
	cfg.MaxConns = int32(o.MaxConns)
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.Tracer = o.Tracer
	cfg.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		// Asks the server to stop, so that the connection can go on; only when
		// the server does not, the connection is given up.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 2 * time.Second}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	return &DB{pool: pool, gate: newGate(o.MaxConns)}, nil
}

// Close waits for what runs and closes the connections.
func (d *DB) Close() { d.pool.Close() }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.pool.Ping(ctx) }

// Stat counts the pool's connections.
func (d *DB) Stat() *pgxpool.Stat { return d.pool.Stat() }
