package review

import (
	"strings"
	"unicode/utf8"
)

// Limits of what is read. The contract refuses longer texts; these keep the
// engine fast whatever it is given.
const (
	maxText  = 4000 // bytes
	maxWords = 600
	maxQuote = 600 // characters; a mark that nothing ends within them opens no quotation
)

// text is what someone wrote, cut into sentences of lower-case words.
type text struct{ sentences []sentence }

type sentence struct {
	words  []string
	starts []int // where clauses begin: the first word, and after a comma, colon or dash
	mark   bool  // it ends with a question mark
	shout  bool  // it ends with an exclamation mark
}

// reader cuts a text up, character by character.
// One pass, without going back: the time that it takes grows with the text and no more.
type reader struct {
	out   text
	cur   sentence
	word  []rune
	count int
	begin bool // the next word begins a clause
}

// read cuts a text up. What stands in quotation marks is somebody else's
// sentence and is left out: it would be judged as the writer's.
func read(s string) *text {
	chars := clip(s)
	r := &reader{begin: true}
	for i := 0; i < len(chars); i++ {
		switch c := chars[i]; {
		case isLetter(c) || isDigit(c):
			r.word = append(r.word, lower(c))
		case isMark(c):
			r.mark(c)
		case c == '\'' || c == '’' || c == '‘':
			if end := quoteEnd(chars, i+1, '\''); len(r.word) == 0 && end >= 0 {
				i = end
				continue
			}
			r.word = append(r.word, '\'')
		// Left out within a word and between two: soft hyphens and the like.
		case isSilent(c):
		default:
			i = r.sign(chars, i)
		}
	}
	r.endSentence()
	return &r.out
}

// clip gives the characters of a text, as far as they are read.
// A letter that goes over the limit is left out whole.
func clip(s string) []rune {
	out := make([]rune, 0, min(len(s), maxText))
	for i, c := range s {
		if i+utf8.RuneLen(c) > maxText {
			break
		}
		out = append(out, c)
	}
	return out
}

// mark puts an accent on the letter before it.
// Phones and Macs write å as a and a ring; the rules have it as one letter. A mark that makes no
// letter of ours stays as it is.
func (r *reader) mark(c rune) {
	if n := len(r.word); n > 0 {
		if whole, there := composed[[2]rune{r.word[n-1], c}]; there {
			r.word[n-1] = whole
			return
		}
	}
	r.word = append(r.word, c)
}

// sign takes what is no part of a word, and says how far it has read.
func (r *reader) sign(chars []rune, i int) int {
	c := chars[i]
	switch c {
	case '«', '“', '"', '”', '„':
		r.endWord()
		if end := quoteEnd(chars, i+1, c); end >= 0 {
			return end
		}
	case '?', '？':
		r.endWord()
		// A mark behind a mark, as in "!?", belongs to the sentence that has just ended.
		if n := len(r.out.sentences); len(r.cur.words) == 0 && n > 0 {
			r.out.sentences[n-1].mark = true
		}
		r.cur.mark = true
		r.endSentence()
	case '!':
		r.cur.shout = true
		r.endSentence()
	case '.':
		if r.goesOn(chars[i+1:]) {
			r.endWord()
		} else {
			r.endSentence()
		}
	// A new line ends a sentence, too: on a phone the full stop is often left out.
	case '…', '\n':
		r.endSentence()
	case ',', ':', ';', '–', '—', '(':
		r.endWord()
		r.begin = true
	default:
		r.endWord()
		if isPicture(c) {
			r.endSentence()
		}
	}
	return i
}

// endWord ends a word. Quotation marks around it are no part of it. Past a number of
// words the rest is left unread: a question is shorter.
func (r *reader) endWord() {
	if len(r.word) == 0 {
		return
	}
	w := strings.Trim(string(r.word), "'")
	r.word = r.word[:0]
	if w == "" || r.count >= maxWords {
		return
	}
	r.count++
	if r.begin {
		r.cur.starts = append(r.cur.starts, len(r.cur.words))
		r.begin = false
	}
	r.cur.words = append(r.cur.words, w)
}

