package school

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
)

// IdentityWait is how long another way to be taken for somebody who has signed in before
// waits: time enough to be seen on a device of theirs, and to say no.
const IdentityWait = InvitationWait

// LockRoster is what all that changes who several people of an owner are takes turns at: an
// import, a merge, an erasure. It comes before the first row is touched: whoever holds one
// person's row, and then waits to tell the school, stands in the way of whoever has told it
// and goes on to the next person.
const LockRoster = `select pg_advisory_xact_lock(hashtextextended('roster ' || $1::text, 0))`

const (
	// Of those who have signed in before, it keeps the old address and lets the new one wait.
	tellOfAddresses = `select tell_of_addresses($2, $3, $4, $5, $6) where $1::uuid is not null`

	ensureOwner = `insert into school_owner (owner_id, name) values ($1, $2) on conflict do nothing`

	knownSchools = `select id, coalesce(sourced_id, ''), name from school where owner_id = $1`

	// Of every register: whoever comes from another one may be the same.
	knownPeople = `select id, given_name, family_name, email, login, active from person where owner_id = $1`

	// Of one register only: the same id in another one is somebody else's.
	knownEntries = `select sourced_id, person_id from register_entry where owner_id = $1 and source = $2`

	refusedAddresses = `select person_id, said from identity_change where owner_id = $1 and kind = 'ADDRESS' and outcome = 'VOID'`

	// All of the owner's, and not those of the source alone: a join of tables that
	// were filled a moment ago, of which nothing is known yet, took minutes.
	knownMemberships = `select person_id, school_id, role, active, by_hand from membership where owner_id = $1`

	knownTeams = `select school_id, id, name from team where owner_id = $1`

	knownTeamMembers = `select person_id, school_id, team_id from team_member where owner_id = $1`

	addSchools = `
		insert into school (owner_id, id, name, sourced_id, created_at)
		select $1, id, name, sourced, $5 from unnest($2::uuid[], $3::text[], $4::text[]) s (id, name, sourced)`

	addSchool = `insert into school (owner_id, id, name, created_at) values ($1, $2, $3, $4) on conflict do nothing`

	// A school without a policy would have the defaults of whichever version of the program runs;
	// written down, they are what holds until somebody changes them.
	addPolicies = `
		insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate)
		select $1, id, $3, $4, $5, $6, $7 from unnest($2::uuid[]) s (id)
		where not exists (select from exchange_policy e where e.owner_id = $1 and e.school_id = s.id)`

	renameSchools = `
		update school set name = n.name from unnest($2::uuid[], $3::text[]) n (id, name)
		where school.owner_id = $1 and school.id = n.id`

	addPeople = `
		insert into person (owner_id, id, given_name, family_name, email, login, created_at)
		select $1, id, given, family, email, login, $7
		from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) p (id, given, family, email, login)`

	// Whoever is in a register again is active again.
	changePeople = `
		update person set given_name = n.given, family_name = n.family, email = n.email, login = n.login, active = true
		from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) n (id, given, family, email, login)
		where person.owner_id = $1 and person.id = n.id`

	// An id that a register has given to somebody else is theirs from then on.
	enterPeople = `
		insert into register_entry (owner_id, source, sourced_id, person_id, created_at)
		select $1, $4, e.sourced, e.person, $5 from unnest($2::uuid[], $3::text[]) e (person, sourced)
		on conflict (owner_id, source, sourced_id) do update set person_id = excluded.person_id, created_at = excluded.created_at`

	// Only a school that has no id of a register yet can take one.
	adoptSchools = `
		update school set sourced_id = n.sourced from unnest($2::uuid[], $3::text[]) n (id, sourced)
		where school.owner_id = $1 and school.id = n.id and school.sourced_id is null`

	// Whoever brings a school in keeps its roster, too.
	keepSchools = `
		insert into membership (owner_id, school_id, person_id, role, active, since, by_hand)
		select $1, school, $3, 'ADMINISTRATOR', true, $4, true from unnest($2::uuid[]) m (school)
		on conflict (owner_id, school_id, person_id, role) do update set active = true, by_hand = true`

	// Their sessions find out when they ask anew; nothing of theirs is deleted.
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
	// Approved is the difference that a dry run told; empty: whatever it is, unless
	// the brake holds it.
	Approved string
	// Same answers questions: a row's or a school's id → whom or which it is; the nil
	// UUID: somebody, or a school, that is new.
	Same  map[string]uuid.UUID
	Now   time.Time
	NewID func() uuid.UUID
	// FileHash tells files apart in the log. SHA-256; nil: no file.
	FileHash []byte
	// Progress is told how many rows of how many have been written. The whole
	// counts only when the import has ended well. Nil: nobody watches.
	Progress func(done, all int)
	// RollOver says that no file is read: the teams of a school go into a new year.
	RollOver bool
}

