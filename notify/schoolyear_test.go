package notify_test

import (
	"cmp"
	"container/heap"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// A school year, played with a moved clock: teachers who are quick, slow, or never answer, who
// call off, move, and leave; holidays, busy weeks, both changes of the clock. What the jobs told
// is held against a count that is made here, from what people did and from what the product says
// of reminders, by days and hours: it knows nothing of the package's own code.

// almanac is the school's year, written down by date.
type almanac struct {
	free, busy map[string]bool
}

const isoDate = "2006-01-02"

// theYear is a Norwegian school's, from August 2026 to June 2027.
func theYear() almanac {
	a := almanac{map[string]bool{}, map[string]bool{}}
	for _, span := range []struct {
		into       map[string]bool
		from, till string
	}{
		{a.free, "2026-10-05", "2026-10-09"}, {a.free, "2026-12-19", "2027-01-03"}, {a.free, "2027-02-22", "2027-02-26"},
		{a.free, "2027-03-22", "2027-03-29"}, {a.free, "2027-05-06", "2027-05-07"}, {a.free, "2027-05-17", "2027-05-17"},
		{a.free, "2027-06-19", "2027-08-15"}, {a.busy, "2026-12-07", "2026-12-11"}, {a.busy, "2027-04-26", "2027-05-05"},
	} {
		for d := dateAt(span.from); d.Format(isoDate) <= span.till; d = d.AddDate(0, 0, 1) {
			span.into[d.Format(isoDate)] = true
		}
	}
	return a
}

func dateAt(text string) time.Time {
	d, err := time.ParseInLocation(isoDate, text, oslo)
	if err != nil {
		panic(err)
	}
	return d
}

// clockAt is a time of a day by the school's clock, also on days with 23 or 25 hours.
func clockAt(day time.Time, hour, minute int) time.Time {
	y, m, d := day.In(oslo).Date()
	return time.Date(y, m, d, hour, minute, 0, 0, oslo)
}

func (a almanac) school(t time.Time) bool {
	t = t.In(oslo)
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday && !a.free[t.Format(isoDate)]
}

func (a almanac) isBusy(t time.Time) bool { return a.busy[t.In(oslo).Format(isoDate)] }

// after is the n-th day after a time's on which something can be due: a school day that is not busy.
func (a almanac) after(t time.Time, n int) time.Time {
	day := clockAt(t, 12, 0)
	for n > 0 {
		if day = day.AddDate(0, 0, 1); a.school(day) && !a.isBusy(day) {
			n--
		}
	}
	return day
}

// feedbackBy is when feedback on a lesson is due: the same school day, or the next one.
func (a almanac) feedbackBy(end time.Time) time.Time {
	if a.school(end) && !a.isBusy(end) && !end.After(clockAt(end, 16, 0)) {
		return clockAt(end, 16, 0)
	}
	return clockAt(a.after(end, 1), 16, 0)
}

// hours are when one person is told things: the moments of a day, and what they chose.
type hours struct {
	almanac
	first  int       // the hour at which their quiet hours end
	once   bool      // a day, in the afternoon
	paused time.Time // nothing before
}

// moments are those of a day.
func (h hours) moments(day time.Time) []time.Time {
	switch {
	case !h.school(day), clockAt(day, 12, 0).Before(h.paused):
		return nil
	case h.once:
		return []time.Time{clockAt(day, 15, 0)}
	}
	return []time.Time{clockAt(day, h.first, 0), clockAt(day, 15, 0)}
}

// next is the first moment at or after a time.
func (h hours) next(t time.Time, reminder bool) time.Time {
	for day := clockAt(t, 12, 0); ; day = day.AddDate(0, 0, 1) {
		for _, m := range h.moments(day) {
			if !m.Before(t) && !(reminder && h.isBusy(m)) {
				return m
			}
		}
	}
}

// last is the last moment for a reminder in [from, till).
func (h hours) last(from, till time.Time) time.Time {
	var found time.Time
	for m := h.next(from, true); m.Before(till); m = h.next(m.Add(time.Minute), true) {
		found = m
	}
	return found
}

func midnight(t time.Time) time.Time { return clockAt(t, 0, 0) }

// wait is something that stands with one person from a time until another.
type wait struct {
	who, kind, visit string
	since, until     time.Time
	due, start, end  time.Time
	own              bool // they brought it about themselves
}

// telling is one time that a person is told of it.
type telling struct {
	at   time.Time
	came bool
}

// tellings are when the product says that a person hears of it: when it comes, and then "before
// and after", three times after at most, and never where what is told at that moment says it already.
func (w wait) tellings(h hours) []telling {
	var all []telling
	came := func() { all = append(all, telling{w.since, true}) }
	remind := func(m time.Time) {
		if n := len(all); m.IsZero() || n > 0 && (!m.After(all[n-1].at) || h.next(all[n-1].at, false).Equal(m)) {
			return
		}
		all = append(all, telling{m, false})
	}
	morning := func(t time.Time, days int) time.Time { return h.next(midnight(h.after(t, days)), true) }
	eve := func() time.Time { return h.last(midnight(w.start).AddDate(0, 0, -14), midnight(w.start)) }
	cut := func(end time.Time) {
		all = slices.DeleteFunc(all, func(t telling) bool { return !t.at.Before(end) })
	}
	overdue := func() {
		for _, days := range []int{1, 3, 8} {
			remind(morning(w.due, days))
		}
	}
	switch w.kind {
	case "PROPOSAL": // it comes; two school days later; on the eve; and not once the lesson has begun
		came()
		remind(morning(w.since, 2))
		remind(eve())
		cut(w.start)
	case "VISIT_AHEAD": // on the eve, or as soon as one can where that is over; and whether it took place
		if m := eve(); m.After(w.since) {
			remind(m)
		} else {
			remind(h.next(w.since, true))
		}
		cut(w.start.Add(-30 * time.Minute))
		over := w.end
		if w.since.After(over) { // agreed on afterwards
			over = w.since
		}
		remind(h.next(over, true))
		remind(morning(over, 3))
	case "FEEDBACK_DUE": // the last moment before it is due, when the lesson is over; and after
		from := w.since
		if w.end.After(from) {
			from = w.end
		}
		remind(h.last(from, w.due))
		overdue()
	case "ANSWER_DUE", "TAKEAWAY_DUE": // it comes; on the day that it is due; and after
		came()
		if m := h.next(midnight(w.due), true); m.Before(w.due) {
			remind(m)
		}
		overdue()
	case "WISH":
		came()
		remind(morning(w.since, 3))
	default:
		came()
	}
	// Who comes by what is overdue already is told at the next moment, once.
	if n := len(all); n > 0 && !all[0].came && all[0].at.Before(w.since) {
		all = slices.DeleteFunc(all, func(t telling) bool { return t.at.Before(w.since) })
		if m := h.next(w.since, true); len(all) == 0 || m.Before(all[0].at) {
			all = append([]telling{{m, false}}, all...)
		}
	}
	return slices.DeleteFunc(all, func(t telling) bool {
		return t.came && w.own || !w.until.IsZero() && !t.at.Before(w.until)
	})
}

// goesOut is when a telling interrupts: at the next moment, or, where the lesson would have begun
// by then, at once.
func (w wait) goesOut(t telling, h hours) time.Time {
	m := h.next(t.at, false)
	if w.start.After(t.at) && m.After(w.start.Add(-30*time.Minute)) {
		at := t.at.In(oslo)
		open := len(h.moments(at)) > 0 && at.Hour() >= h.first && at.Hour() < 17
		if w.kind == "CHANGED" || w.kind == "PROPOSAL" && open {
			return t.at
		}
	}
	return m
}

// deed is something that somebody is going to do.
type deed struct {
	at time.Time
	do func(now time.Time)
}

type deeds []deed

func (d deeds) Len() int           { return len(d) }
func (d deeds) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d deeds) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *deeds) Push(x any)        { *d = append(*d, x.(deed)) }
func (d *deeds) Pop() any          { old := *d; x := old[len(old)-1]; *d = old[:len(old)-1]; return x }

