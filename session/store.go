package session

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/school"
)

// Person is somebody with the places that they hold.
type Person = school.Member

// Session is one device that somebody has signed in with.
type Session struct {
	ID         uuid.UUID
	Person     uuid.UUID
	Device     string
	DeviceKey  []byte // SPKI; nil: the device has none
	OpenedBy   string // PROVIDER, INVITATION or DEMO
	Generation uint32 // of the refresh token that counts
	Refreshed  time.Time
	Created    time.Time
	Expires    time.Time
	Ended      time.Time // zero: open
	EndReason  string    // SIGNED_OUT, REVOKED or REUSED
}

const (
	linkOfSubject = `select person_id from sign_in_link where owner_id = $1 and issuer = $2 and subject = $3`

	// Whoever has come by another subject comes by the new one alone: see FirstWay.
	forgetLink = `delete from sign_in_link where owner_id = $1 and issuer = $2 and person_id = $3`

	insertLink = `
		insert into sign_in_link (owner_id, issuer, subject, person_id, created_at)
		values ($1, $2, $3, $4, $5)
		on conflict do nothing`

	sessionColumns = `
		select id, person_id, device_name, device_key, opened_by, generation, refreshed_at, created_at, expires_at, ended_at, coalesce(end_reason, '')
		from session `

	sessionByID = sessionColumns + `where owner_id = $1 and id = $2 and person_id = $3`

	lockSession = sessionByID + ` for update`

	sessionsOfPerson = sessionColumns + `
		where owner_id = $1 and person_id = $2 and expires_at > $3 and (ended_at is null or ended_at > $3 - interval '30 days')
		order by created_at desc, id desc
		limit 100`

	insertSession = `
		insert into session (owner_id, id, person_id, device_name, device_key, opened_by, refreshed_at, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $7, $8)`

	refreshSession = `
		update session set generation = $4, refreshed_at = $5
		where owner_id = $1 and id = $2 and person_id = $3`

	endSession = `
		update session set ended_at = $4, end_reason = $5
		where owner_id = $1 and id = $2 and person_id = $3 and ended_at is null`

	// Those of some sessions that are over, or whose holder has no place any more.
	sessionsOver = `
		select u.id from unnest($2::uuid[]) u (id)
		where not exists (
			select from session s
			where s.owner_id = $1 and s.id = u.id and s.ended_at is null and s.expires_at > $3 and holds_a_place(s.person_id))`

	// Whom a session belonged to is of no use to anybody once it could not be
	// opened again for 30 days.
	removeOldSessions = `
		delete from session
		where owner_id = $1 and expires_at < $2::timestamptz - interval '30 days'`
)

// queuePerson queues the question whom a session is for. The school's room answers:
// people are its own.
func queuePerson(b *pgx.Batch, h Holder, into *[]Person) {
	school.QueueMember(b, h.Owner, h.Person, into)
}

// eachSession reads rows of sessions.
func eachSession(into *[]Session) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var s Session
			var ended *time.Time
			err := rows.Scan(&s.ID, &s.Person, &s.Device, &s.DeviceKey, &s.OpenedBy, &s.Generation, &s.Refreshed, &s.Created, &s.Expires,
				&ended, &s.EndReason)
			if err != nil {
				return err
			}
			if ended != nil {
				s.Ended = *ended
			}
			*into = append(*into, s)
		}
		return rows.Err()
	}
}
