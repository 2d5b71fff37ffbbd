package school

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"undring/refusal"
	"undring/school/roster"
)

// staff is a school of so many people as they are known after their list was taken.
func staff(content []byte, at uuid.UUID) (*known, error) {
	set, err := roster.Read(content, roster.SimpleCSV, roster.Options{})
	if err != nil {
		return nil, err
	}
	was := newKnown()
	was.schoolNames[at] = "Nesset skule"
	for _, p := range set.People {
		k := &knownPerson{id: uuid.New(), given: p.GivenName, family: p.FamilyName, email: p.Email, active: true, ours: true, names: []string{p.SourcedID},
			memberships: map[membershipKey]bool{}, byHand: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
		for _, m := range p.Memberships {
			k.memberships[membershipKey{at, Role(m.Role)}] = true
		}
		was.people[k.id], was.register[p.SourcedID] = k, k
	}
	return was, nil
}

// lost counts who had access and has none after the plan, by going through what it would
// write, and not by what the brake says of it.
func lost(was *known, p *planner) int {
	gone := map[uuid.UUID]bool{}
	for _, id := range p.deactivated {
		gone[id] = true
	}
	places := map[uuid.UUID]int{}
	for id, k := range was.people {
		for _, active := range k.memberships {
			if active {
				places[id]++
			}
		}
	}
	for n, id := range p.memberships.people {
		if p.memberships.active[n] {
			places[id]++
		} else {
			places[id]--
		}
	}
	n := 0
	for id, k := range was.people {
		if k.active && (gone[id] || places[id] <= 0) {
			n++
		}
	}
	return n
}

// G28: whatever byte of a roster is broken, no more access ends than the brake allows: it
// is refused, or held, or at most three people or one in ten lose theirs.
func TestPropertyABrokenByteEndsLittle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		many := rapid.IntRange(2, 60).Draw(r, "people")
		separator := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(r, "separator")
		var b strings.Builder
		b.WriteString(strings.Join([]string{"name", "email", "role", "team"}, separator) + "\n")
		b.WriteString(strings.Join([]string{"Arne Hagen", "arne@x.example", "administrator", ""}, separator) + "\n")
		for i := range many {
			b.WriteString(strings.Join([]string{fmt.Sprintf("Lærer%d Nr%d", i, i), fmt.Sprintf("l%d@x.example", i), "lærer", "5. trinn"}, separator) + "\n")
		}
		content, at := []byte(b.String()), uuid.New()
		was, err := staff(content, at)
		if err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(r, "breaks") {
			n := rapid.IntRange(0, len(content)-1).Draw(r, "where")
			content[n] = rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\"\r\n,;\t\x00@"))).Draw(r, "byte")
		}
		set, err := roster.Read(content, roster.SimpleCSV, roster.Options{})
		if err != nil {
			if refusal.ReasonOf(err) != refusal.RosterInvalid {
				r.Fatal(err)
			}
			return
		}
		p := newPlan(was, Import{Set: set, School: at, NewID: uuid.New}, uuid.Nil)
		d, err := p.difference()
		if err != nil || len(d.Brakes) > 0 {
			return // held
		}
		if n := lost(was, p); n > brakePeople && n*brakeShare > len(was.people) {
			r.Fatalf("%d of %d lose access: %q", n, len(was.people), content)
		}
	})
}
