package session

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/school"
)

// Person is somebody with the places that they hold.
type Person = school.Member

// Session is one device that somebody has signed in with. Its columns are written in
// store.go alone. Nothing of the network is among them: where somebody signed in is
// nobody's to know.
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
	// By the primary key. There is no join with the roster: an address that has changed
	// hands can't change whose a subject is.
	linkOfSubject = `select person_id from sign_in_link where owner_id = $1 and issuer = $2 and subject = $3`

	// Whoever has come by another subject comes by the new one alone: see FirstWay.
	forgetLink = `delete from sign_in_link where owner_id = $1 and issuer = $2 and person_id = $3`

	// Two first sign-ins at the same moment find the same person; the second one's row is
	// there already, and that is right.
	insertLink = `
		insert into sign_in_link (owner_id, issuer, subject, person_id, created_at)
		values ($1, $2, $3, $4, $5)
		on conflict do nothing`

	// What eachSession scans, in its order; end_reason is empty, not null, for an open
	// session.
	sessionColumns = `
		select id, person_id, device_name, device_key, opened_by, generation, refreshed_at, created_at, expires_at, ended_at, coalesce(end_reason, '')
		from session `

	// By the primary key; the person is a condition besides, since a token says all three
	// and they have to belong together.
	sessionByID = sessionColumns + `where owner_id = $1 and id = $2 and person_id = $3`

	// Whoever changes a session takes its row first: of two that do, the second one sees
	// what the first one wrote.
	lockSession = sessionByID + ` for update`

	// By session_of_person, the newest first. What ended more than 30 days ago says nothing
	// that its owner can act on.
	sessionsOfPerson = sessionColumns + `
		where owner_id = $1 and person_id = $2 and expires_at > $3 and (ended_at is null or ended_at > $3 - interval '30 days')
		order by created_at desc, id desc
		limit 100`

	// The generation begins at 1 by default, and created and refreshed are the same moment.
	// A trigger counts the day of sign-in from refreshed_at.
	insertSession = `
		insert into session (owner_id, id, person_id, device_name, device_key, opened_by, refreshed_at, created_at, expires_at, own_data)
		values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)`

	// A trigger refuses it for an ended session and for a lower generation: the rule holds
	// also where this code is wrong.
	refreshSession = `
		update session set generation = $4, refreshed_at = $5
		where owner_id = $1 and id = $2 and person_id = $3`

	// Only an open one: a second end would hide why the first came. A trigger removes the
	// device's address for pushes with it.
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
	// opened again for [KeptTime].
	removeOldSessions = `
		delete from session
		where owner_id = $1 and expires_at < $2`
)

// queuePerson queues the question whom a session is for. The school's room answers:
// people are its own.
func queuePerson(b *pgx.Batch, h Holder, into *[]Person) {
	school.QueueMember(b, h.Owner, h.Person, into)
}

// eachSession reads rows of sessions. Times are never null but for the end, whose null
// becomes the zero time.
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
