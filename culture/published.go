package culture

import (
	"maps"
	"sync"

	"undring/culture/guard"
)

// published counts the figures that this process has published, by what is told of
// each: it names no group.
type published struct {
	mu sync.Mutex
	of map[guard.Kind]int
}

// add counts what was published, by kind. It is a count of figures, never of people.
func (p *published) add(cells []Cell) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[guard.Kind]int{}
	}
	for _, c := range cells {
		for _, b := range c.Bands {
			p.of[b.Kind]++
		}
	}
}

// Published counts how many figures of groups this process has published, by what is told
// of each; those of [guard.TooFew] and [guard.TooFewAmong] are held back. Of a group that
// is too small to have figures nothing is counted.
func (s *Service) Published() map[guard.Kind]int {
	s.published.mu.Lock()
	defer s.published.mu.Unlock()
	return maps.Clone(s.published.of)
}