// rolledOver is the source of what no file has brought.
const rolledOver = "rollover"

// source is the register that people come from: whoever is deactivated is of the
// same. The CSVs of an owner's schools are one, in which an address is a person:
// somebody may stand in two of them.
func (i Import) source() string {
	if i.RollOver {
		return rolledOver
	}
	if i.School == uuid.Nil {
		return "oneroster"
	}
	return "csv"
}

// EnsureOwner makes a school owner where there is none. For the house alone.
func EnsureOwner(ctx context.Context, db *postgres.DB, owner uuid.UUID, name string) error {
	return db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(ensureOwner, owner, roster.Clean(name))
		return nil
	})
}

// AddSchool makes a school with the rules that schools begin with, where there
// isn't one of that id.
func AddSchool(ctx context.Context, db *postgres.DB, as postgres.As, id uuid.UUID, name string, now time.Time) error {
	return db.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
		d := DefaultPolicy(now)
		tx.Queue(addSchool, as.Owner, id, roster.Clean(name), now)
		tx.Queue(addPolicies, as.Owner, []uuid.UUID{id}, now, d.FeedbackDue, d.AnswerDue, d.TakeawayDue, d.Gate)
		return nil
	})
}

var order = map[ChangeKind]int{Deactivated: 1, Created: 2, Updated: 3}

// Difference is what an import does.
type Difference struct {
	Counts
	Changes []Change // those who lose access first
	// Errors are the odd rows of the file, and those that what is there has told.
	Errors    []roster.RowError
	More      int // odd rows beyond those
	Questions []Question
	// Brakes hold the import until its difference is approved: Ended people of Of
	// lose access.
	Brakes    []Brake
	Ended, Of int
	// ID stands for the file and all of its changes. New people count by name:
	// a dry run and the import have the same.
	ID string
}

// importing is an import under way.
// Of a refused one the Difference stays, for the log of what was held.
type importing struct {
	was *known
	Difference
	pieces []piece
}

// read asks for everybody whom the file may speak of.
func (r *importing) read(b *pgx.Batch, i Import, owner uuid.UUID) {
	r.was = newKnown()
	r.was.queue(b, owner, i.source())
}

// decide works out the difference and the statements that write it; of a dry run
// none. Refuses with STALE_REVISION what is no longer what was approved, and with
// APPROVAL_NEEDED what the brake holds: the difference is there all the same.
func (r *importing) decide(i Import, as postgres.As) error {
	if _, there := r.was.schoolNames[i.School]; i.School != uuid.Nil && !there {
		return refusal.New(refusal.NotThere)
	}
	// The nil UUID is the house, whose own access no file can take away.
	p := newPlan(r.was, i, as.Person)
	var err error
	if r.Difference, err = p.difference(); err != nil || i.DryRun {
		return err
	}
	switch {
	// Where it was approved, the brakes have been seen: what counts then is that nothing has
	// changed since.
	case i.Approved == "" && len(r.Brakes) > 0:
		return held(r.Difference)
	case i.Approved != "" && i.Approved != r.ID:
		return refusal.New(refusal.StaleRevision)
	}
	entry, err := p.entry(as, r.Difference)
	// The line of the log comes last: it names people who have to be there.
	r.pieces = append(p.pieces(as, i.source(), i.Now), entry...)
	return err
}

// Run carries an import out in the name of the house, all or nothing: it reads what
// is there in one flight, and queues what is to be written. What it refuses it tells
// the difference of all the same.
func (i Import) Run(ctx context.Context, tx *postgres.Tx, as postgres.As) (Difference, error) {
	r := new(importing)
	if err := tx.Ask(ctx, func(b *pgx.Batch) { r.read(b, i, as.Owner) }); err != nil {
		return Difference{}, err
	}
	if err := r.decide(i, as); err != nil {
		return r.Difference, err
	}
	return r.Difference, i.write(ctx, tx, r.pieces)
}

