package review

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A note must name no pupil. What may be a name is told by capitals, by lists of
// first names, and by lists of what else has a capital: places, people whom lessons
// are about, programs, months (rules/names.json, each with its source). A quotation
// is left alone, and so is whoever stands after a role of the staff.

// nameLists are the lists of rules/names.json.
type nameLists struct {
	first map[string]bool // first names
	also  map[string]bool // of these, the ones that are other words, too
	roles map[string]bool
	other map[string]bool // places, authors, apps and other capitals
	place map[string]bool // parts of names of places
}

var namesOf = loadNames()

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
	return &nameLists{words("first names"), words("also words"), words("roles"), words("places", "authors", "apps", "other capitals"), words("parts of names of places")}
}

// written is a word as it was written, for the hints.
type written struct {
	raw, low string
	begin    bool // it begins a sentence, or stands after a colon
	quoted   bool
	initial  bool // one capital and a full stop
	colon    bool // a colon follows
	joined   bool // nothing but a space, a hyphen or a stroke is between it and the one before
}

// write gives the words of a text as they were written.
// Complex because one pass over the characters carries along where a sentence begins, what is
// quoted and which words hang together.
func write(s string) []written {
	chars := clip(s)
	var out []written
	begin, joined, quoteUntil := true, false, -1
	for i := 0; i < len(chars); {
		c := chars[i]
		if !isLetter(c) && !isDigit(c) {
			if end := anyQuoteEnd(chars, i); quoteUntil < i && end > i {
				quoteUntil = end
			}
			begin = begin && c != ',' || strings.ContainsRune(".!?…:\n", c) || isPicture(c)
			joined = joined && (c == ' ' || c == '/' || c == '-')
			i++
			continue
		}
		from := i
		for i < len(chars) && (isLetter(chars[i]) || isDigit(chars[i]) || isMark(chars[i]) || inner(chars, i)) {
			i++
		}
		w := written{raw: string(chars[from:i]), begin: begin, quoted: from < quoteUntil, joined: joined}
		w.low = small(w.raw)
		w.initial = i == from+1 && isUpper(c) && i < len(chars) && chars[i] == '.'
		w.colon = i < len(chars) && chars[i] == ':'
		out = append(out, w)
		begin, joined = false, true
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

// pupil finds what may be the name of a pupil; "": nothing does. known are people
// who are no pupils, such as the school's colleagues.
// Complex because a row of capitals has to be cut out before it can be judged, and an initial
// is judged before that.
func (n *nameLists) pupil(words []written, known map[string]bool) string {
	for i := 0; i < len(words); i++ {
		w := &words[i]
		if w.quoted || !isUpper(firstOf(w.raw)) {
			continue
		}
		if w.initial && !(i > 0 && n.other[words[i-1].low]) && (i+1 == len(words) || !isUpper(firstOf(words[i+1].raw))) {
			return w.raw + "."
		}
		end := i + 1
		for end < len(words) && isUpper(firstOf(words[end].raw)) && words[end].joined && !words[end].begin {
			end++
		}
		row := words[i:end]
		before := ""
		if i > 0 && !w.begin {
			before = words[i-1].low
		}
		if name := n.inRow(row, before, words[end:], known); name != "" {
			return name
		}
		i = end - 1
	}
	return ""
}

// inRow finds a name in a row of capitals.
// Complex because every kind of name that is no pupil's (a title, a place, a colleague's, a
// word in capitals) is a condition of its own.
func (n *nameLists) inRow(row []written, before string, after []written, known map[string]bool) string {
	if len(row) > 1 && n.roles[row[0].low] || n.roles[before] {
		return "" // Mrs Doyle; the assistant, Bente
	}
	for _, w := range row[min(1, len(row)-1):] {
		if n.place[w.low] || n.other[w.low] || len(row) > 1 && n.roles[w.low] {
			return "" // Hyde Park, Hans Børli
		}
	}
	for i, w := range row {
		if known[w.low] || n.other[w.low] || n.roles[w.low] || len(w.raw) == 1 || shouted(w.raw) {
			continue
		}
		// Where every word has a capital, as at the beginning of a sentence, it takes more to
		// be a name.
		if w.begin && i == 0 && !n.begins(row, after) || !w.begin && !n.first[w.low] && !n.acts(w.low, before, after) {
			continue
		}
		if i == 0 && len(row) > 1 && n.first[row[1].low] && n.first[w.low] {
			return w.raw + " " + row[1].raw // Anne Marta
		}
		return w.raw
	}
	return ""
}

// acts says whether a capital that no list knows is likely to be somebody: a
// hyphened first name, or one who does something, and is not where or whose
// something was.
func (n *nameLists) acts(w, before string, after []written) bool {
	if first, _, double := strings.Cut(w, "-"); double && n.first[first] {
		return true
	}
	return !notWho[before] && doesSomething(after)
}

// notWho are words before a place or the one who made something.
var notWho = set(strings.Fields("i på til fra frå ved mot over av om in at to from near by about of on the den det en et ein eit"))

// doesSomething says whether what follows begins with what people do.
func doesSomething(after []written) bool {
	if len(after) == 0 {
		return false
	}
	w := after[0].low
	return hintsOf["nb"].seen.has(w) || hintsOf["nn"].seen.has(w) || hintsOf["en"].seen.has(w)
}

// begins says whether the word that begins a sentence is a name: one of the list;
// where it may be another word, too, something must be told of it.
func (n *nameLists) begins(row, after []written) bool {
	w := row[0].low
	if first, _, double := strings.Cut(w, "-"); double && n.first[first] {
		return true
	}
	if !n.first[w] {
		return false
	}
	return !n.also[w] || row[0].colon || len(row) == 1 && doesSomething(after)
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
