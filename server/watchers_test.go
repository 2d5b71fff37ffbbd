package server_test

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/session"
)

const (
	// watchersEnv is how many phones watch; 400 when nobody says.
	watchersEnv = "UNDRING_WATCHERS"
	// phonesEnv makes the test binary the phones: at this address.
	phonesEnv = "UNDRING_TEST_PHONES_AT"
	// perWatcher is what one phone that watches may cost the server, in bytes:
	// 10,000 of them 400 MB.
	perWatcher = 40_000
	// onceForAll is what the first ones cost besides, however many come after them.
	onceForAll = 4 << 20
)

// TestMain is the phones of TestIdlePhonesAreCheap, where it is told to be: they
// live in a process of their own, so that the server's memory is the server's.
func TestMain(m *testing.M) {
	if address := os.Getenv(phonesEnv); address != "" {
		bePhones(address)
		return
	}
	os.Exit(m.Run())
}

// bePhones watches by a connection of its own for each token that it is told,
// says how many have had their first hint, and then how late the others come:
// a line on its input begins a round of one hint for each.
func bePhones(address string) {
	in := bufio.NewScanner(os.Stdin)
	hints := make(chan time.Time, 1<<16)
	begin := make(chan struct{}, 16) // so many connect at once
	n := 0
	for in.Scan() && in.Text() != "" {
		n++
		begin <- struct{}{}
		go func(token string) {
			conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithReadBufferSize(512), grpc.WithWriteBufferSize(512))
			if err != nil {
				panic(err)
			}
			ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
			for first := true; ; { // again where there is too much to do
				stream, err := pb.NewSyncServiceClient(conn).Watch(ctx, &pb.WatchRequest{})
				for err == nil {
					if _, err = stream.Recv(); err == nil {
						hints <- time.Now()
						if first {
							first = false
							<-begin
						}
					}
				}
				if !first {
					fmt.Println("ended", err)
					return
				}
			}
		}(in.Text())
	}
	for range n {
		<-hints
	}
	fmt.Println("watching")
	for in.Scan() { // how many hints a change brings, and when it was made
		var want int
		var at int64
		fmt.Sscan(in.Text(), &want, &at)
		for drained := false; !drained; {
			select {
			case h := <-hints:
				if h.UnixNano() >= at {
					fmt.Println(h.UnixNano() - at)
					want--
				}
				drained = want == 0
			case <-time.After(20 * time.Second):
				fmt.Println("ended: hints are missing:", want)
				return
			}
		}
	}
}

// residentMemory is what the process holds, in bytes.
func residentMemory(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
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

// Idle phones that watch cost the server little, and hear of a change soon. Not
// in parallel: what others hold would be counted.
//
//	UNDRING_WATCHERS=10000 go test ./server -run IdlePhones -v
func TestIdlePhonesAreCheap(t *testing.T) {
	phones := 400
	if text := os.Getenv(watchersEnv); text != "" {
		var err error
		if phones, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	w := newTown(t)
	w.clock.set(time.Now())
	keys, err := session.NewKeys(w.clock.now, w.key)
	if err != nil {
		t.Fatal(err)
	}
	tokens := w.crowd(phones, keys)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.server.GRPC().Serve(listener) }()
	before := residentMemory(t)

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), phonesEnv+"="+listener.Addr().String(), "GOGC=50")
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
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	fmt.Fprintln(in, strings.Join(tokens, "\n")+"\n")
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "watching" {
		t.Fatalf("the phones say %q", lines.Text())
	}
	held := residentMemory(t) - before
	each := held / phones
	// Changes, one at a time: each wakes the ten streams of one of the two.
	var took []time.Duration
	for i := range 30 {
		at := time.Now()
		w.sql(`insert into round (owner_id, id, school_id, first_id, second_id, joined_ids, created_at)
			select $1, $2, $3, person_id, $4, array[person_id], now() from session where device_name = $5`, w.owner, newID(), w.school, w.nils.id, "crowd "+strconv.Itoa(i%(phones/10)))
		fmt.Fprintln(in, 10, at.UnixNano())
		for range 10 {
			if !lines.Scan() {
				t.Fatal("the phones are gone")
			}
			n, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatalf("the phones say %q", lines.Text())
			}
			took = append(took, time.Duration(n))
		}
	}
	slices.Sort(took)
	p := func(q float64) time.Duration {
		return took[int(math.Ceil(q*float64(len(took))))-1].Round(time.Millisecond)
	}
	t.Logf("%d phones watch: %d bytes each, %d MB together; a change is heard of after %v (half), %v (99 of 100), %v (all)",
		phones, each, each*phones>>20, p(0.5), p(0.99), took[len(took)-1].Round(time.Millisecond))
	if held > phones*perWatcher+onceForAll {
		t.Errorf("%d phones that watch cost %d bytes, at most %d each and %d once are allowed", phones, held, perWatcher, onceForAll)
	}
}

// crowd lets so many phones sign in, ten of each person, and gives their tokens.
func (w *town) crowd(phones int, keys session.Keys) []string {
	w.t.Helper()
	people, sessions := make([]uuid.UUID, phones/10), make([]uuid.UUID, phones/10)
	var tokens []string
	for i := range people {
		people[i], sessions[i] = newID(), newID()
		token, _, err := keys.Sign(session.Holder{Owner: w.owner, Person: people[i], Session: sessions[i]})
		if err != nil {
			w.t.Fatal(err)
		}
		tokens = append(tokens, slices.Repeat([]string{token}, 10)...)
	}
	w.sql("insert into person (owner_id, id, given_name, family_name, created_at) select $1, id, 'Kari', 'Mange', now() from unnest($2::uuid[]) p (id)", w.owner, people)
	w.sql("insert into membership (owner_id, school_id, person_id, role, since) select $1, $2, id, 'TEACHER', now() from unnest($3::uuid[]) p (id)", w.owner, w.school, people)
	w.sql(`insert into session (owner_id, id, person_id, device_name, opened_by, refreshed_at, created_at, expires_at)
		select $1, s.id, s.person, 'crowd ' || s.n - 1, 'DEMO', now(), now(), now() + interval '1 day'
		from unnest($2::uuid[], $3::uuid[]) with ordinality s (id, person, n)`, w.owner, sessions, people)
	return tokens
}
