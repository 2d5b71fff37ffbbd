package server_test

import (
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"
	"undring/tracing/tracingtest"
)

// marks are the words that were written into fields of the contract, by field: each
// has one of its own.
type marks map[protoreflect.FullName]string

// coded are the fields in which nobody writes: besides ids, what is one of a list or
// has a form of its own.
var coded = []string{"paused_until", "term", "locale", "language", "kind", "due_date", "effective_date", "first_date", "last_date", "date", "approved", "page_token", "builds_on",
	"code", "redirect_url", "code_verifier", "nonce", "issuer", "demo_person", "invitation_code", "refresh_token", "version"}

// theirs are texts that leaders read, and why.
var theirs = map[protoreflect.FullName]string{
	"undring.v1.UpdateExchangePolicyRequest.purpose":     "what the school promises its staff",
	"undring.v1.UpdateExchangePolicyRequest.reason":      "a change of the policy tells everybody why",
	"undring.v1.UpdateExchangePolicyRequest.agreed_with": "and with whom it was talked over",
	"undring.v1.RosterTitle.title":                       "what a register calls an occupation",
	"undring.v1.ImportHolidaysRequest.source":            "an administrator names whose calendar it is",
	"undring.v1.BusyPeriod.name":                         "leaders say what the school is busy with",
	"undring.v1.TeamName.name":                           "a team's name is for all of its school",
	"undring.v1.SavePromptRequest.text":                  "a prompt is for all of the school's staff",
	"undring.v1.FocusAreaText.title":                     "what a school works on is for all who work there",
	"undring.v1.FocusAreaText.background":                "and why",
	"undring.v1.FocusAreaText.source":                    "and what it rests on",
	"undring.v1.FocusAreaText.goal":                      "and what for",
	"undring.v1.FocusAreaStep.what":                      "and its steps",
	"undring.v1.FocusAreaStep.by_when":                   "and their times",
	"undring.v1.SpeakInHearingRequest.text":              "a hearing is open",
	"undring.v1.AdoptFocusAreaRequest.reason":            "a change of the plan tells everybody why",
	"undring.v1.AdoptFocusAreaRequest.agreed_with":       "and with whom it was talked over",
	"undring.v1.UpdateFocusAreaRequest.reason":           "a change of the plan tells everybody why",
	"undring.v1.EndFocusAreaRequest.reason":              "a change of the plan tells everybody why",
	"undring.v1.EndFocusAreaRequest.result":              "and what came of it",
	"undring.v1.ProposeLearningRequest.text":             "a learning is for all who work at the school",
	"undring.v1.ProposeLearningRequest.source":           "and what it rests on",
	"undring.v1.RespondToLearningRequest.text":           "and what is answered",
	"undring.v1.DecideOurPracticeRequest.practice":       "and what the staff decided",
	"undring.v1.DecideOurPracticeRequest.agreed_with":    "and who of it",
	"undring.v1.PlanMeetingRequest.place":                "a meeting is planned for all to see",
	"undring.v1.PlanMeetingRequest.reading":              "with what one may read before",
	"undring.v1.PlanMeetingRequest.reading_why":          "and why",
	"undring.v1.AgendaItem.title":                        "and what it is about",
	"undring.v1.ParkPointRequest.text":                   "what a meeting leaves for later all read",
	"undring.v1.RecordDecisionRequest.text":              "and what it decides",
	"undring.v1.SetMeetingNormsRequest.norms":            "norms are for all",
	"undring.v1.SetMeetingNormsRequest.agreed_with":      "with who agreed",
	"undring.v1.StartActionRoundRequest.question":        "a round asks all who take part",
	"undring.v1.StartActionRoundRequest.action":          "and all read what is tried",
	"undring.v1.EndActionRoundRequest.now_differently":   "and what came of it",
	"undring.v1.SubmitNeedRequest.text":                  "a need is for all who work at the school",
	"undring.v1.SupportNeedRequest.story":                "and so is what is told of it from practice",
	"undring.v1.AnswerNeedRequest.answer":                "and a leader's answer",
	"undring.v1.RegisterDeviceRequest.apns_token":        "a push service gave it out, and nobody wrote it",
	"undring.v1.WebPushSubscription.endpoint":            "nor that",
	"undring.v1.OfferLessonRequest.title":                "an open lesson is offered to all colleagues of the school",
	"undring.v1.OfferLessonRequest.focus_question":       "and so is what is wondered about in it",
	"undring.v1.OfferLessonRequest.wanted_feedback":      "and the feedback that is wished for",
	"undring.v1.OfferLessonRequest.place":                "and where it is",
}

