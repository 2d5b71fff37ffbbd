package offline_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/postgres/pgtest"
	"undring/session"
	"undring/town"
)

const (
	// watchersEnv is how many phones watch; idlePhones when nobody says.
	watchersEnv = "UNDRING_WATCHERS"
	// phonesEnv makes the test binary the phones: at this address.
	phonesEnv = "UNDRING_TEST_PHONES_AT"
	// perWatcher is what one phone that watches may cost the server, in bytes:
	// 10,000 of them 400 MB, as the kernel counts.
	perWatcher = 400 << 20 / 10_000
	// The first phones are not counted: they also bring what is made once, as the
	// looking, the pool's connections and what the first call of a kind prepares;
	// half a megabyte was measured. What is left does not hang on how many there are: 1,000
	// measured within 2 % of 10,000.
	firstPhones = 100
	idlePhones  = 1_000
)

// TestMain is the phones of TestIdlePhonesAreCheap, where it is told to be: they
// live in a process of their own, so that the server's memory is the server's.
func TestMain(m *testing.M) {
	if address := os.Getenv(phonesEnv); address != "" {
		bePhones(address)
		return
	}
	pgtest.Main(m)
}

// bePhones does what its input says, a line each: "watch" by a connection of its
// own with a token; "settle", until all have had their first hint; "hear" so many
// hints of a change made at a time, and print how late each is.
func bePhones(address string) {
	in := bufio.NewScanner(os.Stdin)
	hints := make(chan time.Time, 1<<16)
	begin := make(chan struct{}, 16) // so many connect at once
	n := 0
	for in.Scan() {
		words := strings.Fields(in.Text())
		switch words[0] {
		case "watch":
			n++
			begin <- struct{}{}
			go bePhone(address, words[1], hints, sync.OnceFunc(func() { <-begin }))
		case "settle":
			for ; n > 0; n-- {
				<-hints
			}
			fmt.Println("watching")
		case "hear":
			want, _ := strconv.Atoi(words[1])
			at, _ := strconv.ParseInt(words[2], 10, 64)
			for want > 0 {
				select {
				case h := <-hints:
					if h.UnixNano() >= at {
						fmt.Println(h.UnixNano() - at)
						want--
					}
				case <-time.After(20 * time.Second):
					fmt.Println("ended: hints are missing:", want)
					return
				}
			}
		}
	}
}

// bePhone watches, and says when it is in; until then again where there is too
// much to do.
func bePhone(address, token string, hints chan<- time.Time, in func()) {
	watch := overGRPC(address, token)
	if strings.HasPrefix(address, "http://") {
		watch = overWeb(address, token)
	}
	for first := true; ; {
		hint, err := watch()
		for err == nil {
			if err = hint(); err == nil {
				hints <- time.Now()
				first = false
				in()
			}
		}
		if !first {
			fmt.Println("ended", err)
			return
		}
	}
}

func overGRPC(address, token string) func() (hint func() error, err error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithReadBufferSize(512), grpc.WithWriteBufferSize(512))
	if err != nil {
		panic(err)
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
	return func() (func() error, error) {
		stream, err := pb.NewSyncServiceClient(conn).Watch(ctx, &pb.WatchRequest{})
		return func() error { _, err := stream.Recv(); return err }, err
	}
}

func overWeb(address, token string) func() (hint func() error, err error) {
	client := connect.NewClient[pb.WatchRequest, pb.WatchResponse](&http.Client{Transport: &http.Transport{}}, address+pb.SyncService_Watch_FullMethodName)
	return func() (func() error, error) {
		req := connect.NewRequest(&pb.WatchRequest{})
		req.Header().Set("authorization", "Bearer "+token)
		stream, err := client.CallServerStream(context.Background(), req)
		return func() error {
			if !stream.Receive() {
				return fmt.Errorf("no hint: %w", stream.Err())
			}
			return nil
		}, err
	}
}

// residentMemory is what the process holds, in bytes, when it has been idle for
// some minutes: the collector, which then runs each second minute, halves a stack
// that is too big once a run.
func residentMemory(t *testing.T) int {
	t.Helper()
	for range 4 {
		debug.FreeOSMemory()
	}
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}

// crowdOfPhones are the phones of another process.
type crowdOfPhones struct {
	t     *testing.T
	in    io.Writer
	lines *bufio.Scanner
}

func startPhones(t *testing.T, address string) *crowdOfPhones {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), phonesEnv+"="+address, "GOGC=50")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &crowdOfPhones{t, in, bufio.NewScanner(out)}
}

func (c *crowdOfPhones) watch(tokens []string) {
	c.t.Helper()
	fmt.Fprintf(c.in, "watch %s\nsettle\n", strings.Join(tokens, "\nwatch "))
	if !c.lines.Scan() || c.lines.Text() != "watching" {
		c.t.Fatalf("the phones say %q", c.lines.Text())
	}
}

