//go:build fleet

package faults_test

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// failovers is how many leaders are killed, unless UNDRING_KILLS says otherwise.
const failovers = 2

// G1, R30: three machines hold the database; the one that leads is killed while
// people write through two servers. Another one takes over, the servers find it by
// themselves, what was acknowledged is there, and the machine that was killed comes
// back as one that follows.
func TestFailoverLosesNothingAcknowledged(t *testing.T) {
	w := bareWorld(t)
	w.size.Teachers, w.size.Visits = 2000, 6000 // a visit has room for 500 notes, and five kills take long
	unsafe := os.Getenv("UNDRING_UNSAFE") != ""
	f := startFleet(w, !unsafe)
	w.url = func(role string) string { return f.url(database, role) }
	f.createDatabase()
	w.fill()
	other := w.beside()
	w.startServer()
	t.Cleanup(func() { w.endServer(syscall.SIGKILL) })
	other.startServer()
	both := []*writers{w.write(false), other.write(false)}
	// The leader can't reach the others for so long before it is gone: less than a
	// call waits, and more.
	for i, silent := range alternate(knob(t, "UNDRING_KILLS", failovers), 100*time.Millisecond, 7*time.Second) {
		old := f.whole(time.Minute)
		advance(t, both, 30*time.Second)
		old.silence()
		time.Sleep(silent)
		old.kill()
		killed := time.Now()
		led := f.takenOver(killed)
		back := advance(t, both, 10*time.Second)
		time.Sleep(2 * time.Second) // calls that hung on the old leader end
		last := lastFailure(both).Sub(led)
		old.start()
		begun := time.Now()
		leader := f.whole(4 * time.Minute)
		t.Logf("%d: %s silent for %s and killed; %s led after %s, the servers wrote %s later, the last call failed %s later; %s followed %s after it was turned on",
			i+1, old.name, silent, leader.name, led.Sub(killed).Round(10*time.Millisecond), back.Sub(led).Round(time.Millisecond),
			max(last, 0).Round(time.Millisecond), old.name, time.Since(begun).Round(100*time.Millisecond))
		if leader == old {
			t.Errorf("%s leads again", old.name)
		}
		if last > 2*time.Second || back.Sub(led) > 2*time.Second {
			t.Errorf("calls failed until %s after there was a leader and succeeded %s after; at most 2 s are allowed", last, back.Sub(led))
		}
	}
	for _, ws := range both {
		ws.finish()
	}
	for _, ws := range both {
		ws.check()
	}
}

// alternate is n times a, b, a and so on.
func alternate(n int, a, b time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = []time.Duration{a, b}[i%2]
	}
	return out
}

// takenOver waits for the next leader, and gives the time it was there.
func (f fleet) takenOver(killed time.Time) time.Time {
	t := f.machines[0].t
	t.Helper()
	const most = patroniTTL + 2*(patroniLoop+patroniRetry)
	for f.leader() == nil {
		if time.Since(killed) > most {
			t.Fatalf("nobody led %s after the leader was killed\n%s", most, f.logs())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Now()
}

// advance waits until each server has acknowledged something more, and gives the
// time when the last of them had.
func advance(t *testing.T, all []*writers, within time.Duration) time.Time {
	t.Helper()
	until := time.Now().Add(within)
	for _, ws := range all {
		for count := ws.count.Load(); ws.count.Load() == count; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("nobody could write for %s", within)
			}
		}
	}
	return time.Now()
}

func lastFailure(all []*writers) time.Time {
	var last int64
	for _, ws := range all {
		last = max(last, ws.lastFail.Load())
	}
	return time.Unix(0, last)
}

func (f fleet) createDatabase() {
	t := f.machines[0].t
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, f.url("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create database "+database); err != nil {
		t.Fatal(err)
	}
	for _, m := range f.machines { // who asks one that does not know it yet is refused, not sent on
		for until := time.Now().Add(30 * time.Second); !m.asked("select exists (select from pg_database where datname = '" + database + "')"); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("%s does not follow", m.name)
			}
		}
	}
}
