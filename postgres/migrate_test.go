package postgres_test

import (
	"context"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"undring/migrations"
	"undring/postgres"
	"undring/postgres/pgtest"
)

// nextVersion are the migrations with one more, which needs all of a table.
func nextVersion(t *testing.T) fs.FS {
	t.Helper()
	next := fstest.MapFS{"99999_next.sql": {Data: []byte("-- +goose Up\nalter table note add column next integer;\n")}}
	for _, name := range sqlFiles(t) {
		raw, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		next[name] = &fstest.MapFile{Data: raw}
	}
	return next
}

func sqlFiles(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d migrations: %v", len(names), err)
	}
	return names
}

// G17, R45: the next version migrates while two servers of this one are asked, and
// somebody holds the table that it needs. Nobody waits behind it for long, it takes
// the table once that is free, and this version goes on with the next one's schema.
func TestMigrationLetsCallsThrough(t *testing.T) {
	t.Parallel()
	const longest = 5 * time.Second // a fiftieth of it is the migration's; the rest is a busy machine's
	i := pgtest.New(t)
	servers := []*postgres.DB{i.DB, i.Open(t, i.URL)}
	ctx, as := context.Background(), someone()
	next := nextVersion(t)
	holder, err := i.Owner.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(ctx) }()
	if _, err := holder.Exec(ctx, "select from note"); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	superuser := strings.Replace(i.URL, "undring_app", "postgres", 1)
	go func() { migrated <- postgres.MigrateFrom(ctx, superuser, next) }()

	var calls, slowest atomic.Int64
	ask := func(db *postgres.DB) {
		begun := time.Now()
		if err := db.Read(ctx, as, func(b *pgx.Batch) { b.Queue("select id from note") }); err != nil {
			t.Errorf("a call failed: %v", err)
		}
		took := int64(time.Since(begun))
		calls.Add(1)
		for before := slowest.Load(); took > before && !slowest.CompareAndSwap(before, took); before = slowest.Load() {
		}
	}
	var stop atomic.Bool
	var all sync.WaitGroup
	defer all.Wait()
	defer stop.Store(true)
	for _, db := range servers {
		all.Go(func() {
			for !stop.Load() {
				ask(db)
			}
		})
	}
	// The migration asks, steps back, and asks again.
	for _, asks := range []bool{true, false, true} {
		waitUntil(ctx, t, i, asks, migrated)
	}
	if err := holder.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Fatalf("the table is free: %v", err)
	}
	if _, err := i.Owner.Exec(ctx, "select next from note"); err != nil {
		t.Errorf("not migrated: %v", err)
	}
	for _, db := range servers {
		ask(db)
	}
	if took := time.Duration(slowest.Load()); took > longest {
		t.Errorf("a call waited %s behind the migration, at most %s is allowed", took, longest)
	}
	if err := postgres.CheckVersion(ctx, i.URL); err != nil {
		t.Errorf("this version on the next one's schema: %v", err)
	}
	t.Logf("%d calls, the slowest %s", calls.Load(), time.Duration(slowest.Load()))
}

// waitUntil waits until somebody asks for all of the notes, or nobody does any more.
func waitUntil(ctx context.Context, t *testing.T, i *pgtest.Instance, asks bool, migrated <-chan error) {
	t.Helper()
	const waiting = `
		select exists (select from pg_locks where relation = 'note'::regclass and not granted and mode = 'AccessExclusiveLock'
			and database = (select oid from pg_database where datname = current_database()))`
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var found bool
		if err := i.Owner.QueryRow(ctx, waiting).Scan(&found); err != nil {
			t.Fatal(err)
		}
		if found == asks {
			return
		}
		select {
		case err := <-migrated:
			t.Fatalf("the migration ended while the table was taken: %v", err)
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("the migration asks for the table: %t, for 20 s", found)
		}
	}
}

// What builds an index beside the calls waits for them as long as it takes: given up,
// it leaves an index that does not work and is taken for one that does.
func TestConcurrentIndexesWait(t *testing.T) {
	t.Parallel()
	for _, name := range sqlFiles(t) {
		raw, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		before, _, found := strings.Cut(string(raw), "index concurrently")
		if found && !strings.Contains(before, "set lock_timeout = 0;") {
			t.Errorf("%s gives up waiting: set lock_timeout = 0 first", name)
		}
	}
}

// Whoever migrates a database whose roles were made long ago need not be able to
// change those.
func TestMigratingAgainNeedsNoRightOverRoles(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.New(t), t.Context()
	do := func(sql string) {
		t.Helper()
		if _, err := db.Owner.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	do("create role keeper login")
	do("grant undring_owner to keeper")
	do("alter role undring_app reset plan_cache_mode") // as they were made before there was this setting
	if err := postgres.Migrate(ctx, strings.Replace(db.URL, "user=undring_app", "user=keeper", 1)); err != nil {
		t.Errorf("as somebody who may not change roles: %v", err)
	}
	if err := postgres.Migrate(ctx, strings.Replace(db.URL, "user=undring_app", "user=postgres", 1)); err != nil {
		t.Errorf("as the superuser: %v", err)
	}
	var set bool
	if err := db.Owner.QueryRow(ctx, "select 'plan_cache_mode=force_generic_plan' = any (rolconfig) from pg_roles where rolname = 'undring_app'").Scan(&set); err != nil || !set {
		t.Errorf("plans are kept: %t, %v", set, err)
	}
}

// Two databases of one cluster are migrated at the same moment, and neither has roles
// yet: whoever comes second finds what was missing made, and goes on.
func TestTwoDatabasesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	cluster, err := postgres.StartPrivate(ctx, postgres.PrivateOptions{Dir: pgtest.Folder(t), Throwaway: true, MaxConnections: 20, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := cluster.CreateDatabase(ctx, "second"); err != nil {
		t.Fatal(err)
	}
	first, err := pgx.Connect(ctx, cluster.URL("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(context.WithoutCancel(ctx))
	look, err := pgx.Connect(ctx, cluster.URL("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close(context.WithoutCancel(ctx))
	if _, err := first.Exec(ctx, "begin; create role undring_owner nologin; create role undring_app login"); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- postgres.Migrate(ctx, cluster.URL("second", "postgres")) }()
	for waits, until := false, time.Now().Add(20*time.Second); !waits; time.Sleep(5 * time.Millisecond) {
		err := look.QueryRow(ctx, "select exists (select from pg_stat_activity where datname = 'second' and wait_event_type = 'Lock')").Scan(&waits)
		if err != nil || time.Now().After(until) {
			t.Fatalf("the second does not wait for the first: %v", err)
		}
	}
	if _, err := first.Exec(ctx, "commit"); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Errorf("the second: %v", err)
	}
}
