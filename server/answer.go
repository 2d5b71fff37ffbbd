package server

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"undring/refusal"
	"undring/words"
)

// domain stands in each ErrorInfo, so that a client knows whose reasons these are.
const domain = "undring"

// codeOf is the status of a kind of refusal. Every kind has one; a test goes
// through them.
var codeOf = map[refusal.Kind]codes.Code{
	refusal.Invalid:         codes.InvalidArgument,
	refusal.NotFound:        codes.NotFound,
	refusal.Forbidden:       codes.PermissionDenied,
	refusal.Precondition:    codes.FailedPrecondition,
	refusal.Stale:           codes.Aborted,
	refusal.Exists:          codes.AlreadyExists,
	refusal.Busy:            codes.ResourceExhausted,
	refusal.Unauthenticated: codes.Unauthenticated,
	refusal.Ours:            codes.Internal,
}

// answer turns what went wrong into a status: a refusal into its reason, what is
// missing and words in the reader's language; the caller's own end into that;
// anything else into INTERNAL with the request's id, and nothing of what it was. The order
// matters: a refusal may carry the caller's own end underneath, and is still the better
// answer.
func answer(err error, language, requestID string) error {
	var r *refusal.Refusal
	switch {
	case errors.As(err, &r):
		return refuse(r, language)
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "the caller has hung up")
	case errors.Is(err, context.DeadlineExceeded):
		// Whether it was done the caller doesn't know, so the answer says when to ask
		// again; the same request_id finds out.
		late := status.New(codes.DeadlineExceeded, "the time for this call is over")
		return with(late, reason(refusal.Overloaded), say(language, "refusal."+string(refusal.Overloaded)),
			&errdetails.RetryInfo{RetryDelay: durationpb.New(comeBackAfter)})
	}
	if s, ok := status.FromError(err); ok && s.Code() != codes.Unknown {
		return err // of grpc itself: a method that is not there
	}
	return with(status.New(codes.Internal, "internal error, request "+requestID), reason(refusal.Internal),
		say(language, "refusal."+string(refusal.Internal)), &errdetails.RequestInfo{RequestId: requestID})
}

// reason is the machine's part of a refusal. Without metadata: those that need some are
// written by refuse.
func reason(r refusal.Reason) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: string(r), Domain: domain}
}

// with adds details to a status.
func with(s *status.Status, details ...protoadapt.MessageV1) error {
	// Details that cannot be packed are left out: the code alone is still an answer.
	if more, err := s.WithDetails(details...); err == nil {
		s = more
	}
	return s.Err()
}

// refuse turns a refusal into what goes over the wire: a status, the reason with its metadata,
// words in the reader's language, and the list of what is missing or wrong.
func refuse(r *refusal.Refusal, language string) error {
	details := []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: string(r.Reason), Domain: domain, Metadata: r.Meta},
		&errdetails.LocalizedMessage{Locale: language, Message: words.At(language, words.Of(language, "refusal."+string(r.Reason), r.Meta["code"]), r.Meta)},
	}
	switch r.Kind() {
	case refusal.Precondition:
		details = append(details, missing(r, language))
	case refusal.Invalid:
		bad := new(errdetails.BadRequest)
		for _, f := range r.Fields {
			v := &errdetails.BadRequest_FieldViolation{Field: f.Name, Description: describe(f)}
			if f.Limit != "" {
				v.Reason, v.LocalizedMessage = string(f.Limit), &errdetails.LocalizedMessage{Locale: language, Message: beyond(language, f)}
			}
			bad.FieldViolations = append(bad.FieldViolations, v)
		}
		details = append(details, bad)
	}
	if r.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(r.RetryAfter)})
	}
	code, known := codeOf[r.Kind()]
	if !known {
		code = codes.Internal
	}
	text := string(r.Reason)
	for _, f := range r.Fields {
		text += fmt.Sprintf("; %s: %s", f.Name, describe(f))
	}
	// The text is for developers and logs; what people read is in the details.
	s, err := status.New(code, text).WithDetails(details...)
	if err != nil {
		return status.Error(code, text)
	}
	return s.Err()
}

// describe says to a developer what is wrong with a field. In English, whatever the
// caller's language: it ends in logs and tickets.
func describe(f refusal.Field) string {
	if f.Reason == "" {
		return beyond("en", f)
	}
	return f.Reason
}

// beyond says to a person which limit a field breaks.
func beyond(language string, f refusal.Field) string {
	if f.Number == 0 {
		return words.Say(language, "limit."+string(f.Limit))
	}
	return words.Say(language, "limit."+string(f.Limit), f.Number)
}

// missing lists everything that stands in the way; where the refusal lists
// nothing, itself. Each in the reader's words, so that an app which knows none of the
// reasons can still show the list.
func missing(r *refusal.Refusal, language string) *errdetails.PreconditionFailure {
	list := r.Missing
	if len(list) == 0 {
		list = []refusal.Missing{{Reason: r.Reason}}
	}
	out := new(errdetails.PreconditionFailure)
	for _, m := range list {
		out.Violations = append(out.Violations, &errdetails.PreconditionFailure_Violation{
			Type: string(m.Reason), Subject: m.Subject, Description: words.Say(language, "refusal."+string(m.Reason)),
		})
	}
	return out
}

// say is a text of the catalogue as a detail of a status.
func say(language, key string) *errdetails.LocalizedMessage {
	return &errdetails.LocalizedMessage{Locale: language, Message: words.Say(language, key)}
}
