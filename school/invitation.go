package school

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/wire"
)

const (
	// InvitationTime is how long an invitation counts.
	InvitationTime = 7 * 24 * time.Hour
	// InvitationWait is how long one waits that is for somebody who has signed in
	// before: time enough to be seen on a device of theirs, which makes it void.
	InvitationWait = 72 * time.Hour
)

// Codes hold what is hard to mistake when read aloud or from paper: no i, l, o, u.
var codes = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// invitationCode is the code of an invitation, always the same: 60 bits, in three
// groups of four.
// The server can make it again from its secret, so the database keeps a sum of it alone.
func invitationCode(secret []byte, owner, id uuid.UUID) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(owner[:])
	mac.Write(id[:])
	code := codes.EncodeToString(mac.Sum(nil))
	return code[:4] + "-" + code[4:8] + "-" + code[8:12]
}

// HashInvitation is what the database knows a code by, however it was written
// down: letters of either case, o for 0, i and l for 1, with or without blanks
// and hyphens.
func HashInvitation(code string) []byte {
	plain := strings.NewReplacer(" ", "", "-", "", "–", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code))
	sum := sha256.Sum256([]byte("undring invitation " + plain))
	return sum[:]
}

const (
	// Asked before anybody is known: the function reads past row level security, by the sum alone.
	invitedByCode = `select owner_id, person_id from invitation_of($1)`

	// All conditions in one update: of two who use a code at once, one finds it unused.
	useInvitation = `
		update invitation set used_at = $3
		where owner_id = $1 and code_hash = $2 and used_at is null and valid_from <= $3 and expires_at > $3
		returning id`

	// Whoever is seen on a device of theirs needs no way around it.
	voidWaiting = `
		update invitation set used_at = $3
		where owner_id = $1 and person_id = $2 and used_at is null and valid_from > created_at`

	// A code that was written down and lost must not count beside the new one.
	replaceInvitations = `
		update invitation set used_at = $3
		where owner_id = $1 and person_id = $2 and used_at is null`

	peopleByEmail = `
		select id from person
		where owner_id = $1 and active and (lower(email collate "C") = $2 and email <> '' or login = $2 and login <> '')
		limit 2`

	// No row: nobody, or nobody who is active.
	mayBeInvited = `
		select has_signed_in(p.id)
		from person p
		where p.owner_id = $1 and p.id = $2 and p.active`

	// False where another administrator is signed in, who could invite in the ordinary way.
	inviteAtOnce = `select invite_at_once($2, $3) where $1::uuid is not null`

	hashOfInvitation = `select code_hash from invitation where owner_id = $1 and id = $2`

	insertInvitation = `
		insert into invitation (owner_id, id, person_id, invited_by, code_hash, created_at, valid_from, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// QueueInvited finds whom a code invites; the nil UUID: nobody.
// Whether the invitation still counts is not asked here, but where it is used up.
func QueueInvited(b *pgx.Batch, hash []byte, owner, person *uuid.UUID) {
	b.Queue(invitedByCode, hash).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(owner, person); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// UseInvitation uses an invitation up, as the one who is invited. One that does
// not count, or no more: NOT_SIGNED_IN.
func UseInvitation(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, hash []byte, now time.Time) error {
	used := false
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(useInvitation, owner, hash, now).Query(func(rows pgx.Rows) error {
			used = rows.Next()
			return rows.Err()
		})
	})
	if err == nil && !used {
		return refusal.New(refusal.NotSignedIn)
	}
	return err
}

// SeenAgain makes void the invitations that wait for whether somebody is seen on a
// device of theirs.
func SeenAgain(tx *postgres.Tx, owner, person uuid.UUID, now time.Time) {
	tx.Queue(voidWaiting, owner, person, now)
}

// CreateInvitation makes a one-time code. That the caller keeps a roster has been
// checked at the door.
func (s *Service) CreateInvitation(ctx context.Context, req *pb.CreateInvitationRequest) (*pb.CreateInvitationResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	person, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	// The same request makes the same code, so that it need not be remembered.
	id := uuid.NewSHA1(actor.Person, []byte("invitation "+req.GetRequestId()))
	code := invitationCode(s.secrets[0], actor.Owner, id)
	repeated := true
	call := once.Call{As: actor.As(), RPC: "CreateInvitation", Request: req, Now: s.moment()}
	reply, err := once.New(call, once.AboutNothing,
		func(b *pgx.Batch, i *inviting) { i.read(b, actor.Owner, person) },
		func(w once.Writer, i *inviting) error {
			repeated = false
			return i.decide(w, actor.Owner, uuid.NullUUID{UUID: actor.Person, Valid: true}, person, id, code, call.Now)
		},
		func(i *inviting) *pb.CreateInvitationResponse {
			return &pb.CreateInvitationResponse{ValidFromTime: wire.EncodeTime(i.from), ExpireTime: wire.EncodeTime(i.until)}
		},
	).Strip(ctx, s.db, func(r *pb.CreateInvitationResponse) { r.Code = code }, once.Gone[inviting](refusal.New(refusal.NotThere)))
	if err != nil || !repeated {
		return reply, err
	}
	reply.Code, err = s.codeAgain(ctx, actor, id)
	return reply, err
}

// codeAgain is the code of an invitation that there is, by whichever key it was made with. By one
// that the server has no more: REQUEST_ID_REUSED, so that a new request makes a new code.
func (s *Service) codeAgain(ctx context.Context, actor Actor, id uuid.UUID) (string, error) {
	var hash []byte
	err := s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(hashOfInvitation, actor.Owner, id).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&hash); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	if err != nil {
		return "", err
	}
	for _, secret := range s.secrets {
		if code := invitationCode(secret, actor.Owner, id); hmac.Equal(HashInvitation(code), hash) {
			return code, nil
		}
	}
	return "", refusal.New(refusal.RequestIDReused)
}

// Invite makes an invitation in the name of the house, for the first
// administrator of an owner. atOnce does away with the wait of somebody who has signed in
// before, for an administrator where no other one is signed in: nobody could get in
// otherwise. It ends their sessions. Refuses with NOT_FOUND, and with ROLE_REQUIRED where
// it may not be at once.
func Invite(ctx context.Context, db *postgres.DB, owner uuid.UUID, email string, atOnce bool, newID func() uuid.UUID, now time.Time) (code string, from, until time.Time, err error) {
	id := newID()
	// A secret of its own: the command has no other, and the code is told once and never again.
	secret := make([]byte, sha256.Size)
	rand.Read(secret) // never fails
	code = invitationCode(secret, owner, id)
	person, err := PersonOf(ctx, db, owner, email)
	if err != nil {
		return "", from, until, err
	}
	err = db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		i := new(inviting)
		if err := tx.Ask(ctx, func(b *pgx.Batch) { i.read(b, owner, person) }); err != nil {
			return err
		}
		if atOnce && i.before {
			alone := false
			if err := tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue(inviteAtOnce, owner, person, now).QueryRow(func(row pgx.Row) error { return row.Scan(&alone) })
			}); err != nil {
				return err
			}
			if !alone {
				return refusal.New(refusal.RoleRequired)
			}
			// Their sessions have ended just now, so nobody is pushed aside who could have noticed.
			i.before = false
		}
		err = i.decide(tx, owner, uuid.NullUUID{}, person, id, code, now)
		from, until = i.from, i.until
		return err
	})
	return code, from, until, err
}

// inviting is an invitation under way.
type inviting struct {
	found, before bool // there is such a person; they have signed in before
	from, until   time.Time
}

// read queues the question whether the person is there and active, and whether they
// have signed in before.
func (i *inviting) read(b *pgx.Batch, owner, person uuid.UUID) {
	b.Queue(mayBeInvited, owner, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			i.found = true
			if err := rows.Scan(&i.before); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// decide makes the invitation, in place of any that is still open. For somebody who
// signs in already it counts after some days only: that leaves them time to notice
// that another one tries to become them.
func (i *inviting) decide(w once.Writer, owner uuid.UUID, by uuid.NullUUID, person, id uuid.UUID, code string, now time.Time) error {
	if !i.found {
		return refusal.New(refusal.NotThere)
	}
	if i.from = now; i.before {
		i.from = i.from.Add(InvitationWait)
	}
	i.until = i.from.Add(InvitationTime)
	// Before the insert, or it would use up the new one as well.
	w.Queue(replaceInvitations, owner, person, now)
	w.Queue(insertInvitation, owner, id, person, by, HashInvitation(code), now, i.from, i.until)
	return nil
}
