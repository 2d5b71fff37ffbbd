package notify_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// calendarOf asks for somebody's calendar as a program does that knows its address.
func calendarOf(w *town.Town, address, etag string) *httptest.ResponseRecorder {
	w.T.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	out := httptest.NewRecorder()
	w.Server.Web().ServeHTTP(out, r)
	return out
}

func addressOf(w *town.Town, p *town.Person) string {
	w.T.Helper()
	return town.Try(p.GetCalendarFeed(p.Ctx(), &pb.GetCalendarFeedRequest{})).OK(w.T).GetAddress()
}

// events reads a calendar as RFC 5545 has it, by the test's own hand: the properties of each
// event, by name. It fails on what a strict program would not take.
func events(t *testing.T, text string) []map[string]string {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Fatalf("lines do not end as the standard says:\n%q", text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	var all []map[string]string
	var now map[string]string
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSuffix(text, "\r\n"), "\r\n ", ""), "\r\n") {
		name, value, found := strings.Cut(line, ":")
		if !found {
			t.Fatalf("no property: %q", line)
		}
		name, _, _ = strings.Cut(name, ";")
		switch {
		case line == "BEGIN:VEVENT":
			now = map[string]string{}
		case line == "END:VEVENT":
			all = append(all, now)
			now = nil
		case now != nil:
			if _, twice := now[name]; twice {
				t.Errorf("%s stands twice in one event", name)
			}
			now[name] = strings.NewReplacer(`\,`, ",", `\;`, ";", `\n`, "\n", `\\`, `\`).Replace(value)
		}
	}
	return all
}

// titles are what a calendar shows, in its order: when, what, and whether it is called off.
func titles(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	for _, e := range events(t, text) {
		out = append(out, e["DTSTART"]+"-"+e["DTEND"]+" "+e["SUMMARY"]+" "+e["STATUS"]+" "+e["TRANSP"]+" "+e["CLASS"])
	}
	return out
}

// An agreed visit and its talk stand in the calendars of both, without a name or a word of it;
// a proposal does not, and what is called off says so.
func TestACalendarHoldsWhatIsAgreed(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	mine, theirs := addressOf(w, w.Kari), addressOf(w, w.Ola)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour)
	if got := titles(t, calendarOf(w, mine, "").Body.String()); len(got) != 0 {
		t.Errorf("a proposal stands in the calendar: %q", got)
	}
	v.Agree()
	reply := calendarOf(w, mine, "")
	if reply.Code != http.StatusOK || reply.Header().Get("Content-Type") != "text/calendar; charset=utf-8" || reply.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("%d, headers %v", reply.Code, reply.Header())
	}
	text := reply.Body.String()
	if want := []string{
		"20261111T080000Z-20261111T084500Z Besøk i en time CONFIRMED OPAQUE PRIVATE",
		"20261111T084500Z-20261111T091500Z Samtale etter besøk CONFIRMED OPAQUE PRIVATE",
	}; !slices.Equal(titles(t, text), want) {
		t.Errorf("Kari's calendar has\n%q, want\n%q", titles(t, text), want)
	}
	other := calendarOf(w, theirs, "").Body.String()
	if got := titles(t, other); len(got) != 2 || !strings.Contains(got[0], "Besøk i timen min") {
		t.Errorf("Ola's calendar has %q", got)
	}
	for _, both := range []string{text, other} {
		for _, secret := range []string{"Kari", "Ola", "Rom", v.ID, w.Kari.ID, w.Ola.ID, "blir stille"} {
			if strings.Contains(both, secret) {
				t.Errorf("a calendar tells %q:\n%s", secret, both)
			}
		}
	}
	// Who keeps both does not see that they belong together.
	if a, b := events(t, text), events(t, other); a[0]["UID"] == b[0]["UID"] || a[0]["UID"] == a[1]["UID"] {
		t.Error("the entries of the two, or of the lesson and the talk, have one name")
	}

	town.Try(w.Ola.CancelObservation(w.Ola.Ctx(), town.CancelOf(v))).OK(t)
	for _, e := range events(t, calendarOf(w, mine, "").Body.String()) {
		if e["STATUS"] != "CANCELLED" || e["TRANSP"] != "TRANSPARENT" || !strings.HasPrefix(e["SUMMARY"], "Avlyst: ") {
			t.Errorf("called off, it stands as %v", e)
		}
	}
	w.Clock.Set(w.Clock.Now().Add(120 * 24 * time.Hour))
	if got := titles(t, calendarOf(w, mine, "").Body.String()); len(got) != 0 {
		t.Errorf("four months later the calendar still has %q", got)
	}
}

// The other one's name stands there for who chose that names are shown, and in no other calendar.
func TestANameForWhoChoseIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, 24*time.Hour).Agree()
	p := town.Try(w.Kari.GetPreferences(w.Kari.Ctx(), &pb.GetPreferencesRequest{})).OK(t).GetPreferences()
	p.ShowName = true
	town.Try(w.Kari.SetPreferences(w.Kari.Ctx(), &pb.SetPreferencesRequest{RequestId: town.Req(), Preferences: p})).OK(t)
	text := calendarOf(w, addressOf(w, w.Kari), "").Body.String()
	if got := events(t, text); got[0]["SUMMARY"] != "Besøk hos Ola Dahl" || got[1]["SUMMARY"] != "Samtale med Ola Dahl" {
		t.Errorf("who chose names reads %q and %q", got[0]["SUMMARY"], got[1]["SUMMARY"])
	}
	if text := calendarOf(w, addressOf(w, w.Ola), "").Body.String(); strings.Contains(text, "Kari") {
		t.Errorf("who did not choose reads\n%s", text)
	}
}

// A calendar is as it was, byte for byte, until something in it changes; what the two write to
// each other changes nothing in it. A move has a new version, under the old name.
func TestACalendarTellsWhatChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	address := addressOf(w, w.Kari)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour).Agree()
	first := calendarOf(w, address, "")
	etag := first.Header().Get("ETag")
	again := calendarOf(w, address, etag)
	if etag == "" || again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("unchanged: %d with %d bytes", again.Code, again.Body.Len())
	}
	w.Clock.Set(w.Clock.Now().Add(time.Hour))
	start := w.Clock.Now().Add(48 * time.Hour)
	town.Try(w.Kari.ProposeMove(w.Kari.Ctx(), &pb.ProposeMoveRequest{RequestId: town.Req(), ObservationId: v.ID, StartTime: timestamppb.New(start), EndTime: timestamppb.New(start.Add(45 * time.Minute))})).OK(t)
	if got := calendarOf(w, address, etag); got.Code != http.StatusNotModified {
		t.Error("a move that nobody has agreed to changes the calendar")
	}
	v.Accept(w.Ola).OK(t)
	before, after := events(t, first.Body.String()), events(t, calendarOf(w, address, etag).Body.String())
	for i := range before {
		if before[i]["UID"] != after[i]["UID"] || after[i]["SEQUENCE"] <= before[i]["SEQUENCE"] || after[i]["LAST-MODIFIED"] != "20261110T090000Z" {
			t.Errorf("moved, %v became %v", before[i], after[i])
		}
	}
	if after[0]["DTSTART"] != "20261112T090000Z" || after[1]["DTSTART"] != "20261112T094500Z" || after[1]["DTEND"] != "20261112T101500Z" {
		t.Errorf("it went to %v, the talk to %v", after[0], after[1])
	}

	etag = calendarOf(w, address, "").Header().Get("ETag")
	w.Clock.Set(start)
	v.Observe().Give().Open()
	v.Answer(v.Question)
	if got := calendarOf(w, address, etag); got.Code != http.StatusNotModified {
		t.Errorf("what the two write shows in the calendar:\n%s", got.Body)
	}
}

// Whoever does not have the address, or has an old one, finds nothing; who has left has no visits.
func TestACalendarIsForWhoHasItsAddress(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	old := addressOf(w, w.Kari)
	w.Propose(w.Kari, w.Ola, 24*time.Hour).Agree()
	fresh := town.Try(w.Kari.RenewCalendarFeed(w.Kari.Ctx(), &pb.RenewCalendarFeedRequest{RequestId: town.Req()})).OK(t).GetAddress()
	if fresh == old || addressOf(w, w.Kari) != fresh {
		t.Errorf("renewed, the address is %s, and before %s", fresh, old)
	}
	if got := calendarOf(w, fresh, ""); got.Code != http.StatusOK {
		t.Errorf("the new address answers %d", got.Code)
	}
	middle := len("/calendar/") + 20
	for name, address := range map[string]string{
		"renewed": old, "changed in one place": fresh[:middle] + string(fresh[middle]^1) + fresh[middle+1:], "cut off": fresh[:40], "made up": "/calendar/x.ics", "with more behind it": strings.TrimSuffix(fresh, ".ics") + "AAAA.ics",
	} {
		if got := calendarOf(w, address, ""); got.Code != http.StatusNotFound || got.Body.String() != "not found\n" {
			t.Errorf("%s: %d %q", name, got.Code, got.Body)
		}
	}
	w.Leaves(w.Kari)
	if got := calendarOf(w, fresh, ""); strings.Contains(got.Body.String(), "VEVENT") {
		t.Errorf("who has left reads\n%s", got.Body)
	}
	for _, address := range []string{old, fresh} {
		if log := w.Log.String(); strings.Contains(log, address[len("/calendar/"):len("/calendar/")+40]) {
			t.Error("the log holds an address")
		}
	}
}

// One calendar can't be asked for without end, and the others do not suffer from it.
func TestACalendarIsNotAskedForWithoutEnd(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	address := addressOf(w, w.Kari)
	refused := 0
	for range 40 {
		if got := calendarOf(w, address, ""); got.Code == http.StatusTooManyRequests && got.Header().Get("Retry-After") != "" {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("of 40 at once %d are refused", refused)
	}
	if got := calendarOf(w, addressOf(w, w.Ola), ""); got.Code != http.StatusOK {
		t.Errorf("another one's calendar answers %d", got.Code)
	}
	w.Clock.Set(w.Clock.Now().Add(time.Minute))
	if got := calendarOf(w, address, ""); got.Code != http.StatusOK {
		t.Errorf("a minute later it answers %d", got.Code)
	}
}
