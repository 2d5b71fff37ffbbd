package school_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// Where the calendars of the field lie, with what is right for each.
const calendarsOfTheField = "timetable/testdata/field"

// rightCalendars is what is right for each file.
func rightCalendars(t *testing.T) map[string]struct{ Lessons, Days, Odd []string } {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(calendarsOfTheField, "right.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct{ Lessons, Days, Odd []string }
	if err := json.Unmarshal(content, &all); err != nil || len(all) == 0 {
		t.Fatalf("%d files: %v", len(all), err)
	}
	return all
}

// calendarFile is a file of the field, about somebody where it names an address.
func calendarFile(t *testing.T, name, email string) ([]byte, pb.CalendarFormat) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(calendarsOfTheField, name))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) == ".ics" {
		return content, pb.CalendarFormat_CALENDAR_FORMAT_ICALENDAR
	}
	return []byte(strings.ReplaceAll(string(content), "@", email)), pb.CalendarFormat_CALENDAR_FORMAT_CSV
}

func oddOf(errors []*pb.CalendarRowError) []string {
	var out []string
	for _, e := range errors {
		place := fmt.Sprint("event ", e.GetLine())
		if e.GetLine() == e.GetFileLine() || e.GetLine() == 0 {
			place = fmt.Sprint("line ", e.GetFileLine())
		}
		out = append(out, place+" "+e.GetReason())
	}
	return out
}

// column reads one column from above.
func column(t *testing.T, w *town.Town, sql string, args ...any) []string {
	t.Helper()
	rows, err := w.DB.Owner.Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// lessonsOf are the lessons of somebody that stand, as the table has them.
func lessonsOf(t *testing.T, w *town.Town, p *town.Person) []string {
	t.Helper()
	return column(t, w, `select to_char(lower(span) at time zone 'UTC', 'MM-DD HH24:MI') || '-' || to_char(upper(span) at time zone 'UTC', 'HH24:MI')
		from booking where person_id = $1 and kind = 2 order by span`, p.ID)
}

func freeDays(t *testing.T, w *town.Town) []string {
	t.Helper()
	return column(t, w, `select distinct day::text from free_day where school_id = $1 order by 1`, w.School)
}

// Each calendar of the field, by RPC: what stands then is what is right.
func TestCalendarsFromTheField(t *testing.T) {
	t.Parallel()
	for name, want := range rightCalendars(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			w.Clock.Set(time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC))
			content, format := calendarFile(t, name, "kari@fjordvik.example")
			var odd, got, right []string
			if want.Days != nil {
				reply := town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(),
					Content: content, Format: format, Source: name, SchoolName: "Nesset skule"})).OK(t)
				if int(reply.GetDays()) != len(want.Days) {
					t.Errorf("%d days are told", reply.GetDays())
				}
				odd, got, right = oddOf(reply.GetRowErrors()), freeDays(t, w), want.Days
			} else {
				by := w.Kari
				if format == pb.CalendarFormat_CALENDAR_FORMAT_CSV {
					by = w.Arne
				}
				reply := town.Try(by.ImportLessons(by.Ctx(), &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Content: content, Format: format})).OK(t)
				if int(reply.GetLessons()) != len(want.Lessons) {
					t.Errorf("%d lessons are told", reply.GetLessons())
				}
				odd, got, right = oddOf(reply.GetRowErrors()), lessonsOf(t, w, w.Kari), want.Lessons
			}
			if !slices.Equal(got, right) {
				t.Errorf("there stand %v\nright is     %v", got, right)
			}
			if !slices.Equal(odd, want.Odd) {
				t.Errorf("named are %v, right is %v", odd, want.Odd)
			}
		})
	}
}

// h20, h21: a municipality's calendar and a school's own planning days stand beside
// each other, in whatever order they come, with or without the names of sources;
// taken alone, the planning days leave the usual year as it is.
func TestDaysOfSeveralSourcesStandBesideEachOther(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string][2]string{"by source": {"Nesset kommune", "Nesset skule"}, "without a source": {"", ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			take := func(file, source string) *pb.ImportHolidaysResponse {
				content, format := calendarFile(t, file, "")
				return town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(),
					Content: content, Format: format, Source: source})).OK(t)
			}
			schoolDays := func() int32 {
				for _, term := range town.Try(w.Arne.ListTerms(w.Arne.Ctx(), &pb.ListTermsRequest{SchoolId: w.School.String()})).OK(t).GetTerms() {
					if term.GetId() == "2026-2" {
						return term.GetSchoolDays()
					}
				}
				return 0
			}
			usual := schoolDays()
			take("h21-a-school-s-planning-days.csv", sources[1])
			if got := schoolDays(); got != usual-2 {
				t.Errorf("with two planning days, an autumn of %d school days has %d", usual, got)
			}
			if got := take("h20-a-municipality-s-days.csv", sources[0]); len(freeDays(t, w)) != 31 || len(got.GetTakenAway()) > 0 || len(got.GetUsualTakenAway()) == 0 {
				t.Errorf("there stand %d days, and %v", len(freeDays(t, w)), got)
			}
			got := take("h21-a-school-s-planning-days.csv", sources[1])
			if len(freeDays(t, w)) != 31 || got.GetAdded() != 0 {
				t.Errorf("there stand %d days, and %v", len(freeDays(t, w)), got)
			}
			if sources[0] != "" && (len(got.GetSources()) != 2 || got.GetSources()[0].GetName() != sources[0] || got.GetSources()[0].GetDays() != 27 ||
				got.GetSources()[1].GetFirstDate() != "2026-09-18" || got.GetSources()[1].GetLastDate() != "2027-04-30") {
				t.Errorf("sources %v", got.GetSources())
			}
		})
	}
}

