package server_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"

	pb "undring/gen/undring/v1"
	"undring/load"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/privacy"
	"undring/school"
	"undring/server"
	"undring/town"
)

// generated is a database with a school owner of a size, as [load.Fill] makes it.
func generated(b *testing.B, s load.Size) *pgtest.Instance {
	b.Helper()
	db := pgtest.NewWith(b, postgres.Options{})
	pooled, err := db.Owner.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	conn := pooled.Hijack()
	defer conn.Close(b.Context())
	if err := load.Fill(b.Context(), conn, s, func(int) {}); err != nil {
		b.Fatal(err)
	}
	return db
}

// counted takes a stream and counts it.
type counted struct {
	grpc.ServerStream
	ctx   context.Context
	bytes int
}

func (c *counted) Context() context.Context { return c.ctx }

func (c *counted) Send(piece *pb.ExportMyDataResponse) error {
	c.bytes += len(piece.GetContent())
	return nil
}

// peak looks every so often how much memory the process has in use and gives the most
// beyond what it had, in bytes: live and not yet collected.
func peak(while func()) uint64 {
	in := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	runtime.GC()
	base, done := in(), make(chan struct{})
	var most atomic.Uint64
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				most.Store(max(most.Load(), in()))
			}
		}
	}()
	while()
	close(done)
	return max(most.Load(), base) - base
}

// How long the export of a teacher with 500 visits takes, and how much memory: of the four at
// this school each has paid 250 visits and been paid as many.
func BenchmarkAnExportOf500Visits(b *testing.B) {
	now := time.Now().UTC().Truncate(time.Second)
	size := load.Size{Owner: town.NewID(), Schools: 1, Teachers: 4, Visits: 1000, NotesEach: 24, Now: now}
	db := generated(b, size)
	var who, session uuid.UUID
	var visits int
	err := db.Owner.QueryRow(b.Context(), `select s.person_id, s.id, (select count(*)::int from visit v where s.person_id in (v.observer_id, v.observed_id))
		from session s order by 3 desc limit 1`).Scan(&who, &session, &visits)
	if err != nil || visits != 500 {
		b.Fatalf("%d visits, %v", visits, err)
	}
	service := privacy.NewService(privacy.Options{DB: db.DB, Now: func() time.Time { return now }, NewID: town.NewID, Tables: server.Tables()})
	var most uint64
	var bytes int
	for b.Loop() {
		out := &counted{ctx: school.WithActor(b.Context(), school.Actor{Owner: size.Owner, Person: who, Session: session, Language: "nb"})}
		most = max(most, peak(func() { err = errors.Join(err, service.ExportMyData(&pb.ExportMyDataRequest{}, out)) }))
		bytes = out.bytes
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(most)/1e6, "MB-memory")
	b.ReportMetric(float64(bytes)/1e6, "MB-zip")
}

// steps are how long the steps of something took, each one transaction: no lock is held longer.
type steps []time.Duration

func (s steps) report(b *testing.B) {
	slices.Sort(s)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(float64(len(s)), "steps")
	b.ReportMetric(ms(s[len(s)/2]), "ms-median")
	b.ReportMetric(ms(s[len(s)*999/1000]), "ms-p99.9")
	b.ReportMetric(ms(s[len(s)-1]), "ms-longest")
}

// shortSteps is with how many steps a short run is content.
const shortSteps = 2000

// twentyThousand is a school owner with as many people, each of whom has six visits.
func twentyThousand(b *testing.B) (*pgtest.Instance, load.Size) {
	b.Helper()
	size := load.Size{Owner: town.NewID(), Schools: 800, Teachers: 18_400, Visits: 3 * 18_400, NotesEach: 4, Now: time.Now().UTC().Truncate(time.Second)}
	return generated(b, size), size
}

// Erasing 20,000 people, one after the other, as the job does it: how long the steps take,
// each of which is a transaction. With -short only the first of them.
func BenchmarkErasing20000People(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db, size := twentyThousand(b)
		var people []uuid.UUID
		rows, err := db.Owner.Query(b.Context(), "select id from person where owner_id = $1", size.Owner)
		if err == nil {
			people, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		}
		if err != nil || len(people) != 20_000 {
			b.Fatalf("%d people, %v", len(people), err)
		}
		b.StartTimer()
		var begun, gone steps
		for _, who := range people {
			at := time.Now()
			if err := privacy.Begin(b.Context(), db.DB, size.Owner, who, size.Now); err != nil {
				b.Fatal(err)
			}
			begun = append(begun, time.Since(at))
		}
		service := privacy.NewService(privacy.Options{DB: db.DB, Now: func() time.Time { return size.Now }, NewID: town.NewID, Tables: server.Tables()})
		for more := true; more && (!testing.Short() || len(gone) < shortSteps); {
			at := time.Now()
			if more, err = service.EraseStep(b.Context(), size.Owner); err != nil {
				b.Fatal(err)
			}
			gone = append(gone, time.Since(at))
		}
		slices.Sort(begun)
		b.ReportMetric(float64(begun[len(begun)-1].Microseconds())/1000, "ms-longest-begin")
		gone.report(b)
	}
}

// The end of an owner with 20,000 people, likewise.
func BenchmarkTheEndOfAnOwnerOf20000(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		db, size := twentyThousand(b)
		b.StartTimer()
		var gone steps
		at := time.Now()
		err := privacy.EndOwner(b.Context(), db.DB, size.Owner, size.Now, func() {
			done := time.Now()
			gone, at = append(gone, done.Sub(at)), done
		})
		if err != nil {
			b.Fatal(err)
		}
		gone.report(b)
	}
}
