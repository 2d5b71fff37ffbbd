package review

import "strconv"

// Prompt is a sentence to begin with.
type Prompt struct {
	ID   string // stable: the moment and its place
	Kind string // happened, intention, effect, assumption, say_more, meaning and the like
	Text string
}

// Moments lists the moments of a visit that have prompts, in their order.
func Moments() []string {
	return []string{"card", "warm_up", "during", "own_view", "feedback", "question", "answer", "ask_back", "take_away", "action", "report", "guide"}
}

// Prompts lists the prompts of a moment in a language.
func Prompts(moment string, lang Language) []Prompt {
	list := rulesFor(lang).Prompts[moment]
	out := make([]Prompt, len(list))
	for i, p := range list {
		out[i] = Prompt{ID: moment + "." + strconv.Itoa(i+1), Kind: p.Kind, Text: p.Text}
	}
	return out
}
