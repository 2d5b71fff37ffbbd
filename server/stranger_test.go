package server

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	pb "undring/gen/undring/v1"
)

// A call has an end from its headers on, and a stream has none.
func TestACallThatIsNeverSentEnds(t *testing.T) {
	t.Parallel()
	s := &Server{calls: map[string]insideCall{pb.SchoolService_ImportRoster_FullMethodName: nil}}
	for method, longest := range map[string]time.Duration{pb.SchoolService_ImportRoster_FullMethodName: time.Minute, pb.SyncService_Watch_FullMethodName: 0} {
		ctx, err := s.meet(context.Background(), &tap.Info{FullMethodName: method})
		if err != nil {
			t.Fatal(err)
		}
		until, set := ctx.Deadline()
		if left := time.Until(until); set != (longest > 0) || left > longest {
			t.Errorf("%s: an end is set: %t, in %s; want at most %s", method, set, left, longest)
		}
	}
}

// A connection on which nobody has shown a token has a class's calls under way, and no more;
// one that ends makes room.
func TestStrangersHaveFewCallsAtOnce(t *testing.T) {
	t.Parallel()
	s := &Server{calls: map[string]insideCall{}}
	m := new(member)
	come := func() (end context.CancelFunc, err error) {
		ctx, end := context.WithCancel(peer.NewContext(context.Background(), &peer.Peer{Addr: seat{textAddr("192.0.2.1:4"), m}}))
		_, err = s.meet(ctx, &tap.Info{FullMethodName: pb.SessionService_SignIn_FullMethodName})
		return end, err
	}
	var ends []context.CancelFunc
	for i := range strangersAtOnce {
		end, err := come()
		if err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		ends = append(ends, end)
	}
	end, err := come()
	end()
	if status.Code(err) != codes.ResourceExhausted || len(status.Convert(err).Details()) < 2 {
		t.Errorf("one call more: %v, want to be told when to come back, in words", err)
	}
	ends[0]()
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		end, err := come()
		defer end()
		if err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("a call has ended, and there is no room: %v", err)
		}
	}
	for _, end := range ends {
		end()
	}
}
