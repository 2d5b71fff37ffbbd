package load

import (
	"context"
	"crypto/ed25519"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/server"
	"undring/session"
)

// asked hears what the server asks the database.
type asked struct {
	mu         sync.Mutex
	statements []string
}

// take gives what was heard since it was last taken.
func (a *asked) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	heard := a.statements
	a.statements = nil
	return heard
}

func (a *asked) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (a *asked) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.statements = append(a.statements, q.SQL)
}
func (a *asked) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// A school of the size that tests can wait for, with its server.
func loaded(t *testing.T, size Size, hears *asked) (db *pgtest.Instance, c *client) {
	t.Helper()
	ctx := context.Background()
	db = pgtest.NewWith(t, postgres.Options{MaxConns: 2, Tracer: hears})
	pooled, err := db.Owner.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	conn := pooled.Hijack()
	defer conn.Close(ctx)
	if err := Fill(ctx, conn, size, func(int) {}); err != nil {
		t.Fatal(err)
	}
	counting := db.Open(t, db.CultureURL)
	if err := Publish(ctx, counting, size); err != nil {
		t.Fatal(err)
	}
	metrics, err := postgres.Prepare(ctx, db.MetricsURL, postgres.Options{MaxConns: 1, Tracer: hears})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(metrics.Close)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := session.NewKeys(time.Now, key)
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := serve(ctx, server.Options{DB: db.DB, Culture: counting, Metrics: metrics, Keys: []ed25519.PrivateKey{key}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	if c, err = connect(address, size, keys, 1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.conn.Close() })
	return db, c
}

var variable = regexp.MustCompile(`:(newest|noted|teacher)\b`)

// What pgbench reads is what the server reads: the same columns, in their order.
func TestTheLimitReadsWhatTheServerReads(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	size := OfNotes(20_000, uuid.MustParse("0197f0a0-0000-7000-8000-00000000bef0"), time.Now().UTC().Truncate(time.Second))
	hears := new(asked)
	db, c := loaded(t, size, hears)
	conn, err := pgx.ConnectConfig(ctx, db.Owner.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	columns := func(sql string) []string {
		prepared, err := conn.Prepare(ctx, "", sql)
		if err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
		var names []string
		for _, f := range prepared.Fields {
			names = append(names, f.Name)
		}
		return names
	}
	compared := 0
	for _, op := range Operations() {
		if op.script == nil || op.Name[:4] == "Save" {
			continue
		}
		hears.take()
		c.left = 0
		if err := op.call(ctx, c); err != nil {
			t.Fatalf("%s: %v", op.Name, err)
		}
		script := op.script(size)
		limit := columns(variable.ReplaceAllString(script[strings.LastIndex(script, "\n\n")+1:], "1"))
		same := func(sql string) bool { return slices.Equal(columns(sql), limit) }
		if asks := hears.take(); !slices.ContainsFunc(asks, same) {
			t.Errorf("%s: pgbench reads %s; the server asks\n%s", op.Name, limit, strings.Join(asks, "\n"))
		}
		compared++
	}
	if compared != 3 {
		t.Errorf("%d reads were compared, not 3", compared)
	}
}

// The sheets are those of a house that was there all the time: each half-year's, in
// figures that are told, and of the newest one with visits.
func TestGeneratedSchoolsHaveTheirSheets(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	size := Size{Owner: uuid.MustParse("0197f0a0-0000-7000-8000-00000000bef1"), Schools: 6, Teachers: 150, Visits: 150 * 10, NotesEach: 3,
		Now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)}
	db, c := loaded(t, size, new(asked))
	ctx, err := c.as(ctx, c.leader)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := c.GetCultureReport(ctx, &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolOwnerId{SchoolOwnerId: size.Owner.String()}})
	if err != nil {
		t.Fatal(err)
	}
	sheet := reply.GetReport()
	if sheet.GetTerm() != "2026-1" || len(sheet.GetMetrics()) == 0 {
		t.Fatalf("the newest sheet is %q with %d figures, want that of 2026-1 with figures", sheet.GetTerm(), len(sheet.GetMetrics()))
	}
	visited := sheet.GetMetrics()[0]
	if n := len(visited.GetTrend()); n != 5 { // since November 2023
		t.Errorf("%d half-years have sheets, want 5", n)
	}
	if v := visited.GetFigure().GetValue(); int(v.GetLow()) < size.Teachers/2 {
		t.Errorf("%q: %v, want most of %d, as each paid visits", visited.GetTitle(), visited.GetFigure(), size.Teachers)
	}
	if err := Publish(ctx, db.Open(t, db.CultureURL), size); err != nil {
		t.Errorf("publishing again: %v", err)
	}
	var late, left, counted int
	err = db.Owner.QueryRow(ctx, `
		select (select count(*) from published.sheet where late),
			(select count(*) from culture_fact where term <= '2026-1'),
			(select count(*) from culture_fact where term = '2026-2')`).Scan(&late, &left, &counted)
	if err != nil || late != 0 || left != 0 || counted == 0 {
		t.Errorf("%d sheets came late, %d facts outlived theirs, %d are there of the half-year under way (%v); want 0, 0, some", late, left, counted, err)
	}
}
