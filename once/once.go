// Package once makes a change that is sent twice happen once, and gives a change
// its phases.
//
// A phone that lost the reply sends its request again, with the same
// request_id, perhaps days later, perhaps eight times at the same moment. The
// change and the memory of it are one transaction: either both are there, or
// neither, so a request that was refused is not used up. The same id with the
// same content gets the first reply; with another content it is refused with
// REQUEST_ID_REUSED. An id belongs to one person: two people's ids never meet.
//
// # The phases of a change
//
// A [Change] reads, decides, and replies; each phase is handed what it needs and
// nothing else. Reading gets a batch to queue questions in, and goes out in one
// flight with the look-up of the request. Deciding gets what was read and a
// [Writer], and can ask nothing; it refuses, or queues writes, which go out in a
// second flight with the memory of the request and the commit. Replying gets what
// was decided. Whoever carries a change out has to say how its reply is remembered,
// and with that what a repetition gets: [Change.Remember], [Change.Strip] or
// [Change.ReadAnew], each of which asks for an [Again].
//
// The memory lasts 30 days ([Memory]) and is kept as small as its purpose
// allows. Words are not stored twice: a reply is stripped of what the same
// request brings along, or read anew where it is made of other people's words.
// When a visit is withdrawn, what is remembered of its replies goes with it, and a
// repetition reads what is left.
package once

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
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
}

// Writer takes the writes of a change. They go out in the order of queueing, all
// of them with the commit.
type Writer interface {
	Queue(sql string, args ...any) *pgx.QueuedQuery
}

// writer is a transaction of which nothing but its writes can be reached.
type writer struct{ tx *postgres.Tx }

// Queue queues a statement that writes.
func (w writer) Queue(sql string, args ...any) *pgx.QueuedQuery { return w.tx.Queue(sql, args...) }

// Behind queues questions behind the writes, in their flight: they see what was
// written, and make a reply that is read anew ([Change.ReadAnew]).
func Behind(w Writer, read func(*pgx.Batch)) {
	questions := new(pgx.Batch)
	read(questions)
	for _, q := range questions.QueuedQueries {
		w.Queue(q.SQL, q.Arguments...).Fn = q.Fn
	}
}

// Change is a change in its phases. S is what it reads and decides on, R its reply.
// A transaction that lost a race begins anew with an empty S, so a phase keeps what
// it finds out in S and nowhere else.
type Change[S any, R proto.Message] struct {
	call     Call
	about    func(*S) uuid.NullUUID
	read     func(*pgx.Batch, *S)
	decide   func(Writer, *S) error
	reply    func(*S) R
	straight func(Writer, *S) // nil: the change reads first
}

// New puts a change together: whose call it is, which visit it is about ([About],
// [AboutNothing]), what it reads ([ReadNothing]: nothing), how it decides, and its
// reply. read queues questions alone: a statement that does not begin with select
// fails the call.
func New[S any, R proto.Message](call Call, about func(*S) uuid.NullUUID, read func(*pgx.Batch, *S),
	decide func(Writer, *S) error, reply func(*S) R) *Change[S, R] {
	return &Change[S, R]{call: call, about: about, read: read, decide: decide, reply: reply}
}

// About is for a change of a visit: when that is withdrawn, what is remembered of
// the reply goes. It is asked once everything has been read and decided.
func About[S any](visit func(*S) uuid.UUID) func(*S) uuid.NullUUID {
	return func(s *S) uuid.NullUUID { return uuid.NullUUID{UUID: visit(s), Valid: true} }
}

// AboutNothing is for a change that belongs to no visit.
func AboutNothing[S any](*S) uuid.NullUUID { return uuid.NullUUID{} }

// ReadNothing is for a change that needs to know nothing.
func ReadNothing[S any](*pgx.Batch, *S) {}

// Straight lets a change be tried without reading, where that is likely to do: its
// writes and the memory of the request go out in one round trip. If the database
// refuses any of them, or the request was carried out before, nothing is written,
// and the phases find out and say why.
func (c *Change[S, R]) Straight(likely bool, write func(Writer, *S)) *Change[S, R] {
	if likely {
		c.straight = write
	}
	return c
}

