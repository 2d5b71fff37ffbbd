package faults_test

import (
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	toxiclient "github.com/Shopify/toxiproxy/v2/client"
	"github.com/rs/zerolog"
)

// linkEnv makes the test binary toxiproxy: at this address, for as long as somebody
// holds its input. In a process of its own what it leaves behind is its own.
const linkEnv = "UNDRING_TEST_LINK_AT"

func beLink(address string) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // what it logs goes by no other way
	host, port, _ := net.SplitHostPort(address)
	go toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()).Listen(host, port)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// link is what lies between the server and the database: something that makes it as
// bad as a test wants it.
type link struct {
	t     *testing.T
	api   *toxiclient.Client
	proxy *toxiclient.Proxy
}

// linked makes the server reach the database through a link.
func (w *world) linked() *link {
	w.t.Helper()
	socket, err := url.Parse(w.superuser())
	if err != nil {
		w.t.Fatal(err)
	}
	address := free(w.t)
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), linkEnv+"="+address), os.Stderr
	held, err := cmd.StdinPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		held.Close()
		if err := cmd.Wait(); err != nil {
			w.t.Errorf("the link's process: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	l := &link{t: w.t, api: toxiclient.NewClient(address)}
	at := join(w.t, socket.Query().Get("host")+"/.s.PGSQL.5432")
	for until := time.Now().Add(10 * time.Second); l.proxy == nil; time.Sleep(5 * time.Millisecond) {
		if l.proxy, err = l.api.CreateProxy("database", "127.0.0.1:0", at); err != nil && time.Now().After(until) {
			w.t.Fatalf("a link: %v", err)
		}
	}
	w.url = func(role string) string {
		return "postgres://" + role + "@" + l.proxy.Listen + "/" + database + "?sslmode=disable"
	}
	return l
}

// join listens at an address for what is at a unix socket: the database listens at no
// other, and the proxy knows no such.
func join(t *testing.T, socket string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", socket)
			if err != nil {
				in.Close()
				continue
			}
			end := sync.OnceFunc(func() { in.Close(); out.Close() })
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				go func() { _, _ = io.Copy(way[0], way[1]); end() }()
			}
		}
	}()
	return l.Addr().String()
}

// bad makes the link so for a time: a toxic of toxiproxy's and what it is told.
func (l *link) bad(span time.Duration, toxic string, told toxiclient.Attributes) {
	l.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		if _, err := l.proxy.AddToxic("", toxic, stream, 1, told); err != nil {
			l.t.Fatalf("%s: %v", toxic, err)
		}
	}
	time.Sleep(span)
	if err := l.api.ResetState(); err != nil {
		l.t.Fatalf("after %s: %v", toxic, err)
	}
}

// G16: the link between server and database is slow, narrow, cut in the middle of a
// message, silent, or gone. No answer is wrong, nothing that was acknowledged is lost
// and nothing is there twice, calls fail no longer than two seconds after, and the
// server goes on by itself.
func TestG16TheLinkToTheDatabaseMayFail(t *testing.T) {
	w := newWorld(t)
	l := w.linked()
	w.startServer()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for _, c := range []struct {
		fault string
		bring func()
	}{
		{"late", func() { l.bad(time.Second, "latency", toxiclient.Attributes{"latency": 100, "jitter": 90}) }},
		{"narrow", func() { l.bad(time.Second, "bandwidth", toxiclient.Attributes{"rate": 20}) }},
		{"in small pieces", func() {
			l.bad(time.Second, "slicer", toxiclient.Attributes{"average_size": 5, "size_variation": 4, "delay": 10})
		}},
		{"reset", func() {
			for range 10 {
				l.bad(50*time.Millisecond, "reset_peer", toxiclient.Attributes{"timeout": 0})
				time.Sleep(150 * time.Millisecond)
			}
		}},
		// The answer to a commit is among what is cut, so it is done and nobody knows.
		{"cut after so many bytes", func() {
			for range 20 {
				l.bad(200*time.Millisecond, "limit_data", toxiclient.Attributes{"bytes": 500 + random.IntN(4000)})
			}
		}},
		{"silent, and then closed", func() { l.bad(2*time.Second, "timeout", toxiclient.Attributes{"timeout": 500}) }},
		{"gone", func() {
			if err := l.proxy.Disable(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			if err := l.proxy.Enable(); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		ws := w.write(false)
		w.pause(ws, random)
		before := ws.count.Load()
		c.bring()
		over := time.Now()
		during := ws.count.Load() - before
		w.pause(ws, random)
		time.Sleep(500 * time.Millisecond)
		ws.finish()
		last := max(time.Unix(0, ws.lastFail.Load()).Sub(over), 0)
		t.Logf("%s: %d answers meanwhile, the last failure %s after it was over; failures: %v", c.fault, during, last, ws.why)
		if last > 2*time.Second {
			t.Errorf("%s: calls failed until %s after it was over, at most 2 s are allowed", c.fault, last)
		}
		ws.check()
	}
}
