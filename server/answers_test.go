package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// The ends of the calendar: what a time may be at all.
var (
	firstDay = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// timesOf are the times and durations of a request, wherever they stand.
func timesOf(m protoreflect.Message, each func(protoreflect.Message, protoreflect.FieldDescriptor)) {
	for i := range m.Descriptor().Fields().Len() {
		field := m.Descriptor().Fields().Get(i)
		switch {
		case field.Message() == nil || field.IsMap():
		case field.Message().FullName() == "google.protobuf.Timestamp", field.Message().FullName() == "google.protobuf.Duration":
			if !field.IsList() {
				each(m, field)
			}
		case field.IsList():
			for j := range m.Get(field).List().Len() {
				timesOf(m.Get(field).List().Get(j).Message(), each)
			}
		case m.Has(field):
			timesOf(m.Get(field).Message(), each)
		}
	}
}

// Every changing call, with its times at the ends of the calendar and 300 years apart:
// it is refused or done, and never an error of ours; pushed, it is never held.
func TestTimesAtTheEndsOfTheCalendarAreNoErrorOfOurs(t *testing.T) {
	t.Parallel()
	moments := []time.Time{firstDay, lastDay, lastDay.AddDate(-300, 0, 0), firstDay.AddDate(300, 0, 0)}
	tried := 0
	var mu sync.Mutex
	t.Run("calls", func(t *testing.T) {
		for name, story := range town.Stories() {
			probe := false
			for _, m := range town.Mutating() {
				if string(m.FullName()) == name {
					timesOf(town.NewMessage(m.Input()).ProtoReflect(), func(protoreflect.Message, protoreflect.FieldDescriptor) { probe = true })
				}
			}
			if !probe {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := town.New(t)
				c := story(w)
				for shift := range moments {
					req := proto.Clone(c.Req)
					n := shift
					timesOf(req.ProtoReflect(), func(m protoreflect.Message, field protoreflect.FieldDescriptor) {
						at := moments[n%len(moments)]
						n++
						var v proto.Message = timestamppb.New(at)
						if field.Message().FullName() == "google.protobuf.Duration" {
							v = &durationpb.Duration{Seconds: 315_576_000_000}
						}
						m.Set(field, protoreflect.ValueOfMessage(v.ProtoReflect()))
					})
					if id := req.ProtoReflect().Descriptor().Fields().ByName("request_id"); id != nil {
						req.ProtoReflect().Set(id, protoreflect.ValueOfString(town.Req()))
					}
					_, err := town.Call{By: c.By, Req: req}.Invoke(c.By.Ctx(), name)
					mu.Lock()
					tried++
					mu.Unlock()
					if code := status.Code(err); code == codes.Internal || code == codes.Unknown || code == codes.ResourceExhausted {
						t.Errorf("with times from %s on: %v\n%v", moments[shift], err, req)
					}
					if !strings.Contains(name, "ObservationService") && !strings.Contains(name, "FeedbackService") {
						continue
					}
					pushed := town.Try(c.By.Push(c.By.Ctx(), town.Batch(req))).OK(t).GetResults()[0]
					if pushed.GetOutcome() == pb.OperationOutcome_OPERATION_OUTCOME_HELD {
						t.Errorf("pushed, it is held: %v", pushed.GetRefusal())
					}
				}
			})
		}
	})
	if tried < 20 {
		t.Errorf("%d calls were tried", tried)
	}
}

// The same request twice at once, of every changing call: the same reply to both, and
// no error of ours.
func TestTheSameRequestTwiceAtOnceHasOneReply(t *testing.T) {
	t.Parallel()
	for name, story := range town.Stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			c := story(w)
			ctx := c.By.Ctx()
			const many = 4
			replies, errs := make([]proto.Message, many), make([]error, many)
			var all sync.WaitGroup
			for i := range many {
				all.Go(func() { replies[i], errs[i] = c.Invoke(ctx, name) })
			}
			all.Wait()
			for i := range many {
				if errs[i] != nil || !proto.Equal(replies[i], replies[0]) {
					t.Errorf("reply %d: %v, %v\nthe first: %v", i, errs[i], replies[i], replies[0])
				}
			}
		})
	}
}

// What is wrong with a request on the web port is told with its reason and in words, in
// the reader's language.
func TestTheWebPortTellsWhatIsWrongInWords(t *testing.T) {
	w, _, web := listening(t)
	for name, tc := range map[string]struct {
		body, encoding, method string
		want                   int
	}{
		"no JSON":                 {"{", "", http.MethodPost, http.StatusBadRequest},
		"a field that is unknown": {`{"nobody":1}`, "", http.MethodPost, http.StatusBadRequest},
		"gzip that is none":       {"{}", "gzip", http.MethodPost, http.StatusBadRequest},
		"another packing":         {"{}", "br", http.MethodPost, http.StatusBadRequest},
		"too large":               {"{" + strings.Repeat(" ", 300<<10) + "}", "", http.MethodPost, http.StatusBadRequest},
		"too deep":                {strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), "", http.MethodPost, http.StatusBadRequest},
		"in the address":          {"", "", http.MethodGet, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequest(tc.method, "http://"+web+pb.ObservationService_ListObservations_FullMethodName, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept-Language", "nn")
			r.Header.Set("Authorization", shown(w.Kari.Ctx()))
			if tc.encoding != "" {
				r.Header.Set("Content-Encoding", tc.encoding)
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
			var said struct {
				Details []struct {
					Type  string          `json:"type"`
					Debug json.RawMessage `json:"debug"`
				} `json:"details"`
			}
			_ = json.Unmarshal(body, &said)
			types := ""
			for _, d := range said.Details {
				types += d.Type + " "
			}
			if reply.StatusCode != tc.want || !strings.Contains(types, "ErrorInfo") || !strings.Contains(types, "LocalizedMessage") {
				t.Errorf("%s: %s", reply.Status, body)
			}
			if reply.Header.Get("Cache-Control") != "no-store" || reply.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers: %v", reply.Header)
			}
			if reply.Header.Get("Strict-Transport-Security") != "" {
				t.Error("TLS is promised where there is none")
			}
		})
	}
}

// An error of ours has a reason and words, too.
func TestAnErrorOfOursHasAReasonAndWords(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL("alter table visit rename column place to elsewhere")
	_, err := w.Kari.ListObservations(w.Kari.In("nn"), &pb.ListObservationsRequest{})
	var info *errdetails.ErrorInfo
	var words *errdetails.LocalizedMessage
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			info = d
		case *errdetails.LocalizedMessage:
			words = d
		}
	}
	if status.Code(err) != codes.Internal || info.GetReason() != "INTERNAL" || words.GetLocale() != "nn" || words.GetMessage() == "" {
		t.Errorf("%v: %v, %v", err, info, words)
	}
}
