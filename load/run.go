package load

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/server"
	"undring/session"
)

// Options say what is measured, and where. Fewer rounds or shorter spans swing more; what
// counts are runs of the same options.
type Options struct {
	Notes   int           // about so many there are
	Clients []int         // how many at once
	Span    time.Duration // of each measurement
	Rounds  int           // of measuring server and pgbench in turn; the medians count
	Only    string        // begin of the names of the operations; empty: all
	Warm    bool          // read the tables into the database's memory first
	Admin   net.Listener  // for profiles while it runs; nil: none
	Out     io.Writer
}

// Row is what came of one operation with so many clients. The names in JSON stand in the
// history, so they stay as they are.
type Row struct {
	Operation string        `json:"operation"`
	Clients   int           `json:"clients"`
	Rate      float64       `json:"rate"` // calls a second
	P50       time.Duration `json:"p50"`
	P99       time.Duration `json:"p99"`
	HalfP50   time.Duration `json:"half_p50"` // at half that rate
	HalfP99   time.Duration `json:"half_p99"`
	// LimitHalfP50 and LimitHalfP99 are pgbench's with as many transactions a second:
	// what the machine alone makes of it.
	LimitHalfP50 time.Duration `json:"limit_half_p50,omitempty"`
	LimitHalfP99 time.Duration `json:"limit_half_p99,omitempty"`
	Limit        float64       `json:"limit"` // pgbench's transactions a second
	Ratio        float64       `json:"ratio"`
	Mark         float64       `json:"mark"`
	// Within is how long a call may take when nobody else calls.
	Within  time.Duration `json:"within,omitempty"`
	Refused int           `json:"refused,omitempty"`
	// CPU is the processor time of a call, of server, client and database
	// together; LimitCPU that of a transaction of pgbench's, likewise.
	CPU      time.Duration `json:"cpu"`
	Database time.Duration `json:"database_cpu"` // the database's part of it
	LimitCPU time.Duration `json:"limit_cpu"`
}

// Run fills a database of the cluster, if it is not there yet, and measures.
func Run(ctx context.Context, cluster *postgres.Private, o Options) ([]Row, error) {
	size := OfNotes(o.Notes, uuid.MustParse("0197f0a0-0000-7000-8000-000000000001"), time.Now().UTC().Truncate(time.Second))
	// A database for each size and day: the newest visits have to be under way today, and
	// filling ten million notes takes too long to do twice.
	database := fmt.Sprintf("load_%d_%s", o.Notes, size.Now.Format("20060102"))
	superuser := cluster.URL(database, "postgres")
	culture, err := prepare(ctx, cluster, database, size, o.Out)
	if err != nil {
		return nil, err
	}
	defer culture.Close()
	if o.Warm {
		if err := warm(ctx, superuser); err != nil {
			return nil, err
		}
	}
	address, keys, stop, err := serveDatabase(ctx, cluster, database, server.Options{Culture: culture, Now: time.Now}, o.Admin)
	if err != nil {
		return nil, err
	}
	defer stop()
	var rows []Row
	for _, op := range Operations() {
		if len(op.Name) < len(o.Only) || op.Name[:len(o.Only)] != o.Only {
			continue
		}
		for _, n := range o.Clients {
			row, err := measure(ctx, op, n, address, superuser, cluster.PID(), size, keys, o)
			if err != nil {
				return rows, fmt.Errorf("%s, %d clients: %w", op.Name, n, err)
			}
			rows = append(rows, row)
			fmt.Fprintln(o.Out, row)
		}
	}
	return rows, nil
}

