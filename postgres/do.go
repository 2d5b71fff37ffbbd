package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"undring/refusal"
)

// As is in whose name a transaction runs. The nil person is the house itself:
// commands and jobs.
type As struct {
	Owner  uuid.UUID
	Person uuid.UUID
}

const identify = `select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)`

// Limits of a transaction.
const (
	// tries is how often a transaction is carried out when it loses against
	// others (serialization failure, deadlock).
	tries = 3
	// rollbackTime is how long a rollback may take, whatever became of the
	// caller.
	rollbackTime = 2 * time.Second
)

// Read asks everything that fill queues, in one round trip and on one snapshot.
// Results are taken by the callbacks of the queued queries; the first error of
// any is returned.
func (d *DB) Read(ctx context.Context, as As, fill func(*pgx.Batch)) error {
	return d.read(ctx, as, fill, nil)
}

func (d *DB) read(ctx context.Context, as As, fill, then func(*pgx.Batch)) error {
	asked := new(pgx.Batch)
	fill(asked)
	b := new(pgx.Batch)
	if asked.Len() > 1 { // one statement has one snapshot by itself
		b.Queue("begin isolation level repeatable read read only")
	}
	as.queue(b)
	b.QueuedQueries = append(b.QueuedQueries, asked.QueuedQueries...)
	if asked.Len() > 1 {
		b.Queue("commit")
	}
	if then != nil {
		as.queue(b) // the one above ended with its transaction
		then(b)
	}
	return d.with(ctx, as, func(conn *pgxpool.Conn) error { return flight(ctx, conn, b) })
}

// ReadThen does the same, and writes what then queues once everything is read, in the
// same round trip: the answer is there only when that is written, too. The writing is a
// transaction of its own, so that reading keeps its snapshot and waits for nobody.
func (d *DB) ReadThen(ctx context.Context, as As, fill, then func(*pgx.Batch)) error {
	return d.read(ctx, as, fill, then)
}

// queue says at the beginning of a transaction who is acting; row level security reads it.
func (as As) queue(b *pgx.Batch) { b.Queue(identify, as.Owner.String(), as.Person.String()) }

// Snapshot lets fn ask several flights, all of one moment: what is read late in it is as
// it was at the first. It changes nothing, and holds a connection until fn is done.
func (d *DB) Snapshot(ctx context.Context, as As, fn func(ask func(fill func(*pgx.Batch)) error) error) error {
	return d.with(ctx, as, func(conn *pgxpool.Conn) error {
		defer rollback(ctx, conn) // there is nothing to commit
		begun := false
		return fn(func(fill func(*pgx.Batch)) error {
			b := new(pgx.Batch)
			if !begun {
				b.Queue("begin isolation level repeatable read read only")
				as.queue(b)
				begun = true
			}
			fill(b)
			return flight(ctx, conn, b)
		})
	})
}

// Tx is a change under way. It belongs to the function that it was given to.
type Tx struct {
	conn   *pgxpool.Conn
	as     As
	begun  bool
	writes pgx.Batch
}

// Ask sends what fill queues in one round trip and takes the results by the
// callbacks of the queued queries. The first flight begins the transaction.
func (t *Tx) Ask(ctx context.Context, fill func(*pgx.Batch)) error {
	b := new(pgx.Batch)
	if !t.begun {
		b.Queue("begin")
		t.as.queue(b)
		t.begun = true
	}
	fill(b)
	return flight(ctx, t.conn, b)
}

// Queue adds a write. All writes go out in the order of queueing, with the
// commit, in one round trip, when the change is done.
func (t *Tx) Queue(sql string, args ...any) *pgx.QueuedQuery {
	return t.writes.Queue(sql, args...)
}

// Send sends the writes that are queued so far, for a change that needs to know what
// they did before it can write the rest.
func (t *Tx) Send(ctx context.Context) error {
	sent := t.writes.QueuedQueries
	if len(sent) == 0 {
		return nil
	}
	t.writes = pgx.Batch{}
	return t.Ask(ctx, func(b *pgx.Batch) { b.QueuedQueries = append(b.QueuedQueries, sent...) })
}

