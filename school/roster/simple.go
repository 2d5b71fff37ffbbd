package roster

import (
	"strings"

	"undring/intake"
)

// readSimple reads a list of a school's people: a name (or given name and surname), an
// address, a role or title, and a team or several. The address is what tells people
// apart; someone with two roles has two rows.
func readSimple(content []byte, o Options) (*Set, error) {
	s, rows := &Set{Bulk: true}, MaxRows
	if len(content) > MaxUnpacked {
		return nil, invalid("TOO_LARGE", nil)
	}
	t, err := s.parse("", content, &rows, dialect{simpleColumns, isSimpleHeading, intake.Text})
	if err != nil {
		return nil, err
	}
	if err := simpleHeading(t); err != nil {
		return nil, err
	}
	unquoted(t)
	l := &simple{Set: s, table: t, mine: o.folded(), today: o.today(), at: map[string]int{}, held: map[heldPlace]bool{}}
	clashes := l.clashes()
	for _, r := range t.rows {
		l.take(r, clashes)
	}
	return s, nil
}

// simpleHeading says which column is missing.
func simpleHeading(t *table) error {
	if !t.has("name") && (t.has("given") || t.has("family")) {
		t.columns["name"] = -1 // put together from its parts
	}
	for _, column := range []string{"name", "email", "role"} {
		if !t.has(column) {
			return refuseAt("NO_COLUMN_"+strings.ToUpper(column), "", 0)
		}
	}
	if len(t.rows) == 0 {
		return refuseAt("NO_ROWS", "", 0)
	}
	return nil
}

// unquoted takes away the apostrophe by which a spreadsheet, or Outlook, marks a text: from
// the rows whose address begins with one, as no address does. A name alone may ('t Hooft).
func unquoted(t *table) {
	for _, r := range t.rows {
		if !strings.HasPrefix(t.get(r, "email"), "'") {
			continue
		}
		for i, f := range r.fields {
			if text, marked := strings.CutPrefix(clean(f), "'"); marked {
				r.fields[i] = strings.TrimSuffix(text, "'")
			}
		}
	}
}

// simple is a list while it is read.
type simple struct {
	*Set
	table *table
	mine  map[string]Role
	today string         // ISO; empty: everybody counts
	at    map[string]int // address → person
	held  map[heldPlace]bool
}

type heldPlace struct {
	person int
	place  Membership
}

// name finds the given and family name, in one column or in three. A middle name goes with the
// given name, as Norwegian registers have it.
func (l *simple) name(r row) (given, family string) {
	t := l.table
	if t.columns["name"] >= 0 {
		if given, family = split(t.get(r, "name")); given+family != "" {
			return given, family
		}
	}
	return strings.TrimSpace(t.get(r, "given") + " " + t.get(r, "middle")), t.get(r, "family")
}

// clashes are addresses that stand at two people: rows of one address and different
// names.
// The address is the id here: under one of two people, the one would become the other.
func (l *simple) clashes() map[string]bool {
	out, names := map[string]bool{}, map[string]string{}
	for _, r := range l.table.rows {
		email, ok := address(l.table.get(r, "email"))
		given, family := l.name(r)
		name := Fold(given + " " + family)
		if !ok || name == "" {
			continue
		}
		if other, there := names[email]; there && other != name {
			out[email] = true
		}
		names[email] = name
	}
	return out
}

// take takes one row, or names it.
// The order of the cases is that of the report: a row is named by the first thing that is
// wrong with it.
func (l *simple) take(r row, clashes map[string]bool) {
	t := l.table
	given, family := l.name(r)
	email, ok := address(t.get(r, "email"))
	title := t.get(r, "role")
	role := roleOf(title, l.mine)
	var odd Reason
	switch {
	case given+family == "":
		odd = BlankName
	case email == "":
		odd = BlankID
	case !ok:
		odd = BrokenEmail
	case clashes[email]:
		odd = SameAddress
	case garbled(given + family), garbled(t.get(r, "team")):
		odd = Garbled
	case l.ended(r):
		// Whoever has left is in an export of staff, too; that is no mistake, and their access ends.
		l.odd("", r.line, RoleEnded, true)
		return
	case role == "":
		odd = UnknownRole
	}
	if odd != "" {
		if odd == UnknownRole {
			l.unknownTitle("", r.line, title, false)
		} else {
			l.odd("", r.line, odd, false)
		}
		l.speaksOf(email, given+family)
		return
	}
	// A second row of one address is a second role or team of the same person.
	i, there := l.at[email]
	if !there {
		i = len(l.People)
		l.at[email] = i
		l.People = append(l.People, Person{SourcedID: email, GivenName: clip(given), FamilyName: clip(family), Email: email, Active: true, Line: r.line})
	}
	taken := false
	for _, team := range teams(t.get(r, "team")) {
		m := Membership{Role: role, Team: team}
		if key := (heldPlace{i, Membership{Role: role, Team: Fold(team)}}); !l.held[key] && l.hasPlace() {
			l.held[key], taken = true, true
			l.People[i].Memberships = append(l.People[i].Memberships, m)
		}
	}
	if !taken {
		l.odd("", r.line, DuplicateID, false)
	}
}

// ended says whether a row tells that somebody has no post now: by the day from which or until
// which they have it, or by a word. Days that can't be read are named, and words that say
// neither are something else's.
func (l *simple) ended(r row) bool {
	in, known := enabled(l.table.get(r, "active"))
	from, okFrom := date(l.table.get(r, "from"))
	until, okUntil := date(l.table.get(r, "until"))
	if !okFrom || !okUntil {
		l.odd("", r.line, BrokenDate, true)
	}
	return known && !in || over(from, until, l.today)
}

// over says whether a time from one day to another is over, or has not come. Empty days are
// none.
// Days are compared as text, which ISO dates allow; both ends belong to the time.
func over(from, until, today string) bool {
	return today != "" && (until != "" && until < today || from != "" && from > today)
}

// teams are those of one field: one, none (told as an empty name), or several with
// commas, semicolons or bars between them.
func teams(field string) []string {
	var out []string
	for name := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(",;|", r) }) {
		if name = clip(clean(name)); name != "" && len(out) < maxTeams {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		return []string{""}
	}
	return out
}

// maxTeams is how many teams one row puts somebody into.
const maxTeams = 20
