package school

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
)

// mostOnPhone is how many people of a school a phone keeps, and mostLeft of how many who
// have left it the name.
// A phone holds every school that somebody belongs to in full, so that a proposal can be
// written without a network. Past the limits it has the first ones in the
// order of names.
const (
	mostOnPhone = 2_000
	mostLeft    = 500
)

// PhoneSchools reads what phones keep of some schools. Once the batch is back it
// is told as the actor, known better by then, may know it.
func PhoneSchools(b *pgx.Batch, actor Actor, schools []uuid.UUID, now time.Time) func(Actor, uuid.UUID) *pb.SchoolOnPhone {
	type kept struct {
		School
		of     schoolFacts
		people []Person
		teams  []Team
	}
	found := map[uuid.UUID]*kept{}
	for _, id := range schools {
		k := &kept{School: School{ID: id}}
		found[id] = k
		queueSchool(b, actor.Owner, id, now, &k.School)
		k.of.queue(b, actor.Owner, id, now)
		queuePeople(b, actor.Owner, id, false, place{}, mostOnPhone, &k.people)
		// A visit stays that of the two when one of them goes to another school: it says with
		// whom it was. Whoever was erased has no name any more.
		queueLeft(b, actor.Owner, id, mostLeft, func(p Person) { k.people = append(k.people, p) })
		queueTeams(b, actor.Owner, id, func(t Team) { k.teams = append(k.teams, t) })
	}
	// The actor of the token may be ten seconds old; the one who is handed in here was read in
	// the same batch.
	return func(actor Actor, id uuid.UUID) *pb.SchoolOnPhone {
		k := found[id]
		out := &pb.SchoolOnPhone{School: encodeSchool(&k.School, k.of, now)}
		if !actor.Serves(id) { // whoever represents others there reads the policy
			return out
		}
		for _, p := range k.people {
			out.People = append(out.People, p.encode(actor, id))
		}
		for _, t := range k.teams {
			out.Teams = append(out.Teams, t.encode())
		}
		return out
	}
}
