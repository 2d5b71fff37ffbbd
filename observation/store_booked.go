package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Booked is a visit that has been agreed on, as a calendar knows it: when, and no word of it.
type Booked struct {
	ID       uuid.UUID
	School   uuid.UUID
	Observer uuid.UUID
	Observed uuid.UUID
	Start    time.Time
	End      time.Time
	Talk     Talk
	Off      bool // nobody went, it was called off, or withdrawn
	// Version is the step of the visit that last changed what stands here, and Changed when
	// that was. What the two write to each other changes neither, so that a calendar does not
	// tell when they do.
	Version int
	Changed time.Time
}

// mostBooked bounds what one person's calendar holds.
const mostBooked = 1000

// A proposal that came to nothing was never in anybody's calendar. What was called off of late is
// told, however long ago the lesson was to be: a calendar may still show it. That the school has
// let go of a visit's words after some months calls nothing off.
const bookedVisits = `
	select v.id, v.school_id, v.observer_id, v.observed_id, v.start_at, v.end_at, v.talk_at, v.talk_minutes,
		e.off, e.seq, e.at
	from visit v
	cross join lateral (
		select e.seq, e.at, e.to_state <> 'AGREED' off from visit_event e
		where e.owner_id = v.owner_id and e.visit_id = v.id
			and (e.event in ('ACCEPT', 'MOVE') or e.to_state in ('CANCELLED', 'EXPIRED', 'WITHDRAWN') and e.event <> 'FORGET')
		order by e.seq desc limit 1) e
	where v.owner_id = $1 and $2 in (v.observer_id, v.observed_id) and (v.start_at > $3 or e.off and e.at > $3) and v.state not in ('PROPOSED', 'DECLINED')
		and exists (select from visit_event a where a.owner_id = v.owner_id and a.visit_id = v.id and a.event = 'ACCEPT')
	order by v.start_at desc, v.id
	limit $4`

// QueueBooked reads a person's visits that are or were agreed on, whose lesson begins after a
// time, or which were called off after it: the furthest ahead first.
func QueueBooked(b *pgx.Batch, owner, person uuid.UUID, after time.Time, take func(Booked)) {
	b.Queue(bookedVisits, owner, person, after, mostBooked).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var v Booked
			var talk *time.Time
			err := rows.Scan(&v.ID, &v.School, &v.Observer, &v.Observed, &v.Start, &v.End, &talk, &v.Talk.Minutes, &v.Off, &v.Version, &v.Changed)
			if err != nil {
				return err
			}
			v.Talk.At = v.End
			if talk != nil {
				v.Talk.At = *talk
			}
			take(v)
		}
		return rows.Err()
	})
}