// measure lets n clients do one operation, in turn with pgbench on the same rows, so that both
// meet the machine in the same mood. Once more at half the rate it measures how long calls
// take when the server is not full, which is what people feel. It is the medians of the
// rounds that count; the calls of all rounds are taken together for the quantiles.
func measure(ctx context.Context, op Operation, n int, address, superuser string, postmaster int, size Size, keys session.Keys, o Options) (Row, error) {
	clients, hangUp, err := connectAll(address, size, keys, n)
	if err != nil {
		return Row{}, err
	}
	defer hangUp()
	row := Row{Operation: op.Name, Clients: n, Mark: op.Mark, Within: op.Within}
	var rates, limits []float64
	var calls []time.Duration
	// A second before anything counts.
	if _, err := drive(ctx, clients, op.call, time.Second, 0); err != nil { // statements are prepared, caches filled
		return row, err
	}
	var used, limitUsed, inDatabase time.Duration
	count, limitCount := 0, 0.0
	for range o.Rounds {
		before, databaseBefore := ownTime(), clusterTime(postmaster)
		s, err := drive(ctx, clients, op.call, o.Span, 0)
		if err != nil {
			return row, err
		}
		rates, calls, row.Refused = append(rates, s.rate()), append(calls, s.calls...), row.Refused+s.refused
		inDatabase += clusterTime(postmaster) - databaseBefore
		used, count = used+ownTime()-before, count+len(s.calls)
		if op.script != nil {
			before := clusterTime(postmaster)
			l, err := pgbench(ctx, superuser, op.script(size), n, o.Span, 0)
			if err != nil {
				return row, err
			}
			limits = append(limits, l.rate)
			limitUsed, limitCount = limitUsed+l.used+clusterTime(postmaster)-before, limitCount+l.rate*o.Span.Seconds()
		}
		// After each round, or the later ones would meet fuller visits.
		if err := tidy(ctx, superuser, size); err != nil {
			return row, err
		}
	}
	half, err := drive(ctx, clients, op.call, o.Span, median(rates)/2)
	if err != nil {
		return row, err
	}
	row.Rate, row.P50, row.P99 = median(rates), quantile(calls, 0.5), quantile(calls, 0.99)
	row.HalfP50, row.HalfP99 = quantile(half.calls, 0.5), quantile(half.calls, 0.99)
	if row.Limit = median(limits); row.Limit > 0 {
		row.Ratio = row.Rate / row.Limit
		row.LimitCPU = time.Duration(float64(limitUsed) / limitCount)
	}
	if op.script != nil {
		l, err := pgbench(ctx, superuser, op.script(size), n, o.Span, median(rates)/2)
		if err != nil {
			return row, err
		}
		row.LimitHalfP50, row.LimitHalfP99 = quantile(l.calls, 0.5), quantile(l.calls, 0.99)
	}
	row.CPU, row.Database = (used+inDatabase)/time.Duration(max(count, 1)), inDatabase/time.Duration(max(count, 1))
	return row, tidy(ctx, superuser, size)
}

// serveDatabase serves a database of the cluster on the loopback. The server gets the roles
// that it has in service, so that row level security is paid for. The keys are those that its
// clients sign with, by the clock of the options.
func serveDatabase(ctx context.Context, cluster *postgres.Private, database string, o server.Options, admin net.Listener) (address string, keys session.Keys, stop func(), err error) {
	var opened []func()
	closeAll := func() {
		for _, c := range slices.Backward(opened) {
			c()
		}
	}
	defer func() {
		if err != nil {
			closeAll()
		}
	}()
	if o.DB, err = postgres.Open(ctx, cluster.URL(database, "undring_app"), postgres.Options{}); err != nil {
		return "", keys, nil, err
	}
	opened = append(opened, o.DB.Close)
	if o.Metrics, err = postgres.Open(ctx, cluster.URL(database, "undring_metrics"), postgres.Options{MaxConns: 4}); err != nil {
		return "", keys, nil, err
	}
	opened = append(opened, o.Metrics.Close)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return "", keys, nil, err
	}
	if keys, err = session.NewKeys(o.Now, key); err != nil {
		return "", keys, nil, err
	}
	o.Keys = []ed25519.PrivateKey{key}
	address, end, err := serve(ctx, o, admin)
	if err != nil {
		return "", keys, nil, err
	}
	opened = append(opened, end)
	return address, keys, closeAll, nil
}

