package postgres

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"undring/refusal"
)

// How many may wait for one that runs, and for how long. A call is a millisecond or two, so
// a call that has waited this long stands in a queue that does not get shorter.
const (
	waitersPerRunner = 12
	longestWait      = 500 * time.Millisecond
	comeBackAfter    = time.Second
)

// caller is at whose expense a statement runs: a person, or what stands in for one where
// nobody is known yet; and the school owner.
type caller struct {
	owner  uuid.UUID
	person any
}

type callerKey struct{}

// For says at whose expense the statements of a call run where they run in nobody's
// name, or in one that several use: an address, a session. It is compared.
func For(ctx context.Context, who any) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// caller is whoever stands in line at the gate: whoever was named in the context (a
// stranger's address, say), or else the person.
func (as As) caller(ctx context.Context) caller {
	c := caller{owner: as.Owner, person: as.Person}
	if who := ctx.Value(callerKey{}); who != nil {
		c.person = who
	}
	return c
}

// gate lets so many in at a time; pgxpool itself has neither a limit to its
// queue nor an end to the waiting. Places and turns are shared: first among school
// owners, then among the people of one, whoever came first. When nobody else fits in,
// whoever waits with most of their own calls gives a place up.
type gate struct {
	runners, most int

	mu      sync.Mutex
	inside  int
	running map[caller]int
	waiters []*waiter // by arrival
	turns   int
	last    map[any]int // of owners and callers: their last turn; of those alone who are here

	waiting atomic.Int64
	refused atomic.Int64
}

// waiter is one call that waits; come says whether it may come in.
type waiter struct {
	caller
	come chan bool
}

// newGate is a gate in front of so many connections.
func newGate(runners int) *gate {
	return &gate{runners: runners, most: runners * waitersPerRunner, running: map[caller]int{}, last: map[any]int{}}
}

// mostOf is how many of one person's statements run at once: slow ones never take all
// there is, except where there is next to nothing.
func (g *gate) mostOf() int { return max(2, g.runners/2) }

// enter waits for a place, and gives who has it.
func (g *gate) enter(ctx context.Context, c caller) error {
	g.mu.Lock()
	w := &waiter{caller: c, come: make(chan bool, 1)}
	if !g.room(c) {
		g.mu.Unlock()
		return g.refuse()
	}
	g.waiters = append(g.waiters, w)
	g.admit()
	g.mu.Unlock()
	select {
	case in := <-w.come:
		if !in {
			return g.refuse()
		}
		return nil
	default:
	}
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	err := g.wait(ctx, w, timer.C)
	if err != nil && !g.giveUp(w) { // it came in at the same moment
		g.leave(c)
	}
	return err
}

// wait stands in line until it is let in, sent away, too late, or given up by its caller.
func (g *gate) wait(ctx context.Context, w *waiter, late <-chan time.Time) error {
	select {
	case in := <-w.come:
		if !in {
			return g.refuse()
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-late:
		return g.refuse()
	}
}

// giveUp takes a waiter out of the queue. It is false for one that has come in.
func (g *gate) giveUp(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(w)
	select {
	case in := <-w.come:
		return !in
	default:
		return true
	}
}

// remove takes somebody out of the line who has given up.
func (g *gate) remove(w *waiter) {
	if i := slices.Index(g.waiters, w); i >= 0 {
		g.waiters = slices.Delete(g.waiters, i, i+1)
		g.forget(w.caller)
	}
	g.waiting.Store(int64(len(g.waiters)))
}

// forget drops the last turn of callers that are no longer here: there is no end to those
// that may come.
func (g *gate) forget(c caller) {
	owner, person := false, g.running[c] > 0
	for other := range g.running {
		owner = owner || other.owner == c.owner
	}
	for _, w := range g.waiters {
		owner, person = owner || w.owner == c.owner, person || w.caller == c
	}
	if !person {
		delete(g.last, c)
	}
	if !owner {
		delete(g.last, c.owner)
	}
}

// room makes room for one more who waits: where there is none, whoever has most waiting,
// and at least two more than the newcomer has, gives up their newest.
func (g *gate) room(c caller) bool {
	if g.inside < g.runners || len(g.waiters) < g.most {
		return true
	}
	owners, people := map[uuid.UUID]int{}, map[caller]int{}
	for _, w := range g.waiters {
		owners[w.owner]++
		people[w.caller]++
	}
	var greediest *waiter
	for _, w := range g.waiters { // the newest of equals
		if greediest == nil || owners[w.owner] > owners[greediest.owner] ||
			owners[w.owner] == owners[greediest.owner] && people[w.caller] >= people[greediest.caller] {
			greediest = w
		}
	}
	otherOwner := greediest.owner != c.owner && owners[greediest.owner] > owners[c.owner]+1
	otherPerson := greediest.owner == c.owner && people[greediest.caller] > people[c]+1
	if !otherOwner && !otherPerson {
		return false
	}
	g.remove(greediest)
	greediest.come <- false
	return true
}

// admit lets in whose turn it is, while there are places.
func (g *gate) admit() {
	for g.inside < g.runners {
		var next *waiter
		for _, w := range g.waiters {
			if g.running[w.caller] >= g.mostOf() {
				continue
			}
			if next == nil || g.before(w.caller, next.caller) {
				next = w
			}
		}
		if next == nil {
			break
		}
		g.inside++
		g.turns++
		g.running[next.caller]++
		g.remove(next)
		g.last[next.owner], g.last[next.caller] = g.turns, g.turns
		next.come <- true
	}
	g.waiting.Store(int64(len(g.waiters)))
}

// before says whether it is one's turn before another's.
func (g *gate) before(a, b caller) bool {
	if a.owner != b.owner {
		return g.last[a.owner] < g.last[b.owner]
	}
	return g.last[a] < g.last[b]
}

// leave gives the place back, and lets the next one in.
func (g *gate) leave(c caller) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.running[c]--; g.running[c] == 0 {
		delete(g.running, c)
		g.forget(c)
	}
	g.admit()
}

// refuse says to come back later. It is counted, for the metric that shows when one machine
// is too few.
func (g *gate) refuse() error {
	g.refused.Add(1)
	return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter}
}
