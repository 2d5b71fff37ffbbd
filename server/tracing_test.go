package server_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/town"
	"undring/tracing/tracingtest"
)

// A call and its statements are one trace, which says how they ended and nothing
// that anybody wrote; what a caller says about traces is not listened to.
func TestACallIsOneTrace(t *testing.T) {
	t.Parallel()
	c := tracingtest.New(t)
	w := town.NewTraced(t, c)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	const theirs = "0af7651916cd43dd8448eb211c80319c"
	ctx := metadata.AppendToOutgoingContext(w.Kari.Ctx(), "traceparent", "00-"+theirs+"-b7ad6b7169203331-01", "tracestate", "zq=hemmelig", "baggage", "zq=hemmelig")
	note := func(ctx context.Context) error {
		_, err := w.Kari.SaveNote(ctx, &pb.SaveNoteRequest{RequestId: town.Req(), Id: town.NewID().String(), ObservationId: v.ID,
			Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Dette er hemmelig."})
		return err
	}
	if err := note(ctx); err != nil {
		t.Fatal(err)
	}
	// A refusal, an error whose text quotes, and a call that nobody knows.
	town.Try(w.Nils.GetObservation(w.Nils.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).Refused(t, codes.NotFound, "NOT_FOUND")
	w.SQL("alter table note add constraint hemmelig check (text not like '%hemmelig%') not valid")
	if err := note(w.Kari.Ctx()); status.Code(err) != codes.Internal {
		t.Errorf("a note that the database does not take: %v", err)
	}
	_ = w.Conn.Invoke(context.Background(), "/undring.v1.SessionService/hemmelig", &pb.GetMeRequest{}, &pb.Me{}, grpc.WaitForReady(true))
	w.Seen.Stop()

	roots := map[string]string{} // how the statements of each call look
	for id, spans := range c.Traces() {
		if id == theirs {
			t.Error("a caller's trace was taken up")
		}
		var root *tracepb.Span
		var statements []string
		for _, s := range spans {
			if len(s.GetParentSpanId()) == 0 {
				root = s
				continue
			}
			statements = append(statements, attribute(s, "db.query.text"))
		}
		if root == nil {
			t.Errorf("a trace without a call: %v", spans)
			continue
		}
		slices.Sort(statements)
		roots[root.GetName()] += attribute(root, "rpc.response.status_code") + "\n" + strings.Join(statements, "\n")
	}
	for call, want := range map[string][]string{
		"undring.v1.ObservationService/SaveNote":       {"OK", "INTERNAL", "insert into note", "commit"},
		"undring.v1.ObservationService/GetObservation": {"NOT_FOUND", "from visit"},
	} {
		for _, text := range want {
			if !strings.Contains(roots[call], text) {
				t.Errorf("the trace of %s does not tell %q:\n%s", call, text, roots[call])
			}
		}
	}
	for _, secret := range []string{"hemmelig", w.Kari.ID, v.ID, "server.address"} {
		if _, after, found := strings.Cut(c.Text(), secret); found {
			t.Errorf("the traces tell %s: …%.300s", secret, after)
		}
	}
}

func attribute(s *tracepb.Span, key string) string {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}
