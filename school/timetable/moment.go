package timetable

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// moment is a date, or a date with a time by the clock of a zone. The clock stands
// in wall as if it were UTC: rules count days and hours by it, and no change of
// the clock gets in their way.
type moment struct {
	wall  time.Time
	zone  *time.Location
	whole bool // a date
}

// at is the moment itself. An hour that the clock leaves out or has twice is what
// Go makes of it.
// That is: an hour that is left out counts as the one after it by the clock of before, and of an
// hour that is there twice it is one of the two (see [time.Date]).
func (m moment) at() time.Time {
	y, mo, d := m.wall.Date()
	h, mi, s := m.wall.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, m.zone)
}

// in is the same moment by another clock. A date is the same date everywhere.
func (m moment) in(zone *time.Location) moment {
	if m.whole {
		return moment{m.wall, zone, true}
	}
	return moment{wallOf(m.at(), zone), zone, false}
}

// wallOf is what a clock on the wall of a zone shows, as a time without a zone.
func wallOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, time.UTC)
}

// dateOf is midnight of a day.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// midnight is true for a time at the beginning of a day.
func midnight(wall time.Time) bool { return wall.Equal(dateOf(wall)) }

// The layouts of a time, from the standard's to what programs leave out.
// Seconds are left out by some, and a database's spelling is written by others.
var layouts = []string{"20060102T150405", "20060102T1504", "2006-01-02T15:04:05"}

// read reads a moment: in UTC, in the zone that it names, or by the calendar's
// own clock, which is floating's. The reason is why it can't be read.
func (z *zones) read(p *property, floating *time.Location, broken Reason) (moment, Reason) {
	if p == nil {
		return moment{}, broken
	}
	value := strings.ToUpper(p.text())
	// VALUE=DATE is not asked for: eight figures are a date, whether or not it is written there.
	if day, err := time.Parse("20060102", value); err == nil && sensible(day) {
		return moment{day, floating, true}, ""
	}
	zone := floating
	if bare, utc := strings.CutSuffix(value, "Z"); utc {
		value, zone = bare, time.UTC
	} else if names := p.params["TZID"]; len(names) > 0 && names[0] != "" {
		// A list in the place of a name is a name with a comma in it.
		if zone = z.find(strings.Join(names, ",")); zone == nil {
			return moment{}, UnknownZone
		}
	}
	for _, layout := range layouts {
		if wall, err := time.Parse(layout, value); err == nil && sensible(wall) {
			return moment{wall, zone, false}, ""
		}
	}
	return moment{}, broken
}

// sensible years are those of the Gregorian calendar until long after us: days by
// a rule may begin in 1814.
func sensible(t time.Time) bool { return t.Year() >= 1600 && t.Year() <= 2100 }

var durations = regexp.MustCompile(`^\+?P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$`)

// readDuration reads P1D or PT45M; false for what is not a duration, goes back, or has more
// digits than any lesson needs, which could add up to more than a time.Duration holds.
func readDuration(text string) (time.Duration, bool) {
	m := durations.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if m == nil {
		return 0, false
	}
	var sum time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[i+1] != "" {
			n, _ := strconv.Atoi(m[i+1]) // digits, and few of them
			sum += time.Duration(n) * unit
		}
	}
	return sum, true
}
