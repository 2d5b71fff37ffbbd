package review

// Language is the language that a text is said to be in: nb, nn or en. Any other
// is read as bokmål.
type Language string

// Kind is what a question does.
type Kind int

// The kinds. Only the first opens; the gate of the feedback asks for it.
const (
	Wondering        Kind = iota + 1 // opens: what was seen, thought, expected, taken for granted
	Clarifying                       // wants a fact
	Closed                           // is answered by one word
	DefenceProvoking                 // makes somebody answer for a fault
	AdviceInDisguise                 // a way of doing, with a question around it
	Logistics                        // times, rooms, kit, papers, a pupil's case
	NotAQuestion                     // asks nothing
)

var kindNames = [...]string{"", "WONDERING", "CLARIFYING", "CLOSED", "DEFENCE_PROVOKING", "ADVICE_IN_DISGUISE", "LOGISTICS", "NOT_A_QUESTION"}

// Kinds lists the kinds, in their order.
func Kinds() []Kind {
	return []Kind{Wondering, Clarifying, Closed, DefenceProvoking, AdviceInDisguise, Logistics, NotAQuestion}
}

// String gives the name of the contract; empty for what is not a kind.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

// Judgement is what the review says of a text.
type Judgement struct {
	Kind Kind
	// Unsure: it may well wonder, or may not. The app then hints instead of judging;
	// the kind is the one that the gate goes by.
	Unsure      bool
	Reason      string   // in plain words, in the writer's language
	Suggestions []string // better wordings, two at most; none where none fits, nor for a wondering question
}

// Question judges a text as one question, in whatever language it plainly is. The
// suggestions are in that one, since they reuse its words; the reason is in the one
// that was said. It answers any text: what
// is longer than 4,000 bytes is judged by its beginning.
func Question(s string, lang Language) Judgement {
	said := rulesFor(lang)
	t := read(s)
	r := t.detect(said)
	p := t.parse(r)
	kind, unsure := p.decide(r, theModel())
	j := Judgement{Kind: kind, Unsure: unsure, Reason: said.Reasons[kind.String()]}
	if unsure {
		j.Reason = said.Reasons["UNSURE"]
	}
	if kind != Wondering {
		j.Suggestions = wordingsOf[Language(r.Language)].suggest(kind, t, s)
	}
	return j
}

// Counts says whether a question counts as wondering for the gate. A writer may
// stand by one that the review misjudged, but only where the misjudgement is of
// how far it opens: standing by does not turn an accusation, advice, a practical
// matter or a remark into a question that opens.
func Counts(k Kind, stoodBy bool) bool {
	return k == Wondering || stoodBy && (k == Closed || k == Clarifying)
}
