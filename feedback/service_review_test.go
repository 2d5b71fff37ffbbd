package feedback_test

import (
	"strings"
	"testing"

	pb "undring/gen/undring/v1"
	"undring/town"

	"google.golang.org/grpc/codes"
)

// Every field that the other reads is looked at for names of pupils; a note and a point
// for more. Colleagues' names give no hint, nor do authors and what is quoted.
func TestReviewTextHintsBeforeWordsAreShared(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	review := func(field, language, text string) []*pb.TextHint {
		t.Helper()
		return town.Try(w.Kari.ReviewText(w.Kari.Ctx(), &pb.ReviewTextRequest{Field: field, Language: language, Text: text})).OK(t).GetHints()
	}
	for _, field := range []string{"note", "point", "question", "answer", "card", "learning"} {
		for language, text := range map[string]string{
			"nb": "Tiril gikk fram og leste to linjer.", "nn": "Tiril gjekk fram og las to linjer.", "en": "Tiril stood up and read two lines.",
		} {
			hints := review(field, language, text)
			if len(hints) != 1 || hints[0].GetKind() != pb.TextHintKind_TEXT_HINT_KIND_PUPIL || hints[0].GetWord() != "Tiril" || !strings.Contains(hints[0].GetText(), "Tiril") {
				t.Errorf("%s %s: %q gives %v, want one hint on Tiril", field, language, text, hints)
			}
		}
		for _, text := range []string{w.Ola.Name + " gikk fram og leste to linjer.", "De leste to linjer av Ibsen.", "Du leste: «Tiril gikk.» To lo."} {
			if hints := review(field, "nb", text); len(hints) > 0 {
				t.Errorf("%s: %q names no pupil and gives %v", field, text, hints)
			}
		}
	}
	if hints := review("note", "nb", "Elevene var flinke."); len(hints) != 1 || hints[0].GetKind() != pb.TextHintKind_TEXT_HINT_KIND_JUDGING {
		t.Errorf("a judgement in what was seen gives %v", hints)
	}
	judged := town.Try(w.Kari.ReviewText(w.Kari.Ctx(), &pb.ReviewTextRequest{Field: "note", NoteKind: pb.NoteKind_NOTE_KIND_INTERPRETATION, Text: "Elevene var flinke."})).OK(t).GetHints()
	if len(judged) != 0 {
		t.Errorf("an interpretation may judge, and gives %v", judged)
	}
	if hints := review("point", "nb", "Du bør vente lenger."); len(hints) != 1 || hints[0].GetKind() != pb.TextHintKind_TEXT_HINT_KIND_SHOULD {
		t.Errorf("advice in a point gives %v", hints)
	}
	for _, field := range []string{"", "takeaway", "NOTE"} {
		town.Try(w.Kari.ReviewText(w.Kari.Ctx(), &pb.ReviewTextRequest{Field: field, Text: "Ro."})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	}
	town.Try(w.Kari.ReviewText(w.Kari.Ctx(), &pb.ReviewTextRequest{Field: "note", Text: strings.Repeat("å", 4001)})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}