// held is the refusal of an import that the brake holds.
// The first brake is the code; how many lose access goes along, for words that say so.
func held(d Difference) error {
	r := refusal.New(refusal.ApprovalNeeded).With("difference", d.ID).With("code", string(d.Brakes[0]))
	return r.With("ended", strconv.Itoa(d.Ended)).With("of", strconv.Itoa(d.Of))
}

// difference is what the import would do, with an id that is made of all of it: approved is
// what was looked at, and nothing else.
func (p *planner) difference() (Difference, error) {
	slices.SortStableFunc(p.changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order[a.Kind], order[b.Kind]), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Email, b.Email))
	})
	d := Difference{Counts: p.Counts, Changes: p.changes, Questions: p.questions}
	d.Errors = append(slices.Clone(p.Set.Errors), p.errors...)
	slices.SortStableFunc(d.Errors, func(a, b roster.RowError) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	d.More = p.Set.More + max(0, len(d.Errors)-roster.MaxErrors)
	// Sorted before it is cut, so that the same file shows the same rows each time.
	d.Errors = d.Errors[:min(len(d.Errors), roster.MaxErrors)]
	d.Brakes, d.Ended, d.Of = p.brakes()
	// Of the set itself and not of the file: the same people in another order of columns, or
	// zipped again, are the same difference. Ids of new people are drawn anew each time, and
	// are no part of it.
	sum := sha256.New()
	err := json.NewEncoder(sum).Encode(struct {
		School  uuid.UUID
		Set     *roster.Set
		Changes []Change
		Same    map[string]uuid.UUID
	}{p.School, p.Set, p.changes, p.Same})
	d.ID = hex.EncodeToString(sum.Sum(nil)[:8])
	return d, err
}

// newKnown is an owner of whom nothing is known yet.
func newKnown() *known {
	return &known{schools: map[string]uuid.UUID{}, schoolNames: map[uuid.UUID]string{}, people: map[uuid.UUID]*knownPerson{},
		register: map[string]*knownPerson{}, teams: map[uuid.UUID]map[string]uuid.UUID{}, teamNames: map[teamKey]string{}, refused: map[refusedAddress]bool{}}
}