// Do carries out a change as someone: fn asks, decides and queues; then all is
// written and committed, or, when fn or the database says no, nothing is. fn is
// run again when the transaction lost against another one, so it does nothing
// outside the database.
func (d *DB) Do(ctx context.Context, as As, fn func(context.Context, *Tx) error) error {
	wrote := false
	err := d.with(ctx, as, func(conn *pgxpool.Conn) error {
		var err error
		for range tries {
			if err = attempt(ctx, conn, as, fn, &wrote); !lostRace(err) {
				return err
			}
		}
		return err
	})
	switch {
	case errors.Is(err, ErrFull):
		d.fullAt.Store(time.Now().UnixNano())
	case err == nil && wrote:
		d.fullAt.Store(0)
	}
	return err
}

// fullFor is how long it is held to be full after it said so: nobody may write for a while.
const fullFor = time.Minute

// Full says that the database had no room for the last change that somebody tried. It
// still answers those who read.
func (d *DB) Full() bool {
	at := d.fullAt.Load()
	return at > 0 && time.Since(time.Unix(0, at)) < fullFor
}

// attempt runs fn once in a transaction. What fn writes waits until fn has returned, and goes
// with the commit in one flight; what only reads and writes nothing has no commit to wait for.
func attempt(ctx context.Context, conn *pgxpool.Conn, as As, fn func(context.Context, *Tx) error, wrote *bool) error {
	tx := &Tx{conn: conn, as: as}
	done := false
	defer func() {
		if !done && tx.begun {
			rollback(ctx, conn)
		}
	}()
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if !tx.begun && tx.writes.Len() == 0 {
		return nil
	}
	*wrote = tx.writes.Len() > 0
	b := &tx.writes
	if tx.begun {
		b.Queue("commit")
	} else { // what goes out in one flight is one transaction by itself
		b = new(pgx.Batch)
		as.queue(b)
		b.QueuedQueries = append(b.QueuedQueries, tx.writes.QueuedQueries...)
	}
	if err := flight(ctx, conn, b); err != nil {
		return err
	}
	done = true
	return confirmed(ctx)
}

// confirmed refuses to call a commit done when its caller's time had run out.
// Hanging up ends PostgreSQL's wait for a synchronous standby, and it then says that
// it has committed, though a fail-over would lose it.
func confirmed(ctx context.Context) error { return ctx.Err() }

// somethingToWaitFor is a commit that a synchronous standby has to confirm: one
// that wrote nothing waits for nobody.
const somethingToWaitFor = `select pg_logical_emit_message(true, 'undring', '')`

// Settle gives a transaction up, with what it wrote while it asked, and waits until
// all that it saw would survive the loss of this machine.
func (t *Tx) Settle(ctx context.Context) error {
	b := new(pgx.Batch)
	b.Queue("rollback")
	b.Queue(somethingToWaitFor) // a transaction of its own
	if err := flight(ctx, t.conn, b); err != nil {
		return err
	}
	return confirmed(ctx)
}

// rollback has a time of its own: with the caller's, a caller who hangs up would
// cost the connection.
func rollback(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	if conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	// A connection that can't roll back is thrown away by the pool.
	_, _ = conn.Exec(ctx, "rollback")
}

// with hands out a connection, once the gate of the caller's lane lets the caller in.
func (d *DB) with(ctx context.Context, as As, fn func(*pgxpool.Conn) error) error {
	l, c := d.lane(ctx), as.caller(ctx)
	if err := l.gate.enter(ctx, c); err != nil {
		return err
	}
	defer l.gate.leave(c)
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return translate(ctx, fmt.Errorf("taking a connection: %w", err))
	}
	defer conn.Release()
	return translate(ctx, fn(conn))
}

