package offline_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	pb "undring/gen/undring/v1"
	"undring/town"
	"undring/words"
)

// watching is a phone that watches: hints arrive on a channel, and what the
// stream ended with on another.
type watching struct {
	hints chan time.Time
	ended chan error
	stop  context.CancelFunc
}

func watch(p *town.Person) *watching {
	p.Town.T.Helper()
	ctx, cancel := context.WithCancel(p.Ctx())
	p.Town.T.Cleanup(cancel)
	w := &watching{hints: make(chan time.Time, 1000), ended: make(chan error, 1), stop: cancel}
	stream, err := p.Watch(ctx, &pb.WatchRequest{})
	if err != nil {
		p.Town.T.Fatal(err)
	}
	go func() {
		for {
			hint, err := stream.Recv()
			if err != nil {
				w.ended <- err
				return
			}
			if !hint.GetNothing() {
				w.hints <- time.Now()
			}
		}
	}()
	return w
}

func (w *watching) hint(t *testing.T) time.Time {
	t.Helper()
	select {
	case at := <-w.hints:
		return at
	case err := <-w.ended:
		t.Fatalf("the stream ended: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("no hint")
	}
	return time.Time{}
}

// quiet takes what hints there are, until none has come for a while.
func (w *watching) quiet() {
	for {
		select {
		case <-w.hints:
		case <-time.After(400 * time.Millisecond):
			return
		}
	}
}

func (w *watching) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-w.ended:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the stream does not end")
		return nil
	}
}

func TestAWatchingPhoneIsWoken(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	kari, ola, nils := watch(w.Kari), watch(w.Ola), watch(w.Nils)
	for _, p := range []*watching{kari, ola, nils} {
		p.hint(t) // one at the start
	}
	phone := newMirror(w.Ola).pull()
	ola.quiet()
	for i := range 6 {
		w.Propose(w.Kari, w.Ola, time.Duration(i+1)*time.Hour)
		kari.hint(t)
		ola.hint(t)
		// What was hinted at can be pulled.
		r := town.Try(phone.Pull(phone.Ctx(), &pb.PullRequest{Cursor: phone.cursor})).OK(t)
		if phone.cursor = r.GetNextCursor(); i == 0 && (len(r.GetChanges()) != 1 || r.GetChanges()[0].GetObservation() == nil) {
			t.Errorf("after the hint: %v", r)
		}
	}
	if n := len(nils.hints); n > 2 { // when they began, and when the looking did
		t.Errorf("Nils is woken %d times for what is not his", n)
	}
}

func TestOnePersonHasSoManyStreams(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	var all []*watching
	for range 10 {
		one := watch(w.Kari)
		one.hint(t)
		all = append(all, one)
	}
	town.Try(0, watch(w.Kari).end(t)).Refused(t, codes.ResourceExhausted, "OVERLOADED")
	all[0].stop()
	all[0].end(t)
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		next := watch(w.Kari)
		select {
		case <-next.hints:
			return
		case err := <-next.ended: // the place is not free at once
			if time.Since(begun) > 20*time.Second {
				t.Fatal(err)
			}
		}
	}
}

// R38, G21: a stream ends with the session that it came by, whatever ended that,
// and with the token.
func TestAStreamEndsWithTheRightToIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	gone, old, stays := watch(w.Kari), watch(w.Ola), watch(w.Liv)
	for _, p := range []*watching{gone, old, stays} {
		p.hint(t)
	}
	w.SQL("update person set active = false where id = $1", w.Kari.ID)
	begun := time.Now()
	town.Try(0, gone.end(t)).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	nils := watch(w.Nils)
	nils.hint(t)
	for _, s := range town.Try(w.Nils.ListSessions(w.Nils.Ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions() {
		town.Try(w.Nils.RevokeSession(w.Nils.Ctx(), &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: s.GetId()}))
	}
	town.Try(0, nils.end(t)).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	stays.quiet()
	select {
	case err := <-stays.ended:
		t.Fatalf("Liv's stream ended: %v", err)
	default:
	}
	w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
	town.Try(0, old.end(t)).Refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
	town.Try(0, stays.end(t)).Refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
}