// Again is what a repetition gets where no reply is remembered. It is made by
// [Read], [Same] or [Gone]; there is no change without one.
type Again[S any] struct {
	read func(*pgx.Batch, *S)
	gone error
}

// Read answers a repetition by reading the reply anew.
func Read[S any](read func(*pgx.Batch, *S)) Again[S] { return Again[S]{read: read} }

// Same answers a repetition with the reply of a change that read nothing.
func Same[S any]() Again[S] { return Again[S]{} }

// Gone refuses a repetition: what it was about is there no more.
func Gone[S any](why error) Again[S] { return Again[S]{gone: why} }

// memory says what of a reply is kept.
type memory int

const (
	asItIs   memory = iota // and stripped: what reply makes is kept
	written                // kept, once the writes have told what they did
	readAnew               // nothing is kept
)

// Remember carries the change out and keeps its reply as it is.
func (c *Change[S, R]) Remember(ctx context.Context, db *postgres.DB, again Again[S]) (R, error) {
	return c.do(ctx, db, asItIs, nil, again)
}

// RememberWritten does the same for a reply that the results of the writes make: it
// sends them first, and the memory with the commit in a flight of its own.
func (c *Change[S, R]) RememberWritten(ctx context.Context, db *postgres.DB, again Again[S]) (R, error) {
	return c.do(ctx, db, written, nil, again)
}

// Strip carries the change out and keeps its reply without what the same request
// brings along, and what can be worked out from it. The phase that replies leaves
// that out; fill puts it in, each time that the reply is sent.
func (c *Change[S, R]) Strip(ctx context.Context, db *postgres.DB, fill func(R), again Again[S]) (R, error) {
	return c.do(ctx, db, asItIs, fill, again)
}

// ReadAnew carries the change out and keeps that it was, not its reply: that is made
// of words that are stored already. It is made once everything is written, so the
// decision may ask [Behind] its writes.
func (c *Change[S, R]) ReadAnew(ctx context.Context, db *postgres.DB, again Again[S]) (R, error) {
	return c.do(ctx, db, readAnew, nil, again)
}

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

// errRepeated ends a change whose request was carried out before.
var errRepeated = errors.New("the request was carried out before")

// run is a change under way.
type run[S any, R proto.Message] struct {
	*Change[S, R]
	id    uuid.UUID
	hash  []byte
	keep  memory
	state *S // of the latest attempt
	reply R  // unless it is read anew
}

// carriedOut is what is remembered of a request.
type carriedOut struct {
	rpc   string
	hash  []byte
	reply []byte
}

// do carries the change out, or answers with what the first time came to. Most changes
// go in one round trip; those that have to read first, or are refused by the database,
// take the longer way.
func (c *Change[S, R]) do(ctx context.Context, db *postgres.DB, keep memory, fill func(R), again Again[S]) (R, error) {
	var none R
	id, err := wire.ID("request_id", c.call.Request.GetRequestId())
	if err != nil {
		return none, err
	}
	hash, err := contentHash(c.call.Request)
	if err != nil {
		return none, err
	}
	r := &run[S, R]{Change: c, id: id, hash: hash, keep: keep}
	reply, done, err := r.tryStraight(ctx, db)
	if !done && err == nil {
		reply, err = r.carryOut(ctx, db, again)
	}
	if err != nil {
		return none, err
	}
	if fill != nil {
		fill(reply)
	}
	return reply, nil
}

// carryOut goes through the phases, or answers a repetition.
func (r *run[S, R]) carryOut(ctx context.Context, db *postgres.DB, again Again[S]) (R, error) {
	var none R
	var found *carriedOut
	err := db.Do(ctx, r.call.As, func(ctx context.Context, tx *postgres.Tx) (err error) {
		found, err = r.ask(ctx, tx)
		if found != nil {
			// The first time may be written here and nowhere else yet.
			if err := tx.Settle(ctx); err != nil {
				return err
			}
			return errRepeated
		}
		if err != nil {
			return err
		}
		if err := r.decide(writer{tx}, r.state); err != nil {
			return err
		}
		if r.keep == written {
			if err := tx.Send(ctx); err != nil {
				return err
			}
		}
		return r.remember(tx)
	})
	switch {
	case found == nil && err != nil:
		return none, err
	case found == nil:
		return r.replied(), nil
	case !errors.Is(err, errRepeated):
		return none, err
	case found.rpc != r.call.RPC || string(found.hash) != string(r.hash):
		return none, refusal.New(refusal.RequestIDReused)
	case found.reply == nil:
		return r.again(ctx, db, again)
	}
	first := none.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(found.reply, first); err != nil {
		return none, fmt.Errorf("reading the remembered reply: %w", err)
	}
	return first.(R), nil
}

