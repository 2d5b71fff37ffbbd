package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What others read must name no pupil. What may be a name is told by capitals, by lists
// of first names, and by lists of what else has a capital: places, people whom lessons
// are about, programs, months (rules/names.json, each with its source). A quotation
// is left alone, and so is whoever stands after a role of the staff.

// nameLists are the lists of rules/names.json.
type nameLists struct {
	first    map[string]bool // first names
	also     map[string]bool // of these, the ones that are other words, too
	roles    map[string]bool
	authors  map[string]bool // whom lessons are about, and whom they read of
	other    map[string]bool // these, places, apps and other capitals
	place    map[string]bool // parts of names of places
	doings   map[string]bool // what people do
	dealings map[string]bool // what one does with people
	labels   map[string]bool // what has letters for names: group A
}

var namesOf = loadNames()

// loadNames reads the lists of names, places, authors and apps. Each list says where it comes
// from.
func loadNames() *nameLists {
	var file map[string]struct{ Source, Words string }
	raw, err := ruleFiles.ReadFile("rules/names.json")
	if err == nil {
		err = json.Unmarshal(raw, &file)
	}
	if err != nil {
		panic(fmt.Sprint("review: rules/names.json: ", err)) // it is embedded, and a test reads it
	}
	words := func(lists ...string) map[string]bool {
		out := map[string]bool{}
		for _, list := range lists {
			for w := range strings.FieldsSeq(file[list].Words) {
				out[w] = true
			}
		}
		return out
	}
	return &nameLists{
		first:    words("first names", "first names of many languages", "names of pupils"),
		also:     words("also words"),
		roles:    words("roles"),
		authors:  words("authors"),
		other:    words("places", "authors", "apps", "other capitals"),
		place:    words("parts of names of places"),
		doings:   words("doings"),
		dealings: words("dealings"),
		labels:   words("labels"),
	}
}

// written is a word as it was written, for the hints.
type written struct {
	raw, low string
	begin    bool // it begins a sentence, or stands after a colon
	quoted   bool
	initial  bool // one capital and a full stop
	colon    bool // a colon follows
	// A colon stands before it, and nothing else but a space.
	colonBefore bool
	joined      bool // nothing but a space, a hyphen or a stroke is between it and the one before
}

// capital says whether the word begins with a capital.
func (w *written) capital() bool { return isUpper(firstOf(w.raw)) }

// write gives the words of a text as they were written.
// Complex because one pass over the characters carries along where a sentence begins, what is
// quoted and which words hang together.
func write(s string) []written {
	chars := clip(s)
	var out []written
	begin, joined, quoteUntil, colon := true, false, -1, false
	for i := 0; i < len(chars); {
		c := chars[i]
		if !isLetter(c) && !isDigit(c) {
			if end := anyQuoteEnd(chars, i); quoteUntil < i && end > i {
				quoteUntil = end
			}
			begin = begin && c != ',' || strings.ContainsRune(".!?…:\n", c) || isPicture(c)
			joined = joined && (c == ' ' || c == '/' || c == '-')
			colon = c == ':' || colon && c == ' '
			i++
			continue
		}
		from := i
		for i < len(chars) && (isLetter(chars[i]) || isDigit(chars[i]) || isMark(chars[i]) || inner(chars, i)) {
			i++
		}
		w := written{raw: string(chars[from:i]), begin: begin, quoted: from < quoteUntil, joined: joined, colonBefore: colon}
		w.low = small(w.raw)
		w.initial = i == from+1 && isUpper(c) && i < len(chars) && chars[i] == '.'
		w.colon = i < len(chars) && chars[i] == ':'
		out = append(out, w)
		begin, joined, colon = false, true, false
	}
	return out
}

// inner says whether a hyphen or an apostrophe stands within a word.
func inner(chars []rune, i int) bool {
	c := chars[i]
	return (c == '-' || c == '\'' || c == '’') && i > 0 && isLetter(chars[i-1]) && i+1 < len(chars) && isLetter(chars[i+1])
}

