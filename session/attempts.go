package session

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	pb "undring/gen/undring/v1"
	"undring/refusal"
)

const (
	// atOnce is how many sign-ins an address bears at once: a school sits behind
	// one.
	atOnce = 30
	// perSecond is how many come back afterwards.
	perSecond = 2
	// codeAtOnce is how often one code may be tried at once, from wherever, and
	// codeEvery how long it takes until once more: who types it knows it.
	codeAtOnce = 5
	codeEvery  = 30 * time.Second
	// mostCounted bounds the memory of each of the two. Past it, those who have long
	// not come are forgotten; where all have, the newcomers share one count.
	mostCounted = 10_000
	// tidyEvery is how often it is looked for who may be forgotten.
	tidyEvery = time.Second
)

// Attempts limits how often an address tries to sign in, and how often a code is tried.
// Safe for concurrent use.
type Attempts struct {
	mu        sync.Mutex
	addresses tries[netip.Prefix]
	codes     tries[[sha256.Size]byte]
}

// tries counts those of many.
type tries[K comparable] struct {
	each   map[K]*rate.Limiter
	others *rate.Limiter // of whom there was no room for
	tidied time.Time
}

func (t *tries[K]) take(key K, limit rate.Limit, burst int, now time.Time) bool {
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

// tidy forgets those for whom all is as if they had never come.
func (t *tries[K]) tidy(burst int, now time.Time) {
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

// Take counts one attempt, or refuses it with OVERLOADED and when to come back.
func (a *Attempts) Take(address string, req *pb.SignInRequest, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.addresses.take(network(address), perSecond, atOnce, now) {
		return comeBack(time.Second)
	}
	if code := req.GetInvitationCode() + req.GetAuthorizationCode().GetCode(); code != "" &&
		!a.codes.take(sha256.Sum256([]byte(code)), rate.Every(codeEvery), codeAtOnce, now) {
		return comeBack(codeEvery)
	}
	return nil
}

func comeBack(after time.Duration) error {
	r := refusal.New(refusal.Overloaded)
	r.RetryAfter = after
	return r
}

// network is what an address counts as: of IPv6, where everybody has as many as they
// like, the 64 bits that a provider hands out.
func network(address string) netip.Prefix {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}
	}
	bits := 64
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 32
	}
	p, _ := ip.Prefix(bits) // both fit
	return p
}
