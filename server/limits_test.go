package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
)

// listening is a town whose server listens on real ports, as it does in service.
func listening(t *testing.T) (w *town, rpc, web string) {
	t.Helper()
	w = newTown(t)
	ports := make([]net.Listener, 3)
	for i := range ports {
		var err error
		if ports[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.server.Serve(ctx, ports[0], ports[1], ports[2]) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return w, ports[0].Addr().String(), ports[1].Addr().String()
}

// hostile is a bare HTTP/2 connection.
func hostile(t *testing.T, address string) (net.Conn, *http2.Framer) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	f := http2.NewFramer(conn, conn)
	if err := f.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return conn, f
}

func headers(t *testing.T, extra int) []byte {
	t.Helper()
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, h := range [][2]string{{":method", "POST"}, {":scheme", "http"}, {":path", "/undring.v1.ObservationService/ListObservations"},
		{":authority", "x"}, {"content-type", "application/grpc"}, {"te", "trailers"}, {"x-filler", strings.Repeat("x", extra)}} {
		if err := e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1], Sensitive: true}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// honest is how long ordinary calls take, meanwhile; p99.
func (w *town) honest(t *testing.T, n int) time.Duration {
	t.Helper()
	took := make([]time.Duration, n)
	ctx := w.ola.ctx()
	for i := range took {
		begun := time.Now()
		if _, err := w.ola.ListObservations(ctx, &pb.ListObservationsRequest{}); err != nil {
			t.Fatalf("an honest call: %v", err)
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[n*99/100]
}

// G15, R31: connections that open calls and reset them at once.
func TestG15RapidResetsHarmNobody(t *testing.T) {
	w, rpc, _ := listening(t)
	block := headers(t, 0)
	before := runtime.NumGoroutine()
	var all sync.WaitGroup
	until := time.Now().Add(3 * time.Second)
	streams, most := make([]int, 4), 0
	for i := range streams {
		conn, f := hostile(t, rpc)
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		all.Go(func() {
			for id := uint32(1); time.Now().Before(until); id += 2 {
				if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true}) != nil ||
					f.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
					return // it was thrown out
				}
				streams[i]++
			}
		})
	}
	slowest := time.Duration(0)
	for time.Now().Before(until) {
		slowest = max(slowest, w.honest(t, 20))
		most = max(most, runtime.NumGoroutine()-before)
	}
	all.Wait()
	total := 0
	for _, n := range streams {
		total += n
	}
	t.Logf("%d streams reset; at most %d goroutines more; honest calls within %s", total, most, slowest)
	if total < 1000 {
		t.Errorf("%d streams: no flood", total)
	}
	if most > 4*100*3+200 {
		t.Errorf("%d goroutines: more than the calls that four connections may have", most)
	}
	if slowest > 2*time.Second {
		t.Errorf("honest calls took %s", slowest)
	}
}

// G15, R32: sockets that say nothing, and headers without an end.
func TestG15WhoSaysNothingIsSentAway(t *testing.T) {
	w, rpc, web := listening(t)
	var silent []net.Conn
	for i := range 60 {
		address := rpc
		if i%2 == 1 {
			address = web
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 1 {
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-")
		}
		silent = append(silent, conn)
	}
	conn, f := hostile(t, rpc)
	block := headers(t, 4000)
	err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block})
	sent := 0
	for ; err == nil && sent < 64<<20; sent += len(block) {
		err = f.WriteContinuation(1, false, block)
	}
	if sent >= 64<<20 {
		t.Error("headers of 64 MiB were taken")
	}
	conn.Close()
	w.honest(t, 20)
	begun := time.Now()
	for _, conn := range silent {
		_ = conn.SetReadDeadline(begun.Add(15 * time.Second))
		_, err := io.Copy(io.Discard, conn)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("a silent socket was kept for %s", time.Since(begun))
		}
	}
}

// G15, R33: messages that are too large, and small ones that become large.
func TestG15TooLargeIsRefused(t *testing.T) {
	w, rpc, web := listening(t)
	conn, err := grpc.NewClient(rpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	observations := pb.NewObservationServiceClient(conn)
	_, err = observations.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{Text: strings.Repeat("x", 300<<10)})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("300 KiB: %v", err)
	}
	_, err = observations.SaveNote(w.kari.ctx(), &pb.SaveNoteRequest{Text: strings.Repeat("x", 9<<20)})
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("9 MiB: %v", err)
	}
	if _, err := observations.ListObservations(w.kari.ctx(), &pb.ListObservationsRequest{}); err != nil {
		t.Errorf("after that, on the same connection: %v", err)
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range 256 {
		if _, err := z.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := http.NewRequest(http.MethodPost, "http://"+web+"/undring.v1.SessionService/GetSignInOptions", &bomb)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	runtime.ReadMemStats(&after)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); reply.StatusCode < 400 || grown > 100<<20 {
		t.Errorf("256 MiB out of %d bytes: status %d, %d MiB were taken", bomb.Len(), reply.StatusCode, grown>>20)
	}
}

// G15: idle connections cost little. UNDRING_CROWD sets how many there are.
func TestG15IdleConnectionsAreBounded(t *testing.T) {
	w, rpc, _ := listening(t)
	crowd := 1000
	if v := os.Getenv("UNDRING_CROWD"); v != "" {
		crowd, _ = strconv.Atoi(v)
	}
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before := memory()
	for range crowd {
		conn, f := hostile(t, rpc)
		// What the server says is read to its end, or it would not count as idle.
		for {
			frame, err := f.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := frame.(*http2.SettingsFrame); ok && !s.IsAck() {
				break
			}
		}
		_ = conn
		if err := f.WriteSettingsAck(); err != nil {
			t.Fatal(err)
		}
	}
	each := int64(memory()-before) / int64(crowd)
	t.Logf("%d idle connections, %d KiB each, their other ends included", crowd, each>>10)
	if each > 64<<10 {
		t.Errorf("an idle connection costs %d KiB", each>>10)
	}
	w.honest(t, 20)
}
