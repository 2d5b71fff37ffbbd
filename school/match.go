package school

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"undring/school/roster"
)

// Question is what an import can't know: whether somebody, or a school, of the file is
// one that is there already. Until it is answered neither is touched.
type Question struct {
	// SourcedID stands for the row: the id in the register, or the address in a
	// simple CSV; of a school its id.
	SourcedID string
	File      string
	Line      int
	Name      string // in the file
	Email     string
	OfSchool  bool
	// There is whom, or which school, it may be.
	There      uuid.UUID
	ThereName  string
	ThereEmail string
}

// maxQuestions is how many are asked at once; the others wait until these have been
// answered.
// The others are held as well: see [planner.ask].
const maxQuestions = 200

// matchSchools finds the schools of the file among those that are there: by their id in
// the register, by what whoever imports has said, or by their name where the school has
// come from no register. One whose people are at a school that has come from none is
// asked about.
func (p *planner) matchSchools() {
	// A school that has an id of a register is another one, whatever it is called: two of a
	// municipality may have the same name.
	byName, withoutID := map[string]uuid.UUID{}, map[uuid.UUID]bool{}
	for id := range p.was.schoolNames {
		withoutID[id] = true
	}
	for _, id := range p.was.schools {
		delete(withoutID, id)
	}
	for id := range withoutID {
		byName[roster.Fold(p.was.schoolNames[id])] = id
	}
	guests := p.guests(withoutID)
	for _, s := range p.Set.Schools {
		id, there := p.was.schools[s.SourcedID]
		if !there {
			var asked bool
			if id, there, asked = p.adopt(s, byName, guests); asked {
				p.unclear[s.SourcedID] = true
				continue
			}
		}
		switch {
		case !there:
			id = p.NewID()
			p.was.schools[s.SourcedID] = id
			p.newSchools.ids = append(p.newSchools.ids, id)
			p.newSchools.names = append(p.newSchools.names, s.Name)
			p.newSchools.sourced = append(p.newSchools.sourced, s.SourcedID)
		// The register's spelling goes before the one that somebody typed.
		case p.was.schoolNames[id] != s.Name:
			p.renamed.ids = append(p.renamed.ids, id)
			p.renamed.names = append(p.renamed.names, s.Name)
		}
		// A school that is asked about doesn't come here: nobody loses a place there by this file.
		p.judged[id] = true
		p.keys = append(p.keys, id)
	}
}

// adopt finds a school that has come from no register for one of the file's.
func (p *planner) adopt(s roster.School, byName map[string]uuid.UUID, guests map[string]uuid.UUID) (id uuid.UUID, there, asked bool) {
	id, answered := p.Same[s.SourcedID]
	if !answered {
		if id, there = byName[roster.Fold(s.Name)]; !there {
			// Made anew, the school would be there twice, with its people at both.
			if at, may := guests[s.SourcedID]; may {
				p.ask(Question{SourcedID: s.SourcedID, File: "orgs.csv", Name: s.Name, OfSchool: true, There: at, ThereName: p.was.schoolNames[at]})
				return uuid.Nil, false, true
			}
			return uuid.Nil, false, false
		}
	}
	// An answer that names no school of the owner's is taken for "new" as well: the dry run shows it.
	if _, exists := p.was.schoolNames[id]; !exists {
		return uuid.Nil, false, false // said to be a new one
	}
	p.was.schools[s.SourcedID] = id
	p.adopted.ids = append(p.adopted.ids, id)
	p.adopted.names = append(p.adopted.names, s.SourcedID)
	return id, true, false
}

// guests finds for schools of the file one that has come from no register, at which
// somebody of theirs is.
func (p *planner) guests(withoutID map[uuid.UUID]bool) map[string]uuid.UUID {
	out := map[string]uuid.UUID{}
	if len(withoutID) == 0 || p.School != uuid.Nil {
		return out
	}
	// One school is enough to ask about: of somebody at two of them either is taken.
	at := map[string]uuid.UUID{}
	for _, k := range p.was.people {
		for m, active := range k.memberships {
			if active && withoutID[m.school] && k.email != "" {
				at[k.email] = m.school
			}
		}
	}
	for n := range p.Set.People {
		person := &p.Set.People[n]
		if school, there := at[person.Email]; there && person.Active {
			for _, m := range person.Memberships {
				out[m.School] = school
			}
		}
	}
	return out
}

