package learning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// D37: an action has an owner and a lesson or date, and is asked for afterwards.
func TestAnAction(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	ids := []string{town.NewID().String(), town.NewID().String(), town.NewID().String()}
	commit := func(p *town.Person, a *pb.ActionDraft) town.Outcome[*pb.RecordTakeawayResponse] {
		return town.Try(p.RecordTakeaway(p.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_QUESTIONED_ASSUMPTION, Action: a}))
	}
	commit(w.Kari, &pb.ActionDraft{Id: ids[0], Text: "Vente."}).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	commit(w.Kari, &pb.ActionDraft{Id: ids[0], Text: "Vente.", DueDate: "2026-02-30"}).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	commit(w.Kari, &pb.ActionDraft{Id: ids[0], Text: "Vente.", DueDate: "2026-11-12"}).OK(t)
	commit(w.Ola, &pb.ActionDraft{Id: ids[1], Text: "Telle til åtte.", Lesson: "norsk, tirsdag"}).OK(t)
	commit(w.Ola, &pb.ActionDraft{Id: ids[2], Text: "Enda en.", Lesson: "onsdag"}).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	agree := func(p *town.Person, id string) town.Outcome[*pb.AgreeActionResponse] {
		return town.Try(p.AgreeAction(p.Ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: town.Req()}))
	}
	report := func(p *town.Person, id string) town.Outcome[*pb.ReportActionResponse] {
		return town.Try(p.ReportAction(p.Ctx(), &pb.ReportActionRequest{ActionId: id, RequestId: town.Req(), Did: "Ventet.", Happened: "To nye.", Next: "Lenger.", Outcome: pb.ActionOutcome_ACTION_OUTCOME_KEPT, Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE}))
	}
	agree(w.Kari, ids[0]).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	report(w.Kari, ids[0]).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	agree(w.Ola, ids[0]).OK(t)
	agree(w.Ola, ids[0]).OK(t)
	w.Clock.Set(time.Date(2026, 11, 12, 23, 30, 0, 0, time.UTC)) // the 13th in Oslo
	due := func(p *town.Person) []string {
		var out []string
		for _, a := range town.Try(p.ListActions(p.Ctx(), &pb.ListActionsRequest{OpenOnly: true})).OK(t).GetActions() {
			if a.GetReportDue() {
				out = append(out, a.GetId())
			}
		}
		return out
	}
	if got := due(w.Kari); !slices.Equal(got, ids[:1]) {
		t.Errorf("Kari is asked for %v", got)
	}
	if got := due(w.Ola); len(got) > 0 {
		t.Errorf("Ola is asked for another's action: %v", got)
	}
	report(w.Ola, ids[0]).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	a := report(w.Kari, ids[0]).OK(t).GetAction()
	if a.GetState() != pb.ActionState_ACTION_STATE_REPORTED || a.GetReport().GetNext() != "Lenger." || a.GetReport().GetOutcome() != pb.ActionOutcome_ACTION_OUTCOME_KEPT || len(due(w.Kari)) > 0 {
		t.Errorf("reported: %v", a)
	}
	for _, sql := range []string{ // that somebody will try is no outcome, and nobody says another's
		"update action set outcome = 'KEPT' where id = '" + ids[1] + "'",
		"update action set outcome = 'DROPPED' where id = '" + ids[0] + "'",
	} {
		err := pgx.BeginFunc(t.Context(), w.DB.App(t), func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", w.Owner.String(), w.Ola.ID); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), sql)
			return err
		})
		if err == nil {
			t.Errorf("the database lets it through: %s", sql)
		}
	}
	commit(w.Ola, &pb.ActionDraft{Id: ids[2], Text: "Enda en.", Lesson: "onsdag"}).OK(t) // a place is free again
}

// D36: the kinds of take-aways stand in a fixed order and weigh the same.
func TestTheKindsOfLearningStandInTheirOrder(t *testing.T) {
	t.Parallel()
	values := pb.Learning_LEARNING_UNSPECIFIED.Descriptor().Values()
	var names []string
	for i := 1; i < values.Len(); i++ {
		names = append(names, strings.TrimPrefix(string(values.Get(i).Name()), "LEARNING_"))
	}
	if want := []string{"ADJUSTED_PRACTICE", "QUESTIONED_ASSUMPTION", "NOTHING_NEW"}; !slices.Equal(names, want) {
		t.Errorf("kinds %v, want %v and no other", names, want)
	}
}
