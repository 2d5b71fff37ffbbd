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
	WithSession When = "30 days after the time of the session is over"
	WithSchool  When = "with the school, or when its staff take them away"
)

// Audience says who reads words, as it stood beside the field when they were written. A
// table of words stores it with each row, in the column audience, whose default is
// what the room declares. It never grows: the order of the constants is that of
// the database's type, from the narrowest to the widest.
type Audience string

// The audiences. They are stored and compared by these names.
const (
	ByWriter     Audience = "WRITER"
	ByWriterTill Audience = "WRITER_UNTIL_GIVEN" // then by the two of the visit
	ByTwo        Audience = "TWO"
	ByTeam       Audience = "TEAM"
	BySchool     Audience = "SCHOOL"
	// Registered says that nobody writes the words in a field of the app: they come from a
	// register, a provider, or are a copy that the server keeps of what is stored elsewhere.
	// No column says who reads them.
	Registered Audience = "REGISTERED"
)

// Form is how words are stored; empty: as plain text.
type Form string

// The forms.
const (
	OneOfList Form = "one of a list"             // nobody chooses how it is put
	Message   Form = "a message of the contract" // in its bytes
	Answered  Form = "what a call answered"      // it may be forgotten: a repetition reads anew
	Derived   Form = "made of other columns"     // by the database, and anew when these change
)

// Words are columns that hold words of people.
type Words struct {
	Columns string // names, with blanks between them
	Of      Whose
	Go      When
	Read    Audience // empty for what is the school's: it says nothing of anybody
	Null    bool     // an empty one is null, not the empty text
	// Form says that they are no plain text. A name that goes out of a visit goes out of
	// these in another way, see [TakeOut].
	Form Form

	// By is the column that names whose words they are; empty: the observer's column, the
	// observed's, or, of both, either's.
	By string
	// Stays says that they are addressed to the colleague, who keeps them by "a former
	// colleague" when the one who wrote them is erased.
	Stays bool
	// Mark stands in their place when the one who wrote them is erased and the row needs
	// words to stand; empty: nothing does.
	Mark string
	// Where narrows the rows in which they go with a person, by "who"; empty: By does.
	Where string
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
	// From is the condition, by "tenant" and "which", of the rows that hold what the two of a
	// visit shared from it: these stand when it goes, and a name goes out of them, too. Empty: none do.
	From string
	// Rows says that the rows go whole when the visit is withdrawn.
	Rows bool
	// Gone is the condition, by "who", of the rows that go whole when that person is
	// erased; empty: none do.
	Gone string
	// Mine is the condition, by the row "t" and the person "me.id", of the rows that the
	// export of a person holds: what they wrote, and what is about them, as far as they
	// may read it. Each column of the row is in it, but for the tenant and Withheld.
	Mine string
	// Order is in which order an export has the rows; empty: in any.
	Order string
	// Apart says why no export holds any of it. Each table has Mine or Apart.
	Apart string
	// Withheld are columns that an export leaves out, each with why.
	Withheld map[string]string
	// Counted says that the rows have a revision, which counts what is done to them.
	Counted bool
	// Owned is the condition, by the row "t", of the rows that are the school owner's own and
	// that its export holds. What only the two of a visit read is not among them, nor who
	// visits whom. Empty: none are.
	Owned string
	// Published says that it lies in the schema of what is published, which no job changes.
	Published bool
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

// TakeOut is the body of the function that takes a name out of every plain text of a
// visit, of both, and of what the two share from it. What a call answered is forgotten whole;
// in a draft, which is a message of the contract, the name is written over in its bytes.
func TakeOut(all []Table) string {
	var b strings.Builder
	b.WriteString("\nbegin\n")
	for _, t := range all {
		var set, is, then []string
		for _, w := range t.Words {
			for _, column := range strings.Fields(w.Columns) {
				clean := "public.without_name(" + column + ", what)"
				switch {
				case !t.saidInVisit(w) || w.Form == OneOfList || w.Form == Derived:
					continue
				case w.Form == Answered:
					clean = "null"
				case w.Form == Message:
					clean = "public.without_name_in(" + column + ", what)"
				}
				set, is, then = append(set, column+" = "+clean), append(is, column), append(then, clean)
			}
		}
		if len(set) == 0 {
			continue
		}
		if t.Counted {
			set = append(set, "revision = revision + 1")
		}
		of := t.From
		if t.Visit != "" {
			of = t.Visit + " = which"
		}
		fmt.Fprintf(&b, "    update public.%s set\n        %s\n    where owner_id = tenant and %s and (%s) is distinct from (%s);\n",
			t.Name, strings.Join(set, ",\n        "), of, strings.Join(is, ", "), strings.Join(then, ", "))
	}
	b.WriteString("end\n")
	return b.String()
}

// saidInVisit says whether words were said in a visit, or are what the two shared from it.
func (t Table) saidInVisit(w Words) bool {
	return w.Go == WithVisit || t.From != "" && w.Of != TheSchools
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
