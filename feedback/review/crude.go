package review

import "strings"

// Question judges a question.
func Question(text string, lang Language) Judgement {
	t := strings.ToLower(text)
	for _, w := range []string{"hva", "hvordan", "kva", "korleis", "what ", "how "} {
		if strings.Contains(t, w) {
			return Judgement{Kind: Wondering}
		}
	}
	return Judgement{Kind: NotAQuestion}
}

// Note gives hints on a note.
func Note(saw bool, text string, lang Language) []Hint { return nil }

// Point gives hints on a feedback point.
func Point(text string, lang Language) []Hint { return nil }

// Prompts lists the prompts of a moment.
func Prompts(moment string, lang Language) []Prompt { return nil }
