//go:build fleet

package faults_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
)

// machine is one of three that hold the database: an etcd, a Patroni and the
// PostgreSQL that it minds, on a loopback address of the machine's own.
type machine struct {
	t                        *testing.T
	name, ip, dir            string
	client, peer, rest, port string // etcd's two ports, Patroni's, PostgreSQL's
	etcd, patroni            *child
}

// child is a process that is waited for.
type child struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// fleet are the machines. Synchronous: a commit waits for a second one.
type fleet struct {
	machines    []*machine
	synchronous bool
}

// Times of Patroni: the lock of a leader that is gone runs out after ttl; every
// loop_wait the others look.
const (
	patroniTTL      = 20 * time.Second
	patroniLoop     = 2 * time.Second
	patroniRetry    = 5 * time.Second
	patroniTemplate = `scope: undring
name: %[1]s
restapi: {listen: '%[2]s:%[3]s', connect_address: '%[2]s:%[3]s'}
etcd3: {hosts: '%[4]s'}
bootstrap:
  dcs:
    ttl: %[5]d
    loop_wait: %[6]d
    retry_timeout: %[7]d
    synchronous_mode: %[8]t
    maximum_lag_on_failover: 1073741824 # a standby that confirms has all that was acknowledged, however much more the leader wrote
    postgresql:
      use_pg_rewind: true
      parameters: {max_connections: 60, shared_buffers: 64MB, jit: 'off', timezone: UTC, wal_keep_size: 2GB} # for a machine that was away
  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, data-checksums]
  pg_hba: ['host all all 127.0.0.0/8 trust', 'host replication all 127.0.0.0/8 trust']
postgresql:
  listen: '%[2]s:%[9]s'
  connect_address: '%[2]s:%[9]s'
  data_dir: '%[10]s/data'
  bin_dir: '%[11]s'
  pgpass: '%[10]s/pgpass'
  authentication:
    superuser: {username: postgres, password: unused}
    replication: {username: replicator, password: unused}
  parameters: {unix_socket_directories: ''}
`
)

