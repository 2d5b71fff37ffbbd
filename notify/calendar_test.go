package notify_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/notify"
	"undring/town"
)

var made = flag.Bool("made", false, "write the calendars for testdata/independent/read.py to read")

// named are people whose names are hard on a calendar: long, with signs of its own, in letters
// of many octets.
var named = []string{"Ola Dahl", "Åse-Marie Øverås; leder, 9. trinn", `O'Hara "Bob" \ Lie`, "Ørjan Æåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåøæåø", "Li\r\nEND:VCALENDAR", "王小明 🙂"}

// aFeed is a calendar by chance, with what another program is to find in it.
func aFeed(seed uint64) (text string, want []string) {
	rnd := rand.New(rand.NewPCG(seed, 19))
	id := func() (u uuid.UUID) {
		for i := range u {
			u[i] = byte(rnd.Uint32())
		}
		return u
	}
	r := notify.Reader{Person: id(), Language: []string{"nb", "nn", "en"}[rnd.IntN(3)], Names: map[uuid.UUID]string{}}
	if rnd.IntN(2) == 0 {
		r.Address = "https://undring.example.no"
	}
	var all []notify.Appointment
	for range rnd.IntN(6) {
		a := notify.Appointment{Visit: id(), School: id(), With: id(), Visiting: rnd.IntN(2) == 0, Off: rnd.IntN(4) == 0, Version: 1 + rnd.IntN(9)}
		a.Start = at("10-20 08:00").Add(time.Duration(rnd.IntN(20*24*60)) * time.Minute) // over the end of summer time
		a.End = a.Start.Add(time.Duration(1+rnd.IntN(240)) * time.Minute)
		a.Talk.Start = a.End.Add(time.Duration(rnd.IntN(3)*rnd.IntN(3000)) * time.Minute)
		a.Talk.End = a.Talk.Start.Add(time.Duration(5+rnd.IntN(115)) * time.Minute)
		a.Changed = a.Start.Add(-time.Duration(rnd.IntN(9000)) * time.Minute)
		if rnd.IntN(2) == 0 {
			r.Names[a.With] = named[rnd.IntN(len(named))]
		}
		all = append(all, a)
		for _, s := range []notify.Span{{Start: a.Start, End: a.End}, a.Talk} {
			state := "CONFIRMED"
			if a.Off {
				state = "CANCELLED"
			}
			want = append(want, fmt.Sprintf("%s-%s %s %d", s.Start.UTC().Format("060102 15:04"), s.End.UTC().Format("060102 15:04"), state, a.Version))
		}
	}
	slices.Sort(want)
	return r.Feed(all), want
}

