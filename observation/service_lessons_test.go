package observation_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/town"
)

func askForPlace(p *town.Person, lesson string) town.Outcome[*pb.AskForPlaceResponse] {
	return town.Try(p.AskForPlace(p.Ctx(), &pb.AskForPlaceRequest{OpenLessonId: lesson, RequestId: town.Req()}))
}

func openLessons(w *town.Town, p *town.Person) []*pb.OpenLesson {
	w.T.Helper()
	return town.Try(p.ListOpenLessons(p.Ctx(), &pb.ListOpenLessonsRequest{SchoolId: w.School.String()})).OK(w.T).GetOpenLessons()
}

// One tap makes an ordinary proposal of an open lesson: with the offer's words as its
// card, it waits for a yes, and the yes takes the place.
func TestAnOpenLessonBecomesAProposal(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	offer := w.Offer(time.Hour)
	town.Try(w.Ola.OfferLesson(w.Ola.Ctx(), offer)).OK(t)
	for _, p := range []*town.Person{w.Kari, w.Nils, w.Liv, w.Ola} {
		if l := openLessons(w, p); len(l) != 1 || l[0].GetTitle() != offer.GetTitle() || l[0].GetPersonId() != w.Ola.ID || l[0].GetTaken() {
			t.Errorf("%s reads %v", p.Name, l)
		}
	}
	o := askForPlace(w.Kari, offer.GetId()).OK(t).GetObservation()
	if o.GetState() != pb.ObservationState_OBSERVATION_STATE_PROPOSED || o.GetFocusQuestion() != offer.GetFocusQuestion() ||
		o.GetWantedFeedback() != offer.GetWantedFeedback() || o.GetObserverId() != w.Kari.ID || o.GetPlace() != offer.GetPlace() {
		t.Fatalf("proposed: %v", o)
	}
	read := town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: o.GetId()})).OK(t).GetObservation()
	if read.GetFocusQuestion() != offer.GetFocusQuestion() || read.GetNextStep().GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_PROPOSAL || read.GetNextStep().GetPersonIds()[0] != w.Ola.ID {
		t.Errorf("Ola reads %v", read)
	}
	askForPlace(w.Kari, offer.GetId()).Refused(t, codes.FailedPrecondition, "WRONG_STATE")
	(&town.Visit{Town: w, ID: o.GetId(), Observer: w.Kari, Observed: w.Ola}).Accept(w.Ola).OK(t)
	if l := openLessons(w, w.Nils); !l[0].GetTaken() {
		t.Error("the place is taken, and nobody is told")
	}
	askForPlace(w.Nils, offer.GetId()).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	// Called off, it is free again.
	town.Try(w.Kari.CancelObservation(w.Kari.Ctx(), &pb.CancelObservationRequest{ObservationId: o.GetId(), RequestId: town.Req()})).OK(t)
	if l := openLessons(w, w.Nils); l[0].GetTaken() {
		t.Error("the place is free, and nobody is told")
	}
	askForPlace(w.Nils, offer.GetId()).OK(t)
}

// Who can't come is refused before anything is written; a repetition gets its first
// reply when the offer is long gone.
func TestWhoHasNoPlace(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	lesson := w.OpenLesson(w.Ola, time.Hour)
	askForPlace(w.Ola, lesson).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	askForPlace(w.Liv, lesson).Refused(t, codes.FailedPrecondition, "NOT_PEERS")
	askForPlace(w.Kari, town.Req()).Refused(t, codes.NotFound, "NOT_FOUND")
	ask := &pb.AskForPlaceRequest{OpenLessonId: lesson, RequestId: town.Req()}
	first := town.Try(w.Kari.AskForPlace(w.Kari.Ctx(), ask)).OK(t)
	withdraw := func(p *town.Person) town.Outcome[*pb.WithdrawLessonResponse] {
		return town.Try(p.WithdrawLesson(p.Ctx(), &pb.WithdrawLessonRequest{OpenLessonId: lesson, RequestId: town.Req()}))
	}
	withdraw(w.Kari).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	withdraw(w.Ola).OK(t)
	if l := openLessons(w, w.Nils); len(l) != 0 {
		t.Errorf("withdrawn, and still there: %v", l)
	}
	if again := town.Try(w.Kari.AskForPlace(w.Kari.Ctx(), ask)).OK(t); !proto.Equal(first, again) {
		t.Errorf("a repetition gets %v, not %v", again, first)
	}
	askForPlace(w.Nils, lesson).Refused(t, codes.NotFound, "NOT_FOUND")

	begun := w.OpenLesson(w.Ola, 3*time.Hour)
	w.Clock.Set(w.Clock.Now().Add(3 * time.Hour))
	askForPlace(w.Nils, begun).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	if l := openLessons(w, w.Nils); len(l) != 0 {
		t.Errorf("begun, and still open: %v", l)
	}
}

// What can be offered: a lesson to come, in a free hour, by who teaches or leads, and
// not without end.
func TestWhatCanBeOffered(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	offer := func(p *town.Person, after time.Duration) town.Outcome[*pb.OfferLessonResponse] {
		return town.Try(p.OfferLesson(p.Ctx(), w.Offer(after)))
	}
	offer(w.Kari, -time.Minute).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	offer(w.Arne, time.Hour).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	offer(w.Liv, time.Hour).OK(t)
	w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	offer(w.Ola, time.Hour).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	for i := range 20 {
		offer(w.Nils, time.Duration(i+2)*time.Hour).OK(t)
	}
	offer(w.Nils, 30*time.Hour).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

// The card of a visit that was asked for is the offer's words, in the database, too:
// the observer can't set others under another's name.
func TestTheCardIsTheOffers(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	lesson, other := w.OpenLesson(w.Ola, time.Hour), w.OpenLesson(w.Nils, time.Hour)
	o := askForPlace(w.Kari, lesson).OK(t).GetObservation()
	err := pgx.BeginFunc(t.Context(), w.DB.Owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "set local session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), "update visit set focus_question = '' where id = $1", o.GetId())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	app := w.DB.App(t)
	for _, c := range []struct{ by, lesson, want string }{
		{w.Nils.ID, lesson, ""}, {w.Kari.ID, other, ""}, {w.Kari.ID, lesson, town.Focus},
	} {
		const sql = "select set_config('undring.owner', $1, false), set_config('undring.person', $2, false)"
		if _, err := app.Exec(t.Context(), sql, w.Owner.String(), c.by); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Exec(t.Context(), "select card_of_lesson($1, $2)", o.GetId(), c.lesson); err != nil {
			t.Fatal(err)
		}
		if got := town.One[string](w, "select focus_question from visit where id = '"+o.GetId()+"'"); got != c.want {
			t.Errorf("by %s with %s: the card says %q, want %q", c.by, c.lesson, got, c.want)
		}
	}
}
