package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
)

// staff begins a half-year with so many teachers, in teams of so many; 0: in none.
func (w *town) staff(many, inTeam int) []*person {
	w.t.Helper()
	w.clock.set(firstDay)
	for _, p := range []*person{w.kari, w.ola, w.nils, w.liv, w.leif, w.arne} {
		p.signIn()
	}
	people := []*person{w.kari, w.ola, w.nils}
	for i := len(people); i < many; i++ {
		people = append(people, w.settle(fmt.Sprintf("Lærer %02d", i), "Moe", "TEACHER"))
		w.clock.set(w.clock.now().Add(time.Second)) // attempts to sign in are counted
	}
	if inTeam > 0 {
		for i, p := range people {
			team := newID()
			if i%inTeam == 0 {
				w.sql("insert into team (owner_id, school_id, id, name) values ($1, $2, $3, $4)", w.owner, w.school, team, fmt.Sprintf("Team %d", i/inTeam))
			}
			w.sql(`insert into team_member (owner_id, school_id, team_id, person_id)
				select owner_id, school_id, id, $3 from team where owner_id = $1 and school_id = $2 and name = $4`, w.owner, w.school, p.id, fmt.Sprintf("Team %d", i/inTeam))
		}
	}
	return people
}

// sweep lets the house do what is due, at a time.
func (w *town) sweep(at time.Time) {
	w.t.Helper()
	w.clock.set(at)
	if err := w.server.Expire(context.Background()); err != nil {
		w.t.Fatalf("sweeping: %v", err)
	}
}

var (
	firstDay = time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC)
	lesson1  = time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC) // a Tuesday
	sheetDay = time.Date(2027, 1, 15, 6, 0, 0, 0, time.UTC)
)

// exchangeAt plays a visit to its end, on a day of its own.
func (w *town) exchangeAt(day int, observer, observed *person) *visit {
	w.t.Helper()
	w.clock.set(lesson1.AddDate(0, 0, day))
	v := w.propose(observer, observed, time.Hour).agree().observe().give().open()
	v.answer(v.question)
	v.takeAway(observer)
	v.takeAway(observed)
	return v
}

func (w *town) cultureReport(p *person, language, term string) *pb.CultureReport {
	w.t.Helper()
	return try(p.GetCultureReport(p.in(language), &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: w.school.String()}, Term: term})).ok(w.t).GetReport()
}

func figureOf(r *pb.CultureReport, id string) *pb.CultureFigure {
	for _, m := range r.GetMetrics() {
		if m.GetId() == id {
			return m.GetFigure()
		}
	}
	return nil
}

// The sheet comes once, 14 days after the half-year, with what happened in it.
func TestTheSheetTellsOfTheHalfYear(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	people := w.staff(12, 0)
	w.sweep(firstDay)
	for i := range 8 { // eight visit the next one, in a ring
		w.exchangeAt(i, people[i], people[(i+1)%8])
	}
	if r := w.cultureReport(w.liv, "nb", ""); r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_COMING || len(r.GetMetrics()) > 0 || !strings.Contains(r.GetStanding(), "15. januar 2027") {
		t.Errorf("before the first sheet: %v", r)
	}
	w.sweep(sheetDay.Add(-8 * time.Hour))
	if r := w.cultureReport(w.liv, "nb", ""); len(r.GetMetrics()) > 0 {
		t.Errorf("a sheet before its time: %v", r)
	}
	w.sweep(sheetDay)
	r := w.cultureReport(w.liv, "nb", "")
	if r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED || r.GetTerm() != "2026-2" || len(r.GetMetrics()) != 12 {
		t.Fatalf("the sheet: %v", r)
	}
	for id, want := range map[string]string{"VISITED": "8", "HOSTED": "8", "GAVE": "5 eller flere", "ANSWERED": "5 eller flere"} {
		if got := figureOf(r, id).GetValue().GetWords(); got != want && got != strings.Replace(want, "5 eller flere", "alle unntatt 3 eller færre", 1) {
			t.Errorf("%s: %q, want %q: %v", id, got, want, figureOf(r, id))
		}
	}
	// Teachers, leaders and the administrator get the same bytes.
	var first []byte
	for _, p := range []*person{w.liv, w.kari, w.nils, w.arne} {
		raw, err := proto.Marshal(w.cultureReport(p, "nb", ""))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = raw
		}
		if string(raw) != string(first) {
			t.Errorf("%s reads something else than %s", p.name, w.liv.name)
		}
	}
	left := one[int](w, "select count(*) from culture_fact") + one[int](w, "select count(*) from culture_member where term = '2026-2'")
	if left > 0 {
		t.Errorf("%d rows about people are left when the sheet is out", left)
	}
	try(w.kari.GetCultureReport(w.kari.ctx(), &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: newID().String()}})).refused(t, codes.NotFound, "NOT_FOUND")
}