func isText(f protoreflect.FieldDescriptor) bool {
	name := string(f.Name())
	return f.Kind() == protoreflect.StringKind && name != "id" && !strings.HasSuffix(name, "_id") && !strings.HasSuffix(name, "_ids") && !slices.Contains(coded, name)
}

func wordFor(f protoreflect.FieldDescriptor) string {
	return fmt.Sprintf("zq%08xqz", crc32.ChecksumIEEE([]byte(f.FullName())))
}

// write puts a word into each text of a message, before its last sign, so that a
// question stays one; and into those that are empty and may be filled.
func (m marks) write(r protoreflect.Message) {
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsMap():
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for j := range r.Get(f).List().Len() {
				m.write(r.Get(f).List().Get(j).Message())
			}
		case f.Kind() == protoreflect.MessageKind:
			if r.Has(f) {
				m.write(r.Get(f).Message())
			}
		case isText(f) && !f.IsList() && !theirsOrOdd(r, f):
			word, text := wordFor(f), r.Get(f).String()
			if strings.Contains(text, word) {
				continue // it is sent again
			}
			if n := len(text); n > 0 {
				text = text[:n-1] + " " + word + text[n-1:]
			} else {
				text = word
			}
			r.Set(f, protoString(text))
			m[f.FullName()] = word
		}
	}
}

// theirsOrOdd says whether a text is left as it is: it is for leaders; it is one of
// several, another of which is there; or it may not be there in such a request.
func theirsOrOdd(r protoreflect.Message, f protoreflect.FieldDescriptor) bool {
	if theirs[f.FullName()] != "" {
		return true
	}
	if r.Get(f).String() != "" {
		return false
	}
	switch f.Name() {
	case "mutual_focus_question": // of a proposal that asks for a visit back
		return true
	case "focus_question", "intention": // whoever is observed writes them
		p, proposal := r.Interface().(*pb.ProposeObservationRequest)
		return proposal && p.GetFocusQuestion() == ""
	}
	return f.ContainingOneof() != nil
}

// unmarked is the request without its words.
func (m marks) unmarked(r proto.Message) proto.Message {
	out := fresh(r)
	var clean func(protoreflect.Message)
	clean = func(r protoreflect.Message) {
		r.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case f.IsMap():
			case f.Kind() == protoreflect.MessageKind && f.IsList():
				for j := range v.List().Len() {
					clean(v.List().Get(j).Message())
				}
			case f.Kind() == protoreflect.MessageKind:
				clean(v.Message())
			case isText(f) && !f.IsList():
				r.Set(f, protoString(strings.ReplaceAll(v.String(), wordFor(f), "noe")))
			}
			return true
		})
	}
	clean(out.ProtoReflect())
	return out
}

// found are the fields whose word stands in a text.
func (m marks) found(text string) []string {
	var out []string
	for f, word := range m {
		if strings.Contains(text, word) {
			out = append(out, string(f))
		}
	}
	slices.Sort(out)
	return out
}

// texts are the fields of requests that change something in which people write.
func texts() map[protoreflect.FullName]bool {
	out, seen := map[protoreflect.FullName]bool{}, map[protoreflect.FullName]bool{}
	var walk func(protoreflect.MessageDescriptor)
	walk = func(d protoreflect.MessageDescriptor) {
		if seen[d.FullName()] {
			return
		}
		seen[d.FullName()] = true
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			if f.Kind() == protoreflect.MessageKind && strings.HasPrefix(string(f.Message().FullName()), "undring.") {
				walk(f.Message())
			} else if isText(f) {
				out[f.FullName()] = true
			}
		}
	}
	for _, m := range town.Mutating() {
		walk(m.Input())
	}
	return out
}

