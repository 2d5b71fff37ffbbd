package server_test

import (
	"slices"
	"strings"
	"testing"
	"undring/town"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func protoBool(b bool) protoreflect.Value     { return protoreflect.ValueOfBool(b) }
func protoString(s string) protoreflect.Value { return protoreflect.ValueOfString(s) }

// D11: the rules hold over JSON too; see web_test.go. D18: nothing in the
// contract rates anybody.
func TestNothingRatesAnybody(t *testing.T) {
	t.Parallel()
	banned := []string{"score", "rating", "rank", "star", "level", "badge", "sentiment", "grade"}
	for _, m := range town.AllMessages() {
		for i := range m.Fields().Len() {
			for _, word := range strings.Split(string(m.Fields().Get(i).Name()), "_") {
				if slices.Contains(banned, word) {
					t.Errorf("%s.%s rates somebody", m.Name(), m.Fields().Get(i).Name())
				}
			}
		}
	}
}
