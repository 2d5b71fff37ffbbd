package server

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"undring/fair"
	pb "undring/gen/undring/v1"
	"undring/intake"
	"undring/refusal"
)

// The web port reads a request whole, as much of it as its caller may send, before the
// transcoder does: that would read whatever comes of everybody alike.

// enveloped are the protocols whose messages stand in envelopes of five bytes, and the
// header that says how they are packed.
var enveloped = []struct{ contentType, packing string }{
	{"application/grpc", "Grpc-Encoding"}, // and grpc-web
	{"application/connect+", "Connect-Content-Encoding"},
}

// takeIn reads the request of a call for next. What is not a call goes on without a body.
// Once a message is whole and unpacked, the transcoder and grpc meet nothing that they
// would have to bound.
func (s *Server) takeIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.guardAnswer(w.Header(), r)
		if !s.isCall(r.URL.Path) {
			r.Body = http.MaxBytesReader(w, r.Body, 0)
			next.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == pb.SyncService_Watch_FullMethodName {
			if s.readApart(w, r) { // nothing of it is kept for as long as a phone watches
				next.ServeHTTP(w, r)
			}
			return
		}
		ctx := webContext(r)
		held, _ := s.bytes.Take(0, s.payerOf(ctx, r.Header.Get("Authorization")).heldBytes()...)
		defer held.Back()
		if err := s.readWhole(ctx, r, held); err != nil {
			s.refuseOnTheWeb(ctx, w, r, err)
			return
		}
		call := new(webCall)
		defer call.end()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), webCallKey{}, call)))
	})
}

// readApart reads the request of a phone that watches, and answers it where it can't be
// taken. On a goroutine of its own (see [apart]), whose deep stack goes with it.
func (s *Server) readApart(w http.ResponseWriter, r *http.Request) bool {
	err := apart(func() error {
		ctx := webContext(r)
		held, _ := s.bytes.Take(0, s.payerOf(ctx, r.Header.Get("Authorization")).heldBytes()...)
		defer held.Back()
		return s.readWhole(ctx, r, held)
	})
	if err != nil {
		s.refuseOnTheWeb(webContext(r), w, r, err)
	}
	return err == nil
}

// strictTransport keeps a browser from asking without TLS for a year.
const strictTransport = "max-age=31536000"

// guardAnswer says to browsers and caches what they may not do with an answer: take it
// for something else than it says it is, and keep it. Every answer has them, refusals and
// pages included; what may be kept, the app's own files and the public keys, says so itself.
func (s *Server) guardAnswer(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	proto := ""
	// Anybody may write the header; only a proxy of ours is believed.
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && proxies(s.o.Proxies).has(host) {
		proto = r.Header.Get("X-Forwarded-Proto")
	}
	if r.TLS != nil || proto == "https" {
		h.Set("Strict-Transport-Security", strictTransport)
	}
}

// isCall says whether a path of the web port is a call, and not a page. A path that only
// looks like a call is taken for one, so that its body is bounded as well.
func (s *Server) isCall(path string) bool {
	return s.calls[path] != nil || strings.HasPrefix(path, "/undring.v1.") || strings.HasPrefix(path, "/grpc.")
}

// webContext is the request's, as grpc knows where a call comes from. So that limits,
// languages and addresses are read by the same code on both ports.
func webContext(r *http.Request) context.Context {
	md := metadata.Pairs("authorization", r.Header.Get("Authorization"))
	if accept := r.Header.Get("Accept-Language"); accept != "" {
		md.Append("accept-language", accept)
	}
	md.Append(forwarded, r.Header.Values(forwarded)...)
	ctx := metadata.NewIncomingContext(r.Context(), md)
	var addr net.Addr = textAddr(r.RemoteAddr)
	if m, ok := r.Context().Value(memberKey{}).(*member); ok {
		addr = seat{addr, m}
	}
	return peer.NewContext(ctx, &peer.Peer{Addr: addr})
}

// textAddr is an address as net/http gives it.
type textAddr string

func (textAddr) Network() string { return "tcp" }

// String is the address as it was given.
func (a textAddr) String() string { return string(a) }

type memberKey struct{}

// seated lets a request find its connection.
func seated(ctx context.Context, c net.Conn) context.Context {
	if m, ok := c.(*member); ok {
		return context.WithValue(ctx, memberKey{}, m)
	}
	return ctx
}

