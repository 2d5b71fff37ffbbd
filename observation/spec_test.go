package observation

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/spec"
)

func casesOf(t *testing.T, rule string) []spec.Case {
	t.Helper()
	cases, err := spec.Cases(rule)
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases of %s, %v", len(cases), rule, err)
	}
	return cases
}

// Each call by the ways on and the acts that it stands for: where one of them is
// open to somebody, the call is.
var events = map[string]Event{
	"CounterPropose": Counter, "AcceptObservation": Accept, "DeclineObservation": Decline, "CancelObservation": Cancel,
	"WithdrawObservation": Withdraw, "MarkObserved": Observe, "GiveFeedback": Give, "EndAlone": EndAlone,
}

var within = map[string]Act{
	"SetFocus": WriteCard, "EndWithoutExchange": WishExit, "ReopenObservation": WishReopen,
	"SaveNote": WriteNote, "DeleteNote": WriteNote, "MarkMoment": KeepMoment, "SaveFeedbackDraft": WriteDraft,
	"RecordOwnView": WriteOwnView, "AcknowledgeFeedback": Acknowledge, "AnswerQuestion": Answer, "AskBack": AskingBack,
	"ProposeMove": WriteMove, "AnswerWish": AnsweringWish, "AcknowledgeChange": SeeingChange, "TakeOutName": TakingOutName,
	"Reply": AddReply, "RecordConversation": AddConversation, "ConfirmConversation": ConfirmConversation, "CorrectNote": CorrectNote,
	"ResolveCorrection": Resolve, "RecordTakeaway": WriteTakeaway, "SayWhatItOpened": SayOpening, "AgreeAction": AgreeToAction, "ReportAction": ReportOnAction,
}

func mayCall(call string, state State, who Who) error {
	if event, ok := events[call]; ok {
		_, err := Next(state, event, who, nil)
		return err
	}
	return May(within[call], state, who)
}

// Who may do what in which state is as the contract says; the phone is held to the
// same table.
func TestWhoMayDoWhatIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range casesOf(t, "may") {
		call := c["call"]
		seen[call] = true
		for _, state := range States() {
			for _, who := range []Who{{AsObserver, false}, {AsObserver, true}, {AsObserved, false}, {AsObserved, true}} {
				by := c[string(state)]
				want := by == "either" || by == "awaited" && who.Awaited || by == "observer" && who.Role == AsObserver || by == "observed" && who.Role == AsObserved
				err := mayCall(call, state, who)
				if got := err == nil; got != want {
					t.Errorf("%s in %s by %+v: %t (%v), want %t", call, state, who, got, err, want)
				}
			}
		}
	}
	for _, call := range slices.Concat(slices.Collect(maps.Keys(events)), slices.Collect(maps.Keys(within))) {
		if !seen[call] {
			t.Errorf("no row says who may %s", call)
		}
	}
	for _, d := range Permissions() {
		if !slices.Contains(slices.Collect(maps.Values(within)), d.Act) {
			t.Errorf("no call stands for %s", d.Act)
		}
	}
}

// A note may be written when the table says so; the phone is held to the same one.
func TestWhenNotesAreOpenIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	observer, observed, start := uuid.New(), uuid.New(), time.Date(2026, 11, 25, 9, 15, 0, 0, time.UTC)
	people := map[string]uuid.UUID{"observer": observer, "observed": observed}
	for _, c := range casesOf(t, "notes") {
		minutes, err := strconv.Atoi(c["minutes"])
		if err != nil {
			t.Fatal(err)
		}
		v := &Visit{ID: uuid.New(), Observer: observer, Observed: observed, State: State(c["state"]), Start: start, End: start.Add(45 * time.Minute)}
		change := NewChange(nil, uuid.New(), people[c["role"]], start.Add(time.Duration(minutes)*time.Minute), v)
		_, err = change.mayNote()
		if got := err == nil; got != (c["may"] == "yes") {
			t.Errorf("%v: %t, %s", c, got, refusal.ReasonOf(err))
		}
	}
}