// flight sends a batch and reads all of its results; the first error ends it.
func flight(ctx context.Context, conn *pgxpool.Conn, b *pgx.Batch) error {
	return conn.SendBatch(ctx, b).Close()
}

// ErrAway says that the database could not be reached, or that the connection to it
// broke: what was under way is done or not, and asking again tells.
var ErrAway = errors.New("the database is away")

// away is true for errors of a database that isn't there at the moment. They are worth coming
// back for, other than those that the call itself has caused.
func away(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code { // it stops, starts, is full, or leads no more
		case pgerrcode.AdminShutdown, pgerrcode.CrashShutdown, pgerrcode.CannotConnectNow, pgerrcode.TooManyConnections, pgerrcode.ReadOnlySQLTransaction:
			return true
		}
		return pgerrcode.IsConnectionException(pg.Code)
	}
	var connecting *pgconn.ConnectError
	var link net.Error
	return errors.As(err, &connecting) || errors.As(err, &link) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// lostRace is true where two transactions got into each other's way and this one was ended.
// The same once more may well succeed.
func lostRace(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == pgerrcode.SerializationFailure || pg.Code == pgerrcode.DeadlockDetected)
}

// translate turns what the database refuses, and that it is away, into a refusal, and
// takes the values of rows out of every other error.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() == nil && away(err) {
		return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter, Err: fmt.Errorf("%w: %w", ErrAway, err)}
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if pgerrcode.IsIntegrityConstraintViolation(pg.Code) {
		if r, known := refusal.ByConstraint(pg.ConstraintName); known {
			r.Err = fmt.Errorf("constraint %s", pg.ConstraintName)
			return r
		}
	}
	switch pg.Code { // statement_timeout or a caller who hung up, lock_timeout, and a race lost too often
	case pgerrcode.QueryCanceled, pgerrcode.LockNotAvailable, pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected:
		return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter, Err: fmt.Errorf("database: SQLSTATE %s", pg.Code)}
	}
	switch pg.Code {
	case pgerrcode.InsufficientPrivilege:
		// The rows of a place that was taken away after the call was let in. What the
		// program has no right to by itself reads otherwise, and is its own mistake.
		if strings.HasPrefix(pg.Message, rowSecurity) {
			return &refusal.Refusal{Reason: refusal.RoleRequired, Err: fmt.Errorf("database: SQLSTATE %s", pg.Code)}
		}
	case pgerrcode.DatetimeFieldOverflow, pgerrcode.NumericValueOutOfRange, pgerrcode.IntervalFieldOverflow:
		r := refusal.Beyond("request", refusal.OutOfRange, 0)
		r.Err = fmt.Errorf("database: SQLSTATE %s", pg.Code)
		return r
	case pgerrcode.DiskFull, pgerrcode.OutOfMemory, pgerrcode.InsufficientResources, pgerrcode.ConfigurationLimitExceeded:
		return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfterLong, Err: fmt.Errorf("%w: %w", ErrFull, &Error{Code: pg.Code, Message: pg.Message})}
	}
	return &Error{Code: pg.Code, Message: pg.Message, Constraint: pg.ConstraintName, Where: pg.Where}
}

// rowSecurity is how PostgreSQL begins when a row may not be there.
const rowSecurity = "new row violates row-level security policy"

// ErrFull says that the database has no room: on its disk or in memory. Nothing was
// written.
var ErrFull = errors.New("the database has no room")

// comeBackAfterLong is the advice where somebody has to do something first.
const comeBackAfterLong = 30 * time.Second

// Error is an error of the database without the values of rows that PostgreSQL
// puts into its details.
type Error struct {
	Code       string // SQLSTATE
	Message    string
	Constraint string
	Where      string
}

// Error says what the database said, without its detail: that quotes rows, and so people's
// words.
func (e *Error) Error() string {
	return fmt.Sprintf("database: %s (SQLSTATE %s, constraint %q)", e.Message, e.Code, e.Constraint)
}
