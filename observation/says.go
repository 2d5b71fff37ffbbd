package observation

import "unicode"

// Says tells whether a text says anything: it holds a letter, of any script, or a
// digit. A full stop is no answer, no focus question and nothing to take along: a
// rule that asks for words is not met by it. The contract says the same by a pattern,
// the database by says_something, and the phone by says in web/src/rules/says.ts.
func Says(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) || '0' <= r && r <= '9' {
			return true
		}
	}
	return false
}
