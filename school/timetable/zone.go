package timetable

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// windowsNames are the names that Windows has for time zones, with the IANA name
// of each: CLDR 48.2, supplemental/windowsZones.json of the npm package cldr-core,
// territory 001 (the world). © Unicode, Inc., Unicode License V3.
//
//go:embed windows_zones.json
var windowsNames []byte

// windowsZones are the same by name in small letters.
var windowsZones = sync.OnceValue(func() map[string]string {
	var names map[string]string
	if err := json.Unmarshal(windowsNames, &names); err != nil {
		panic("the table of Windows zones: " + err.Error()) // it is part of the program
	}
	out := make(map[string]string, len(names))
	for windows, iana := range names {
		out[strings.ToLower(windows)] = iana
	}
	return out
})

// zones are the time zones that a calendar's events may name.
type zones struct {
	own   *time.Location            // of times that name none: X-WR-TIMEZONE, or the school's
	wr    bool                      // whether it is the calendar that says so
	named map[string]*time.Location // by TZID in small letters; nil for what is unknown
	told  map[string]*component     // VTIMEZONE, by TZID in small letters
	made  int                       // how many have been made of those
	// How many places within names have been looked up.
	places int
}

// zonesOf reads the zones of a calendar, before or after the events that name
// them.
func (f *file) zonesOf(calendar *component) *zones {
	z := &zones{own: f.here.Zone, named: map[string]*time.Location{}, told: map[string]*component{}}
	for _, c := range calendar.parts {
		if id := c.first("TZID").text(); c.name == "VTIMEZONE" && id != "" {
			z.told[strings.ToLower(id)] = c
		}
	}
	if name := calendar.first("X-WR-TIMEZONE").text(); name != "" {
		if zone := z.find(name); zone != nil {
			z.own, z.wr = zone, true
		}
	}
	return z
}

// How many names of zones, and how many places within such names, are looked up in one file: for
// each, files of the system are read.
const (
	maxNames  = 100
	maxPlaces = 20
)

// find is the zone of a name; nil for one that nobody knows. A zone of the world's
// is taken as it is known, and not as the file tells it: programs tell the rules
// of one year only.
func (z *zones) find(name string) *time.Location {
	name = strings.Trim(name, ` "'`)
	key := strings.ToLower(name)
	// Also what nobody knows is remembered, or each event that names it would look for it again.
	zone, seen := z.named[key]
	if seen {
		return zone
	}
	if len(z.named) >= maxNames {
		return nil
	}
	if zone = wellKnown(name); zone == nil {
		if told := z.told[key]; told != nil {
			if zone = wellKnown(told.first("X-LIC-LOCATION").text()); zone == nil && z.made < maxZones {
				z.made++
				zone = custom(told)
			}
		} else if zone = fixed(name); zone == nil {
			zone = z.byPlace(name)
		}
	}
	z.named[key] = zone
	return zone
}

// numbered is what Exchange appends to a zone that a calendar has twice.
var numbered = regexp.MustCompile(`^(.*\D) [0-9]{1,3}$`)

// wellKnown finds a zone by the name that Windows or the IANA has for it, also at
// the end of a path, as in /mozilla.org/20050126_1/Europe/Oslo.
// The longest end of a path that is a zone counts, so that America/Argentina/Salta is found
// before Salta.
func wellKnown(name string) *time.Location {
	key := strings.ToLower(strings.TrimSpace(name))
	if m := numbered.FindStringSubmatch(key); m != nil {
		key = m[1]
	}
	switch {
	case key == "", len(key) > 200:
		return nil
	case key == "z", strings.HasSuffix(key, "/microsoft/utc"):
		return time.UTC
	}
	if iana, there := windowsZones()[key]; there {
		name = iana
	}
	parts := strings.Split(strings.Trim(name, "/ "), "/")
	for len(parts) > 3 {
		parts = parts[1:]
	}
	for ; len(parts) > 0; parts = parts[1:] {
		if zone := load(strings.Join(parts, "/")); zone != nil {
			return zone
		}
	}
	return nil
}

// load finds a zone in the zone database, whatever the letters are.
func load(name string) *time.Location {
	if strings.EqualFold(name, "local") || name == "" {
		return nil // Go's own names; no zones of the world
	}
	// The zone database is read from a file system, in which letters count on some machines.
	for _, spelled := range []string{name, strings.ToUpper(name), titled(name)} {
		if zone, err := time.LoadLocation(spelled); err == nil {
			return zone
		}
	}
	return nil
}

// titled spells a name as the zone database does: America/Port_of_Spain.
func titled(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '/' || r == '_' || r == '-' })
	out, at := []byte(strings.ToLower(name)), 0
	for _, word := range words {
		at += strings.Index(string(out[at:]), word)
		if word != "of" && word != "es" && word != "au" {
			out[at] = strings.ToUpper(word[:1])[0]
		}
		at += len(word)
	}
	return string(out)
}

// offset is a zone that says how far it is from UTC and nothing else: UTC+01:00.
var offset = regexp.MustCompile(`(?i)^\(?(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?\)?$`)

// fixed reads a zone that is named by its distance from UTC, such as UTC+01:00.
func fixed(name string) *time.Location {
	m := offset.FindStringSubmatch(strings.ReplaceAll(name, " ", ""))
	if m == nil {
		return nil
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	if hours > 14 || minutes > 59 {
		return nil
	}
	seconds := (hours*60 + minutes) * 60
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds)
}

// places is what stands around the places in a name that is made for people to read.
var places = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)

