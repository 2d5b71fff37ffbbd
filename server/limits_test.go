package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
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
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// listening is a town whose server listens on real ports, as it does in service.
func listening(t *testing.T) (w *town.Town, rpc, web string) {
	t.Helper()
	w = town.New(t)
	ports := make([]net.Listener, 3)
	for i := range ports {
		var err error
		if ports[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.Server.Serve(ctx, ports[0], ports[1], ports[2]) }()
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
	return headersOf(t, pb.ObservationService_ListObservations_FullMethodName, [2]string{"x-filler", strings.Repeat("x", extra)})
}

// shown is what somebody's calls show.
func shown(ctx context.Context) string {
	md, _ := metadata.FromOutgoingContext(ctx)
	return md.Get("authorization")[0]
}

func headersOf(t *testing.T, method string, more ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, h := range append([][2]string{{":method", "POST"}, {":scheme", "http"}, {":path", method},
		{":authority", "x"}, {"content-type", "application/grpc"}, {"te", "trailers"}}, more...) {
		if err := e.WriteField(hpack.HeaderField{Name: h[0], Value: h[1], Sensitive: true}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// honest is how long ordinary calls take, meanwhile; p99.
func honest(w *town.Town, t *testing.T, n int) time.Duration {
	t.Helper()
	took := make([]time.Duration, n)
	ctx := w.Ola.Ctx()
	for i := range took {
		begun := time.Now()
		if _, err := w.Ola.ListObservations(ctx, &pb.ListObservationsRequest{}); err != nil {
			t.Fatalf("an honest call: %v", err)
		}
		took[i] = time.Since(begun)
	}
	slices.Sort(took)
	return took[n*99/100]
}

// G15, R31: connections that open calls and reset them at once, of somebody who is
// signed in: others are thrown out soon.
func TestG15RapidResetsHarmNobody(t *testing.T) {
	w, rpc, _ := listening(t)
	block := headersOf(t, pb.ObservationService_ListObservations_FullMethodName, [2]string{"authorization", shown(w.Kari.Ctx())})
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
		slowest = max(slowest, honest(w, t, 20))
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
	honest(w, t, 20)
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
	_, err = observations.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Text: strings.Repeat("x", 300<<10)})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("300 KiB: %v", err)
	}
	_, err = observations.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Text: strings.Repeat("x", 9<<20)})
	if status.Code(err) != codes.InvalidArgument {
		t.Errorf("9 MiB: %v", err)
	}
	if _, err := observations.ListObservations(w.Kari.Ctx(), &pb.ListObservationsRequest{}); err != nil {
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

// halfSend opens as many calls of a method as a connection may have, announces a
// message of 8 MiB in each, and sends 1 MiB of it where it is let; then it waits
// until all that was sent is read. It tells how many bytes were.
func halfSend(t *testing.T, f *http2.Framer, method string) (sent int) {
	t.Helper()
	const calls = 100
	piece := bytes.Repeat([]byte("x"), 16<<10)
	block := headersOf(t, method)
	for i := range uint32(calls) {
		id := 101 + 2*i
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true}) != nil ||
			f.WriteData(id, false, []byte{0, 0, 0x7f, 0xff, 0xff}) != nil {
			return sent
		}
	}
	open, ended := map[uint32]bool{}, map[uint32]bool{}
	for len(open)+len(ended) < calls {
		frame, err := f.ReadFrame()
		if err != nil {
			return sent // the connection is closed
		}
		switch id := frame.Header().StreamID; frame.(type) {
		case *http2.WindowUpdateFrame: // there is room for the message
			open[id] = true
			delete(open, 0)
		case *http2.HeadersFrame, *http2.RSTStreamFrame: // an answer
			delete(open, id)
			ended[id] = true
		}
	}
	for id := range open {
		for range 1 << 20 / len(piece) {
			if f.WriteData(id, false, piece) != nil {
				return sent
			}
			sent += len(piece)
		}
	}
	if f.WritePing(false, [8]byte{1}) != nil {
		return sent
	}
	for {
		frame, err := f.ReadFrame()
		if ping, is := frame.(*http2.PingFrame); err != nil || is && ping.IsAck() {
			return sent
		}
	}
}

// G15: who is not signed in can't fill the server's memory with halves of large
// messages: neither where anyone may call nor, once one call on the connection has
// shown a token, where it takes one.
func TestG15StrangersHoldLittle(t *testing.T) {
	w, rpc, _ := listening(t)
	memory := func() int64 {
		runtime.GC()
		runtime.GC() // what lies in pools goes at the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse)
	}
	for method, token := range map[string]string{
		pb.SessionService_SignIn_FullMethodName:      "",
		pb.SchoolService_ImportRoster_FullMethodName: shown(w.Kari.Ctx()),
	} {
		conn, f := hostile(t, rpc)
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if token != "" {
			known := headersOf(t, pb.SessionService_GetMe_FullMethodName, [2]string{"authorization", token})
			if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: known, EndHeaders: true, EndStream: true}); err != nil {
				t.Fatal(err)
			}
		}
		before := memory()
		sent := halfSend(t, f, method)
		held := memory() - before
		t.Logf("%s: %d KiB were sent, %d KiB are held", method, sent>>10, held>>10)
		if held > 4<<20 {
			t.Errorf("%s: a stranger's calls hold %d MiB", method, held>>20)
		}
		conn.Close()
	}
	honest(w, t, 20)
}

// G15: on the web port they are answered before they have sent what they announce.
func TestG15StrangersSayLittleOnTheWebPort(t *testing.T) {
	w, _, web := listening(t)
	for method, want := range map[string]int{
		pb.SessionService_SignIn_FullMethodName:      http.StatusBadRequest,
		pb.SchoolService_ImportRoster_FullMethodName: http.StatusUnauthorized,
	} {
		conn, err := net.Dial("tcp", web)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{\"", method, 4<<20)
		_, _ = conn.Write(bytes.Repeat([]byte("a"), 128<<10)) // it may be over already
		reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: no answer to 128 KiB of 4 MiB: %v", method, err)
			continue
		}
		if reply.Body.Close(); reply.StatusCode != want {
			t.Errorf("%s: %s, want %d", method, reply.Status, want)
		}
	}
	honest(w, t, 20)
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
	honest(w, t, 20)
}
