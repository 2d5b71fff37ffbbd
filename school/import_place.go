package school

import (
	"slices"

	"github.com/google/uuid"

	"undring/school/roster"
)

// leave takes somebody away from the schools that a file is about. Whoever has a
// place at another, or one that was given by hand, keeps that.
// Complex because what somebody was given by hand, holds at another school, or needs
// as the one who imports, each stays for a reason of its own.
func (p *planner) leave(there *knownPerson) {
	left, stays := false, false
	for k, active := range there.memberships {
		switch {
		case !active:
		case p.judged[k.school] && !there.byHand[k] && !(there.id == p.caller && k.role == Administrator):
			left = true
		default:
			stays = true
		}
	}
	// Only at other schools, or only by hand: the file has nothing to say about it.
	if !left {
		return // has been at other schools alone
	}
	// Their last place, and they run the import: counted as unchanged, as deactivate would do.
	if there.id == p.caller && !stays {
		p.Unchanged++
		return
	}
	for k, active := range there.memberships {
		if active && p.judged[k.school] && !there.byHand[k] && !(there.id == p.caller && k.role == Administrator) {
			p.setMembership(there.id, k, false)
		}
	}
	// Teams come from lists alone; none is joined by hand.
	for k := range there.teams {
		if p.judged[k.school] {
			p.leaveTeam(there.id, k)
		}
	}
	if !stays {
		p.deactivate(there)
		return
	}
	p.touched[there.id] = true
	p.Updated++
	p.changes = append(p.changes, Change{Updated, there.name(), there.email})
}

// setMembership adds a row to the columns that are written at once: twenty thousand
// people go in one statement, not in as many.
func (p *planner) setMembership(person uuid.UUID, k membershipKey, active bool) {
	p.memberships.people = append(p.memberships.people, person)
	p.memberships.schools = append(p.memberships.schools, k.school)
	p.memberships.roles = append(p.memberships.roles, string(k.role))
	p.memberships.active = append(p.memberships.active, active)
}

// leaveTeam adds a row to the columns of teams that are left.
func (p *planner) leaveTeam(person uuid.UUID, k teamKey) {
	p.leaves.people = append(p.leaves.people, person)
	p.leaves.schools = append(p.leaves.schools, k.school)
	p.leaves.teams = append(p.leaves.teams, k.team)
}

// joinTeam adds a row to the columns of teams that are joined.
func (p *planner) joinTeam(person uuid.UUID, k teamKey) {
	p.joins.people = append(p.joins.people, person)
	p.joins.schools = append(p.joins.schools, k.school)
	p.joins.teams = append(p.joins.teams, k.team)
}

// hasAPlace says whether anything of a person is at a school that is known for
// certain.
func (p *planner) hasAPlace(person *roster.Person) bool {
	for _, m := range person.Memberships {
		if _, clear := p.schoolOf(m); clear {
			return true
		}
	}
	return false
}

// schoolOf is the school of a place; false for one that is not there, or about which a
// question is open.
func (p *planner) schoolOf(m roster.Membership) (uuid.UUID, bool) {
	if m.School == "" {
		// A simple CSV names no school; the import does.
		return p.School, true
	}
	if p.unclear[m.School] {
		return uuid.Nil, false
	}
	at, there := p.was.schools[m.School]
	return at, there // of a delta, whose school was never imported: not there
}

// place gives a person the places that the set names, and takes from them those
// of the same schools that it does not. From somebody who was read in part alone
// nothing is taken. It reports whether anything changed.
// Complex because places and teams are compared with those of before in both
// directions, and what is not there any more ends only where the file may say so.
func (p *planner) place(there *knownPerson, person *roster.Person, isNew bool) bool {
	want, teams := map[membershipKey]bool{}, map[teamKey]bool{}
	for _, m := range slices.Concat(person.Memberships, p.more[there]) {
		at, clear := p.schoolOf(m)
		if !clear {
			continue
		}
		want[membershipKey{at, Role(m.Role)}] = true
		if m.Team != "" {
			teams[teamKey{at, p.team(at, m.Team)}] = true
		}
	}
	changed := false
	for k := range want {
		if !there.memberships[k] {
			p.setMembership(there.id, k, true)
			changed = true
		}
	}
	for k := range teams {
		if !there.teams[k] {
			p.joinTeam(there.id, k)
			changed = true
		}
	}
	// A row that could not be read whole may have named the places that are missing now.
	if isNew || person.Partly || p.speaksOf(there) || p.Set.SpeaksOf(person.SourcedID) {
		return changed
	}
	for k, active := range there.memberships {
		keepsTheKey := there.id == p.caller && k.role == Administrator
		if active && !want[k] && p.judges(k.school) && !keepsTheKey && !there.byHand[k] {
			p.setMembership(there.id, k, false)
			changed = true
		}
	}
	for k := range there.teams {
		// OneRoster tells of classes, not of teams, so only the list of a school ends a place in one.
		if p.School != uuid.Nil && k.school == p.School && !teams[k] {
			p.leaveTeam(there.id, k)
			changed = true
		}
	}
	return changed
}

// judges says whether the file says all about who is at a school. A delta of OneRoster
// says of those whom it names all their places.
func (p *planner) judges(school uuid.UUID) bool {
	if p.judged[school] {
		return true
	}
	// A school that comes from no register is never emptied by a delta.
	return p.School == uuid.Nil && !p.Set.Bulk && p.register[school]
}

// team finds a team by its name, however that is composed and whatever the size of its
// letters.
// A team that is not there is made; the next row that names it finds it.
func (p *planner) team(school uuid.UUID, name string) uuid.UUID {
	if p.was.teams[school] == nil {
		p.was.teams[school] = map[string]uuid.UUID{}
	}
	id, there := p.was.teams[school][roster.Fold(name)]
	if !there {
		id = p.NewID()
		p.was.teams[school][roster.Fold(name)] = id
		p.newTeams.ids = append(p.newTeams.ids, id)
		p.newTeams.schools = append(p.newTeams.schools, school)
		p.newTeams.names = append(p.newTeams.names, name)
	}
	return id
}
