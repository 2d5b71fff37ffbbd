package roster

import "undring/intake"

// More limits of a file, so that what is made of it grows with the file and not with
// its square: everybody may be named at every school.
const (
	MaxSchools  = 1_000     // organisations that are schools
	MaxPlaces   = 100_000   // roles at schools and teams, of all people together
	MaxTeams    = 5_000     // names of teams
	maxSpoken   = 50_000    // ids and addresses in rows that were left out
	packedFree  = 256 << 10 // bytes that a zip may unpack to however small it is
	packedTimes = 100       // times its own size, beyond that
)

// unpackedMost is how many bytes the files of a zip of this size may have together.
func unpackedMost(packed int) int64 {
	return min(MaxUnpacked, packedFree+packedTimes*int64(packed))
}

// hasPlace counts a place, and reports whether there is room for it.
// Those beyond the limit are counted, for [Set.bounded], and not kept.
func (s *Set) hasPlace() bool {
	s.places++
	return s.places <= MaxPlaces
}

// bounded refuses a set that has become too large.
// Teams are counted by their names as the file has them, and at the end: a simple list alone
// has any.
func (s *Set) bounded() error {
	teams := map[string]bool{}
	for i := range s.People {
		for _, m := range s.People[i].Memberships {
			if m.Team != "" {
				teams[m.Team] = true
			}
		}
	}
	switch {
	case len(s.Schools) > MaxSchools:
		return invalid("TOO_MANY_SCHOOLS", nil)
	case s.places > MaxPlaces:
		return invalid("TOO_MANY_PLACES", nil)
	case len(teams) > MaxTeams:
		return invalid("TOO_MANY_TEAMS", nil)
	}
	return nil
}

// few refuses a file with more cells than are taken.
// Asked before the CSV is read: each cell costs a string, however short.
func few(name string, content []byte) error {
	if intake.Cells(content) != nil {
		return refuseAt("TOO_MANY_CELLS", name, 0)
	}
	return nil
}
