package review

import "strings"

type Language string

type Kind int

const (
	Wondering Kind = iota + 1
	Clarifying
	Closed
	DefenceProvoking
	AdviceInDisguise
	Logistics
	NotAQuestion
)

var kindNames = [...]string{"", "WONDERING", "CLARIFYING", "CLOSED", "DEFENCE_PROVOKING", "ADVICE_IN_DISGUISE", "LOGISTICS", "NOT_A_QUESTION"}

func Kinds() []Kind {
	return []Kind{Wondering, Clarifying, Closed, DefenceProvoking, AdviceInDisguise, Logistics, NotAQuestion}
}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

type Judgement struct {
	Kind        Kind
	Reason      string   // in plain words, in the writer's language
	Suggestions []string // better wordings; none for a wondering question
}

func Question(text string, lang Language) Judgement {
	said := rulesFor(lang)
	t := read(text)
	kind := judge(t, t.detect(said))
	j := Judgement{Kind: kind, Reason: said.Reasons[kind.String()]}
	if kind != Wondering {
		j.Suggestions = said.suggest(kind, t)
	}
	return j
}

func judge(t *text, r *ruleset) Kind {
	of := make(map[Kind]bool, 4)
	story := false
	for i := range t.sentences {
		s := t.sentences[i].in(r)
		k := s.judge(r)
		if k == NotAQuestion && r.match("advice_statement", s) {
			story = true
		} else if story && s.mark && r.match("advice_echo", s) {
			k = AdviceInDisguise // "I always … Is that something for you?"
		}
		of[k] = true
	}
	for _, k := range []Kind{DefenceProvoking, AdviceInDisguise, Wondering, Logistics, Clarifying, Closed} {
		if of[k] {
			return k
		}
	}
	return NotAQuestion
}

func (s *sentence) judge(r *ruleset) Kind {
	if len(s.words) == 0 || s.shout && !s.mark || r.match("exclaim", s) && !s.mark {
		return NotAQuestion
	}
	opens := s.startsWith(r.wh)
	asks := s.mark || opens || s.verbFirst(r)
	indirect := r.match("indirect", s)
	if !asks && !indirect {
		return NotAQuestion
	}
	switch {
	case r.match("defence", s):
		return DefenceProvoking
	case r.match("advice", s):
		return AdviceInDisguise
	case s.mark && !s.has(r.wh) && !s.verbFirst(r) && r.match("advice_statement", s):
		return AdviceInDisguise // "Maybe you could …?"
	}
	follow := r.match("follow", s)
	whether := r.match("indirect_if", s)
	if (r.match("mental", s) && (opens || follow || indirect && !whether || s.has(r.wh) && !s.verbFirst(r))) || r.match("reflect", s) {
		return Wondering
	}
	switch {
	case r.match("logistics", s):
		return Logistics
	case whether:
		return Closed
	case opens || follow || indirect || s.has(r.wh) && !s.verbFirst(r):
		if r.match("closed_wh", s) && !s.later(r.wh) {
			return Closed
		}
		return Clarifying
	case s.verbFirst(r), r.match("tag", s):
		return Closed
	}
	return NotAQuestion
}

func (r *ruleset) suggest(k Kind, t *text) []string {
	topic := r.Topic.It
	if found := r.topicOf(t); found != "" {
		topic = found
	}
	out := make([]string, 0, len(r.Suggestions[k.String()]))
	for _, s := range r.Suggestions[k.String()] {
		out = append(out, strings.ReplaceAll(s, "{topic}", topic))
	}
	return out
}

func (r *ruleset) topicOf(t *text) string {
	for _, topic := range r.Topic.Groups {
		for i := range t.sentences {
			for _, w := range t.sentences[i].words {
				if strings.HasPrefix(w, topic[0]) {
					return topic[1]
				}
			}
		}
	}
	return ""
}
