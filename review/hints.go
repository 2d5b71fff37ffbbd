package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Hint is advice on what is being written. It stops nothing.
type Hint struct {
	ID   string // judging, pupil, should, praise, person or bare
	Text string // in plain words, in the writer's language
}

// hintWords are the words that hints on notes and points go by, in a language.
type hintWords struct {
	Judging string   `json:"judging"`
	Praise  string   `json:"praise"`
	Weak    string   `json:"weak"`   // words that praise only where a sentence begins with them, or beside:
	Before  string   `json:"before"` // one of these before
	After   string   `json:"after"`  // or one of these after
	Should  []string `json:"should"` // one word: where a sentence begins so; more: anywhere
	Person  []string `json:"person"`
	Seen    string   `json:"seen"`

	judging, praise, weak, before, after, seen wordList
}

// wordList is a list of words, and of beginnings of words.
type wordList struct{ exact, prefix map[string]bool }

func listOf(words string) wordList {
	l := wordList{map[string]bool{}, map[string]bool{}}
	for w := range strings.FieldsSeq(words) {
		if stem, cut := strings.CutSuffix(w, "*"); cut {
			l.prefix[stem] = true
		} else {
			l.exact[w] = true
		}
	}
	return l
}

func (l *wordList) has(w string) bool {
	// Beginnings of words cover inflections; whole words are for those that begin other words,
	// too.
	if l.exact[w] {
		return true
	}
	for i := range w {
		if i > 0 && l.prefix[w[:i]] {
			return true
		}
	}
	return l.prefix[w]
}

var hintsOf = loadHints()

func loadHints() map[Language]*hintWords {
	out := map[Language]*hintWords{}
	raw, err := ruleFiles.ReadFile("rules/hints.json")
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		panic(fmt.Sprint("review: rules/hints.json: ", err)) // it is embedded, and a test reads it
	}
	for _, h := range out {
		h.judging, h.praise, h.seen = listOf(h.Judging), listOf(h.Praise), listOf(h.Seen)
		h.weak, h.before, h.after = listOf(h.Weak), listOf(h.Before), listOf(h.After)
	}
	return out
}

// Note gives hints on a note: a word of judgement in what was seen, and what may
// be the name of a pupil. known are names of people who are no pupils, such as the
// school's colleagues; they give no hint.
func Note(saw bool, s string, lang Language, known ...string) []Hint {
	said := rulesFor(lang)
	words := write(s)
	h := hintsOf[Language(read(s).detect(said).Language)]
	var out []Hint
	if saw {
		reported := false
		for i, w := range words {
			// What somebody is reported to have said is their judgement, not the writer's: up
			// to the end of the sentence.
			reported = (reported || reports[w.low]) && !w.begin
			if !reported && h.judges(words, i) {
				out = append(out, said.hint("judging", w.low))
				break
			}
		}
	}
	return append(out, said.pupilHint(words, known)...)
}

// concrete is how many words of what was seen make a point stand by itself, so that
// praise in it is no empty praise.
const concrete = 2

// Point gives hints on a feedback point: advice; praise, or words about the person,
// where nothing that was seen stands beside them; nothing seen at all; and what may
// be the name of a pupil. known is as in [Note].
// Complex because a weaker hint gives way to a stronger one, and each condition says to which.
func Point(s string, lang Language, known ...string) []Hint {
	said := rulesFor(lang)
	words := write(s)
	h := hintsOf[Language(read(s).detect(said).Language)]
	if len(words) == 0 {
		if strings.TrimFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }) == "" {
			return nil
		}
		return []Hint{said.hint("bare", "")}
	}
	seen, told, praise := 0, false, false
	for i, w := range words {
		if h.seen.has(w.low) || isNumber(w.low) || numberWords[w.low] {
			seen++
		}
		told = told || h.tells(w.low)
		praise = praise || h.praises(words, i)
	}
	var out []Hint
	if h.phrase(h.Should, words) {
		out = append(out, said.hint("should", ""))
	}
	person := h.phrase(h.Person, words)
	if praise && seen < concrete && len(out) == 0 {
		out = append(out, said.hint("praise", ""))
	}
	if person && seen < concrete && (len(out) == 0 || out[0].ID != "should") {
		out = append(out, said.hint("person", ""))
	}
	if len(out) == 0 && seen == 0 && !told {
		out = append(out, said.hint("bare", ""))
	}
	return append(out, said.pupilHint(words, known)...)
}

