package school

import (
	"strings"

	"github.com/google/uuid"

	"undring/school/roster"
)

// Counts are of people.
// Each person of the file, and each that goes, is in one of the first four; Skipped are rows
// that could not be read as a person at all.
type Counts struct {
	Created, Updated, Deactivated, Unchanged, Skipped int
}

// ChangeKind is what becomes of a person.
type ChangeKind string

// What becomes of people.
const (
	Created     ChangeKind = "CREATED"
	Updated     ChangeKind = "UPDATED"
	Deactivated ChangeKind = "DEACTIVATED"
)

// Change is what an import does, or would do, to one person.
// Name and address are those of the file, or the ones that were there, of whoever goes.
type Change struct {
	Kind  ChangeKind
	Name  string
	Email string
}

// known is what is there before an import.
type known struct {
	// Only those that have come from a register, or been adopted by one.
	schools     map[string]uuid.UUID // by sourced id
	schoolNames map[uuid.UUID]string
	people      map[uuid.UUID]*knownPerson
	// Several ids may lead to one person, once two entries of theirs were made one.
	register map[string]*knownPerson // of the same source, by sourced id
	// By school, and by name as [roster.Fold] writes it.
	teams     map[uuid.UUID]map[string]uuid.UUID
	teamNames map[teamKey]string // as they are written
	refused   map[refusedAddress]bool
}

// refusedAddress is an address of which a person has said that it is not theirs.
type refusedAddress struct {
	person uuid.UUID
	email  string
}

type knownPerson struct {
	id                          uuid.UUID
	given, family, email, login string
	active                      bool
	ours                        bool                   // stands in the register that is imported
	names                       []string               // sourced ids there
	memberships                 map[membershipKey]bool // active
	byHand                      map[membershipKey]bool // given by hand: no roster takes them away
	teams                       map[teamKey]bool
}

// name is somebody's name as people read it.
func (k *knownPerson) name() string { return strings.TrimSpace(k.given + " " + k.family) }

// access says whether somebody could sign in and do anything.
// A person without any active membership is signed out in effect: every call asks for one.
func (k *knownPerson) access() bool {
	if !k.active {
		return false
	}
	for _, active := range k.memberships {
		if active {
			return true
		}
	}
	return false
}

type membershipKey struct {
	school uuid.UUID
	role   Role
}

type teamKey struct{ school, team uuid.UUID }

// plan is what an import will write, in columns, as the statements take it.
// The planner changes none of what it compares with; what it finds goes here, and
// [planner.pieces] makes statements of it.
type plan struct {
	Counts
	changes    []Change
	errors     []roster.RowError // odd rows that only what is there can tell
	questions  []Question
	newSchools struct {
		ids     []uuid.UUID
		names   []string
		sourced []string
	}
	renamed, adopted struct { // adopted: schools that a register brings its id to
		ids   []uuid.UUID
		names []string
	}
	newPeople, changed struct {
		ids                         []uuid.UUID
		given, family, email, login []string
	}
	entered struct { // into the register
		people  []uuid.UUID
		sourced []string
	}
	readdressed struct { // addresses that are others now
		people   []uuid.UUID
		from, to []string
	}
	deactivated []uuid.UUID
	memberships struct { // to be there, or to be no longer
		people, schools []uuid.UUID
		roles           []string
		active          []bool
	}
	keys     []uuid.UUID // schools that whoever imports gets to keep
	newTeams struct {
		ids, schools []uuid.UUID
		names        []string
	}
	joins, leaves struct{ people, schools, teams []uuid.UUID }
	teamNames     struct { // that teams get, in a roll-over or when it is undone
		ids, schools []uuid.UUID
		names        []string
	}

	touched map[uuid.UUID]bool // people who were there, of whom anything changes
}

