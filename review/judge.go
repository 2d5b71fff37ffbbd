package review

// The rules' half of the judgement. It explains what it finds and gives the model
// its best features; where no rule speaks, it says nothing (kind 0), and the model
// decides alone.

// parsed is a text with what the rules say of it.
type parsed struct {
	sentences []judged
	asks      bool // one of the sentences does
	kind      Kind // 0: no rule speaks
}

// judged is a sentence, in the words that the patterns use, with what was found.
type judged struct {
	sentence
	opens bool // a clause begins with a question word
	verb  bool // it begins as a yes or no question
	hasWh bool // a question word is in it
	asks  bool
	spoke uint32 // the patterns that are in it, by their place in patternNames
	kind  Kind
}

// The names of the patterns. Their places are part of the model: a new one comes
// last.
var patternNames = [...]string{"defence", "advice", "advice_statement", "advice_echo", "mental", "reflect", "follow", "indirect", "indirect_if", "exclaim", "tag", "logistics", "closed_wh", "fact"}

const (
	defence = iota
	advice
	adviceStatement
	adviceEcho
	mental
	reflect
	follow
	indirect
	indirectIf
	exclaim
	tag
	logistics
	closedWh
	fact
)

// has says whether a pattern was found in the text.
func (s *judged) has(pattern int) bool { return s.spoke>>pattern&1 == 1 }

// order is how the kinds of the sentences of a text go before each other: the
// sharpest fault first, then wondering, then what is practical.
var order = [...]Kind{DefenceProvoking, AdviceInDisguise, Wondering, Logistics, Clarifying, Closed, NotAQuestion}

// parse judges a text by the rules.
func (t *text) parse(r *ruleset) *parsed {
	p := &parsed{sentences: make([]judged, len(t.sentences))}
	var of [len(kindNames)]bool
	story := false
	for i := range t.sentences {
		s := &p.sentences[i]
		*s = t.sentences[i].in(r)
		s.judge()
		if s.kind == NotAQuestion && s.has(adviceStatement) {
			story = true
		} else if story && s.mark && s.has(adviceEcho) {
			s.kind = AdviceInDisguise // "I always … Is that something for you?"
		}
		of[s.kind] = true
		p.asks = p.asks || s.asks
	}
	for _, k := range order {
		if of[k] && (k != NotAQuestion || !of[0]) {
			p.kind = k
			break
		}
	}
	return p
}

// in gives the sentence in the words of a ruleset: other spellings, dialect and
// nynorsk replaced by the form that the patterns use; and what there is in it.
func (s *sentence) in(r *ruleset) judged {
	out := judged{sentence: *s}
	out.words = make([]string, len(s.words))
	for i, w := range s.words {
		if other, there := r.as[w]; there {
			w = other
		}
		out.words[i] = w
	}
	out.spoke = r.match(out.words)
	out.opens, out.verb, out.hasWh = out.startsWith(r.wh), out.verbFirst(r), out.contains(r.wh)
	out.asks = out.mark || out.opens || out.verb || out.has(indirect)
	return out
}

// judge settles the kind of one sentence. Faults go first, whatever frame they
// stand in.
func (s *judged) judge() {
	switch {
	case s.shout && !s.mark || s.has(exclaim) && !s.mark, !s.asks:
		s.kind = NotAQuestion
	case s.has(defence):
		s.kind = DefenceProvoking
	case s.has(advice), s.mark && !s.hasWh && !s.verb && s.has(adviceStatement): // "Maybe you could …?"
		s.kind = AdviceInDisguise
	case s.wonders():
		s.kind = Wondering
	default:
		s.kind = s.factual()
	}
}

// wonders says whether a sentence asks for what goes on in somebody.
func (s *judged) wonders() bool {
	asksOpenly := s.opens || s.has(follow) || s.has(indirect) && !s.has(indirectIf) || s.hasWh && !s.verb
	return s.has(mental) && asksOpenly || s.has(reflect)
}

// factual gives the kind of a sentence that asks without fault and without
// wondering. A question word without a known frame is not settled here: it may
// open or want a fact.
func (s *judged) factual() Kind {
	open := s.opens || s.has(follow) || s.has(indirect) || s.hasWh && !s.verb
	switch {
	case s.has(logistics):
		return Logistics
	case s.has(indirectIf), open && s.has(closedWh):
		return Closed
	case open && s.has(fact):
		return Clarifying
	case open:
		return 0
	case s.verb, s.has(tag):
		return Closed
	}
	return NotAQuestion
}

// ByRules gives the kind that the rules alone come to; 0 where none speaks.
func ByRules(s string, lang Language) Kind {
	t := read(s)
	return t.parse(t.detect(rulesFor(lang))).kind
}
