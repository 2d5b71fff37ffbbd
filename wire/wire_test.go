package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/wire"
)

const text = "01a20c0a-311e-7bbe-82ce-acb5908c5615"

func TestIDs(t *testing.T) {
	t.Parallel()
	id, made := uuid.MustParse(text), uuid.MustParse("01a20c0a-311e-7bbe-82ce-acb5908c5616")
	if got, err := wire.ID("f", text); err != nil || got != id {
		t.Errorf("ID: %v, %v", got, err)
	}
	if got, err := wire.OptionalID("f", ""); err != nil || got.Valid || wire.EncodeID(got) != "" {
		t.Errorf("no id is read as %v, %v", got, err)
	}
	if got, err := wire.OptionalID("f", text); err != nil || !got.Valid || wire.EncodeID(got) != text {
		t.Errorf("an id is read as %v, %v", got, err)
	}
	newID := func() uuid.UUID { return made }
	if got, err := wire.IDOr("f", "", newID); err != nil || got != made {
		t.Errorf("without an id: %v, %v; want a new one", got, err)
	}
	if got, err := wire.IDOr("f", text, newID); err != nil || got != id {
		t.Errorf("with an id: %v, %v; want that one", got, err)
	}
	if got, err := wire.IDs("f", []string{text, made.String()}); err != nil || cmp.Diff([]string{text, made.String()}, wire.EncodeIDs(got)) != "" {
		t.Errorf("IDs: %v, %v", got, err)
	}
}

// A refusal names the field, and in a list the place.
func TestTheFieldOfABadIDIsNamed(t *testing.T) {
	t.Parallel()
	for want, read := range map[string]func() error{
		"f":     func() error { _, err := wire.ID("f", ""); return err },
		"f ":    func() error { _, err := wire.OptionalID("f ", "x"); return err },
		"f.id":  func() error { _, err := wire.IDOr("f.id", "x", uuid.New); return err },
		"fs[1]": func() error { _, err := wire.IDs("fs", []string{text, "x"}); return err },
	} {
		r, ok := read().(*refusal.Refusal)
		if !ok || r.Reason != refusal.InvalidField || len(r.Fields) != 1 || r.Fields[0].Name != want || r.Fields[0].Reason != "must be a UUID" {
			t.Errorf("%s: %v", want, r)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	if got := wire.Time(nil); !got.IsZero() {
		t.Errorf("an absent time is %v", got)
	}
	if got := wire.EncodeTime(time.Time{}); got != nil {
		t.Errorf("the zero time is written as %v", got)
	}
	oslo := time.FixedZone("Oslo", 3600)
	exact := time.Date(2026, 11, 10, 9, 0, 0, 1999, oslo)
	want := time.Date(2026, 11, 10, 8, 0, 0, 1000, time.UTC)
	if got := wire.Moment(exact); got != want {
		t.Errorf("%v is kept as %v, want %v", exact, got, want)
	}
	if got := wire.Time(timestamppb.New(exact)); got != want {
		t.Errorf("%v is read as %v, want %v", exact, got, want)
	}
	if got := wire.Time(wire.EncodeTime(want)); got != want {
		t.Errorf("%v comes back as %v", want, got)
	}
}

func TestEnums(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]pb.PromptMoment{
		"WARM_UP": pb.PromptMoment_PROMPT_MOMENT_WARM_UP, "warm_up": pb.PromptMoment_PROMPT_MOMENT_WARM_UP,
		"": 0, "NONE": 0, "PROMPT_MOMENT_WARM_UP": 0,
	} {
		if got := wire.Enum[pb.PromptMoment](name); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
	for value, want := range map[pb.NoteKind]string{pb.NoteKind_NOTE_KIND_SAW: "SAW", 0: "", 99: "", -1: ""} {
		if got := wire.Name(value); got != want {
			t.Errorf("%v is %q, want %q", value, got, want)
		}
	}
}

// Enum and Name rest on how the contract names the values of its enums.
func TestEveryEnumBeginsWithUnspecified(t *testing.T) {
	t.Parallel()
	seen := 0
	protoregistry.GlobalTypes.RangeEnums(func(e protoreflect.EnumType) bool {
		d := e.Descriptor()
		if !strings.HasPrefix(string(d.FullName()), "undring.") {
			return true
		}
		seen++
		zero := string(d.Values().ByNumber(0).Name())
		before, ok := strings.CutSuffix(zero, "UNSPECIFIED")
		for i := range d.Values().Len() {
			if name := string(d.Values().Get(i).Name()); !ok || !strings.HasPrefix(name, before) {
				t.Errorf("%s has a value %s beside %s", d.FullName(), name, zero)
			}
		}
		return true
	})
	if seen < 10 {
		t.Errorf("%d enums looked at", seen)
	}
}
