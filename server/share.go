package server

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that is taken up here
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"undring/fair"
)

// How many calls are under way at once, of one person, school owner and address, and of
// all. A phone has two or three, and a whole school sits behind one address. The numbers
// leave one school owner less than all there is, so that one busy town leaves room for the
// next (G14).
const (
	callsOfPerson   = 24
	callsOfOwner    = 320
	callsOfAddress  = 320
	callsOfAll      = 512
	callsOfStranger = 64 // of one address
	callsOfSome     = 192
	// urgentCalls are those that end sessions, of one session at one address: they
	// have places of their own, so that nobody's other calls, and no thief's
	// elsewhere, keep a lost phone from being shut out.
	urgentCalls = 4
)

// How many imports of administrators are under way at once, since each may hold a tenth
// of the memory; and how long one waits for those before it. One waits rather than being
// refused, since an administrator has a file open in front of them.
const (
	importsOfOwner = 1
	importsOfAll   = 2
	importsWait    = 5 * time.Second
	importsLook    = 20 * time.Millisecond
)

// How many bytes of answers wait to be taken by those who asked, of one person, owner
// and all together; and for how long. An answer is counted until it has gone out: whoever
// asks for everything and reads nothing would otherwise fill the memory (G15).
const (
	unsentOfPerson   = 24 << 20
	unsentOfOwner    = 64 << 20
	unsentOfAll      = 128 << 20
	unsentOfStranger = 4 << 20 // of one address
	unsentTime       = 30 * time.Second
	// small answers are not counted: a connection has a hundred of them at most.
	small = 16 << 10
	// onTheWeb is how many times an answer is there on the web port: as it is, as JSON,
	// and on its way.
	onTheWeb = 3
)

// addressLevel and the types below are what a share is counted by: of different types
// nothing is the same, though the text or the id is.
type addressLevel string

type urgentLevel struct {
	session uuid.UUID
	address string
}

type ownerLevel struct{ owner uuid.UUID }

type personLevel struct{ owner, person uuid.UUID }

// owners is whose share of the owner's a call takes.
func (p payer) owners() ownerLevel { return ownerLevel{p.owner} }

// persons is whose share of their own a call takes.
func (p payer) persons() personLevel { return personLevel{p.owner, p.person} }

// places are the levels at which a call has its place. Health and other calls without a
// token have places of strangers.
func (p payer) places(method string) []fair.Level {
	switch {
	case urgent[method]:
		return []fair.Level{{Of: urgentLevel{p.session, p.address}, Most: urgentCalls}}
	case p.stranger():
		return []fair.Level{{Of: addressLevel(p.address), Most: callsOfStranger}, {Of: strangers{}, Most: callsOfSome}, {Of: fair.Everybody{}, Most: callsOfAll}}
	}
	return []fair.Level{{Of: p.persons(), Most: callsOfPerson}, {Of: p.owners(), Most: callsOfOwner},
		{Of: addressLevel(p.address), Most: callsOfAddress}, {Of: fair.Everybody{}, Most: callsOfAll}}
}

// unsent are the levels at which an answer waits.
func (p payer) unsent() []fair.Level {
	if p.stranger() {
		return []fair.Level{{Of: addressLevel(p.address), Most: unsentOfStranger}, {Of: strangers{}, Most: unsentOfPerson}, {Of: fair.Everybody{}, Most: unsentOfAll}}
	}
	return []fair.Level{{Of: p.persons(), Most: unsentOfPerson}, {Of: p.owners(), Most: unsentOfOwner}, {Of: fair.Everybody{}, Most: unsentOfAll}}
}

// insideKey marks the calls that a batch makes: they are in the batch's place, or a batch
// of many would wait for itself.
type insideKey struct{}

// share gives a call its place among the others, or asks to come back. What a call
// makes of other calls is in the same place. It is the second link, inside the one that
// writes the log: a call that finds no room has a line there, too.
func (s *Server) share(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if ctx.Value(insideKey{}) != nil {
		return next(ctx, req)
	}
	p := s.payerOf(ctx, first(ctx, "authorization"))
	place, ok := s.places.Take(1, p.places(info.FullMethod)...)
	if !ok {
		return nil, busy()
	}
	defer place.Back()
	if s.isLargeImport(ctx, info.FullMethod) {
		file, err := s.waitToImport(ctx, p)
		if err != nil {
			return nil, err
		}
		defer file.Back()
	}
	reply, err := next(context.WithValue(ctx, insideKey{}, true), req)
	if out, there := ctx.Value(outgoingKey{}).(*outgoing); there && err == nil {
		err = s.holdAnswer(ctx, reply, p, out)
	}
	return reply, err
}

