package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	pb "undring/gen/undring/v1"
)

// bareCodec sends bytes as they are.
type bareCodec struct{}

func (bareCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (bareCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (bareCodec) Name() string { return "proto" }

var _ encoding.CodecV2 = bareCodec{}

func gzipped(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// door is one way in, by which bytes go as they are.
type door struct {
	name string
	send func(t *testing.T, ctx context.Context, method string, raw []byte, packed bool) (codes.Code, bool)
}

// doors are the ways in. The second answer says whether the refusal has a reason and
// words.
func doors(t *testing.T, rpc, web string) []door {
	t.Helper()
	conn, err := grpc.NewClient(rpc, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(bareCodec{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	overGRPC := func(t *testing.T, ctx context.Context, method string, raw []byte, packed bool) (codes.Code, bool) {
		var reply []byte
		var opts []grpc.CallOption
		if packed {
			opts = append(opts, grpc.UseCompressor("gzip"))
		}
		err := conn.Invoke(ctx, method, raw, &reply, opts...)
		return status.Code(err), err == nil || len(status.Convert(err).Details()) >= 2
	}
	overConnect := func(contentType string) func(*testing.T, context.Context, string, []byte, bool) (codes.Code, bool) {
		return func(t *testing.T, ctx context.Context, method string, raw []byte, packed bool) (codes.Code, bool) {
			t.Helper()
			if packed {
				raw = gzipped(t, raw)
			}
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web+method, bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", contentType)
			r.Header.Set("Connect-Protocol-Version", "1")
			if packed {
				r.Header.Set("Content-Encoding", "gzip")
			}
			return answeredTo(t, ctx, r)
		}
	}
	overGRPCWeb := func(t *testing.T, ctx context.Context, method string, raw []byte, packed bool) (codes.Code, bool) {
		t.Helper()
		envelope := make([]byte, 5)
		if packed {
			raw, envelope[0] = gzipped(t, raw), 1
		}
		binary.BigEndian.PutUint32(envelope[1:], uint32(len(raw)))
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web+method, bytes.NewReader(append(envelope, raw...)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/grpc-web+proto")
		if packed {
			r.Header.Set("Grpc-Encoding", "gzip")
		}
		return answeredTo(t, ctx, r)
	}
	return []door{{"gRPC", overGRPC}, {"Connect", overConnect("application/proto")}, {"JSON", overConnect("application/json")}, {"gRPC-Web", overGRPCWeb}}
}

// answeredTo sends a request to the web port and reads the code of its answer.
func answeredTo(t *testing.T, ctx context.Context, r *http.Request) (codes.Code, bool) {
	t.Helper()
	if md, ok := metadata.FromOutgoingContext(ctx); ok {
		r.Header.Set("Authorization", strings.Join(md.Get("authorization"), ""))
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	if code := reply.Header.Get("Grpc-Status") + reply.Trailer.Get("Grpc-Status"); code != "" {
		var n int
		_, _ = fmt.Sscan(code, &n)
		return codes.Code(n), n == 0 || reply.Header.Get("Grpc-Status-Details-Bin")+reply.Trailer.Get("Grpc-Status-Details-Bin") != ""
	}
	if reply.StatusCode == http.StatusOK {
		if i := bytes.Index(body, []byte("grpc-status: ")); i >= 0 {
			var n int
			_, _ = fmt.Sscan(string(body[i+len("grpc-status: "):]), &n)
			return codes.Code(n), n == 0 || bytes.Contains(body, []byte("grpc-status-details-bin"))
		}
		return codes.OK, true
	}
	var said struct {
		Code    string            `json:"code"`
		Details []json.RawMessage `json:"details"`
	}
	_ = json.Unmarshal(body, &said)
	var code codes.Code
	_ = code.UnmarshalJSON([]byte(`"` + strings.ToUpper(said.Code) + `"`))
	return code, len(said.Details) >= 2
}

// filler is a message of so many bytes that no contract forbids: a field that nobody
// knows.
func filler(size int, json bool) []byte {
	if json {
		return append(append([]byte("{"), bytes.Repeat([]byte(" "), size-2)...), '}')
	}
	const frame = 5 // tag and length
	raw := protowire.AppendTag(nil, 1000, protowire.BytesType)
	return protowire.AppendBytes(raw, make([]byte, size-frame))
}

// api.md: 64 KiB without a token, 256 KiB with one, 8 MiB for imports by administrators
// alone, however it comes in; and what is too large is said, in words.
func TestG27WhatIsTooLargeIsRefusedHoweverItComes(t *testing.T) {
	w, rpc, web := listening(t)
	const stranger, teacher, file = 64 << 10, 256 << 10, 8<<20 + 64<<10
	type sender struct {
		name   string
		ctx    context.Context
		method string
		most   int
	}
	senders := []sender{
		{"stranger", context.Background(), pb.SessionService_SignIn_FullMethodName, stranger},
		{"teacher where no token is needed", w.Kari.Ctx(), pb.SessionService_RefreshSession_FullMethodName, stranger},
		{"teacher", w.Kari.Ctx(), pb.ObservationService_ListObservations_FullMethodName, teacher},
		{"teacher with a push", w.Kari.Ctx(), pb.SyncService_Push_FullMethodName, teacher},
		{"teacher with a file", w.Kari.Ctx(), pb.SchoolService_ImportLessons_FullMethodName, teacher},
		{"teacher with a roster", w.Kari.Ctx(), pb.SchoolService_ImportRoster_FullMethodName, teacher},
		{"administrator", w.Arne.Ctx(), pb.SchoolService_ImportRoster_FullMethodName, file},
		{"administrator without a file", w.Arne.Ctx(), pb.ObservationService_ListObservations_FullMethodName, teacher},
	}
	for _, d := range doors(t, rpc, web) {
		for _, s := range senders {
			for _, packed := range []bool{false, true} {
				want := codes.InvalidArgument
				if s.name == "teacher with a roster" && d.name == "gRPC" {
					want = codes.PermissionDenied // who calls is looked at first
				}
				t.Run(fmt.Sprintf("%s/%s/packed %t", d.name, s.name, packed), func(t *testing.T) {
					code, told := d.send(t, s.ctx, s.method, filler(s.most+16, d.name == "JSON"), packed)
					if code != want || !told {
						t.Errorf("more than may be sent: %s, told why: %t; want %s", code, told, want)
					}
				})
			}
		}
	}
}

// What may be sent is sent: a batch of a phone's and a roster, packed and not.
func TestG27WhatMayBeSentIsTaken(t *testing.T) {
	w, rpc, web := listening(t)
	for _, d := range doors(t, rpc, web) {
		for _, packed := range []bool{false, true} {
			if d.name == "JSON" && packed {
				continue // blanks, which nobody packs
			}
			size := 250 << 10
			if packed {
				size = 60 << 10 // of a filler that packs to nothing
			}
			if code, _ := d.send(t, w.Kari.Ctx(), pb.ObservationService_ListObservations_FullMethodName, filler(size, d.name == "JSON"), packed); code != codes.OK {
				t.Errorf("%s, packed %t: %s", d.name, packed, code)
			}
		}
	}
}
