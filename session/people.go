package session

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// Remembered is how long someone's places are remembered, so that a call
	// need not ask for them. The 10 seconds are G21's: a lost phone is out within that
	// time.
	Remembered = 10 * time.Second
	// mostRemembered bounds the memory; past it everything is forgotten and
	// asked for again. Twice as many as the phones that one server is made for.
	mostRemembered = 20_000
)

// memory remembers people for a while, and tokens until they run out. It is this server's
// alone. Nothing is sent to the others when it changes: what is wrong in it is wrong for
// [Remembered] at most.
type memory struct {
	// Held for a look into a map, never for a signature or a question to the database.
	mu     sync.Mutex
	people map[Holder]remembered
	tokens map[[sha256.Size]byte]verified // by what the token hashes to
}

// verified is what a token says that was found to be ours. Whether the session is open is
// not in it, so it may be kept for as long as the token counts.
type verified struct {
	holder Holder
	until  time.Time // it counts for [Skew] longer
}

// holder reads a token, and remembers what it says: checking a signature takes
// longer than all else that a call needs before it reaches the database. The key is the
// token's hash, so the memory holds no token that could be stolen from it. Two calls with
// the same new token may both check it; that costs a little and needs no lock.
func (m *memory) holder(k Keys, token string, now time.Time) (Holder, time.Time, error) {
	hash := sha256.Sum256([]byte(token))
	m.mu.Lock()
	v, known := m.tokens[hash]
	m.mu.Unlock()
	if known && now.Before(v.until.Add(Skew)) {
		return v.holder, v.until, nil
	}
	h, until, err := k.Read(token)
	if err != nil {
		return h, until, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tokens == nil || len(m.tokens) >= mostRemembered {
		m.tokens = make(map[[sha256.Size]byte]verified)
	}
	m.tokens[hash] = verified{h, until}
	return h, until, nil
}

// remembered is a person as they were at most [Remembered] ago.
type remembered struct {
	person Person
	until  time.Time
}

// find gives whom a token was for a moment ago, so that most calls ask the database
// nothing. What it remembers is short-lived: whoever is shut out is out within seconds.
func (m *memory) find(h Holder, now time.Time) (Person, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, known := m.people[h]
	return r.person, known && now.Before(r.until)
}

// keep remembers whom a token is for. When the memory is full it is forgotten as a
// whole, which costs one look-up each.
func (m *memory) keep(h Holder, p Person, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.people == nil || len(m.people) >= mostRemembered {
		m.people = make(map[Holder]remembered)
	}
	m.people[h] = remembered{person: p, until: now.Add(Remembered)}
}

// forget makes the next call of a session ask anew. It goes through all, since the key is
// the whole holder; ending a session is rare.
func (m *memory) forget(session uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for h := range m.people {
		if h.Session == session {
			delete(m.people, h)
		}
	}
}

// ForgetPerson makes the next call of somebody ask anew: they have other places now. All
// their sessions, on this server. Rooms that change places call it after their transaction
// has been committed.
func (s *Service) ForgetPerson(person uuid.UUID) {
	s.memory.mu.Lock()
	defer s.memory.mu.Unlock()
	for h := range s.memory.people {
		if h.Person == person {
			delete(s.memory.people, h)
		}
	}
}
