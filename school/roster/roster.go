package roster

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"undring/refusal"
)

// Format says how to read a file.
type Format int

// The formats.
const (
	OneRosterZip Format = iota + 1
	SimpleCSV
)

// Role is what someone is at a school; the words of package school.
type Role string

// The roles.
const (
	Teacher       Role = "TEACHER"
	Leader        Role = "LEADER"
	Administrator Role = "ADMINISTRATOR"
)

// Limits of a file. What a municipality of 20,000 teachers sends is a tenth of
// them.
const (
	MaxUnpacked = 64 << 20 // bytes, of all files of a zip together
	MaxRows     = 200_000  // of all files together
	MaxField    = 2_000    // bytes of one field
	MaxFiles    = 100      // in a zip
	MaxErrors   = 1_000    // odd rows that are named; the others are counted
)

// Reason is why a row is odd.
// Each has words in every language, by the keys that begin with roster.
type Reason string

// Every reason, and whether the row is taken all the same.
const (
	MalformedRow    Reason = "MALFORMED_ROW"
	TooManyFields   Reason = "TOO_MANY_FIELDS"
	FieldTooLong    Reason = "FIELD_TOO_LONG"
	BlankID         Reason = "BLANK_ID"
	DuplicateID     Reason = "DUPLICATE_ID"
	BlankName       Reason = "BLANK_NAME"
	BrokenEmail     Reason = "BROKEN_EMAIL"
	BlankStatus     Reason = "BLANK_STATUS"
	UnknownStatus   Reason = "UNKNOWN_STATUS"
	DeletedInBulk   Reason = "DELETED_IN_BULK"
	UnknownRole     Reason = "UNKNOWN_ROLE"
	RoleLeftOut     Reason = "ROLE_LEFT_OUT"
	RoleContradicts Reason = "ROLE_CONTRADICTS"
	NotASchool      Reason = "NOT_A_SCHOOL"
	UnknownOrg      Reason = "UNKNOWN_ORG"
	UnknownRef      Reason = "UNKNOWN_REFERENCE"
	ManifestMissing Reason = "MANIFEST_MISSING"
	SameAddress     Reason = "SAME_ADDRESS"
	RoleEnded       Reason = "ROLE_ENDED"
	BrokenDate      Reason = "BROKEN_DATE"
	Garbled         Reason = "GARBLED"
	MayBeSame       Reason = "MAY_BE_SAME"        // somebody who is there: asked in the difference
	SchoolMayBeSame Reason = "SCHOOL_MAY_BE_SAME" // a school that is there: asked in the difference
	AddressRefused  Reason = "ADDRESS_REFUSED"    // the person has said that the address is not theirs
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{MalformedRow, TooManyFields, FieldTooLong, BlankID, DuplicateID, BlankName, BrokenEmail, BlankStatus, UnknownStatus,
		DeletedInBulk, UnknownRole, RoleLeftOut, RoleContradicts, NotASchool, UnknownOrg, UnknownRef, ManifestMissing,
		SameAddress, RoleEnded, BrokenDate, Garbled, MayBeSame, SchoolMayBeSame, AddressRefused}
}

// RowError is one odd row.
// No value of the row is in it but a title: a report may be sent to somebody who is to see no
// names of pupils.
type RowError struct {
	File    string // in the zip; empty for a single file
	Line    int    // physical, the header is 1; 0: the whole file
	Reason  Reason
	Applied bool // the row was taken all the same
	// Title is a title that nobody knows, and Count how many rows have it: it is
	// named once, at the first. Empty and 0 for other reasons.
	Title string
	Count int
}

// School is a school of the file.
type School struct {
	SourcedID string
	Name      string
}

// Membership is one place of a person.
type Membership struct {
	School string // sourced id; empty in a simple CSV, which is about one school
	Role   Role
	Team   string // name; empty for none
}

// Person is someone who has a part in visits, or who is to lose it.
// Pupils and guardians never become one, so that nothing of them can be kept by mistake.
type Person struct {
	SourcedID  string
	GivenName  string
	FamilyName string
	Email      string // folded, see FoldAddress; empty: the file says none that can be used
	// Login is the name that a provider knows somebody by where that is not an address
	// of theirs, such as a Feide name; folded, empty for none.
	Login       string
	Active      bool
	Memberships []Membership
	// Partly: something about them could not be read, so nothing is taken from them.
	Partly bool
	File   string // where they stand
	Line   int
}

