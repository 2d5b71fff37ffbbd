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
	Word string // the word it is about; "": the whole
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
	Exclaim []string `json:"exclaim"` // what praises where a sentence begins so
	Seen    string   `json:"seen"`
	Things  string   `json:"things"`  // what is seen in a room, where somebody does something with it
	Numbers string   `json:"numbers"` // small numbers that are written out: counted is seen

	judging, praise, weak, before, after, seen, things, numbers wordList
}

// wordList is a list of words, and of beginnings of words.
type wordList struct{ exact, prefix map[string]bool }

// listOf reads a list of words; with a star it is a beginning, which covers inflections.
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

// has is true for a word of the list, and for one that begins as one with a star does.
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

// loadHints reads the lists behind the hints, for each language.
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
		h.things, h.numbers = listOf(h.Things), listOf(h.Numbers)
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
	seen, things, told, praise := 0, 0, false, false
	for i, w := range words {
		if h.seen.has(w.low) && !isIdiom(words, i) || isNumber(w.low) || h.numbers.has(w.low) {
			seen++
		}
		if h.things.has(w.low) {
			things++
		}
		told = told || w.quoted || h.tells(words, i) // what is quoted was heard
		praise = praise || h.praises(words, i) || w.begin && h.exclaims(words[i:])
	}
	if seen > 0 || told {
		seen += things
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

// Names gives the hint on what may be the name of a pupil, in words of any kind that
// somebody else will read. known is as in [Note].
func Names(s string, lang Language, known ...string) []Hint {
	return rulesFor(lang).pupilHint(write(s), known)
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

// isIdiom says whether a word that tells what was done tells nothing here: "it went well".
func isIdiom(words []written, i int) bool {
	return i+1 < len(words) && idioms[words[i].low+" "+words[i+1].low]
}

// idioms are rows of two that judge in the words of something done.
var idioms = set([]string{"gikk fort", "gikk bra", "gikk greit", "gikk tregt", "gikk fint", "gikk godt", "gikk sakte", "gikk på", "gikk over", "gikk litt", "gikk helt", "gikk som", "gikk veldig", "gjekk fort", "gjekk bra", "gjekk greitt", "gjekk tregt", "gjekk fint", "gjekk godt", "gjekk sakte", "gjekk på", "gjekk over", "gjekk litt", "gjekk heilt", "gjekk som", "gjekk veldig", "kom godt", "kom fint", "kom litt", "kom for", "kom tydelig", "satt godt", "sat godt", "tok tid", "tok litt", "ran like", "ran smoothly", "ran well", "ran over", "ran on", "ran late", "went well", "went fine", "went smoothly", "went quickly", "went badly", "went by", "went very", "went really", "went too", "went over", "went fast", "fell flat", "fell short", "fell apart", "came across", "came together", "came through", "held together", "held up", "took time", "took too", "left me", "lost pace", "lost momentum", "lost energy", "lost steam", "dragged on", "dragged a", "stuck to", "made sense", "made for", "got a", "got lost"})

// copulas stand between what is judged and the judgement.
var copulas = set(strings.Fields("var er ble vart blei gikk gjekk was is were are went"))

// reports are words after which a judgement is somebody else's, who was heard.
var reports = set(strings.Fields("sa sier seier sagt svarte svara skrev skreiv skrevet skrive ropte ropa hvisket kviskra spurte spurde leste las kalte kalla mente meinte ordet ordene orda tittelen adjektiv adjektivet said says saying answered wrote written shouted whispered asked read called word words title adjective adjectives heter heiter"))

// greetings are what may stand after "good" without a judgement: good morning.
var greetings = set(strings.Fields("morgen morgon dag kveld helg natt jul tur morning afternoon evening night day luck bye britain tid nok"))

// greeting is true where a word of greeting is joined to what follows, as in "Hei, Kari": the
// name after it is the colleague's who is written to, not a pupil's.
func greeting(words []written, i int) bool {
	return i+1 < len(words) && words[i+1].joined && greetings[words[i+1].low]
}

// tells says whether something that was done begins or stands at a word, though no list
// has it: a moment, or a past form by its end.
func (h *hintWords) tells(words []written, i int) bool {
	w := words[i].low
	if moments[w] && i+1 < len(words) && words[i+1].joined && doers[words[i+1].low] {
		return true // "when they": a moment is told
	}
	if h.judging.has(w) || neverTells[w] || utf8.RuneCountInString(w) < 5 {
		return false
	}
	for _, end := range []string{"ed", "te", "dde", "gde", "vde"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	// Nouns end so, too: it is a past form where who did it stands before it.
	return i > 0 && doers[words[i-1].low] && (strings.HasSuffix(w, "et") || strings.HasSuffix(w, "a"))
}

// doers are who does something, in front of what they did.
var doers = set(strings.Fields("du de dei dere vi han hun ho noen nokon ingen alle mange elevene elevane jentene guttene gutane klassen gruppa gruppene you they he she somebody someone everyone nobody pupils"))

// moments are words with which a moment begins that somebody was seen in.
var moments = set(strings.Fields("da då idet mens medan når etter før when while as after before until"))

// neverTells are words with the end of a past form that tell nothing seen.
var neverTells = set(strings.Fields("suited worked seemed needed wanted liked loved enjoyed planned passte likte virket verka funket funka fungerte mangla manglet mestret mestra elsket elska passet passa følte kjente egnet eigna trivdes trivst ønsket ønskja burde skulle ville hadde trengte mente syntes siste første neste beste dette mitte nette bitte date ofte rette need speed mixed varied tired pleased impressed interested bored engaged motivated focused involved confused excited behaved crowded balanced structured organised prepared relaxed settled related rushed detailed limited complicated supposed tyngde lengde mengde bredde høyde glede viktigste fineste største minste meste fleste eldste yngste roligste trefte traff trygghet varighet disappointed committed dedicated gifted skilled talented experienced"))

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

// exclaims says whether a sentence begins as praise does: "what a lesson".
func (h *hintWords) exclaims(words []written) bool {
	for _, p := range h.Exclaim {
		if row := strings.Fields(p); len(row) <= len(words) && follows(words, row) {
			return true
		}
	}
	return false
}

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

// follows is true where a row of words stands at the beginning of what was written, outside of
// quotations: what somebody else said is not the writer's judgement.
func follows(words []written, row []string) bool {
	for i, w := range row {
		if words[i].low != w || words[i].quoted {
			return false
		}
	}
	return true
}

// hint is a hint in the language of the rules, with the word it is about.
func (r *ruleset) hint(id, word string) Hint {
	return Hint{ID: id, Text: strings.ReplaceAll(r.Hints[id], "{word}", word), Word: word}
}

// pupilHint is the hint on a name, if there is one.
func (r *ruleset) pupilHint(words []written, known []string) []Hint {
	ours := map[string]bool{}
	for _, name := range known {
		for w := range strings.FieldsSeq(name) {
			ours[small(w)] = true
			ours[small(w)+"s"] = true // whose it is: Karis
			ours[small(w)+"'s"] = true
			ours[small(w)+"’s"] = true
		}
	}
	if name := namesOf.pupil(words, ours); name != "" {
		return []Hint{r.hint("pupil", name)}
	}
	return nil
}
