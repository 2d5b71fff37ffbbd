// Package fair divides what a server has among those who call it, so that nobody
// keeps it from others: bytes, calls under way, turns at a queue.
package fair

import "sync"

// Level is one of those at whose expense something is taken: a person, a school
// owner, an address, everybody.
type Level struct {
	Of   any   // what is compared; of different kinds nothing is the same
	Most int64 // that they may hold at once
}

// Everybody is the level that all share.
type Everybody struct{}

// Pool counts what is held of something there is not enough of. Safe for
// concurrent use; the zero Pool is ready. It never waits: whether to come back later is for
// the caller to say.
type Pool struct {
	mu   sync.Mutex
	held map[any]int64
}

// Take holds n at the expense of all the levels, or of none when one of them would
// hold more than it may. The share comes back also where it is false, and holds nothing
// then.
func (p *Pool) Take(n int64, at ...Level) (*Share, bool) {
	s := &Share{pool: p, at: at}
	return s, s.Grow(n)
}

// Held is how much somebody holds.
func (p *Pool) Held(of any) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[of]
}

// Share is what one of them holds. Safe for concurrent use.
type Share struct {
	pool *Pool
	at   []Level
	n    int64
	over bool
}

// Grow takes n more, or nothing when that is too much. A share that has been given
// back takes nothing any more.
func (s *Share) Grow(n int64) bool {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.over {
		return false
	}
	// All are looked at before any is changed: a share that one level refuses must not stay
	// with the others.
	for _, l := range s.at {
		if s.pool.held[l.Of]+n > l.Most {
			return false
		}
	}
	if s.pool.held == nil {
		s.pool.held = map[any]int64{}
	}
	for _, l := range s.at {
		s.pool.held[l.Of] += n
	}
	s.n += n
	return true
}

// Back gives all of it back. Once more does nothing.
func (s *Share) Back() {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.over {
		return
	}
	s.over = true
	for _, l := range s.at {
		// A level that holds nothing is forgotten: there is no end to those that may come.
		if s.pool.held[l.Of] -= s.n; s.pool.held[l.Of] == 0 {
			delete(s.pool.held, l.Of)
		}
	}
}