// planner plans one import.
type planner struct {
	*plan
	Import
	was    *known
	caller uuid.UUID // who imports: never deactivated, and stays administrator
	// Schools of which a bulk file says all: who isn't in it, goes.
	judged map[uuid.UUID]bool
	// unclear are schools of the file of which nobody knows yet whether they are there.
	unclear map[string]bool
	matched map[*roster.Person]*knownPerson
	asked   map[uuid.UUID]bool // people who were there, about whom a question is open
	held    map[string]bool    // rows about which one is
	// others are further rows of somebody who stands in the register twice, and more
	// the places that these give.
	others map[*roster.Person]bool
	more   map[*knownPerson][]roster.Membership
	// replaced are people whose id, an address, somebody else has now.
	replaced map[*knownPerson]bool
	register map[uuid.UUID]bool        // schools that come from a register
	holders  map[string][]*knownPerson // by address, once asked for
	ids      map[string]bool           // of the file, once asked for
}

// newPlan plans an import: what is there, and what the set says.
func newPlan(was *known, i Import, caller uuid.UUID) *planner {
	p := &planner{plan: &plan{touched: map[uuid.UUID]bool{}}, Import: i, was: was, caller: caller,
		judged: map[uuid.UUID]bool{}, unclear: map[string]bool{}, matched: map[*roster.Person]*knownPerson{}, asked: map[uuid.UUID]bool{}, held: map[string]bool{},
		others: map[*roster.Person]bool{}, more: map[*knownPerson][]roster.Membership{}, replaced: map[*knownPerson]bool{}, register: map[uuid.UUID]bool{}}
	p.Skipped = i.Set.Skipped
	if i.School != uuid.Nil {
		p.judged[i.School] = true
	}
	// Schools first: whether a place is known decides who is matched by name, and both decide
	// what is taken away. Judging comes last, when it is known who was named.
	p.matchSchools()
	// After matchSchools, so that those which it has just made or adopted are among them.
	for _, id := range was.schools {
		p.register[id] = true
	}
	p.match()
	p.foldRows()
	for n := range i.Set.People {
		if person := &i.Set.People[n]; !p.others[person] {
			p.addPerson(person)
		}
	}
	if i.Set.Bulk {
		p.judge()
	}
	return p
}

// foldRows finds those who stand in the register twice, since two entries of theirs were
// made one: the first row with access says who they are, all give them places.
// Without it the second row would take away what the first has given.
func (p *planner) foldRows() {
	first := map[*knownPerson]*roster.Person{}
	for n := range p.Set.People {
		person := &p.Set.People[n]
		k := p.matched[person]
		was, twice := first[k]
		switch {
		case k == nil:
		case !twice:
			first[k] = person
		// The inactive one gives no place, so none is put among more.
		case !was.Active && person.Active:
			first[k] = person
			p.others[was] = true
		default:
			p.others[person] = true
			if person.Active {
				p.more[k] = append(p.more[k], person.Memberships...)
			}
		}
	}
}

// judge takes away those whom a bulk file does not name, within the schools that it
// does: those of the same register, and of whom no row that was left out may speak.
// Of somebody about whom a question is open nothing is taken: the row that is held may be
// theirs.
func (p *planner) judge() {
	named := map[*knownPerson]bool{}
	for _, k := range p.matched {
		named[k] = true
	}
	for _, there := range p.was.people {
		if there.ours && there.active && !named[there] && !p.asked[there.id] && !p.speaksOf(there) {
			p.leave(there)
		}
	}
}

// speaksOf says whether a row that was left out may be about somebody.
func (p *planner) speaksOf(there *knownPerson) bool {
	return p.Set.SpeaksOf(there.names...) || p.Set.SpeaksOf(there.email, there.login, there.name())
}

// deactivate ends somebody's access. Never that of whoever runs the import: a file
// that forgot them would lock out the one person who can mend it.
// The person stays, with all that they have written: visits are the other one's as well.
func (p *planner) deactivate(there *knownPerson) {
	if there.id == p.caller {
		p.Unchanged++
		return
	}
	p.Deactivated++
	p.changes = append(p.changes, Change{Deactivated, there.name(), there.email})
	p.deactivated = append(p.deactivated, there.id)
	p.touched[there.id] = true
}