// endSentence ends a sentence; one without words is none.
func (r *reader) endSentence() {
	r.endWord()
	if len(r.cur.words) > 0 {
		r.out.sentences = append(r.out.sentences, r.cur)
	}
	r.cur, r.begin = sentence{}, true
}

// goesOn says whether a full stop stands within a sentence: in a number, after an
// abbreviation or an ordinal. People who type on a phone leave capitals out, so a
// small letter after it proves nothing.
func (r *reader) goesOn(rest []rune) bool {
	if len(r.word) == 0 || len(rest) == 0 {
		return false
	}
	if isLetter(rest[0]) || isDigit(rest[0]) {
		return true // 10.15, f.eks
	}
	next := rest[0]
	for _, c := range rest {
		if next = c; c != ' ' {
			break
		}
	}
	if !(isLetter(next) && !isUpper(next) || isDigit(next)) {
		return false
	}
	return len(r.word) == 1 || isNumber(string(r.word)) || abbreviations[string(r.word)]
}

// abbreviations are written with a full stop within a sentence.
var abbreviations = set(strings.Fields("kl ca nr bl eks feks f.eks osv dvs pga mtp evt inkl ev mv jf jfr tlf min sek kap vs etc eg ie e.g i.e approx no mr mrs ms dr st prof"))

// quoteEnd finds where a quotation of more than one word ends; -1: there is none.
// One word in quotation marks is the writer's own, said with care.
func quoteEnd(chars []rune, from int, open rune) int {
	if open == '\'' && (from >= len(chars) || !isLetter(chars[from])) {
		return -1
	}
	spaced := false
	for i := from; i < min(len(chars), from+maxQuote); i++ {
		c := chars[i]
		spaced = spaced || c == ' '
		if open == '\'' && (c == '\'' || c == '’') && (i+1 == len(chars) || !isLetter(chars[i+1])) || open != '\'' && c == quoteEnds[open] {
			if !spaced {
				return -1
			}
			return i
		}
	}
	return -1
}

// quoteEnds are the marks that end what another one begins.
var quoteEnds = map[rune]rune{'«': '»', '“': '”', '„': '“', '"': '"', '”': '”'}

// startsWith says whether a clause of the sentence begins with one of the words.
// One word may stand before it: "og hvorfor", "but why".
func (s *sentence) startsWith(words map[string]bool) bool {
	for _, i := range s.starts {
		if words[s.words[i]] || i+1 < len(s.words) && words[s.words[i+1]] && leadWords[s.words[i]] {
			return true
		}
	}
	return false
}

// verbFirst says whether the sentence begins, or with a question mark ends in a
// clause that begins, as a yes or no question does.
func (s *sentence) verbFirst(r *ruleset) bool {
	for n, i := range s.starts {
		j := i
		if leadWords[s.words[j]] && j+1 < len(s.words) {
			j++
		}
		// A verb alone is an order or an answer ("Vent."), and no question.
		if r.verbs[s.words[j]] && j+1 < len(s.words) && (n == 0 || s.mark) {
			return true
		}
	}
	return false
}

// leadWords may stand before the word that makes a clause a question.
var leadWords = map[string]bool{"og": true, "men": true, "så": true, "for": true, "and": true, "but": true, "so": true, "or": true, "eller": true, "altså": true, "da": true, "in": true, "på": true, "i": true, "til": true, "av": true, "med": true, "at": true, "from": true, "to": true, "just": true, "well": true, "jo": true, "hei": true, "hi": true}

// contains says whether one of the words is in the sentence.
func (s *sentence) contains(words map[string]bool) bool {
	for _, w := range s.words {
		if words[w] {
			return true
		}
	}
	return false
}
