package culture_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func live(t *testing.T, p *town.Person) *pb.GetLivePageResponse {
	t.Helper()
	return town.Try(p.GetLivePage(p.Ctx(), &pb.GetLivePageRequest{SchoolId: p.Town.School.String()})).OK(t)
}

// The live page tells of areas, needs and learnings, which are things and not people: the
// same for a teacher and a leader, and nothing of what is for a team, a draft, or waits in the box.
func TestTheLivePageTellsOfThings(t *testing.T) {
	t.Parallel()
	w := town.New(t) // Tuesday 10 November
	empty := live(t, w.Kari)
	if len(empty.GetAreas()) > 0 || empty.GetNeeds().GetWaiting() != 0 || empty.GetLearnings().GetUnanswered() != 0 {
		t.Errorf("of a school that has begun nothing: %v", empty)
	}
	w.Area() // a draft is nobody's plan
	area := w.Heard()
	town.Try(w.Liv.AdoptFocusArea(w.Liv.Ctx(), &pb.AdoptFocusAreaRequest{FocusAreaId: area, RequestId: town.Req(), Reason: "Alle vil.", AgreedWith: "personalmøtet"})).OK(t)
	w.Need(w.Kari)
	answered := w.Need(w.Ola)
	town.Try(w.Liv.AnswerNeed(w.Liv.Ctx(), &pb.AnswerNeedRequest{NeedId: answered, RequestId: town.Req(), Status: pb.NeedStatus_NEED_STATUS_DONE, Answer: "Ordnet.", Revision: 1})).OK(t)
	town.Try(w.Ola.SubmitNeed(w.Ola.Ctx(), &pb.SubmitNeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Text: "uten navn", Anonymous: true})).OK(t)
	id := w.Shared()
	is := func(when string, waiting, overdue, days, dialogue, silent, practices int32) {
		t.Helper()
		page := live(t, w.Kari)
		needs := &pb.LiveNeeds{Waiting: waiting, Overdue: overdue, OldestDays: days}
		learnings := &pb.LiveLearnings{Answered: dialogue, Unanswered: silent, Practices: practices}
		if diff := cmp.Diff(needs, page.GetNeeds(), protocmp.Transform()) + cmp.Diff(learnings, page.GetLearnings(), protocmp.Transform()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", when, diff)
		}
		for _, p := range []*town.Person{w.Liv, w.Nils} {
			if diff := cmp.Diff(page, live(t, p), protocmp.Transform()); diff != "" {
				t.Errorf("%s: %s reads another page (-Kari +%s)\n%s", when, p.Name, p.Name, diff)
			}
		}
	}
	is("on the first day", 1, 0, 0, 0, 1, 0)
	if a := live(t, w.Nils).GetAreas(); len(a) != 1 || a[0].GetOrigin() != pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_TEACHERS || a[0].GetAdoptedDay() != "2026-11-10" || a[0].GetTitle() == "" {
		t.Errorf("the areas: %v", a)
	}
	for _, p := range []*town.Person{w.Nils, w.Liv, w.Leif} {
		w.Tries(p, id)
	}
	town.Try(w.Liv.DecideOurPractice(w.Liv.Ctx(), &pb.DecideOurPracticeRequest{LearningId: id, RequestId: town.Req(), Practice: "Vi venter.", AgreedWith: "personalmøtet"})).OK(t)
	w.SQL("insert into learning (owner_id, id, school_id, from_visit, writer_id, other_id, team_id, text, source, mark, published, day, audience) select owner_id, gen_random_uuid(), school_id, from_visit, writer_id, other_id, gen_random_uuid(), 'for et team', '', mark, true, day, 'TEAM' from learning")
	is("tried by three", 1, 0, 0, 1, 0, 1)
	w.Clock.Set(time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)) // the day after the tenth school day
	is("when the time for an answer is over", 1, 1, 15, 1, 0, 1)
}
