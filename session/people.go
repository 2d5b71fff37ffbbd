package session

import (
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// Remembered is how long someone's places are remembered, so that a call
	// need not ask for them.
	Remembered = 10 * time.Second
	// mostRemembered bounds the memory; past it everything is forgotten and
	// asked for again.
	mostRemembered = 20_000
)

// memory remembers people for a while.
type memory struct {
	mu     sync.Mutex
	people map[Holder]remembered
}

type remembered struct {
	person Person
	until  time.Time
}

func (m *memory) find(h Holder, now time.Time) (Person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, known := m.people[h]
	return r.person, known && now.Before(r.until)
}

func (m *memory) keep(h Holder, p Person, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people == nil || len(m.people) >= mostRemembered {
		m.people = make(map[Holder]remembered)
	}
	m.people[h] = remembered{person: p, until: now.Add(Remembered)}
}

// forget makes the next call of a session ask anew.
func (m *memory) forget(session uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for h := range m.people {
		if h.Session == session {
			delete(m.people, h)
		}
	}
}
