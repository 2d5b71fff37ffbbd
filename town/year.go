package town

import (
	"context"
	"fmt"
	"time"

	pb "undring/gen/undring/v1"
)

// Staff begins a half-year with so many teachers, in teams of so many; 0: in none.
func (w *Town) Staff(many, inTeam int) []*Person {
	w.T.Helper()
	w.Clock.Set(FirstDay)
	for _, p := range []*Person{w.Kari, w.Ola, w.Nils, w.Liv, w.Leif, w.Arne} {
		p.SignInAnew()
	}
	people := []*Person{w.Kari, w.Ola, w.Nils}
	for i := len(people); i < many; i++ {
		people = append(people, w.Settle(fmt.Sprintf("Lærer %02d", i), "Moe", "TEACHER"))
		w.Clock.Set(w.Clock.Now().Add(time.Second)) // attempts to sign in are counted
	}
	if inTeam > 0 {
		for i, p := range people {
			team := NewID()
			if i%inTeam == 0 {
				w.SQL("insert into team (owner_id, school_id, id, name) values ($1, $2, $3, $4)", w.Owner, w.School, team, fmt.Sprintf("Team %d", i/inTeam))
			}
			w.SQL(`insert into team_member (owner_id, school_id, team_id, person_id)
				select owner_id, school_id, id, $3 from team where owner_id = $1 and school_id = $2 and name = $4`, w.Owner, w.School, p.ID, fmt.Sprintf("Team %d", i/inTeam))
		}
	}
	return people
}

// Sweep lets the house do what is due, at a time, and returns when every step of a visit is
// counted.
func (w *Town) Sweep(at time.Time) {
	w.T.Helper()
	w.Clock.Set(at)
	// Steps wait for transactions that are open anywhere in the cluster: those of
	// other tests.
	left := true
	for range 500 {
		done := !left
		if err := w.Server.RunJobs(context.Background()); err != nil {
			w.T.Fatalf("sweeping: %v", err)
		}
		if done {
			return
		}
		left = One[bool](w, `select exists (select from culture_cursor c
			join visit_event e on e.owner_id = c.owner_id and (e.xid, e.visit_id, e.seq) > (c.xid, c.visit_id, c.seq) where c.owner_id = $1)`, w.Owner)
		if left {
			time.Sleep(20 * time.Millisecond)
		}
	}
	w.T.Fatal("the steps of visits are not folded, though nothing is open")
}

var (
	// FirstDay is when the half-year of autumn begins, SheetDay when its sheet is
	// published.
	FirstDay = time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC)
	lesson1  = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC) // a Tuesday
	SheetDay = time.Date(2027, 1, 15, 6, 0, 0, 0, time.UTC)
)

// ExchangeAt plays a visit to its end, on a day of its own.
func (w *Town) ExchangeAt(day int, observer, observed *Person) *Visit {
	w.T.Helper()
	w.Clock.Set(lesson1.AddDate(0, 0, day))
	v := w.Propose(observer, observed, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(observer)
	v.TakeAway(observed)
	return v
}

// CultureReport is the school's sheet of a half-year, in a language.
func (w *Town) CultureReport(p *Person, language, term string) *pb.CultureReport {
	w.T.Helper()
	return Try(p.GetCultureReport(p.In(language), &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: w.School.String()}, Term: term})).OK(w.T).GetReport()
}

// FigureOf finds a figure of a sheet by its id; nil where the sheet has none of that name.
func FigureOf(r *pb.CultureReport, id string) *pb.CultureFigure {
	for _, m := range r.GetMetrics() {
		if m.GetId() == id {
			return m.GetFigure()
		}
	}
	return nil
}

// Pulse is an answer to the pulse that is open, one yes or no for each statement in order; false
// for those that are left out.
func (w *Town) Pulse(agrees ...bool) *pb.SubmitPulseRequest {
	r := &pb.SubmitPulseRequest{RequestId: Req(), SchoolId: w.School.String()}
	for i, id := range []string{"PULSE_SAFE", "PULSE_USEFUL", "PULSE_CHOICE", "PULSE_HEARD", "PULSE_TOGETHER"} {
		r.Answers = append(r.Answers, &pb.PulseAnswer{StatementId: id, Agrees: i < len(agrees) && agrees[i]})
	}
	return r
}
