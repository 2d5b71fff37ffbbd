package session

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"undring/refusal"
)

const (
	// atOnce is how many sign-ins an address bears at once: a school sits behind
	// one.
	atOnce = 30
	// perSecond is how many come back afterwards.
	perSecond = 2
	// mostAddresses bounds the memory; past it the addresses start anew.
	mostAddresses = 10_000
)

// Attempts limits how often an address tries to sign in.
type Attempts struct {
	mu        sync.Mutex
	addresses map[string]*rate.Limiter
}

// Take counts one attempt, or refuses it with OVERLOADED and when to come back.
func (a *Attempts) Take(address string, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.addresses == nil || len(a.addresses) >= mostAddresses {
		a.addresses = make(map[string]*rate.Limiter)
	}
	l := a.addresses[address]
	if l == nil {
		l = rate.NewLimiter(perSecond, atOnce)
		a.addresses[address] = l
	}
	if l.AllowN(now, 1) {
		return nil
	}
	r := refusal.New(refusal.Overloaded)
	r.RetryAfter = time.Second
	return r
}
