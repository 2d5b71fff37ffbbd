package focus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func submit(p *town.Person, text string, anonymous bool) town.Outcome[*pb.SubmitNeedResponse] {
	return town.Try(p.SubmitNeed(p.Ctx(), &pb.SubmitNeedRequest{Id: town.NewID().String(), RequestId: town.Req(), SchoolId: p.Town.School.String(), Text: text, Anonymous: anonymous}))
}

func needs(t *testing.T, p *town.Person) []*pb.Need {
	t.Helper()
	return town.Try(p.ListNeeds(p.Ctx(), &pb.ListNeedsRequest{SchoolId: p.Town.School.String()})).OK(t).GetNeeds()
}

// D48: anybody at the school submits a need and gets a visible status with reasons; it
// is due within ten school days, and all see whether it came.
func TestD48ANeedGetsAStatusWithinTenSchoolDays(t *testing.T) {
	t.Parallel()
	w := town.New(t) // Tuesday 10 November
	n := submit(w.Kari, "Tid til å se hverandre.", false).OK(t).GetNeed()
	if n.GetDay() != "2026-11-10" || n.GetAnswerDueDate() != "2026-11-24" || n.GetPersonId() != w.Kari.ID || n.GetText() != "Tid til å se hverandre." {
		t.Fatalf("submitted: %v", n)
	}
	town.Try(w.Ola.SupportNeed(w.Ola.Ctx(), &pb.SupportNeedRequest{NeedId: n.GetId(), RequestId: town.Req(), Story: "Hos oss også."})).OK(t)
	town.Try(w.Nils.SupportNeed(w.Nils.Ctx(), &pb.SupportNeedRequest{NeedId: n.GetId(), RequestId: town.Req()})).OK(t)
	seen := needs(t, w.Liv)[0]
	if seen.GetSupporters() != 2 || seen.GetSupported() || len(seen.GetStories()) != 1 || seen.GetStories()[0].GetPersonId() != w.Ola.ID {
		t.Errorf("a leader reads %v", seen)
	}
	back := town.Try(w.Nils.SupportNeed(w.Nils.Ctx(), &pb.SupportNeedRequest{NeedId: n.GetId(), RequestId: town.Req(), TakeBack: true})).OK(t).GetNeed()
	if back.GetSupporters() != 1 || back.GetSupported() {
		t.Errorf("taken back: %v", back)
	}
	w.Clock.Set(time.Date(2026, 11, 24, 22, 59, 0, 0, time.UTC))
	if needs(t, w.Kari)[0].GetOverdue() {
		t.Error("it is overdue on the tenth school day itself")
	}
	w.Clock.Set(time.Date(2026, 11, 24, 23, 1, 0, 0, time.UTC)) // the 25th in Oslo
	if !needs(t, w.Kari)[0].GetOverdue() {
		t.Error("it is not overdue on the day after the tenth school day")
	}
	answer := func(p *town.Person, revision int64) town.Outcome[*pb.AnswerNeedResponse] {
		return town.Try(p.AnswerNeed(p.Ctx(), &pb.AnswerNeedRequest{NeedId: n.GetId(), RequestId: town.Req(), Status: pb.NeedStatus_NEED_STATUS_CONSIDERED, Answer: "Vi ser på timeplanen.", Revision: revision}))
	}
	answer(w.Kari, 1).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	got := answer(w.Liv, 1).OK(t).GetNeed()
	if got.GetOverdue() || got.GetAnsweredById() != w.Liv.ID || got.GetAnswerDay() != "2026-11-25" || got.GetRevision() != 2 {
		t.Errorf("answered: %v", got)
	}
	answer(w.Leif, 1).Refused(t, codes.Aborted, "STALE_REVISION")
	town.Try(w.Ola.WithdrawNeed(w.Ola.Ctx(), &pb.WithdrawNeedRequest{NeedId: n.GetId(), RequestId: town.Req()})).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.Try(w.Kari.WithdrawNeed(w.Kari.Ctx(), &pb.WithdrawNeedRequest{NeedId: n.GetId(), RequestId: town.Req()})).OK(t)
	if left := needs(t, w.Ola); len(left) > 0 {
		t.Errorf("withdrawn, and still there: %v", left)
	}
}