// play is a year under way.
type play struct {
	*town.Town
	almanac
	rnd    *rand.Rand
	people []*town.Person
	hours  map[string]hours
	ahead  deeds
	waits  []*wait
	gone   map[string]bool
	open   map[string]*meeting
	could  map[string]int
}

// meeting is a visit as this test remembers it: what waits for whom in it.
type meeting struct {
	*town.Visit
	start, end time.Time
	went       bool
	number     int // of the visit, by which its two have their habits
	waits      []*wait
}

// plan puts something on the list, within the year.
func (p *play) plan(at time.Time, do func(now time.Time)) { heap.Push(&p.ahead, deed{at, do}) }

// look does the jobs that are due, as a server's worker does, and says when the next one is.
func (p *play) look() {
	for _, id := range town.Column(p.T.(*testing.T), p.DB, fmt.Sprintf(`with due as (delete from river.river_job where kind = 'look' and scheduled_at <= '%s' returning args->>'person' p)
		select distinct p from due`, p.Clock.Now().UTC().Format(time.RFC3339Nano))) {
		if err := p.Server.Look(p.T.Context(), p.Owner, uuid.MustParse(id)); err != nil {
			p.T.Fatal(err)
		}
	}
}

// until lets the clock run to a time, stopping wherever a job is due.
func (p *play) until(t time.Time) {
	for {
		p.look()
		next := town.One[time.Time](p.Town, "select coalesce(min(scheduled_at), 'infinity'::timestamptz + interval '0' )::timestamptz from (select scheduled_at from river.river_job where kind = 'look' union all select '2100-01-01') j")
		if next.After(t) {
			p.Clock.Set(t)
			return
		}
		p.Clock.Set(next)
	}
}

