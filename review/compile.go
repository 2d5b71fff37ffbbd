package review

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxRows is how many rows one pattern may stand for.
const maxRows = 200

// compile reads the patterns of a file. It refuses what can't match: somebody who
// mends the rules is to learn at once that a line of theirs is dead.
// All faults of a file are said at once, joined.
func (r *ruleset) compile(base *ruleset) error {
	r.byWord = map[string][]row{}
	var all []error
	for name := range base.Patterns {
		if !slices.Contains(patternNames[:], name) {
			all = append(all, fmt.Errorf("there is no kind of pattern called %s", name))
		}
	}
	for n, name := range patternNames {
		for _, text := range base.Patterns[name] {
			rows, err := r.rows(text, base.Classes)
			if err != nil {
				all = append(all, fmt.Errorf("%s: %q: %w", name, text, err))
			}
			for _, elements := range rows {
				// Found by its first word: a text is not held against every pattern, only
				// against those that can begin there.
				for w := range elements[0].words {
					r.byWord[w] = append(r.byWord[w], row{n, elements})
				}
			}
		}
	}
	return errors.Join(all...)
}

// rows compiles one pattern. An alternative of several words makes a row of its
// own.
func (r *ruleset) rows(text string, classes map[string][]string) ([][]element, error) {
	parts, err := split(text)
	if err != nil {
		return nil, err
	}
	rows := [][]element{{}}
	for _, part := range parts {
		choices, err := r.choices(part, classes)
		if err != nil {
			return nil, err
		}
		var longer [][]element
		for _, row := range rows {
			for _, choice := range choices {
				longer = append(longer, slices.Concat(row, choice))
			}
		}
		// Alternatives multiply: one careless line could fill the memory.
		if rows = longer; len(rows) > maxRows {
			return nil, fmt.Errorf("stands for more than %d rows", maxRows)
		}
	}
	for _, row := range rows {
		// It would be found in every text, and its first word is what it is looked up by.
		if first, last := row[0], row[len(row)-1]; first.gap || first.any || first.num || last.gap {
			return nil, errors.New("begins or ends with what every text has")
		}
	}
	return rows, nil
}

// split cuts a pattern into its parts; one in parentheses may have spaces.
func split(text string) ([]string, error) {
	var parts []string
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexByte(rest, ' ')
		if rest[0] == '(' {
			if end = strings.IndexByte(rest, ')'); end < 0 {
				return nil, errors.New("a parenthesis is not closed")
			}
			end++
		}
		if end < 0 {
			end = len(rest)
		}
		parts = append(parts, rest[:end])
		rest = rest[end:]
	}
	if len(parts) == 0 {
		return nil, errors.New("is empty")
	}
	return parts, nil
}

// choices gives what a part may be: the single words as one element, each
// alternative of several words as a row.
func (r *ruleset) choices(part string, classes map[string][]string) ([][]element, error) {
	switch part {
	case ".":
		return [][]element{{{any: true}}}, nil
	case "..":
		return [][]element{{{gap: true}}}, nil
	}
	part = strings.TrimSuffix(strings.TrimPrefix(part, "("), ")")
	single := element{words: map[string]bool{}}
	var out [][]element
	for alternative := range strings.SplitSeq(part, "|") {
		words := strings.Fields(alternative)
		if len(words) == 1 {
			if err := r.add(&single, words[0], classes); err != nil {
				return nil, err
			}
			continue
		}
		var row []element
		for _, w := range words {
			e := element{words: map[string]bool{}}
			if err := r.add(&e, w, classes); err != nil {
				return nil, err
			}
			row = append(row, e)
		}
		// "(a||b)": nothing is no word, and would make the part optional unseen.
		if row == nil {
			return nil, errors.New("has an empty alternative")
		}
		out = append(out, row)
	}
	if len(single.words) > 0 || single.num {
		out = append(out, []element{single})
	}
	return out, nil
}

// add puts a word, or the words of a class, into an element.
func (r *ruleset) add(e *element, w string, classes map[string][]string) error {
	name, isClass := strings.CutPrefix(w, "{")
	if !isClass {
		e.words[w] = true
		return r.readable(w)
	}
	name = strings.TrimSuffix(name, "}")
	if name == "num" {
		e.num = true
		return nil
	}
	words := classes[name]
	if len(words) == 0 {
		return fmt.Errorf("names the class %s, which has no words", name)
	}
	for _, w := range words {
		e.words[w] = true
		if err := r.readable(w); err != nil {
			return fmt.Errorf("class %s: %w", name, err)
		}
	}
	return nil
}

// readable says why no text is ever read as a word; nil: it can be.
func (r *ruleset) readable(w string) error {
	// By the reader itself, so that what it folds or cuts off is known here, too.
	t := read(w)
	if len(t.sentences) != 1 || len(t.sentences[0].words) != 1 || t.sentences[0].words[0] != w {
		return fmt.Errorf("no text is read as the word %q", w)
	}
	if as, there := r.as[w]; there && as != w {
		return fmt.Errorf("%q is read as %q", w, as)
	}
	return nil
}
