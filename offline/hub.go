package offline

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"undring/refusal"
	"undring/school"
)

// errStopped ends the streams of a server that stops.
var errStopped = status.Error(codes.Unavailable, "this server stops: watch again")

// mostWatches is how many streams one person has open at once: a phone, a tablet
// and a few tabs.
const mostWatches = 10

// watcher is one stream. It holds no more of its caller than it needs: there are
// thousands.
type watcher struct {
	party
	session uuid.UUID
	until   time.Time     // the token is good for so long
	bell    chan struct{} // holds one: hints that nobody has taken yet are one hint
	over    chan error    // holds one: why the stream ends
}

// newWatcher is a phone that waits. Its bell holds one ring: a phone that is told
// twice to pull pulls once.
func newWatcher(a school.Actor) *watcher {
	return &watcher{party: party{a.Owner, a.Person}, session: a.Session, until: a.Until, bell: make(chan struct{}, 1), over: make(chan error, 1)}
}

// ring says that there is something new, and never waits for the phone.
func (w *watcher) ring() {
	select {
	case w.bell <- struct{}{}:
	default: // it rings already
	}
}

// end says why the stream is over. The first reason counts.
func (w *watcher) end(why error) {
	select {
	case w.over <- why:
	default: // it ends already
	}
}

// hub knows who watches.
type hub struct {
	mu       sync.Mutex
	watchers map[party]map[*watcher]bool
	count    int
	stopped  bool
	look     func(context.Context) // runs while there are watchers
	rest     context.CancelFunc    // ends it
}

// join lets a watcher in. The first one begins the looking.
func (h *hub) join(w *watcher) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	of := h.watchers[w.party]
	switch {
	case h.stopped:
		return errStopped
	case len(of) >= mostWatches:
		return &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: comeBackAfter}
	case of == nil:
		of = map[*watcher]bool{}
		h.watchers[w.party] = of
	}
	of[w] = true
	if h.count++; h.count == 1 {
		var ctx context.Context
		ctx, h.rest = context.WithCancel(context.Background())
		go h.look(ctx)
	}
	return nil
}

// leave takes a watcher away. The last one ends the looking.
func (h *hub) leave(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers[w.party], w)
	if len(h.watchers[w.party]) == 0 {
		delete(h.watchers, w.party)
	}
	if h.count--; h.count == 0 {
		h.rest()
	}
}

// ring wakes the streams of some people.
func (h *hub) ring(who []party) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range who {
		for w := range h.watchers[p] {
			w.ring()
		}
	}
}

// all lists who watches.
func (h *hub) all() []*watcher {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.list()
}

// list copies who watches, so that looking through them holds nobody up who comes or
// goes.
func (h *hub) list() []*watcher {
	out := make([]*watcher, 0, h.count)
	for _, of := range h.watchers {
		for w := range of {
			out = append(out, w)
		}
	}
	return out
}

// stop ends every stream, and lets nobody in any more.
func (h *hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for _, w := range h.list() {
		w.end(errStopped)
	}
}
