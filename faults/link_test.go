package faults_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// link is what lies between the server and the database: something that makes it as
// bad as a test wants it.
type link struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

// linked makes the server reach the database through a link.
func (w *world) linked() *link {
	w.t.Helper()
	socket, err := url.Parse(w.superuser())
	if err != nil {
		w.t.Fatal(err)
	}
	at := join(w.t, socket.Query().Get("host")+"/.s.PGSQL.5432")
	zerolog.SetGlobalLevel(zerolog.Disabled) // what it logs goes by no other way
	quiet := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &link{w.t, toxiproxy.NewProxy(quiet, "database", "127.0.0.1:0", at)}
	if err := l.proxy.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(l.proxy.Stop)
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
func (l *link) bad(span time.Duration, toxic, attributes string) {
	l.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		_, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"type":%q,"stream":%q,"attributes":{%s}}`, toxic, stream, attributes)))
		if err != nil {
			l.t.Fatalf("%s: %v", toxic, err)
		}
	}
	time.Sleep(span)
	l.proxy.Toxics.ResetToxics(context.Background())
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
		{"late", func() { l.bad(time.Second, "latency", `"latency":100,"jitter":90`) }},
		{"narrow", func() { l.bad(time.Second, "bandwidth", `"rate":20`) }},
		{"in small pieces", func() { l.bad(time.Second, "slicer", `"average_size":5,"size_variation":4,"delay":10`) }},
		{"reset", func() {
			for range 10 {
				l.bad(50*time.Millisecond, "reset_peer", `"timeout":0`)
				time.Sleep(150 * time.Millisecond)
			}
		}},
		// The answer to a commit is among what is cut, so it is done and nobody knows.
		{"cut after so many bytes", func() {
			for range 20 {
				l.bad(200*time.Millisecond, "limit_data", fmt.Sprintf(`"bytes":%d`, 500+random.IntN(4000)))
			}
		}},
		{"silent, and then closed", func() { l.bad(2*time.Second, "timeout", `"timeout":500`) }},
		{"gone", func() {
			l.proxy.Stop()
			time.Sleep(2 * time.Second)
			if err := l.proxy.Start(); err != nil {
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
