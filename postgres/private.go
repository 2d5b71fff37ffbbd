package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// PrivateOptions say where a private cluster lives.
type PrivateOptions struct {
	// Dir is the folder of the cluster; made if missing, kept for the next time.
	Dir string
	// Throwaway trades durability for speed. For tests.
	Throwaway bool
	// MaxConnections of the cluster; 0: 50.
	MaxConnections int
	// SharedBuffers is what it keeps in memory, such as 12GB; empty: 128MB.
	SharedBuffers string
	Log           *slog.Logger
}

// Private is a PostgreSQL cluster of one's own.
type Private struct {
	socket string
	again  func(context.Context) (*Private, error) // starts the cluster anew; nil: it was joined

	mu       sync.Mutex
	done     chan struct{} // closed when the postmaster has ended
	cmd      *exec.Cmd
	stopping bool // Stop was called: whatever ends now was meant to
}

// Times of the cluster's life.
const (
	startTime = 20 * time.Second // until it answers, recovery after a crash included
	stopTime  = 8 * time.Second  // until it has stopped
	// orphanTime is how long an earlier postmaster, killed hard, may hold its
	// shared memory.
	orphanTime = 10 * time.Second
	// longestSocketFolder leaves room for the socket's name in the 107 bytes that
	// a unix socket's path may have.
	longestSocketFolder = 85
)

// StartPrivate runs the cluster in o.Dir, making it first if there is none. It
// listens on a unix socket only, that this user alone can reach, and ends when
// this process ends, however that ends. As root it runs as user postgres, or
// nobody.
func StartPrivate(ctx context.Context, o PrivateOptions) (*Private, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := runAs()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := own(dir, as); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "cluster")
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		if err := initialise(ctx, bin, data, as, o.Throwaway); err != nil {
			return nil, err
		}
	}
	socket, err := socketFolder(dir, as)
	if err != nil {
		return nil, err
	}

	// A postmaster whose parent was killed hard needs a moment to notice; its lock looks like that
	// of one that runs.
	deadline := time.Now().Add(orphanTime)
	for {
		p, err := start(ctx, bin, data, socket, as, o)
		var taken *takenError
		if !errors.As(err, &taken) || time.Now().After(deadline) {
			if err == nil {
				p.again = func(ctx context.Context) (*Private, error) { return StartPrivate(ctx, o) }
			}
			return p, err
		}
		o.Log.Info("an earlier database is still ending; trying again")
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// JoinPrivate reaches the cluster in a folder that another process runs; nil
// where none does. Stopping it is that process's to do.
func JoinPrivate(ctx context.Context, dir string) *Private {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	p := &Private{socket: dir}
	conn, err := pgx.Connect(ctx, p.URL("postgres", "postgres"))
	if err != nil {
		return nil
	}
	_ = conn.Close(ctx)
	return p
}

// URL is the address of a database of the cluster, for a role. Superuser:
// "postgres".
func (p *Private) URL(database, role string) string {
	q := url.Values{"host": {p.socket}, "user": {role}, "sslmode": {"disable"}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// PID is the process of the postmaster; 0 for a cluster that was joined.
func (p *Private) PID() int {
	cmd, _ := p.running()
	if cmd == nil {
		return 0
	}
	return cmd.Process.Pid
}

// running is the postmaster as it is now, and when it has ended.
func (p *Private) running() (*exec.Cmd, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd, p.done
}

// Times between two tries to start a cluster that has ended.
const (
	againSoonest = time.Second
	againLatest  = 30 * time.Second
)

// Keep starts the cluster again whenever it ends by itself, as it does when its disk is
// full, until ctx ends or the cluster is stopped. It goes on trying: people make room, and
// do not know that something waits for it. Nothing to do for one that was joined.
func (p *Private) Keep(ctx context.Context, log *slog.Logger) {
	if p.again == nil {
		return
	}
	for {
		_, done := p.running()
		select {
		case <-ctx.Done():
			return
		case <-done:
		}
		wait := againSoonest
		for !p.startAgain(ctx, log) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(wait):
			}
			wait = min(2*wait, againLatest)
		}
		if p.stopped() {
			return
		}
	}
}

func (p *Private) stopped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopping
}

// startAgain puts a new postmaster in the place of one that has ended, and says whether
// there is nothing more to do.
func (p *Private) startAgain(ctx context.Context, log *slog.Logger) bool {
	if p.stopped() {
		return true
	}
	log.Error("the database has ended by itself; starting it again")
	next, err := p.again(ctx)
	if err != nil {
		log.Error("the database does not start; is its disk full?", "error", err.Error())
		return false
	}
	p.mu.Lock()
	// Asked under the lock that Stop takes, so that one that is started too late is stopped here.
	stopping := p.stopping
	if !stopping {
		p.cmd, p.done = next.cmd, next.done
	}
	p.mu.Unlock()
	if stopping { // while it was started
		_ = next.Stop()
	} else {
		log.Info("the database is back")
	}
	return true
}