// byPlace finds a zone by a place in a name such as "(UTC+01:00) Amsterdam, Berlin, Bern, Rome,
// Stockholm, Vienna", which Windows shows to people and some programs write: by one that the table
// of Windows has a zone for, or that is a zone of Europe. How far it is from UTC would be half of it.
func (z *zones) byPlace(name string) *time.Location {
	for place := range strings.FieldsFuncSeq(places.ReplaceAllString(name, " "), func(r rune) bool { return strings.ContainsRune(",;/\\", r) }) {
		place = strings.ReplaceAll(strings.TrimSpace(place), " ", "_")
		if place == "" {
			continue
		}
		if z.places++; z.places > maxPlaces {
			return nil
		}
		for _, iana := range windowsZones() {
			if _, city, found := strings.Cut(iana, "/"); found && strings.EqualFold(city, place) {
				return load(iana)
			}
		}
		if zone := load("Europe/" + place); zone != nil {
			return zone
		}
	}
	return nil
}

// change is when a zone's clock changes.
type change struct {
	at     int64 // Unix time
	offset int   // from then on, in seconds east of UTC
}

// Limits of a zone that a file tells: the years for which its changes are found.
const (
	firstYear      = 1990
	lastYear       = 2100
	maxObservances = 50
	maxZones       = 20 // of one calendar that only the file knows
)

// custom makes a zone of a VTIMEZONE; nil where it can't be followed.
// It is what is left for zones of a school's own program. Until the first change, the offset
// before it holds.
func custom(c *component) *time.Location {
	if len(c.parts) == 0 || len(c.parts) > maxObservances {
		return nil
	}
	var changes []change
	earliest, before := int64(0), 0
	for i, part := range c.parts {
		from, ok := readOffset(part.first("TZOFFSETFROM").text())
		to, ok2 := readOffset(part.first("TZOFFSETTO").text())
		onsets, ok3 := onsetsOf(part, from)
		if !ok || !ok2 || !ok3 {
			return nil
		}
		for _, at := range onsets {
			changes = append(changes, change{at, to})
		}
		if i == 0 || onsets[0] < earliest {
			earliest, before = onsets[0], from
		}
	}
	// min and max keep the difference of two times within an int.
	slices.SortFunc(changes, func(a, b change) int { return int(min(max(a.at-b.at, -1), 1)) })
	zone, err := time.LoadLocationFromTZData(c.first("TZID").text(), compiled(changes, before))
	if err != nil {
		return nil
	}
	return zone
}

// readOffset reads +0100 or -023000, in seconds.
func readOffset(text string) (int, bool) {
	text = strings.ReplaceAll(text, ":", "")
	if len(text) == 4 {
		text = text[:1] + "0" + text[1:] // -500
	}
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(text[1:])
	if err != nil || n < 0 {
		return 0, false
	}
	if len(text) == 5 {
		n *= 100
	}
	seconds := n/10000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, seconds > -26*3600 && seconds < 26*3600
}

// onsetsOf are the moments at which an observance begins, the first one first: its
// start, the dates that it names and those of its rule. Their clock is that of
// the time before.
func onsetsOf(part *component, from int) ([]int64, bool) {
	start, err := time.Parse("20060102T150405", strings.ToUpper(part.first("DTSTART").text()))
	if err != nil {
		return nil, false
	}
	walls := []time.Time{start}
	for _, p := range part.all("RDATE") {
		for value := range strings.SplitSeq(p.value, ",") {
			if at, err := time.Parse("20060102T150405", strings.ToUpper(strings.TrimSpace(value))); err == nil {
				walls = append(walls, at)
			}
		}
	}
	for _, p := range part.all("RRULE") {
		r, ok := readRule(p.value)
		if !ok || !r.yearly() {
			return nil, false
		}
		until := time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)
		if r.until != nil {
			until = r.until.wall
			if r.until.zone == time.UTC {
				until = until.Add(time.Duration(from) * time.Second)
			}
		}
		// A rule that began in 1601 is taken up where our time begins: on the same
		// date, of which the rule keeps no more than the hour.
		begin := start
		if begin.Year() < firstYear {
			begin = begin.AddDate(firstYear-begin.Year(), 0, 0)
		}
		walls = append(walls, r.walls(begin, begin, until)...)
	}
	var out []int64
	for _, wall := range walls {
		out = append(out, wall.Unix()-int64(from))
	}
	slices.Sort(out)
	return slices.Compact(out), true
}

// compiled writes changes as a file of the zone database (RFC 8536), which is how
// Go takes a zone of somebody's own.
// Version 2 of the format has a part in 32 bits and one in 64; Go reads the second.
func compiled(changes []change, before int) []byte {
	var offsets []int // those that there are; the first holds before any change
	index := func(offset int) byte {
		i := slices.Index(offsets, offset)
		if i < 0 {
			i, offsets = len(offsets), append(offsets, offset)
		}
		return byte(i)
	}
	index(before)
	var times, kinds, types bytes.Buffer
	for _, c := range changes {
		_ = binary.Write(&times, binary.BigEndian, c.at) // a buffer takes all
		kinds.WriteByte(index(c.offset))
	}
	for _, offset := range offsets {
		_ = binary.Write(&types, binary.BigEndian, int32(offset))
		types.Write([]byte{0, 0}) // no summer time that would need a name
	}
	header := func(changes, types, names uint32) []byte {
		out := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, changes, types, names} {
			out = binary.BigEndian.AppendUint32(out, n)
		}
		return out
	}
	out := header(0, 1, 1)
	out = append(out, make([]byte, 6+1)...) // the part in 32 bits, which nobody reads
	out = append(out, header(uint32(len(changes)), uint32(len(offsets)), 1)...)
	out = append(out, times.Bytes()...)
	out = append(out, kinds.Bytes()...)
	out = append(out, types.Bytes()...)
	return append(out, 0, '\n', '\n') // the empty name, and no rule for later times
}
