// Package pgtest gives each test a database of its own, on a real PostgreSQL.
//
// The first test of a test binary starts a private cluster, migrates a template and copies
// it, within some 30 ms. A database that a test has given back is used again, as it began. The
// cluster ends with the test binary, also when that is killed; [Main] looks for goroutines that
// outlive the tests. The cluster is kept in memory where there is room: a copy is 700 files, and
// those are what takes time on a disk. Nothing skips: without PostgreSQL's programs, tests are
// red and say how to install them.
//
// What a test is handed is bound by row level security, as the server is. What
// a test wants to look at from above, it asks of Owner.
package pgtest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"undring/postgres"
)

// Instance is one test's database.
type Instance struct {
	// DB is a pool as the application role.
	DB *postgres.DB
	// URL is the database's address for the application role.
	URL string
	// CultureURL and MetricsURL are its addresses for the roles of the culture report.
	CultureURL, MetricsURL string
	// Owner is a connection pool of the superuser: it sees and may everything.
	Owner *pgxpool.Pool

	name, base string           // its own, and its template's
	options    postgres.Options // of DB
}

var cluster struct {
	once    sync.Once
	private *postgres.Private
	admin   *pgxpool.Pool // of the database "postgres": makes and drops the others
	err     error
	count   atomic.Int64
	copying sync.Mutex // a template can be copied by one at a time only
}

// Main is the TestMain of a package: it runs the tests, ends the cluster, and fails
// where a goroutine is left over that somebody began and nobody ended.
func Main(m *testing.M) { goleak.VerifyTestMain(ending{m}) }

// ending are tests after which the cluster ends: it would be left over itself.
type ending struct{ *testing.M }

// Run runs the tests and ends the cluster.
func (e ending) Run() int {
	code := e.M.Run()
	for _, all := range free.of {
		for _, i := range all {
			if i.DB != nil {
				i.DB.Close()
			}
			i.Owner.Close()
		}
	}
	if cluster.admin != nil {
		cluster.admin.Close()
	}
	if cluster.private != nil {
		if err := cluster.private.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "ending the tests' cluster:", err)
			return max(code, 1)
		}
	}
	return code
}

const template = "undring_template"

// New makes a database for the test; when the test ends, nobody finds anything of it.
func New(t testing.TB) *Instance { return NewWith(t, postgres.Options{MaxConns: 4}) }

// NewWith makes a database with options for the pool.
func NewWith(t testing.TB, o postgres.Options) *Instance { return From(t, template, o) }

// From makes a database as a copy of a template: the migrated one, or what a test
// has kept under a name (see [Instance.Keep]).
func From(t testing.TB, base string, o postgres.Options) *Instance {
	t.Helper()
	cluster.once.Do(func() {
		if cluster.private, cluster.err = start(); cluster.err == nil {
			cluster.admin, cluster.err = pgxpool.New(context.Background(), cluster.private.URL("postgres", "postgres")+"&pool_max_conns=4")
		}
	})
	if cluster.err != nil {
		t.Fatalf("a database for the test: %v", cluster.err)
	}
	ctx := context.Background()
	i := take(base, o)
	if i == nil {
		i = copyOf(t, base)
	}
	if i.DB != nil && i.options != o {
		i.DB.Close()
		i.DB = nil
	}
	if i.DB == nil {
		var err error
		if i.DB, err = postgres.Prepare(ctx, i.URL, o); err != nil {
			t.Fatalf("opening the test's database: %v", err)
		}
		i.options = o
	}
	t.Cleanup(func() { i.giveBack(t) })
	return i
}

// copyOf makes a database as a copy of a template.
func copyOf(t testing.TB, base string) *Instance {
	t.Helper()
	ctx := context.Background()
	name := "t" + strconv.FormatInt(cluster.count.Add(1), 10)
	err := copyDatabase(ctx, base, name)
	if err == nil { // a copy has the rows and the objects, but not the rights to the database
		_, err = cluster.admin.Exec(ctx, "revoke temporary on database "+name+" from public")
	}
	if err != nil {
		t.Fatalf("copying the template: %v", err)
	}
	i := &Instance{
		URL:        cluster.private.URL(name, "undring_app"),
		CultureURL: cluster.private.URL(name, "undring_culture"),
		MetricsURL: cluster.private.URL(name, "undring_metrics"),
		name:       name,
		base:       base,
	}
	if i.Owner, err = pgxpool.New(ctx, cluster.private.URL(name, "postgres")+"&pool_max_conns=2"); err != nil {
		t.Fatalf("opening the test's database: %v", err)
	}
	if b := beginningOf(ctx, base, i.Owner); b.err != nil {
		t.Fatalf("reading how the test's database begins: %v", b.err)
	}
	return i
}

