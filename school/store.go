package school

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The rules that hold at a time at the school of the visit that something is
// about (see visit_about).
// It is schoolByID by the id of a visit instead of a school's, so that the rules come in the
// same flight as the visit itself, whose school nobody knows before.
const rulesOfVisit = `
	select s.name, s.time_zone, p.feedback_due, p.answer_due, p.takeaway_due, p.gate, p.effective_at,
		(select coalesce(array_agg(f.day), '{}') from free_day f where f.owner_id = s.owner_id and f.school_id = s.id),
		(select coalesce(array_agg(d::date), '{}') from busy_period b, generate_series(b.first_day, b.last_day, interval '1 day') d
			where b.owner_id = s.owner_id and b.school_id = s.id and b.last_day > $4::date - 60)
	from school s
	left join lateral (
		select * from exchange_policy e
		where e.owner_id = s.owner_id and e.school_id = s.id and e.effective_at <= $4
		order by e.effective_at desc
		limit 1
	) p on true
	where s.owner_id = $1 and s.id = (select school_of_visit(visit_about($2, $3)))`

const (
	// In the order of names; no name comes before the empty one.
	peopleOfSchool = `
		select p.id, p.given_name, p.family_name, p.email, p.active and m.active,
			m.roles, (select coalesce(array_agg(t.team_id order by t.team_id), '{}')
				from team_member t
				where t.owner_id = p.owner_id and t.school_id = $2 and t.person_id = p.id)
		from (
			select person_id, bool_or(active) as active, array_agg(role order by role) filter (where active or $3) as roles
			from membership
			where owner_id = $1 and school_id = $2
			group by person_id
		) m
		join person p on p.owner_id = $1 and p.id = m.person_id
		where (p.active and m.active or $3) and (p.family_name, p.given_name, p.id) > ($4, $5, $6::uuid)
		order by p.family_name, p.given_name, p.id
		limit $7`

	// Whoever has no place at a school any more, and has visits with the caller there. Whoever
	// was erased has no name.
	leftOfSchool = `
		select p.id, p.given_name, p.family_name
		from met_at($2) met (id)
		join person p on p.owner_id = $1 and p.id = met.id
		where not (p.active and exists (
			select from membership m where m.owner_id = $1 and m.school_id = $2 and m.person_id = p.id and m.active))
		order by p.family_name, p.given_name, p.id
		limit $3`

	teamsOfSchool = `
		select id, name from team
		where owner_id = $1 and school_id = $2
		order by name
		limit 200`

	// The lateral join reads one row from the end of the key (owner, school, effective_at),
	// however long the log of policies is. Free days are counted in hundreds, and come whole.
	schoolByID = `
		select s.name, s.time_zone, p.feedback_due, p.answer_due, p.takeaway_due, p.gate, p.effective_at,
			(select coalesce(array_agg(f.day), '{}') from free_day f where f.owner_id = s.owner_id and f.school_id = s.id),
			(select coalesce(array_agg(d::date), '{}') from busy_period b, generate_series(b.first_day, b.last_day, interval '1 day') d
				where b.owner_id = s.owner_id and b.school_id = s.id and b.last_day > $3::date - 60)
		from school s
		left join lateral (
			select * from exchange_policy e
			where e.owner_id = s.owner_id and e.school_id = s.id and e.effective_at <= $3
			order by e.effective_at desc
			limit 1
		) p on true
		where s.owner_id = $1 and s.id = $2`
)

// Person is someone at a school.
type Person struct {
	ID         uuid.UUID
	GivenName  string
	FamilyName string
	Email      string
	// Active says that the person may sign in and holds a place here.
	Active bool
	Roles  []Role
	Teams  []uuid.UUID
}

// Name is the full name, in the order in which it is said.
func (p Person) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// Team is a group with a shared meeting.
type Team struct {
	ID   uuid.UUID
	Name string
}

// School is a school of an owner.
type School struct {
	ID   uuid.UUID
	Name string
	// An IANA name, such as Europe/Oslo.
	Zone  string
	Rules Rules
}

// queuePeople asks for a page of a school's people, by name.
// inactive: those who have left, too, with every role that they have held here.
func queuePeople(b *pgx.Batch, owner, school uuid.UUID, inactive bool, after place, most int, into *[]Person) {
	b.Queue(peopleOfSchool, owner, school, inactive, after.Family, after.Given, after.ID, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var p Person
			if err := rows.Scan(&p.ID, &p.GivenName, &p.FamilyName, &p.Email, &p.Active, &p.Roles, &p.Teams); err != nil {
				return err
			}
			*into = append(*into, p)
		}
		return rows.Err()
	})
}

// queueLeft asks for those who have left a school, and have visits with the caller there.
// By the caller's own visits only: who has left a school is nobody else's business.
func queueLeft(b *pgx.Batch, owner, school uuid.UUID, most int, take func(Person)) {
	b.Queue(leftOfSchool, owner, school, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var p Person
			if err := rows.Scan(&p.ID, &p.GivenName, &p.FamilyName); err != nil {
				return err
			}
			take(p)
		}
		return rows.Err()
	})
}

// queueTeams asks for a school's teams.
func queueTeams(b *pgx.Batch, owner, school uuid.UUID, take func(Team)) {
	b.Queue(teamsOfSchool, owner, school).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var t Team
			if err := rows.Scan(&t.ID, &t.Name); err != nil {
				return err
			}
			take(t)
		}
		return rows.Err()
	})
}

// QueueRulesAbout reads the rules that hold at a time at the school of the visit
// that something is about. Without such a visit the rules stay as they are; the
// caller has found that out.
func QueueRulesAbout(b *pgx.Batch, owner uuid.UUID, kind string, id uuid.UUID, at time.Time, into *Rules) {
	b.Queue(rulesOfVisit, owner, kind, id, at).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var s School
			if err := scanSchool(rows, &s); err != nil {
				return err
			}
			*into = s.Rules
		}
		return rows.Err()
	})
}

// QueueCalendar reads the calendar of a school. Without such a school it stays as it is.
// It asks at the zero time, so there is no policy in it, and every busy period is.
func QueueCalendar(b *pgx.Batch, owner, school uuid.UUID, into *Calendar) {
	b.Queue(schoolByID, owner, school, time.Time{}).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var s School
			if err := scanSchool(rows, &s); err != nil {
				return err
			}
			*into = s.Rules.Calendar
		}
		return rows.Err()
	})
}

// scanSchool reads a school. Where no policy was set yet, the default of product.md holds.
func scanSchool(row pgx.Row, into *School) error {
	var feedback, answer, takeaway *int
	var gate *bool
	var since *time.Time
	var free, busy []time.Time
	if err := row.Scan(&into.Name, &into.Zone, &feedback, &answer, &takeaway, &gate, &since, &free, &busy); err != nil {
		return err
	}
	into.Rules.Policy = DefaultPolicy(time.Time{})
	if since != nil {
		into.Rules.Policy = Policy{FeedbackDue: *feedback, AnswerDue: *answer, TakeawayDue: *takeaway, Gate: *gate, Since: *since}
	}
	calendar, err := NewCalendar(into.Zone, free)
	into.Rules.Calendar = calendar.WithBusy(busy)
	return err
}
