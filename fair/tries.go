package fair

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// mostCounted bounds the memory of one [Tries]. Past it, those who have long not come
	// are forgotten; where all have, the newcomers share one count.
	mostCounted = 10_000
	// tidyEvery is how often those that may be forgotten are looked for. Without it, under
	// a flood of new keys, each try would go through all 10,000.
	tidyEvery = time.Second
)

// Tries counts how often each of many tries something. Not safe for concurrent use; the
// zero Tries is ready.
type Tries[K comparable] struct {
	each   map[K]*rate.Limiter
	others *rate.Limiter // shared by those that there was no room for
	tidied time.Time
}

// Take counts a try, and is false where there were too many: more than burst at once, and
// more than limit lets come back. Only so many keys are counted
// each by itself; beyond that they share a count, so that whoever makes up keys can neither
// fill the memory nor push out the count of a key under attack.
func (t *Tries[K]) Take(key K, limit rate.Limit, burst int, now time.Time) bool {
	if t.each == nil {
		t.each, t.others = map[K]*rate.Limiter{}, rate.NewLimiter(limit, burst)
	}
	l := t.each[key]
	if l == nil && len(t.each) >= mostCounted {
		t.tidy(burst, now)
	}
	switch {
	case l == nil && len(t.each) >= mostCounted:
		l = t.others
	case l == nil:
		l = rate.NewLimiter(limit, burst)
		t.each[key] = l
	}
	return l.AllowN(now, 1)
}

// tidy forgets those for whom all is as if they had never come. A count that is full again
// is the same as none: forgetting it gives nobody a try more.
func (t *Tries[K]) tidy(burst int, now time.Time) {
	if now.Sub(t.tidied) < tidyEvery {
		return
	}
	t.tidied = now
	for key, l := range t.each {
		if l.TokensAt(now) >= float64(burst) {
			delete(t.each, key)
		}
	}
}