// An anonymous need withstands its neighbours in time: two colleagues who write just
// before and just after, and look in between, see no difference before the day is over,
// and afterwards neither id, order nor time says which one came between theirs. Whoever
// keeps the database finds no more.
func TestAnAnonymousNeedWithstandsItsNeighboursInTime(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Settle("Rita", "Moen", "TEACHER")
	// What everybody reads, and what their phones are told of, and when.
	look := func() (all []proto.Message, told string) {
		for _, p := range []*town.Person{w.Kari, w.Nils, w.Liv, w.Arne} {
			all = append(all, town.Try(p.ListNeeds(p.Ctx(), &pb.ListNeedsRequest{SchoolId: w.School.String()})).OK(t))
		}
		return all, town.One[string](w, "select string_agg(concat_ws(' ', person_id, thing, subject_id, xid, seq, at), E'\n' order by person_id, thing, subject_id) from feed")
	}
	var ids []string
	for i := range 6 {
		submit(w.Kari, fmt.Sprintf("før %d", i), false).OK(t)
		before, told := look()
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		id := town.NewID().String()
		ids = append(ids, id)
		request := &pb.SubmitNeedRequest{Id: id, RequestId: town.Req(), SchoolId: w.School.String(), Text: fmt.Sprintf("hemmelig %d", i), Anonymous: true}
		first := town.Try(w.Ola.SubmitNeed(w.Ola.Ctx(), request)).OK(t)
		again := town.Try(w.Ola.SubmitNeed(w.Ola.Ctx(), request)).OK(t)
		if first.GetNeed() != nil || !proto.Equal(first, again) {
			t.Fatalf("the reply tells of the need: %v, %v", first, again)
		}
		after, toldNow := look()
		if diff := cmp.Diff(before, after, protocmp.Transform()) + cmp.Diff(told, toldNow); diff != "" {
			t.Fatalf("somebody sees that a need was dropped in (-before +after):\n%s", diff)
		}
		submit(w.Nils, fmt.Sprintf("etter %d", i), false).OK(t)
	}
	w.Sweep(w.Clock.Now()) // the day is not over
	if n := town.One[int](w, "select count(*) from need where person_id is null"); n > 0 {
		t.Fatalf("%d came out before their day was over", n)
	}
	// What the memory of requests keeps of them: the day, and nothing to try a text on.
	if n := town.One[int](w, "select count(*) from request where rpc = 'SubmitNeed' and person_id = $1 and at <> date_trunc('day', at)", w.Ola.ID); n > 0 {
		t.Errorf("%d requests are remembered with their time", n)
	}
	if n := town.One[int](w, "select count(*) from request where rpc = 'SubmitNeed' and person_id = $1 and reply is not null", w.Ola.ID); n > 0 {
		t.Errorf("%d requests are remembered with a reply", n)
	}
	w.Sweep(time.Date(2026, 11, 11, 0, 30, 0, 0, time.UTC)) // half past one in Oslo
	list := needs(t, w.Nils)
	var anonymous []*pb.Need
	for _, n := range list {
		if n.GetPersonId() == "" {
			anonymous = append(anonymous, n)
		}
	}
	if len(list) != 18 || len(anonymous) != 6 {
		t.Fatalf("%d needs, %d of them anonymous; want 18 and 6", len(list), len(anonymous))
	}
	for _, n := range anonymous {
		id := uuid.MustParse(n.GetId())
		if slices.Contains(ids, n.GetId()) || id.Version() != 4 || n.GetDay() != "2026-11-10" || !strings.HasPrefix(n.GetText(), "hemmelig") {
			t.Errorf("an anonymous need as it is read: %v", n)
		}
	}
	// One transaction took them all out: no row is of a transaction in which somebody did something.
	if n := town.One[int](w, "select count(distinct xmin::text) from need where person_id is null"); n != 1 {
		t.Errorf("they came out in %d transactions", n)
	}
	if n := town.One[int](w, "select count(*) from need n join request r on r.xmin::text = n.xmin::text where n.person_id is null"); n > 0 {
		t.Errorf("%d needs stand in the transaction of a request", n)
	}
	if n := town.One[int](w, "select count(*) from need_box"); n > 0 {
		t.Errorf("%d are still in the box", n)
	}
}

// Two thousand needs make a page no slower to find: the list goes by its index, and no
// page repeats or leaves one out.
func TestThePagesOfNeedsAreWhole(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL(`insert into need (owner_id, id, school_id, day, due_on, text)
		select $1, gen_random_uuid(), $2, date '2026-08-01' + i / 20, '2026-12-01', 'behov ' || i from generate_series(0, 449) i`, w.Owner, w.School)
	seen := map[string]bool{}
	token, pages, last := "", 0, "9999"
	for {
		r := town.Try(w.Kari.ListNeeds(w.Kari.Ctx(), &pb.ListNeedsRequest{SchoolId: w.School.String(), PageSize: 100, PageToken: token})).OK(t)
		for _, n := range r.GetNeeds() {
			if seen[n.GetId()] || n.GetDay() > last {
				t.Fatalf("on page %d: %v, after %s", pages, n, last)
			}
			seen[n.GetId()], last = true, n.GetDay()
		}
		pages++
		if token = r.GetNextPageToken(); token == "" {
			break
		}
	}
	if len(seen) != 450 || pages != 5 {
		t.Errorf("%d needs on %d pages, want 450 on 5", len(seen), pages)
	}
}
