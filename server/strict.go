package server

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// strict registers services whose messages are read by [Server.receive]: as much as their
// caller may send, once it is held for them, and what is not a message of the contract is
// refused as such, by the same chain as everything else. By itself grpc reads as much of
// everyone, and answers what can't be read with INTERNAL before any interceptor is asked.
// What may not be read is not: a call that is refused for its headers alone goes through
// the chain without its message. It keeps the calls besides, for whoever makes one from
// inside.
type strict struct {
	*grpc.Server
	house *Server
}

// insideCall makes a call of the contract through a chain of interceptors. The request is
// copied into the one that the generated handler makes, which is the only way in.
type insideCall func(ctx context.Context, req proto.Message, chain grpc.UnaryServerInterceptor) (any, error)

// RegisterService registers a service so that each of its calls is read only after it
// was looked at: who calls, whether they may send as much, whether it is a message at
// all. It is done here, once for all services, because grpc would otherwise decode
// first and ask later.
func (s strict) RegisterService(desc *grpc.ServiceDesc, impl any) {
	d := *desc
	d.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		handle, name := m.Handler, "/"+desc.ServiceName+"/"+m.MethodName
		s.house.calls[name] = func(ctx context.Context, req proto.Message, chain grpc.UnaryServerInterceptor) (any, error) {
			return handle(impl, ctx, func(v any) error {
				proto.Merge(v.(proto.Message), req)
				return nil
			}, chain)
		}
		m.Handler = func(srv any, ctx context.Context, _ func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
			held, _ := s.house.bytes.Take(0, s.house.payerOf(ctx, first(ctx, "authorization")).heldBytes()...)
			defer held.Back()
			refused := s.house.mayBeRead(ctx, name)
			// Filled by share, deep in the chain, where the caller is known; here it is put
			// in the answer's place, so that the codec meets it.
			out := new(outgoing)
			ctx = context.WithValue(ctx, outgoingKey{}, out)
			reply, err := handle(srv, ctx, func(v any) (broken error) {
				if refused == nil {
					refused, broken = s.house.receive(ctx, name, v.(proto.Message), held)
				}
				return broken
			}, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
				// The chain is still gone through, so that the refusal has its line, its
				// words and its count; the handler is never called.
				if refused != nil {
					req, next = nil, func(context.Context, any) (any, error) { return nil, refused }
				}
				return chain(ctx, req, info, next)
			})
			if err == nil && out.share != nil {
				out.message = reply
				return out, nil
			}
			return reply, err
		}
		d.Methods[i] = m
	}
	s.Server.RegisterService(&d, impl)
}