// judges says whether a word judges where it stands: "god" with what it is said of.
func (h *hintWords) judges(words []written, i int) bool {
	w := &words[i]
	if w.quoted || !h.judging.has(w.low) || greeting(words, i) || i+1 < len(words) && escapes[w.low+" "+words[i+1].low] {
		return false
	}
	return !h.weak.has(w.low) || h.praises(words, i) || i > 0 && copulas[words[i-1].low]
}

// escapes are rows of two that judge nothing, though the first word may.
var escapes = set([]string{"slapp til", "slapp inn", "slapp ut", "slapp unna", "slapp å", "slapp fri", "slapp ned", "slapp ballen", "slapp taket", "late som", "late til", "cool down", "sweet potato", "sweet potatoes", "fine motor", "well known", "wild animals", "wild west"})

// copulas stand between what is judged and the judgement.
var copulas = set(strings.Fields("var er ble vart blei gikk gjekk was is were are went"))

// reports are words after which a judgement is somebody else's, who was heard.
var reports = set(strings.Fields("sa sier seier sagt svarte svara skrev skreiv skrevet skrive ropte ropa hvisket kviskra spurte spurde leste las kalte kalla mente meinte ordet ordene orda tittelen adjektiv adjektivet said says saying answered wrote written shouted whispered asked read called word words title adjective adjectives heter heiter"))

// greetings are what may stand after "good" without a judgement: good morning.
var greetings = set(strings.Fields("morgen morgon dag kveld helg natt jul tur morning afternoon evening night day luck bye britain tid nok"))

func greeting(words []written, i int) bool {
	return i+1 < len(words) && words[i+1].joined && greetings[words[i+1].low]
}

// tells says whether a word is a past form, by its end: of something that was
// done, though no list has it.
func (h *hintWords) tells(w string) bool {
	if h.judging.has(w) || neverTells[w] || utf8.RuneCountInString(w) < 5 {
		return false
	}
	for _, end := range []string{"ed", "te", "dde", "gde", "vde"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// neverTells are words with the end of a past form that tell nothing seen.
var neverTells = set(strings.Fields("suited worked seemed needed wanted liked loved enjoyed planned passte likte virket funka trengte mente syntes siste første neste beste dette mitte nette bitte date ofte rette need speed mixed varied tired pleased impressed interested bored engaged motivated focused"))

// praises says whether a word praises where it stands.
func (h *hintWords) praises(words []written, i int) bool {
	w := &words[i]
	if w.quoted || greeting(words, i) {
		return false
	}
	if h.praise.has(w.low) {
		return true
	}
	return h.weak.has(w.low) && (w.begin || i > 0 && w.joined && h.before.has(words[i-1].low) || i+1 < len(words) && words[i+1].joined && h.after.has(words[i+1].low))
}

// numberWords are small numbers that are written out.
var numberWords = set(strings.Fields("to tre fire fem seks sju syv åtte ni ti elleve tolv fjorten femten tjue førti two three four five six seven eight nine ten eleven twelve fourteen fifteen twenty forty"))

// phrase says whether one of the phrases is among the words, outside quotations.
func (h *hintWords) phrase(phrases []string, words []written) bool {
	for _, p := range phrases {
		row := strings.FieldsFunc(p, func(r rune) bool { return r == ' ' || r == ':' })
		for i := 0; i+len(row) <= len(words); i++ {
			if (len(row) > 1 || words[i].begin || anywhere[row[0]]) && follows(words[i:], row) {
				return true
			}
		}
	}
	return false
}

// anywhere are the words of advice that need not begin a sentence.
var anywhere = set(strings.Fields("bør burde should anbefaler foreslår tilrår"))

func follows(words []written, row []string) bool {
	for i, w := range row {
		if words[i].low != w || words[i].quoted {
			return false
		}
	}
	return true
}

func (r *ruleset) hint(id, word string) Hint {
	return Hint{ID: id, Text: strings.ReplaceAll(r.Hints[id], "{word}", word)}
}

// pupilHint is the hint on a name, if there is one.
func (r *ruleset) pupilHint(words []written, known []string) []Hint {
	ours := map[string]bool{}
	for _, name := range known {
		for w := range strings.FieldsSeq(name) {
			ours[small(w)] = true
		}
	}
	if name := namesOf.pupil(words, ours); name != "" {
		return []Hint{r.hint("pupil", name)}
	}
	return nil
}