// begins notes what waits for somebody from now on, in a visit.
func (p *play) begins(m *meeting, who *town.Person, kind string, w wait) {
	w.who, w.kind, w.visit, w.start, w.end = who.ID, kind, m.ID, m.start, m.end
	m.waits = append(m.waits, &w)
	p.waits = append(p.waits, &w)
}

// ends notes that what waited in a visit waits no more: of one kind, or all.
func (m *meeting) ends(now time.Time, kinds ...string) {
	for _, w := range m.waits {
		if w.until.IsZero() && (len(kinds) == 0 || slices.Contains(kinds, w.kind)) {
			w.until = now
		}
	}
}

// soon is a while later, at an hour at which people do things.
func (p *play) soon(now time.Time, from, to time.Duration) time.Time {
	t := now.Add(from + time.Duration(p.rnd.Int64N(int64(to-from)))).In(oslo).Truncate(time.Minute).Add(time.Duration(1+p.rnd.IntN(58)) * time.Second)
	if h := t.Hour(); h < 7 || h > 21 {
		t = clockAt(t.AddDate(0, 0, 1), 7, 20+p.rnd.IntN(30)).Add(time.Duration(1+p.rnd.IntN(58)) * time.Second)
	}
	return t
}

const hour, day = time.Hour, 24 * time.Hour

// call has somebody do something, and says whether it was done: what the rules refuse (somebody
// owes an exchange, or is taken then) did not happen.
func (p *play) call(m *meeting, what string, who *town.Person, do func() error) bool {
	if p.gone[m.Observer.ID] || p.gone[m.Observed.ID] {
		return false
	}
	if err := do(); err != nil {
		p.could["refused: "+what+" "+town.ReasonOf(err)]++
		return false
	}
	p.could[what]++
	return true
}

