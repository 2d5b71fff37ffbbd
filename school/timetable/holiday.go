package timetable

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

// span is some days without school.
type span struct {
	line        int
	first, last time.Time // dates, at midnight UTC
	name        string
	say         func(Reason) // names it
}

// holidayEvents reads events that last whole days.
func (f *file) holidayEvents(ctx context.Context, content []byte) ([]span, error) {
	events, err := f.eventsOf(ctx, content, BrokenDate)
	if err != nil {
		return nil, err
	}
	s := f.seriesOf(events)
	var out []span
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found, reason := s.spans(e)
		if reason == "" && len(out)+len(found) > MaxDays {
			reason = TooMany
		}
		if reason != "" {
			f.sayEvent(e, reason)
			continue
		}
		out = append(out, found...)
	}
	return out, nil
}

// spans are the days of an event; a reason where it is no holiday. That it leaves
// its people free (TRANSP) says nothing: most programs write that of any day.
func (s *series) spans(e *event) ([]span, Reason) {
	switch {
	case e.off:
		return nil, Cancelled
	case !e.start.whole:
		return nil, NotWholeDay // a meeting
	case e.length < 0:
		return nil, Backwards
	case noHoliday(e):
		return nil, NoHoliday
	}
	found, reason := s.of(e)
	if reason != "" {
		return nil, reason
	}
	if len(found) == 0 {
		return nil, NoDay
	}
	var out []span
	for _, o := range found {
		first := dateOf(o.start.wall)
		// The end is the day after (RFC 5545, 3.6.1); some programs write the day
		// itself.
		days := max(int((o.length+24*time.Hour-1)/(24*time.Hour)), 1)
		out = append(out, span{e.event, first, first.AddDate(0, 0, days-1), e.title(), func(r Reason) { s.file.sayEvent(e, r) }})
	}
	return out, ""
}

// What public feeds say of a day, in their description or category, in the
// languages that they have here.
var (
	saysHoliday = regexp.MustCompile(`(?i)\b(offentli[gt]e? fri(dag)?|offentleg (fri)?dag|helligdag|heilagdag|public holiday|bank holiday|national holiday)`)
	saysNone    = regexp.MustCompile(`(?i)\b(merkedag|merkedagar|mærkedag|flaggdag|observance|not a public holiday|ikkj?e (en |ein )?(offentli?g )?(fridag|helligdag|heilagdag))`)
)

// What a day is called that pupils have no day off for: observances, weeks that
// have a number, when the clock changes, and days of school.
var noHolidays = regexp.MustCompile(`(?i)^(` + strings.Join([]string{
	`(den internasjonale )?kvinnedag(en)?`, `(international )?women['’]s day`, `valentin(e|s|es)?(['’]s)? ?(dag(en)?|day)`,
	`morsdag(en)?`, `mother['’]s day`, `farsdag(en)?`, `father['’]s day`, `same(folkets|nes) ?(nasjonal)?dag`, `sami national day`,
	`halloween`, `fastelavn.*`, `fn[- ]dag(en)?`, `united nations day`, `olsok.*`, `sankt ?hans.*`, `st\.? ?hans.*`, `lucia(dag(en)?)?`,
	`frigj(ø|e)rings?dag(en)?.*`, `liberation day`, `unionsoppløsningen.*`, `allehelgens?dag(en)?`, `all saints['’] day`,
	`.*(fødselsdag|fødselsdagen|gebursdag|bursdag|birthday)`,
	`(sommer|vinter|normal)tid.*`, `daylight saving.*`, `(uke|veke|week|u\.?) ?\d{1,2}`,
	`(første|fyrste|siste|kort|halv|lang|vanlig|vanleg) (skoledag|skuledag).*`, `(skoledag|skuledag)(en)?`,
	`foreldremøte.*`, `(utviklings|elev|foreldre|kontakt)samtaler?.*`, `konferansetime.*`, `(skriftlig |skriftleg |muntlig |munnleg )?eksamen.*`, `tentamen.*`, `heldagsprøver?.*`,
	`nasjonale prøver.*`, `kartleggingsprøver?.*`, `(aktivitets|idretts|ski|tur|tema|fag|leirskole)(dag|uke|veke|tur)(en|er|ar)?( .*)?`, `leirskole.*`, `leirskule.*`, `sfo[ :-].*`, `17\. ?mai-?(tog|øving).*`, `skole ?start.*`, `skule ?start.*`, `(first|last) day of school.*`, `(skole|skule) ?slutt.*`,
}, "|") + `)$`)

// saysFree is a name that says that pupils are free, whatever else it is called.
var saysFree = regexp.MustCompile(`(?i)\b(elev(er|ar|ene|ane)? ?(har |er )?fri|elevfri|skolefri|skulefri|fridag)`)

// nobodyIsFree says whether a day is called what leaves pupils at school.
func nobodyIsFree(name string) bool {
	return noHolidays.MatchString(name) && !saysFree.MatchString(name)
}

// noHoliday says whether an event is a day that public feeds have and that leaves
// nobody free.
func noHoliday(e *event) bool {
	says := e.first("DESCRIPTION").text() + "\n" + e.first("CATEGORIES").text()
	switch {
	// "Not a public holiday" has "public holiday" in it, so no is asked for first.
	case saysNone.MatchString(says):
		return true
	case saysHoliday.MatchString(says):
		return false
	}
	return nobodyIsFree(e.title())
}

// daysOf makes days of spans: each once, no Saturday and no Sunday.
// Sorted by date. Of two names for one day the first in the file stands.
func (f *file) daysOf(spans []span) []Day {
	var days []Day
	seen := map[time.Time]bool{}
	taken := map[int]bool{} // by line: an event that repeats may fall on a Sunday now and then
	for _, s := range spans {
		switch length := s.last.Sub(s.first)/(24*time.Hour) + 1; {
		case length < 1:
			s.say(Backwards)
			continue
		case length > maxHoliday:
			s.say(TooLong)
			continue
		}
		if _, known := taken[s.line]; !known {
			taken[s.line] = false
		}
		for day := s.first; !day.After(s.last); day = day.AddDate(0, 0, 1) {
			if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
				continue
			}
			if len(days) >= MaxDays {
				s.say(TooMany)
				return days
			}
			if taken[s.line] = true; !seen[day] {
				seen[day] = true
				days = append(days, Day{day, s.name})
			}
		}
	}
	for _, s := range spans {
		if any, there := taken[s.line]; there && !any {
			// Once for a line, which may have given several spans.
			s.say(Weekend)
			delete(taken, s.line)
		}
	}
	slices.SortFunc(days, func(a, b Day) int { return a.Date.Compare(b.Date) })
	return days
}
