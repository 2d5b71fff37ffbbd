package server_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/school"
)

// sheetOf reads a sheet: a school's, or of all schools of the owner.
func (w *town) sheetOf(p *person, language string, ofOwner bool) (*pb.CultureReport, *pb.ExportCultureReportResponse, []*pb.CultureReportSummary) {
	w.t.Helper()
	get, export, list := new(pb.GetCultureReportRequest), new(pb.ExportCultureReportRequest), new(pb.ListCultureReportsRequest)
	get.Of = &pb.GetCultureReportRequest_SchoolId{SchoolId: w.school.String()}
	export.Of = &pb.ExportCultureReportRequest_SchoolId{SchoolId: w.school.String()}
	list.Of = &pb.ListCultureReportsRequest_SchoolId{SchoolId: w.school.String()}
	if ofOwner {
		get.Of = &pb.GetCultureReportRequest_SchoolOwnerId{SchoolOwnerId: w.owner.String()}
		export.Of = &pb.ExportCultureReportRequest_SchoolOwnerId{SchoolOwnerId: w.owner.String()}
		list.Of = &pb.ListCultureReportsRequest_SchoolOwnerId{SchoolOwnerId: w.owner.String()}
	}
	return try(p.GetCultureReport(p.in(language), get)).ok(w.t).GetReport(), try(p.ExportCultureReport(p.in(language), export)).ok(w.t),
		try(p.ListCultureReports(p.in(language), list)).ok(w.t).GetReports()
}

// A school of six has no figures of its own, says why, and reads the owner's; its
// own people count there.
func TestASchoolOfSixReadsTheOwnersSheet(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	people := w.staff(6, 0)
	larger := newID()
	w.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.owner, larger, tuesday)
	for i := range 10 {
		w.settleAt(w.conn, w.owner, larger, fmt.Sprintf("Nær %02d", i), "Moe", "TEACHER")
		w.clock.set(w.clock.now().Add(time.Second))
	}
	w.sweep(firstDay)
	w.exchangeAt(0, people[0], people[1])
	w.sweep(sheetDay)
	for _, p := range []*person{w.kari, w.liv} {
		own, file, list := w.sheetOf(p, "en", false)
		if own.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_OWNER_ONLY || len(own.GetMetrics())+len(own.GetTeams()) > 0 || !strings.Contains(own.GetStanding(), "fewer than 8") {
			t.Errorf("%s reads of six: %v", p.name, own)
		}
		if text := string(file.GetContent()); !strings.Contains(text, "fewer than 8") || strings.Contains(text, "VISITED") {
			t.Errorf("%s has the file %s", p.name, text)
		}
		if !slices.ContainsFunc(list, func(s *pb.CultureReportSummary) bool {
			return s.GetTerm() == "2026-2" && s.GetState() == pb.CultureReportState_CULTURE_REPORT_STATE_OWNER_ONLY
		}) {
			t.Errorf("%s has the list %v", p.name, list)
		}
		all, _, _ := w.sheetOf(p, "en", true)
		if all.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED || len(all.GetMetrics()) != 12 || len(all.GetTeams()) > 0 || all.GetName() != "Fjordvik kommune" {
			t.Fatalf("%s reads of the owner: %v", p.name, all)
		}
		visited := figureOf(all, "VISITED")
		if people := visited.GetPeople(); visited.GetValue() == nil || people.GetLow() > 16 || people.GetHigh() < 16 {
			t.Errorf("of the owner's 16 teachers is told: %v", visited)
		}
	}
}

// P7: a school that chose words before the half-year began is told few, some or most,
// and no number in between: the ends that go with a value are those of the word.
func TestASchoolThatChoseWordsIsToldWords(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	people := w.staff(12, 0)
	w.clock.set(firstDay.AddDate(0, -2, 0))
	w.liv.signIn()
	chosen := true
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), &pb.UpdateExchangePolicyRequest{RequestId: req(), SchoolId: w.school.String(), FiguresInWords: &chosen, Reason: "prøve", AgreedWith: "alle"})).ok(t)
	w.sweep(firstDay)
	for i := range 6 {
		w.exchangeAt(i, people[i], people[i+1])
	}
	// Chosen back in the middle of it: that holds from the next one.
	chosen = false
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), &pb.UpdateExchangePolicyRequest{RequestId: req(), SchoolId: w.school.String(), FiguresInWords: &chosen, Reason: "tilbake", AgreedWith: "alle"})).ok(t)
	w.sweep(sheetDay)
	r, _, _ := w.sheetOf(w.kari, "en", false)
	if !r.GetInWords() || r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED {
		t.Fatalf("in words: %v", r)
	}
	if v := figureOf(r, "VISITED").GetValue(); v.GetWords() != "some" || v.GetLow() != 4 || v.GetHigh() != 8 {
		t.Errorf("of 12 people 6 visited: %v", v)
	}
	for _, m := range r.GetMetrics() {
		v := m.GetFigure().GetValue()
		if v != nil && (!slices.Contains([]string{"few", "some", "most"}, v.GetWords()) || v.GetLow() == v.GetHigh()) {
			t.Errorf("%s is told as %v", m.GetId(), v)
		}
	}
}

