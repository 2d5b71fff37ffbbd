package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// Moment is a time in UTC and as exact as the database keeps it, to the
// microsecond: what is compared before it was stored is then equal afterwards.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Time reads a time as a [Moment]; the zero time where it is absent.
func Time(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return Moment(t.AsTime())
}

// EncodeTime writes a time; the zero time is absent.
func EncodeTime(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
