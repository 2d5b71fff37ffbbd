package review_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"undring/review"
)

var update = flag.Bool("update", false, "write testdata/judged.tsv anew")

// judged are cases that the server and the phone judge alike: the corpus, odd
// texts, and sentences put together at random from the words of the corpus and
// of the rules. The file holds what the server says; web/src/review tests the
// phone against it.
func judged(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/questions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	words := map[string][]string{}
	add := func(lang, text string) {
		j := review.Question(text, review.Language(lang))
		fields := []string{lang, text, j.Kind.String(), fmt.Sprint(j.Unsure), sums(text, review.Language(lang)), strings.Join(j.Suggestions, " | ")}
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
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), "\t", 3)
		if len(fields) == 3 && fields[0] != "language" {
			add(fields[0], fields[2])
			words[fields[0]] = append(words[fields[0]], strings.Fields(fields[2])...)
		}
	}
	for _, odd := range []string{"", "?", "???", "…", "🙂?", "«Hva?» sa du", "'What else?' you said", "kl. 10. Hva så du?", "hva\nhvordan", "Hva (kanskje) tror du – der?", "WHY DIDN’T YOU", "a’b'c", "„so“ said", "1234?", "Ǆ?",
		"hva såg du\u0301 da\u030a?", "HVA TENKTE DU", "bra time 😊 hva tenkte du da", "kom kl. ti. hvor er du. hva så du", "what?!", "a\u0323\u0302b", "İı K Å?", "\u200bhva\u200d så du 👍🏽?", "\"en to\" og \"tre fire\" hva da?", "8. trinn, f.eks. de i 10. b. gikk det bra?"} {
		for _, lang := range []string{"nb", "nn", "en", "xx"} {
			add(lang, odd)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	ends := []string{"?", "", ".", "!", " …", "??", ", eller?"}
	for _, lang := range []string{"nb", "nn", "en"} {
		for range 800 {
			var text []string
			for range 2 + random.IntN(14) {
				text = append(text, words[lang][random.IntN(len(words[lang]))])
			}
			add(lang, strings.Join(text, " ")+ends[random.IntN(len(ends))])
		}
	}
	return out.String()
}

// sums are the model's whole numbers for each kind, and of how many features.
func sums(text string, lang review.Language) string {
	sum, n := review.Score(text, lang)
	return strings.Trim(fmt.Sprint(sum), "[]") + " of " + fmt.Sprint(n)
}

func TestTheSharedCasesAreWhatTheServerSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/judged.tsv"
	now := judged(t)
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
		t.Error(fmt.Sprint(file, " is stale: go test ./review -run SharedCases -update, then test the phone's half"))
	}
}
