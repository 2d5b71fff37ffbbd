package attack

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	pb "undring/gen/undring/v1"
)

// Kind is one way to attack. A new one is a line in [Kinds] and nothing else: the command
// and its help read the list.
type Kind struct {
	// Name is what it is called on the command line; What says what it does.
	Name, What string
	try        func(context.Context, *target)
}

// Kinds lists every way that is tried. All but the last were once a way to bring the server
// down or to keep it from others (G12 to G15, G27). Errors are dropped, as a refusal is
// what is wanted.
func Kinds() []Kind {
	importRoster := pb.SchoolService_ImportRoster_FullMethodName
	signIn, push, pull := pb.SessionService_SignIn_FullMethodName, pb.SyncService_Push_FullMethodName, pb.SyncService_Pull_FullMethodName
	return []Kind{
		{"bomb-web", "a stranger's 8 KB that unpack to 8 MiB, on the web port", func(ctx context.Context, t *target) { _ = t.post(ctx, signIn, "", bomb(), true) }},
		{"bomb-grpc", "thirty of them on one connection of the gRPC port", func(ctx context.Context, t *target) { t.flood(ctx, signIn, "", bomb(), 30, true) }},
		{"large-grpc", "messages of 8 MiB by somebody who may send 256 KiB", func(ctx context.Context, t *target) { t.flood(ctx, push, t.who.Load().teacher, large(), 10, false) }},
		{"push-web", "a push of two million empty operations, on the web port", func(ctx context.Context, t *target) { _ = t.post(ctx, push, t.who.Load().teacher, emptyJSON(), true) }},
		{"push-grpc", "the same on the gRPC port", func(ctx context.Context, t *target) { t.flood(ctx, push, t.who.Load().teacher, empty(), 8, true) }},
		{"push-many", "a push of as many operations as fit", func(ctx context.Context, t *target) { t.flood(ctx, push, t.who.Load().teacher, many(), 8, false) }},
		{"nested", "messages in messages, 5,000 deep", func(ctx context.Context, t *target) { _ = t.post(ctx, push, t.who.Load().teacher, nested(), true) }},
		{"unread-grpc", "pulls that are never read, on the gRPC port", func(ctx context.Context, t *target) { t.unread(ctx, pull) }},
		{"unread-web", "pulls that are never read, on the web port", func(ctx context.Context, t *target) { t.unreadWeb(ctx, pull) }},
		{"commas", "an administrator's CSV of commas", func(ctx context.Context, t *target) {
			_ = t.post(ctx, importRoster, t.who.Load().admin, importCommas(), true)
		}},
		{"everywhere", "an administrator's register in which everybody is everywhere", func(ctx context.Context, t *target) {
			_ = t.post(ctx, importRoster, t.who.Load().admin, importEverywhere(), true)
		}},
		{"drip", "a request that comes byte by byte", func(ctx context.Context, t *target) { t.drip(ctx, signIn) }},
		{"calls", "ordinary calls, as many as one person can make", func(ctx context.Context, t *target) { t.calls(ctx) }},
	}
}

// packed is raw under gzip. The worst messages are small on the wire and large once unpacked.
func packed(raw []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(raw) // to memory
	_ = z.Close()
	return b.Bytes()
}

// Sizes below follow the server's limits: 8 MiB unpacked is the largest that anybody may
// send.
const mib = 1 << 20

