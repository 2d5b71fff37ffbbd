package school

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
)

// mostOnPhone is how many people of a school a phone keeps.
const mostOnPhone = 2_000

// PhoneSchools reads what phones keep of some schools. Once the batch is back it
// is told as the actor, known better by then, may know it.
func PhoneSchools(b *pgx.Batch, actor Actor, schools []uuid.UUID, now time.Time) func(Actor, uuid.UUID) *pb.SchoolOnPhone {
	type kept struct {
		School
		policies []Policy
		people   []Person
		teams    []Team
	}
	found := map[uuid.UUID]*kept{}
	for _, id := range schools {
		k := &kept{School: School{ID: id}}
		found[id] = k
		queueSchool(b, actor.Owner, id, now, &k.School)
		b.Queue(policiesOfSchool, actor.Owner, id).Query(eachPolicy(&k.policies))
		queuePeople(b, actor.Owner, id, false, place{}, mostOnPhone, &k.people)
		queueTeams(b, actor.Owner, id, func(t Team) { k.teams = append(k.teams, t) })
	}
	return func(actor Actor, id uuid.UUID) *pb.SchoolOnPhone {
		k := found[id]
		out := &pb.SchoolOnPhone{School: encodeSchool(&k.School, k.policies, now)}
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