// Name is the full name, in the order in which it is said.
func (p *Person) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// Set is what a file holds.
type Set struct {
	// Bulk: whoever is not in it is no longer there. Otherwise only what changed is
	// in it.
	Bulk    bool
	Schools []School
	People  []Person
	Skipped int // users who are left out: pupils, guardians
	Errors  []RowError
	More    int // odd rows beyond MaxErrors
	// Spoken holds what may name somebody in rows that were left out: ids,
	// addresses and names, folded. Whoever is spoken of in such a row stays as they were.
	Spoken map[string]bool

	titles map[string]int // folded unknown title → its place in Errors
	places int            // that were counted, those beyond [MaxPlaces] along
	// spokenMore: there are more who may be named than are kept, so it may be anybody.
	spokenMore bool
}

// Options say how a file is read.
type Options struct {
	// Now is when: a role counts from its first to its last day. Zero: all count.
	Now time.Time
	// Titles are what titles stand for that the product does not know, by whatever
	// they are called at the school.
	Titles map[string]Role
}

// folded are the mapped titles as they are compared: without regard to capitals and spaces.
func (o Options) folded() map[string]Role {
	out := make(map[string]Role, len(o.Titles))
	for title, role := range o.Titles {
		out[Fold(title)] = role
	}
	return out
}

// today is the day of Now; empty where there is none.
func (o Options) today() string {
	if o.Now.IsZero() {
		return ""
	}
	return o.Now.Format(time.DateOnly)
}

// odd names a row that was not taken, or taken in part. A file of nothing else is named by its
// first rows and a count.
func (s *Set) odd(file string, line int, reason Reason, applied bool) {
	if len(s.Errors) >= MaxErrors {
		s.More++
		return
	}
	s.Errors = append(s.Errors, RowError{File: file, Line: line, Reason: reason, Applied: applied})
}

// unknownTitle names a title once, and counts it.
func (s *Set) unknownTitle(file string, line int, title string, applied bool) {
	key := file + "\x00" + Fold(title)
	if i, there := s.titles[key]; there {
		s.Errors[i].Count++
		return
	}
	if s.titles == nil {
		s.titles = map[string]int{}
	}
	// odd may only have counted it; then there is no place to point at.
	before := len(s.Errors)
	s.odd(file, line, UnknownRole, applied)
	if len(s.Errors) > before {
		s.titles[key] = before
		s.Errors[before].Title, s.Errors[before].Count = clip(title), 1
	}
}

// speaksOf keeps what may name somebody in a row that is left out.
func (s *Set) speaksOf(names ...string) {
	for _, n := range names {
		if n = FoldAddress(n); n == "" || len(n) > MaxField {
			continue
		}
		if s.Spoken == nil {
			s.Spoken = map[string]bool{}
		}
		// A file of which so much is broken speaks of anybody, and nobody loses anything by it.
		if len(s.Spoken) >= maxSpoken {
			s.spokenMore = true
			return
		}
		s.Spoken[n] = true
	}
}

// SpeaksOf says whether a row that was left out, or taken in part, may be about
// whoever has one of these ids or addresses.
func (s *Set) SpeaksOf(names ...string) bool {
	if s.spokenMore {
		return true
	}
	for _, n := range names {
		if n != "" && s.Spoken[FoldAddress(n)] {
			return true
		}
	}
	return false
}

// Read reads a file. One that can't be a roster: ROSTER_INVALID, with a code that says
// why, and file and line where it has one.
func Read(content []byte, format Format, o Options) (*Set, error) {
	var s *Set
	var err error
	switch format {
	case OneRosterZip:
		s, err = readOneRoster(content, o)
	case SimpleCSV:
		s, err = readSimple(content, o)
	default:
		return nil, refusal.Invalidf("format", "is not one of the formats")
	}
	if err != nil {
		return nil, err
	}
	return s, s.bounded()
}

// refuseAt refuses a file for what is wrong at one place of it; line 0: all of it.
func refuseAt(code, file string, line int) *refusal.Refusal {
	r := refusal.New(refusal.RosterInvalid).With("code", code)
	if file != "" {
		r.With("file", file)
	}
	if line > 0 {
		r.With("line", strconv.Itoa(line))
	}
	return r
}

// invalid refuses a file that can't be a roster; the code says why, and has words.
func invalid(code string, err error) error {
	r := refusal.New(refusal.RosterInvalid).With("code", code)
	if err != nil {
		r.Err = fmt.Errorf("reading the roster: %w", err)
	}
	return r
}