var (
	// Made once and shared by all tries, so that the attack's own work stays small beside
	// the server's.
	bomb      = sync.OnceValue(func() []byte { return packed(bytes.Repeat([]byte(" "), 8*mib)) })
	large     = sync.OnceValue(func() []byte { return bytes.Repeat([]byte{0x12, 0}, 4*mib) })
	empty     = sync.OnceValue(func() []byte { return packed(bytes.Repeat([]byte{0x0a, 0}, 2_000_000)) })
	many      = sync.OnceValue(func() []byte { return bytes.Repeat([]byte{0x0a, 0}, 120<<10) })
	emptyJSON = sync.OnceValue(func() []byte {
		return packed([]byte(`{"operations":[` + strings.Repeat("{},", 2_000_000) + `{}]}`))
	})
	nested = sync.OnceValue(func() []byte {
		const deep = 5_000
		in := strings.Repeat(`{"@type":"type.googleapis.com/google.protobuf.Any","value":`, deep) + "{}" + strings.Repeat("}", deep)
		return packed([]byte(`{"operations":[{"request":` + in + `}]}`))
	})
	// A row of five million cells: cheap to send, and costly for a parser that makes a
	// string of each.
	commas = sync.OnceValue(func() []byte { return []byte("name,email,role\n" + strings.Repeat(",", 5*mib)) })
	// 400 schools times 4,000 people are 1.6 million places, in a file that packs to very
	// little.
	everywhere = sync.OnceValue(func() []byte {
		var orgs, users, at strings.Builder
		orgs.WriteString("sourcedId,status,name,type,parentSourcedId\n")
		for i := range 400 {
			fmt.Fprintf(&orgs, "o%d,active,Skole %d,school,\n", i, i)
			fmt.Fprintf(&at, "o%d,", i)
		}
		users.WriteString("sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\n")
		for i := range 4_000 {
			fmt.Fprintf(&users, "u%d,active,true,%q,teacher,Kari,Nr%d,k%d@x.example\n", i, strings.TrimSuffix(at.String(), ","), i, i)
		}
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, content := range map[string]string{"orgs.csv": orgs.String(), "users.csv": users.String()} {
			if f, err := z.Create(name); err == nil {
				_, _ = io.WriteString(f, content) // to memory
			}
		}
		_ = z.Close()
		return b.Bytes()
	})
)

// errAnswer is any refusal: the attack does not care which.
var errAnswer = errors.New("the call was refused")

// post sends JSON to the web port, and reads the answer. The answer is read whole, as by
// anybody's client.
func (t *target) post(ctx context.Context, method, token string, body []byte, isPacked bool) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.Web+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if isPacked {
		r.Header.Set("Content-Encoding", "gzip")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	reply, err := client.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err = io.Copy(io.Discard, reply.Body); err == nil && reply.StatusCode != http.StatusOK {
		err = errAnswer
	}
	return err
}

// client makes a connection for each request. A new connection is what a stranger costs a
// server most.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// askOnTheWeb makes one honest call by JSON over HTTP, as the app does, and reads the whole
// answer: a server that sends headers and then nothing has not served anybody.
func (t *target) askOnTheWeb(ctx context.Context, c *http.Client) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.Web+pb.ObservationService_ListObservations_FullMethodName, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+t.who.Load().honest)
	reply, err := c.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err = io.Copy(io.Discard, reply.Body); err == nil && reply.StatusCode != http.StatusOK {
		err = errAnswer
	}
	return err
}

// request is the import of a file, without its effect, packed. A dry run: what is imported
// would change the demo for the next kind.
func request(format string, content []byte) []byte {
	body, err := json.Marshal(map[string]any{"requestId": "3f0b7a52-4c5f-4f5e-9a6a-0d6f6a1c2b3d", "format": format, "dryRun": true,
		"content": base64.StdEncoding.EncodeToString(content)})
	if err != nil {
		return nil
	}
	return packed(body)
}

var (
	importCommas     = sync.OnceValue(func() []byte { return request("ROSTER_FORMAT_SIMPLE_CSV", commas()) })
	importEverywhere = sync.OnceValue(func() []byte { return request("ROSTER_FORMAT_ONEROSTER_ZIP", everywhere()) })
)

// raw is a bare connection of the gRPC port that ends with ctx. A client of a library keeps
// to windows and limits, which is what an attacker does not do.
func (t *target) raw(ctx context.Context) (net.Conn, *http2.Framer, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", t.GRPC)
	if err != nil {
		return nil, nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	f := http2.NewFramer(conn, conn)
	if _, err = io.WriteString(conn, http2.ClientPreface); err == nil {
		err = f.WriteSettings()
	}
	return conn, f, err
}

// headers is the block of headers of one gRPC call, as it goes over the wire. A client of a
// library would not let us send what we want to try, such as a message that says it is packed
// and is not.
func (t *target) headers(method, token string, isPacked bool) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	fields := [][2]string{{":method", "POST"}, {":scheme", "http"}, {":path", method}, {":authority", "x"}, {"content-type", "application/grpc"}, {"te", "trailers"}}
	if token != "" {
		fields = append(fields, [2]string{"authorization", "Bearer " + token})
	}
	if isPacked {
		fields = append(fields, [2]string{"grpc-encoding", "gzip"})
	}
	for _, f := range fields {
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1], Sensitive: true}) // to memory
	}
	return b.Bytes()
}