// What is intended is frozen when the table says so; the phone is held to the same one.
func TestWhatIsIntendedIsFrozenAsTheContractSays(t *testing.T) {
	t.Parallel()
	start, was := time.Date(2026, 11, 25, 9, 15, 0, 0, time.UTC), time.Unix(0, 0)
	for _, c := range casesOf(t, "frozen") {
		minutes, err := strconv.Atoi(c["minutes"])
		if err != nil {
			t.Fatal(err)
		}
		now := start.Add(time.Duration(minutes) * time.Minute)
		had := Card{Intention: c["had"], Expectation: c["expected"]}
		if had.Intention+had.Expectation != "" {
			had.Intended = was
		}
		if intention, expectation, ok := strings.Cut(c["later"], "/"); ok {
			had.Later = Later{Intention: intention, Expectation: expectation, At: was}
		}
		got := had.rewrite(Card{Intention: c["writes"], Expectation: c["expects"]}, start, now)
		beside := ""
		if !got.Later.At.IsZero() {
			beside = got.Later.Intention + "/" + got.Later.Expectation
		}
		when := map[string]time.Time{"now": now, "was": was}[c["time"]]
		if then := got.Intention + "/" + got.Expectation; then != c["then"] || beside != c["beside"] || !got.Intended.Equal(when) {
			t.Errorf("%s: %s, beside it %q, of %v; want %s, beside it %q, of %v", c["name"], then, beside, got.Intended, c["then"], c["beside"], when)
		}
	}
}

// What is late is as the contract says; the phone is held to the same table.
func TestWhatIsLateIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, c := range casesOf(t, "late") {
		var due time.Time
		if m, err := strconv.Atoi(c["minutes"]); err == nil {
			due = now.Add(time.Duration(m) * time.Minute)
		}
		v := visitWith(Todo(c["todo"]), due)
		step := v.NextStep(now)
		if step.Todo != Todo(c["todo"]) || !step.Due.Equal(due) || step.Late != (c["late"] == "yes") {
			t.Errorf("%v: %+v", c, step)
		}
	}
}

// visitWith is a visit in which this is to be done next, by this time.
func visitWith(todo Todo, due time.Time) *Visit {
	v := &Visit{Observer: uuid.New(), Observed: uuid.New(), Start: due, FeedbackDue: due, AnswerDue: due, TakeawayDue: due, Card: Card{Focus: "Hvem får ordet?"}}
	v.Opened, v.Open.Due = true, due
	switch todo {
	case SetFocus:
		v.State, v.Card.Focus = Proposed, ""
	case AnswerProposal:
		v.State = Proposed
	case PayVisit:
		v.State = Agreed
	case GiveFeedback:
		v.State = Observed
	case RecordTakeaway:
		v.State = Answered
	case ToEndAlone:
		v.State, v.Left = Observed, map[Role]bool{AsObserved: true}
	case AnswerMove:
		v.State, v.Move = Agreed, &Move{By: v.Observed, Start: due, End: due}
	case AnswerWish: // by the observer, who owes feedback; nobody owes anything once it is closed
		v.State, v.ExitWish = Observed, uuid.NullUUID{UUID: v.Observed, Valid: true}
	case SeeChange:
		v.State, v.Unseen = Cancelled, []Unseen{{Person: v.Observed, Kind: CalledOff}}
	default:
		v.State = FeedbackGiven
		switch todo {
		case RecordOwnView:
			v.Opened = false
		case AnswerQuestions:
			v.Open.ToObserved = 1
		case RecordConversation:
			v.Open.Unconfirmed = 1
		case Confirm:
			v.Open.Unconfirmed, v.Open.Recorder = 1, uuid.NullUUID{UUID: v.Observer, Valid: true}
		}
	}
	return v
}