// serve runs the server on the loopback. Over a real connection of the loopback and with
// the whole chain, as a phone meets it.
func serve(ctx context.Context, o server.Options, admin net.Listener) (string, func(), error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.NewID = func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	o.Log = slog.New(slog.NewJSONHandler(io.Discard, nil)) // lines are made, as in service
	s, err := server.New(o)
	if err != nil {
		return "", nil, err
	}
	listeners := []net.Listener{nil, nil, admin}
	for i, l := range listeners {
		if l == nil {
			if listeners[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				return "", nil, err
			}
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listeners[0], listeners[1], listeners[2]) }()
	return listeners[0].Addr().String(), func() { cancel(); <-served }, nil
}

// prepare makes the database, or takes the one that an earlier run today made, and
// gives it for the role that counts.
func prepare(ctx context.Context, cluster *postgres.Private, database string, size Size, out io.Writer) (*postgres.DB, error) {
	if err := cluster.CreateDatabase(ctx, database); err != nil {
		return nil, err
	}
	superuser := cluster.URL(database, "postgres")
	if err := postgres.Migrate(ctx, superuser); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	counting, err := postgres.Open(ctx, cluster.URL(database, "undring_culture"), postgres.Options{MaxConns: 2})
	if err != nil {
		return nil, err
	}
	if err := fillOnce(ctx, conn, counting, size, out); err != nil {
		counting.Close()
		return nil, fmt.Errorf("the database %s: %w", database, err)
	}
	return counting, nil
}

// fillOnce fills a database that is empty, and leaves alone one that is full. Rows and
// sheets are written apart, so a run that was broken off between the two goes on with the
// sheets.
func fillOnce(ctx context.Context, conn *pgx.Conn, counting *postgres.DB, size Size, out io.Writer) error {
	visits, published := 0, false
	err := conn.QueryRow(ctx, `select (select count(*) from visit where owner_id = $1),
		exists (select from published.sheet where owner_id = $1 and page = 'SHEET' and term = $2)`, size.Owner, size.closedTerm().String()).
		Scan(&visits, &published)
	switch {
	case err != nil || visits == size.Visits && published:
		return err
	case visits == 0:
		begun := time.Now()
		fmt.Fprintf(out, "Filling in %d schools, %d teachers, %d visits …\n", size.Schools, size.Teachers, size.Visits)
		err = Fill(ctx, conn, size, func(done int) {
			if done%(20*chunk) == 0 {
				fmt.Fprintf(out, "  %d visits\n", done)
			}
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  in %s\n", time.Since(begun).Round(time.Second))
	case visits != size.Visits:
		return errors.New("is half filled: drop it")
	}
	begun := time.Now()
	if err := Publish(ctx, counting, size); err != nil {
		return err
	}
	fmt.Fprintf(out, "  their sheets in %s\n", time.Since(begun).Round(time.Second))
	return settle(ctx, conn)
}

// warm reads all tables and indexes into the database's memory. Only where the memory was
// chosen to hold them: otherwise what was read first would be pushed out again.
func warm(ctx context.Context, superuser string) error {
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"create extension if not exists pg_prewarm",
		`select count(pg_prewarm(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname in ('public', 'published') and c.relkind in ('r', 'i')`,
	} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("warming up: %w", err)
		}
	}
	return nil
}

// tidy removes what was written for measuring, so that each measurement finds the
// same. As the superuser, and by ids and times beyond what was generated, so that the
// generated rows stay.
func tidy(ctx context.Context, superuser string, size Size) error {
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"delete from note where owner_id = $1 and id > $2 and tag = '" + loadTag + "'",
		"delete from request where owner_id = $1 and at > $2",
	} {
		// The letter behind "delete from " says which of the two tables it is.
		edge := any(size.Now.Add(-time.Minute))
		if sql[12] == 'n' {
			edge = id(noteID, 32*(size.Visits+1)) // ids that are made now are beyond those that were generated
		}
		if _, err := conn.Exec(ctx, sql, size.Owner, edge); err != nil {
			return fmt.Errorf("tidying up: %w", err)
		}
	}
	return nil
}
