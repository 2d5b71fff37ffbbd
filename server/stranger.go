package server

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/tap"
)

// Who shows no token is not listened to for long: a message is read whole before
// any rule is held against it, and the largest has 8 MiB.

// meet looks at the headers of a call on the gRPC port as they come in, and gives it
// as long to be sent as on the web port has whoever asks there.
func (s *Server) meet(ctx context.Context, call *tap.Info) (context.Context, error) {
	if p, ok := peer.FromContext(ctx); ok {
		if at, ok := p.Addr.(seat); ok && !at.member.known {
			// By a goroutine of its own: the check takes a deep stack, which the one that
			// reads the connection would keep for as long as a phone watches.
			held := make(chan bool)
			go func() { held <- s.holdsToken(first(ctx, "authorization")) == nil }()
			at.member.known = <-held
		}
	}
	if _, unary := s.calls[call.FullMethodName]; !unary {
		return ctx, nil
	}
	ctx, end := context.WithTimeout(ctx, longestRequest+timeOf(call.FullMethodName))
	_ = end // the call ends the context that this one is made of
	return ctx, nil
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

// shortFromStrangers takes little on the web port from who shows no token.
func (s *Server) shortFromStrangers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.holdsToken(r.Header.Get("Authorization")) != nil {
			r.Body = &shortBody{r.Body, strangersBody}
		}
		next.ServeHTTP(w, r)
	})
}

// shortBody ends with an error where it has more bytes than are left to be taken.
type shortBody struct {
	io.ReadCloser
	left int
}

// Read gives what fits, and then the error that grpc says RESOURCE_EXHAUSTED for.
func (b *shortBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, http2.StreamError{Code: http2.ErrCodeEnhanceYourCalm, Cause: fmt.Errorf("more than %d bytes", strangersBody)}
	}
	return n, err
}
