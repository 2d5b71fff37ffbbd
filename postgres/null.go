package postgres

import "time"

// OrNull is nil for the zero time, Go's word for "not yet", which the database knows as null.
func OrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// TimeOf is the zero time for null.
func TimeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