// fetched is all that somebody gets out of the calls that read, about everything
// that there is in town, in replies and refusals.
func fetched(w *town.Town, p *town.Person, asked map[string]proto.Message, visits []string) map[string]string {
	w.T.Helper()
	out := map[string]string{}
	for _, m := range allMethods() {
		ask, there := asked[string(m.FullName())]
		if !there {
			continue
		}
		about := []string{""}
		field := ask.ProtoReflect().Descriptor().Fields().ByName("observation_id")
		if field != nil {
			about = visits
		}
		for _, id := range about {
			r := proto.Clone(ask)
			if field != nil {
				r.ProtoReflect().Set(field, protoString(id))
			}
			for _, term := range []string{"", "2026-2"} {
				if f := r.ProtoReflect().Descriptor().Fields().ByName("term"); f != nil {
					r.ProtoReflect().Set(f, protoString(term))
				} else if term != "" {
					continue
				}
				out[string(m.Name())] += answer(w, p, m, r)
			}
		}
	}
	return out
}

// answer is what comes of a call, as it goes over the wire.
func answer(w *town.Town, p *town.Person, m protoreflect.MethodDescriptor, r proto.Message) string {
	w.T.Helper()
	var said proto.Message = town.NewMessage(m.Output())
	if err := town.Invoke(p.Ctx(), w.Conn, m, r, said); err != nil {
		said = status.Convert(err).Proto()
	}
	raw, err := proto.Marshal(said)
	if err != nil {
		w.T.Fatal(err)
	}
	return string(raw)
}

// others lets three other teachers do what is played next, as if it were the first
// thing that is done in town.
func others(w *town.Town, n int) {
	w.T.Helper()
	w.SQL("delete from time_booking")
	w.SQL("delete from time_slot")
	w.SQL("delete from time_budget")
	w.Kari = w.Settle(fmt.Sprintf("Kari%d", n), "Berg", "TEACHER")
	w.Ola = w.Settle(fmt.Sprintf("Ola%d", n), "Dahl", "TEACHER")
	w.Nils = w.Settle(fmt.Sprintf("Nils%d", n), "Eide", "TEACHER")
	w.Clock.Set(w.Clock.Now().Add(time.Minute))
}

