package school

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Setup is what a school has of what it needs before a first visit.
// It is the check list of the desk; nothing of it is needed for a call to be served.
type Setup struct {
	Teachers int // who teach or lead, and have access: only they have visits
	Leaders  int
	FreeDays int  // days without school that somebody has told
	Purpose  bool // the school has said what visits are for
	Minutes  int  // set aside in the half-year that runs
}

// Five counts in one row; no row for a school that is not the owner's.
const setupOfSchool = `
	select
		(select count(distinct m.person_id) from membership m join person p on p.owner_id = m.owner_id and p.id = m.person_id
			where m.owner_id = s.owner_id and m.school_id = s.id and m.active and p.active and m.role = 'TEACHER'),
		(select count(distinct m.person_id) from membership m join person p on p.owner_id = m.owner_id and p.id = m.person_id
			where m.owner_id = s.owner_id and m.school_id = s.id and m.active and p.active and m.role = 'LEADER'),
		(select count(distinct f.day) from free_day f where f.owner_id = s.owner_id and f.school_id = s.id and f.day >= $3::date),
		exists (select from exchange_policy e where e.owner_id = s.owner_id and e.school_id = s.id and e.purpose <> ''),
		coalesce((select b.minutes from time_budget b where b.owner_id = s.owner_id and b.school_id = s.id and b.term = $4), 0)
	from school s
	where s.owner_id = $1 and s.id = $2`

// QueueSetup reads what a school has.
func QueueSetup(b *pgx.Batch, owner, school uuid.UUID, now time.Time, into *Setup) {
	// The half-year by the clock of Greenwich: an hour at its edge changes no check list.
	b.Queue(setupOfSchool, owner, school, now, TermOf(now, time.UTC).String()).QueryRow(func(row pgx.Row) error {
		return row.Scan(&into.Teachers, &into.Leaders, &into.FreeDays, &into.Purpose, &into.Minutes)
	})
}
