package school

import (
	"strings"

	"github.com/google/uuid"

	"undring/school/roster"
)

// Counts are of people.
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
type Change struct {
	Kind  ChangeKind
	Name  string
	Email string
}

// known is what is there before an import.
type known struct {
	schools     map[string]uuid.UUID // by sourced id
	schoolNames map[uuid.UUID]string
	people      map[string]*knownPerson // of the same source, by sourced id
	teams       map[uuid.UUID]map[string]uuid.UUID
}

type knownPerson struct {
	id                   uuid.UUID
	given, family, email string
	active               bool
	memberships          map[membershipKey]bool // active
	byHand               map[membershipKey]bool // given by hand: no roster takes them away
	teams                map[teamKey]bool
}

type membershipKey struct {
	school uuid.UUID
	role   Role
}

type teamKey struct{ school, team uuid.UUID }

// plan is what an import will write, in columns, as the statements take it.
type plan struct {
	Counts
	changes    []Change
	newSchools struct {
		ids     []uuid.UUID
		names   []string
		sourced []string
	}
	renamed struct {
		ids   []uuid.UUID
		names []string
	}
	newPeople, changed struct {
		ids                           []uuid.UUID
		given, family, email, sourced []string
	}
	deactivated []uuid.UUID
	memberships struct { // to be there, or to be no longer
		people, schools []uuid.UUID
		roles           []string
		active          []bool
	}
	newTeams struct {
		ids, schools []uuid.UUID
		names        []string
	}
	joins, leaves struct{ people, schools, teams []uuid.UUID }
}

// newPlan plans an import: what is there, and what the set says. caller, who imports, is
// never deactivated and stays administrator. school is what a simple CSV is
// about.
func newPlan(was *known, set *roster.Set, school, caller uuid.UUID, newID func() uuid.UUID) *plan {
	p := new(plan)
	p.Skipped = set.Skipped
	for _, s := range set.Schools {
		p.addSchool(was, s, newID)
	}
	named := map[string]bool{}
	for i := range set.People {
		person := &set.People[i]
		named[person.SourcedID] = true
		p.addPerson(was, person, school, caller, newID)
	}
	if set.Bulk {
		for id, there := range was.people {
			switch {
			case named[id] || !there.active:
			case school == uuid.Nil:
				p.deactivate(there, caller)
			default:
				p.leave(there, school, caller)
			}
		}
	}
	return p
}

func (p *plan) addSchool(was *known, s roster.School, newID func() uuid.UUID) {
	id, there := was.schools[s.SourcedID]
	if !there {
		id = newID()
		was.schools[s.SourcedID] = id
		p.newSchools.ids = append(p.newSchools.ids, id)
		p.newSchools.names = append(p.newSchools.names, s.Name)
		p.newSchools.sourced = append(p.newSchools.sourced, s.SourcedID)
	} else if was.schoolNames[id] != s.Name {
		p.renamed.ids = append(p.renamed.ids, id)
		p.renamed.names = append(p.renamed.names, s.Name)
	}
}

func (p *plan) deactivate(there *knownPerson, caller uuid.UUID) {
	if there.id == caller {
		p.Unchanged++
		return
	}
	p.Deactivated++
	p.changes = append(p.changes, Change{Deactivated, strings.TrimSpace(there.given + " " + there.family), there.email})
	p.deactivated = append(p.deactivated, there.id)
}

// leave takes somebody away from the one school that a CSV is about. Who has a
// place at another, or one that was given by hand, keeps that.
func (p *plan) leave(there *knownPerson, school, caller uuid.UUID) {
	if there.id == caller {
		p.Unchanged++
		return
	}
	left, stays := false, false
	for k, active := range there.memberships {
		switch {
		case !active:
		case k.school == school && !there.byHand[k]:
			p.setMembership(there.id, k, false)
			left = true
		default:
			stays = true
		}
	}
	if !left {
		return // has been at other schools alone
	}
	for k := range there.teams {
		if k.school == school {
			p.leaveTeam(there.id, k)
		}
	}
	if !stays {
		p.deactivate(there, caller)
		return
	}
	p.Updated++
	p.changes = append(p.changes, Change{Updated, strings.TrimSpace(there.given + " " + there.family), there.email})
}

