package server_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	pb "undring/gen/undring/v1"
)

// watching is a phone that watches: hints arrive on a channel, and what the
// stream ended with on another.
type watching struct {
	hints chan time.Time
	ended chan error
	stop  context.CancelFunc
}

func (p *person) watch() *watching {
	p.town.t.Helper()
	ctx, cancel := context.WithCancel(p.ctx())
	p.town.t.Cleanup(cancel)
	w := &watching{hints: make(chan time.Time, 1000), ended: make(chan error, 1), stop: cancel}
	stream, err := p.Watch(ctx, &pb.WatchRequest{})
	if err != nil {
		p.town.t.Fatal(err)
	}
	go func() {
		for {
			if _, err := stream.Recv(); err != nil {
				w.ended <- err
				return
			}
			w.hints <- time.Now()
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
	w := newTown(t)
	kari, ola, nils := w.kari.watch(), w.ola.watch(), w.nils.watch()
	for _, p := range []*watching{kari, ola, nils} {
		p.hint(t) // one at the start
	}
	phone := w.ola.newMirror().pull()
	ola.quiet()
	for i := range 6 {
		w.propose(w.kari, w.ola, time.Duration(i+1)*time.Hour)
		kari.hint(t)
		ola.hint(t)
		// What was hinted at can be pulled.
		r := try(phone.Pull(phone.ctx(), &pb.PullRequest{Cursor: phone.cursor})).ok(t)
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
	w := newTown(t)
	var all []*watching
	for range 10 {
		one := w.kari.watch()
		one.hint(t)
		all = append(all, one)
	}
	try(0, w.kari.watch().end(t)).refused(t, codes.ResourceExhausted, "OVERLOADED")
	all[0].stop()
	all[0].end(t)
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		next := w.kari.watch()
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
	w := newTown(t)
	gone, old, stays := w.kari.watch(), w.ola.watch(), w.liv.watch()
	for _, p := range []*watching{gone, old, stays} {
		p.hint(t)
	}
	w.sql("update person set active = false where id = $1", w.kari.id)
	begun := time.Now()
	try(0, gone.end(t)).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	nils := w.nils.watch()
	nils.hint(t)
	for _, s := range try(w.nils.ListSessions(w.nils.ctx(), &pb.ListSessionsRequest{})).ok(t).GetSessions() {
		try(w.nils.RevokeSession(w.nils.ctx(), &pb.RevokeSessionRequest{RequestId: req(), SessionId: s.GetId()}))
	}
	try(0, nils.end(t)).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	stays.quiet()
	select {
	case err := <-stays.ended:
		t.Fatalf("Liv's stream ended: %v", err)
	default:
	}
	w.clock.set(w.clock.now().Add(10 * time.Minute))
	try(0, old.end(t)).refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
	try(0, stays.end(t)).refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
}

// A server that stops tells those who watch, and does not wait for them.
func TestAServerThatStopsEndsItsStreams(t *testing.T) {
	t.Parallel()
	w := newTown(t)
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
	go func() { served <- w.server.Serve(ctx, listeners[0], listeners[1], listeners[2]) }()
	conn, err := grpc.NewClient(listeners[0].Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	phone := *w.kari
	phone.SyncServiceClient = pb.NewSyncServiceClient(conn)
	watches := phone.watch()
	watches.hint(t)
	stop()
	begun := time.Now()
	try(0, watches.end(t)).refused(t, codes.Unavailable, "")
	if err := <-served; err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}