// P9: whoever reads, the bytes are the same, in each language: of the sheet, the
// file, the list, the pulse; of a school and of the owner. The file says what the
// sheet says, and no cell of it is a formula, whatever schools and teams are called.
func TestEverybodyReadsTheSameBytes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	people := w.staff(16, 8)
	w.sql(`update school set name = '=cmd|'' /C calc''!A0; "x"' where id = $1`, w.school)
	w.sql("update team set name = '@SUM(A1)' where name = 'Team 0'")
	w.sql("update team set name = '+1-1' where name = 'Team 1'")
	w.sweep(firstDay)
	for i := range 4 {
		w.exchangeAt(i, people[i], people[i+8])
	}
	rita := w.settle("Rita", "Moen", "REPRESENTATIVE")
	w.sweep(sheetDay)
	for _, language := range []string{"nb", "nn", "en"} {
		for _, ofOwner := range []bool{false, true} {
			first := ""
			for _, p := range []*person{w.liv, w.kari, w.leif, rita, w.arne} {
				report, file, list := w.sheetOf(p, language, ofOwner)
				pulse := &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.school.String()}}
				if ofOwner {
					pulse.Of = &pb.GetPulseRequest_SchoolOwnerId{SchoolOwnerId: w.owner.String()}
				}
				round := try(p.GetPulse(p.in(language), pulse)).ok(t).GetRound()
				all := ""
				for _, m := range append([]proto.Message{report, file, round}, asMessages(list)...) {
					raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
					if err != nil {
						t.Fatal(err)
					}
					all += string(raw)
				}
				if first == "" {
					first = all
					w.fileSaysTheSame(report, file.GetContent())
				}
				if all != first {
					t.Errorf("%s reads something else than Liv, in %s, of the owner: %t", p.name, language, ofOwner)
				}
			}
		}
	}
	if r, _, _ := w.sheetOf(w.kari, "nb", false); len(r.GetTeams()) != 2 {
		t.Errorf("two teams of eight, of which are shown: %v", r.GetTeams())
	}
}

func asMessages[M proto.Message](list []M) []proto.Message {
	var out []proto.Message
	for _, m := range list {
		out = append(out, m)
	}
	return out
}

// fileSaysTheSame holds a file against the sheet that it is of.
func (w *town) fileSaysTheSame(r *pb.CultureReport, content []byte) {
	w.t.Helper()
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	reader.Comma, reader.FieldsPerRecord = ';', -1
	rows, err := reader.ReadAll()
	if err != nil {
		w.t.Fatalf("the file is none: %v", err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@|%\t\r", rune(cell[0])) {
				w.t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
	}
	var want [][]string
	tell := func(name string, metrics []*pb.CultureMetric) {
		for _, m := range metrics {
			for _, p := range m.GetTrend() {
				f, low, high := p.GetFigure(), "", ""
				if v := f.GetValue(); v != nil {
					low, high = strconv.Itoa(int(v.GetLow())), strconv.Itoa(int(v.GetHigh()))
				}
				want = append(want, []string{p.GetTerm(), name, m.GetId(), m.GetTitle(), f.GetValue().GetWords() + f.GetHeldBack().GetWords(), low, high, f.GetPeople().GetWords()})
			}
		}
	}
	tell(r.GetName(), r.GetMetrics())
	for _, team := range r.GetTeams() {
		tell(team.GetName(), team.GetMetrics())
	}
	if len(rows) != len(want)+2 { // a head; and the rule
		w.t.Fatalf("%d lines of %d figures", len(rows), len(want))
	}
	for i, figure := range want {
		for j, cell := range figure {
			if got := strings.TrimPrefix(rows[i+1][j], "'"); got != strings.TrimPrefix(cell, "'") {
				w.t.Errorf("line %d, cell %d of the file: %q, the sheet says %q", i+1, j, got, cell)
			}
		}
	}
}

// A visit counts for the half-year in which it was by the school's clock: the
// database finds the same one as the program, to the second, wherever a school is;
// in July there is none.
func TestTheDatabaseKnowsTheHalfYear(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, name := range []string{"Europe/Oslo", "UTC", "Arctic/Longyearbyen", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Kiritimati"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for year := 2024; year <= 2028; year++ {
			for _, month := range []time.Month{time.January, time.March, time.July, time.August, time.November} {
				for _, off := range []time.Duration{-36 * time.Hour, -time.Second, 0, time.Second, 36 * time.Hour} {
					at := time.Date(year, month, 1, 0, 0, 0, 0, zone).Add(off)
					want, term := "", school.TermOf(at, zone)
					if start, end := term.Span(zone); !at.Before(start) && at.Before(end) {
						want = term.String()
					}
					if got := one[string](w, "select coalesce(term_of($1, $2), '')", at, name); got != want {
						t.Errorf("%s is in %q, by the database in %q", at, want, got)
					}
				}
			}
		}
	}
}
