package fit_test

import (
	"bytes"
	"os"
	"testing"

	"undring/review/fit"
)

// The model in the repository is what the texts in the repository give, to the
// byte: nobody edited it, and no machine trains it otherwise.
func TestTheModelIsWhatTheTextsGive(t *testing.T) {
	t.Parallel()
	texts, err := fit.Training("..")
	if err != nil {
		t.Fatal(err)
	}
	now, err := fit.Encode(fit.Model(fit.Examples(texts)))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../model.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(now, kept) {
		t.Error("review/model.json is stale: make review-model")
	}
	if len(kept) >= 60_000 {
		t.Errorf("the model takes %d bytes, want under 60,000", len(kept))
	}
}
