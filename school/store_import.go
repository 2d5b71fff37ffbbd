package school

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
)

const (
	ensureOwner = `insert into school_owner (owner_id, name) values ($1, $2) on conflict do nothing`

	// One import of an owner at a time.
	lockRoster = `select pg_advisory_xact_lock(hashtextextended('roster ' || $1::text, 0))`

	knownSchools = `select id, coalesce(sourced_id, ''), name from school where owner_id = $1`

	knownPeople = `select id, sourced_id, given_name, family_name, email, active from person where owner_id = $1 and source = $2 and sourced_id is not null`

	knownMemberships = `
		select m.person_id, m.school_id, m.role, m.active, m.by_hand
		from membership m
		join person p on p.owner_id = m.owner_id and p.id = m.person_id
		where m.owner_id = $1 and p.source = $2`

	knownTeams = `select school_id, id, name from team where owner_id = $1`

	knownTeamMembers = `
		select t.person_id, t.school_id, t.team_id
		from team_member t
		join person p on p.owner_id = t.owner_id and p.id = t.person_id
		where t.owner_id = $1 and p.source = $2`

	addSchools = `
		insert into school (owner_id, id, name, sourced_id, created_at)
		select $1, id, name, sourced, $5 from unnest($2::uuid[], $3::text[], $4::text[]) s (id, name, sourced)`

	addSchool = `insert into school (owner_id, id, name, created_at) values ($1, $2, $3, $4) on conflict do nothing`

	addPolicies = `
		insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate)
		select $1, id, $3, $4, $5, $6, $7 from unnest($2::uuid[]) s (id)
		on conflict do nothing`

	renameSchools = `
		update school set name = n.name from unnest($2::uuid[], $3::text[]) n (id, name)
		where school.owner_id = $1 and school.id = n.id`

	addPeople = `
		insert into person (owner_id, id, given_name, family_name, email, sourced_id, source, created_at)
		select $1, id, given, family, email, sourced, $7, $8
		from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) p (id, given, family, email, sourced)`

	changePeople = `
		update person set given_name = n.given, family_name = n.family, email = n.email, active = true
		from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) n (id, given, family, email)
		where person.owner_id = $1 and person.id = n.id`

	deactivatePeople = `update person set active = false where owner_id = $1 and id = any ($2)`

	setMemberships = `
		insert into membership (owner_id, school_id, person_id, role, active, since)
		select $1, school, person, role, active, $6
		from unnest($2::uuid[], $3::uuid[], $4::text[], $5::boolean[]) m (school, person, role, active)
		on conflict (owner_id, school_id, person_id, role) do update set active = excluded.active`

	addTeams = `
		insert into team (owner_id, school_id, id, name)
		select $1, school, id, name from unnest($2::uuid[], $3::uuid[], $4::text[]) t (school, id, name)`

	joinTeams = `
		insert into team_member (owner_id, school_id, team_id, person_id)
		select $1, school, team, person from unnest($2::uuid[], $3::uuid[], $4::uuid[]) t (school, team, person)`

	leaveTeams = `
		delete from team_member using unnest($2::uuid[], $3::uuid[], $4::uuid[]) t (school, team, person)
		where owner_id = $1 and school_id = t.school and team_id = t.team and person_id = t.person`
)

// Import says what is imported, and by whom.
type Import struct {
	Set *roster.Set
	// School is what a simple CSV is about; the nil UUID for OneRoster, which
	// names its schools itself.
	School uuid.UUID
	DryRun bool
	Now    time.Time
	NewID  func() uuid.UUID
}

// source is the register that people come from: who is deactivated is of the
// same.
func (i Import) source() string {
	if i.School == uuid.Nil {
		return "oneroster"
	}
	return "csv:" + i.School.String()
}

// EnsureOwner makes a school owner where there is none. For the house alone.
func EnsureOwner(ctx context.Context, db *postgres.DB, owner uuid.UUID, name string) error {
	return db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(ensureOwner, owner, name)
		return nil
	})
}

// AddSchool makes a school with the rules that schools begin with, where there
// is none of that id.
func AddSchool(ctx context.Context, db *postgres.DB, as postgres.As, id uuid.UUID, name string, now time.Time) error {
	return db.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
		d := DefaultPolicy(now)
		tx.Queue(addSchool, as.Owner, id, name, now)
		tx.Queue(addPolicies, as.Owner, []uuid.UUID{id}, now, d.FeedbackDue, d.AnswerDue, d.TakeawayDue, d.Gate)
		return nil
	})
}

// asker is a transaction: the plain one, or one that remembers its request.
type asker interface {
	Ask(ctx context.Context, fill func(*pgx.Batch)) error
	Queue(sql string, args ...any) *pgx.QueuedQuery
}