// proposes begins a visit, and plans what the two do about it by their habits.
func (p *play) proposes(i, j int, start, now time.Time) {
	one, other := p.people[i], p.people[j]
	m := &meeting{Visit: &town.Visit{Town: p.Town, ID: town.NewID().String(), Observer: one, Observed: other}, start: start, end: start.Add(45 * time.Minute), number: p.rnd.IntN(140)}
	if !p.call(m, "propose", one, func() error {
		_, err := one.ProposeObservation(one.Ctx(), &pb.ProposeObservationRequest{Id: m.ID, RequestId: town.Req(), SchoolId: p.School.String(), ObserverId: one.ID, ObservedId: other.ID,
			StartTime: timestamppb.New(m.start), EndTime: timestamppb.New(m.end), Place: "Rom 204"})
		return err
	}) {
		return
	}
	p.open[m.ID] = m
	p.begins(m, other, "PROPOSAL", wait{since: now, due: start})
	answer := p.soon(now, 10*time.Minute, 5*hour)
	if j%6 == 3 {
		answer = p.soon(now, day, 5*day)
	}
	switch {
	case j%6 == 5: // never answers
	case j%6 == 4 && p.rnd.IntN(2) == 0:
		p.plan(answer, func(now time.Time) {
			if p.call(m, "decline", other, func() error {
				_, err := other.DeclineObservation(other.Ctx(), &pb.DeclineObservationRequest{RequestId: town.Req(), ObservationId: m.ID})
				return err
			}) {
				m.ends(now)
				p.begins(m, one, "CHANGED", wait{since: now, until: now.Add(21 * day)})
				delete(p.open, m.ID)
			}
		})
	default:
		p.plan(answer, func(now time.Time) { p.accepts(m, now) })
	}
}

func (p *play) accepts(m *meeting, now time.Time) {
	if !p.call(m, "accept", m.Observed, func() error {
		m.Visit.SetFocus()
		_, err := m.Observed.AcceptObservation(m.Observed.Ctx(), &pb.AcceptObservationRequest{RequestId: town.Req(), ObservationId: m.ID})
		return err
	}) {
		return
	}
	m.ends(now)
	p.begins(m, m.Observer, "CHANGED", wait{since: now})
	p.begins(m, m.Observer, "VISIT_AHEAD", wait{since: now, due: m.start})
	if p.rnd.IntN(6) == 0 { // called off: the evening before, or in the morning
		at := clockAt(m.start.AddDate(0, 0, -1), 20, 10).Add(time.Duration(1+p.rnd.IntN(50)) * time.Minute)
		if p.rnd.IntN(2) == 0 {
			at = m.start.Add(-time.Duration(20+p.rnd.IntN(60)) * time.Minute)
		}
		if at.After(now) {
			by, to := m.Observed, m.Observer
			if p.rnd.IntN(3) == 0 {
				by, to = to, by
			}
			p.plan(at.Add(17*time.Second), func(now time.Time) {
				if p.call(m, "call off", by, func() error { _, err := by.CancelObservation(by.Ctx(), town.CancelOf(m.Visit)); return err }) {
					m.ends(now)
					p.begins(m, to, "CHANGED", wait{since: now})
					delete(p.open, m.ID)
				}
			})
			return
		}
	}
	if m.number%7 == 6 {
		return // nobody goes: it expires
	}
	at := m.start.Add(time.Duration(5+p.rnd.IntN(35))*time.Minute + 13*time.Second)
	if !at.After(now) { // "we stood in the same room yesterday"
		at = p.soon(now, 10*time.Minute, 30*hour)
	}
	p.plan(at, func(now time.Time) { p.goes(m, now) })
}