// drop ends the database.
func (i *Instance) drop(t testing.TB) {
	i.DB.Close()
	i.Owner.Close()
	if _, err := cluster.admin.Exec(context.Background(), "drop database "+i.name+" with (force)"); err != nil {
		t.Errorf("dropping the test's database: %v", err)
	}
}

// Keep makes a template of the database as it stands, for [From]: what many tests begin
// with is then written once in a test binary. It ends all connections to the database,
// which is of no use afterwards.
func (i *Instance) Keep(t testing.TB, name string) {
	t.Helper()
	ctx := context.Background()
	var base string
	err := i.Owner.QueryRow(ctx, "select current_database()").Scan(&base)
	i.DB.Close()
	i.Owner.Close()
	if err == nil {
		// Whoever looks on from elsewhere, such as the pool of the figures, would hold up the copy.
		_, err = cluster.admin.Exec(ctx, "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1", base)
	}
	if err == nil {
		err = copyDatabase(ctx, base, name)
	}
	if err != nil {
		t.Fatalf("keeping the database as a template: %v", err)
	}
}

// copyDatabase copies file by file: what a template holds fits into so few pages that
// writing each of them to the log as well, PostgreSQL's own choice, takes twice as long.
func copyDatabase(ctx context.Context, base, name string) error {
	cluster.copying.Lock()
	defer cluster.copying.Unlock()
	_, err := cluster.admin.Exec(ctx, "create database "+name+" template "+base+" strategy file_copy")
	return err
}

// Open is a small pool for one of the test's addresses, closed when the test ends.
func (i *Instance) Open(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Prepare(context.Background(), url, postgres.Options{MaxConns: 2})
	if err != nil {
		t.Fatalf("opening the test's database: %v", err)
	}
	t.Cleanup(db.Close)
	return db
}

// App is a bare connection as the application role, for what a test writes to
// the database directly.
func (i *Instance) App(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), i.URL)
	if err != nil {
		t.Fatalf("connecting as the application role: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Folder is a folder for clusters of the test's own, where those of [New] lie,
// that other users may enter: a database that root starts runs as one. It goes when
// the test ends.
func Folder(t testing.TB) string {
	t.Helper()
	dropLeftovers()
	top := folder(os.Getpid())
	err := os.MkdirAll(top, 0o755)
	dir := ""
	if err == nil {
		dir, err = os.MkdirTemp(top, "")
	}
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatalf("a folder for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("removing the test's folder: %v", err)
		}
		_ = os.Remove(top) // of the last test: it is empty
	})
	return dir
}

// start begins the cluster of a test binary and migrates its template.
func start() (*postgres.Private, error) {
	dropLeftovers()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := postgres.StartPrivate(ctx, postgres.PrivateOptions{
		Dir:            folder(os.Getpid()),
		Throwaway:      true,
		MaxConnections: 400,
		Log:            slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	if err := p.CreateDatabase(ctx, template); err != nil {
		return nil, err
	}
	return p, postgres.Migrate(ctx, p.URL(template, "postgres"))
}

const prefix = "undring-pgtest-"

// folder is where the cluster of a test binary lies, by its process id, so that what a killed
// run left can be told from what is in use.
func folder(pid int) string { return filepath.Join(root(), fmt.Sprintf("%s%d", prefix, pid)) }

// inMemory is Linux's file system in memory, and room what it must have free for
// the clusters of all packages that are tested at once.
const (
	inMemory = "/dev/shm"
	room     = 4 << 30
)

// root is where clusters are made. Whoever sets TMPDIR has chosen, for what is too large
// for memory.
var root = sync.OnceValue(func() string {
	var s syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	if err := syscall.Statfs(inMemory, &s); err == nil && s.Bavail*uint64(s.Bsize) >= room {
		return inMemory
	}
	return os.TempDir()
})

// dropLeftovers removes the folders of runs that have ended. It happens before a
// run: a run that was killed cleans nothing up.
func dropLeftovers() {
	old, _ := filepath.Glob(filepath.Join(root(), prefix+"*"))
	for _, dir := range old {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), prefix))
		if err == nil && syscall.Kill(pid, 0) != nil {
			_ = os.RemoveAll(dir)
		}
	}
}
