package town

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"undring/wire"
)

// Files are all files of the contract.
var Files = wire.Contract()

// AllMessages lists the messages of the contract.
func AllMessages() []protoreflect.MessageDescriptor {
	var out []protoreflect.MessageDescriptor
	for _, f := range Files {
		for i := range f.Messages().Len() {
			out = append(out, f.Messages().Get(i))
		}
	}
	return out
}

// Mutating lists the calls of the contract that change something.
func Mutating() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	for _, f := range Files {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				o := methods.Get(j).Options().(*descriptorpb.MethodOptions)
				if o.GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
					out = append(out, methods.Get(j))
				}
			}
		}
	}
	return out
}

// Invoke makes a call of the contract; of a stream it takes the first message.
func Invoke(ctx context.Context, conn *grpc.ClientConn, m protoreflect.MethodDescriptor, req, reply any, o ...grpc.CallOption) error {
	name := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
	if !m.IsStreamingServer() {
		return conn.Invoke(ctx, name, req, reply, append(o, grpc.StaticMethod())...)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, name, o...)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(req); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return stream.RecvMsg(reply)
}

// NewMessage makes an empty message.
func NewMessage(d protoreflect.MessageDescriptor) proto.Message {
	m, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err) // it is generated and linked in
	}
	return m.New().Interface()
}
