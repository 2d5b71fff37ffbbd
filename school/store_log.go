package school

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
)

// ImportEntry is one import in the log.
type ImportEntry struct {
	ID     uuid.UUID
	At     time.Time
	By     uuid.NullUUID // nobody: a command or a job
	ByName string
	Source string // oneroster or csv
	School uuid.NullUUID
	// What was carried out, or held: the id that a dry run of the same file told ([Difference]).
	Difference string
	Counts
	OddRows, Questions, Ended int
	Brakes                    []Brake
	Held                      bool // the brake has held it: nothing was done
	CanUndo                   bool
	Undone                    time.Time // zero: it stands
}

// UndoTime is how long an import can be undone: until somebody will have noticed.
// What people were before is kept for so long and no longer: see [Service.ForgetImports].
const UndoTime = 30 * 24 * time.Hour

const (
	// Only the last import can be undone: what people were before an earlier one is not kept.
	forgetBefore = `update roster_import set before = null where owner_id = $1 and before is not null`
	// Nor is it wanted once nobody can undo the import any more.
	forgetOldBefore = `update roster_import set before = null where owner_id = $1 and before is not null and at <= $2`

	insertImport = `
		insert into roster_import (owner_id, id, at, imported_by, source, school_id, file_hash, difference, created, updated, deactivated, unchanged,
			odd_rows, questions, brakes, ended, held, before)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`

	// The trigger on roster_import writes the act, under the import's own id; here it is told
	// whom it concerns, who may then read of it.
	insertConcerns = `
		insert into act_concerns (owner_id, person_id, act_id)
		select $1, who, $2 from unnest($3::uuid[]) w (who)`

	importsOfOwner = `
		select i.id, i.at, i.imported_by, coalesce(p.given_name || ' ' || p.family_name, ''), i.source, i.school_id, i.difference,
			i.created, i.updated, i.deactivated, i.unchanged, i.odd_rows, i.questions, i.ended, i.brakes, i.held,
			i.before is not null and i.undone_at is null and i.at > $2, coalesce(i.undone_at, '0001-01-01'::timestamptz)
		from roster_import i left join person p on p.owner_id = i.owner_id and p.id = i.imported_by
		where i.owner_id = $1 and (i.at, i.id) < ($3, $4::uuid)
		order by i.at desc, i.id desc
		limit $5`

	// Null where it can't be undone: undone already, too old, held, or not the last one. The row
	// is locked, so that two who undo at once go one after the other.
	importToUndo = `
		select case when undone_at is null and at > $3 then before end from roster_import
		where owner_id = $1 and id = $2 for update`

	importUndone = `update roster_import set undone_at = $3, undone_by = $4, before = null where owner_id = $1 and id = $2`
)

// snapshot is what people were before an import, so that it can be undone.
// It is kept as JSON in the import's own row, so that one update forgets all of it. Erasing a
// person who is in it empties it: to undo would bring their name back.
type snapshot struct {
	People  []snapshotOf `json:"people"`
	Created []uuid.UUID  `json:"created"`
	Source  string       `json:"source"`
	Entered []string     `json:"entered"`              // ids that the register had not had before
	Teams   []teamWas    `json:"teams_were,omitempty"` // called so, before a roll-over
}

// teamWas is what a team was called.
type teamWas struct {
	School uuid.UUID `json:"school"`
	Team   uuid.UUID `json:"team"`
	Name   string    `json:"name"`
}

type snapshotOf struct {
	ID     uuid.UUID      `json:"id"`
	Given  string         `json:"given"`
	Family string         `json:"family"`
	Email  string         `json:"email"`
	Login  string         `json:"login"`
	Active bool           `json:"active"`
	Places []snapshotRole `json:"places"`
	Teams  []uuid.UUID    `json:"teams"`
	// The school of each team, by the same index.
	TeamsAt []uuid.UUID `json:"teams_at"`
}

type snapshotRole struct {
	School uuid.UUID `json:"school"`
	Role   Role      `json:"role"`
}

