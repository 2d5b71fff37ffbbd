package offline

import (
	"sync"
	"time"
)

// lag is how old the newest change may be that nobody has been told of: it marks
// where the feed ends, and waits until it can be pulled up to there. It grows while
// one transaction stays open, and while the database does not answer.
type lag struct {
	mu   sync.Mutex
	mark uint64
	at   time.Time // when the mark was set; zero: nobody watches
}

// begin starts the measuring when the first phone watches.
func (l *lag) begin(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mark, l.at = 0, now
}

// end stops it when the last one has gone: nobody is kept waiting then.
func (l *lag) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = time.Time{}
}

// see notes how far the feed has been told and how far it goes. The mark moves on only
// when it has been passed, so that its age is the age of the oldest thing that is held
// back.
func (l *lag) see(upTo, end uint64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if upTo >= l.mark || end < l.mark { // another database has another count
		l.mark, l.at = end, now
	}
}

// Lag tells for how long hints to phones may have been outstanding; 0 when none watches.
// Twice the time between two looks is ordinary.
func (s *Service) Lag() time.Duration {
	s.lag.mu.Lock()
	defer s.lag.mu.Unlock()
	if s.lag.at.IsZero() {
		return 0
	}
	return s.Now().Sub(s.lag.at)
}

// Watching is how many phones wait for hints.
func (s *Service) Watching() int {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.hub.count
}