// ask puts a question to whoever runs the import. Until it is answered nothing is done
// to the person, which is why they are held.
func (p *planner) ask(q Question) {
	if q.OfSchool {
		p.errors = append(p.errors, roster.RowError{File: q.File, Line: q.Line, Reason: roster.SchoolMayBeSame})
	} else {
		p.asked[q.There] = true
		// A row may be asked about several people; it is one odd row.
		if !p.held[q.SourcedID] {
			p.errors = append(p.errors, roster.RowError{File: q.File, Line: q.Line, Reason: roster.MayBeSame})
		}
		p.held[q.SourcedID] = true
	}
	if len(p.questions) < maxQuestions {
		p.questions = append(p.questions, q)
	}
}

// index finds people who are there by what a file may say of them.
type index struct {
	byAddress map[string][]*knownPerson
	byName    map[nameAt][]*knownPerson // full name
	// A married name: the same given name, somebody of the same school gone from the file, and
	// somebody new in it.
	leaving map[nameAt][]*knownPerson // given name of those whom a bulk file does not name
}

// nameAt is a name, folded, at a school.
type nameAt struct {
	name   string
	school uuid.UUID
}

// match finds the people of the file among those who are there. Nobody becomes somebody
// else by it: where an address or an id alone says that two are one, and their names
// speak against it, it is asked.
func (p *planner) match() {
	named := map[*knownPerson]bool{}
	for n := range p.Set.People {
		if k := p.was.register[p.Set.People[n].SourcedID]; k != nil {
			named[k] = true
		}
	}
	x := p.index(named)
	for n := range p.Set.People {
		person := &p.Set.People[n]
		// The id of the register says it for certain, unless it is a list, whose ids are addresses.
		k := p.was.register[person.SourcedID]
		switch {
		case k == nil:
			if k = p.find(x, person, named); k != nil {
				p.matched[person], named[k] = k, true
			}
		case p.School != uuid.Nil && !alike(k, person):
			// In a simple CSV the id is an address, and may have been given to
			// somebody else.
			p.answer(person, k)
		default:
			p.matched[person] = k
		}
	}
}

// answer asks whether a row is somebody who is there, unless that has been said.
func (p *planner) answer(person *roster.Person, k *knownPerson) {
	said, answered := p.Same[person.SourcedID]
	switch {
	case !answered:
		p.ask(p.question(person, k))
	case said == k.id:
		p.matched[person] = k
	default:
		// The one who is there is not in the file then, and is judged like anybody else who isn't.
		p.replaced[k] = true
	}
}

// question is the question whether a person of the file is the one who is there.
func (p *planner) question(person *roster.Person, k *knownPerson) Question {
	return Question{SourcedID: person.SourcedID, File: person.File, Line: person.Line, Name: person.Name(), Email: person.Email,
		There: k.id, ThereName: k.name(), ThereEmail: k.email}
}

// index makes the people who are there findable by address, name and school. Those
// whom the file names by their id are left out: they are known for certain.
// Complex because it is one pass over everybody that fills three maps, each with a
// condition of its own.
func (p *planner) index(named map[*knownPerson]bool) index {
	x := index{map[string][]*knownPerson{}, map[nameAt][]*knownPerson{}, map[nameAt][]*knownPerson{}}
	all := make([]*knownPerson, 0, len(p.was.people))
	for _, k := range p.was.people {
		all = append(all, k)
	}
	// Whoever has access comes first, and the order is always the same.
	slices.SortFunc(all, func(a, b *knownPerson) int {
		if a.active != b.active {
			return map[bool]int{true: -1, false: 1}[a.active]
		}
		return cmp.Compare(a.id.String(), b.id.String())
	})
	for _, k := range all {
		if named[k] {
			continue // stands in the file by an id of their own
		}
		for _, a := range []string{k.email, k.login} {
			if a != "" {
				x.byAddress[a] = append(x.byAddress[a], k)
			}
		}
		name, given := roster.Fold(k.name()), firstWord(k.given)
		for school := range schoolsOf(k.memberships) {
			x.byName[nameAt{name, school}] = append(x.byName[nameAt{name, school}], k)
			if p.Set.Bulk && k.ours && k.active && given != "" && isAt(k.memberships, school) {
				x.leaving[nameAt{given, school}] = append(x.leaving[nameAt{given, school}], k)
			}
		}
	}
	return x
}

