package postgres

import (
	"context"
	"sync/atomic"
	"time"

	"undring/refusal"
)

// How many may wait for one that runs, and for how long. A call is a millisecond
// or two, so who has waited this long stands in a queue that does not get
// shorter.
const (
	waitersPerRunner = 12
	longestWait      = 500 * time.Millisecond
	comeBackAfter    = time.Second
)

// gate lets so many in at a time; pgxpool itself has neither a limit to its
// queue nor an end to the waiting.
type gate struct {
	inside  chan struct{}
	waiting atomic.Int64
	refused atomic.Int64
	most    int64
}

func newGate(runners int) *gate {
	return &gate{inside: make(chan struct{}, runners), most: int64(runners * waitersPerRunner)}
}

func (g *gate) enter(ctx context.Context) error {
	select {
	case g.inside <- struct{}{}:
		return nil
	default:
	}
	if g.waiting.Add(1) > g.most {
		g.waiting.Add(-1)
		return g.refuse()
	}
	defer g.waiting.Add(-1)
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	select {
	case g.inside <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return g.refuse()
	}
}

func (g *gate) leave() { <-g.inside }

func (g *gate) refuse() error {
	g.refused.Add(1)
	return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter}
}
