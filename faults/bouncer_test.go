//go:build fleet

package faults_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"undring/postgres"
)

// Several servers share one database through PgBouncer in transaction mode: with
// fewer connections to the database than the servers have to the bouncer, sixteen
// people at each write, one server is told to stop, and nothing is lost or
// anybody's but its writer's.
func TestServersShareADatabaseThroughPgBouncer(t *testing.T) {
	w := newWorld(t)
	w.startBouncer()
	other := w.beside()
	w.startServer()
	other.startServer()
	first, second := w.write(false), other.write(true)
	time.Sleep(5 * time.Second)
	if err := other.endServer(syscall.SIGTERM); err != nil {
		t.Errorf("the second server ended with %v", err)
	}
	second.finish()
	time.Sleep(time.Second)
	first.finish()
	first.check()
	second.check()
	w.nothingLeft(second)
	conn := w.connect()
	defer conn.Close(context.Background())
	var stray, backends int
	err := conn.QueryRow(context.Background(), `
		select (select count(*) from note n join visit v on v.owner_id = n.owner_id and v.id = n.visit_id where n.observer_id <> v.observer_id),
			(select count(*) from pg_stat_activity where usename = 'undring_app')`).Scan(&stray, &backends)
	if err != nil || stray != 0 || backends == 0 || backends > bounced {
		t.Errorf("%d notes are somebody else's; %d connections to the database, at most %d are wanted (%v)", stray, backends, bounced, err)
	}
}

// beside is another server on the same database, that is not started yet.
func (w *world) beside() *world {
	other := *w
	other.server = nil
	other.rpc, other.web, other.admin = free(w.t), free(w.t), free(w.t)
	w.t.Cleanup(func() { other.endServer(syscall.SIGKILL) })
	return &other
}

// bounced is how many connections the bouncer keeps to the database.
const bounced = 6

// startBouncer runs PgBouncer before the cluster, and has the servers use it.
func (w *world) startBouncer() {
	w.t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	address := free(w.t)
	_, port, _ := net.SplitHostPort(address)
	dir := filepath.Join(w.dir, "pg") // the database's user may write here
	users := filepath.Join(w.dir, "users")
	if err := os.WriteFile(users, []byte("\"undring_app\" \"\"\n\"undring_culture\" \"\"\n\"undring_metrics\" \"\"\n"), 0o644); err != nil {
		w.t.Fatal(err)
	}
	config := fmt.Sprintf(`[databases]
%[1]s = host=%[2]s dbname=%[1]s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %[3]s
unix_socket_dir =
auth_type = trust
auth_file = %[5]s
pool_mode = transaction
default_pool_size = %[4]d
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`, database, dir, port, bounced, users)
	file := filepath.Join(w.dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		w.t.Fatal(err)
	}
	args := []string{file}
	if os.Geteuid() == 0 {
		args = []string{"-u", "postgres", file}
	}
	cmd := exec.Command(program, args...)
	log, err := os.Create(filepath.Join(w.dir, "pgbouncer.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr, cmd.Stdout = log, log
	if err := cmd.Start(); err != nil {
		w.t.Fatalf("starting PgBouncer (apt-get install pgbouncer): %v", err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	})
	w.url = func(role string) string {
		return "postgres://" + role + "@" + address + "/" + database + "?sslmode=disable&default_query_exec_mode=cache_describe"
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := postgres.CheckVersion(context.Background(), w.url("undring_app"))
		if err == nil {
			return
		}
		if time.Now().After(until) {
			raw, _ := os.ReadFile(log.Name())
			w.t.Fatalf("PgBouncer does not answer: %v\n%s", err, raw)
		}
	}
}
