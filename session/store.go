package session

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/school"
)

// Person is someone with the places that they hold.
type Person struct {
	ID          uuid.UUID
	Name        string
	Email       string
	Locale      string
	Memberships []school.Membership
}

const (
	// One row for each place that the person holds.
	personByID = `
		select p.id, p.given_name || ' ' || p.family_name, p.email, p.locale, m.school_id, s.name, m.role
		from person p
		join membership m on m.owner_id = p.owner_id and m.person_id = p.id and m.active
		join school s on s.owner_id = m.owner_id and s.id = m.school_id
		where p.owner_id = $1 and p.id = $2 and p.active
		order by s.name, m.role`

	// Everyone of the demo, by name.
	peopleOfOwner = `
		select p.id, p.given_name || ' ' || p.family_name, p.email, p.locale, m.school_id, s.name, m.role
		from person p
		join membership m on m.owner_id = p.owner_id and m.person_id = p.id and m.active
		join school s on s.owner_id = m.owner_id and s.id = m.school_id
		where p.owner_id = $1 and p.active
		order by p.family_name, p.given_name, p.id, s.name, m.role
		limit 1000`
)

func queuePerson(b *pgx.Batch, h Holder, into *[]Person) {
	b.Queue(personByID, h.Owner, h.Person).Query(eachPerson(into))
}

func eachPerson(into *[]Person) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var p Person
			var m school.Membership
			if err := rows.Scan(&p.ID, &p.Name, &p.Email, &p.Locale, &m.School, &m.SchoolName, &m.Role); err != nil {
				return err
			}
			if n := len(*into); n == 0 || (*into)[n-1].ID != p.ID {
				*into = append(*into, p)
			}
			last := &(*into)[len(*into)-1]
			last.Memberships = append(last.Memberships, m)
		}
		return rows.Err()
	}
}
