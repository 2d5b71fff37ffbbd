package school_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

const secretOfFeed = "s3cret-of-karis-feed"

// ofLessons is a calendar with a lesson on each of some days, and an event that is none.
func ofLessons(days ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n")
	for _, day := range days {
		b.WriteString("BEGIN:VEVENT\r\nUID:" + day + "\r\nDTSTART:" + day + "T083000Z\r\nDTEND:" + day + "T091500Z\r\nSUMMARY:Norsk\r\nEND:VEVENT\r\n")
	}
	b.WriteString("BEGIN:VEVENT\r\nUID:x\r\nDTSTART;VALUE=DATE:20261112\r\nDTEND;VALUE=DATE:20261113\r\nSUMMARY:Skoletur\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	return b.String()
}

// An address is read soon after it was set, and once each night; what it says takes the place
// of what stood there, and what it answers badly changes nothing.
func TestATimetableIsReadEachNight(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	var asked atomic.Int32
	var says atomic.Pointer[http.HandlerFunc]
	say := func(h http.HandlerFunc) { says.Store(&h) }
	calendar := func(days ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(ofLessons(days...))) }
	}
	say(calendar("20261112", "20261119"))
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		(*says.Load())(w, r)
	}))
	t.Cleanup(there.Close)
	address := there.URL + "/timeplan.ics?k=" + secretOfFeed
	set := func(r *pb.SetTimetableFeedRequest) *pb.TimetableFeed {
		r.RequestId, r.SchoolId = town.Req(), w.School.String()
		return town.Try(w.Kari.SetTimetableFeed(w.Kari.Ctx(), r)).OK(t).GetFeed()
	}
	get := func() *pb.TimetableFeed {
		return town.Try(w.Kari.GetTimetableFeed(w.Kari.Ctx(), &pb.GetTimetableFeedRequest{})).OK(t).GetFeed()
	}
	jobs := func(after time.Duration) *pb.TimetableFeed {
		t.Helper()
		w.Clock.Set(w.Clock.Now().Add(after))
		if err := w.Server.RunJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		return get()
	}
	lessons := func() int {
		return len(town.Column(t, w.DB, "select lower(span)::text from booking where kind = 2 and person_id = '"+w.Kari.ID+"'"))
	}

	if get() != nil {
		t.Error("there is a feed that nobody has set")
	}
	if f := set(&pb.SetTimetableFeedRequest{Address: address}); f.GetState() != pb.TimetableFeedState_TIMETABLE_FEED_STATE_WAITING || f.GetHost() != "127.0.0.1" {
		t.Errorf("just set: %v", f)
	}
	f := jobs(time.Second)
	if f.GetState() != pb.TimetableFeedState_TIMETABLE_FEED_STATE_READ || f.GetLessons() != 2 || lessons() != 2 {
		t.Errorf("read for the first time: %v, and %d lessons", f, lessons())
	}
	if len(f.GetRowErrors()) != 1 || f.GetRowErrors()[0].GetReason() != "WHOLE_DAY" || !strings.Contains(f.GetRowErrors()[0].GetWhat(), "Skoletur") {
		t.Errorf("what was not understood: %v", f.GetRowErrors())
	}
	jobs(10 * time.Minute)
	if n := asked.Load(); n != 1 {
		t.Errorf("it was asked %d times on one day", n)
	}

	// The next night there is one lesson less; and when asked for, at most once a minute.
	say(calendar("20261112"))
	if f := jobs(24 * time.Hour); f.GetLessons() != 1 || lessons() != 1 || asked.Load() != 2 {
		t.Errorf("read again at night: %v, %d lessons, asked %d times", f, lessons(), asked.Load())
	}
	set(&pb.SetTimetableFeedRequest{Again: true})
	if f := jobs(time.Second); asked.Load() != 2 || f.GetState() != pb.TimetableFeedState_TIMETABLE_FEED_STATE_WAITING {
		t.Errorf("asked for twice within a minute: %v, asked %d times", f, asked.Load())
	}
	say(calendar("20261112", "20261126"))
	if f := jobs(2 * time.Minute); f.GetLessons() != 2 || asked.Load() != 3 {
		t.Errorf("asked for: %v, asked %d times", f, asked.Load())
	}

	// What is no timetable changes nothing.
	for want, h := range map[pb.TimetableFeedState]http.HandlerFunc{
		pb.TimetableFeedState_TIMETABLE_FEED_STATE_REFUSED:     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		pb.TimetableFeedState_TIMETABLE_FEED_STATE_UNREACHABLE: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		pb.TimetableFeedState_TIMETABLE_FEED_STATE_NO_CALENDAR: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Logg inn</html>")) },
		pb.TimetableFeedState_TIMETABLE_FEED_STATE_TOO_LARGE:   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 5<<20)) },
		pb.TimetableFeedState_TIMETABLE_FEED_STATE_INSIDE: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/latest", http.StatusFound)
		},
	} {
		say(h)
		if f := jobs(24 * time.Hour); f.GetState() != want || f.GetLessons() != 2 || lessons() != 2 {
			t.Errorf("%s: %v, and %d lessons", want, f, lessons())
		}
	}
	if log := w.Log.String(); strings.Contains(log, secretOfFeed) {
		t.Error("the log holds the address")
	}

	// Whoever has left is not asked for any more; and the address goes when it is taken away.
	before := asked.Load()
	w.SQL("update membership set active = false where person_id = $1", w.Kari.ID)
	w.Clock.Set(w.Clock.Now().Add(24 * time.Hour))
	if err := w.Server.RunJobs(t.Context()); err != nil || asked.Load() != before {
		t.Errorf("somebody who has left: asked %d times more, %v", asked.Load()-before, err)
	}
	w.SQL("update membership set active = true where person_id = $1", w.Kari.ID)
	w.Kari.SignInAnew()
	if f := set(&pb.SetTimetableFeedRequest{}); f != nil {
		t.Errorf("taken away, and still there: %v", f)
	}
	if left := town.Column(t, w.DB, "select address from timetable_feed"); len(left) > 0 {
		t.Errorf("the address is still there: %v", left)
	}
}

