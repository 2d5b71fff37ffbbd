package server

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that is taken up here
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"undring/refusal"
)

// strict registers services so that bytes which are no message of the contract
// are refused as such, by the same chain as everything else. By itself grpc
// answers them with INTERNAL, before any interceptor is asked. What may not be read
// is not: a call that is refused for its headers alone goes through the chain without
// its message. It keeps the calls besides, for who makes one from inside.
type strict struct {
	*grpc.Server
	calls     map[string]insideCall
	mayBeRead func(ctx context.Context, method string) error
}

// insideCall makes a call of the contract through a chain of interceptors.
type insideCall func(ctx context.Context, req proto.Message, chain grpc.UnaryServerInterceptor) (any, error)

// received is a message on its way in, and why its bytes could not be read.
type received struct {
	message    any
	unreadable error
}

// codec is grpc's for protobuf; of what a strict service receives it keeps the
// error for later.
type codec struct{ encoding.CodecV2 }

func strictCodec() codec { return codec{encoding.GetCodecV2("proto")} }

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if r, ok := v.(*received); ok {
		r.unreadable = c.CodecV2.Unmarshal(data, r.message)
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

func (s strict) RegisterService(desc *grpc.ServiceDesc, impl any) {
	d := *desc
	d.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		handle, name := m.Handler, "/"+desc.ServiceName+"/"+m.MethodName
		s.calls[name] = func(ctx context.Context, req proto.Message, chain grpc.UnaryServerInterceptor) (any, error) {
			return handle(impl, ctx, func(v any) error {
				proto.Merge(v.(proto.Message), req)
				return nil
			}, chain)
		}
		m.Handler = func(srv any, ctx context.Context, read func(any) error, chain grpc.UnaryServerInterceptor) (any, error) {
			var in received
			refused := s.mayBeRead(ctx, name)
			return handle(srv, ctx, func(v any) error {
				if refused != nil {
					return nil
				}
				in.message = v
				return read(&in)
			}, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
				if in.unreadable != nil {
					refused = refusal.Invalidf("request", "is no message of the contract")
				}
				if refused != nil {
					req, next = nil, func(context.Context, any) (any, error) { return nil, refused }
				}
				return chain(ctx, req, info, next)
			})
		}
		d.Methods[i] = m
	}
	s.Server.RegisterService(&d, impl)
}
