package town

import (
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Outcome is what came of a call. Exactly one of the two counts.
type Outcome[T any] struct {
	Reply T
	Err   error
}

// Try takes what a call returned, to be asked whether it was done or refused.
func Try[T any](reply T, err error) Outcome[T] { return Outcome[T]{reply, err} }

// OK is the reply, which has to come.
func (o Outcome[T]) OK(t testing.TB) T {
	t.Helper()
	if o.Err != nil {
		t.Fatalf("refused: %s, missing %v: %v", ReasonOf(o.Err), MissingOf(o.Err), o.Err)
	}
	return o.Reply
}

// Refused is the refusal, which has to come, by its reason. It compares status and reason
// both: the same reason with another status would break clients.
func (o Outcome[T]) Refused(t testing.TB, code codes.Code, reason string) error {
	t.Helper()
	if status.Code(o.Err) != code || ReasonOf(o.Err) != reason {
		t.Fatalf("got %s / %q (%v), want %s / %s", status.Code(o.Err), ReasonOf(o.Err), o.Err, code, reason)
	}
	return o.Err
}

// ReasonOf is the reason of a refusal as a client reads it.
func ReasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// Told is in which words a refusal is told, after their language ("nn …"), and whether it says
// when to come back.
func Told(err error) (words string, later bool) {
	for _, d := range status.Convert(err).Details() {
		switch d := d.(type) {
		case *errdetails.LocalizedMessage:
			words = d.GetLocale() + " " + d.GetMessage()
		case *errdetails.RetryInfo:
			later = d.GetRetryDelay().AsDuration() > 0
		}
	}
	return words, later
}

// MissingOf lists the types of what a refusal says is missing.
func MissingOf(err error) []string {
	var out []string
	for _, d := range status.Convert(err).Details() {
		if f, ok := d.(*errdetails.PreconditionFailure); ok {
			for _, v := range f.GetViolations() {
				out = append(out, v.GetType())
			}
		}
	}
	return out
}
