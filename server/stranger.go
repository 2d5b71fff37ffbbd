package server

import (
	"context"

	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/tap"
)

// Whoever shows no token is not listened to for long: a message is read whole before any
// rule is held against it, and the largest has 8 MiB.

// meet looks at the headers of a call on the gRPC port as they come in, and gives it as
// long to be sent as the web port gives its own.
func (s *Server) meet(ctx context.Context, call *tap.Info) (context.Context, error) {
	if p, ok := peer.FromContext(ctx); ok {
		if at, ok := p.Addr.(seat); ok && !at.member.known {
			at.member.known = apart(func() error { return s.holdsToken(first(ctx, "authorization")) }) == nil
			if !at.member.known && !at.member.begin(ctx) {
				return nil, answer(busy(), languageOf(ctx), "")
			}
		}
	}
	if _, unary := s.calls[call.FullMethodName]; !unary {
		return ctx, nil
	}
	ctx, end := context.WithTimeout(ctx, longestRequest+timeOf(call.FullMethodName))
	_ = end // the call ends the context that this one is made of
	return ctx, nil
}

// strangersAtOnce is how many calls a connection has under way at once on which nobody has
// shown a token: a school that signs in at the same moment, by one proxy. Each costs a
// goroutine and its headers before anything else is known of it.
const strangersAtOnce = 32

// begin counts a stranger's call in, until its context ends, or says that there is no
// room for it.
func (m *member) begin(ctx context.Context) bool {
	if m.open.Add(1) > strangersAtOnce {
		m.open.Add(-1)
		return false
	}
	context.AfterFunc(ctx, func() { m.open.Add(-1) })
	return true
}

// mayBeRead refuses a call whose message nobody needs to read.
func (s *Server) mayBeRead(ctx context.Context, method string) error {
	if access[method] == open {
		return nil
	}
	return s.holdsToken(first(ctx, "authorization"))
}

// holdsToken refuses a header that shows no token of ours. Whether its session is
// open, the database is asked when the call is carried out.
func (s *Server) holdsToken(authorization string) error {
	token, err := bearer(authorization)
	if err != nil {
		return err
	}
	return s.sessions.Holds(token)
}
