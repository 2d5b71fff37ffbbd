package offline

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
)

// G12: a cursor is read by the one it was given to, as it was given; with one
// character changed, or by somebody else, it is none. Nor is whatever else comes.
func FuzzCursor(f *testing.F) {
	f.Add(uint64(7), int64(3), int64(1_790_000_000), "here", 0, byte(1), "")
	f.Add(uint64(1<<63), int64(-1), int64(-1), "", 54, byte(128), "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	secrets := [][]byte{make([]byte, 32)}
	owner, person, other := uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}
	f.Fuzz(func(t *testing.T, xid uint64, seq, at int64, epoch string, where int, flip byte, another string) {
		c := Cursor{Moment{xid, seq}, epoch, time.Unix(at, 0)}
		token := c.token(secrets[0], owner, person)
		got, _, ok := readCursor(token, secrets, owner, person)
		if !ok || got.Moment != c.Moment || !got.At.Equal(c.At) {
			t.Fatalf("%+v comes back as %+v, %t", c, got, ok)
		}
		if _, _, ok := readCursor(token, secrets, owner, other); ok {
			t.Fatalf("%q is good for somebody else", token)
		}
		forged := []byte(token)
		forged[uint(where)%uint(len(forged))] ^= flip
		for _, s := range []string{string(forged), another} {
			if _, _, ok := readCursor(s, secrets, owner, person); ok && s != token {
				t.Fatalf("%q is read, and was never given", s)
			}
		}
	})
}

// G12: whatever comes as a batch, each operation gets one answer, in order, and none
// is carried out that builds on one which was not.
func FuzzBatch(f *testing.F) {
	note := func(id string) *anypb.Any {
		a, err := anypb.New(&pb.SaveNoteRequest{RequestId: id, Text: "Fire elever svarte."})
		if err != nil {
			f.Fatal(err)
		}
		return a
	}
	one, two := uuid.UUID{1}.String(), uuid.UUID{2}.String()
	for _, req := range []*pb.PushRequest{
		{},
		{Operations: []*pb.Operation{nil, {}, {Request: &anypb.Any{TypeUrl: "type.googleapis.com/undring.v1.PushRequest"}}}},
		{Operations: []*pb.Operation{{Request: note(one)}, {Request: note(two), BuildsOn: []string{one}}, {Request: note(one), BuildsOn: []string{one, two}}}},
		{Operations: []*pb.Operation{{Request: &anypb.Any{TypeUrl: "x/undring.v1.SaveNoteRequest", Value: []byte{255}}}}},
	} {
		raw, err := proto.Marshal(req)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint8(0))
		f.Add(raw, uint8(7))
	}
	f.Fuzz(func(t *testing.T, raw []byte, fails uint8) {
		req := new(pb.PushRequest)
		if proto.Unmarshal(raw, req) != nil {
			return
		}
		calls := 0
		carriedOut := map[string]bool{}
		s := &Service{Options: Options{
			Calls: CallsOf(pb.File_undring_v1_observation_proto.Services().ByName("ObservationService")),
			Invoke: func(_ context.Context, _ string, request proto.Message) (proto.Message, error) {
				calls++
				if calls&int(fails) != 0 {
					return nil, status.Error(codes.Code(1+int(fails)%16), "no")
				}
				carriedOut[request.(named).GetRequestId()] = true
				return new(pb.SaveNoteResponse), nil
			},
			Refuse: func(_ context.Context, err error) error {
				return status.Error(codes.InvalidArgument, string(refusal.ReasonOf(err)))
			},
		}}
		reply, err := s.Push(t.Context(), req)
		if err != nil || len(reply.GetResults()) != len(req.GetOperations()) {
			t.Fatalf("%d answers to %d operations, %v", len(reply.GetResults()), len(req.GetOperations()), err)
		}
		before := map[string]bool{} // whether an operation was done, of those that came before
		for i, r := range reply.GetResults() {
			done := r.GetOutcome() == pb.OperationOutcome_OPERATION_OUTCOME_DONE
			if done == (r.GetRefusal() != nil) || r.GetOutcome() == pb.OperationOutcome_OPERATION_OUTCOME_UNSPECIFIED {
				t.Fatalf("operation %d: %v", i, r)
			}
			if done && r.GetRequestId() != "" && !carriedOut[r.GetRequestId()] {
				t.Fatalf("operation %d is said to be done, and was not carried out", i)
			}
			for _, id := range req.GetOperations()[i].GetBuildsOn() {
				if was, there := before[id]; there && !was && done {
					t.Fatalf("operation %d is done, and builds on %s, which is not", i, id)
				}
			}
			if id := r.GetRequestId(); id != "" {
				before[id] = before[id] || done
			}
		}
	})
}