// startFleet runs three machines, and waits until one leads and the others follow.
func startFleet(w *world, synchronous bool) fleet {
	w.t.Helper()
	f := fleet{synchronous: synchronous}
	var clients, peers []string
	for i, name := range []string{"one", "two", "three"} {
		m := &machine{t: w.t, name: name, ip: fmt.Sprintf("127.0.0.%d", 11+i), dir: filepath.Join(w.dir, name)}
		for _, port := range []*string{&m.client, &m.peer, &m.rest, &m.port} {
			*port = m.free()
		}
		clients = append(clients, m.ip+":"+m.client)
		peers = append(peers, name+"=http://"+m.ip+":"+m.peer)
		f.machines = append(f.machines, m)
	}
	programs, err := postgres.Program("postgres")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range f.machines {
		if err := os.Mkdir(m.dir, 0o700); err != nil {
			w.t.Fatal(err)
		}
		config := fmt.Sprintf(patroniTemplate, m.name, m.ip, m.rest, strings.Join(clients, ","),
			int(patroniTTL.Seconds()), int(patroniLoop.Seconds()), int(patroniRetry.Seconds()),
			synchronous, m.port, m.dir, filepath.Dir(programs))
		for name, text := range map[string]string{"patroni.yml": config, "peers": strings.Join(peers, ",")} {
			if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o644); err != nil {
				w.t.Fatal(err)
			}
		}
		if as := account(w.t); as != nil {
			if err := os.Chown(m.dir, int(as.Uid), int(as.Gid)); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.t.Cleanup(func() {
		for _, m := range f.machines {
			m.stop()
		}
	})
	for _, m := range f.machines {
		m.start()
	}
	f.whole(2 * time.Minute)
	return f
}

// account is who the machines' programs run as when this is root, whom
// PostgreSQL refuses; else nil.
func account(t *testing.T) *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err1 != nil || err2 != nil {
		t.Fatalf("the account postgres: %v %v", err1, err2)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (m *machine) free() string {
	l, err := net.Listen("tcp", m.ip+":0")
	if err != nil {
		m.t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// start turns the machine on, for the first time or again.
func (m *machine) start() {
	m.t.Helper()
	peers, err := os.ReadFile(filepath.Join(m.dir, "peers"))
	if err != nil {
		m.t.Fatal(err)
	}
	client, peer := "http://"+m.ip+":"+m.client, "http://"+m.ip+":"+m.peer
	m.etcd = m.run("etcd", "--name", m.name, "--data-dir", filepath.Join(m.dir, "etcd"), "--logger", "zap",
		"--listen-client-urls", client, "--advertise-client-urls", client,
		"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", string(peers))
	m.patroni = m.run("patroni", filepath.Join(m.dir, "patroni.yml"))
}

// run starts a program of the machine's, which is told to stop when this process
// dies: the kernel goes by the thread that started it, so that one stays.
func (m *machine) run(program string, args ...string) *child {
	m.t.Helper()
	log, err := os.OpenFile(filepath.Join(m.dir, program+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	c := &child{cmd: exec.Command(program, args...), done: make(chan struct{})}
	c.cmd.Dir, c.cmd.Stdout, c.cmd.Stderr = m.dir, log, log
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + m.dir}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM, Credential: account(m.t)}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			_ = c.cmd.Wait()
		}
		close(c.done)
	}()
	if err := <-started; err != nil {
		m.t.Fatalf("%v (apt-get install patroni etcd-server)", err)
	}
	return c
}

// end sends a signal and waits; who does not listen is killed.
func (c *child) end(s syscall.Signal) {
	if c == nil {
		return
	}
	_ = c.cmd.Process.Signal(s)
	select {
	case <-c.done:
	case <-time.After(15 * time.Second):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

// postmaster is the process of PostgreSQL; 0 if there is none.
func (m *machine) postmaster() int {
	raw, err := os.ReadFile(filepath.Join(m.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil || at != filepath.Join(m.dir, "data") {
		return 0 // somebody else's by now
	}
	return pid
}

// kill ends everything on the machine at once.
func (m *machine) kill() {
	_ = m.patroni.cmd.Process.Kill() // first: it would restart the others
	if parent := m.postmaster(); parent != 0 {
		for _, pid := range append(children(parent), parent) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	m.etcd.end(syscall.SIGKILL)
	<-m.patroni.done
}

// stop turns the machine off; Patroni takes its PostgreSQL along.
func (m *machine) stop() {
	m.patroni.end(syscall.SIGTERM)
	if m.patroni != nil {
		if m.postmaster() != 0 {
			m.kill()
		}
	}
	m.etcd.end(syscall.SIGTERM)
}

// silence stops what the machine sends to those that follow it, as a network does
// that fails before the machine itself.
func (m *machine) silence() {
	m.t.Helper()
	conn, err := pgx.Connect(context.Background(), m.url("postgres"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(context.Background(), "select pid from pg_stat_replication")
	if err != nil {
		m.t.Fatal(err)
	}
	senders, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil || len(senders) == 0 {
		m.t.Fatalf("%d follow (%v)", len(senders), err)
	}
	for _, pid := range senders {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
	}
}

// url is the superuser's on this machine.
func (m *machine) url(database string) string {
	return "postgres://postgres@" + m.ip + ":" + m.port + "/" + database + "?sslmode=disable&connect_timeout=2"
}

// url is the address of whichever machine leads: primary, not read-write, since
// the role that reads figures never writes.
func (f fleet) url(database, role string) string {
	var hosts []string
	for _, m := range f.machines {
		hosts = append(hosts, m.ip+":"+m.port)
	}
	return "postgres://" + role + "@" + strings.Join(hosts, ",") + "/" + database + "?sslmode=disable&connect_timeout=2&target_session_attrs=primary"
}

// leader is the machine that takes writes; nil if none does.
func (f fleet) leader() *machine {
	for _, m := range f.machines {
		if m.asked("select not pg_is_in_recovery()") {
			return m
		}
	}
	return nil
}

// asked is the answer of the machine's PostgreSQL; false if it gives none.
func (m *machine) asked(sql string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, m.url("postgres"))
	if err != nil {
		return false
	}
	defer conn.Close(ctx)
	var yes bool
	return conn.QueryRow(ctx, sql).Scan(&yes) == nil && yes
}

// whole waits until one machine leads and both others follow it, and gives the
// leader.
func (f fleet) whole(within time.Duration) *machine {
	t := f.machines[0].t
	t.Helper()
	waitedFor := 0
	if f.synchronous {
		waitedFor = 1
	}
	follow := fmt.Sprintf(`select count(*) = 2 and count(*) filter (where sync_state = 'sync') = %d
		from pg_stat_replication where state = 'streaming'`, waitedFor)
	for until := time.Now().Add(within); time.Now().Before(until); time.Sleep(200 * time.Millisecond) {
		if m := f.leader(); m != nil && m.asked(follow) {
			return m
		}
	}
	t.Fatalf("no leader with two followers within %s\n%s", within, f.logs())
	return nil
}

// logs is the end of what each machine said.
func (f fleet) logs() string {
	var logs strings.Builder
	for _, m := range f.machines {
		for _, name := range []string{"patroni.log", "etcd.log"} {
			raw, _ := os.ReadFile(filepath.Join(m.dir, name))
			fmt.Fprintf(&logs, "%s %s: …%s\n", m.name, name, raw[max(0, len(raw)-3000):])
		}
	}
	return logs.String()
}
