package school_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/school"
	"undring/town"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err) // it stands in a test
	}
	return t
}

func busy(first, last, name string) school.BusyPeriod {
	return school.BusyPeriod{First: day(first), Last: day(last), Name: name}
}

func TestBusyPeriodsAreSetAhead(t *testing.T) {
	t.Parallel()
	today := day("2026-11-10")
	past, running := busy("2026-10-12", "2026-10-16", "Tentamen"), busy("2026-11-09", "2026-11-13", "Foreldremøter")
	exams := busy("2026-12-07", "2026-12-11", "Heldagsprøver")
	for _, tc := range []struct {
		name   string
		wanted []school.BusyPeriod
		now    []school.BusyPeriod
		limit  refusal.Limit
	}{
		{name: "one that comes, beside one that runs", wanted: []school.BusyPeriod{exams, running}, now: []school.BusyPeriod{running, exams}},
		{name: "one that runs is left out: it ends today", wanted: []school.BusyPeriod{exams},
			now: []school.BusyPeriod{busy("2026-11-09", "2026-11-10", "Foreldremøter"), exams}},
		{name: "one that runs gets longer", wanted: []school.BusyPeriod{busy("2026-11-09", "2026-11-17", "Foreldremøter")},
			now: []school.BusyPeriod{busy("2026-11-09", "2026-11-17", "Foreldremøter")}},
		{name: "one that is past is named", wanted: []school.BusyPeriod{past, running}, now: []school.BusyPeriod{running}},
		{name: "the same twice", wanted: []school.BusyPeriod{running, exams, exams}, now: []school.BusyPeriod{running, exams}},
		{name: "two at a time, for two reasons", wanted: []school.BusyPeriod{running, exams, busy("2026-12-08", "2026-12-09", "Karakterer")},
			now: []school.BusyPeriod{running, exams, busy("2026-12-08", "2026-12-09", "Karakterer")}},
		{name: "today", wanted: []school.BusyPeriod{busy("2026-11-10", "2026-11-12", "Nå")}, limit: refusal.Past},
		{name: "one that runs would have ended yesterday", wanted: []school.BusyPeriod{busy("2026-11-09", "2026-11-09", "Foreldremøter")}, limit: refusal.Past},
		{name: "back to front", wanted: []school.BusyPeriod{busy("2026-12-11", "2026-12-07", "Feil vei")}, limit: refusal.BusyDays},
		{name: "43 days", wanted: []school.BusyPeriod{busy("2026-12-01", "2027-01-12", "Lenge")}, limit: refusal.BusyDays},
		{name: "the year after next", wanted: []school.BusyPeriod{busy("2028-01-10", "2028-01-12", "Langt fram")}, limit: refusal.TooFarAhead},
		{name: "126 days in all", wanted: []school.BusyPeriod{busy("2026-12-01", "2027-01-11", "a"), busy("2027-02-01", "2027-03-14", "b"), busy("2027-04-01", "2027-05-12", "c")},
			limit: refusal.BusyDays},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			now, err := school.ReplaceBusy([]school.BusyPeriod{past, running}, tc.wanted, today)
			var refused *refusal.Refusal
			switch {
			case tc.limit == "" && err != nil:
				t.Fatalf("refused: %v", err)
			case tc.limit != "" && (!errors.As(err, &refused) || refused.Fields[0].Limit != tc.limit):
				t.Fatalf("%v, %v, want a refusal for %s", now, err, tc.limit)
			case tc.limit == "":
				if diff := cmp.Diff(tc.now, now); diff != "" {
					t.Errorf("what stands then (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestDueTimesStretchOverBusyDays(t *testing.T) {
	t.Parallel()
	c, err := school.NewCalendar("Europe/Oslo", nil)
	if err != nil {
		t.Fatal(err)
	}
	var week []time.Time
	for d := day("2026-11-09"); d.Before(day("2026-11-14")); d = d.AddDate(0, 0, 1) {
		week = append(week, d)
	}
	rules := school.Rules{Policy: school.DefaultPolicy(time.Time{}), Calendar: c.WithBusy(week)}
	for _, tc := range []struct {
		name, from, want string
		due              func(time.Time) time.Time
	}{
		{"feedback on a lesson in it", "2026-11-10 09:45", "2026-11-16 16:00", rules.FeedbackDue},
		{"feedback on a lesson late before it", "2026-11-06 18:00", "2026-11-16 16:00", rules.FeedbackDue},
		{"feedback on a lesson before it", "2026-11-06 10:00", "2026-11-06 16:00", rules.FeedbackDue},
		{"answers over it", "2026-11-05 10:00", "2026-11-17 16:00", rules.AnswerDue},
		{"take-aways from its middle", "2026-11-11 10:00", "2026-11-20 16:00", rules.TakeawayDue},
	} {
		if got, want := tc.due(oslo(t, tc.from)), oslo(t, tc.want); !got.Equal(want) {
			t.Errorf("%s: due %s, want %s", tc.name, got, want)
		}
	}
	if n, m := c.SchoolDays(school.Term{Year: 2026, Half: 2}), rules.Calendar.SchoolDays(school.Term{Year: 2026, Half: 2}); n != m {
		t.Errorf("busy days are school days: %d of them, with a busy week %d", n, m)
	}
}

// What leaders set ahead is seen by everybody: by the call, with the school, and on the
// phone; and what falls due from then on is due after it.
func TestABusyWeekIsSeenAndStretches(t *testing.T) {
	t.Parallel()
	w := town.New(t) // on a Tuesday, 10 November
	list := func() *pb.ListBusyPeriodsResponse {
		return town.Try(w.Kari.ListBusyPeriods(w.Kari.Ctx(), &pb.ListBusyPeriodsRequest{SchoolId: w.School.String()})).OK(t)
	}
	if got := list(); len(got.GetBusyPeriods()) != 0 || got.GetRevision() != 0 {
		t.Fatalf("before any was set: %v", got)
	}
	w.Settled()
	pulled := town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{})).OK(t)
	set := &pb.SetBusyPeriodsRequest{RequestId: town.Req(), SchoolId: w.School.String(),
		Periods: []*pb.BusyPeriod{{FirstDate: "2026-11-11", LastDate: "2026-11-13", Name: "Foreldremøter"}}}
	if got := town.Try(w.Liv.SetBusyPeriods(w.Liv.Ctx(), set)).OK(t); got.GetRevision() != 1 || len(got.GetBusyPeriods()) != 1 {
		t.Errorf("what was set: %v", got)
	}
	stale := &pb.SetBusyPeriodsRequest{RequestId: town.Req(), SchoolId: w.School.String()}
	town.Try(w.Liv.SetBusyPeriods(w.Liv.Ctx(), stale)).Refused(t, codes.Aborted, "STALE_REVISION")

	told := town.Try(w.Kari.GetSchool(w.Kari.Ctx(), &pb.GetSchoolRequest{SchoolId: w.School.String()})).OK(t).GetSchool()
	if len(told.GetBusyPeriods()) != 1 || told.GetBusyPeriods()[0].GetName() != "Foreldremøter" {
		t.Errorf("with the school: %v", told.GetBusyPeriods())
	}
	w.Settled()
	var kept *pb.School
	for _, c := range town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{Cursor: pulled.GetNextCursor()})).OK(t).GetChanges() {
		if c.GetSchool() != nil {
			kept = c.GetSchool().GetSchool()
		}
	}
	if len(kept.GetBusyPeriods()) != 1 || len(kept.GetDaysWithoutSchool()) == 0 {
		t.Errorf("a phone that pulls keeps %v", kept)
	}
	autumn := &pb.DaysWithoutSchool{FirstDate: "2026-09-28", LastDate: "2026-10-02", Usual: true}
	found := false
	for _, d := range kept.GetDaysWithoutSchool() {
		found = found || cmp.Equal(d.GetFirstDate(), autumn.GetFirstDate()) && d.GetLastDate() == autumn.GetLastDate() && d.GetUsual()
	}
	if !found {
		t.Errorf("the autumn holiday of the usual year is not among %v", kept.GetDaysWithoutSchool())
	}

	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	got := town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation()
	if want := timestamppb.New(oslo(t, "2026-11-18 16:00")); !got.GetAnswerDueTime().AsTime().Equal(want.AsTime()) {
		t.Errorf("answers to feedback of Tuesday, with a busy Wednesday to Friday, are due %s, want %s", got.GetAnswerDueTime().AsTime(), want.AsTime())
	}
}
