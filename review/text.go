package review

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is read. The contract refuses longer texts; these keep the
// engine fast whatever it is given.
const (
	maxText  = 4000 // bytes
	maxWords = 600
)

// text is what someone wrote, cut into sentences of lower-case words.
type text struct{ sentences []sentence }

type sentence struct {
	words  []string
	starts []int // where clauses begin: the first word, and after a comma, colon or dash
	mark   bool  // it ends with a question mark
	shout  bool  // it ends with an exclamation mark
}

// read cuts a text up. What stands in quotation marks is somebody else's
// sentence and is left out: it would be judged as the writer's.
func read(s string) *text {
	if len(s) > maxText {
		s = s[:maxText]
		for !utf8.ValidString(s) && len(s) > 0 {
			s = s[:len(s)-1]
		}
	}
	t := &text{}
	var cur sentence
	var word strings.Builder
	count := 0
	begin := true // the next word begins a clause
	endWord := func() {
		if word.Len() == 0 {
			return
		}
		w := strings.Trim(word.String(), "'")
		word.Reset()
		if w == "" || count >= maxWords {
			return
		}
		count++
		if begin {
			cur.starts = append(cur.starts, len(cur.words))
			begin = false
		}
		cur.words = append(cur.words, w)
	}
	endSentence := func() {
		endWord()
		if len(cur.words) > 0 {
			t.sentences = append(t.sentences, cur)
		}
		cur, begin = sentence{}, true
	}
	rest := s
	for len(rest) > 0 {
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		switch {
		case r == '«' || r == '“' || r == '"' || r == '”' || r == '„':
			endWord()
			if end := quoteEnd(rest, r); end >= 0 {
				if strings.ContainsRune(rest[:end], ' ') {
					rest = rest[end:]
				}
			}
		case r == '\'' || r == '’' || r == '‘':
			if word.Len() == 0 && startsQuote(rest) {
				if end := quoteEnd(rest, '\''); end >= 0 && strings.ContainsRune(rest[:end], ' ') {
					rest = rest[end:]
					continue
				}
			}
			word.WriteByte('\'')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			word.WriteRune(unicode.ToLower(r))
		case r == '?':
			endWord()
			if len(cur.words) == 0 && len(t.sentences) > 0 {
				t.sentences[len(t.sentences)-1].mark = true
			}
			cur.mark = true
			endSentence()
		case r == '!':
			cur.shout = true
			endSentence()
		case r == '.' || r == '…' || r == '\n':
			if r == '.' && word.Len() > 0 && startsLower(rest) {
				endWord() // an abbreviation, a number
				continue
			}
			endSentence()
		case r == ',' || r == ':' || r == ';' || r == '–' || r == '—' || r == '(':
			endWord()
			begin = true
		default:
			endWord()
		}
	}
	endSentence()
	return t
}

// startsLower says whether a text goes on within the sentence.
func startsLower(s string) bool {
	s = strings.TrimLeft(s, " ")
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r) || unicode.IsDigit(r)
}

func startsQuote(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r)
}

// quoteEnd finds where a quotation ends; -1: it does not.
func quoteEnd(s string, open rune) int {
	ends := map[rune]string{'«': "»", '“': "”", '„': "“", '"': "\"", '”': "”"}[open]
	if open != '\'' {
		return strings.Index(s, ends)
	}
	for i, r := range s {
		if r == '\'' || r == '’' {
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if !unicode.IsLetter(next) {
				return i
			}
		}
	}
	return -1
}

// in gives the sentence in the words of a ruleset: other spellings, dialect and
// nynorsk replaced by the form that the patterns use.
func (s *sentence) in(r *ruleset) *sentence {
	out := *s
	out.words = make([]string, len(s.words))
	for i, w := range s.words {
		if other, there := r.as[w]; there {
			w = other
		}
		out.words[i] = w
	}
	return &out
}

// startsWith says whether a clause of the sentence begins with one of the words.
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
		if r.verbs[s.words[j]] && j+1 < len(s.words) && (n == 0 || s.mark) {
			return true
		}
	}
	return false
}

// leadWords may stand before the word that makes a clause a question.
var leadWords = map[string]bool{"og": true, "men": true, "så": true, "for": true, "and": true, "but": true, "so": true, "or": true, "eller": true, "altså": true, "da": true, "in": true, "på": true, "i": true, "til": true, "av": true, "med": true, "at": true, "from": true, "to": true, "just": true, "well": true, "jo": true, "hei": true, "hi": true}

func (s *sentence) has(words map[string]bool) bool {
	for _, w := range s.words {
		if words[w] {
			return true
		}
	}
	return false
}

// later says whether one of the words begins a clause after the first.
func (s *sentence) later(words map[string]bool) bool {
	for i, w := range s.words {
		if i > 0 && words[w] && (leadWords[s.words[i-1]]) {
			return true
		}
	}
	return false
}