// isLargeImport says whether a call brings a file that may be large: an administrator's.
func (s *Server) isLargeImport(ctx context.Context, method string) bool {
	return strings.Contains(method, "/Import") && s.allowance(ctx, method, first(ctx, "authorization")) == maxRoster
}

// waitToImport waits for the imports before it. It looks again and again rather than
// standing in a line: there are two at a time, and nobody is kept for more than five
// seconds.
func (s *Server) waitToImport(ctx context.Context, p payer) (*fair.Share, error) {
	ctx, cancel := context.WithTimeout(ctx, importsWait)
	defer cancel()
	look := time.NewTicker(importsLook)
	defer look.Stop()
	for {
		file, ok := s.imports.Take(1, fair.Level{Of: p.owners(), Most: importsOfOwner}, fair.Level{Of: fair.Everybody{}, Most: importsOfAll})
		if ok {
			return file, nil
		}
		select {
		case <-ctx.Done():
			return nil, busy()
		case <-look.C:
		}
	}
}

// outgoing is the answer of a call on its way to whoever asked.
type outgoing struct {
	message    any
	share      *fair.Share // nil: too small to count
	connection *member     // nil: none that could be closed
}

type outgoingKey struct{}

// webCallKey finds what the web port gives back when an answer has gone out.
type webCallKey struct{}

// webCall is a request of the web port under way.
type webCall struct{ answer *fair.Share }

// end gives back what the answer held.
func (c *webCall) end() {
	if c.answer != nil {
		c.answer.Back()
	}
}

// holdAnswer counts an answer until it has been taken. Refused here, the call has been
// carried out: a repetition with the same request_id gets its answer.
func (s *Server) holdAnswer(ctx context.Context, reply any, p payer, out *outgoing) error {
	m, ok := reply.(proto.Message)
	if !ok {
		return nil
	}
	size := int64(proto.Size(m))
	if size < small {
		return nil
	}
	web, overWeb := ctx.Value(webCallKey{}).(*webCall)
	if overWeb {
		size *= onTheWeb
	}
	share, ok := s.unsent.Take(size, p.unsent()...)
	if !ok {
		return busy()
	}
	if overWeb {
		web.answer = share // until the request has ended
		return nil
	}
	out.share, out.connection = share, p.connection
	// Packed it would be another buffer, of which nobody says when it has gone. Where the
	// header has gone already, it is packed.
	_ = grpc.SetSendCompressor(ctx, encoding.Identity)
	return nil
}

// codec is grpc's for protobuf; an answer that counts it watches until it has gone out. It
// has no way to tell a handler when an answer has gone out, but it gives each buffer back:
// that is what is waited for.
type codec struct{ encoding.CodecV2 }

// countingCodec is gRPC's own codec, counted.
func countingCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// Marshal writes a message.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	out, counts := v.(*outgoing)
	if !counts {
		return c.CodecV2.Marshal(v)
	}
	raw, err := proto.Marshal(out.message.(proto.Message))
	if err != nil {
		out.share.Back()
		return nil, err
	}
	late := time.AfterFunc(unsentTime, func() {
		if out.connection != nil {
			_ = out.connection.Close() // whoever is there takes nothing
		}
		out.share.Back()
	})
	return mem.BufferSlice{mem.NewBuffer(&raw, &taken{out.share, late})}, nil
}

// taken is told when an answer has gone out, or its connection has ended. It stands where a
// pool of buffers would.
type taken struct {
	share *fair.Share
	late  *time.Timer
}

// Get is never asked.
func (*taken) Get(n int) *[]byte {
	b := make([]byte, n)
	return &b
}

// Put gives back what the answer took.
func (t *taken) Put(*[]byte) {
	t.late.Stop()
	t.share.Back()
}
