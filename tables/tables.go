// Package tables is how a room says what its tables hold: which columns are words of
// people, whose they are, and when they go.
//
// Each room declares its own tables, beside its SQL. From the declarations come the
// functions that take words away when an exchange ends ([End]) and when a visit is
// withdrawn ([Erase]); a migration writes them down, and a test compares. A table or a
// text column that no room declares fails a test, and so does the SQL of a room that
// names another one's table.
package tables

import (
	"fmt"
	"strings"
)

// Whose says whose words a column holds.
type Whose string

// Whose words there are.
const (
	Observers  Whose = "the observer's"
	Observeds  Whose = "the observed's"
	OfBoth     Whose = "of both of a visit"
	Writers    Whose = "of one of the two, who wrote them"
	Ones       Whose = "of the person whom the row is about"
	TheSchools Whose = "the school's or its owner's"
)

// When says when words go.
type When string

// When words go. Nothing that is said in a visit outlives its withdrawal, or the months
// for which its school keeps words.
const (
	WithVisit   When = "when the visit is withdrawn, or the months of its school are over"
	WithPerson  When = "when the person is erased"
	WithImport  When = "with the next import of the owner, or after 30 days"
	WithSession When = "30 days after the session has ended"
	WithSchool  When = "with the school, or when its staff take them away"
)

// Words are columns that hold words of people.
type Words struct {
	Columns string // names, with blanks between them
	Of      Whose
	Go      When
	Null    bool // an empty one is null, not the empty text
}

// Table is what a room says of one of its tables.
type Table struct {
	Name  string
	Words []Words
	// Codes are its text columns that hold no words: states, kinds, ids of others.
	Codes string
	// Facts are columns that tell that something was written, or agreed to: they go
	// with the words of a row that stays, when the visit is withdrawn.
	Facts string
	// Visit is the column that names the visit: where rows or words go with it.
	Visit string
	// Rows says that the rows go whole when the visit is withdrawn.
	Rows bool
	// AtEnd is the condition of the rows that go as soon as the exchange ends: what was
	// never handed over. Empty: none do.
	AtEnd string
}

// Every is the condition that every row holds.
const Every = "true"

// Erase is the body of the function that takes away every word of a visit that is
// withdrawn or whose months are over, of both, and the fact of all that was written. Rows go in the order of the
// tables: what refers to another row before that row.
func Erase(all []Table) string {
	var b strings.Builder
	b.WriteString("\nbegin\n")
	for _, t := range all {
		if set := t.blank(); len(set) > 0 && !t.Rows {
			fmt.Fprintf(&b, "    update public.%s set\n        %s\n    where owner_id = tenant and %s = which;\n", t.Name, strings.Join(set, ",\n        "), t.Visit)
		}
	}
	for _, t := range all {
		if t.Rows {
			fmt.Fprintf(&b, "    delete from public.%s where owner_id = tenant and %s = which;\n", t.Name, t.Visit)
		}
	}
	b.WriteString("end\n")
	return b.String()
}

// End is the body of the function that takes away what was never handed over, once the
// exchange of a visit has ended.
func End(all []Table) string {
	var b strings.Builder
	b.WriteString("\nbegin\n")
	for _, t := range all {
		switch t.AtEnd {
		case "":
		case Every:
			fmt.Fprintf(&b, "    delete from public.%s where owner_id = tenant and %s = which;\n", t.Name, t.Visit)
		default:
			fmt.Fprintf(&b, "    delete from public.%s where owner_id = tenant and %s = which and %s;\n", t.Name, t.Visit, t.AtEnd)
		}
	}
	b.WriteString("end\n")
	return b.String()
}

// blank lists what is set when the words of a row go and the row stays.
func (t Table) blank() []string {
	var set []string
	for _, w := range t.Words {
		if w.Go != WithVisit {
			continue
		}
		empty := "''"
		if w.Null {
			empty = "null"
		}
		for _, column := range strings.Fields(w.Columns) {
			set = append(set, column+" = "+empty)
		}
	}
	for _, column := range strings.Fields(t.Facts) {
		set = append(set, column+" = null")
	}
	return set
}

// Columns lists the text columns that the table declares, words and codes.
func (t Table) Columns() []string {
	out := strings.Fields(t.Codes)
	for _, w := range t.Words {
		out = append(out, strings.Fields(w.Columns)...)
	}
	return out
}
