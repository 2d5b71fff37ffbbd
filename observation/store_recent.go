package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// A person has a handful of visits under way; the bound is for those who have not.
	mostRecent = 300

	// What is under way, whenever it was last touched, and what ended of late or has its lesson
	// ahead: that it is called off has to be told.
	recentVisits = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and $2 in (v.observer_id, v.observed_id)
			and (v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') or v.updated_at >= $3 or v.end_at >= $3)
		order by v.updated_at desc
		limit $4`

	recentSteps = `
		select e.visit_id, e.event, e.actor_id, e.at
		from visit v
		join visit_event e on e.owner_id = v.owner_id and e.visit_id = v.id and e.seq = v.seq
		where v.owner_id = $1 and $2 in (v.observer_id, v.observed_id)
			and (v.state in ('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED') or v.updated_at >= $3 or v.end_at >= $3)
		order by v.updated_at desc
		limit $4`
)

// Recent is a visit with the last step that was taken in it.
type Recent struct {
	Visit
	Event Event
	Actor uuid.NullUUID // nobody: time took it
	At    time.Time
}

// QueueRecent reads a person's visits that are under way, and those that were touched, or whose
// lesson ended, since a time. What it returns gives them once the batch is back.
func QueueRecent(b *pgx.Batch, owner, person uuid.UUID, since time.Time) func() []Recent {
	var visits []Visit
	last := map[uuid.UUID]Recent{}
	b.Queue(recentVisits, owner, person, since, mostRecent).Query(func(rows pgx.Rows) error {
		return eachVisit(rows, func(v Visit) { visits = append(visits, v) })
	})
	b.Queue(recentSteps, owner, person, since, mostRecent).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id uuid.UUID
			var r Recent
			if err := rows.Scan(&id, &r.Event, &r.Actor, &r.At); err != nil {
				return err
			}
			last[id] = r
		}
		return rows.Err()
	})
	return func() []Recent {
		out := make([]Recent, 0, len(visits))
		for _, v := range visits {
			if r, there := last[v.ID]; there {
				r.Visit = v
				out = append(out, r)
			}
		}
		return out
	}
}

// QueueOffers reads the open lessons to come of some schools, besides the person's own.
func QueueOffers(b *pgx.Batch, owner, person uuid.UUID, now time.Time, take func(Lesson)) {
	b.Queue(offersAround, owner, person, now, ShownLessons).Query(func(rows pgx.Rows) error { return eachLesson(rows, take) })
}

// Row level security leaves those of the person's own schools.
const offersAround = `
	select ` + lessonColumns + ` from open_lesson
	where owner_id = $1 and person_id <> $2 and start_at > $3 and not taken
	order by start_at, id
	limit $4`