// Another program finds in our calendars what stands in them: when, in which version, called off
// or not; see testdata/independent/read.py, which read them.
func TestAnotherProgramReadsOurCalendars(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "independent", "feeds.json")
	type reading struct {
		Calendar string
		Entries  []string // as the other program read them
		Titles   []string
	}
	if *made {
		var all []reading
		for seed := range uint64(100) {
			text, _ := aFeed(seed)
			all = append(all, reading{Calendar: text})
		}
		raw, err := json.MarshalIndent(all, "", " ")
		if err == nil {
			err = os.WriteFile(file, append(raw, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		// By the flag alone, which a person gives to make the file anew; all test runs compare.
		t.Skip("made: now let read.py read them")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []reading
	if err := json.Unmarshal(raw, &all); err != nil || len(all) < 100 {
		t.Fatalf("%d calendars: %v", len(all), err)
	}
	names := 0
	for i, r := range all {
		text, want := aFeed(uint64(i))
		if text != r.Calendar {
			t.Fatalf("calendar %d is no longer the one that was read: make them anew, as read.py says\n%s", i, text)
		}
		if !slices.Equal(r.Entries, want) {
			t.Errorf("of calendar %d it reads\n%q, and it holds\n%q", i, r.Entries, want)
		}
		for _, e := range events(t, text) { // our own reading of the standard agrees
			if !slices.Contains(r.Titles, e["SUMMARY"]) {
				t.Errorf("calendar %d: it does not find %q among %q", i, e["SUMMARY"], r.Titles)
			}
			if strings.Contains(e["SUMMARY"], "Øverås; leder, 9. trinn") {
				names++
			}
		}
	}
	if names == 0 {
		t.Error("no name was hard to write")
	}
}

// What mail programs ask of an invitation: Outlook ([MS-OXCICAL]), Google and Apple want one
// entry, its organizer and attendee, the same UID for as long as it lives, a SEQUENCE that grows,
// a stamp, and the method in the part's type as well. No answer is asked for.
func TestAnInvitationIsWhatMailProgramsTake(t *testing.T) {
	t.Parallel()
	r := notify.Reader{Person: uuid.New(), Language: "nb", Address: "https://undring.example.no"}
	a := notify.Appointment{Visit: uuid.New(), With: uuid.New(), Visiting: true, Start: at("11-11 10:15"), End: at("11-11 11:00"), Talk: notify.Span{Start: at("11-11 14:00"), End: at("11-11 14:30")}, Version: 2, Changed: at("11-10 09:00")}
	m := notify.Mails{From: "undring@fjordvik.example.no", To: "kari.berg@fjordvik.example.no"}
	agreed := r.Invitations(a, m)
	moved := a
	moved.Start, moved.End, moved.Version = at("11-12 10:15"), at("11-12 11:00"), 3
	off := moved
	off.Off, off.Version = true, 4
	uids := map[string]bool{}
	for i, part := range agreed {
		first, second, last := events(t, part.Content), events(t, r.Invitations(moved, m)[i].Content), events(t, r.Invitations(off, m)[i].Content)
		if len(first) != 1 || len(second) != 1 || len(last) != 1 {
			t.Fatalf("a mail holds %d, %d and %d entries", len(first), len(second), len(last))
		}
		uid := first[0]["UID"]
		uids[uid] = true
		if second[0]["UID"] != uid || last[0]["UID"] != uid {
			t.Error("the entry changes its name")
		}
		for n, e := range []map[string]string{first[0], second[0], last[0]} {
			if e["SEQUENCE"] != fmt.Sprint(2+n) || e["ORGANIZER"] != "mailto:"+m.From || e["ATTENDEE"] != "mailto:"+m.To || e["DTSTAMP"] == "" || e["CLASS"] != "PRIVATE" {
				t.Errorf("mail %d has %v", n, e)
			}
		}
		if part.ContentType != "text/calendar; method=REQUEST" || !strings.Contains(part.Content, "\r\nMETHOD:REQUEST\r\n") || !strings.Contains(unfold(part.Content), ";RSVP=FALSE:") {
			t.Errorf("the part is %s:\n%s", part.ContentType, part.Content)
		}
		cancel := r.Invitations(off, m)[i]
		if cancel.ContentType != "text/calendar; method=CANCEL" || !strings.Contains(cancel.Content, "\r\nMETHOD:CANCEL\r\n") || last[0]["STATUS"] != "CANCELLED" {
			t.Errorf("called off, the part is %s:\n%s", cancel.ContentType, cancel.Content)
		}
		if strings.Contains(part.Content, a.With.String()) || strings.Contains(part.Content, a.Visit.String()) {
			t.Error("it tells who the other one is, or which visit")
		}
	}
	if len(agreed) != 2 || len(uids) != 2 {
		t.Errorf("%d parts for the lesson and the talk, of %d names", len(agreed), len(uids))
	}
	// The feed and the mail know an entry by the same name: who uses both sees it once.
	for _, e := range events(t, r.Feed([]notify.Appointment{a})) {
		if !uids[e["UID"]] {
			t.Errorf("the feed calls it %s", e["UID"])
		}
	}
}

// The app makes the same names for a single visit (web/src/parts/ics.test.ts has the same two).
func TestAnEntryIsCalledTheSameInTheApp(t *testing.T) {
	t.Parallel()
	r := notify.Reader{Person: uuid.MustParse("0193a4c0-0000-7000-8000-000000000002"), Language: "nb"}
	got := events(t, r.Feed([]notify.Appointment{{Visit: uuid.MustParse("0193a4c0-0000-7000-8000-000000000001"), Start: at("11-11 10:15"), End: at("11-11 11:00")}}))
	if got[0]["UID"] != "737cf35a7aa151a9c664c5e9c1ab4603@undring" || got[1]["UID"] != "004116c0150727b8349d69d1973c38d8@undring" {
		t.Errorf("they are called %s and %s", got[0]["UID"], got[1]["UID"])
	}
}

func unfold(text string) string { return strings.ReplaceAll(text, "\r\n ", "") }

// program is what a calendar program knows that has subscribed: it takes a later version of
// what it has, and forgets nothing by itself.
type program map[string]map[string]string

func (p program) look(t *testing.T, text string) {
	t.Helper()
	for _, e := range events(t, text) {
		old := p[e["UID"]]
		var was, is int
		_, _ = fmt.Sscan(old["SEQUENCE"], &was)
		_, _ = fmt.Sscan(e["SEQUENCE"], &is)
		switch {
		case is < was:
			t.Errorf("version %d of %s comes after version %d", is, e["UID"], was)
		case old != nil && is == was && (old["DTSTART"] != e["DTSTART"] || old["DTEND"] != e["DTEND"] || old["STATUS"] != e["STATUS"]):
			t.Errorf("version %d changed: %v became %v", is, old, e)
		}
		p[e["UID"]] = e
	}
}

// shows lists the lessons and talks that the program shows.
func (p program) shows() []string {
	out := []string{}
	for _, e := range p {
		if e["STATUS"] == "CONFIRMED" {
			out = append(out, e["DTSTART"]+"-"+e["DTEND"])
		}
	}
	slices.Sort(out)
	return out
}

// Over a year in which two propose, agree, move, call off, withdraw, or let it lie, what a
// calendar program shows that looks in now and then is what the visits are.
func TestAYearOfChangesInACalendar(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Clock.Set(town.FirstDay)
	steps, seed := 140, uint64(time.Now().UnixNano())
	if testing.Short() {
		steps = 50
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	knows, address := program{}, ""
	visits := map[string]*town.Visit{}
	could := map[string]int{}
	for step := range steps {
		w.Clock.Set(w.Clock.Now().Add(time.Duration(rnd.IntN(5*24*60)) * time.Minute))
		w.Kari.SignInAnew()
		w.Ola.SignInAnew()
		if address == "" {
			address = addressOf(w, w.Kari)
		}
		try := func(what string, err error) {
			if err == nil {
				could[what]++
			}
		}
		ids := []string{}
		for id := range visits {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		one, other := w.Kari, w.Ola
		if rnd.IntN(2) == 0 {
			one, other = other, one
		}
		act := rnd.IntN(10)
		if len(ids) == 0 || act < 4 {
			req := w.Proposal(one, other)
			start := w.Clock.Now().Add(time.Duration(60+rnd.IntN(20*24*60)) * time.Minute)
			req.StartTime, req.EndTime, req.FocusQuestion = timestamppb.New(start), timestamppb.New(start.Add(45*time.Minute)), ""
			reply, err := one.ProposeObservation(one.Ctx(), req)
			try("propose", err)
			if err == nil {
				v := &town.Visit{Town: w, ID: reply.GetObservation().GetId(), Observer: one, Observed: other}
				visits[v.ID] = v
				if rnd.IntN(5) > 0 {
					v.SetFocus()
					_, err := other.AcceptObservation(other.Ctx(), &pb.AcceptObservationRequest{RequestId: town.Req(), ObservationId: v.ID})
					try("accept", err)
				}
			}
		} else {
			v := visits[ids[rnd.IntN(len(ids))]]
			var err error
			switch act {
			case 4, 5:
				start := w.Clock.Now().Add(time.Duration(60+rnd.IntN(20*24*60)) * time.Minute)
				for _, id := range ids { // most are over by then: one is moved that still can be
					v = visits[id]
					_, err = one.ProposeMove(one.Ctx(), &pb.ProposeMoveRequest{RequestId: town.Req(), ObservationId: v.ID, StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(time.Hour))})
					if err == nil {
						break
					}
				}
				if err == nil && rnd.IntN(3) > 0 {
					_, err = other.AcceptObservation(other.Ctx(), &pb.AcceptObservationRequest{RequestId: town.Req(), ObservationId: v.ID})
					try("move", err)
				}
			case 6:
				for _, id := range ids {
					if _, err = one.CancelObservation(one.Ctx(), town.CancelOf(visits[id])); err == nil {
						break
					}
				}
				try("call off", err)
			case 7:
				_, err = one.WithdrawObservation(one.Ctx(), &pb.WithdrawObservationRequest{RequestId: town.Req(), ObservationId: v.ID})
				try("withdraw", err)
			case 8:
				for _, id := range ids {
					v = visits[id]
					if _, err = v.Observer.MarkObserved(v.Observer.Ctx(), &pb.MarkObservedRequest{RequestId: town.Req(), ObservationId: v.ID}); err == nil {
						break
					}
				}
				try("go", err)
			case 9:
				if err := w.Server.RunJobs(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if step%3 > 0 && step < steps-1 {
			continue // it does not look in at each change
		}
		knows.look(t, calendarOf(w, address, "").Body.String())
		want := []string{}
		for _, v := range visits {
			o := v.Get(w.Kari)
			switch o.GetState() {
			case pb.ObservationState_OBSERVATION_STATE_AGREED, pb.ObservationState_OBSERVATION_STATE_OBSERVED:
				const form = "20060102T150405Z"
				start, end := o.GetStartTime().AsTime(), o.GetEndTime().AsTime()
				want = append(want, start.Format(form)+"-"+end.Format(form), end.Format(form)+"-"+end.Add(30*time.Minute).Format(form))
			}
		}
		slices.Sort(want)
		if got := knows.shows(); !slices.Equal(got, want) {
			t.Fatalf("step %d: the calendar shows\n%q, and the visits are\n%q", step, got, want)
		}
	}
	for _, what := range []string{"propose", "accept", "move", "call off", "withdraw", "go"} {
		if could[what] == 0 && !testing.Short() {
			t.Errorf("nobody could %s: %v", what, could)
		}
	}
}
