package school

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
)

const (
	// Two teams may change names: each lets go of its own first, for no two of a school may
	// have the same at any moment.
	freeTeamNames = `update team set name = id::text where owner_id = $1 and school_id = $2 and id = any ($3)`

	renameTeams = `
		update team set name = n.name from unnest($3::uuid[], $4::text[]) n (id, name)
		where team.owner_id = $1 and team.school_id = $2 and team.id = n.id`
)

// RollOver takes a school's teams into a new school year: what they are called, and who is
// in them. Roles stay; who comes and leaves is an import's.
type RollOver struct {
	School uuid.UUID
	Names  []TeamName
	Moves  []TeamMove
	DryRun bool
	// Approved is the difference that a dry run told; empty: whatever it is.
	Approved string
	Now      time.Time
	NewID    func() uuid.UUID
}

// TeamName is what a team is to be called.
type TeamName struct {
	Team uuid.UUID
	Name string
}

// TeamMove says in which teams of the school somebody is to be, all of them.
type TeamMove struct {
	Person uuid.UUID
	Teams  []uuid.UUID
}

// RolledTeam is a team that gets another name.
type RolledTeam struct{ Was, Name string }

// RolledPerson is somebody who gets other teams: by the names that these had, and will have.
type RolledPerson struct {
	Name     string
	From, To []string
}

// RolledOver is what a roll-over does. ID stands for all of it.
type RolledOver struct {
	Teams  []RolledTeam
	People []RolledPerson
	ID     string
}

// rolling is a roll-over under way.
type rolling struct {
	was *known
	RolledOver
	pieces []piece
}

// read asks for everybody of the owner, as an import does.
func (r *rolling) read(b *pgx.Batch, owner uuid.UUID) {
	r.was = newKnown()
	r.was.queue(b, owner, rolledOver)
}

// decide works out what changes, and the statements that write it; of a dry run none. A team
// or a person that is not of the school is refused with NOT_FOUND, two teams of one name with
// INVALID_FIELD, what is no longer what was approved with STALE_REVISION.
func (r *rolling) decide(o RollOver, as postgres.As) error {
	p := &planner{plan: &plan{touched: map[uuid.UUID]bool{}}, was: r.was, caller: as.Person, Import: Import{School: o.School, RollOver: true, Now: o.Now, NewID: o.NewID}}
	names, err := r.rename(p, o)
	if err != nil {
		return err
	}
	if err := r.move(p, o, names); err != nil {
		return err
	}
	slices.SortFunc(r.Teams, func(a, b RolledTeam) int { return cmp.Compare(a.Was, b.Was) })
	slices.SortFunc(r.People, func(a, b RolledPerson) int { return cmp.Compare(a.Name, b.Name) })
	told, err := json.Marshal(struct {
		School uuid.UUID
		Of     RolledOver
	}{o.School, r.RolledOver})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(told)
	r.ID = hex.EncodeToString(sum[:8])
	switch {
	case o.DryRun, len(r.Teams)+len(r.People) == 0:
		return nil
	case o.Approved != "" && o.Approved != r.ID:
		return refusal.New(refusal.StaleRevision)
	}
	p.Updated = len(r.People)
	entry, err := p.entry(as, Difference{Counts: p.Counts, ID: r.ID})
	r.pieces = append(p.pieces(as, rolledOver, o.Now), entry...)
	return err
}

// rename plans the names, and says what each team of the school is called then.
func (r *rolling) rename(p *planner, o RollOver) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	for t, name := range r.was.teamNames {
		if t.school == o.School {
			names[t.team] = name
		}
	}
	for n, t := range o.Names {
		was, there := names[t.Team]
		name := roster.Clean(t.Name)
		switch {
		case !there:
			return nil, refusal.New(refusal.NotThere)
		case name == "":
			return nil, refusal.Beyond("names["+strconv.Itoa(n)+"].name", refusal.Empty, 0)
		case name == was:
			continue
		}
		names[t.Team] = name
		p.nameTeam(o.School, t.Team, name)
		r.Teams = append(r.Teams, RolledTeam{was, name})
	}
	called := map[string]int{}
	for _, name := range names {
		called[roster.Fold(name)]++
	}
	for _, t := range r.Teams {
		if called[roster.Fold(t.Name)] > 1 {
			return nil, refusal.Beyond("names", refusal.TeamThere, 0)
		}
	}
	return names, nil
}

// nameTeam plans that a team has another name, and keeps the one that it had.
func (p *planner) nameTeam(school, team uuid.UUID, name string) {
	t := &p.teamNames
	t.ids, t.schools, t.names = append(t.ids, team), append(t.schools, school), append(t.names, name)
}

// move plans who is in which teams.
func (r *rolling) move(p *planner, o RollOver, names map[uuid.UUID]string) error {
	for _, m := range o.Moves {
		k := r.was.people[m.Person]
		if k == nil || !k.active || !isAt(k.memberships, o.School) || p.touched[m.Person] {
			return refusal.New(refusal.NotThere)
		}
		one, want := RolledPerson{Name: k.name()}, map[teamKey]bool{}
		for _, id := range m.Teams {
			name, there := names[id]
			if !there {
				return refusal.New(refusal.NotThere)
			}
			t := teamKey{o.School, id}
			if want[t] {
				continue
			}
			want[t] = true
			one.To = append(one.To, name)
			if !k.teams[t] {
				p.joinTeam(k.id, t)
				p.touched[k.id] = true
			}
		}
		for t := range k.teams {
			if t.school != o.School {
				continue
			}
			one.From = append(one.From, r.was.teamNames[t])
			if !want[t] {
				p.leaveTeam(k.id, t)
				p.touched[k.id] = true
			}
		}
		if p.touched[k.id] {
			slices.Sort(one.From)
			slices.Sort(one.To)
			r.People = append(r.People, one)
		}
	}
	return nil
}

// write queues what is to be written.
func (r *rolling) write(w once.Writer) {
	for _, piece := range r.pieces {
		w.Queue(piece.sql, piece.args...)
	}
}
