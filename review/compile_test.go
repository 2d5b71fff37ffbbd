package review

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// Every alternative of every pattern is in some text that the pattern then speaks
// on: none is dead. The text is made of the pattern itself and read as any other.
func TestEveryAlternativeMatchesSomething(t *testing.T) {
	t.Parallel()
	for _, lang := range languages {
		r := rulesets[lang]
		base := r
		if r.Like != "" {
			base = rulesets[Language(r.Like)]
		}
		n := 0
		for place, name := range patternNames {
			for _, pattern := range base.Patterns[name] {
				rows, err := r.rows(pattern, base.Classes)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					for i := range row {
						for _, w := range wordsOf(row[i]) {
							n++
							text := strings.Join(sentenceOf(row, i, w), " ")
							p := read(text)
							if s := p.sentences[0].in(r); !s.has(place) {
								t.Errorf("%s, %s: %q says nothing on %q", lang, name, pattern, text)
							}
						}
					}
				}
			}
		}
		if n < 1000 {
			t.Errorf("%s: only %d alternatives were looked at", lang, n)
		}
	}
}

func wordsOf(e element) []string {
	var out []string
	for w := range e.words {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// sentenceOf gives a sentence that a row is in, with w at its i-th place.
func sentenceOf(row []element, i int, w string) []string {
	var out []string
	for j, e := range row {
		switch words := wordsOf(e); {
		case j == i:
			out = append(out, w)
		case e.any:
			out = append(out, "noe")
		case e.num && len(words) == 0:
			out = append(out, "7")
		case len(words) > 0:
			out = append(out, words[0])
		}
	}
	return out
}

func TestTheLoaderRefusesWhatCantMatch(t *testing.T) {
	t.Parallel()
	classes := map[string][]string{"you": {"you"}, "none": {}, "odd": {"e-mail"}}
	for _, tc := range []struct {
		pattern string
		refused bool
	}{
		{"why did {you}", false},
		{"(print out|laminate) the sheets", false},
		{"what's the point", true}, // it is read as "what"
		{"half-term", true},        // it is read as two words
		{"Why did", true},          // words are small when they are looked at
		{"why did {them}", true},   // there is no such class
		{"why did {none}", true},   // it has no words
		{"write an {odd}", true},
		{".. did you", true}, // begins with what every text has
		{"{num} sheets", true},
		{"did you ..", true},
		{"(print out|laminate the", true}, // not closed
		{"why || did", true},
		{"", true},
	} {
		rows, err := rulesets["en"].rows(tc.pattern, classes)
		if (err != nil) != tc.refused {
			t.Errorf("%q: %d rows, %v", tc.pattern, len(rows), err)
		}
	}
	if rows, _ := rulesets["en"].rows("(print out|laminate) the sheets", classes); len(rows) != 2 || len(rows[0])+len(rows[1]) != 7 {
		t.Errorf("an alternative of two words gives the rows %v", rows)
	}
	if err := (&ruleset{}).compile(&ruleset{Patterns: map[string][]string{"defense": {"why"}}}); err == nil {
		t.Error("a pattern of no known kind is taken")
	}
}

// Letters with an accent are put together as NFC does, and capitals become small
// as everywhere: for all of Latin that people write with.
func TestLettersAreThoseOfUnicode(t *testing.T) {
	t.Parallel()
	for c := rune('A'); c < 0x250; c++ {
		if small := []rune(strings.ToLower(string(c))); len(small) == 1 && c != 0x130 && c != 0x131 && small[0] < 0x250 && isLetter(c) && c < 0x180 && lower(c) != small[0] {
			t.Errorf("the small letter of %c is %c, want %c", c, lower(c), small[0])
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	marks := []rune("\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u030c\u0323")
	for range 20_000 {
		word := []rune{'a' + random.Int32N(26), marks[random.IntN(len(marks))], 'a' + random.Int32N(26)}
		got := read(string(word)).sentences[0].words[0]
		if want := norm.NFC.String(string(word)); got != want {
			t.Fatalf("%q is read as %q, NFC is %q", string(word), got, want)
		}
	}
	for _, tc := range [][2]string{{"HVA SÅG", "hva såg"}, {"da\u030a", "då"}, {"ÉTÉ", "été"}, {"İstanbul", "istanbul"}, {"Å", "å"}, {"ПОЧЕМУ", "почему"}} {
		if got := strings.Join(read(tc[0]).sentences[0].words, " "); got != tc[1] {
			t.Errorf("%q is read as %q, want %q", tc[0], got, tc[1])
		}
	}
}

// A text is cut where people end sentences, with capitals or without.
func TestSentences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want string
	}{
		{"fin time. hva så du", "fin time|hva så du"},
		{"bra jobba 😊 hva tenkte du da 🤔?", "bra jobba|hva tenkte du da?"},
		{"Det var kl. 10.15, f.eks. i 8. trinn.", "det var kl 10 15 f eks i 8 trinn"},
		{"«Hva ser du?» spurte du. Og så?", "spurte du|og så?"},
		{"\"one two\" and \"three four\" end", "and end"},
		{"hva\nhvorfor?", "hva|hvorfor?"},
		{"What?!", "what?"},
	} {
		var got []string
		for _, s := range read(tc.text).sentences {
			w := strings.Join(s.words, " ")
			if s.mark {
				w += "?"
			}
			got = append(got, w)
		}
		if all := strings.Join(got, "|"); all != tc.want {
			t.Errorf("%q is cut as %q, want %q", tc.text, all, tc.want)
		}
	}
}

// says are the wordings for accusations.
func says(list []defending) (out []string) {
	for _, d := range list {
		out = append(out, d.Say)
	}
	return out
}

// Whole words decide what a text is about, and nobody's pupils are insulted by a
// wording of ours.
func TestWordings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang Language
		text string
		has  string // in the first suggestion
		not  string // in any
	}{
		{"nb", "Hvorfor gjorde du ingenting da de begynte å rope?", "da de begynte å rope", "ro"},
		{"nb", "Merket du ikke noe da de late guttene gikk ut?", "", "late"},
		{"nb", "Hvorfor stoppet du ikke da du aldri så på dem?", "", "aldri"},
		{"nb", "Forsto de oppgaven?", "oppgaven", ""},
		{"nn", "Var du nøgd med gruppene?", "inndelinga av klassen", ""},
		{"nb", "Når er rommet ledig?", "", "hva"},
		{"nb", "Fin time.", "", "hva"},
		{"en", "Why did you do nothing when they began to shout?", "when they began to shout", ""},
		{"en", "Did they finish the task?", "the task", ""},
		{"en", "Where is the key?", "", "this"},
		{"nb", "Hvem ga deg lov til å endre karakterene?", "avgjørelsen", "lov"},
		{"nb", "Hvorfor retter du aldri bøkene deres?", "gjør at det blir slik", "aldri"},
		{"nn", "Såg du ikkje at ho gret?", "hos henne", "gret"},
		{"en", "Have you given up on them?", "the pupils", "given"},
		{"en", "What were the rules of the game?", "", "experienced"},
	} {
		got := Question(tc.text, tc.lang).Suggestions
		if len(got) > maxSuggestions || tc.has != "" && (len(got) == 0 || !strings.Contains(got[0], tc.has)) {
			t.Errorf("%q: %q, want %q in the first", tc.text, got, tc.has)
		}
		for _, s := range got {
			if tc.not != "" && slices.Contains(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !isLetter(r) }), tc.not) {
				t.Errorf("%q is answered by %q, with %q in it", tc.text, s, tc.not)
			}
		}
	}
	for lang, w := range wordingsOf {
		for _, say := range append([]string{w.Any}, says(w.Defence)...) {
			if k := Question(say, lang).Kind; k != Wondering {
				t.Errorf("%s: %q is suggested to whoever accuses, and is %s", lang, say, k)
			}
		}
		for _, topic := range w.Topics {
			form, _, _ := strings.Cut(topic.Forms, " ")
			if lang == "en" {
				form = "the " + form
			}
			for _, s := range w.suggest(Closed, read(form), form) {
				if k := Question(s, lang).Kind; k != Wondering || strings.Contains(s, "{") || strings.Contains(s, " ,") {
					t.Errorf("%s: %q is suggested, and is %s", lang, s, k)
				}
			}
		}
	}
}