// addPerson works out what becomes of one person of the file.
// Complex because a person may be new or known, active or not, moved or renamed, and
// what is counted and shown depends on all of it; taken apart, the cases no longer
// exclude each other at sight.
func (p *planner) addPerson(person *roster.Person) {
	there := p.matched[person]
	switch {
	case p.held[person.SourcedID]:
		p.Unchanged++ // until the question is answered
		return
	// Nobody is made of a row that gives no access.
	case there == nil && !person.Active:
		p.Unchanged++ // nobody to take access from
		return
	case there != nil && !person.Active:
		p.enter(there, person)
		if there.active {
			p.deactivate(there)
			return
		}
		p.Unchanged++
		return
	}
	isNew := there == nil
	if isNew {
		if !p.hasAPlace(person) {
			p.Unchanged++ // at schools alone about which a question is open
			return
		}
		// Nothing of theirs is there to compare with, so all of the row counts as a change.
		there = &knownPerson{id: p.NewID(), memberships: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
	}
	email, login := p.addressOf(there, person)
	changed := there.given != person.GivenName || there.family != person.FamilyName || there.email != email || there.login != login || !there.active
	columns := &p.changed
	if isNew {
		columns = &p.newPeople
	}
	// Whose name is written becomes active again (changePeople); so "not active" is a change, too.
	if changed {
		columns.ids = append(columns.ids, there.id)
		columns.given = append(columns.given, person.GivenName)
		columns.family = append(columns.family, person.FamilyName)
		columns.email = append(columns.email, email)
		columns.login = append(columns.login, login)
	}
	// A first address takes nothing away from anybody; only a changed one is told.
	if !isNew && there.email != email && there.email != "" {
		p.readdressed.people = append(p.readdressed.people, there.id)
		p.readdressed.from = append(p.readdressed.from, there.email)
		p.readdressed.to = append(p.readdressed.to, email)
	}
	entered := p.enter(there, person)
	moved := p.place(there, person, isNew)
	switch {
	case isNew:
		p.Created++
		p.changes = append(p.changes, Change{Created, person.Name(), email})
	case changed || moved || entered:
		p.touched[there.id] = true
		p.Updated++
		p.changes = append(p.changes, Change{Updated, person.Name(), email})
	default:
		p.Unchanged++
	}
}

// enter notes under which id of the register somebody stands, where that is new.
func (p *planner) enter(there *knownPerson, person *roster.Person) bool {
	if p.was.register[person.SourcedID] == there {
		return false
	}
	p.entered.people = append(p.entered.people, there.id)
	p.entered.sourced = append(p.entered.sourced, person.SourcedID)
	// For somebody new the entry is part of being created, and nothing to count.
	return there.given != "" || there.family != ""
}

// addressOf is the address and the name of sign-in that somebody is to have. None in
// the file leaves the one that is there; one that is somebody else's is theirs; one
// that the person has refused is not taken again.
func (p *planner) addressOf(there *knownPerson, person *roster.Person) (email, login string) {
	email, login = person.Email, person.Login
	if email == "" {
		email = there.email
	}
	if login == "" {
		login = there.login
	}
	switch {
	case email == there.email:
	// Or each night's import would ask the same person again.
	case p.was.refused[refusedAddress{there.id, email}]:
		p.odd(person, roster.AddressRefused, true)
		email = there.email
	// Two people with one address would both be shut out: it would name nobody any more.
	case p.isAnothers(email, there):
		p.odd(person, roster.SameAddress, true)
		email = there.email
	}
	// By a name of sign-in somebody is let in: it is never given to a second person.
	if login != there.login && p.isAnothers(login, there) {
		login = there.login
	}
	return email, login
}

// odd notes what is strange about a row. The import goes on: one broken row of a
// thousand must not keep the others out.
// applied says that the row has been taken in all the same, but for this.
func (p *planner) odd(person *roster.Person, reason roster.Reason, applied bool) {
	p.errors = append(p.errors, roster.RowError{File: person.File, Line: person.Line, Reason: reason, Applied: applied})
}
