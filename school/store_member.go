package school

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Member is somebody with the places that they hold.
type Member struct {
	ID    uuid.UUID
	Name  string
	Email string
	// nb, nn or en; nb until they choose.
	Locale      string
	Memberships []Membership
}

// One row for each place that somebody holds.
// Whoever holds no active place has no row, and so isn't a member of anything.
const memberColumns = `
	select p.id, p.given_name || ' ' || p.family_name, p.email, p.locale, m.school_id, s.name, m.role
	from person p
	join membership m on m.owner_id = p.owner_id and m.person_id = p.id and m.active
	join school s on s.owner_id = m.owner_id and s.id = m.school_id `

const (
	memberByID = memberColumns + `
		where p.owner_id = $1 and p.id = $2 and p.active
		order by s.name, m.role`

	membersOfOwner = memberColumns + `
		where p.owner_id = $1 and p.active
		order by p.family_name, p.given_name, p.id, s.name, m.role
		limit 1000`

	namesOf = `select id, trim(given_name || ' ' || family_name) from person where owner_id = $1 and id = any ($2)`

	// What each of some people is at a school now.
	places = `
		select m.person_id, m.role
		from membership m
		join person p on p.owner_id = m.owner_id and p.id = m.person_id
		where m.owner_id = $1 and m.school_id = $2 and m.person_id = any ($3) and m.active and p.active`

	// What those are called who work at the schools where somebody does, themselves among them.
	// Active or not: somebody's name in a text is theirs after they have left, too.
	colleagues = `
		select distinct p.given_name || ' ' || p.family_name
		from membership mine
		join membership theirs on theirs.owner_id = mine.owner_id and theirs.school_id = mine.school_id and theirs.active
		join person p on p.owner_id = theirs.owner_id and p.id = theirs.person_id
		where mine.owner_id = $1 and mine.person_id = $2 and mine.active and mine.role <> 'REPRESENTATIVE'
		limit 2000`

	// Both hold a place at the same school now: whoever has left is nobody's colleague there.
	isColleague = `
		select exists (
			select from membership mine
			join membership theirs on theirs.owner_id = mine.owner_id and theirs.school_id = mine.school_id and theirs.active
			join person p on p.owner_id = theirs.owner_id and p.id = theirs.person_id and p.active
			where mine.owner_id = $1 and mine.person_id = $2 and theirs.person_id = $3 and $2 <> $3
				and mine.active and mine.role <> 'REPRESENTATIVE')`
)

// QueueMember reads somebody who is active and holds a place; nobody: into stays.
func QueueMember(b *pgx.Batch, owner, person uuid.UUID, into *[]Member) {
	b.Queue(memberByID, owner, person).Query(eachMember(into))
}

// QueueMemberships reads the places that somebody holds now.
// Without any, into stays as it was.
func QueueMemberships(b *pgx.Batch, owner, person uuid.UUID, into *[]Membership) {
	b.Queue(memberByID, owner, person).Query(func(rows pgx.Rows) error {
		var people []Member
		err := eachMember(&people)(rows)
		for _, p := range people {
			*into = p.Memberships
		}
		return err
	})
}

// QueueMembers reads everybody of an owner, by name, at most a thousand.
// It serves the demo alone, where people are picked from a list to sign in.
func QueueMembers(b *pgx.Batch, owner uuid.UUID, into *[]Member) {
	b.Queue(membersOfOwner, owner).Query(eachMember(into))
}

// QueueNames reads what some people are called.
func QueueNames(b *pgx.Batch, owner uuid.UUID, people []uuid.UUID, into map[uuid.UUID]string) {
	b.Queue(namesOf, owner, people).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var person uuid.UUID
			var name string
			if err := rows.Scan(&person, &name); err != nil {
				return err
			}
			into[person] = name
		}
		return rows.Err()
	})
}

// QueuePlaces reads what each of some people is at a school: nobody is in it who
// holds no place there.
func QueuePlaces(b *pgx.Batch, owner, school uuid.UUID, people []uuid.UUID, into map[uuid.UUID][]string) {
	b.Queue(places, owner, school, people).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var person uuid.UUID
			var role string
			if err := rows.Scan(&person, &role); err != nil {
				return err
			}
			into[person] = append(into[person], role)
		}
		return rows.Err()
	})
}

// QueueTeamsOf reads the teams that somebody is in.
func QueueTeamsOf(b *pgx.Batch, owner, person uuid.UUID, into *[]uuid.UUID) {
	b.Queue(teamsOf, owner, person).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

const teamsOf = `select coalesce(array_agg(team_id), '{}') from team_member where owner_id = $1 and person_id = $2`

// QueueTeamThere asks whether a team is one of a school's; no team is there anyway.
func QueueTeamThere(b *pgx.Batch, owner, school uuid.UUID, team uuid.NullUUID, into *bool) {
	b.Queue(teamThere, owner, school, team).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

const teamThere = `select $3::uuid is null or exists (select from team where owner_id = $1 and school_id = $2 and id = $3)`

// QueueColleague asks whether two different people hold places at one school now.
func QueueColleague(b *pgx.Batch, owner, one, other uuid.UUID, into *bool) {
	b.Queue(isColleague, owner, one, other).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// QueueColleagues reads what the people are called who work where somebody does, at most two thousand.
func QueueColleagues(b *pgx.Batch, owner, person uuid.UUID, into *[]string) {
	b.Queue(colleagues, owner, person).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
}

// eachMember reads people with their places; the rows of one person follow each other.
func eachMember(into *[]Member) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var p Member
			var m Membership
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