// anyQuoteEnd finds where a quotation ends that begins here, of one word or more;
// -1: none does.
func anyQuoteEnd(chars []rune, i int) int {
	c := chars[i]
	ends, known := quoteEnds[c]
	if c == '\'' || c == '‘' {
		if i > 0 && isLetter(chars[i-1]) {
			return -1
		}
		ends, known = '\'', true
	}
	for j := i + 1; known && j < min(len(chars), i+maxQuote); j++ {
		if chars[j] == ends || ends == '\'' && chars[j] == '’' && (j+1 == len(chars) || !isLetter(chars[j+1])) {
			return j
		}
	}
	return -1
}

// rowOfCapitals is a row of capitals in a text, with what stands around it.
type rowOfCapitals struct {
	words  []written
	before []written // at most two of the same sentence, the nearest last
	after  []written
	// The text is about a work or a thinker of the lists, so that a name which
	// theirs may be (Nora, Anne) is taken for theirs.
	lesson bool
	known  map[string]bool
}

// pupil finds what may be the name of a pupil; "": nothing does. known are people
// who are no pupils, such as the school's colleagues.
func (n *nameLists) pupil(words []written, known map[string]bool) string {
	lesson := slices.ContainsFunc(words, func(w written) bool { return n.authors[w.low] && !n.first[w.low] })
	for i := 0; i < len(words); i++ {
		w := &words[i]
		if w.quoted || !w.capital() {
			continue
		}
		if w.initial && !n.labelled(words, i) && (i+1 == len(words) || !words[i+1].capital()) {
			return w.raw + "."
		}
		end := n.rowEnd(words, i)
		row := rowOfCapitals{words[i:end], words[sentenceFrom(words, i):i], words[end:], lesson, known}
		if name := n.inRow(&row); name != "" {
			return name
		}
		i = end - 1
	}
	return ""
}

// rowEnd is the end of the row of capitals that begins at a word: those that hang together
// within a sentence, and, behind an initial, what the lists know (J. K. Rowling).
func (n *nameLists) rowEnd(words []written, from int) int {
	end := from + 1
	for end < len(words) && words[end].capital() && (words[end].joined && !words[end].begin || words[end-1].initial && n.other[words[end].low]) {
		end++
	}
	return end
}

// sentenceFrom is where what stands before a word begins: at most two words back, and none of
// the sentence before.
func sentenceFrom(words []written, at int) int {
	from := at
	for from > 0 && from > at-2 && !words[from].begin {
		from--
	}
	return from
}

// labelled says whether a letter is one of a row, as in "group B", or is an author's.
func (n *nameLists) labelled(words []written, i int) bool {
	return i > 0 && (n.labels[words[i-1].low] || n.other[words[i-1].low])
}

// inRow finds a name in a row of capitals.
func (n *nameLists) inRow(r *rowOfCapitals) string {
	if n.spared(r) {
		return ""
	}
	for i := range r.words {
		w := &r.words[i]
		if r.known[w.low] || n.roles[w.low] || n.elsewhere(r, i) || !n.isName(r, i) {
			continue
		}
		if i == 0 && len(r.words) > 1 && n.first[r.words[1].low] && n.first[w.low] {
			return w.raw + " " + r.words[1].raw // Anne Marta
		}
		return w.raw
	}
	return ""
}

// spared says whether a whole row is no pupil's: it is one of the staff's, a place's, an author's.
func (n *nameLists) spared(r *rowOfCapitals) bool {
	first := &r.words[0]
	if len(r.words) > 1 && n.roles[first.low] || n.roles[r.neighbour(1)] || whose[r.neighbour(1)] && n.roles[r.neighbour(2)] {
		return true // Mrs Doyle; the assistant, Bente; læreren min, Bente
	}
	if len(r.words) == 1 {
		return n.place[first.low]
	}
	for _, w := range r.words[1:] {
		if n.place[w.low] || n.other[w.low] || n.roles[w.low] {
			return true // Hyde Park, Hans Børli
		}
	}
	return false
}

