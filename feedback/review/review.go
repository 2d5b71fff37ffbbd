// Package review tells what a question does: does it open, or does it close,
// accuse, advise?
//
// Text in, judgement out: nothing is kept and nobody is asked. The rules are
// data, one file a language, which the app on the phone reads too.
package review

// Language is the language of a text: nb, nn or en.
type Language string

// Kind is what a question does.
type Kind int

// The kinds of questions.
const (
	Wondering Kind = iota + 1
	Clarifying
	Closed
	DefenceProvoking
	AdviceInDisguise
	Logistics
	NotAQuestion
)

// Judgement is what the review says of a question.
type Judgement struct {
	Kind        Kind
	Reason      string   // in plain words
	Suggestions []string // better wordings; none for a wondering question
}

// Hint is advice on what is being written. It stops nothing.
type Hint struct {
	ID   string
	Text string
}

// Prompt is a sentence to begin with.
type Prompt struct {
	ID   string
	Kind string
	Text string
}
