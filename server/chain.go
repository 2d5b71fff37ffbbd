package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"undring/fair"
	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/words"
)

// keptBack is left of a caller's time so that they still hear the answer. Without it a call
// would end at the same moment as its caller's patience, and the caller could not tell late
// from lost.
const keptBack = 50 * time.Millisecond

// account recovers from a panic, gives the call an id, writes its line in the
// log, and turns what went wrong into a status. It is the outermost link: whatever happens
// further in ends in one line of the log and in one status.
func (s *Server) account(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (reply any, err error) {
	begun := s.o.Now()
	id := s.o.NewID().String()
	_ = grpc.SetHeader(ctx, metadata.Pairs("request-id", id)) // the call lives without it
	language := languageOf(ctx)
	// A place that the inner links write to, since a context only hands things inwards.
	who := &caller{language: language}
	reply, err = recovering(func() (any, error) { return next(context.WithValue(ctx, callerKey{}, who), req) })
	cause := err
	if err != nil {
		reply, err = nil, answer(err, who.language, id)
	}
	s.line(ctx, info.FullMethod, id, begun, cause, err)
	return reply, err
}

// accountStream does the same for streams, and finds out who calls: the rules of access
// hold for them too. A stream has no limit of time but its caller's right to it. Streams
// (Watch, ExportMyData) take no place among the calls, or phones that wait would fill it.
func (s *Server) accountStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	begun := s.o.Now()
	id := s.o.NewID().String()
	_ = ss.SetHeader(metadata.Pairs("request-id", id)) // the call lives without it
	who := &caller{language: languageOf(ss.Context())}
	_, err := recovering(func() (any, error) {
		var ctx context.Context
		var held *fair.Share
		err := apart(func() (err error) {
			if ctx, err = s.admit(context.WithValue(ss.Context(), callerKey{}, who), info.FullMethod); err == nil {
				// Nothing is held yet; it grows as the message comes.
				held, _ = s.bytes.Take(0, s.payerOf(ctx, first(ctx, "authorization")).heldBytes()...)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		defer held.Back()
		return nil, next(srv, &admitted{ServerStream: ss, ctx: ctx, house: s, method: info.FullMethod, held: held})
	})
	cause := err
	if err != nil {
		err = answer(err, who.language, id)
	}
	s.line(ss.Context(), info.FullMethod, id, begun, cause, err)
	return err
}

// admitted is a stream of a caller who may have it. It puts the caller into the context,
// which grpc's own stream has no way to do.
type admitted struct {
	grpc.ServerStream
	ctx    context.Context
	house  *Server
	method string
	held   *fair.Share
}

// Context is that of the call with whoever makes it.
func (a *admitted) Context() context.Context { return a.ctx }

// RecvMsg refuses bytes that are no message of the contract, and more of them than the
// caller may send.
func (a *admitted) RecvMsg(m any) error {
	if _, bare := grpc.ServerTransportStreamFromContext(a.ctx).(wire); !bare || !strings.HasPrefix(a.method, "/undring.") {
		return a.ServerStream.RecvMsg(m)
	}
	refused, broken := a.house.receive(a.ctx, a.method, m.(proto.Message), a.held)
	return cmp.Or(refused, broken)
}

// line writes what became of a call: nothing that anyone wrote, and nobody. What is a
// refusal is information; only what nobody meant to happen is an error, since somebody is
// woken by it.
func (s *Server) line(ctx context.Context, method, id string, begun time.Time, cause, err error) {
	code := status.Code(err)
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("code", code.String()), slog.String("request_id", id),
		slog.Duration("took", s.o.Now().Sub(begun)),
	}
	level := slog.LevelInfo
	reason := refusal.ReasonOf(cause)
	if reason != "" {
		attrs = append(attrs, slog.String("reason", string(reason)))
	}
	if cause != nil && (reason == "" || errors.Is(cause, postgres.ErrAway) || errors.Is(cause, postgres.ErrFull)) {
		if code != codes.Canceled && code != codes.Unavailable { // a caller who has gone, a server that goes
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("error", cause.Error()))
	}
	s.o.Log.LogAttrs(ctx, level, "call", attrs...)
}

// panicked is what a call ended with that should never have.
type panicked struct {
	kind  string // of the value: the value itself may hold what someone wrote
	stack []byte
}

// Error says the kind of what was panicked with and where, and not its text: that may hold
// somebody's words.
func (p *panicked) Error() string { return "panic: " + p.kind + "\n" + string(p.stack) }

// recovering turns a panic into an error, so that one call's mistake ends that call
// alone.
func recovering(call func() (any, error)) (reply any, err error) {
	defer func() {
		if v := recover(); v != nil {
			reply, err = nil, &panicked{kind: fmt.Sprintf("%T", v), stack: debug.Stack()}
		}
	}()
	return call()
}

// apart checks something on a goroutine of its own, and waits for it. Checking a token
// takes a deep stack, which the goroutine that waits with a phone would keep for hours.
func apart(check func() error) error {
	checked := make(chan error)
	go func() {
		_, err := recovering(func() (any, error) { return nil, check() })
		checked <- err
	}()
	return <-checked
}

// caller is what the chain finds out of who calls, for its outer end. A language and no
// more: who it was belongs in no log.
type caller struct{ language string }

type callerKey struct{}

// languageOf is the language in which a caller is answered.
func languageOf(ctx context.Context) string {
	if accept := first(ctx, "accept-language"); accept != "" {
		return words.Match(accept)
	}
	return words.Languages()[0]
}

// first is a header of the call; empty where it is missing. Of several the first
// counts.
func first(ctx context.Context, key string) string {
	if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// timeOf is how long a call may take at most. Only the import of a roster has more:
// everything else that a person waits for is over in ten seconds or should not be waited
// for.
func timeOf(method string) time.Duration {
	if method == pb.SchoolService_ImportRoster_FullMethodName {
		return rosterTime
	}
	return deadline
}

// limitTime gives every call an end. A caller who wants less gets less, so that no work is
// done for an answer that nobody reads.
func (s *Server) limitTime(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	limit := timeOf(info.FullMethod)
	if until, set := ctx.Deadline(); set {
		limit = min(limit, time.Until(until)-keptBack)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return next(ctx, req)
}

// urgent are the calls that go on under any load: a lost phone is shut out. They need a
// connection of the database in reserve and places of their own: on the day when a phone is
// stolen, the server may be busy.
var urgent = map[string]bool{"/undring.v1.SessionService/RevokeSession": true, "/undring.v1.SessionService/ListSessions": true}

// identify finds out who calls, counts attempts to sign in, and holds the rule
// of access against the call. Attempts are counted before anything else is looked at, or
// guessing codes would cost the database a look-up each.
func (s *Server) identify(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if strings.HasSuffix(info.FullMethod, "/SignIn") {
		in, _ := req.(*pb.SignInRequest) // nil where it could not be read
		if err := s.attempts.Take(s.address(ctx), in, s.o.Now()); err != nil {
			return nil, err
		}
	}
	ctx, err := s.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	if actor, err := school.ActorFrom(ctx); err == nil {
		if err := mayCallAt(access[info.FullMethod], actor, req); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}

// admit refuses whoever may not make a call, and puts the others into its context.
func (s *Server) admit(ctx context.Context, method string) (context.Context, error) {
	r := access[method]
	if r == open {
		// A stranger's turn at the database is their address's: one that asks without end
		// waits behind the others.
		return postgres.For(ctx, addressLevel(s.address(ctx))), nil
	}
	token, err := bearer(first(ctx, "authorization"))
	if err != nil {
		return ctx, err
	}
	if urgent[method] {
		// Such calls wait in a line of their own, by session and address, so that a lost phone
		// is shut out under any load.
		if h, err := s.sessions.Holder(token); err == nil {
			ctx = postgres.For(ctx, urgentLevel{h.Session, s.address(ctx)})
		}
		ctx = postgres.Urgent(ctx)
	}
	actor, err := s.sessions.Actor(ctx, token)
	if err != nil {
		return ctx, err
	}
	if accept := first(ctx, "accept-language"); accept != "" {
		actor.Language = words.Match(accept)
	}
	// Outwards, to the link that writes the refusal: it has begun before anybody knew who
	// calls.
	if who, there := ctx.Value(callerKey{}).(*caller); there {
		who.language = actor.Language
	}
	if err := mayCall(r, actor); err != nil {
		return ctx, err
	}
	return school.WithActor(ctx, actor), nil
}

// bearer is the token in a header. The word is taken as it is written in RFC 6750; other
// schemes are as no token at all.
func bearer(authorization string) (string, error) {
	token, isBearer := strings.CutPrefix(authorization, "Bearer ")
	if !isBearer {
		return "", refusal.New(refusal.NotSignedIn)
	}
	return token, nil
}

// check holds the limits of the contract against the request. It is the innermost link: the
// rules of fields are asked only of somebody who may make the call.
func (s *Server) check(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if m, ok := req.(proto.Message); ok {
		if err := validate(info.FullMethod, m); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}
