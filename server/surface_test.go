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
	"undring/town"
)

// The main job on real input: a roster of another product's testers is imported,
// and its two teachers go through a whole visit.
func TestTheTwoTeachersOfARealRosterVisitEachOther(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	content, err := os.ReadFile("../school/roster/testdata/onerosterv1p1-full.zip")
	if err != nil {
		t.Fatal(err)
	}
	r := &pb.ImportRosterRequest{RequestId: town.Req(), Content: content, Format: pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, DryRun: true}
	dry := town.Try(w.Arne.ImportRoster(w.Arne.In("nn"), r)).OK(t)
	r.RequestId, r.DryRun = town.Req(), false
	got := town.Try(w.Arne.ImportRoster(w.Arne.In("nn"), r)).OK(t)
	if got.GetCreated() != 2 || got.GetSkipped() != 4 || len(got.GetRowErrors()) != 9 || dry.GetCreated() != 2 {
		t.Errorf("imported: %v, dry run: %v", got, dry)
	}
	for _, e := range got.GetRowErrors() {
		if e.GetFile() == "" || e.GetLine() == 0 || e.GetReason() == "" || e.GetDescription() == "roster."+e.GetReason() {
			t.Errorf("an odd row without a place, a reason or words: %v", e)
		}
	}
	r.RequestId = town.Req()
	if again := town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), r)).OK(t); again.GetUnchanged() != 2 || again.GetCreated()+again.GetUpdated()+again.GetDeactivated() != 0 {
		t.Errorf("imported again: %v", again)
	}
	r.RequestId = town.Req()
	town.Try(w.Kari.ImportRoster(w.Kari.Ctx(), r)).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	town.Try(w.Liv.ImportRoster(w.Liv.Ctx(), r)).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	r.Content = []byte("no zip")
	town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), r)).Refused(t, codes.InvalidArgument, "ROSTER_INVALID")

	options := town.Try(w.Arne.GetSignInOptions(context.Background(), &pb.GetSignInOptionsRequest{})).OK(t)
	found := map[string]string{}
	for _, p := range options.GetDemoPeople() {
		found[p.GetName()] = p.GetId()
	}
	john, jim := somebody(w, found["John Doe"], "John"), somebody(w, found["Jim Smith"], "Jim")
	me := town.Try(john.GetMe(john.Ctx(), &pb.GetMeRequest{})).OK(t)
	v := &town.Visit{Town: w, ID: town.NewID().String(), Observer: john, Observed: jim}
	start, end := w.Lesson(time.Hour)
	town.Try(john.ProposeObservation(john.Ctx(), &pb.ProposeObservationRequest{Id: v.ID, RequestId: town.Req(), SchoolId: me.GetMemberships()[0].GetSchoolId(),
		ObserverId: john.ID, ObservedId: jim.ID, StartTime: start, EndTime: end})).OK(t)
	v.Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(john)
	town.WantState(t, v.TakeAway(jim), pb.ObservationState_OBSERVATION_STATE_CLOSED)
	// Whoever is at another school finds neither them nor their school.
	town.Try(w.Kari.ListPeople(w.Kari.Ctx(), &pb.ListPeopleRequest{SchoolId: me.GetMemberships()[0].GetSchoolId()})).Refused(t, codes.NotFound, "NOT_FOUND")
}

func somebody(w *town.Town, id, name string) *town.Person {
	p := *w.Kari
	p.ID, p.Name = id, name
	p.SignInAnew()
	return &p
}

