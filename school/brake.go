package school

import (
	"slices"

	"github.com/google/uuid"
)

// Brake is why an import does nothing until somebody has approved its difference.
type Brake string

// The brakes.
const (
	// TooManyEnd: the access of more than [brakePeople] people ends, and of more than
	// one in [brakeShare] of those the import speaks for.
	TooManyEnd Brake = "TOO_MANY_END"
	// LastAdministrator: nobody would be left who keeps the owner's roster.
	LastAdministrator Brake = "LAST_ADMINISTRATOR"
	// WholeSchool: nobody who was at a school would be there any more.
	WholeSchool Brake = "WHOLE_SCHOOL"
)

const (
	// Both have to be exceeded (G28). By the share alone, a school of five could never let one
	// teacher go; by the number alone, an owner of thousands would meet the brake every night.
	brakePeople = 3
	brakeShare  = 10
)

// Brakes lists every brake.
func Brakes() []Brake { return []Brake{TooManyEnd, LastAdministrator, WholeSchool} }

// after is who has which places once the plan is carried out: people who were there,
// and those who are new.
// It is worked out anew instead of being counted along with the plan, so that what the
// brakes look at does not depend on each step of the plan having counted right.
func (p *planner) after() map[uuid.UUID]map[membershipKey]bool {
	out := make(map[uuid.UUID]map[membershipKey]bool, len(p.was.people))
	back := map[uuid.UUID]bool{}
	for _, id := range p.changed.ids {
		back[id] = true // whose name is written is active from then on
	}
	for _, k := range p.was.people {
		places := map[membershipKey]bool{}
		for m, active := range k.memberships {
			if active && (k.active || back[k.id]) {
				places[m] = true
			}
		}
		out[k.id] = places
	}
	for n, id := range p.memberships.people {
		if out[id] == nil {
			out[id] = map[membershipKey]bool{}
		}
		m := membershipKey{p.memberships.schools[n], Role(p.memberships.roles[n])}
		if p.memberships.active[n] {
			out[id][m] = true
		} else {
			delete(out[id], m)
		}
	}
	// Their memberships stay active in the table, and come back with them if the register does.
	for _, id := range p.deactivated {
		out[id] = nil
	}
	return out
}

// brakes says what holds an import back, and how many lose access of how many.
// Complex because it counts, in one pass over everybody, what all three brakes look
// at: three passes would have to agree on whom they count.
func (p *planner) brakes() (why []Brake, ended, of int) {
	after := p.after()
	administered, administers := false, false
	for _, k := range p.was.people {
		// Whoever had no access loses none, and doesn't count among those of whom a share is lost.
		if !k.access() {
			continue
		}
		// The share is of those of whom the file speaks, not of all of the owner's people: the loss
		// of a whole small school would be a small part of a large municipality.
		if p.isSpokenFor(k) {
			of++
		}
		if len(after[k.id]) == 0 {
			ended++
		}
		for m, active := range k.memberships {
			// An owner that had nobody to keep the roster, on the first import, is not held for it.
			administered = administered || active && m.role == Administrator
		}
	}
	for _, places := range after {
		for m := range places {
			administers = administers || m.role == Administrator
		}
	}
	if ended > brakePeople && ended*brakeShare > of {
		why = append(why, TooManyEnd)
	}
	if administered && !administers {
		why = append(why, LastAdministrator)
	}
	if p.emptied(after) {
		why = append(why, WholeSchool)
	}
	return why, ended, of
}

// isSpokenFor says whether the file says anything about somebody: a bulk file about all
// of its register at its schools, a delta about those whom it names.
func (p *planner) isSpokenFor(k *knownPerson) bool {
	// A delta that ends somebody's access names them, by any of the ids under which they stand.
	if !p.Set.Bulk {
		return slices.ContainsFunc(k.names, func(id string) bool { return p.inSet(id) })
	}
	if !k.ours {
		return false
	}
	for m, active := range k.memberships {
		if active && p.judged[m.school] {
			return true
		}
	}
	return false
}

// inSet says whether the file speaks of a person by an id. The set is made at the
// first question, since most imports never ask.
func (p *planner) inSet(id string) bool {
	if p.ids == nil {
		p.ids = map[string]bool{}
		for n := range p.Set.People {
			p.ids[p.Set.People[n].SourcedID] = true
		}
	}
	return p.ids[id]
}

// emptied says whether everybody who was at some school goes: two or more, or the only
// one, whom nobody follows.
func (p *planner) emptied(after map[uuid.UUID]map[membershipKey]bool) bool {
	// had: how many were there before; stay: how many of them are there afterwards; there:
	// whether anybody is afterwards, whoever they are.
	had, stay, there := map[uuid.UUID]int{}, map[uuid.UUID]int{}, map[uuid.UUID]bool{}
	for id, places := range after {
		for school := range schoolsOf(places) {
			there[school] = true
			if k := p.was.people[id]; k != nil && k.active && isAt(k.memberships, school) {
				stay[school]++
			}
		}
	}
	for _, k := range p.was.people {
		if !k.active {
			continue
		}
		active := map[membershipKey]bool{}
		for m, is := range k.memberships {
			if is {
				active[m] = true
			}
		}
		for school := range schoolsOf(active) {
			had[school]++
		}
	}
	for school, n := range had {
		// A school of one teacher may change its teacher; where several go and none stays, it is
		// rather another school's file.
		if stay[school] == 0 && (n > 1 || !there[school]) {
			return true
		}
	}
	return false
}

// schoolsOf lists the schools of somebody's memberships.
func schoolsOf(places map[membershipKey]bool) map[uuid.UUID]bool {
	out := map[uuid.UUID]bool{}
	for m := range places {
		out[m.school] = true
	}
	return out
}

// isAt says whether somebody has any active membership at a school.
func isAt(places map[membershipKey]bool, school uuid.UUID) bool {
	for m, active := range places {
		if active && m.school == school {
			return true
		}
	}
	return false
}
