package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells how far something has come, once a second: what is quicker says
// nothing.
type progress struct {
	out  io.Writer
	what string
	now  func() time.Time
	last time.Time
}

func newProgress(out io.Writer, what string, now func() time.Time) *progress {
	return &progress{out: out, what: what, now: now, last: now()}
}

func (p *progress) tell(done, all int) {
	now := p.now()
	if now.Sub(p.last) < time.Second {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, "%s: %d of %d (%d %%)\n", p.what, done, all, 100*done/max(all, 1))
}
