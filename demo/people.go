package demo

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"undring/school"
	"undring/school/roster"
)

// Owner is the school owner of the demo, and School its school. Both are public, as the
// commands and the tests of the demo name them.
var (
	Owner  = id("owner")
	School = id("school")
)

// namespace makes the demo's ids the same on every machine.
var namespace = uuid.MustParse("5f0d8c1e-3b57-4c52-9a3e-0d6f2f6b7a10")

// id makes an id out of a name, the same in each demo: a demo that is started anew keeps
// people's ids, and a link into it still opens.
func id(of string) uuid.UUID { return uuid.NewSHA1(namespace, []byte(of)) }

const (
	// Invented, as is every name here; .example is a domain that can belong to nobody (RFC
	// 2606).
	ownerName  = "Fjordvik kommune"
	schoolName = "Fjordvik skole"
)

// teams with their teachers. Those who have visits under way come last. Two teams of eight
// and two of seven: the smaller ones are too few for figures of their own, so that both
// cases can be seen (G10).
var teams = []struct {
	name     string
	teachers []string
}{
	{"1.–4. trinn", []string{"Anne Solbakken", "Bjørn Tveiten", "Camilla Ødegård", "Daniel Myhre", "Eli Nordgård", "Fredrik Lunde", "Gunn Haugland", "Halvor Brekke"}},
	{"5.–7. trinn", []string{"Ida Sæther", "Jonas Rønning", "Kari Fossheim", "Lars Engebretsen", "Maja Strand", "Nils Aune", "Oda Kvamme", "Per Stordal"}},
	{"8.–10. trinn realfag", []string{"Ragnhild Vik", "Sander Moen", "Tone Bakke", "Ulrik Hagen", "Vilde Nygaard", "Yngve Sand", "Åse Lien"}},
	{"8.–10. trinn språk og samfunn", []string{"Astrid Holm", "Birk Dalen", "Celine Ruud", "Dag Eriksen", "Eva Lindberg", "Finn Skogen", "Guro Tangen"}},
}

// others are the people without a team: two leaders, an administrator, and one who
// represents the teachers.
var others = []struct {
	name string
	role roster.Role
}{
	{"Marit Hovland", roster.Leader},
	{"Geir Ulvestad", roster.Leader},
	{"Silje Kirkeby", roster.Administrator},
	{"Torhild Nes", roster.Role(school.Representative)}, // no file of a roster gives this role; here nobody is there to give it by hand
}

// people is the roster of the school. It goes in by an import, as a school's own does; the
// representative's role alone could not come by a file.
func people() *roster.Set {
	set := &roster.Set{Bulk: true}
	add := func(name string, m roster.Membership) {
		set.People = append(set.People, rosterPerson(name, m))
	}
	for _, t := range teams {
		for _, name := range t.teachers {
			add(name, roster.Membership{Role: roster.Teacher, Team: t.name})
		}
	}
	for _, o := range others {
		add(o.name, roster.Membership{Role: o.role})
	}
	return set
}

// rosterPerson is somebody of the demo as a register would tell them. The address is the id
// in the register as well: it is the one thing that is theirs alone.
func rosterPerson(name string, m roster.Membership) roster.Person {
	i := strings.LastIndexByte(name, ' ')
	mail := fmt.Sprintf("%s@fjordvik.example", strings.ToLower(strings.ReplaceAll(name, " ", ".")))
	return roster.Person{
		SourcedID: mail, GivenName: name[:i], FamilyName: name[i+1:], Email: mail, Active: true, Memberships: []roster.Membership{m},
	}
}