// flood sends so many calls on one connection, whatever windows say, and waits until each
// has been answered, ctx ends, or the server has had enough. Hanging up sooner would end the
// calls before the server has done anything for them, and count as tries all the same.
func (t *target) flood(ctx context.Context, method, token string, body []byte, calls int, isPacked bool) {
	conn, f, err := t.raw(ctx)
	if err != nil {
		return
	}
	answered := make(chan struct{})
	go func() { awaitEnds(f, calls); close(answered) }()
	defer func() { conn.Close(); <-answered }()
	// gRPC's five bytes before each message: whether it is packed, and its length.
	prefix := []byte{0, byte(len(body) >> 24), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}
	if isPacked {
		prefix[0] = 1
	}
	for i := range calls {
		id := uint32(1 + 2*i)
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: t.headers(method, token, isPacked), EndHeaders: true}) != nil ||
			f.WriteData(id, len(body) == 0, prefix) != nil {
			return
		}
		// 16 KiB is the largest frame that HTTP/2 lets through without asking.
		for at := 0; at < len(body); at += 16 << 10 {
			end := min(at+16<<10, len(body))
			if ctx.Err() != nil || f.WriteData(id, end == len(body), body[at:end]) != nil {
				return
			}
		}
	}
	<-answered // the connection ends with ctx
}

// awaitEnds reads frames until so many calls have ended, answered or refused, or the
// connection has. A call may end twice: with its answer, and with a reset behind it.
func awaitEnds(f *http2.Framer, calls int) {
	ended := map[uint32]bool{}
	for len(ended) < calls {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		end := false
		switch frame := frame.(type) {
		case *http2.RSTStreamFrame:
			end = true
		case *http2.HeadersFrame:
			end = frame.StreamEnded()
		case *http2.DataFrame:
			end = frame.StreamEnded()
		}
		if end {
			ended[frame.Header().StreamID] = true
		}
	}
}

// unread asks for all there is, on as many streams as there may be, and takes nothing. The
// server may not hold the answers of somebody who never reads them (G15): the windows fill,
// and what it has made waits in its memory.
func (t *target) unread(ctx context.Context, method string) {
	conn, f, err := t.raw(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	for i := range 60 {
		id := uint32(1 + 2*i)
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: t.headers(method, t.who.Load().teacher, false), EndHeaders: true}) != nil ||
			f.WriteData(id, true, make([]byte, 5)) != nil {
			return
		}
	}
	<-ctx.Done()
}

// unreadWeb does so on the web port. HTTP/1.1 here: the answer waits in the kernel's
// buffers and then in the server's.
func (t *target) unreadWeb(ctx context.Context, method string) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", t.Web)
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n\r\n{}", method, t.who.Load().teacher)
	<-ctx.Done()
}

// drip sends a byte at a time. At a byte each 20 ms the whole would take 20 minutes: the
// server has to end the wait (G15).
func (t *target) drip(ctx context.Context, method string) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", t.Web)
	if err != nil {
		return
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n", method)
	for ctx.Err() == nil {
		if _, err := conn.Write([]byte(" ")); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// calls are somebody's ordinary ones, one after the other. It is the only kind that keeps
// to every rule; limits by person hold it.
func (t *target) calls(ctx context.Context) {
	observations := pb.NewObservationServiceClient(t.conn)
	for range 50 {
		if _, err := observations.ListObservations(by(ctx, t.who.Load().teacher), &pb.ListObservationsRequest{}); err != nil && ctx.Err() != nil {
			return
		}
	}
}
