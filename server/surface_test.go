package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

// The main job on real input: a roster of another product's testers is imported,
// and its two teachers go through a whole visit.
func TestTheTwoTeachersOfARealRosterVisitEachOther(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	content, err := os.ReadFile("../school/roster/testdata/onerosterv1p1-full.zip")
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.ImportRosterRequest{RequestId: req(), Content: content, Format: pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, DryRun: true}
	dry := try(w.arne.ImportRoster(w.arne.in("nn"), r)).ok(t)
	r.RequestId, r.DryRun = req(), false
	got := try(w.arne.ImportRoster(w.arne.in("nn"), r)).ok(t)
	if got.GetCreated() != 2 || got.GetSkipped() != 4 || len(got.GetRowErrors()) != 9 || dry.GetCreated() != 2 {
		t.Errorf("imported: %v, dry run: %v", got, dry)
	}
	for _, e := range got.GetRowErrors() {
		if e.GetFile() == "" || e.GetLine() == 0 || e.GetReason() == "" || e.GetDescription() == "roster."+e.GetReason() {
			t.Errorf("an odd row without a place, a reason or words: %v", e)
		}
	}
	r.RequestId = req()
	if again := try(w.arne.ImportRoster(w.arne.ctx(), r)).ok(t); again.GetUnchanged() != 2 || again.GetCreated()+again.GetUpdated()+again.GetDeactivated() != 0 {
		t.Errorf("imported again: %v", again)
	}
	r.RequestId = req()
	try(w.kari.ImportRoster(w.kari.ctx(), r)).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	try(w.liv.ImportRoster(w.liv.ctx(), r)).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	r.Content = []byte("no zip")
	try(w.arne.ImportRoster(w.arne.ctx(), r)).refused(t, codes.InvalidArgument, "ROSTER_INVALID")

	options := try(w.arne.GetSignInOptions(context.Background(), &pb.GetSignInOptionsRequest{})).ok(t)
	found := map[string]string{}
	for _, p := range options.GetDemoPeople() {
		found[p.GetName()] = p.GetId()
	}
	john, jim := w.somebody(found["John Doe"], "John"), w.somebody(found["Jim Smith"], "Jim")
	me := try(john.GetMe(john.ctx(), &pb.GetMeRequest{})).ok(t)
	v := &visit{town: w, id: newID().String(), observer: john, observed: jim}
	start, end := w.lesson(time.Hour)
	try(john.ProposeObservation(john.ctx(), &pb.ProposeObservationRequest{Id: v.id, RequestId: req(), SchoolId: me.GetMemberships()[0].GetSchoolId(),
		ObserverId: john.id, ObservedId: jim.id, StartTime: start, EndTime: end})).ok(t)
	v.agree().observe().give().open()
	v.answer(v.question)
	v.takeAway(john)
	wantState(t, v.takeAway(jim), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	// Whoever is at another school finds neither them nor their school.
	try(w.kari.ListPeople(w.kari.ctx(), &pb.ListPeopleRequest{SchoolId: me.GetMemberships()[0].GetSchoolId()})).refused(t, codes.NotFound, "NOT_FOUND")
}

func (w *town) somebody(id, name string) *person {
	p := *w.kari
	p.id, p.name = id, name
	p.signIn()
	return &p
}

// Every violation at once, with the field's name; over limits of all kinds.
func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	start, _ := w.lesson(time.Hour)
	_, err := w.kari.ProposeObservation(w.kari.in("en"), &pb.ProposeObservationRequest{
		Id: "x", RequestId: "", SchoolId: "y", ObserverId: w.kari.id, ObservedId: w.ola.id, StartTime: start, EndTime: &timestamppb.Timestamp{Seconds: 1 << 60},
		Place: strings.Repeat("å", 201), FocusQuestion: "a\x00b",
	})
	fields := map[string]bool{}
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			for _, f := range d.GetFieldViolations() {
				fields[f.GetField()] = true
			}
		case *errdetails.LocalizedMessage:
			if d.GetLocale() != "en" || !strings.Contains(d.GetMessage(), "filled in") {
				t.Errorf("words: %v", d)
			}
		}
	}
	for _, f := range []string{"id", "request_id", "school_id", "end_time", "place", "focus_question"} {
		if !fields[f] {
			t.Errorf("%s is not named: %v (%v)", f, fields, err)
		}
	}
	try(w.kari.SaveFeedbackDraft(w.kari.ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: req(), RequestId: req(), Draft: bigDraft()})).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	try(w.kari.ListObservations(w.kari.ctx(), &pb.ListObservationsRequest{PageToken: "bogus"})).refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

func bigDraft() *pb.FeedbackDraft {
	d := new(pb.FeedbackDraft)
	for range 20 {
		p := &pb.LooseText{Text: strings.Repeat("😀", 2000)}
		for range 50 {
			p.NoteIds = append(p.NoteIds, req())
		}
		d.Points = append(d.Points, p)
	}
	for range 500 {
		d.SharedNoteIds = append(d.SharedNoteIds, req())
	}
	for range 5 {
		d.Questions = append(d.Questions, &pb.LooseText{Text: strings.Repeat("😀", 2000), NoteIds: d.Points[0].NoteIds})
	}
	return d
}

