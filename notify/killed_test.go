package notify_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"undring/notify"
	"undring/postgres"
	"undring/server"
	"undring/town"
)

// A worker is a server in a process of its own, which a test kills. It is this very test
// binary, started with these settings.
const (
	workerOf    = "NOTIFY_TEST_WORKER" // the database's address
	workerAlso  = "NOTIFY_TEST_CULTURE"
	workerRead  = "NOTIFY_TEST_METRICS"
	workerKey   = "NOTIFY_TEST_KEY"
	workerClock = "NOTIFY_TEST_CLOCK" // a file that holds the time
	workerPost  = "NOTIFY_TEST_SMTP"
)

// fileClock is a time that another process sets.
func fileClock(path string) func() time.Time {
	return func() time.Time {
		raw, err := os.ReadFile(path)
		if err != nil {
			return town.Tuesday
		}
		n, _ := strconv.ParseInt(string(raw), 10, 64)
		return time.Unix(0, n).UTC()
	}
}

// runWorker sends what is due until it is killed.
func runWorker() {
	ctx := context.Background()
	open := func(key string) *postgres.DB {
		db, err := postgres.Open(ctx, os.Getenv(key), postgres.Options{MaxConns: 4})
		if err != nil {
			panic(err)
		}
		return db
	}
	seed, err := base64.StdEncoding.DecodeString(os.Getenv(workerKey))
	if err != nil {
		panic(err)
	}
	mail, err := notify.NewSMTP("smtp://127.0.0.1:"+os.Getenv(workerPost), "Undring <undring@fjordvik.example>")
	if err != nil {
		panic(err)
	}
	s, err := server.New(server.Options{
		DB: open(workerOf), Culture: open(workerAlso), Metrics: open(workerRead), Now: fileClock(os.Getenv(workerClock)), ClockMoved: true, JobPoll: 5 * time.Millisecond,
		NewID: town.NewID, Keys: []ed25519.PrivateKey{ed25519.NewKeyFromSeed(seed)}, Demo: uuid.New(), Log: slog.New(slog.DiscardHandler),
		Outside: notify.Outside{Mail: mail, Address: address},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("works")
	s.Notify(ctx)
}

// worker starts one, and waits until it works.
func worker(t *testing.T, env []string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("a worker does not begin: %v", err)
	}
	return cmd
}

// Servers are killed while they send, at any moment, over and over: each of many people still gets the one
// mail that is theirs, and none a second one; what was sent again, since nobody knew that it had been, is the same mail.
func TestKilledWorkersChangeNothing(t *testing.T) {
	if testing.Short() { // make quick alone; make test, and so .ci/run, kills them
		t.Skip("servers are killed for a while")
	}
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	office.answer(func(string) error { time.Sleep(20 * time.Millisecond); return nil }) // as a mail server takes its time
	const many, workers, kills = 60, 3, 25
	for i, id := range teachers(w, many) {
		if err := asks(w, []*town.Person{w.Kari, w.Nils, w.Ola}[i%3], id, i); err != nil {
			t.Fatal(err)
		}
	}
	at := filepath.Join(t.TempDir(), "clock")
	set := func(when time.Time) {
		if err := os.WriteFile(at+".new", []byte(strconv.FormatInt(when.UnixNano(), 10)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(at+".new", at); err != nil {
			t.Fatal(err)
		}
		w.Clock.Set(when)
	}
	set(w.Clock.Now())
	env := []string{
		workerOf + "=" + w.DB.URL, workerAlso + "=" + w.DB.CultureURL, workerRead + "=" + w.DB.MetricsURL, workerClock + "=" + at,
		workerKey + "=" + base64.StdEncoding.EncodeToString(w.Key.Seed()), workerPost + "=" + strconv.Itoa(office.port),
	}
	running := make([]*exec.Cmd, workers)
	kill := func(i int) {
		_ = running[i].Process.Kill()
		_ = running[i].Wait()
	}
	for i := range running {
		running[i] = worker(t, env)
	}
	var once sync.Once
	end := func() {
		once.Do(func() {
			for i := range running {
				kill(i)
			}
		})
	}
	t.Cleanup(end)
	settled(t, w) // what came is in the list before the moment at which it goes out
	now := afternoon
	set(now)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range kills {
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		i := random.IntN(workers)
		kill(i)
		running[i] = worker(t, env)
		now = now.Add(time.Minute)
		set(now)
	}
	// What was begun once and is to be done again counts, though its time be a second ahead.
	left := func() int {
		return town.One[int](w, `select (select count(*) from message where state in ('WAITING', 'SENDING'))::int
			+ (select count(*) from river.river_job where state in ('running', 'retryable', 'scheduled') or state = 'available' and (attempt > 0 or scheduled_at <= $1))::int`, now)
	}
	// A clock that goes a minute in a quarter of a second. What a killed server had in hand is stuck in the eyes of
	// one that begins some minutes later.
	begun := time.Now()
	for rounds := 1; left() > 0 && time.Since(begun) < 2*time.Minute; rounds++ {
		time.Sleep(250 * time.Millisecond)
		if i := rounds / 20 % workers; rounds%20 == 0 {
			kill(i)
			running[i] = worker(t, env)
		}
		if now.Before(afternoon.Add(110 * time.Minute)) { // before quiet hours
			now = now.Add(time.Minute)
			set(now)
		}
	}
	end()
	ids := map[string]map[string]int{}
	for _, l := range office.all() {
		if ids[l.To] == nil {
			ids[l.To] = map[string]int{}
		}
		ids[l.To][l.Header.Get("Message-Id")]++
	}
	twice := 0
	for i := range many {
		to := fmt.Sprintf("per%d@fjordvik.example", i+1)
		if len(ids[to]) != 1 {
			t.Errorf("%s got %d mails (random %d)", to, len(ids[to]), seed)
		}
		for _, n := range ids[to] {
			twice += n - 1
		}
		delete(ids, to)
	}
	if len(ids) != 0 {
		t.Errorf("others got mails: %v (random %d)", ids, seed)
	}
	if twice > kills*16 {
		t.Errorf("the same mail was handed in %d times more than needed", twice)
	}
	t.Logf("%d kills; %d mails were handed in a second time, as the same mail (random %d)", kills, twice, seed)
}
