package refusal_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"undring/refusal"
)

func TestEveryReasonHasAKind(t *testing.T) {
	t.Parallel()
	for _, reason := range refusal.Reasons() {
		if !slices.Contains(refusal.Kinds(), reason.Kind()) {
			t.Errorf("%s has kind %d, which is not in Kinds()", reason, reason.Kind())
		}
	}
}

func TestConstraintNamesReadAsReasons(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		constraint string
		want       refusal.Reason
	}{
		{"focus_missing", refusal.FocusMissing},
		{"visit__id_taken", refusal.IDTaken},
		{"booking__double_booked", refusal.DoubleBooked},
		{"visit_pkey", ""},
		{"", ""},
	} {
		r, known := refusal.ByConstraint(tc.constraint)
		if known != (tc.want != "") {
			t.Errorf("%q: known = %v", tc.constraint, known)
			continue
		}
		if known && r.Reason != tc.want {
			t.Errorf("%q: got %s, want %s", tc.constraint, r.Reason, tc.want)
		}
	}
}

func TestAllKeepsEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	if err := refusal.All(nil); err != nil {
		t.Fatalf("nothing missing must be no error, got %v", err)
	}
	err := fmt.Errorf("giving feedback: %w", refusal.All([]refusal.Missing{
		{Reason: refusal.FeedbackPointMissing}, {Reason: refusal.WonderingQuestionMissing},
	}))
	if got := refusal.ReasonOf(err); got != refusal.FeedbackPointMissing {
		t.Errorf("reason: got %s", got)
	}
	if !errors.Is(err, refusal.New(refusal.FeedbackPointMissing)) {
		t.Error("errors.Is does not see the reason through a wrapping")
	}
	var r *refusal.Refusal
	if errors.As(err, &r); len(r.Missing) != 2 {
		t.Errorf("missing: got %d entries, want 2", len(r.Missing))
	}
}

// What is wrong with a field is read in the log: in its own words, or by the limit's name.
func TestAFieldIsToldInTheLog(t *testing.T) {
	t.Parallel()
	both := &refusal.Refusal{Reason: refusal.InvalidField, Fields: []refusal.Field{
		{Name: "place", Limit: refusal.TooLong, Number: 200, Reason: "must be at most 200 characters"}, {Name: "id", Limit: refusal.MostNotes, Number: 500}}}
	if got, want := both.Error(), "refused: INVALID_FIELD; place must be at most 200 characters; id MOST_NOTES"; got != want {
		t.Errorf("the log says %q, want %q", got, want)
	}
}
