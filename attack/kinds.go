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

// Kind is one way to attack.
type Kind struct {
	// Name is what it is called on the command line; What says what it does.
	Name, What string
	try        func(context.Context, *target)
}

// Kinds lists every way that is tried.
func Kinds() []Kind {
	importRoster := pb.SchoolService_ImportRoster_FullMethodName
	signIn, push, pull := pb.SessionService_SignIn_FullMethodName, pb.SyncService_Push_FullMethodName, pb.SyncService_Pull_FullMethodName
	return []Kind{
		{"bomb-web", "a stranger's 8 KB that unpack to 8 MiB, on the web port", func(ctx context.Context, t *target) { _ = t.post(ctx, signIn, "", bomb(), true) }},
		{"bomb-grpc", "thirty of them on one connection of the gRPC port", func(ctx context.Context, t *target) { t.flood(ctx, signIn, "", bomb(), 30, true) }},
		{"large-grpc", "messages of 8 MiB by somebody who may send 256 KiB", func(ctx context.Context, t *target) { t.flood(ctx, push, t.teacher, large(), 10, false) }},
		{"push-web", "a push of two million empty operations, on the web port", func(ctx context.Context, t *target) { _ = t.post(ctx, push, t.teacher, emptyJSON(), true) }},
		{"push-grpc", "the same on the gRPC port", func(ctx context.Context, t *target) { t.flood(ctx, push, t.teacher, empty(), 8, true) }},
		{"push-many", "a push of as many operations as fit", func(ctx context.Context, t *target) { t.flood(ctx, push, t.teacher, many(), 8, false) }},
		{"nested", "messages in messages, 5,000 deep", func(ctx context.Context, t *target) { _ = t.post(ctx, push, t.teacher, nested(), true) }},
		{"unread-grpc", "pulls that are never read, on the gRPC port", func(ctx context.Context, t *target) { t.unread(ctx, pull) }},
		{"unread-web", "pulls that are never read, on the web port", func(ctx context.Context, t *target) { t.unreadWeb(ctx, pull) }},
		{"commas", "an administrator's CSV of commas", func(ctx context.Context, t *target) { _ = t.post(ctx, importRoster, t.admin, importCommas(), true) }},
		{"everywhere", "an administrator's register in which everybody is everywhere", func(ctx context.Context, t *target) { _ = t.post(ctx, importRoster, t.admin, importEverywhere(), true) }},
		{"drip", "a request that comes byte by byte", func(ctx context.Context, t *target) { t.drip(ctx, signIn) }},
		{"calls", "ordinary calls, as many as one person can make", func(ctx context.Context, t *target) { t.calls(ctx) }},
	}
}

func packed(raw []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(raw) // to memory
	_ = z.Close()
	return b.Bytes()
}

const mib = 1 << 20

var (
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
	commas     = sync.OnceValue(func() []byte { return []byte("name,email,role\n" + strings.Repeat(",", 5*mib)) })
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

var errAnswer = errors.New("the call was refused")

// post sends JSON to the web port, and reads the answer.
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

// client makes a connection for each request.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

func (t *target) askOnTheWeb(ctx context.Context, c *http.Client) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.Web+pb.ObservationService_ListObservations_FullMethodName, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+t.honest)
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

// request is the import of a file, without its effect, packed.
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

// raw is a bare connection of the gRPC port that ends with ctx.
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

// flood sends so many calls on one connection, whatever windows say, and reads what
// comes until ctx ends or the server has had enough.
func (t *target) flood(ctx context.Context, method, token string, body []byte, calls int, isPacked bool) {
	conn, f, err := t.raw(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	prefix := []byte{0, byte(len(body) >> 24), byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}
	if isPacked {
		prefix[0] = 1
	}
	for i := range calls {
		id := uint32(1 + 2*i)
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: t.headers(method, token, isPacked), EndHeaders: true}) != nil ||
			f.WriteData(id, false, prefix) != nil {
			return
		}
		for at := 0; at < len(body); at += 16 << 10 {
			end := min(at+16<<10, len(body))
			if ctx.Err() != nil || f.WriteData(id, end == len(body), body[at:end]) != nil {
				return
			}
		}
	}
	select {
	case <-ctx.Done():
	default:
	}
}

// unread asks for all there is, on as many streams as there may be, and takes nothing.
func (t *target) unread(ctx context.Context, method string) {
	conn, f, err := t.raw(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	for i := range 60 {
		id := uint32(1 + 2*i)
		if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: t.headers(method, t.teacher, false), EndHeaders: true}) != nil ||
			f.WriteData(id, true, make([]byte, 5)) != nil {
			return
		}
	}
	<-ctx.Done()
}

// unreadWeb does so on the web port.
func (t *target) unreadWeb(ctx context.Context, method string) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", t.Web)
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: 2\r\n\r\n{}", method, t.teacher)
	<-ctx.Done()
}

// drip sends a byte at a time.
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

// calls are somebody's ordinary ones, one after the other.
func (t *target) calls(ctx context.Context) {
	observations := pb.NewObservationServiceClient(t.conn)
	for range 50 {
		if _, err := observations.ListObservations(by(ctx, t.teacher), &pb.ListObservationsRequest{}); err != nil && ctx.Err() != nil {
			return
		}
	}
}
