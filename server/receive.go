package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"undring/fair"
	"undring/intake"
	"undring/refusal"
	"undring/school"
)

// How many bytes a request may have, unpacked. They count what is unpacked, since that is
// what the server has to hold.
const (
	// strangersBody is for whoever shows no token, and for calls that need none.
	strangersBody = 64 << 10
	// maxRequest is for everybody else; the longest feedback that the limits allow is
	// well below.
	maxRequest = 256 << 10
	// maxRoster is for imports by administrators: a file of 8 MiB, and its frame.
	maxRoster = 8<<20 + 64<<10
)

// How many bytes of requests are held at once, packed and unpacked, by one connection,
// person, school owner and all together. An import over the web port is there twice.
// Strangers have less, so that they can't take all there is. It is taken before a request
// is read: how many calls there are says nothing of their size.
const (
	heldByConnection = 24 << 20
	heldByPerson     = 20 << 20
	heldByOwner      = 48 << 20
	heldByAll        = 96 << 20
	heldByStranger   = 2 << 20 // of one address
	heldByStrangers  = 16 << 20
)

// payer is at whose expense a call is. It is read from headers alone, before anything of
// the message: who pays has to be known before anything is held.
type payer struct {
	owner, person, session uuid.UUID // nil UUIDs: a stranger
	address                string
	connection             *member // nil: inside a test
}

// strangers is the level of all who show no token.
type strangers struct{}

// stranger says whether nobody is known behind a call.
func (p payer) stranger() bool { return p.person == uuid.Nil }

// heldBytes are the levels at which a request's bytes are held. All have to have room; a
// stranger has only what strangers share.
func (p payer) heldBytes() []fair.Level {
	levels := []fair.Level{{Of: fair.Everybody{}, Most: heldByAll}}
	if p.connection != nil {
		levels = append(levels, fair.Level{Of: p.connection, Most: heldByConnection})
	}
	if p.stranger() {
		return append(levels, fair.Level{Of: addressLevel(p.address), Most: heldByStranger}, fair.Level{Of: strangers{}, Most: heldByStrangers})
	}
	return append(levels, fair.Level{Of: p.persons(), Most: heldByPerson}, fair.Level{Of: p.owners(), Most: heldByOwner})
}

// payerOf says at whose expense a call is, by its headers alone. A token whose session has
// ended still names its person here: the limits are on whoever sends, and the call itself
// is refused later.
func (s *Server) payerOf(ctx context.Context, authorization string) payer {
	p := payer{address: s.address(ctx)}
	if at, ok := peer.FromContext(ctx); ok {
		if seat, ok := at.Addr.(seat); ok {
			p.connection = seat.member
		}
	}
	if token, err := bearer(authorization); err == nil {
		if h, err := s.sessions.Holder(token); err == nil {
			p.owner, p.person, p.session = h.Owner, h.Person, h.Session
		}
	}
	return p
}

// allowance is how many bytes the request of a call may have. Who may send a file,
// the database is asked, once in a while. Nobody's role is read from the token: an
// administrator who was one yesterday sends no file today.
func (s *Server) allowance(ctx context.Context, method, authorization string) int {
	token, err := bearer(authorization)
	if err != nil || access[method] == open || s.sessions.Holds(token) != nil {
		return strangersBody
	}
	if !strings.Contains(method, "/Import") {
		return maxRequest
	}
	if actor, err := s.sessions.Actor(ctx, token); err != nil || !actor.IsAny(school.Administrator) {
		return maxRequest
	}
	return maxRoster
}

// wire is what grpc has of a call while its message has not been read. By itself it
// reads as much of everyone as of those who may send most, before anybody is asked.
type wire interface {
	ReadMessageHeader(header []byte) error
	Read(n int) (mem.BufferSlice, error)
	RecvCompress() string
}