func (p *play) goes(m *meeting, now time.Time) {
	if !p.call(m, "go", m.Observer, func() error {
		reply, err := m.Observer.SaveNote(m.Observer.Ctx(), &pb.SaveNoteRequest{RequestId: town.Req(), ObservationId: m.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Fire elever svarte."})
		m.Note = reply.GetNote().GetId()
		return err
	}) {
		return
	}
	m.ends(now)
	m.went = true
	p.begins(m, m.Observer, "FEEDBACK_DUE", wait{since: now, due: p.feedbackBy(m.end)})
	over := m.end
	if now.After(over) {
		over = now
	}
	give := p.soon(over, 10*time.Minute, 6*hour)
	switch m.number % 5 {
	case 3:
		give = p.soon(over, day, 14*day)
	case 4:
		return // never gives any
	}
	p.plan(give, func(now time.Time) {
		if !p.call(m, "give", m.Observer, func() error { _, err := m.Observer.GiveFeedback(m.Observer.Ctx(), m.Gift()); return err }) {
			return
		}
		m.ends(now)
		p.begins(m, m.Observed, "ANSWER_DUE", wait{since: now, due: clockAt(p.after(now, 3), 16, 0)})
		answer := p.soon(now, hour, 40*hour)
		switch m.number / 5 % 4 {
		case 2:
			answer = p.soon(now, 4*day, 16*day)
		case 3:
			return // never answers
		}
		p.plan(answer, func(now time.Time) { p.answers(m, now) })
	})
}

func (p *play) answers(m *meeting, now time.Time) {
	if !p.call(m, "answer", m.Observed, func() error {
		_, err := m.Observed.RecordOwnView(m.Observed.Ctx(), &pb.RecordOwnViewRequest{ObservationId: m.ID, RequestId: town.Req(), View: &pb.RecordOwnViewRequest_Skip{Skip: true}})
		if err == nil {
			_, err = m.Observed.AnswerQuestion(m.Observed.Ctx(), &pb.AnswerQuestionRequest{QuestionId: m.Question, RequestId: town.Req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Jeg tror de ventet på hverandre."}})
		}
		return err
	}) {
		return
	}
	m.ends(now)
	due := clockAt(p.after(now, 5), 16, 0)
	own := map[*town.Person]*wait{}
	left := 2
	for _, who := range []*town.Person{m.Observer, m.Observed} {
		p.begins(m, who, "TAKEAWAY_DUE", wait{since: now, due: due, own: who == m.Observed})
		own[who] = m.waits[len(m.waits)-1]
	}
	for n, who := range []*town.Person{m.Observer, m.Observed} {
		at := p.soon(now, time.Duration(1+n)*hour, 30*hour)
		switch (m.number/20 + n) % 4 {
		case 2:
			at = p.soon(now, 6*day, 20*day)
		case 3:
			continue // never
		}
		p.plan(at, func(now time.Time) {
			if !p.call(m, "take away", who, func() error {
				_, err := who.RecordTakeaway(who.Ctx(), &pb.RecordTakeawayRequest{ObservationId: m.ID, RequestId: town.Req(), Text: "Å vente lenger.", Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE})
				return err
			}) {
				return
			}
			if own[who].until.IsZero() {
				own[who].until = now
			}
			if left--; left == 0 {
				m.ends(now)
				p.begins(m, m.Observed, "RETURN_VISIT", wait{since: now, until: now.Add(21 * day)})
				delete(p.open, m.ID)
			}
		})
	}
}

// sweep does what the house does each night of a week: what nobody went to expires.
func (p *play) sweep(now time.Time) {
	if err := p.Server.RunJobs(p.T.Context()); err != nil {
		p.T.Fatal(err)
	}
	for _, id := range slices.Sorted(maps.Keys(p.open)) {
		m := p.open[id]
		if m.went || now.Before(m.end.Add(14*day)) {
			continue
		}
		m.ends(now)
		delete(p.open, id)
		for _, who := range []*town.Person{m.Observer, m.Observed} {
			if !p.gone[who.ID] {
				p.begins(m, who, "CHANGED", wait{since: now, until: now.Add(21 * day)})
			}
		}
	}
}

// leaves has somebody leave the school: it is the other one's to end what the two had.
func (p *play) leaves(who *town.Person, now time.Time) {
	p.Leaves(who)
	p.gone[who.ID] = true
	p.could["leave"]++
	for _, w := range p.waits {
		if w.who == who.ID && (w.until.IsZero() || w.until.After(now)) {
			w.until = now
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.open)) {
		m := p.open[id]
		for _, other := range []*town.Person{m.Observer, m.Observed} {
			if other != who && !p.gone[other.ID] && (m.Observer == who || m.Observed == who) {
				m.ends(now)
				p.begins(m, other, "WISH", wait{since: now})
			}
		}
	}
}

// A simulated school year tells exactly what is to be told, when it is to be told, and interrupts
// nobody more than twice a day, nor in quiet hours or on free days.
func TestASchoolYearTellsExactlyWhatIsExpected(t *testing.T) {
	t.Parallel()
	weeks, teachers, visits, seed := 40, 60, 170, uint64(2027)
	if testing.Short() {
		weeks, teachers, visits = 7, 14, 30
	}
	w := town.New(t)
	p := &play{Town: w, almanac: theYear(), rnd: rand.New(rand.NewPCG(seed, 7)), hours: map[string]hours{}, gone: map[string]bool{}, open: map[string]*meeting{}, could: map[string]int{}}
	for d := range p.free {
		w.SQL("insert into free_day (owner_id, school_id, day) values ($1, $2, $3::date)", w.Owner, w.School, d)
	}
	// Notices are forgotten after a time; the test remembers.
	w.SQL("create table remembered as select * from notice where false")
	w.SQL(`create function remember() returns trigger language plpgsql security definer as $$ begin insert into public.remembered select old.*; return old; end $$`)
	w.SQL("create trigger remember before delete on notice for each row execute function remember()")
	p.people = w.Staff(teachers, 0)
	begin := dateAt("2026-08-17")
	w.Clock.Set(begin.Add(-3 * day).Add(9 * hour))
	w.Liv.SignInAnew()
	busy := w.Busy()
	busy.Periods = append(busy.Periods, &pb.BusyPeriod{FirstDate: "2027-04-26", LastDate: "2027-05-05", Name: "Eksamen"})
	town.Try(w.Liv.SetBusyPeriods(w.Liv.Ctx(), busy)).OK(t)
	for i, who := range p.people {
		h := hours{almanac: p.almanac, first: 7}
		c := &pb.NotificationPreferences{QuietFromMinutes: 17 * 60, QuietToMinutes: 7 * 60, QuietFreeDays: true, PauseInHolidays: true}
		switch i % 7 {
		case 3:
			h.once, c.Digest = true, true
		case 5:
			h.first, c.QuietToMinutes = 9, 9*60
		case 6:
			h.paused, c.PausedUntil = dateAt("2026-09-14"), "2026-09-14"
		}
		p.hours[who.ID] = h
		w.Clock.Set(w.Clock.Now().Add(time.Second))
		who.SignInAnew()
		town.Try(who.SetPreferences(who.Ctx(), &pb.SetPreferencesRequest{RequestId: town.Req(), Preferences: c})).OK(t)
	}
	end := begin.AddDate(0, 0, 7*weeks)
	for range visits {
		i := p.rnd.IntN(teachers - 1)
		j := i + 1 + p.rnd.IntN(teachers-1-i) // nobody visits back: that is another notice's subject
		lesson := clockAt(begin.AddDate(0, 0, 1+p.rnd.IntN(7*weeks-8)), 8+p.rnd.IntN(7), 15)
		for !p.school(lesson) {
			lesson = lesson.AddDate(0, 0, 1)
		}
		asked := p.soon(lesson.Add(-time.Duration(1+p.rnd.IntN(9))*day), 0, 12*hour)
		if !asked.Before(lesson) || asked.Before(begin) || lesson.After(end) {
			continue
		}
		p.plan(asked, func(now time.Time) { p.proposes(i, j, lesson, now) })
	}
	for d := begin.AddDate(0, 0, 5); d.Before(end); d = d.AddDate(0, 0, 7) {
		p.plan(d.Add(4*hour), p.sweep)
	}
	for n := range 3 {
		who := p.people[teachers/2+n]
		p.plan(begin.AddDate(0, 0, 7*weeks*(n+1)/4).Add(13*hour+time.Minute), func(now time.Time) { p.leaves(who, now) })
	}
	begun := time.Now()
	for p.ahead.Len() > 0 && p.ahead[0].at.Before(end) {
		d := heap.Pop(&p.ahead).(deed)
		if d.at.Before(w.Clock.Now()) {
			t.Fatalf("the clock would go back from %v to %v", w.Clock.Now(), d.at)
		}
		p.until(d.at)
		d.do(p.Clock.Now())
		p.look()
	}
	p.until(end)
	t.Logf("played in %v: %v", time.Since(begun).Round(time.Second), p.could)
	p.compare(end)
	if !testing.Short() {
		for _, what := range []string{"propose", "accept", "decline", "call off", "go", "give", "answer", "take away", "leave"} {
			if p.could[what] == 0 {
				t.Errorf("in the whole year nobody could %s", what)
			}
		}
	}
}

// compare holds what was told against what is expected.
func (p *play) compare(end time.Time) {
	t := p.T
	names := map[string]string{}
	for i, who := range p.people {
		names[who.ID] = fmt.Sprintf("%02d", i)
	}
	line := func(at time.Time, who, kind, visit, how string) string {
		return fmt.Sprintf("%s %s %-12s %s %s", at.In(oslo).Format("06-01-02 Mon 15:04:05"), names[who], kind, visit[len(visit)-6:], how)
	}
	var want, got []string
	for _, w := range p.waits {
		h := p.hours[w.who]
		all := w.tellings(h)
		for n, one := range all {
			if !one.at.Before(end) {
				continue
			}
			want = append(want, line(one.at, w.who, w.kind, w.visit, "listed"))
			out := w.goesOut(one, h)
			later := n+1 < len(all) && !all[n+1].at.After(out) // told anew by then
			if out.Before(end) && (w.until.IsZero() || out.Before(w.until)) && !later {
				want = append(want, line(out, w.who, w.kind, w.visit, "out"))
			}
		}
	}
	interruptions := map[string]map[time.Time]bool{}
	rows := town.Column(t.(*testing.T), p.DB, `select concat_ws('|', person_id, kind, subject_id, extract(epoch from at)::numeric(20,6), coalesce(extract(epoch from told_at)::numeric(20,6)::text, ''), coalesce(extract(epoch from read_at)::numeric(20,6)::text, ''))
		from (select * from notice union all select * from remembered) n`)
	for _, row := range rows {
		f := strings.Split(row, "|")
		moment := func(text string) time.Time {
			var s, u int64
			_, _ = fmt.Sscanf(text, "%d.%d", &s, &u)
			return time.Unix(s, u*1000)
		}
		got = append(got, line(moment(f[3]), f[0], f[1], f[2], "listed"))
		if f[4] != "" && f[4] != f[5] {
			out := moment(f[4])
			got = append(got, line(out, f[0], f[1], f[2], "out"))
			key := f[0] + out.In(oslo).Format(isoDate)
			if interruptions[key] == nil {
				interruptions[key] = map[time.Time]bool{}
			}
			if f[1] != "CHANGED" || p.hours[f[0]].next(out, false).Equal(out) {
				interruptions[key][out] = true
			}
			if h := out.In(oslo).Hour(); f[1] != "CHANGED" && (h < 7 || h >= 17 || !p.school(out)) {
				t.Errorf("in quiet hours: %s", got[len(got)-1])
			}
		}
	}
	for who, times := range interruptions {
		if len(times) > 2 {
			t.Errorf("%s is interrupted %d times in a day", who, len(times))
		}
	}
	count := map[string]int{}
	for _, l := range want {
		count[l]++
	}
	for _, l := range got {
		count[l]--
	}
	wrong := 0
	for _, l := range slices.SortedFunc(maps.Keys(count), cmp.Compare) {
		if count[l] == 0 {
			continue
		}
		if wrong++; wrong > 40 {
			t.Fatal("and so on")
		}
		if count[l] > 0 {
			t.Errorf("is not told: %s", l)
		} else {
			t.Errorf("is told:     %s", l)
		}
	}
	t.Logf("%d expected, %d told", len(want), len(got))
	if len(got) < 2*len(p.open) || len(got) == 0 {
		t.Errorf("a year tells %d things", len(got))
	}
}
