// Package refusal is the one way in which Undring says no.
//
// A room that refuses returns a *Refusal: a reason from a closed list, what is
// missing, and facts for a client (never what a person wrote). It knows
// nothing of gRPC or of languages: package server turns a refusal into a
// status and into the reader's words, once, in one interceptor.
//
// The database refuses too. A constraint bears the name of its reason in lower
// case (focus_missing), behind the table's name and two underscores where
// PostgreSQL wants the name to be unique (visit__id_taken), so that a race
// which only the database can see reads like the rule that it breaks; see
// [ByConstraint].
//
// What is lost on the way: a wrapped error's text stays in the log and is
// never shown to a person.
package refusal

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is the class of a refusal. It decides the status code on the wire.
type Kind int

// The kinds. The list is closed: [Kinds] names them all, and a test in package
// server holds a status code against each.
const (
	// Invalid: what was sent can't be right, whatever the state of things.
	Invalid Kind = iota + 1
	// NotFound: it does not exist, or the caller may not know that it does.
	NotFound
	// Forbidden: the caller may know of it, and may not do this.
	Forbidden
	// Precondition: a rule of the visit does not hold yet.
	Precondition
	// Stale: the caller changed something that has been changed meanwhile.
	Stale
	// Exists: the identifier stands for something else.
	Exists
	// Busy: the service has too much to do; the same request may work later.
	Busy
	// Unauthenticated: nobody is signed in.
	Unauthenticated
	// Ours: it went wrong on the server's side.
	Ours
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Invalid, NotFound, Forbidden, Precondition, Stale, Exists, Busy, Unauthenticated, Ours}
}

// Missing is one thing that stands in the way.
type Missing struct {
	Reason Reason
	// Subject is the id or the field that it concerns; empty for the visit
	// itself. Never text that a person wrote.
	Subject string
}

// Field is one field of a request that breaks a limit.
type Field struct {
	// Name is the path of the field as in the contract, such as "points[1].text".
	Name string
	// Limit is the one that it breaks, where it is one that a person can run into,
	// and Number the limit's; see [Beyond].
	Limit  Limit
	Number int
	// Reason says in English, for developers, what is wrong; empty where Limit does.
	Reason string
}

// Refusal is a no, with all that a client needs in order to do better.
type Refusal struct {
	Reason Reason
	// Missing lists everything that stands in the way, never only the first.
	// Its first entry has the refusal's own reason.
	Missing []Missing
	// Fields lists the fields that break a limit, for Invalid.
	Fields []Field
	// Meta holds facts for a client: ids, revisions, states. No text of people.
	Meta map[string]string
	// RetryAfter is how long to wait before the same request makes sense; 0: no advice.
	RetryAfter time.Duration
	// Err is what happened underneath, for the log.
	Err error
}

// New returns a refusal for one reason.
func New(reason Reason) *Refusal { return &Refusal{Reason: reason} }

// All returns one refusal for everything that is missing, or nil when nothing is.
// The first entry gives the refusal its reason.
func All(missing []Missing) error {
	if len(missing) == 0 {
		return nil
	}
	return &Refusal{Reason: missing[0].Reason, Missing: missing}
}

// Invalidf returns an INVALID_FIELD refusal of one field, for what no person can get
// wrong: its words are for developers.
func Invalidf(field, format string, args ...any) *Refusal {
	return &Refusal{Reason: InvalidField, Fields: []Field{{Name: field, Reason: fmt.Sprintf(format, args...)}}}
}

// ChangedSince refuses a change of what has been changed since it was read, and names the
// revision that it has now.
func ChangedSince(current int64) *Refusal {
	return New(StaleRevision).With("current_revision", strconv.FormatInt(current, 10))
}

// With adds a fact for the client and returns the refusal.
func (r *Refusal) With(key, value string) *Refusal {
	if r.Meta == nil {
		r.Meta = make(map[string]string)
	}
	r.Meta[key] = value
	return r
}

// Kind is the class that the refusal's reason belongs to.
func (r *Refusal) Kind() Kind { return r.Reason.Kind() }

// Error says the reason and what is missing, for logs and tests.
func (r *Refusal) Error() string {
	var b strings.Builder
	b.WriteString("refused: ")
	b.WriteString(string(r.Reason))
	for _, f := range r.Fields {
		fmt.Fprintf(&b, "; %s %s", f.Name, cmp.Or(f.Reason, string(f.Limit)))
	}
	for i, m := range r.Missing {
		if i > 0 {
			fmt.Fprintf(&b, ", %s", m.Reason)
		}
	}
	if r.Err != nil {
		fmt.Fprintf(&b, ": %v", r.Err)
	}
	return b.String()
}

// Unwrap gives the error underneath.
func (r *Refusal) Unwrap() error { return r.Err }

// Is makes two refusals equal when their reasons are, so that a test can ask
// errors.Is(err, refusal.New(refusal.FocusMissing)).
func (r *Refusal) Is(target error) bool {
	var t *Refusal
	return errors.As(target, &t) && t.Reason == r.Reason
}

// ReasonOf gives the reason of a refusal anywhere in the chain of err, or "".
func ReasonOf(err error) Reason {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

// ByConstraint finds the refusal that a constraint of the database stands for.
// It reports false for a name that is not a reason: that is a defect, not a refusal.
func ByConstraint(name string) (*Refusal, bool) {
	if _, after, found := strings.Cut(name, "__"); found {
		name = after
	}
	reason := Reason(strings.ToUpper(name))
	if _, known := kinds[reason]; !known {
		return nil, false
	}
	return &Refusal{Reason: reason, Missing: []Missing{{Reason: reason}}}, true
}