// A file of the school's and an own address stand side by side: the address holds, what the
// file says is kept and holds again once the address is taken away, and both are told so.
func TestAnOwnAddressHoldsAndAFileIsKept(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(ofLessons("20261119"))) }))
	t.Cleanup(there.Close)
	file := func(dry bool, rows string) *pb.ImportLessonsResponse {
		return town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(),
			Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, DryRun: dry, Content: []byte("email,date,start,end\n" + rows)})).OK(t)
	}
	address := func(is string) *pb.TimetableFeed {
		t.Helper()
		town.Try(w.Kari.SetTimetableFeed(w.Kari.Ctx(), &pb.SetTimetableFeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Address: is})).OK(t)
		w.Clock.Set(w.Clock.Now().Add(2 * time.Minute))
		if err := w.Server.RunJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		return town.Try(w.Kari.GetTimetableFeed(w.Kari.Ctx(), &pb.GetTimetableFeedRequest{})).OK(t).GetFeed()
	}
	holds := func(want ...string) {
		t.Helper()
		got := town.Column(t, w.DB, "select to_char(lower(span) at time zone 'Europe/Oslo', 'MM-DD HH24:MI') from booking where kind = 2 and person_id = '"+w.Kari.ID+"' order by span")
		if !slices.Equal(got, want) {
			t.Errorf("Kari has %q, want %q", got, want)
		}
	}

	const kari = "kari@fjordvik.example,2026-11-12,08:30,09:15\nkari@fjordvik.example,2026-11-13,10:00,10:45\n"
	if r := file(false, kari); r.GetOwnAddresses() != 0 {
		t.Errorf("nobody has an address, and %v", r)
	}
	holds("11-12 08:30", "11-13 10:00")
	if f := address(there.URL); f.GetLessons() != 1 || f.GetKept() != 2 {
		t.Errorf("her address was read: %v", f)
	}
	holds("11-19 09:30")

	// The administrator reads before and after that the address holds; nobody's file is lost.
	const again = "kari@fjordvik.example,2026-11-12,09:30,10:15\nola@fjordvik.example,2026-11-12,08:30,09:15\n"
	if r := file(true, again); r.GetOwnAddresses() != 1 || r.GetReplaced() != 1 {
		t.Errorf("a look at a newer file says %v", r)
	}
	if r := file(false, again); r.GetOwnAddresses() != 1 || r.GetLessons() != 2 {
		t.Errorf("a newer file says %v", r)
	}
	holds("11-19 09:30")
	// What is kept stands in nobody's way.
	start, end := timestamppb.New(time.Date(2026, 11, 12, 8, 30, 0, 0, time.UTC)), timestamppb.New(time.Date(2026, 11, 12, 9, 15, 0, 0, time.UTC))
	check := town.Try(w.Kari.CheckProposal(w.Kari.Ctx(), &pb.CheckProposalRequest{SchoolId: w.School.String(), ObserverId: w.Kari.ID, ObservedId: w.Ola.ID, StartTime: start, EndTime: end})).OK(t)
	if len(check.GetWarnings()) > 0 {
		t.Errorf("a lesson that does not hold is warned of: %v", check)
	}

	if f := address(""); f != nil {
		t.Errorf("taken away, and still there: %v", f)
	}
	holds("11-12 09:30", "11-13 10:00")
	// Where no file has told anything, the lessons that were read stay until they are removed.
	town.Try(w.Kari.ImportLessons(w.Kari.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_ICALENDAR, Clear: true})).OK(t)
	holds()
	address(there.URL)
	address("")
	holds("11-19 09:30")
	if r := file(false, "kari@fjordvik.example,2026-11-19,08:30,09:15\n"); r.GetReplaced() != 1 || r.GetOwnAddresses() != 0 {
		t.Errorf("after the address is gone a file says %v", r)
	}
	holds("11-19 08:30")
}

// An address that is not on the internet is refused before anything is asked.
func TestATimetableLiesOnTheInternet(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for _, address := range []string{"http://timeplan.example/a.ics", "https://10.0.0.1/a.ics", "https://kari:word@timeplan.example/a.ics", "ftp://timeplan.example/a", "timeplan", "https://metadata.internal/"} {
		got := town.Try(w.Kari.SetTimetableFeed(w.Kari.Ctx(), &pb.SetTimetableFeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Address: address}))
		got.Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	}
	town.Try(w.Kari.SetTimetableFeed(w.Kari.Ctx(), &pb.SetTimetableFeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Address: "webcal://timeplan.example/a.ics"})).OK(t)
	if got := town.Column(t, w.DB, "select address from timetable_feed"); len(got) != 1 || got[0] != "https://timeplan.example/a.ics" {
		t.Errorf("stored: %v", got)
	}
}