// Stop ends the cluster: whoever is connected is sent away, nothing is lost.
func (p *Private) Stop() error {
	p.mu.Lock()
	p.stopping = true
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return nil // joined
	}
	_ = cmd.Process.Signal(syscall.SIGINT) // fast shutdown; already ended is fine
	select {
	case <-done:
		return nil
	case <-time.After(stopTime):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-done
		return errors.New("the database had to be stopped hard; it recovers at the next start")
	}
}

// CreateDatabase makes a database of undring_owner's if there is none.
func (p *Private) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.URL("postgres", "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var there bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	return err
}

// initialise makes an empty cluster. With checksums, so that what a disk breaks is
// noticed; in a locale that is the same on every machine, because the order of names
// is the program's to say.
func initialise(ctx context.Context, bin, data string, as *account, throwaway bool) error {
	args := []string{"-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"}
	if runtime.GOOS == "darwin" {
		args[8] = "--locale=C"
	}
	if throwaway {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)
	cmd.SysProcAttr = attributes(as)
	cmd.Dir = filepath.Dir(data)
	if out, err := cmd.CombinedOutput(); err != nil {
		os.RemoveAll(data) // half a cluster would be taken for one
		return fmt.Errorf("making the database: %w\n%s", err, out)
	}
	return nil
}

// socketFolder is where the socket goes. A path of a socket is at most some hundred
// bytes long, so a deep data folder needs a short way round.
func socketFolder(dir string, as *account) (string, error) {
	if len(dir) <= longestSocketFolder {
		return dir, nil
	}
	short := filepath.Join(os.TempDir(), fmt.Sprintf("undring-%d", os.Getpid()))
	return short, own(short, as)
}

// takenError: another postmaster holds the cluster.
type takenError struct{ lines string }

// Error says what to do, and what PostgreSQL said.
func (e *takenError) Error() string {
	return "the database's folder is in use by another undring that still runs: stop that one, or choose another UNDRING_DATA_DIR\n" + e.lines
}

// start starts the server program and waits until it answers. It dies with this
// program, also when that is killed: nobody else would stop it.
func start(ctx context.Context, bin, data, socket string, as *account, o PrivateOptions) (*Private, error) {
	connections := o.MaxConnections
	if connections == 0 {
		connections = 50
	}
	settings := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": socket,
		"unix_socket_permissions": "0700",
		"max_connections":         strconv.Itoa(connections),
		"shared_buffers":          cmp.Or(o.SharedBuffers, "128MB"),
		"jit":                     "off", // statements here are short
		"timezone":                "UTC",
		// No value of a person's in the log.
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"log_min_error_statement":           "panic",
		"log_error_verbosity":               "terse",
	}
	if o.Throwaway {
		// A crash may leave nothing of it, which a test's database can bear.
		settings["fsync"] = "off"
		settings["synchronous_commit"] = "off"
		settings["full_page_writes"] = "off"
		settings["autovacuum"] = "off"
	}
	args := []string{"-D", data}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	var log bytes.Buffer
	p := &Private{socket: socket, done: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	p.cmd.SysProcAttr = attributes(as)
	p.cmd.Dir = data
	p.cmd.Stderr = &limited{buf: &log}
	started := make(chan error, 1)
	go func() {
		// The kernel's signal at the parent's death goes by the thread that
		// started the child: this one stays.
		runtime.LockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting the database: %w", err)
	}

	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		conn, err := pgx.Connect(ctx, p.URL("postgres", "postgres"))
		if err == nil {
			_ = conn.Close(ctx)
			return p, nil
		}
		select {
		case <-p.done:
			lines := log.String()
			if strings.Contains(lines, "lock file") || strings.Contains(lines, "shared memory block") {
				return nil, &takenError{lines}
			}
			return nil, fmt.Errorf("the database ended as it was started:\n%s", lines)
		case <-ctx.Done():
			_ = p.Stop()
			return nil, fmt.Errorf("the database did not answer within %s: %w", startTime, err)
		case <-time.After(wait):
		}
	}
}

// limited keeps the first lines that the postmaster says, for the message when
// it does not start; the buffer is read once the process has ended.
type limited struct{ buf *bytes.Buffer }

// Write keeps the first lines of the log, which say why a start failed, and drops the
// rest.
func (l *limited) Write(p []byte) (int, error) {
	if l.buf.Len() < 8<<10 {
		l.buf.Write(p)
	}
	return len(p), nil
}