// snapshot keeps what those were of whom the plan changes anything.
func (p *planner) snapshot() snapshot {
	s := snapshot{Created: p.newPeople.ids, Source: p.source()}
	for id := range p.touched {
		k := p.was.people[id]
		if k == nil {
			continue
		}
		one := snapshotOf{ID: id, Given: k.given, Family: k.family, Email: k.email, Login: k.login, Active: k.active}
		for m, active := range k.memberships {
			if active {
				one.Places = append(one.Places, snapshotRole{m.school, m.role})
			}
		}
		for t := range k.teams {
			one.Teams, one.TeamsAt = append(one.Teams, t.team), append(one.TeamsAt, t.school)
		}
		s.People = append(s.People, one)
	}
	for n, id := range p.teamNames.ids {
		s.Teams = append(s.Teams, teamWas{p.teamNames.schools[n], id, p.was.teamNames[teamKey{p.teamNames.schools[n], id}]})
	}
	for n, id := range p.entered.people {
		// Whoever came by the import keeps the id: they stay in the register, without access.
		if !slices.Contains(s.Created, id) {
			s.Entered = append(s.Entered, p.entered.sourced[n])
		}
	}
	return s
}

// entry is the statement that writes the import into the log.
func (p *planner) entry(as postgres.As, d Difference) ([]piece, error) {
	before, err := json.Marshal(p.snapshot())
	if err != nil {
		return nil, err
	}
	id := p.NewID()
	out := []piece{
		// Before the new line is there, which keeps its own.
		{forgetBefore, []any{as.Owner}, 0},
		{insertImport, p.logged(as, id, d, false, before), 1},
	}
	// The act is written by the import's row. Whom it touched is read of by those alone.
	people := slices.Clone(p.newPeople.ids)
	for who := range p.touched {
		people = append(people, who)
	}
	for some := range slices.Chunk(people, atOnce) {
		out = append(out, piece{insertConcerns, []any{as.Owner, id, some}, len(some)})
	}
	return out, nil
}

// logged is the import's line in the log, with the state before it, from which it can be
// undone.
// By is nobody for the house, and School for a file that names its schools itself.
func (i Import) logged(as postgres.As, id uuid.UUID, d Difference, held bool, before []byte) []any {
	brakes := make([]string, len(d.Brakes))
	for n, b := range d.Brakes {
		brakes[n] = string(b)
	}
	return []any{as.Owner, id, i.Now, uuid.NullUUID{UUID: as.Person, Valid: as.Person != uuid.Nil}, i.source(),
		uuid.NullUUID{UUID: i.School, Valid: i.School != uuid.Nil}, i.FileHash, d.ID, d.Created, d.Updated, d.Deactivated, d.Unchanged,
		len(d.Errors) + d.More, len(d.Questions), brakes, d.Ended, held, before}
}

// RecordHeld writes an import into the log that the brake has held, so that
// administrators read of it.
func (i Import) RecordHeld(ctx context.Context, db *postgres.DB, as postgres.As, d Difference) error {
	return db.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(insertImport, i.logged(as, i.NewID(), d, true, nil)...)
		return nil
	})
}

// queueImports asks for a page of the log, the newest first.
func queueImports(b *pgx.Batch, owner uuid.UUID, now time.Time, before time.Time, beforeID uuid.UUID, most int, into *[]ImportEntry) {
	b.Queue(importsOfOwner, owner, now.Add(-UndoTime), before, beforeID, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var e ImportEntry
			var brakes []string
			if err := rows.Scan(&e.ID, &e.At, &e.By, &e.ByName, &e.Source, &e.School, &e.Difference, &e.Created, &e.Updated, &e.Deactivated, &e.Unchanged,
				&e.OddRows, &e.Questions, &e.Ended, &brakes, &e.Held, &e.CanUndo, &e.Undone); err != nil {
				return err
			}
			for _, one := range brakes {
				e.Brakes = append(e.Brakes, Brake(one))
			}
			// The query writes the year 1 for "it stands", since a null can't be scanned into a time.
			if e.Undone.Year() <= 1 {
				e.Undone = time.Time{}
			}
			*into = append(*into, e)
		}
		return rows.Err()
	})
}

// Imports lists the last imports of an owner, the newest first. For the house.
// Fifty, on a terminal.
func Imports(ctx context.Context, db *postgres.DB, as postgres.As, now time.Time) ([]ImportEntry, error) {
	var out []ImportEntry
	err := db.Read(ctx, as, func(b *pgx.Batch) { queueImports(b, as.Owner, now, now.AddDate(100, 0, 0), uuid.Max, 50, &out) })
	return out, err
}

// undoing is the undoing of an import under way.
type undoing struct {
	was        *known
	then       snapshot
	there, can bool
}

