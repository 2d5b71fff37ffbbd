package roster

import (
	"fmt"

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
type Reason string

// Every reason, and whether the row is taken all the same.
const (
	MalformedRow    Reason = "MALFORMED_ROW"
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
)

// Reasons lists every reason.
func Reasons() []Reason {
	return []Reason{MalformedRow, FieldTooLong, BlankID, DuplicateID, BlankName, BrokenEmail, BlankStatus, UnknownStatus,
		DeletedInBulk, UnknownRole, RoleLeftOut, RoleContradicts, NotASchool, UnknownOrg, UnknownRef, ManifestMissing}
}

// RowError is one odd row.
type RowError struct {
	File    string // in the zip; empty for a single file
	Line    int    // physical, the header is 1; 0: the whole file
	Reason  Reason
	Applied bool // the row was taken all the same
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
type Person struct {
	SourcedID   string
	GivenName   string
	FamilyName  string
	Email       string
	Active      bool
	Memberships []Membership
}

// Set is what a file holds.
type Set struct {
	// Bulk: who is not in it is no longer there. Otherwise only what changed is
	// in it.
	Bulk    bool
	Schools []School
	People  []Person
	Skipped int // users who are left out: pupils, guardians
	Errors  []RowError
	More    int // odd rows beyond MaxErrors
}

func (s *Set) odd(file string, line int, reason Reason, applied bool) {
	if len(s.Errors) >= MaxErrors {
		s.More++
		return
	}
	s.Errors = append(s.Errors, RowError{File: file, Line: line, Reason: reason, Applied: applied})
}

// Read reads a file. One that can't be read at all: ROSTER_INVALID, with a code
// that says why.
func Read(content []byte, format Format) (*Set, error) {
	switch format {
	case OneRosterZip:
		return readOneRoster(content)
	case SimpleCSV:
		return readSimple(content)
	}
	return nil, refusal.Invalidf("format", "is none of the formats")
}

func invalid(code string, err error) error {
	r := refusal.New(refusal.RosterInvalid).With("code", code)
	if err != nil {
		r.Err = fmt.Errorf("reading the roster: %w", err)
	}
	return r
}
