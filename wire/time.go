package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"undring/refusal"
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

// Date reads a date such as 2026-12-07, at midnight UTC, as the database reads dates.
// INVALID_FIELD for any other text.
func Date(field, text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, refusal.Invalidf(field, "is not a date, such as 2026-12-07")
	}
	return day, nil
}
