package session

import (
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"undring/fair"
	pb "undring/gen/undring/v1"
	"undring/refusal"
)

const (
	// atOnce is how many sign-ins an address bears at once: a school sits behind
	// one. Thirty is what the contract promises: a staff room signs in at the same moment.
	atOnce = 30
	// perSecond is how many come back afterwards. An address thus tries at most 172,800
	// codes a day, of 2^60 that there are.
	perSecond = 2
	// codeAtOnce is how often one code may be tried at once, from wherever, and
	// codeEvery how long it takes until one more try: whoever was given a code has it right
	// after a few. It is counted by code and not by address: whoever tries one code from many
	// addresses is stopped as well.
	codeAtOnce = 5
	codeEvery  = 30 * time.Second
)

// Attempts limits how often an address tries to sign in, and how often a code is tried.
// Safe for concurrent use. It is counted in this server's memory, before anything is read
// from the database. Several servers count each for itself: the limit is then as many times
// as large.
type Attempts struct {
	mu        sync.Mutex
	addresses fair.Tries[netip.Prefix]
	codes     fair.Tries[[sha256.Size]byte]
}

// Take counts one attempt, or refuses it with OVERLOADED and when to come back. The address
// is counted first and always, also for a code that is refused, so that trying codes is
// never free. An invitation and a code of a provider are never both there; the one that is
// counts by its hash, so that no code stays in memory.
func (a *Attempts) Take(address string, req *pb.SignInRequest, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.addresses.Take(network(address), perSecond, atOnce, now) {
		return comeBack(time.Second)
	}
	if code := req.GetInvitationCode() + req.GetAuthorizationCode().GetCode(); code != "" &&
		!a.codes.Take(sha256.Sum256([]byte(code)), rate.Every(codeEvery), codeAtOnce, now) {
		return comeBack(codeEvery)
	}
	return nil
}

// comeBack refuses for now, and says after how long to try again.
func comeBack(after time.Duration) error {
	r := refusal.New(refusal.Overloaded)
	r.RetryAfter = after
	return r
}

// network is what an address counts as: of IPv6, where everybody has as many as they
// like, the 64 bits that a provider hands out.
func network(address string) netip.Prefix {
	// All that are no address share one count: the zero prefix.
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