// An import that takes days away does nothing before that is approved, and then
// that and nothing else.
func TestDaysAreTakenAwayOnlyWhenThatIsApproved(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	imported := func(content string, change func(*pb.ImportHolidaysRequest)) town.Outcome[*pb.ImportHolidaysResponse] {
		r := &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
			Content: []byte(content), Source: "kommunen"}
		if change != nil {
			change(r)
		}
		return town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), r))
	}
	imported("from,to\n2026-11-11,2026-11-13\n2026-11-20,\n", nil).OK(t)
	stands := freeDays(t, w)
	const less = "from,to\n2026-11-11,\n2026-11-20,\n"
	imported(less, nil).Refused(t, codes.FailedPrecondition, "APPROVAL_NEEDED")
	told := imported(less, func(r *pb.ImportHolidaysRequest) { r.DryRun = true }).OK(t)
	if !slices.Equal(told.GetTakenAway(), []string{"2026-11-12", "2026-11-13"}) || !slices.Equal(freeDays(t, w), stands) {
		t.Errorf("a dry run tells %v, and leaves %v", told, freeDays(t, w))
	}
	approve := func(r *pb.ImportHolidaysRequest) { r.Approved = told.GetDifference() }
	imported("from,to\n2026-11-11,\n", approve).Refused(t, codes.Aborted, "STALE_REVISION")
	imported(less, approve).OK(t)
	if got := freeDays(t, w); !slices.Equal(got, []string{"2026-11-11", "2026-11-20"}) {
		t.Errorf("there stand %v", got)
	}
	// A day that another source tells, too, stays free: nothing to approve.
	imported("from,to\n2026-11-20,\n", func(r *pb.ImportHolidaysRequest) { r.Source = "skolen" }).OK(t)
	imported("from,to\n2026-11-11,\n2026-11-23,\n", nil).OK(t)
	// To clear takes away, as well.
	clear := func(r *pb.ImportHolidaysRequest) { r.Content, r.Clear = nil, true }
	imported("", clear).Refused(t, codes.FailedPrecondition, "APPROVAL_NEEDED")
	told = imported("", func(r *pb.ImportHolidaysRequest) { clear(r); r.DryRun = true }).OK(t)
	imported("", func(r *pb.ImportHolidaysRequest) { clear(r); r.Approved = told.GetDifference() }).OK(t)
	if got := freeDays(t, w); !slices.Equal(got, []string{"2026-11-20"}) {
		t.Errorf("there stand %v", got)
	}
	imported("", nil).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	imported("from,to\n", nil).Refused(t, codes.InvalidArgument, "CALENDAR_INVALID")
}

// l50, l51, l52: a file speaks for the days from its first to its last; one with
// nothing in it changes nothing and says so; and what was imported can be cleared.
func TestLessonsGiveWayAndAreCleared(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Clock.Set(time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC))
	take := func(name string, change func(*pb.ImportLessonsRequest)) town.Outcome[*pb.ImportLessonsResponse] {
		r := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_ICALENDAR}
		if name != "" {
			r.Content, r.Format = calendarFile(t, name, "kari@fjordvik.example")
		}
		if change != nil {
			change(r)
		}
		return town.Try(w.Kari.ImportLessons(w.Kari.Ctx(), r))
	}
	take("l50-a-colleague-s-spring.ics", nil).OK(t)
	if got := take("l51-one-s-own-week.ics", func(r *pb.ImportLessonsRequest) { r.DryRun = true }).OK(t); got.GetLessons() != 3 || got.GetReplaced() != 1 || len(lessonsOf(t, w, w.Kari)) != 5 {
		t.Errorf("a dry run tells %v, and leaves %v", got, lessonsOf(t, w, w.Kari))
	}
	if got := take("l51-one-s-own-week.ics", nil).OK(t); got.GetLessons() != 3 || got.GetReplaced() != 1 {
		t.Errorf("%v", got)
	}
	week := []string{"01-11 07:30-08:15", "01-12 07:30-08:15", "01-13 07:30-08:15"}
	if got := lessonsOf(t, w, w.Kari); !slices.Equal(got[:3], week) || len(got) != 7 {
		t.Errorf("there stand %v", got)
	}
	take("l52-nothing.ics", nil).Refused(t, codes.InvalidArgument, "CALENDAR_INVALID")
	if got := lessonsOf(t, w, w.Kari); len(got) != 7 {
		t.Errorf("after a file with nothing in it there stand %v", got)
	}
	// The colleague's other lessons go when one's own are to be all that stands.
	clear := func(r *pb.ImportLessonsRequest) { r.Clear = true }
	if got := take("l51-one-s-own-week.ics", clear).OK(t); got.GetLessons() != 3 || got.GetReplaced() != 7 || !slices.Equal(lessonsOf(t, w, w.Kari), week) {
		t.Errorf("%v, and there stand %v", got, lessonsOf(t, w, w.Kari))
	}
	if got := take("", clear).OK(t); got.GetReplaced() != 3 || len(lessonsOf(t, w, w.Kari)) != 0 {
		t.Errorf("%v, and there stand %v", got, lessonsOf(t, w, w.Kari))
	}
	take("", nil).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	csv := func(r *pb.ImportLessonsRequest) { r.Clear, r.Format = true, pb.CalendarFormat_CALENDAR_FORMAT_CSV }
	take("", csv).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	take("l51-one-s-own-week.ics", nil).OK(t)
	all := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String()}
	csv(all)
	if got := town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), all)).OK(t); got.GetReplaced() != 3 || len(lessonsOf(t, w, w.Kari)) != 0 {
		t.Errorf("%v, and there stand %v", got, lessonsOf(t, w, w.Kari))
	}
}
