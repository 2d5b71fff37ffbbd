package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
)

// watch is the call Watch of the web port. The app's phones wait in it by the
// thousand, and each that goes to grpc through the transcoder, as other calls do,
// holds goroutines and buffers of both. The chain is the same.
func (s *Server) watch() http.Handler {
	method := pb.SyncService_Watch_FullMethodName
	streams := pb.SyncService_ServiceDesc.Streams
	desc := streams[slices.IndexFunc(streams, func(d grpc.StreamDesc) bool { return d.StreamName == "Watch" })]
	info := &grpc.StreamServerInfo{FullMethod: method, IsServerStream: true}
	count := s.metrics.calls.StreamServerInterceptor()
	chain := func(srv any, ss grpc.ServerStream) error { return s.accountStream(srv, ss, info, desc.Handler) }
	carry := carrier(func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		h := conn.RequestHeader()
		md := metadata.Pairs("authorization", h.Get("Authorization"), "accept-language", h.Get("Accept-Language"))
		return connectError(count(s.phones, &webStream{metadata.NewIncomingContext(ctx, md), conn}, info, chain))
	})
	stream := connect.NewServerStreamHandler[pb.WatchRequest, pb.WatchResponse](method, nil,
		connect.WithInterceptors(carry), connect.WithReadMaxBytes(strangersBody), connect.WithCodec(connectJSON{newJSONCodec(nil).(jsonCodec)}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// nginx, as it comes, keeps an answer until a buffer is full of it; others pack
		// it, and wait for enough to pack.
		w.Header().Set("X-Accel-Buffering", "no")
		w.Header().Set("Cache-Control", "no-store, no-transform")
		stream.ServeHTTP(w, r)
	})
}

// carrier carries a stream out in connect's stead.
type carrier connect.StreamingHandlerFunc

// WrapUnary changes nothing.
func (carrier) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc { return next }

// WrapStreamingClient changes nothing.
func (carrier) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler puts the carrier in the handler's place.
func (c carrier) WrapStreamingHandler(connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return connect.StreamingHandlerFunc(c)
}

// webStream is a stream of the web port, as the chain and the house know streams.
type webStream struct {
	ctx  context.Context
	conn connect.StreamingHandlerConn
}

// Context is the call's.
func (w *webStream) Context() context.Context { return w.ctx }

// SetHeader adds to what goes out before the first message.
func (w *webStream) SetHeader(md metadata.MD) error {
	for name, values := range md {
		for _, v := range values {
			w.conn.ResponseHeader().Add(name, v)
		}
	}
	return nil
}

// SendHeader does as SetHeader: headers go out with the first message.
func (w *webStream) SendHeader(md metadata.MD) error { return w.SetHeader(md) }

// SetTrailer does nothing: no call of the house has any.
func (w *webStream) SetTrailer(metadata.MD) {}

// SendMsg sends a message at once.
func (w *webStream) SendMsg(m any) error { return w.conn.Send(m) }

// RecvMsg receives one.
func (w *webStream) RecvMsg(m any) error {
	err := w.conn.Receive(m)
	switch code := connect.CodeOf(err); {
	case err == nil:
		return nil
	case code == connect.CodeInvalidArgument, code == connect.CodeUnknown, code == connect.CodeResourceExhausted, errors.Is(err, io.EOF):
		return notOfTheContract()
	default:
		return status.Error(codes.Code(code), err.Error())
	}
}

// connectError is a status as connect sends it.
func connectError(err error) error {
	if err == nil {
		return nil
	}
	s := status.Convert(err)
	out := connect.NewError(connect.Code(s.Code()), errors.New(s.Message()))
	for _, detail := range s.Proto().GetDetails() {
		if d, err := connect.NewErrorDetail(detail); err == nil {
			out.AddDetail(d)
		}
	}
	return out
}

// connectJSON is the web port's JSON for what connect serves itself.
type connectJSON struct{ jsonCodec }

// Marshal writes a message.
func (c connectJSON) Marshal(m any) ([]byte, error) { return c.MarshalAppend(nil, m.(proto.Message)) }

// Unmarshal reads one.
func (c connectJSON) Unmarshal(raw []byte, m any) error {
	return c.jsonCodec.JSONCodec.Unmarshal(raw, m.(proto.Message))
}