// read asks for who is there now, and for who was there before the import.
func (u *undoing) read(b *pgx.Batch, owner, id uuid.UUID, now time.Time) {
	u.was = newKnown()
	// Of no register: whom to put back the snapshot says by their own ids.
	u.was.queue(b, owner, "")
	b.Queue(importToUndo, owner, id, now.Add(-UndoTime)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return err
			}
			if u.there, u.can = true, raw != nil; !u.can {
				continue
			}
			if err := json.Unmarshal(raw, &u.then); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// Undo puts the people of the last import back to what they were before it; those who
// came by it lose access. What was given by hand since stays. Refuses with NOT_FOUND,
// and with WRONG_STATE where it is not the last one, was held, undone, or is older
// than [UndoTime].
func Undo(ctx context.Context, tx *postgres.Tx, as postgres.As, id uuid.UUID, now time.Time) error {
	u := new(undoing)
	if err := tx.Ask(ctx, func(b *pgx.Batch) { u.read(b, as.Owner, id, now) }); err != nil {
		return err
	}
	return u.decide(tx, as, id, now)
}

// decide puts people back as they were before the import, and takes their access from those
// who came by it.
func (u *undoing) decide(w once.Writer, as postgres.As, id uuid.UUID, now time.Time) error {
	switch {
	case !u.there:
		return refusal.New(refusal.NotThere)
	case !u.can:
		return refusal.New(refusal.WrongState)
	}
	was, s := u.was, u.then
	// A planner without a file: only its columns, its statements, and its rules on what an
	// import never takes from whoever runs it, are used.
	p := &planner{plan: &plan{touched: map[uuid.UUID]bool{}}, was: was, caller: as.Person, Import: Import{Now: now}}
	for _, one := range s.People {
		p.putBack(one)
	}
	// Whoever came by the import loses access, and is not deleted: what they have written since
	// is theirs.
	for _, id := range s.Created {
		if k := was.people[id]; k != nil && k.active {
			p.deactivate(k)
		}
	}
	p.callBack(s.Teams)
	for _, piece := range p.pieces(as, s.Source, now) {
		w.Queue(piece.sql, piece.args...)
	}
	// Ids that the register had not had before are free again.
	if len(s.Entered) > 0 {
		w.Queue(leaveRegister, as.Owner, s.Source, s.Entered)
	}
	w.Queue(importUndone, as.Owner, id, now, uuid.NullUUID{UUID: as.Person, Valid: as.Person != uuid.Nil})
	return nil
}

// callBack plans that teams are again called what they were. One whose name a team of later
// has taken keeps its own, and so does one that would then take that.
func (p *planner) callBack(were []teamWas) {
	back := map[uuid.UUID]bool{}
	for _, t := range were {
		back[t.Team] = true
	}
	for again := true; again; {
		again = false
		for _, t := range were {
			has, taken := p.was.teams[t.School][roster.Fold(t.Name)]
			if back[t.Team] && taken && !back[has] {
				delete(back, t.Team)
				again = true
			}
		}
	}
	for _, t := range were {
		if back[t.Team] {
			p.nameTeam(t.School, t.Team, t.Name)
		}
	}
}

// putBack plans that somebody is again what they were.
// Complex because a person's data, places and teams go back each by a comparison in
// both directions.
func (p *planner) putBack(one snapshotOf) {
	k := p.was.people[one.ID]
	if k == nil {
		return
	}
	if one.Active {
		// Writing the name makes them active again, which they were.
		c := &p.changed
		c.ids, c.given, c.family = append(c.ids, k.id), append(c.given, one.Given), append(c.family, one.Family)
		c.email, c.login = append(c.email, one.Email), append(c.login, one.Login)
	} else if k.active {
		p.deactivate(k)
	}
	had := map[membershipKey]bool{}
	for _, at := range one.Places {
		had[membershipKey{at.School, at.Role}] = true
		if m := (membershipKey{at.School, at.Role}); !k.memberships[m] {
			p.setMembership(k.id, m, true)
		}
	}
	for m, active := range k.memberships {
		if active && !had[m] && !k.byHand[m] && !(k.id == p.caller && m.role == Administrator) {
			p.setMembership(k.id, m, false)
		}
	}
	teams := map[teamKey]bool{}
	for n, team := range one.Teams {
		t := teamKey{one.TeamsAt[n], team}
		if teams[t] = true; !k.teams[t] {
			p.joinTeam(k.id, t)
		}
	}
	for t := range k.teams {
		if !teams[t] {
			p.leaveTeam(k.id, t)
		}
	}
}

const leaveRegister = `delete from register_entry where owner_id = $1 and source = $2 and sourced_id = any ($3)`
