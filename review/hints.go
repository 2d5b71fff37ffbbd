package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hint is advice on what is being written. It stops nothing.
type Hint struct {
	ID   string
	Text string
}

// Note gives hints on a note: words of judgement in what was seen, and what may
// be the name of a pupil.
func Note(saw bool, text string, lang Language) []Hint {
	r := rulesFor(lang)
	t := read(text)
	var out []Hint
	if saw {
		for i := range t.sentences {
			for _, w := range t.sentences[i].words {
				if r.judging[w] {
					out = append(out, r.hint("judging", w))
					break
				}
			}
		}
	}
	if name := pupil(text, r); name != "" {
		out = append(out, r.hint("pupil", name))
	}
	return out
}

// Point gives hints on a feedback point: praise, advice, or words about the
// person, where nothing that was seen stands beside them.
func Point(text string, lang Language) []Hint {
	r := rulesFor(lang)
	lower := " " + strings.ToLower(strings.Join(strings.Fields(text), " ")) + " "
	contains := func(list []string) bool {
		for _, phrase := range list {
			if strings.Contains(lower, " "+phrase) {
				return true
			}
		}
		return false
	}
	t := read(text)
	seen := 0
	for i := range t.sentences {
		for _, w := range t.sentences[i].words {
			if r.seen[w] || isNumber(w) {
				seen++
			}
		}
	}
	var out []Hint
	if contains(r.Should) {
		out = append(out, r.hint("should", ""))
	}
	if contains(r.Praise) && seen < 2 {
		out = append(out, r.hint("praise", ""))
	}
	if contains(r.Person) && seen < 2 {
		out = append(out, r.hint("person", ""))
	}
	if len(out) == 0 && seen == 0 && strings.TrimSpace(text) != "" {
		out = append(out, r.hint("bare", ""))
	}
	return out
}

// hint is a hint in its words, with the word that it is about.
func (r *ruleset) hint(id, word string) Hint {
	return Hint{ID: id, Text: strings.ReplaceAll(r.Hints[id], "{word}", word)}
}

// pupil finds a word with a capital within a sentence that is not the name of a month, country
// or other name of the kind: it may be a pupil's.
func pupil(text string, r *ruleset) string {
	begin := true
	for _, field := range strings.Fields(text) {
		word := strings.TrimFunc(field, func(c rune) bool { return !unicode.IsLetter(c) })
		first, n := utf8.DecodeRuneInString(word)
		rest, _ := utf8.DecodeRuneInString(word[min(n, len(word)):])
		if !begin && unicode.IsUpper(first) && unicode.IsLower(rest) && !r.capitals[strings.ToLower(word)] {
			return word
		}
		begin = strings.ContainsAny(field, ".!?:…»”\"")
	}
	return ""
}
