package culture_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture"
	pb "undring/gen/undring/v1"
	"undring/load"
	"undring/postgres/pgtest"
	"undring/school"
)

// BenchmarkSheet builds the sheet of 100 schools with 5,000 teachers, then reads the
// owner's. UNDRING_BENCH_VISITS says among how many visits; 0: 200,000.
func BenchmarkSheet(b *testing.B) {
	visits := 200_000
	if n, err := strconv.Atoi(os.Getenv("UNDRING_BENCH_VISITS")); err == nil && n > 0 {
		visits = n
	}
	ctx := context.Background()
	db := pgtest.New(b)
	owner, now := uuid.New(), time.Date(2026, 12, 20, 9, 0, 0, 0, time.UTC)
	conn, err := pgx.ConnectConfig(ctx, db.Owner.Config().ConnConfig)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	size := load.Size{Owner: owner, Schools: 100, Teachers: 5_000, Visits: visits, NotesEach: 1, Now: now}
	if err := load.Fill(ctx, conn, size, func(int) {}); err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC)
	service := culture.NewService(culture.Options{
		DB: db.DB, Culture: db.Open(b, db.CultureURL), Metrics: db.Open(b, db.MetricsURL),
		Now: func() time.Time { return at }, Secrets: [][]byte{make([]byte, 32)}, Log: slog.New(slog.DiscardHandler),
	})
	sweep := func(moment time.Time) time.Duration {
		at = moment
		begun := time.Now()
		if err := service.Sweep(ctx, owner); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
	folding := sweep(at)
	building := sweep(time.Date(2027, 1, 15, 6, 0, 0, 0, time.UTC))
	read := school.WithActor(ctx, school.Actor{Owner: owner, Person: uuid.New(), Language: "nb"})
	req := &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolOwnerId{SchoolOwnerId: owner.String()}}
	for b.Loop() {
		reply, err := service.GetCultureReport(read, req)
		if err != nil || len(reply.GetReport().GetMetrics()) == 0 {
			b.Fatalf("%v, %v", reply, err)
		}
	}
	b.ReportMetric(folding.Seconds(), "s-fold-all")
	b.ReportMetric(building.Seconds(), "s-build")
}