// readWhole puts in the request's place what it says unpacked, or returns why it can't be
// taken.
func (s *Server) readWhole(ctx context.Context, r *http.Request, held *fair.Share) error {
	method := r.URL.Path
	if r.Method != http.MethodPost { // nothing that anybody says stands in an address, where it would be logged
		return refusal.Invalidf("request", "calls are made with POST")
	}
	if access[method] == 0 {
		r.Body = http.NoBody
		return nil // there is no such call, and whoever serves it says so
	}
	if err := s.mayBeRead(ctx, method); err != nil {
		return err
	}
	most := s.allowance(ctx, method, r.Header.Get("Authorization"))
	// What says itself that it is too large need not be read at all.
	if r.ContentLength > int64(most)+envelopeSize {
		return tooLarge(most)
	}
	raw, err := intake.Read(r.Body, most+envelopeSize, holding(held))
	if err != nil {
		return fromTheWeb(ctx, err, most)
	}
	if raw, err = unpackWeb(r.Header, raw, most, held); err != nil {
		return err
	}
	// The parser of JSON goes into itself for every level: depth is bounded before it begins.
	if strings.Contains(r.Header.Get("Content-Type"), "json") && intake.Deep(raw) {
		return notOfTheContract()
	}
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(raw)), int64(len(raw)), nil
	r.Header.Del("Content-Length")
	return nil
}

// fromTheWeb says why a body could not be read.
func fromTheWeb(ctx context.Context, err error, most int) error {
	if r := (*refusal.Refusal)(nil); errors.As(err, &r) || errors.Is(err, intake.ErrTooLarge) {
		return unreadable(err, most)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return refusal.Invalidf("request", "did not come whole")
}

// envelopeSize is one byte of flags and four of length, in gRPC-Web as in Connect's
// streams.
const envelopeSize = 5

// unpackWeb unpacks a body, or the one message in its envelope.
func unpackWeb(h http.Header, raw []byte, most int, held *fair.Share) ([]byte, error) {
	packing := "Content-Encoding"
	for _, e := range enveloped {
		if strings.HasPrefix(h.Get("Content-Type"), e.contentType) {
			packing = e.packing
		}
	}
	how := h.Get(packing)
	// It is unpacked here: whoever reads it next must not try again.
	h.Del(packing)
	if packing == "Content-Encoding" {
		if how != "" && how != "identity" {
			return unpack(raw, how, most, held)
		}
		if len(raw) > most {
			return nil, tooLarge(most)
		}
		return raw, nil
	}
	if len(raw) < envelopeSize || int(binary.BigEndian.Uint32(raw[1:])) != len(raw)-envelopeSize {
		return nil, notOfTheContract() // every call has one message
	}
	if raw[0]&1 == 0 {
		return raw, nil
	}
	out, err := unpack(raw[envelopeSize:], how, most, held)
	if err != nil {
		return nil, err
	}
	envelope := make([]byte, envelopeSize, envelopeSize+len(out))
	envelope[0] = raw[0] &^ 1
	binary.BigEndian.PutUint32(envelope[1:], uint32(len(out)))
	return append(envelope, out...), nil
}

// refuseOnTheWeb answers a call whose message was not taken, as the chain would. In the
// protocol that the caller speaks, which the error writer finds by the headers.
func (s *Server) refuseOnTheWeb(ctx context.Context, w http.ResponseWriter, r *http.Request, cause error) {
	begun, id := s.o.Now(), s.o.NewID().String()
	err := answer(cause, languageOf(ctx), id)
	w.Header().Set("Request-Id", id)
	// A caller who has gone does not hear it.
	_ = connect.NewErrorWriter().Write(w, r, connectError(err))
	s.countRefused(ctx, r.URL.Path, err)
	s.line(ctx, r.URL.Path, id, begun, cause, err)
}

// countRefused counts a call that came no further than its body, as the chain counts
// those that do: an attack has to show in the metrics.
func (s *Server) countRefused(ctx context.Context, method string, err error) {
	switch {
	case access[method] == 0: // no such call: names that strangers make up become no metric
	case method == pb.SyncService_Watch_FullMethodName:
		_ = s.metrics.calls.StreamServerInterceptor()(nil, &webStream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: method, IsServerStream: true},
			func(any, grpc.ServerStream) error { return err })
	default:
		_, _ = s.metrics.calls.UnaryServerInterceptor()(ctx, nil, &grpc.UnaryServerInfo{FullMethod: method},
			func(context.Context, any) (any, error) { return nil, err })
	}
}
