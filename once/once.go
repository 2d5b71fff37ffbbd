// Package once makes a change that is sent twice happen once.
//
// A phone that lost the reply sends its request again, with the same
// request_id, perhaps days later, perhaps eight times at the same moment. The
// change and the memory of it are one transaction: either both are there, or
// neither, so a request that was refused is not used up. The same id with the
// same content gets the first reply; with another content it is refused with
// REQUEST_ID_REUSED. An id belongs to one person: two people's ids never meet.
//
// The memory lasts 30 days ([Memory]) and is kept as small as its purpose
// allows. Words are not stored twice: a service leaves out of the remembered
// reply what the same request brings along, or has the reply read anew where it
// is made of other people's words ([Tx.Forget]). When a visit is withdrawn, what
// is remembered of its replies goes with it, and a repetition reads what is
// left.
package once

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"undring/postgres"
	"undring/refusal"
	"undring/wire"
)

// Memory is how long a request is remembered. Phones are offline for a week,
// and come back from a holiday.
const Memory = 30 * 24 * time.Hour

// Request is a request of the contract that changes something.
type Request interface {
	proto.Message
	GetRequestId() string
}

// Call is one request by one person.
type Call struct {
	As      postgres.As
	RPC     string // name of the method, so that an id is not used across methods
	Request Request
	Now     time.Time
	// Refill puts back into a remembered reply the words that the same request
	// brings along; see [Tx.Keep].
	Refill func(first proto.Message)
}

// Tx is a transaction that remembers its request.
type Tx struct {
	*postgres.Tx
	look   func(*pgx.Batch)
	found  *memory
	visit  uuid.NullUUID
	keep   proto.Message
	forget bool
}

type memory struct {
	rpc   string
	hash  []byte
	reply []byte
}

// errRepeated ends a change whose request was carried out before.
var errRepeated = errors.New("the request was carried out before")

// Ask sends statements in one flight, as postgres.Tx does; the first flight
// looks the request up besides. When it was carried out before, Ask returns an
// error that the change hands on as it is.
func (t *Tx) Ask(ctx context.Context, fill func(*pgx.Batch)) error {
	if t.look == nil {
		return t.Tx.Ask(ctx, fill)
	}
	look := t.look
	t.look = nil
	err := t.Tx.Ask(ctx, func(b *pgx.Batch) {
		look(b)
		fill(b)
	})
	if t.found != nil {
		return errRepeated
	}
	return err
}

// About names the visit that the change concerns: when it is withdrawn, what is
// remembered of the reply goes.
func (t *Tx) About(visit uuid.UUID) { t.visit = uuid.NullUUID{UUID: visit, Valid: true} }

// Keep remembers something else than the reply: the reply without the words that
// the request brings along.
func (t *Tx) Keep(stripped proto.Message) { t.keep = stripped }

// Forget keeps the reply out of the memory; a repetition reads it anew.
func (t *Tx) Forget() { t.forget = true }

const (
	// Waits for the same request, where it is being carried out just now.
	waitForTwin = `select pg_advisory_xact_lock(hashtextextended($1, 0))`

	requestCarriedOut = `
		select rpc, content_hash, reply
		from request
		where owner_id = $1 and person_id = $2 and request_id = $3`

	rememberRequest = `
		insert into request (owner_id, person_id, request_id, rpc, content_hash, visit_id, reply, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// Do carries a change out once and returns its reply, or the reply of the first
// time; again reads the reply anew where none is remembered.
func Do[R proto.Message](ctx context.Context, db *postgres.DB, call Call,
	change func(context.Context, *Tx) (R, error), again func(context.Context) (R, error)) (R, error) {
	var none, reply R
	id, err := wire.ID("request_id", call.Request.GetRequestId())
	if err != nil {
		return none, err
	}
	hash, err := contentHash(call.Request)
	if err != nil {
		return none, err
	}
	var found *memory
	err = db.Do(ctx, call.As, func(ctx context.Context, inner *postgres.Tx) error {
		tx := &Tx{Tx: inner}
		tx.look = func(b *pgx.Batch) {
			b.Queue(waitForTwin, call.As.Person.String()+id.String())
			b.Queue(requestCarriedOut, call.As.Owner, call.As.Person, id).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					tx.found = new(memory)
					if err := rows.Scan(&tx.found.rpc, &tx.found.hash, &tx.found.reply); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		}
		r, err := change(ctx, tx)
		if tx.found != nil {
			// The first time may be written here and nowhere else yet.
			if err := inner.Settle(ctx); err != nil {
				return err
			}
			found = tx.found
			return errRepeated
		}
		if err != nil {
			return err
		}
		reply = r
		return tx.remember(call, id, hash, r)
	})
	switch {
	case found == nil && err != nil:
		return none, err
	case found == nil:
		return reply, nil
	case found.rpc != call.RPC || string(found.hash) != string(hash):
		return none, refusal.New(refusal.RequestIDReused)
	case found.reply == nil:
		return again(ctx)
	}
	first := none.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(found.reply, first); err != nil {
		return none, fmt.Errorf("reading the remembered reply: %w", err)
	}
	if call.Refill != nil {
		call.Refill(first)
	}
	return first.(R), nil
}

// Straight tries a change that asks nothing first: all its writes, and the memory
// of the request, go out in one round trip. Not done, and no error: nothing was
// written, because the database refused something or the request was carried out
// before; then [Do] finds out, and says why.
func Straight[R proto.Message](ctx context.Context, db *postgres.DB, call Call, change func(*Tx) R) (reply R, done bool, err error) {
	id, err := wire.ID("request_id", call.Request.GetRequestId())
	if err != nil {
		return reply, false, nil
	}
	hash, err := contentHash(call.Request)
	if err != nil {
		return reply, false, err
	}
	err = db.Do(ctx, call.As, func(_ context.Context, inner *postgres.Tx) error {
		tx := &Tx{Tx: inner}
		reply = change(tx)
		return tx.remember(call, id, hash, reply)
	})
	busy := refusal.ReasonOf(err) == refusal.Overloaded && !errors.Is(err, postgres.ErrAway)
	if err != nil && !busy && ctx.Err() == nil {
		return reply, false, nil
	}
	return reply, err == nil, err
}

// remember queues the memory of a request that is carried out.
func (t *Tx) remember(call Call, id uuid.UUID, hash []byte, reply proto.Message) error {
	var kept []byte
	if t.keep != nil {
		reply = t.keep
	}
	if !t.forget {
		var err error
		if kept, err = proto.Marshal(reply); err != nil {
			return fmt.Errorf("remembering the reply: %w", err)
		}
	}
	t.Queue(rememberRequest, call.As.Owner, call.As.Person, id, call.RPC, hash, t.visit, kept, call.Now)
	return nil
}

// contentHash is the same for the same request by the same version of the
// program; a newer one that marshals otherwise would refuse a repetition, and
// never carry out another content.
func contentHash(r proto.Message) ([]byte, error) {
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	sum := sha256.Sum256(content)
	return sum[:], nil
}
