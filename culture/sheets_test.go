package culture_test

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
	"undring/town"
)

// sheetOf reads a sheet: a school's, or of all schools of the owner.
func sheetOf(w *town.Town, p *town.Person, language string, ofOwner bool) (*pb.CultureReport, *pb.ExportCultureReportResponse, []*pb.CultureReportSummary) {
	w.T.Helper()
	get, export, list := new(pb.GetCultureReportRequest), new(pb.ExportCultureReportRequest), new(pb.ListCultureReportsRequest)
	get.Of = &pb.GetCultureReportRequest_SchoolId{SchoolId: w.School.String()}
	export.Of = &pb.ExportCultureReportRequest_SchoolId{SchoolId: w.School.String()}
	list.Of = &pb.ListCultureReportsRequest_SchoolId{SchoolId: w.School.String()}
	if ofOwner {
		get.Of = &pb.GetCultureReportRequest_SchoolOwnerId{SchoolOwnerId: w.Owner.String()}
		export.Of = &pb.ExportCultureReportRequest_SchoolOwnerId{SchoolOwnerId: w.Owner.String()}
		list.Of = &pb.ListCultureReportsRequest_SchoolOwnerId{SchoolOwnerId: w.Owner.String()}
	}
	return town.Try(p.GetCultureReport(p.In(language), get)).OK(w.T).GetReport(), town.Try(p.ExportCultureReport(p.In(language), export)).OK(w.T),
		town.Try(p.ListCultureReports(p.In(language), list)).OK(w.T).GetReports()
}

// A school of six has no figures of its own, says why, and reads the owner's; its
// own people count there.
func TestASchoolOfSixReadsTheOwnersSheet(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(6, 0)
	larger := town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.Owner, larger, town.Tuesday)
	for i := range 10 {
		w.SettleAt(w.Conn, w.Owner, larger, fmt.Sprintf("Nær %02d", i), "Moe", "TEACHER")
		w.Clock.Set(w.Clock.Now().Add(time.Second))
	}
	w.Sweep(town.FirstDay)
	w.ExchangeAt(0, people[0], people[1])
	w.Sweep(town.SheetDay)
	for _, p := range []*town.Person{w.Kari, w.Liv} {
		own, file, list := sheetOf(w, p, "en", false)
		if own.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_OWNER_ONLY || len(own.GetMetrics())+len(own.GetTeams()) > 0 || !strings.Contains(own.GetStanding(), "fewer than 8") {
			t.Errorf("%s reads of six: %v", p.Name, own)
		}
		if text := string(file.GetContent()); !strings.Contains(text, "fewer than 8") || strings.Contains(text, "VISITED") {
			t.Errorf("%s has the file %s", p.Name, text)
		}
		if !slices.ContainsFunc(list, func(s *pb.CultureReportSummary) bool {
			return s.GetTerm() == "2026-2" && s.GetState() == pb.CultureReportState_CULTURE_REPORT_STATE_OWNER_ONLY
		}) {
			t.Errorf("%s has the list %v", p.Name, list)
		}
		all, _, _ := sheetOf(w, p, "en", true)
		if all.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED || len(all.GetMetrics()) != 12 || len(all.GetTeams()) > 0 || all.GetName() != "Fjordvik kommune" {
			t.Fatalf("%s reads of the owner: %v", p.Name, all)
		}
		visited := town.FigureOf(all, "VISITED")
		if people := visited.GetPeople(); visited.GetValue() == nil || people.GetLow() > 16 || people.GetHigh() < 16 {
			t.Errorf("of the owner's 16 teachers is told: %v", visited)
		}
	}
}

// P7: a school that chose words before the half-year began is told few, some or most,
// and no number in between: the ends that go with a value are those of the word.
func TestASchoolThatChoseWordsIsToldWords(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(12, 0)
	w.Clock.Set(town.FirstDay.AddDate(0, -2, 0))
	w.Liv.SignInAnew()
	chosen := true
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), FiguresInWords: &chosen, Reason: "prøve", AgreedWith: "alle"})).OK(t)
	w.Sweep(town.FirstDay)
	for i := range 6 {
		w.ExchangeAt(i, people[i], people[i+1])
	}
	// Chosen back in the middle of it: that holds from the next one.
	chosen = false
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), FiguresInWords: &chosen, Reason: "tilbake", AgreedWith: "alle"})).OK(t)
	w.Sweep(town.SheetDay)
	r, _, _ := sheetOf(w, w.Kari, "en", false)
	if !r.GetInWords() || r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED {
		t.Fatalf("in words: %v", r)
	}
	if v := town.FigureOf(r, "VISITED").GetValue(); v.GetWords() != "some" || v.GetLow() != 4 || v.GetHigh() != 8 {
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
	w := town.New(t)
	people := w.Staff(16, 8)
	w.SQL(`update school set name = '=cmd|'' /C calc''!A0; "x"' where id = $1`, w.School)
	w.SQL("update team set name = '@SUM(A1)' where name = 'Team 0'")
	w.SQL("update team set name = '+1-1' where name = 'Team 1'")
	w.Sweep(town.FirstDay)
	for i := range 4 {
		w.ExchangeAt(i, people[i], people[i+8])
	}
	rita := w.Settle("Rita", "Moen", "REPRESENTATIVE")
	w.Sweep(town.SheetDay)
	for _, language := range []string{"nb", "nn", "en"} {
		for _, ofOwner := range []bool{false, true} {
			first := ""
			for _, p := range []*town.Person{w.Liv, w.Kari, w.Leif, rita, w.Arne} {
				report, file, list := sheetOf(w, p, language, ofOwner)
				pulse := &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.School.String()}}
				if ofOwner {
					pulse.Of = &pb.GetPulseRequest_SchoolOwnerId{SchoolOwnerId: w.Owner.String()}
				}
				round := town.Try(p.GetPulse(p.In(language), pulse)).OK(t).GetRound()
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
					fileSaysTheSame(w, report, file.GetContent())
				}
				if all != first {
					t.Errorf("%s reads something else than Liv, in %s, of the owner: %t", p.Name, language, ofOwner)
				}
			}
		}
	}
	if r, _, _ := sheetOf(w, w.Kari, "nb", false); len(r.GetTeams()) != 2 {
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
func fileSaysTheSame(w *town.Town, r *pb.CultureReport, content []byte) {
	w.T.Helper()
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	reader.Comma, reader.FieldsPerRecord = ';', -1
	rows, err := reader.ReadAll()
	if err != nil {
		w.T.Fatalf("the file is none: %v", err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@|%\t\r", rune(cell[0])) {
				w.T.Errorf("a spreadsheet takes %q for a formula", cell)
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
		w.T.Fatalf("%d lines of %d figures", len(rows), len(want))
	}
	for i, figure := range want {
		for j, cell := range figure {
			if got := strings.TrimPrefix(rows[i+1][j], "'"); got != strings.TrimPrefix(cell, "'") {
				w.T.Errorf("line %d, cell %d of the file: %q, the sheet says %q", i+1, j, got, cell)
			}
		}
	}
}

// A visit counts for the half-year in which it was by the school's clock: the
// database finds the same one as the program, to the second, wherever a school is;
// in July there is none.
func TestTheDatabaseKnowsTheHalfYear(t *testing.T) {
	t.Parallel()
	w := town.New(t)
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
					if got := town.One[string](w, "select coalesce(term_of($1, $2), '')", at, name); got != want {
						t.Errorf("%s is in %q, by the database in %q", at, want, got)
					}
				}
			}
		}
	}
}