// neighbour is the word before the row, or the one before that; "" at the beginning of a sentence.
func (r *rowOfCapitals) neighbour(back int) string {
	if r.words[0].begin || back > len(r.before) {
		return ""
	}
	return r.before[len(r.before)-back].low
}

// elsewhere says whether a word has its capital as a place, an author, a program or a month has.
// What is a first name, too, is somebody where it does what people do; an author's, unless
// the text is about such.
func (n *nameLists) elsewhere(r *rowOfCapitals, i int) bool {
	w := r.words[i].low
	if first, _, joined := strings.Cut(w, "-"); joined && !n.first[first] {
		w = first // Mac-program
	}
	switch {
	case !n.other[w]:
		return false
	case !n.first[w]:
		return true
	case n.authors[w]:
		return r.lesson
	}
	return len(r.words) > 1 || !n.does(r.after)
}

// isName says whether a word of a row of capitals is likely to be somebody's name.
// Complex because a letter, a short form, a word that begins a sentence and one within it
// each show it in another way.
func (n *nameLists) isName(r *rowOfCapitals, i int) bool {
	w := &r.words[i]
	letters := len([]rune(w.raw))
	if shouted(w.raw) && letters <= 2 {
		// T gikk ut. MK came back. But not: group B sat down; I went; Å gå.
		return len(r.words) == 1 && !n.labels[r.neighbour(1)] && !noInitial[w.low] && (n.does(r.after) || n.dealings[r.neighbour(1)])
	}
	bearer := n.bearer(w.low)
	if shouted(w.raw) {
		return bearer != "" && !n.also[bearer]
	}
	if w.begin && i == 0 {
		return n.begins(r, bearer)
	}
	return bearer != "" || w.begin || n.acts(w.low, r)
}

// bearer is the first name that a word is, or whose somebody's it is: Leon, Leons, Leon's;
// "" is none.
func (n *nameLists) bearer(w string) string {
	if n.first[w] {
		return w
	}
	if first, _, double := strings.Cut(w, "-"); double && n.first[first] {
		return first
	}
	for _, end := range []string{"'s", "’s", "s"} {
		if stem, cut := strings.CutSuffix(w, end); cut && len(stem) > 2 && n.first[stem] && !n.also[stem] {
			return stem
		}
	}
	return ""
}

// acts says whether a capital that no list knows is likely to be somebody: one with
// whom something is done, or who does something and is not where or whose something was.
func (n *nameLists) acts(w string, r *rowOfCapitals) bool {
	before := r.neighbour(1)
	return n.dealings[before] || !notWho[before] && !n.labels[before] && n.does(r.after)
}

// notWho are words before a place or the one who made something.
var notWho = set(strings.Fields("i på til fra frå ved mot over av om in at to from near by about of on the den det en et ein eit"))

// whose are words between a role and who has it: læreren min, Bente.
var whose = set(strings.Fields("min mi mitt vår vårt my our"))

// noInitial are words of one letter or two that are written with a capital and stand for nobody.
var noInitial = set(strings.Fields("i å æ a e"))

// does says whether what follows begins with what people do.
func (n *nameLists) does(after []written) bool {
	if len(after) == 0 || after[0].begin {
		return false
	}
	w := after[0].low
	return n.doings[w] || hintsOf["nb"].seen.has(w) || hintsOf["nn"].seen.has(w) || hintsOf["en"].seen.has(w)
}

// begins says whether the word that begins a sentence is a name: one of the list;
// where it may be another word, too, something must be told of it, or it stands
// alone after a colon.
func (n *nameLists) begins(r *rowOfCapitals, bearer string) bool {
	w := &r.words[0]
	if bearer == "" {
		return false
	}
	if !n.also[bearer] || bearer != w.low && strings.Contains(w.low, "-") || w.colon {
		return true
	}
	alone := len(r.after) == 0 || r.after[0].begin
	return len(r.words) == 1 && (n.does(r.after) || alone && w.colonBefore)
}

func firstOf(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// shouted says whether a word is all capitals, as a short form is.
func shouted(s string) bool {
	for _, r := range s {
		if !isUpper(r) {
			return false
		}
	}
	return true
}