// hear tells how late so many hints of a change come.
func (c *crowdOfPhones) hear(hints int, of time.Time) []time.Duration {
	c.t.Helper()
	fmt.Fprintln(c.in, "hear", hints, of.UnixNano())
	var late []time.Duration
	for range hints {
		c.lines.Scan()
		n, err := strconv.ParseInt(c.lines.Text(), 10, 64)
		if err != nil {
			c.t.Fatalf("the phones say %q", c.lines.Text())
		}
		late = append(late, time.Duration(n))
	}
	return late
}

// Idle phones that watch cost the server little, and hear of a change soon, over
// either port: the web's is Connect over HTTP/1.1, as the app does it. Not in parallel:
// what others hold would be counted. How soon is logged and not held: it is the
// machine's load that it measures.
//
//	UNDRING_WATCHERS=10000 go test ./offline -run IdlePhones -v
func TestIdlePhonesAreCheap(t *testing.T) {
	phones := numberOf(t, watchersEnv, idlePhones)
	t.Run("gRPC", func(t *testing.T) { watchIdly(t, phones, func(rpc, _ string) string { return rpc }) })
	t.Run("web", func(t *testing.T) { watchIdly(t, phones, func(_, web string) string { return "http://" + web }) })
}

func watchIdly(t *testing.T, phones int, at func(rpc, web string) string) {
	w := town.New(t)
	w.Clock.Set(time.Now())
	keys, err := session.NewKeys(w.Clock.Now, w.Key)
	if err != nil {
		t.Fatal(err)
	}
	tokens := crowd(w, phones, keys)
	address := at(listen(w))
	before := residentMemory(t)
	crowd := startPhones(t, address)
	crowd.watch(tokens[:firstPhones])
	first := residentMemory(t)
	crowd.watch(tokens[firstPhones:])
	all := residentMemory(t)
	each := (all - first) / (phones - firstPhones)
	// Changes, one at a time: each wakes the ten streams of one of the two.
	var took []time.Duration
	for i := range 30 {
		at := time.Now()
		w.SQL(`insert into round (owner_id, id, school_id, first_id, second_id, joined_ids, created_at)
			select $1, $2, $3, person_id, $4, array[person_id], now() from session where device_name = $5`, w.Owner, town.NewID(), w.School, w.Nils.ID, "crowd "+strconv.Itoa(i%(phones/10)))
		took = append(took, crowd.hear(10, at)...)
	}
	slices.Sort(took)
	p := func(q float64) time.Duration {
		return took[int(math.Ceil(q*float64(len(took))))-1].Round(time.Millisecond)
	}
	t.Logf("%d phones watch at %s: %d bytes each; the first %d cost %d kB; %d MB together, %d MB with the server and the test; a change is heard of after %v (half), %v (99 of 100), %v (all)",
		phones, address, each, firstPhones, (first-before)>>10, (all-before)>>20, all>>20, p(0.5), p(0.99), took[len(took)-1].Round(time.Millisecond))
	if each > perWatcher {
		t.Errorf("each phone that watches costs %d bytes, at most %d are allowed", each, perWatcher)
	}
}

// listen serves the town at real ports, with all that a server does besides.
func listen(w *town.Town) (rpc, web string) {
	w.T.Helper()
	var ports [3]net.Listener
	for i := range ports {
		var err error
		if ports[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			w.T.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Server.Serve(ctx, ports[0], ports[1], ports[2]) }()
	w.T.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.T.Error(err)
		}
	})
	return ports[0].Addr().String(), ports[1].Addr().String()
}

// numberOf is what the environment says, and otherwise what it is by itself.
func numberOf(t *testing.T, name string, byItself int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return byItself
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// crowd lets so many phones sign in, ten of each person, and gives their tokens.
func crowd(w *town.Town, phones int, keys session.Keys) []string {
	w.T.Helper()
	people, sessions := make([]uuid.UUID, phones/10), make([]uuid.UUID, phones/10)
	var tokens []string
	for i := range people {
		people[i], sessions[i] = town.NewID(), town.NewID()
		token, _, err := keys.Sign(session.Holder{Owner: w.Owner, Person: people[i], Session: sessions[i]})
		if err != nil {
			w.T.Fatal(err)
		}
		tokens = append(tokens, slices.Repeat([]string{token}, 10)...)
	}
	w.SQL("insert into person (owner_id, id, given_name, family_name, created_at) select $1, id, 'Kari', 'Mange', now() from unnest($2::uuid[]) p (id)", w.Owner, people)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) select $1, $2, id, 'TEACHER', now() from unnest($3::uuid[]) p (id)", w.Owner, w.School, people)
	w.SQL(`insert into session (owner_id, id, person_id, device_name, opened_by, refreshed_at, created_at, expires_at)
		select $1::uuid, s.id, s.person, 'crowd ' || s.n - 1, 'DEMO', now(), now(), now() + interval '1 day'
		from unnest($2::uuid[], $3::uuid[]) with ordinality s (id, person, n), lateral (select set_config('undring.owner', $1::uuid::text, true)) o`, w.Owner, sessions, people)
	return tokens
}