// A proxy on the way takes a stream for dead that says nothing for half a minute,
// keeps what it says until there is more of it, or packs it: the stream says something
// in time, which is no hint, and asks for none of that.
func TestAStreamPassesProxies(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	web := httptest.NewServer(w.Server.Web())
	t.Cleanup(web.Close)
	client := connect.NewClient[pb.WatchRequest, pb.WatchResponse](http.DefaultClient, web.URL+pb.SyncService_Watch_FullMethodName)
	r := connect.NewRequest(&pb.WatchRequest{})
	r.Header().Set("Authorization", "Bearer "+w.Kari.Token)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	stream, err := client.CallServerStream(ctx, r)
	if err != nil || !stream.Receive() || stream.Msg().GetNothing() {
		t.Fatalf("it does not begin with a hint: %v, %v", err, stream.Err())
	}
	if h := stream.ResponseHeader(); h.Get("X-Accel-Buffering") != "no" || !strings.Contains(h.Get("Cache-Control"), "no-transform") {
		t.Errorf("headers %v", h)
	}
	for begun, still := time.Now(), 0; still < 2; begun = time.Now() {
		if !stream.Receive() {
			t.Fatal(stream.Err())
		}
		if took := time.Since(begun); took > 25*time.Second {
			t.Errorf("it said nothing for %v", took)
		}
		if stream.Msg().GetNothing() { // a hint may come for nothing, at the start
			still++
		}
	}
}

// watchOverWeb watches as the app does, and as others may; what it ends with is a
// status, as on the other port.
func watchOverWeb(p *town.Person, url string, as ...connect.ClientOption) *watching {
	p.Town.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p.Town.T.Cleanup(cancel)
	w := &watching{hints: make(chan time.Time, 1000), ended: make(chan error, 1), stop: cancel}
	client := connect.NewClient[pb.WatchRequest, pb.WatchResponse](http.DefaultClient, url+pb.SyncService_Watch_FullMethodName, as...)
	r := connect.NewRequest(&pb.WatchRequest{})
	r.Header().Set("Accept-Language", "nn")
	if p.Token != "" {
		r.Header().Set("Authorization", "Bearer "+p.Token)
	}
	go func() {
		stream, err := client.CallServerStream(ctx, r)
		for err == nil && stream.Receive() {
			if !stream.Msg().GetNothing() {
				w.hints <- time.Now()
			}
		}
		if err == nil {
			err = stream.Err()
			_ = stream.Close()
		}
		var failed *connect.Error
		if errors.As(err, &failed) {
			s := &spb.Status{Code: int32(failed.Code()), Message: failed.Message()}
			for _, d := range failed.Details() {
				s.Details = append(s.Details, &anypb.Any{TypeUrl: "type.googleapis.com/" + d.Type(), Value: d.Bytes()})
			}
			err = status.FromProto(s).Err()
		}
		w.ended <- err
	}()
	return w
}

// The web port's streams have a handler of their own, and the same rules: who may, in
// which language they are refused, what is counted and logged, when they end.
func TestWatchingOverTheWeb(t *testing.T) {
	t.Parallel()
	for name, as := range map[string][]connect.ClientOption{
		"Connect": nil, "Connect, JSON": {connect.WithProtoJSON()}, "gRPC-Web": {connect.WithGRPCWeb()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			rpc := httptest.NewUnstartedServer(w.Server.Web())
			rpc.Config.ReadTimeout = time.Second // that a request has to come in; a stream is longer
			rpc.Start()
			t.Cleanup(rpc.Close)
			kari, ola, nils := watchOverWeb(w.Kari, rpc.URL, as...), watchOverWeb(w.Ola, rpc.URL, as...), watchOverWeb(w.Nils, rpc.URL, as...)
			for _, p := range []*watching{kari, ola, nils} {
				p.hint(t) // one at the start
			}
			time.Sleep(2 * rpc.Config.ReadTimeout)
			ola.quiet()
			w.Propose(w.Kari, w.Ola, time.Hour)
			ola.hint(t)
			if n := len(nils.hints); n > 2 {
				t.Errorf("Nils is woken %d times for what is not his", n)
			}

			stranger := *w.Kari
			stranger.Token = ""
			err := town.Try(0, watchOverWeb(&stranger, rpc.URL, as...).end(t)).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
			if said := fmt.Sprint(status.Convert(err).Details()); !strings.Contains(said, words.Say("nn", "refusal.NOT_SIGNED_IN")) {
				t.Errorf("not refused in the caller's language: %s", said)
			}
			w.SQL("update person set active = false where id = $1", w.Ola.ID)
			town.Try(0, ola.end(t)).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")

			// Who hangs up holds nothing any more.
			kari.stop()
			until := time.Now().Add(20 * time.Second)
			for !strings.Contains(w.Metrics(), "\nundring_phones_watching 1\n") && time.Now().Before(until) {
				time.Sleep(5 * time.Millisecond)
			}
			told := w.Metrics()
			for _, line := range []string{
				"undring_phones_watching 1\n",
				`grpc_server_handled_total{grpc_code="Canceled",grpc_method="Watch",grpc_service="undring.v1.SyncService",grpc_type="server_stream"} 1`,
				`grpc_server_handled_total{grpc_code="Unauthenticated",grpc_method="Watch",grpc_service="undring.v1.SyncService",grpc_type="server_stream"} 2`,
			} {
				if !strings.Contains(told, "\n"+line) {
					t.Errorf("the metrics do not tell %q", line)
				}
			}
			if !strings.Contains(w.Log.String(), `"reason":"SESSION_REVOKED"`) {
				t.Error("the log does not tell how the stream ended")
			}
		})
	}
}

