package notify

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/time/rate"

	"undring/fair"
	"undring/postgres"
	"undring/school"
)

const (
	// feedEvery and feedAtOnce are how often one calendar may be asked for: a family's
	// phones and a provider's servers ask a few times an hour.
	feedEvery  = 10 * time.Second
	feedAtOnce = 30
	// feedTime is how long making one may take.
	feedTime = 10 * time.Second
)

// feedCount counts how often each calendar is asked for.
// The count is this server's own, by the person and not by the address: a renewed link is not
// a way to ask more often.
type feedCount struct {
	mu   sync.Mutex
	each fair.Tries[uuid.UUID]
}

func (c *feedCount) take(person uuid.UUID, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.each.Take(person, rate.Every(feedEvery), feedAtOnce, now)
}

var errNoFeed = errors.New("there is no such calendar")

// Calendar serves calendars to programs that have their secret address. One that was renewed,
// one that never was, and that of somebody who has left are not found, all alike. The address is
// the secret: it is never logged, nor kept by a cache.
func (s *Service) Calendar() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "private, no-cache")
		h.Set("X-Robots-Tag", "noindex")
		// The signature is looked at first, so that made-up addresses never cost a query.
		l, ours := readLink(strings.TrimSuffix(r.PathValue("link"), ".ics"), forCalendar, s.o.Secrets)
		if !ours {
			noFeed(w)
			return
		}
		if !s.feeds.take(l.person, s.o.Now()) {
			h.Set("Retry-After", strconv.Itoa(int(feedEvery.Seconds())))
			http.Error(w, "too often", http.StatusTooManyRequests)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), feedTime)
		defer cancel()
		text, err := s.feedOf(ctx, l)
		switch {
		case errors.Is(err, errNoFeed):
			noFeed(w)
			return
		case err != nil:
			// A program that hung up is no fault of ours to log.
			if r.Context().Err() == nil {
				s.o.Log.LogAttrs(ctx, slog.LevelError, "a calendar could not be read", slog.String("error", err.Error()))
			}
			h.Set("Retry-After", strconv.Itoa(int(feedEvery.Seconds())))
			http.Error(w, "come back later", http.StatusServiceUnavailable)
			return
		}
		sum := sha256.Sum256([]byte(text))
		h.Set("Content-Type", "text/calendar; charset=utf-8")
		h.Set("Content-Disposition", `inline; filename="undring.ics"`)
		h.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
		// It answers If-None-Match, and HEAD.
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	})
}

// noFeed says that there is no such calendar, to program and person alike.
func noFeed(w http.ResponseWriter) { http.Error(w, "not found", http.StatusNotFound) }

// feedOf writes the calendar that a link opens.
func (s *Service) feedOf(ctx context.Context, l link) (string, error) {
	as := postgres.As{Owner: l.owner, Person: l.person}
	var generation uint32
	var choice Choice
	var who []school.Member
	var all []Appointment
	err := s.o.DB.Read(ctx, as, func(b *pgx.Batch) {
		all, who = nil, nil
		queueGeneration(b, l.owner, l.person, &generation)
		queueChoice(b, l.owner, l.person, &choice)
		school.QueueMember(b, l.owner, l.person, &who)
		s.o.Appointments(b, as, s.moment().Add(-InCalendar), func(a Appointment) { all = append(all, a) })
	})
	if err != nil {
		return "", err
	}
	// Whoever holds no place any more has no row, and so no calendar.
	if len(who) == 0 || generation != l.generation {
		return "", errNoFeed
	}
	at := map[uuid.UUID]bool{}
	for _, m := range who[0].Memberships {
		at[m.School] = true
	}
	theirs := make([]Appointment, 0, len(all))
	for _, a := range all {
		if at[a.School] { // whoever has left a school has no visits there any more
			theirs = append(theirs, a)
		}
	}
	r := Reader{Person: l.person, Language: who[0].Locale, Address: s.o.Address}
	if choice.ShowName {
		if r.Names, err = s.namesIn(ctx, as, theirs); err != nil {
			return "", err
		}
	}
	return r.Feed(theirs), nil
}

// namesIn reads the names of those whom appointments are with.
// A second flight, which only those pay who have chosen names: whom they are of isn't known
// before the visits are read.
func (s *Service) namesIn(ctx context.Context, as postgres.As, all []Appointment) (map[uuid.UUID]string, error) {
	people, names := []uuid.UUID{}, map[uuid.UUID]string{}
	for _, a := range all {
		people = append(people, a.With)
	}
	err := s.o.DB.Read(ctx, as, func(b *pgx.Batch) { school.QueueNames(b, as.Owner, people, names) })
	return names, err
}
