package offline

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "undring/gen/undring/v1"
	"undring/refusal"
)

const (
	// lastMoment is left of a batch's time when nothing more is begun.
	lastMoment = 300 * time.Millisecond
	// comeBackAfter is the advice where a call gives none.
	comeBackAfter = 2 * time.Second
	// mostFailures is how many operations may fail by the server's own fault
	// before the rest is held: one that always does must not stop the others.
	mostFailures = 3
)

// CallsOf lists the calls of some services that change something, by the names of
// their requests: an operation holds nothing but the request.
func CallsOf(services ...protoreflect.ServiceDescriptor) map[protoreflect.FullName]string {
	out := map[protoreflect.FullName]string{}
	for _, service := range services {
		for i := range service.Methods().Len() {
			m := service.Methods().Get(i)
			if o, ok := m.Options().(*descriptorpb.MethodOptions); !ok || o.GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
				out[m.Input().FullName()] = "/" + string(service.FullName()) + "/" + string(m.Name())
			}
		}
	}
	return out
}

// Push carries out the operations in their order.
func (s *Service) Push(ctx context.Context, req *pb.PushRequest) (*pb.PushResponse, error) {
	p := push{service: s, done: map[string]bool{}, reply: new(pb.PushResponse)}
	for _, o := range req.GetOperations() {
		p.reply.Results = append(p.reply.Results, p.take(ctx, o))
	}
	return p.reply, nil
}

// push is one batch under way.
type push struct {
	service  *Service
	done     map[string]bool      // by request_id, of all that came before
	held     *pb.OperationRefusal // not nil: nothing more is begun
	failures int
	bytes    int
	reply    *pb.PushResponse
}

// named is any request that changes something.
type named interface {
	proto.Message
	GetRequestId() string
}

// take deals with one operation of a batch: it is refused for what it is, held for
// what it waits for, or carried out. The order of the cases is the order in which a
// client can do something about it.
func (p *push) take(ctx context.Context, o *pb.Operation) *pb.OperationResult {
	request, err := o.GetRequest().UnmarshalNew()
	r, isNamed := request.(named)
	method := ""
	if err == nil && isNamed {
		method = p.service.Calls[r.ProtoReflect().Descriptor().FullName()]
	}
	result := new(pb.OperationResult)
	if method != "" {
		result.RequestId = r.GetRequestId()
	}
	switch {
	case method == "":
		err = p.service.Refuse(ctx, refusal.Invalidf("request", "must be the request of a call that phones carry over, such as SaveNoteRequest"))
		result.Refusal = encodeRefusal(err)
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_REFUSED
	case p.waits(o) != "":
		err = p.service.Refuse(ctx, refusal.New(refusal.BuildsOn).With("request_id", p.waits(o)))
		result.Refusal = encodeRefusal(err)
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_HELD
	case p.full(ctx):
		result.Refusal = p.held
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_HELD
	default:
		p.carryOut(ctx, method, r, result)
	}
	if id := result.RequestId; id != "" { // an id that comes twice with other content does not undo the first
		p.done[id] = p.done[id] || result.Outcome == pb.OperationOutcome_OPERATION_OUTCOME_DONE
	}
	return result
}

// waits gives the operation that this one builds on and that was not done. One
// that the batch does not hold before it has been done earlier: the phone has
// forgotten it.
func (p *push) waits(o *pb.Operation) string {
	for _, id := range o.GetBuildsOn() {
		if done, there := p.done[id]; there && !done {
			return id
		}
	}
	return ""
}

// full says whether nothing more is begun: the time is nearly over, the server
// has too much to do, or the answer is long enough.
func (p *push) full(ctx context.Context) bool {
	if until, set := ctx.Deadline(); p.held == nil && (set && time.Until(until) < lastMoment || p.bytes > mostBytes) {
		p.held = encodeRefusal(p.service.Refuse(ctx, &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter}))
	}
	return p.held != nil
}

// carryOut makes the call that an operation stands for, through the whole chain, and
// sorts what comes of it: done, refused for good, or to be sent again. What the server
// could not do by its own fault is held, never refused, since the words are still on
// the phone.
func (p *push) carryOut(ctx context.Context, method string, request named, result *pb.OperationResult) {
	reply, err := p.service.Invoke(ctx, method, request)
	if err == nil {
		result.Response, err = anypb.New(reply)
	}
	if err == nil {
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_DONE
		p.bytes += len(result.Response.GetValue())
		return
	}
	result.Refusal = encodeRefusal(err)
	switch status.Code(err) {
	case codes.Internal, codes.Unknown:
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_HELD
		if p.failures++; p.failures == mostFailures {
			p.held = result.Refusal
		}
	case codes.ResourceExhausted, codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Unauthenticated:
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_HELD
		p.held = result.Refusal
	default:
		result.Outcome = pb.OperationOutcome_OPERATION_OUTCOME_REFUSED
		return
	}
	if result.Refusal.RetryAfter == nil {
		result.Refusal.RetryAfter = durationpb.New(comeBackAfter)
	}
}

// encodeRefusal writes a status as part of an answer: all that the same call by
// itself would have told.
func encodeRefusal(err error) *pb.OperationRefusal {
	s := status.Convert(err)
	out := &pb.OperationRefusal{Code: int32(s.Code())}
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			out.Reason, out.Metadata = d.GetReason(), d.GetMetadata()
		case *errdetails.LocalizedMessage:
			out.Message = d.GetMessage()
		case *errdetails.PreconditionFailure:
			for _, v := range d.GetViolations() {
				out.Missing = append(out.Missing, v.GetDescription())
			}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				if out.Metadata == nil {
					out.Metadata = map[string]string{}
				}
				out.Metadata[v.GetField()] = v.GetDescription()
				if m := v.GetLocalizedMessage().GetMessage(); m != "" {
					out.Missing = append(out.Missing, m)
				}
			}
		case *errdetails.RetryInfo:
			out.RetryAfter = d.GetRetryDelay()
		}
	}
	return out
}
