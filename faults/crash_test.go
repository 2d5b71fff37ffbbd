package faults_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if address := os.Getenv(linkEnv); address != "" {
		beLink(address)
		return
	}
	flag.Parse()
	if testing.Short() {
		fmt.Println("left out: kills and faults take minutes; make test has them")
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(built)
		os.Exit(code)
	}))
}

// kills is how many of each kind there are on an ordinary day; .ci/run asks for
// fifty.
const kills = 10

// G1, R1, R3: sixteen people write while server and database are killed at random
// moments. What was acknowledged is there, once and whole.
func TestG1WhatWasAcknowledgedSurvivesKills(t *testing.T) {
	w := newWorld(t)
	w.startServer()
	unsafe := os.Getenv("UNDRING_UNSAFE") != ""
	if unsafe { // behind the back of the server, which would not start on this
		w.sql("alter system set synchronous_commit = off")
		w.sql("select pg_reload_conf()")
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	ws := w.write(false)
	n := knob(t, "UNDRING_KILLS", kills)
	for range n {
		w.pause(ws, random)
		w.killDatabase()
		w.startDatabase()
		if unsafe {
			continue
		}
		w.pause(ws, random)
		w.endServer(syscall.SIGKILL)
		w.startServer()
	}
	w.waitUntilServing()
	ws.finish()
	ws.check()
}

// pause waits until as much was written as there are writers, and then a while.
func (w *world) pause(ws *writers, random *rand.Rand) {
	w.t.Helper()
	enough, until := ws.count.Load()+crowd, time.Now().Add(30*time.Second)
	for ws.count.Load() < enough {
		if time.Now().After(until) {
			w.t.Fatal("nobody could write for 30 s")
		}
		time.Sleep(2 * time.Millisecond)
	}
	time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
}

func (w *world) connect() *pgx.Conn {
	w.t.Helper()
	conn, err := pgx.Connect(context.Background(), w.superuser())
	if err != nil {
		w.t.Fatal(err)
	}
	return conn
}

func (w *world) sql(sql string) {
	w.t.Helper()
	conn := w.connect()
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// G16, R30: the database restarts under load, is killed, and stands still. Calls
// fail as long as it is away and two seconds more, no answer is wrong, and the
// server goes on by itself.
func TestG16TheDatabaseMayRestart(t *testing.T) {
	w := newWorld(t)
	w.startServer()
	faults := map[string]func(){
		"restart": func() { _ = w.cluster.Stop(); w.startDatabase() },
		"kill":    func() { w.killDatabase(); w.startDatabase() },
		"standstill": func() {
			pids := append(children(w.cluster.PID()), w.cluster.PID())
			for _, pid := range pids {
				_ = syscall.Kill(pid, syscall.SIGSTOP)
			}
			time.Sleep(3 * time.Second)
			for _, pid := range pids {
				_ = syscall.Kill(pid, syscall.SIGCONT)
			}
		},
	}
	for name, fault := range faults {
		ws := w.write(false)
		w.pause(ws, rand.New(rand.NewPCG(1, 1)))
		fault()
		over := time.Now()
		w.pause(ws, rand.New(rand.NewPCG(1, 2)))
		back := time.Since(over)
		time.Sleep(time.Second)
		ws.finish()
		last := time.Unix(0, ws.lastFail.Load()).Sub(over)
		t.Logf("%s: the first answer %s after it was over, the last failure %s after", name, back, max(last, 0))
		if last > 2*time.Second {
			t.Errorf("%s: calls failed until %s after it was over, at most 2 s are allowed", name, last)
		}
		ws.check()
	}
	r, err := http.Get("http://" + w.admin + "/healthz")
	if err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("healthz: %v %v", r, err)
	}
	if err == nil {
		r.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
}

// G17, R47: the server is told to stop under load. Whoever was refused has left
// nothing behind, it ends by itself within ten seconds, and the next one takes over.
func TestG17AStopUnderLoadFailsNoAcceptedCall(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.startServer()
		ws := w.write(true)
		for ws.count.Load() < 150 {
			w.pause(ws, rand.New(rand.NewPCG(1, 1)))
		}
		begun := time.Now()
		err := w.endServer(syscall.SIGTERM)
		if took := time.Since(begun); err != nil || took > 10*time.Second {
			t.Errorf("the server ended with %v after %s", err, took)
		}
		ws.finish()
		ws.check()
		w.nothingLeft(ws)
	}
}

// nothingLeft holds that no call which failed was carried out all the same.
func (w *world) nothingLeft(ws *writers) {
	w.t.Helper()
	conn := w.connect()
	defer conn.Close(context.Background())
	for _, n := range ws.failed {
		var there bool
		err := conn.QueryRow(context.Background(), "select exists (select from note where owner_id = $1 and id = $2)", w.size.Owner, n.id).Scan(&there)
		if err != nil || there {
			w.t.Errorf("a call was accepted and failed: %v (%v)", n.err, err)
		}
	}
}
