package learning_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// What is planned, told and answered says something: a full stop is refused, with words about
// it in the reader's language, and the database takes none either.
func TestAFullStopTellsNothing(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	action := town.NewID().String()
	commit := func(text string) error {
		_, err := w.Kari.RecordTakeaway(w.Kari.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
			Action: &pb.ActionDraft{Id: action, Text: text, Lesson: "tirsdag"}})
		return err
	}
	report := func(did, happened string) error {
		_, err := w.Kari.ReportAction(w.Kari.Ctx(), &pb.ReportActionRequest{ActionId: action, RequestId: town.Req(), Did: did, Happened: happened,
			Outcome: pb.ActionOutcome_ACTION_OUTCOME_KEPT, Learning: pb.Learning_LEARNING_NOTHING_NEW})
		return err
	}
	reply := func(text string) error {
		_, err := w.Ola.Reply(w.Ola.Ctx(), &pb.ReplyRequest{AboutId: v.Question, RequestId: town.Req(), Text: text})
		return err
	}
	trying, shared := w.Trying(), ""
	tell := func(did, happened string) error {
		r := w.Tell(trying)
		r.Did, r.Happened = did, happened
		_, err := w.Ola.ReportOnRound(w.Ola.Ctx(), r)
		return err
	}
	respond := func(text string) error {
		_, err := w.Nils.RespondToLearning(w.Nils.Ctx(), &pb.RespondToLearningRequest{LearningId: shared, RequestId: town.Req(), Kind: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_TRIED, Text: text})
		return err
	}
	need := w.Need(w.Kari)
	answer := func(text string) error {
		_, err := w.Liv.AnswerNeed(w.Liv.Ctx(), &pb.AnswerNeedRequest{NeedId: need, RequestId: town.Req(), Status: pb.NeedStatus_NEED_STATUS_CONSIDERED, Answer: text, Revision: 1})
		return err
	}
	offer := func(text string) error {
		r := w.Offer(3 * time.Hour)
		r.FocusQuestion = text
		_, err := w.Nils.OfferLesson(w.Nils.Ctx(), r)
		return err
	}
	refused := func(what string, err error) {
		t.Helper()
		town.Try(0, err).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	}
	fine := func(err error) {
		t.Helper()
		town.Try(0, err).OK(t)
	}
	for _, nothing := range []string{".", "… ?", " - "} {
		refused("a plan", commit(nothing))
		refused("an entry", reply(nothing))
		refused("an answer to a need", answer(nothing))
		refused("what somebody asks about an open lesson", offer(nothing))
	}
	fine(commit("Vente."))
	fine(reply("Ja"))
	fine(answer("3"))
	fine(offer("Hvem?"))
	town.Try(w.Ola.AgreeAction(w.Ola.Ctx(), &pb.AgreeActionRequest{ActionId: action, RequestId: town.Req()})).OK(t)
	shared = w.Shared()
	for _, two := range [][2]string{{".", "To nye."}, {"Ventet.", "?"}} {
		refused("a report", report(two[0], two[1]))
		refused("a report on a round", tell(two[0], two[1]))
	}
	refused("an answer to a learning", respond("!"))

	// The words are about that, in each language.
	for language, says := range map[string]string{"nb": "minst én bokstav", "nn": "minst éin bokstav", "en": "at least one letter"} {
		r := w.Tell(trying)
		r.Did = "."
		_, err := w.Ola.ReportOnRound(w.Ola.In(language), r)
		if words := besideFields(err); len(words) != 1 || !strings.Contains(words[0], says) {
			t.Errorf("in %s a full stop is refused with %q", language, words)
		}
	}

	fine(report("Ventet.", "To nye."))
	fine(tell("Ventet.", "To nye."))
	fine(respond("Jeg prøvde."))
	for constraint, sql := range map[string]string{
		"plan__invalid_field":   "insert into action select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'text', '.', 'state', 'PROPOSED', 'agreed_by', null, 'did', '', 'happened', '', 'learning', '', 'reported_at', null, 'outcome', ''))).* from action a",
		"report__invalid_field": "update action set did = '.'",
		"says__invalid_field":   "update reply set text = '.'",
		"says__invalid_field ":  "update learning_response set text = '.'",
		"says__invalid_field  ": "update round_report set happened = '.'",
		"answer__invalid_field": "update need set answer = '.'",
	} {
		as := "select set_config('undring.owner', '" + w.Owner.String() + "', true), set_config('undring.person', '" + w.Kari.ID + "', true);"
		if _, err := w.DB.Owner.Exec(t.Context(), as+sql); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(constraint)) {
			t.Errorf("%s: the database answers %v", sql, err)
		}
	}
}

// besideFields is what a refusal says beside each field.
func besideFields(err error) (words []string) {
	for _, d := range status.Convert(err).Details() {
		if bad, is := d.(*errdetails.BadRequest); is {
			for _, f := range bad.GetFieldViolations() {
				words = append(words, f.GetLocalizedMessage().GetMessage())
			}
		}
	}
	return words
}
