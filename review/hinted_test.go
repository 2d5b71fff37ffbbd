package review_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"undring/review"
)

// hinted are notes and points that the server and the phone give the same hints
// on: odd texts, and texts put together at random from the words that hints go
// by and others. The file holds what the server says; web/src/review tests the
// phone against it.
func hinted(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	add := func(lang review.Language, text string) {
		fields := []string{string(lang), text, told(review.Note(true, text, lang)), told(review.Note(false, text, lang)), told(review.Point(text, lang))}
		for i, field := range fields {
			quoted, err := json.Marshal(field)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 {
				out.WriteByte('\t')
			}
			out.Write(quoted)
		}
		out.WriteByte('\n')
	}
	odd := []string{
		"", " ", "…", "🙂", "Ola", "«Ola» sa", "så Ola.", "da Kari-Anne kom", "da (Per) kom", "Kl. 10. Ola gikk", "å Øyvind!", "så ÆRLIG", "så Ødegård",
		"3 elever", "tre  elever\nrakte opp", "Bra!", "Flink", "What a lesson.", "For en time!", "Når du står der", "du hinka bort", "when they", "«hinka»", "DU BØR vente", "You should wait", "Du burde kanskje", "på mandag i Norge", "X Ǆ ǅo", "«Bra», sa Ola", "Ola: ferdig", "Liv sa", "Liv og røre", "Good morning, all", "'Emma' sa", "O'Hara ropte",
		"MK gikk ut", "T gikk ut", "gruppe B. Deretter pause", "Hva skjedde med Leons gruppe?", "Leon’s group", "Til neste gang: Ask", "Ask jobbet", "Ask om hjelp",
		"Olav H. Hauge på tavla", "Nora i Et dukkehjem av Ibsen", "med Nora", "Læreren min, Bente, smilte", "Jordan raised a hand", "Jordan was on the map", "du spurte Xyzabc",
		"Mac-programmer hjalp", "OLA RAKTE OPP", "OK så langt", "Hans gruppe", "Anne-Lise", "Harry Potter", "VG1 og PC sto", "Slapp til.", "Slapp innsats",
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, lang := range []review.Language{"nb", "nn", "en", "xx"} {
		for _, text := range odd {
			add(lang, text)
		}
	}
	for _, lang := range []review.Language{"nb", "nn", "en"} {
		words := hintWords(t, lang)
		for range 400 {
			var text []string
			for range 1 + random.IntN(9) {
				word := words[random.IntN(len(words))]
				switch random.IntN(6) {
				case 0:
					word = strings.ToUpper(word[:1]) + word[1:]
				case 1:
					word += []string{".", ",", "?", "!", ":", "»"}[random.IntN(6)]
				}
				text = append(text, word)
			}
			add(lang, strings.Join(text, " "))
		}
	}
	return out.String()
}

func told(hints []review.Hint) string {
	var all []string
	for _, h := range hints {
		all = append(all, h.ID+": "+h.Text)
	}
	return strings.Join(all, " | ")
}

// hintWords are the words that hints go by, and a few that none does.
func hintWords(t *testing.T, lang review.Language) []string {
	t.Helper()
	raw, err := os.ReadFile("rules/hints.json")
	if err != nil {
		t.Fatal(err)
	}
	var rules map[review.Language]struct {
		Judging, Praise, Weak, Before, After, Seen, Things, Numbers string
		Should, Person, Exclaim                                     []string
	}
	if err := json.Unmarshal(raw, &rules); err != nil {
		t.Fatal(err)
	}
	r := rules[lang]
	words := []string{"Ola", "Kari", "og", "i", "to", "the", "klassen", "7", "40", "vindauget", "window", "ventet", "Liv", "Hyde", "Park", "assistenten", "Ibsen", "B.", "A.", "Leah/Oskar", "Anne-Marta", "Mrs", "Doyle", "Xenophon"}
	for _, list := range []string{r.Judging, r.Praise, r.Weak, r.Before, r.After, r.Seen, r.Things, r.Numbers, strings.Join(r.Should, " "), strings.Join(r.Person, " "), strings.Join(r.Exclaim, " ")} {
		if list == "" {
			t.Fatalf("rules/hints.json has a list of %s without words", lang)
		}
		words = append(words, strings.Fields(strings.ReplaceAll(list, "*", "t"))...)
	}
	return words
}

func TestTheSharedCasesOfHintsAreWhatTheServerSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/hinted.tsv"
	now := hinted(t)
	if *update {
		if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != now {
		t.Error(file, "is stale: go test ./review -run SharedCases -update, then test the phone's half")
	}
}