// find finds somebody who is there for a row whose id the register has not had before:
// who comes back with another id, who has come by another list, or whose name and
// address have changed. Nil: somebody new, or a question.
// The first sign that is enough decides: an answer, an address under which the names are
// alike. Where signs contradict each other it is asked, and nobody is matched.
func (p *planner) find(x index, person *roster.Person, named map[*knownPerson]bool) *knownPerson {
	if said, answered := p.Same[person.SourcedID]; answered {
		if k := p.was.people[said]; k != nil && !named[k] {
			return k
		}
		return nil
	}
	// A row that gives no access needs no person, and is not worth a question.
	if !person.Active {
		return nil
	}
	var may []*knownPerson
	for _, a := range []string{person.Email, person.Login} {
		for _, k := range x.byAddress[a] {
			switch {
			case a == "" || named[k]:
			case alike(k, person):
				return k
			default:
				may = append(may, k)
			}
		}
	}
	// Names are the weakest sign, and asked about only where no address says anything.
	if len(may) == 0 {
		may = p.namesakes(x, person, named)
	}
	for _, k := range may[:min(len(may), maxCandidates)] {
		p.ask(p.question(person, k))
	}
	return nil
}

// namesakes are those who may be somebody by their name: the same full name at one of
// the schools, or the same given name of somebody who is no longer in the file there.
func (p *planner) namesakes(x index, person *roster.Person, named map[*knownPerson]bool) []*knownPerson {
	name, given := roster.Fold(person.Name()), firstWord(person.GivenName)
	var may []*knownPerson
	for _, m := range person.Memberships {
		at, clear := p.schoolOf(m)
		if !clear {
			continue
		}
		for _, k := range slices.Concat(x.byName[nameAt{name, at}], x.leaving[nameAt{given, at}]) {
			if len(may) == maxCandidates {
				return may
			}
			if !named[k] && !p.speaksOf(k) && !slices.Contains(may, k) {
				may = append(may, k)
			}
		}
	}
	return may
}

// maxCandidates is about how many people one row is asked: more make no question.
const maxCandidates = 5

// alike says whether the names of somebody who is there and of a row may be one
// person's: the given name or a surname is the same.
// It decides only together with an address; by itself it would make one of two cousins.
func alike(k *knownPerson, person *roster.Person) bool {
	if roster.Fold(k.name()) == roster.Fold(person.Name()) {
		return true
	}
	if given := firstWord(k.given); given != "" && given == firstWord(person.GivenName) {
		return true
	}
	theirs := strings.Fields(roster.Fold(person.FamilyName))
	for _, word := range strings.Fields(roster.Fold(k.family)) {
		if slices.Contains(theirs, word) {
			return true
		}
	}
	return false
}

// firstWord is the first given name, in small letters: middle names come and go in
// registers.
func firstWord(name string) string {
	first, _, _ := strings.Cut(roster.Fold(name), " ")
	return first
}

// isAnothers says whether an address is one by which somebody else who is there signs
// in, and keeps after this import.
func (p *planner) isAnothers(address string, there *knownPerson) bool {
	if address == "" {
		return false
	}
	// Made once it is needed: most files give nobody a new address.
	if p.holders == nil {
		p.holders = map[string][]*knownPerson{}
		moving := map[*knownPerson]*roster.Person{}
		for person, k := range p.matched {
			if k != nil {
				moving[k] = person
			}
		}
		for _, k := range p.was.people {
			row := moving[k]
			for _, a := range []string{k.email, k.login} {
				// Whoever leaves an address behind by this very file frees it: two teachers may swap theirs.
				gives := row != nil && (row.Email != "" && row.Email != a) && row.Login != a
				if a != "" && k.active && !gives && !p.replaced[k] {
					p.holders[a] = append(p.holders[a], k)
				}
			}
		}
	}
	return slices.ContainsFunc(p.holders[address], func(k *knownPerson) bool { return k != there })
}
