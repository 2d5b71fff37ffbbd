package timetable

import (
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// rule is a repetition.
// UNTIL is kept apart, since the library would read it by its own idea of zones.
type rule struct {
	option rrule.ROption // without UNTIL
	until  *moment       // zone: UTC, or nil where it names none
}

// Limits of a rule.
const (
	maxInterval  = 400
	maxTimesADay = 24
)

// far moves a rule into years that no calendar has. The library looks for the next
// day of a rule until the year 9999, and some rules never find one (30 February):
// so late in time, the search is short. 7,600 years are 19 times the 400 after which
// the calendar is the same again, weekdays and all.
const far = 7_600

// readRule reads a rule by day, week, month or year; false for what is not a rule,
// or goes by the hour or less.
func readRule(text string) (rule, bool) {
	var kept []string
	var r rule
	for part := range strings.SplitSeq(strings.ToUpper(strings.ReplaceAll(text, " ", "")), ";") {
		name, value, _ := strings.Cut(part, "=")
		switch {
		// An empty part is a semicolon too many, which many programs write.
		case part == "", strings.HasPrefix(name, "X-"):
		case name == "COUNT" && strings.Trim(value, "0") == "":
			return r, false // the library takes no times at all for no end
		case name == "UNTIL":
			m, ok := readUntil(value)
			if !ok || r.until != nil {
				return r, false
			}
			r.until = &m
		default:
			kept = append(kept, part)
		}
	}
	o, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil || !strings.Contains(strings.ToUpper(text), "FREQ=") {
		return r, false
	}
	r.option = *o
	return r, r.followed()
}

// followed says whether the rule is one that is followed.
func (r *rule) followed() bool {
	o := &r.option
	switch {
	// Hourly and finer rules can't be lessons, and are what a file would be made of that means to
	// keep a server busy. BYEASTER is in no standard.
	case o.Freq > rrule.DAILY, len(o.Byeaster) > 0, o.Interval < 0 || o.Interval > maxInterval, o.Count < 0:
		return false
	case max(1, len(o.Byhour))*max(1, len(o.Byminute))*max(1, len(o.Bysecond)) > maxTimesADay:
		return false
	case o.Freq == rrule.DAILY && len(o.Bymonthday) > 0:
		// Each day that is such a day of a month: the library would go from day to
		// day for what is a rule of months.
		if o.Interval > 1 || len(o.Byyearday)+len(o.Byweekno)+len(o.Bysetpos) > 0 {
			return false
		}
		o.Freq = rrule.MONTHLY
	}
	for _, day := range o.Byweekday {
		if day.N() != 0 && o.Freq > rrule.MONTHLY {
			return false // "the second Tuesday" is of a month or a year
		}
	}
	return true
}

// tooOld says whether days would have to be counted since long ago.
func (r *rule) tooOld(start, from time.Time) bool {
	// Without COUNT a rule is taken up near today ([rule.nearer]); with it every repetition since
	// the start has to be counted.
	return r.option.Freq > rrule.MONTHLY && r.option.Count > 0 && start.Before(from.AddDate(-10, 0, 0))
}

// yearly is true for rules that repeat each year, as holidays have them.
func (r *rule) yearly() bool { return r.option.Freq == rrule.YEARLY }

// readUntil reads where a rule ends: a date, a time of the lesson's own zone, or of UTC.
func readUntil(value string) (moment, bool) {
	if day, err := time.Parse("20060102", value); err == nil {
		return moment{day, nil, true}, sensible(day)
	}
	bare, utc := strings.CutSuffix(value, "Z")
	for _, layout := range layouts {
		if wall, err := time.Parse(layout, bare); err == nil {
			m := moment{wall: wall}
			if utc {
				m.zone = time.UTC
			}
			return m, sensible(wall)
		}
	}
	return moment{}, false
}

// last is the end of the rule by the clock of what it repeats. A date counts to its
// end; for whole days, only the date counts, as the programs do that write a time
// there.
func (r *rule) last(start moment, limit time.Time) time.Time {
	if r.until == nil {
		return limit
	}
	until := r.until.wall
	switch {
	case start.whole:
		until = dateOf(until)
	case r.until.whole:
		until = until.AddDate(0, 0, 1).Add(-time.Second)
	case r.until.zone != nil:
		until = wallOf(until, start.zone)
	}
	if until.After(limit) {
		return limit
	}
	return until
}

// walls follows the rule from a start to an end, and gives what lies between from
// and that end. All of them are by the clock, as in [moment].
func (r *rule) walls(start, from, until time.Time) []time.Time {
	o := r.option
	if o.Count == 0 && start.Before(from) {
		start = r.nearer(start, from)
	}
	o.Dtstart, o.Until = start.AddDate(far, 0, 0), until.AddDate(far, 0, 0)
	if o.Until.Before(o.Dtstart) {
		return nil
	}
	built, err := rrule.NewRRule(o)
	if err != nil {
		return nil
	}
	var out []time.Time
	for next := built.Iterator(); ; {
		at, more := next()
		if !more {
			return out
		}
		if at = at.AddDate(-far, 0, 0); !at.Before(from) {
			out = append(out, at)
		}
	}
}

// nearer is a start closer to a moment from which the rule goes on as from its
// own.
func (r *rule) nearer(start, from time.Time) time.Time {
	step := max(r.option.Interval, 1)
	switch r.option.Freq {
	case rrule.DAILY:
	case rrule.WEEKLY:
		step *= 7
	default:
		return start // few, as months and years are
	}
	// A week before, so that the week in which from lies is counted from its beginning. A whole
	// number of steps: every second week stays the same second week.
	days := int(from.Sub(start).Hours()/24) - 7
	if days < step {
		return start
	}
	return start.AddDate(0, 0, days/step*step)
}