// receive reads the message of a call. An error of it is grpc's; what is wrong with the
// message itself is in refused. Length first: gRPC says it in front of the message, so too
// long a one is refused without reading a byte of it.
func (s *Server) receive(ctx context.Context, method string, into proto.Message, held *fair.Share) (refused, broken error) {
	w, ok := grpc.ServerTransportStreamFromContext(ctx).(wire)
	if !ok {
		return nil, status.Error(codes.Internal, "a call without a stream to read")
	}
	var header [5]byte
	if err := w.ReadMessageHeader(header[:]); err != nil {
		return unread(ctx, err)
	}
	most, length := s.allowance(ctx, method, first(ctx, "authorization")), int64(binary.BigEndian.Uint32(header[1:]))
	if length > int64(most) {
		return tooLarge(most), nil
	}
	if !held.Grow(length) {
		return busy(), nil
	}
	data, err := w.Read(int(length))
	if err != nil {
		return unread(ctx, err)
	}
	raw := data.Materialize()
	data.Free()
	if header[0]&1 != 0 {
		if raw, err = unpack(raw, w.RecvCompress(), most, held); err != nil {
			return err, nil
		}
	}
	return decode(raw, into), nil
}

// unread says what became of a call whose message did not come. A caller who hangs up is no
// error of the server's.
func unread(ctx context.Context, err error) (refused, broken error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, io.EOF):
		return refusal.Invalidf("request", "is missing"), nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return notOfTheContract(), nil
	}
	if _, ok := status.FromError(err); ok {
		return nil, err
	}
	return nil, status.Error(codes.Unavailable, err.Error())
}

// unpack reads what was sent packed.
func unpack(raw []byte, how string, most int, held *fair.Share) ([]byte, error) {
	if how != "gzip" {
		return nil, refusal.Invalidf("request", "is packed by something else than gzip")
	}
	out, err := intake.Unpack(raw, most, holding(held))
	return out, unreadable(err, intake.Unfold(len(raw), most))
}

// holding holds bytes as they come. As an unpacked text grows, so does what is held; the
// one that would be too much ends it in the middle.
func holding(held *fair.Share) func(int) error {
	return func(more int) error {
		if !held.Grow(int64(more)) {
			return busy()
		}
		return nil
	}
}

// unreadable says of a message that could not be read why.
func unreadable(err error, most int) error {
	switch {
	case errors.Is(err, intake.ErrTooLarge):
		return tooLarge(most)
	case errors.Is(err, intake.ErrNotPacked):
		return refusal.Invalidf("request", "is not packed as it says")
	}
	return err
}

// decode makes a message of its bytes, once it is known what that costs. Counted before it
// is built: a list of a million empty messages is small as bytes and large as objects.
func decode(raw []byte, into proto.Message) error {
	if why := whyNot(raw); why != "" {
		return refusal.Invalidf("request", "%s", why)
	}
	_, err := intake.Scan(raw, into.ProtoReflect().Descriptor())
	var many *intake.TooMany
	switch {
	case errors.As(err, &many):
		return refusal.Beyond(many.Field, refusal.TooMany, many.Most)
	case err != nil:
		return notOfTheContract()
	}
	if err := (proto.UnmarshalOptions{RecursionLimit: intake.MaxDepth}).Unmarshal(raw, into); err != nil {
		return notOfTheContract()
	}
	return nil
}

// notOfTheContract refuses what can't be read as the message that a call takes.
func notOfTheContract() error { return refusal.Invalidf("request", "is not a message of the contract") }

// tooLarge refuses a request for its size, in words that a person can act on.
func tooLarge(most int) error {
	return &refusal.Refusal{Reason: refusal.InvalidField, Fields: []refusal.Field{{
		Name: "request", Limit: refusal.TooLarge, Number: most >> 10, Reason: fmt.Sprintf("has more than %d bytes", most)}}}
}

// comeBackAfter is the advice to whoever finds no room.
const comeBackAfter = time.Second

// busy asks to come back: what there is of something is held by others, or by the
// caller's own calls. Which limit it was is not said: it would tell a stranger how busy
// others are.
func busy() error { return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter} }
