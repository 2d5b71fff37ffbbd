package faults_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"undring/load"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/session"
)

// world is the program with its database, both of which can be killed.
type world struct {
	t       *testing.T
	dir     string
	program string
	size    load.Size
	key     ed25519.PrivateKey
	keys    session.Keys
	rpc     string // address of the gRPC port
	web     string
	admin   string
	env     []string                 // of the server, besides
	url     func(role string) string // of the database for the server; nil: the cluster's

	cluster *postgres.Private
	server  *exec.Cmd
	ended   chan error
}

const database = "undring"

// program is the program, built once.
func program(t *testing.T) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(built, "program")
}

var (
	built string // the folder that the program lies in
	build = sync.OnceValue(func() (err error) {
		if built, err = os.MkdirTemp("", "undring-program-"); err != nil {
			return err
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(built, "program"), "undring/cmd/undring").CombinedOutput(); err != nil {
			return fmt.Errorf("building the program: %w\n%s", err, out)
		}
		return nil
	})
)

// newWorld is the program on a cluster of one machine.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := bareWorld(t)
	w.found()
	t.Cleanup(func() {
		w.endServer(syscall.SIGKILL)
		_ = w.cluster.Stop()
	})
	return w
}

// found starts the cluster and fills it.
func (w *world) found() {
	w.t.Helper()
	w.startDatabase()
	if err := w.cluster.CreateDatabase(context.Background(), database); err != nil {
		w.t.Fatal(err)
	}
	w.fill()
}

// bareWorld has no database yet.
func bareWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: pgtest.Folder(t), program: program(t),
		size: load.Size{Owner: uuid.MustParse("0197f0a0-0000-7000-8000-00000000fa17"), Schools: 8, Teachers: 400, Visits: 1200, NotesEach: 2,
			Now: time.Now().UTC().Truncate(time.Second)}}
	var err error
	if _, w.key, err = ed25519.GenerateKey(nil); err != nil {
		t.Fatal(err)
	}
	if w.keys, err = session.NewKeys(time.Now, w.key); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(w.key)
	if err != nil {
		t.Fatal(err)
	}
	raw := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(filepath.Join(w.dir, "key.pem"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	w.rpc, w.web, w.admin = free(t), free(t), free(t)
	return w
}

// fill makes the schema, the school, its people and visits.
func (w *world) fill() {
	w.t.Helper()
	ctx := context.Background()
	if err := postgres.Migrate(ctx, w.superuser()); err != nil {
		w.t.Fatal(err)
	}
	conn := w.connect()
	defer conn.Close(ctx)
	if err := load.Fill(ctx, conn, w.size, func(int) {}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "checkpoint"); err != nil {
		w.t.Fatal(err)
	}
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// superuser is the address of the database itself, whatever stands before it.
func (w *world) superuser() string {
	if w.cluster == nil { // several machines
		return w.url("postgres")
	}
	return w.cluster.URL(database, "postgres")
}

// startDatabase starts the cluster, which recovers when it was killed.
func (w *world) startDatabase() {
	w.t.Helper()
	var err error
	w.cluster, err = postgres.StartPrivate(context.Background(), postgres.PrivateOptions{
		Dir: filepath.Join(w.dir, "pg"), MaxConnections: 60, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatalf("starting the database: %v", err)
	}
}

// killDatabase kills every process of the cluster at once. The parent is stopped
// first: a child that it bore meanwhile would live on, and wait for ever for a lock
// in shared memory whose holder is dead.
func (w *world) killDatabase() {
	parent := w.cluster.PID()
	_ = syscall.Kill(parent, syscall.SIGSTOP)
	for until := time.Now().Add(10 * time.Second); state(parent) != "T"; {
		if time.Now().After(until) {
			w.t.Fatalf("the database's parent does not stop: it is %q", state(parent))
		}
		time.Sleep(time.Millisecond)
	}
	for _, pid := range append(children(parent), parent) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = w.cluster.Stop() // waits until it has ended
}

// stat is what the kernel tells of a process after its name: its state, its
// parent. Nil: it has ended.
func stat(path string) []string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	_, after, _ := strings.Cut(string(raw), ") ")
	return strings.Fields(after)
}

func state(pid int) string {
	if f := stat(fmt.Sprintf("/proc/%d/stat", pid)); len(f) > 0 {
		return f[0]
	}
	return ""
}

// children are the processes that a process has started.
func children(parent int) []int {
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if f := stat(path); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				out = append(out, pid)
			}
		}
	}
	return out
}

// startServer runs the program, and waits until it serves.
func (w *world) startServer() {
	w.t.Helper()
	url := w.url
	if url == nil {
		url = func(role string) string { return w.cluster.URL(database, role) }
	}
	w.server = exec.Command(w.program, "serve")
	w.server.Env = append(os.Environ(), "UNDRING_DATABASE_URL="+url("undring_app"),
		"UNDRING_CULTURE_URL="+url("undring_culture"), "UNDRING_METRICS_URL="+url("undring_metrics"), "UNDRING_KEY="+filepath.Join(w.dir, "key.pem"),
		"UNDRING_GRPC_ADDR="+w.rpc, "UNDRING_WEB_ADDR="+w.web, "UNDRING_ADMIN_ADDR="+w.admin)
	w.server.Env = append(w.server.Env, w.env...)
	log, err := os.OpenFile(filepath.Join(w.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	w.server.Stderr = log
	if err := w.server.Start(); err != nil {
		w.t.Fatal(err)
	}
	cmd, ended := w.server, make(chan error, 1)
	w.ended = ended
	go func() { ended <- cmd.Wait() }()
	w.waitUntilServing()
}

func (w *world) waitUntilServing() {
	w.t.Helper()
	conn := w.dial()
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		h, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{}, grpc.WaitForReady(true))
		if err == nil && h.GetStatus() == healthpb.HealthCheckResponse_SERVING {
			return
		}
		if ctx.Err() != nil {
			raw, _ := os.ReadFile(filepath.Join(w.dir, "log"))
			w.t.Fatalf("the server does not serve: %v %v\n%s", h, err, raw[max(0, len(raw)-2000):])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// endServer sends the server a signal and waits until it has ended.
func (w *world) endServer(s syscall.Signal) error {
	if w.server == nil {
		return nil
	}
	_ = w.server.Process.Signal(s)
	err := <-w.ended
	w.server = nil
	return err
}

func (w *world) dial() *grpc.ClientConn {
	conn, err := grpc.NewClient(w.rpc, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: quickly, MinConnectTimeout: time.Second}))
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// knob is a number from the environment.
func knob(t *testing.T, name string, otherwise int) int {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal(fmt.Errorf("%s: %w", name, err))
	}
	return n
}