func TestWhoIsNotSignedInHearsSo(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for name, ctx := range map[string]context.Context{
		"no token":          context.Background(),
		"nonsense":          metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer x.y.z"),
		"no bearer":         metadata.AppendToOutgoingContext(context.Background(), "authorization", w.kari.token),
		"signed by nobody":  metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
		"another signature": metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+w.kari.token[:len(w.kari.token)-4]+"AAAA"),
	} {
		_, err := w.kari.GetMe(ctx, &pb.GetMeRequest{})
		if status.Code(err) != codes.Unauthenticated || reasonOf(err) != "NOT_SIGNED_IN" {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx := w.kari.ctx()
	w.clock.set(w.clock.now().Add(10*time.Hour + time.Second))
	try(w.kari.GetMe(ctx, &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
	// Who has left is out within ten seconds.
	ctx = w.kari.ctx()
	w.sql("update person set active = false where id = $1", w.kari.id)
	w.clock.set(w.clock.now().Add(10*time.Second + time.Millisecond))
	try(w.kari.GetMe(ctx, &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}

func TestSignInBearsThirtyAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.clock.set(w.clock.now().Add(time.Minute)) // what it took to build the town is forgotten
	signIn := func() outcome[*pb.SignInResponse] {
		return try(w.kari.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.kari.id}}))
	}
	for range 30 {
		signIn().ok(t)
	}
	err := signIn().refused(t, codes.ResourceExhausted, "OVERLOADED")
	if !strings.Contains(fmt.Sprint(status.Convert(err).Details()), "retry_delay") {
		t.Errorf("no advice when to come back: %v", status.Convert(err).Details())
	}
	w.clock.set(w.clock.now().Add(time.Second))
	signIn().ok(t)
}

// D11: the same rules over JSON.
func TestTheRulesHoldOverJSON(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	web := httptest.NewServer(w.server.Web())
	t.Cleanup(web.Close)
	post := func(method, body string) (int, string) {
		r, err := http.NewRequest(http.MethodPost, web.URL+"/undring.v1."+method, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Authorization", "Bearer "+w.kari.token)
		r.Header.Set("Accept-Language", "nn")
		reply, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		raw, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, string(raw)
	}
	code, body := post("FeedbackService/GiveFeedback", `{"observationId":"`+v.id+`","requestId":"`+req()+`","sharedNoteIds":["`+v.note+`"]}`)
	for _, want := range []string{"failed_precondition", "FEEDBACK_POINT_MISSING", "WONDERING_QUESTION_MISSING", "manglar"} {
		if code == http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d %s: %q is missing", code, body, want)
		}
	}
	code, body = post("ObservationService/GetObservation", `{"observationId":"`+v.id+`"}`)
	var reply struct {
		Observation struct{ State string }
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || code != 200 || reply.Observation.State != "OBSERVATION_STATE_OBSERVED" {
		t.Errorf("%d %s", code, body)
	}
	for _, broken := range []string{"{", `{"nonsense":1}`} {
		if code, body := post("ObservationService/GetObservation", broken); code != http.StatusBadRequest {
			t.Errorf("%s is answered with %d %s", broken, code, body)
		}
	}
	page, err := http.Get(web.URL)
	if err != nil {
		t.Fatalf("the page: %v", err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK {
		t.Errorf("the page: %s", page.Status)
	}
}

// The log tells what became of calls, and no word that anybody wrote.
func TestTheLogHoldsNoWords(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open()
	v.answer(v.question)
	v.takeAway(w.kari)
	try(w.kari.AskBack(w.kari.ctx(), &pb.AskBackRequest{ObservationId: v.id, RequestId: req(), Text: "Hemmelig?"})).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	log := w.log.String()
	if !strings.Contains(log, "GiveFeedback") || !strings.Contains(log, "NOT_YOUR_MOVE") {
		t.Fatal("the log does not tell of the calls")
	}
	for _, word := range []string{"Rom 204", "Kari", "stemmer", "hender", "svarte", "annerledes", "Hemmelig", w.kari.id, w.kari.token} {
		if bytes.Contains([]byte(log), []byte(word)) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// Pages are stable: each visit once, whatever is proposed meanwhile.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i := range 7 {
		w.propose(w.kari, w.ola, time.Duration(i+1)*time.Hour)
		w.propose(w.ola, w.kari, time.Duration(i+1)*time.Hour) // at the same moment
	}
	seen := map[string]bool{}
	r := &pb.ListObservationsRequest{PageSize: 4}
	for {
		page := try(w.kari.ListObservations(w.kari.ctx(), r)).ok(t)
		for _, o := range page.GetObservations() {
			if seen[o.GetId()] {
				t.Errorf("%s is listed twice", o.GetId())
			}
			seen[o.GetId()] = true
		}
		w.propose(w.kari, w.ola, 20*time.Hour) // later lessons come first: on no page behind
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d visits are listed, want 14", len(seen))
	}
	as := try(w.kari.ListObservations(w.kari.ctx(), &pb.ListObservationsRequest{Role: pb.ObservationRole_OBSERVATION_ROLE_OBSERVED, States: []pb.ObservationState{pb.ObservationState_OBSERVATION_STATE_PROPOSED}})).ok(t)
	if len(as.GetObservations()) != 7 {
		t.Errorf("%d visits as observed, want 7", len(as.GetObservations()))
	}
}
