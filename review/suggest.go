package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Better wordings reuse what the writer wrote: a clause of their own ("da de begynte
// å rope"), or the thing that they asked about, in a sentence that asks for what
// nobody but the other can tell. Where neither is found there is none, except that
// an accusation always gets one (the study, D23): a hollow sentence helps nobody.
// The sentences and things are data, rules/wordings.json, in each language.

// wordings are those of a language.
type wordings struct {
	Begins   string              `json:"begins"`   // what a clause that tells of a moment begins with
	Subjects string              `json:"subjects"` // and what must follow, so that it is a clause
	Past     string              `json:"past"`     // irregular past forms, where the language needs one to tell the past
	Definite string              `json:"definite"` // what must stand before a thing, where its own form does not say that it is a certain one
	Unkind   string              `json:"unkind"`   // a clause with one of these is not repeated
	Clause   []string            `json:"clause"`   // for what accuses or advises
	Seen     []string            `json:"seen"`     // for what only does not open
	Kinds    map[string][]string `json:"kinds"`    // by the kind of a topic
	Any      string              `json:"any"`      // for any accusation
	Defence  []defending         `json:"defence"`  // for accusations with certain words, the first that fits
	Topics   []topic             `json:"topics"`

	begins, subjects, past, unkind, definite map[string]bool
	judging                                  *wordList // nobody's pupils are called lazy in a wording of ours
	topicOf                                  map[string]*topic
}

// topic is a thing that lessons have. It is known by whole words with their
// inflections, never by how a word begins: rope is not ro.
type topic struct {
	Forms string `json:"forms"`
	Kind  string `json:"kind"`
	NP    string `json:"np"`
	In    string `json:"in"`
}

// defending is a wording for an accusation that has one of some words in a sentence and,
// where With has any, one of those beside it. What the accusation turns on (a decision, a
// why, a habit, a pupil) is taken up, and the reproach is not.
type defending struct {
	Words string `json:"words"`
	With  string `json:"with"`
	Say   string `json:"say"`

	words, with map[string]bool
}

// Limits of what is suggested.
const (
	maxSuggestions = 2
	minClause      = 3 // words
	maxClause      = 12
)

var wordingsOf = loadWordings()

// loadWordings reads the patterns of better wordings, and compiles what they match.
func loadWordings() map[Language]*wordings {
	out := map[Language]*wordings{}
	raw, err := ruleFiles.ReadFile("rules/wordings.json")
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic(fmt.Sprint("review: rules/wordings.json: ", err)) // it is embedded, and a test reads it
	}
	for l, w := range out {
		fields := func(s string) map[string]bool { return set(strings.Fields(s)) }
		w.begins, w.subjects, w.past, w.unkind, w.definite = fields(w.Begins), fields(w.Subjects), fields(w.Past), fields(w.Unkind), fields(w.Definite)
		for i := range w.Defence {
			w.Defence[i].words, w.Defence[i].with = fields(w.Defence[i].Words), fields(w.Defence[i].With)
		}
		w.judging = &hintsOf[l].judging
		w.topicOf = map[string]*topic{}
		for i := range w.Topics {
			for form := range strings.FieldsSeq(w.Topics[i].Forms) {
				w.topicOf[form] = &w.Topics[i]
			}
		}
	}
	return out
}

// suggest gives better wordings for a text of a kind, in the language it is in.
func (w *wordings) suggest(k Kind, t *text, s string) []string {
	if k == Logistics {
		return nil // it is to be asked, but besides
	}
	var out []string
	clause, topic := w.clause(s), w.topic(t)
	// What a remark is about is not what its writer would ask about; and whoever asks for a fact
	// has named the thing already, so that a wording about it would only change the subject.
	if k == NotAQuestion || k == Clarifying {
		topic = nil
	}
	// Whoever is accused or advised needs another way to begin than somebody who is only not
	// asked openly.
	frames := w.Seen
	if k == DefenceProvoking || k == AdviceInDisguise {
		frames = w.Clause
	}
	// Their own words come first, a thing that they named second.
	if clause != "" {
		for _, f := range frames {
			out = append(out, strings.ReplaceAll(f, "{clause}", clause))
		}
	}
	if topic != nil {
		for _, f := range w.Kinds[topic.Kind] {
			out = append(out, strings.NewReplacer("{np}", topic.NP, "{in}", topic.In).Replace(f))
		}
		if clause != "" {
			out = slices.Delete(out, 1, 2) // one of each
		}
	}
	if len(out) == 0 && k == DefenceProvoking {
		return w.defend(t)
	}
	return out[:min(len(out), maxSuggestions)]
}

// defend gives wordings for an accusation in which nothing else can be taken up: an
// accusation always gets one (the study, D23).
func (w *wordings) defend(t *text) []string {
	for i := range w.Defence {
		d := &w.Defence[i]
		for j := range t.sentences {
			if s := &t.sentences[j]; s.contains(d.words) && (len(d.with) == 0 || s.contains(d.with)) {
				return []string{d.Say}
			}
		}
	}
	return []string{w.Any}
}

// topic finds what a question is about: the last thing named in a sentence that
// asks, or in the last one, since people come to what they ask about; the lesson
// itself only where nothing else is.
func (w *wordings) topic(t *text) *topic {
	var lesson *topic
	for i := len(t.sentences) - 1; i >= 0; i-- {
		if !t.sentences[i].mark && i < len(t.sentences)-1 {
			continue
		}
		words := t.sentences[i].words
		for j := len(words) - 1; j >= 0; j-- {
			switch found := w.topicOf[words[j]]; {
			case found == nil, len(w.definite) > 0 && (j == 0 || !w.definite[words[j-1]]):
			case found.Kind != "lesson":
				return found
			default:
				lesson = found
			}
		}
	}
	return lesson
}

// clause finds a clause that tells of a moment, in the writer's own letters: from
// its first word to the end of the sentence or the next comma. "" where there is
// none that can be repeated kindly and without a fault.
func (w *wordings) clause(s string) string {
	fields := strings.FieldsFunc(string(clip(s)), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' })
	for i := 0; i+minClause <= len(fields); i++ {
		if !w.begins[small(fields[i])] || !w.subjects[small(fields[i+1])] {
			continue
		}
		if found := w.clauseAt(fields[i:]); found != "" {
			return found
		}
	}
	return ""
}

// clauseAt reads such a clause from the beginning of some words; "": it can't be repeated.
// Complex because every word has to pass each condition under which it can be repeated: in
// time, kindly, and without a sign that would need a sentence of its own.
func (w *wordings) clauseAt(fields []string) string {
	var out []string
	past := len(w.past) == 0
	for n, field := range fields[:min(len(fields), maxClause+1)] {
		word := strings.TrimRight(field, ".,;:?!…")
		plain := small(word)
		if n == maxClause || plain == "" || w.unkind[plain] || w.judging.has(plain) || strings.ContainsFunc(word, func(r rune) bool { return !isLetter(r) && !isDigit(r) && r != '\'' && r != '-' && r != '’' }) {
			return ""
		}
		past = past || w.past[plain] || n > 1 && utf8.RuneCountInString(plain) > 4 && strings.HasSuffix(plain, "ed")
		out = append(out, word)
		if word != field {
			break // a sign ends it
		}
	}
	// What has not happened is no moment to ask about.
	if len(out) < minClause || !past {
		return ""
	}
	// It stands within a sentence from now on.
	out[0] = small(out[0])
	return strings.Join(out, " ")
}

// small gives a word in small letters.
func small(s string) string { return strings.Map(lower, s) }