func (p *plan) setMembership(person uuid.UUID, k membershipKey, active bool) {
	p.memberships.people = append(p.memberships.people, person)
	p.memberships.schools = append(p.memberships.schools, k.school)
	p.memberships.roles = append(p.memberships.roles, string(k.role))
	p.memberships.active = append(p.memberships.active, active)
}

func (p *plan) leaveTeam(person uuid.UUID, k teamKey) {
	p.leaves.people = append(p.leaves.people, person)
	p.leaves.schools = append(p.leaves.schools, k.school)
	p.leaves.teams = append(p.leaves.teams, k.team)
}

func (p *plan) addPerson(was *known, person *roster.Person, school, caller uuid.UUID, newID func() uuid.UUID) {
	there := was.people[person.SourcedID]
	switch {
	case there == nil && !person.Active:
		p.Unchanged++ // nobody to take access from
		return
	case there != nil && !person.Active && there.active:
		p.deactivate(there, caller)
		return
	case there != nil && !person.Active:
		p.Unchanged++
		return
	}
	isNew := there == nil
	if isNew {
		there = &knownPerson{id: newID(), memberships: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
	}
	changed := there.given != person.GivenName || there.family != person.FamilyName || there.email != person.Email || !there.active
	columns := &p.changed
	if isNew {
		columns = &p.newPeople
	}
	if changed {
		columns.ids = append(columns.ids, there.id)
		columns.given = append(columns.given, person.GivenName)
		columns.family = append(columns.family, person.FamilyName)
		columns.email = append(columns.email, person.Email)
		columns.sourced = append(columns.sourced, person.SourcedID)
	}
	moved := p.place(was, there, person, school, caller, newID)
	switch {
	case isNew:
		p.Created++
		p.changes = append(p.changes, Change{Created, strings.TrimSpace(person.GivenName + " " + person.FamilyName), person.Email})
	case changed || moved:
		p.Updated++
		p.changes = append(p.changes, Change{Updated, strings.TrimSpace(person.GivenName + " " + person.FamilyName), person.Email})
	default:
		p.Unchanged++
	}
}

// place gives a person the places that the set names, and takes from them those
// of the same schools that it does not. It reports whether anything changed.
func (p *plan) place(was *known, there *knownPerson, person *roster.Person, school, caller uuid.UUID, newID func() uuid.UUID) bool {
	want := map[membershipKey]bool{}
	teams := map[teamKey]bool{}
	for _, m := range person.Memberships {
		at := school
		if m.School != "" {
			var found bool
			if at, found = was.schools[m.School]; !found {
				continue // of a delta, whose school was never imported
			}
		}
		want[membershipKey{at, Role(m.Role)}] = true
		if m.Team != "" {
			teams[teamKey{at, p.team(was, at, m.Team, newID)}] = true
		}
	}
	changed := false
	set := func(k membershipKey, active bool) {
		p.setMembership(there.id, k, active)
		changed = true
	}
	for k := range want {
		if !there.memberships[k] {
			set(k, true)
		}
	}
	for k, active := range there.memberships {
		elsewhere := school != uuid.Nil && k.school != school // a simple CSV is about one school
		keepsTheKey := there.id == caller && k.role == Administrator
		if active && !want[k] && !elsewhere && !keepsTheKey && !there.byHand[k] {
			set(k, false)
		}
	}
	for k := range teams {
		if !there.teams[k] {
			p.joins.people = append(p.joins.people, there.id)
			p.joins.schools = append(p.joins.schools, k.school)
			p.joins.teams = append(p.joins.teams, k.team)
			changed = true
		}
	}
	for k := range there.teams {
		if school != uuid.Nil && k.school == school && !teams[k] {
			p.leaveTeam(there.id, k)
			changed = true
		}
	}
	return changed
}

func (p *plan) team(was *known, school uuid.UUID, name string, newID func() uuid.UUID) uuid.UUID {
	if was.teams[school] == nil {
		was.teams[school] = map[string]uuid.UUID{}
	}
	id, there := was.teams[school][name]
	if !there {
		id = newID()
		was.teams[school][name] = id
		p.newTeams.ids = append(p.newTeams.ids, id)
		p.newTeams.schools = append(p.newTeams.schools, school)
		p.newTeams.names = append(p.newTeams.names, name)
	}
	return id
}