// ask sends the first flight. What is found of the request goes before what went
// wrong with the reading: after a repetition there may be nothing left to read.
func (r *run[S, R]) ask(ctx context.Context, tx *postgres.Tx) (found *carriedOut, err error) {
	r.state = new(S)
	questions := new(pgx.Batch)
	r.read(questions, r.state)
	if err := onlyReads(questions); err != nil {
		return nil, fmt.Errorf("%s: %w", r.call.RPC, err)
	}
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(waitForTwin, r.call.As.Person.String()+r.id.String())
		b.Queue(requestCarriedOut, r.call.As.Owner, r.call.As.Person, r.id).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				found = new(carriedOut)
				if err := rows.Scan(&found.rpc, &found.hash, &found.reply); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		b.QueuedQueries = append(b.QueuedQueries, questions.QueuedQueries...)
	})
	return found, err
}

// onlyReads refuses a statement that writes among those that ask.
func onlyReads(b *pgx.Batch) error {
	for _, q := range b.QueuedQueries {
		if sql := strings.TrimSpace(q.SQL); !strings.HasPrefix(sql, "select") {
			return fmt.Errorf("a change writes while it reads: %.40s", sql)
		}
	}
	return nil
}

// remember queues the memory of a request that is carried out.
func (r *run[S, R]) remember(tx *postgres.Tx) error {
	var kept []byte
	if r.keep != readAnew {
		r.reply = r.Change.reply(r.state)
		var err error
		if kept, err = proto.Marshal(r.reply); err != nil {
			return fmt.Errorf("remembering the reply: %w", err)
		}
	}
	tx.Queue(rememberRequest, r.call.As.Owner, r.call.As.Person, r.id, r.call.RPC, r.hash, r.about(r.state), kept, r.call.Now)
	return nil
}

// replied is the reply of a change that is done.
func (r *run[S, R]) replied() R {
	if r.keep == readAnew {
		return r.Change.reply(r.state)
	}
	return r.reply
}

// again answers a repetition of which no reply was remembered: it reads the reply
// anew, or says that there is nothing to read any more.
func (r *run[S, R]) again(ctx context.Context, db *postgres.DB, again Again[S]) (none R, err error) {
	if again.gone != nil {
		return none, again.gone
	}
	s := new(S)
	if again.read == nil {
		return r.Change.reply(s), nil
	}
	questions := new(pgx.Batch)
	again.read(questions, s)
	if err := onlyReads(questions); err != nil {
		return none, fmt.Errorf("%s, repeated: %w", r.call.RPC, err)
	}
	err = db.Read(ctx, r.call.As, func(b *pgx.Batch) { b.QueuedQueries = questions.QueuedQueries })
	if err != nil {
		return none, err
	}
	return r.Change.reply(s), nil
}

// tryStraight tries the change without reading. Not done, and no error: nothing was
// written.
func (r *run[S, R]) tryStraight(ctx context.Context, db *postgres.DB) (reply R, done bool, err error) {
	if r.straight == nil {
		return reply, false, nil
	}
	err = db.Do(ctx, r.call.As, func(_ context.Context, tx *postgres.Tx) error {
		r.state = new(S)
		r.straight(writer{tx}, r.state)
		return r.remember(tx)
	})
	busy := refusal.ReasonOf(err) == refusal.Overloaded && !errors.Is(err, postgres.ErrAway)
	switch {
	case err == nil:
		return r.replied(), true, nil
	case busy || ctx.Err() != nil:
		return reply, false, err
	}
	return reply, false, nil
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
