package server

import (
	"context"
	"testing"
	"time"

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
