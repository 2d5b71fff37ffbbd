package review_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"undring/review"
)

// RANDOM_CASES=1000000 go test ./review -run RandomCases writes that many random
// texts with what the server says of them to the file in RANDOM_CASES_FILE, for the
// phone to be held against (web/src/review/random.test.ts). Without the file it
// only looks whether each gets an answer.
func TestRandomCases(t *testing.T) {
	t.Parallel()
	n := 2000
	if s := os.Getenv("RANDOM_CASES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	out := os.Stdout
	file := os.Getenv("RANDOM_CASES_FILE")
	if file != "" {
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		out = f
	}
	words := map[review.Language][]string{}
	for _, lang := range []review.Language{"nb", "nn", "en"} {
		words[lang] = hintWords(t, lang)
		raw, err := os.ReadFile("rules/" + string(lang) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		words[lang] = append(words[lang], strings.FieldsFunc(string(raw), func(r rune) bool { return strings.ContainsRune(" \n\"|,[]{}:()", r) })...)
	}
	random := rand.New(rand.NewPCG(9, 9))
	for i := range n {
		lang := []review.Language{"nb", "nn", "en"}[i%3]
		text := randomText(random, words[lang])
		j := review.Question(text, lang)
		if j.Kind.String() == "" || j.Reason == "" {
			t.Fatalf("%q: %+v", text, j)
		}
		if file == "" {
			continue
		}
		line, err := json.Marshal([]string{string(lang), text, j.Kind.String(), fmt.Sprint(j.Unsure), sums(text, lang), strings.Join(j.Suggestions, " | "),
			told(review.Note(true, text, lang)), told(review.Point(text, lang))})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%s\n", line)
	}
}

// randomText puts words of the rules, odd characters and signs together.
func randomText(random *rand.Rand, words []string) string {
	var b strings.Builder
	for range 1 + random.IntN(12) {
		switch random.IntN(12) {
		case 0:
			b.WriteRune(rune(0x20 + random.IntN(0x3000)))
		case 1:
			b.WriteRune(rune(0x1f300 + random.IntN(0x400)))
		default:
			b.WriteString(words[random.IntN(len(words))])
		}
		b.WriteString([]string{" ", " ", " ", " ", " ", ", ", ". ", "? ", " «", "» ", "' ", ": ", "\n", "!"}[random.IntN(14)])
	}
	return b.String()
}