// A request that is none is refused as on the other port, in words.
func TestWatchingOverTheWebTakesNoNonsense(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for name, c := range map[string]struct{ media, body string }{
		"a field that nobody knows": {"application/connect+json", `{"nonsense":1}`},
		"no JSON":                   {"application/connect+json", "{"},
		"no message":                {"application/connect+proto", "\xff\xff\xff"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			framed := append([]byte{0, 0, 0, 0, byte(len(c.body))}, c.body...)
			r := httptest.NewRequest(http.MethodPost, pb.SyncService_Watch_FullMethodName, bytes.NewReader(framed))
			r.Header.Set("Content-Type", c.media)
			r.Header.Set("Authorization", "Bearer "+w.Kari.Token)
			reply := httptest.NewRecorder()
			w.Server.Web().ServeHTTP(reply, r)
			if said := reply.Body.String(); !strings.Contains(said, `"invalid_argument"`) || !strings.Contains(said, "INVALID_FIELD") || !strings.Contains(said, "details") {
				t.Errorf("answered with %q", said)
			}
		})
	}
}

// A server that stops tells those who watch, and does not wait for them.
func TestAServerThatStopsEndsItsStreams(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	var listeners []net.Listener
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- w.Server.Serve(ctx, listeners[0], listeners[1], listeners[2]) }()
	conn, err := grpc.NewClient(listeners[0].Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	phone := *w.Kari
	phone.SyncServiceClient = pb.NewSyncServiceClient(conn)
	watches, page := watch(&phone), watchOverWeb(w.Ola, "http://"+listeners[1].Addr().String())
	watches.hint(t)
	page.hint(t)
	stop()
	begun := time.Now()
	town.Try(0, watches.end(t)).Refused(t, codes.Unavailable, "")
	town.Try(0, page.end(t)).Refused(t, codes.Unavailable, "")
	if err := <-served; err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

// One transaction that stays open holds the hints to all phones back: that is seen,
// and over when it is.
func TestSyncLagIsSeen(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	until := func(line string) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !strings.Contains(w.Metrics(), "\n"+line+"\n"); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("no line %q in 20 s:\n%s", line, regexp.MustCompile(`undring_(sync|phones).*`).FindAllString(w.Metrics(), -1))
			}
		}
	}
	until("undring_sync_lag_seconds 0")
	phone := watch(w.Kari)
	phone.hint(t)
	until("undring_phones_watching 1")
	tx, err := w.DB.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if _, err := tx.Exec(t.Context(), "select pg_current_xact_id()"); err != nil {
		t.Fatal(err)
	}
	w.Propose(w.Kari, w.Ola, time.Hour) // behind it
	time.Sleep(time.Second)             // ten looks: the mark lies behind it too
	w.Clock.Set(w.Clock.Now().Add(7 * time.Second))
	until("undring_sync_lag_seconds 7")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	until("undring_sync_lag_seconds 0")
	phone.stop()
	until("undring_phones_watching 0")
}