// Every violation at once, with the field's name; over limits of all kinds.
func TestAllThatIsWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	start, _ := w.Lesson(time.Hour)
	_, err := w.Kari.ProposeObservation(w.Kari.In("en"), &pb.ProposeObservationRequest{
		Id: "x", RequestId: "", SchoolId: "y", ObserverId: w.Kari.ID, ObservedId: w.Ola.ID, StartTime: start, EndTime: &timestamppb.Timestamp{Seconds: 1 << 60},
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
	town.Try(w.Kari.SaveFeedbackDraft(w.Kari.Ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: town.Req(), RequestId: town.Req(), Draft: bigDraft()})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Kari.ListObservations(w.Kari.Ctx(), &pb.ListObservationsRequest{PageToken: "bogus"})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

func bigDraft() *pb.FeedbackDraft {
	d := new(pb.FeedbackDraft)
	for range 20 {
		p := &pb.LooseText{Text: strings.Repeat("😀", 2000)}
		for range 50 {
			p.NoteIds = append(p.NoteIds, town.Req())
		}
		d.Points = append(d.Points, p)
	}
	for range 500 {
		d.SharedNoteIds = append(d.SharedNoteIds, town.Req())
	}
	for range 5 {
		d.Questions = append(d.Questions, &pb.LooseText{Text: strings.Repeat("😀", 2000), NoteIds: d.Points[0].NoteIds})
	}
	return d
}

func TestWhoIsNotSignedInHearsSo(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for name, ctx := range map[string]context.Context{
		"no token":          context.Background(),
		"nonsense":          metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer x.y.z"),
		"no bearer":         metadata.AppendToOutgoingContext(context.Background(), "authorization", w.Kari.Token),
		"signed by nobody":  metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
		"another signature": metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+w.Kari.Token[:len(w.Kari.Token)-4]+"AAAA"),
	} {
		_, err := w.Kari.GetMe(ctx, &pb.GetMeRequest{})
		if status.Code(err) != codes.Unauthenticated || town.ReasonOf(err) != "NOT_SIGNED_IN" {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx := w.Kari.Ctx()
	w.Clock.Set(w.Clock.Now().Add(10*time.Hour + time.Second))
	town.Try(w.Kari.GetMe(ctx, &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
	// Who has left is out within ten seconds.
	ctx = w.Kari.Ctx()
	w.SQL("update person set active = false where id = $1", w.Kari.ID)
	w.Clock.Set(w.Clock.Now().Add(10*time.Second + time.Millisecond))
	town.Try(w.Kari.GetMe(ctx, &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}

func TestSignInBearsThirtyAtOnce(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Clock.Set(w.Clock.Now().Add(time.Minute)) // what it took to build the town is forgotten
	signIn := func() town.Outcome[*pb.SignInResponse] {
		return town.Try(w.Kari.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Kari.ID}}))
	}
	for range 30 {
		signIn().OK(t)
	}
	err := signIn().Refused(t, codes.ResourceExhausted, "OVERLOADED")
	if !strings.Contains(fmt.Sprint(status.Convert(err).Details()), "retry_delay") {
		t.Errorf("no advice when to come back: %v", status.Convert(err).Details())
	}
	w.Clock.Set(w.Clock.Now().Add(time.Second))
	signIn().OK(t)
}

// D11: the same rules over JSON.
func TestTheRulesHoldOverJSON(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	web := httptest.NewServer(w.Server.Web())
	t.Cleanup(web.Close)
	post := func(method, body string) (int, string) {
		r, err := http.NewRequest(http.MethodPost, web.URL+"/undring.v1."+method, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("Authorization", "Bearer "+w.Kari.Token)
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
	code, body := post("FeedbackService/GiveFeedback", `{"observationId":"`+v.ID+`","requestId":"`+town.Req()+`","sharedNoteIds":["`+v.Note+`"]}`)
	for _, want := range []string{"failed_precondition", "FEEDBACK_POINT_MISSING", "WONDERING_QUESTION_MISSING", "manglar"} {
		if code == http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d %s: %q is missing", code, body, want)
		}
	}
	code, body = post("ObservationService/GetObservation", `{"observationId":"`+v.ID+`"}`)
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
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(w.Kari)
	town.Try(w.Kari.AskBack(w.Kari.Ctx(), &pb.AskBackRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "Hemmelig?"})).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	log := w.Log.String()
	if !strings.Contains(log, "GiveFeedback") || !strings.Contains(log, "NOT_YOUR_MOVE") {
		t.Fatal("the log does not tell of the calls")
	}
	for _, word := range []string{"Rom 204", "Kari", "stemmer", "hender", "svarte", "annerledes", "Hemmelig", w.Kari.ID, w.Kari.Token} {
		if bytes.Contains([]byte(log), []byte(word)) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// Pages are stable: each visit once, whatever is proposed meanwhile.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for i := range 7 {
		w.Propose(w.Kari, w.Ola, time.Duration(i+1)*time.Hour)
		w.Propose(w.Ola, w.Kari, time.Duration(i+1)*time.Hour) // at the same moment
	}
	seen := map[string]bool{}
	r := &pb.ListObservationsRequest{PageSize: 4}
	for {
		page := town.Try(w.Kari.ListObservations(w.Kari.Ctx(), r)).OK(t)
		for _, o := range page.GetObservations() {
			if seen[o.GetId()] {
				t.Errorf("%s is listed twice", o.GetId())
			}
			seen[o.GetId()] = true
		}
		w.Propose(w.Kari, w.Ola, 20*time.Hour) // later lessons come first: on no page behind
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if len(seen) != 14 {
		t.Errorf("%d visits are listed, want 14", len(seen))
	}
	as := town.Try(w.Kari.ListObservations(w.Kari.Ctx(), &pb.ListObservationsRequest{Role: pb.ObservationRole_OBSERVATION_ROLE_OBSERVED, States: []pb.ObservationState{pb.ObservationState_OBSERVATION_STATE_PROPOSED}})).OK(t)
	if len(as.GetObservations()) != 7 {
		t.Errorf("%d visits as observed, want 7", len(as.GetObservations()))
	}
}
