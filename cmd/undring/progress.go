package main

import (
	"fmt"
	"io"
	"time"
)

// progress prints how far something has come, once a second: what is quicker says nothing.
// It prints lines and not by a moving bar, so that a log of a nightly import stays
// readable.
type progress struct {
	// Standard error, as what is printed there is no result.
	out  io.Writer
	what string
	now  func() time.Time
	last time.Time
}

// newProgress begins silently: what ends within a second needs no progress.
func newProgress(out io.Writer, what string, now func() time.Time) *progress {
	return &progress{out: out, what: what, now: now, last: now()}
}

// tell prints how far it is, once a second at most.
func (p *progress) tell(done, all int) {
	now := p.now()
	if now.Sub(p.last) < time.Second {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, "%s: %d of %d (%d %%)\n", p.what, done, all, 100*done/max(all, 1))
}