var order = map[ChangeKind]int{Deactivated: 1, Created: 2, Updated: 3}

// Run reads what is there in one flight and queues what is to be written, all or
// nothing. It tells what becomes of whom, those who lose access first.
func (i Import) Run(ctx context.Context, tx asker, as postgres.As) (Counts, []Change, error) {
	was := &known{schools: map[string]uuid.UUID{}, schoolNames: map[uuid.UUID]string{}, people: map[string]*knownPerson{},
		teams: map[uuid.UUID]map[string]uuid.UUID{}}
	if err := tx.Ask(ctx, func(b *pgx.Batch) { was.queue(b, as.Owner, i.source()) }); err != nil {
		return Counts{}, nil, err
	}
	if _, there := was.schoolNames[i.School]; i.School != uuid.Nil && !there {
		return Counts{}, nil, refusal.New(refusal.NotThere)
	}
	p := newPlan(was, i.Set, i.School, as.Person, i.NewID)
	if !i.DryRun {
		p.write(tx, as.Owner, i.source(), i.Now)
	}
	// Who loses access is looked at first.
	slices.SortStableFunc(p.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order[a.Kind], order[b.Kind]), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Email, b.Email))
	})
	return p.Counts, p.changes, nil
}

func (k *known) queue(b *pgx.Batch, owner uuid.UUID, source string) {
	byID := map[uuid.UUID]*knownPerson{}
	each := func(sql string, args []any, scan func(pgx.Rows) error) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := scan(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	b.Queue(lockRoster, owner)
	each(knownSchools, []any{owner}, func(r pgx.Rows) error {
		var id uuid.UUID
		var sourced, name string
		err := r.Scan(&id, &sourced, &name)
		k.schoolNames[id] = name
		if sourced != "" {
			k.schools[sourced] = id
		}
		return err
	})
	each(knownPeople, []any{owner, source}, func(r pgx.Rows) error {
		p := &knownPerson{memberships: map[membershipKey]bool{}, byHand: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
		var sourced string
		err := r.Scan(&p.id, &sourced, &p.given, &p.family, &p.email, &p.active)
		k.people[sourced], byID[p.id] = p, p
		return err
	})
	each(knownMemberships, []any{owner, source}, func(r pgx.Rows) error {
		var person uuid.UUID
		var m membershipKey
		var active, byHand bool
		err := r.Scan(&person, &m.school, &m.role, &active, &byHand)
		if p := byID[person]; p != nil {
			p.memberships[m], p.byHand[m] = active, byHand
		}
		return err
	})
	each(knownTeams, []any{owner}, func(r pgx.Rows) error {
		var school, id uuid.UUID
		var name string
		err := r.Scan(&school, &id, &name)
		if k.teams[school] == nil {
			k.teams[school] = map[string]uuid.UUID{}
		}
		k.teams[school][name] = id
		return err
	})
	each(knownTeamMembers, []any{owner, source}, func(r pgx.Rows) error {
		var person uuid.UUID
		var t teamKey
		err := r.Scan(&person, &t.school, &t.team)
		if p := byID[person]; p != nil {
			p.teams[t] = true
		}
		return err
	})
}

func (p *plan) write(tx asker, owner uuid.UUID, source string, now time.Time) {
	if len(p.newSchools.ids) > 0 {
		d := DefaultPolicy(now)
		tx.Queue(addSchools, owner, p.newSchools.ids, p.newSchools.names, p.newSchools.sourced, now)
		tx.Queue(addPolicies, owner, p.newSchools.ids, now, d.FeedbackDue, d.AnswerDue, d.TakeawayDue, d.Gate)
	}
	if len(p.renamed.ids) > 0 {
		tx.Queue(renameSchools, owner, p.renamed.ids, p.renamed.names)
	}
	if n := p.newPeople; len(n.ids) > 0 {
		tx.Queue(addPeople, owner, n.ids, n.given, n.family, n.email, n.sourced, source, now)
	}
	if c := p.changed; len(c.ids) > 0 {
		tx.Queue(changePeople, owner, c.ids, c.given, c.family, c.email)
	}
	if len(p.deactivated) > 0 {
		tx.Queue(deactivatePeople, owner, p.deactivated)
	}
	if m := p.memberships; len(m.people) > 0 {
		tx.Queue(setMemberships, owner, m.schools, m.people, m.roles, m.active, now)
	}
	if t := p.newTeams; len(t.ids) > 0 {
		tx.Queue(addTeams, owner, t.schools, t.ids, t.names)
	}
	if l := p.leaves; len(l.people) > 0 {
		tx.Queue(leaveTeams, owner, l.schools, l.teams, l.people)
	}
	if j := p.joins; len(j.people) > 0 {
		tx.Queue(joinTeams, owner, j.schools, j.teams, j.people)
	}
}