// G11: a word in every text of every call that changes something comes to nobody who
// has no part in the visit: not to a leader, an administrator, a representative,
// another teacher, by any call, in a reply, a refusal, a sheet or a file; and not into
// the log, the metrics or the traces, which tell nothing of persons either.
func TestG11WordsStayBetweenTheTwo(t *testing.T) {
	t.Parallel()
	traces := tracingtest.New(t)
	w := town.NewTraced(t, traces)
	w.Staff(10, 0)
	w.Sweep(town.FirstDay)
	w.Clock.Set(town.Tuesday)
	readers := map[string]*town.Person{"a leader": w.Leif, "an administrator": w.Settle("Anne", "Haug", "ADMINISTRATOR"),
		"a representative": w.Settle("Rita", "Moen", "REPRESENTATIVE"), "another teacher": w.Nils}
	written, own := marks{}, map[string]bool{}
	mark := func(r any) { written.write(r.(proto.Message).ProtoReflect()) }
	byName := map[string]protoreflect.MethodDescriptor{}
	for _, m := range allMethods() {
		byName[string(m.FullName())] = m
	}
	search := func(who, what, text string) {
		t.Helper()
		for _, f := range written.found(text) {
			t.Errorf("%s finds %s in %s", who, f, what)
		}
	}
	told := town.Stories()
	told["with a focus"] = func(w *town.Town) town.Call {
		r := w.Proposal(w.Ola, w.Kari)
		start, end := w.Lesson(30 * time.Hour)
		r.StartTime, r.EndTime, r.FocusQuestion, r.Intention, r.ObserverId, r.ObservedId = start, end, town.Focus, "Mindre.", w.Ola.ID, w.Kari.ID
		r.CoTaught, r.Mutual, r.MutualFocusQuestion = true, true, town.Focus
		return town.Call{By: w.Kari, Req: r}
	}
	const o = "undring.v1.ObservationService."
	var feeds []string // the addresses of the two's calendars, in all the stories
	for i, name := range slices.Sorted(maps.Keys(told)) {
		w.Mark = mark
		others(w, i)
		for _, p := range []*town.Person{w.Kari, w.Ola} {
			feeds = append(feeds, town.Try(p.GetCalendarFeed(p.Ctx(), &pb.GetCalendarFeedRequest{})).OK(t).GetAddress())
		}
		c := told[name](w)
		call := byName[name]
		if call == nil {
			call = byName[o+"ProposeObservation"]
		}
		reply := town.NewMessage(call.Output())
		if err := town.Invoke(c.By.Ctx(), w.Conn, call, c.Req, reply); err != nil {
			t.Errorf("the story of %s does not work: %v", name, err)
		}
		if len(written.found(reply.(fmt.Stringer).String())) > 0 {
			own[name] = true
		}
		if strings.HasPrefix(name, "undring.v1.Sessi") || strings.HasSuffix(name, ".EraseMe") {
			continue // about oneself
		}
		w.Mark = nil
		for _, who := range slices.Sorted(maps.Keys(readers)) {
			search(who, name, answer(w, readers[who], call, written.unmarked(c.Req)))
		}
	}
	asked := map[string]proto.Message{}
	w.Mark = mark
	for i, name := range slices.Sorted(maps.Keys(readings())) {
		if name == "undring.v1.SessionService.SignIn" || name == "undring.v1.SyncService.Push" {
			continue // they read nothing
		}
		others(w, 1000+i)
		asked[name] = readings()[name](w).Req
	}
	w.Mark = nil
	for f := range texts() {
		if written[f] == "" && theirs[f] == "" {
			t.Errorf("no story writes %s: give it to one, or say why not", f)
		}
	}
	visits := town.Column(t, w.DB, "select id::text from visit")
	for _, moment := range []time.Time{w.Clock.Now(), town.SheetDay} {
		w.Sweep(moment)
		for _, who := range slices.Sorted(maps.Keys(readers)) {
			for what, text := range fetched(w, readers[who], asked, visits) {
				search(who, what, text)
			}
		}
	}
	if r := w.CultureReport(readers["a leader"], "nb", ""); r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED {
		t.Errorf("there was no sheet to search: %v", r)
	}
	// Calendars lie with providers elsewhere: those of the two themselves hold no word, too.
	entries := 0
	for _, address := range feeds {
		shown := httptest.NewRecorder()
		w.Server.Web().ServeHTTP(shown, httptest.NewRequest(http.MethodGet, address, nil))
		search("whoever keeps a calendar", "it", shown.Body.String())
		entries += strings.Count(shown.Body.String(), "BEGIN:VEVENT")
	}
	if entries == 0 {
		t.Error("no calendar had anything in it to search")
	}
	scraped := httptest.NewRecorder()
	w.Server.Admin().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	search("whoever runs the server", "the metrics", scraped.Body.String())
	search("whoever runs the server", "the log", w.Log.String())
	w.Seen.Stop()
	all := traces.Text()
	search("whoever runs the server", "the traces", all)
	for _, id := range town.Column(t, w.DB, "select id::text from person union select id::text from visit") {
		if strings.Contains(all, id) {
			t.Errorf("the traces tell of %s", id)
		}
	}
	if len(traces.Traces()) < 100 {
		t.Errorf("%d traces were searched", len(traces.Traces()))
	}
	if len(own) < 10 {
		t.Errorf("only in %d stories do those in the visit read their own words", len(own))
	}
	// The search finds a word where there is one.
	w.SQL("update school set name = $1 where id = $2", written["undring.v1.SaveNoteRequest.text"], w.School)
	for _, who := range slices.Sorted(maps.Keys(readers)) {
		all := strings.Join(slices.Collect(maps.Values(fetched(w, readers[who], asked, visits[:1]))), "")
		if got := written.found(all); len(got) != 1 {
			t.Errorf("a note's word became the school's name, and %s finds %v", who, got)
		}
	}
}