// queue asks for the owner's schools, people, teams and ids in registers, in one flight.
// Everything is compared in memory then: asked for row by row, a roster of 20,000 would be
// 20,000 questions.
func (k *known) queue(b *pgx.Batch, owner uuid.UUID, source string) {
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
	// First, so that what follows is read once nobody else is changing it.
	b.Queue(LockRoster, owner)
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
	each(knownPeople, []any{owner}, func(r pgx.Rows) error {
		p := &knownPerson{memberships: map[membershipKey]bool{}, byHand: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
		err := r.Scan(&p.id, &p.given, &p.family, &p.email, &p.login, &p.active)
		k.people[p.id] = p
		return err
	})
	each(knownEntries, []any{owner, source}, func(r pgx.Rows) error {
		var sourced string
		var person uuid.UUID
		err := r.Scan(&sourced, &person)
		if p := k.people[person]; p != nil {
			k.register[sourced], p.ours, p.names = p, true, append(p.names, sourced)
		}
		return err
	})
	each(refusedAddresses, []any{owner}, func(r pgx.Rows) error {
		var a refusedAddress
		err := r.Scan(&a.person, &a.email)
		k.refused[a] = true
		return err
	})
	each(knownMemberships, []any{owner}, func(r pgx.Rows) error {
		var person uuid.UUID
		var m membershipKey
		var active, byHand bool
		err := r.Scan(&person, &m.school, &m.role, &active, &byHand)
		if p := k.people[person]; p != nil {
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
		k.teams[school][roster.Fold(name)], k.teamNames[teamKey{school, id}] = id, name
		return err
	})
	each(knownTeamMembers, []any{owner}, func(r pgx.Rows) error {
		var person uuid.UUID
		var t teamKey
		err := r.Scan(&person, &t.school, &t.team)
		if p := k.people[person]; p != nil {
			p.teams[t] = true
		}
		return err
	})
}

// atOnce is how many rows one statement writes: few enough to stay far within the
// time that a statement has.
const atOnce = 2_000

// piece is one statement of an import.
type piece struct {
	sql  string
	args []any
	rows int
}

// pieces are the statements of an import, in their order.
func (p *planner) pieces(as postgres.As, source string, now time.Time) []piece {
	var out []piece
	owner := as.Owner
	add := func(rows int, sql string, args func(from, to int) []any) {
		for from := 0; from < rows; from += atOnce {
			to := min(from+atOnce, rows)
			out = append(out, piece{sql, append([]any{owner}, args(from, to)...), to - from})
		}
	}
	// What others point at comes first: schools, their rules, people, teams. Of teams leaving
	// comes before joining. Each statement's tenant is its first argument, which add puts there.
	n := p.newSchools
	d := DefaultPolicy(now)
	add(len(n.ids), addSchools, func(i, j int) []any { return []any{n.ids[i:j], n.names[i:j], n.sourced[i:j], now} })
	add(len(n.ids), addPolicies, func(i, j int) []any {
		return []any{n.ids[i:j], now, d.FeedbackDue, d.AnswerDue, d.TakeawayDue, d.Gate}
	})
	r := p.renamed
	add(len(r.ids), renameSchools, func(i, j int) []any { return []any{r.ids[i:j], r.names[i:j]} })
	o := p.adopted
	add(len(o.ids), adoptSchools, func(i, j int) []any { return []any{o.ids[i:j], o.names[i:j]} })
	a := p.newPeople
	add(len(a.ids), addPeople, func(i, j int) []any {
		return []any{a.ids[i:j], a.given[i:j], a.family[i:j], a.email[i:j], a.login[i:j], now}
	})
	c := p.changed
	add(len(c.ids), changePeople, func(i, j int) []any {
		return []any{c.ids[i:j], c.given[i:j], c.family[i:j], c.email[i:j], c.login[i:j]}
	})
	entries := p.entered
	add(len(entries.people), enterPeople, func(i, j int) []any {
		return []any{entries.people[i:j], entries.sourced[i:j], source, now}
	})
	w := p.readdressed
	add(len(w.people), tellOfAddresses, func(i, j int) []any { return []any{w.people[i:j], w.from[i:j], w.to[i:j], now, now.Add(IdentityWait)} })
	add(len(p.deactivated), deactivatePeople, func(i, j int) []any { return []any{p.deactivated[i:j]} })
	m := p.memberships
	add(len(m.people), setMemberships, func(i, j int) []any {
		return []any{m.schools[i:j], m.people[i:j], m.roles[i:j], m.active[i:j], now}
	})
	// The house keeps no roster in its own name.
	if p.caller != uuid.Nil {
		add(len(p.keys), keepSchools, func(i, j int) []any { return []any{p.keys[i:j], p.caller, now} })
	}
	t := p.newTeams
	add(len(t.ids), addTeams, func(i, j int) []any { return []any{t.schools[i:j], t.ids[i:j], t.names[i:j]} })
	l, e := p.leaves, p.joins
	add(len(l.people), leaveTeams, func(i, j int) []any { return []any{l.schools[i:j], l.teams[i:j], l.people[i:j]} })
	if names := p.teamNames; len(names.ids) > 0 { // of one school, and few
		out = append(out, piece{freeTeamNames, []any{owner, names.schools[0], names.ids}, len(names.ids)},
			piece{renameTeams, []any{owner, names.schools[0], names.ids, names.names}, len(names.ids)})
	}
	add(len(e.people), joinTeams, func(i, j int) []any { return []any{e.schools[i:j], e.teams[i:j], e.people[i:j]} })
	return out
}

// write queues all that is to be written, for one flight; where somebody watches,
// it is sent piece by piece instead.
func (i Import) write(ctx context.Context, tx *postgres.Tx, pieces []piece) error {
	if i.Progress == nil {
		for _, w := range pieces {
			tx.Queue(w.sql, w.args...)
		}
		return nil
	}
	done, all := 0, 0
	for _, w := range pieces {
		all += w.rows
	}
	for _, w := range pieces {
		if err := tx.Ask(ctx, func(b *pgx.Batch) { b.Queue(w.sql, w.args...) }); err != nil {
			return err
		}
		done += w.rows
		i.Progress(done, all)
	}
	return nil
}
