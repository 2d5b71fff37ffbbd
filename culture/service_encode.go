package culture

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"undring/culture/guard"
	pb "undring/gen/undring/v1"
	"undring/wire"
	"undring/words"
)

// Encode writes the sheet for the contract, in a language: the same for everybody
// who reads that language.
func (r Report) Encode(language string) *pb.CultureReport {
	out := &pb.CultureReport{
		SchoolOwnerId: r.Owner.String(), Name: r.Own.Name, Term: r.Term.String(), InWords: r.Own.InWords,
		State:       wire.Enum[pb.CultureReportState](r.State),
		PublishTime: wire.EncodeTime(r.At), Rule: words.Say(language, "culture.rule"),
	}
	if r.Own.Kind != OfOwner && r.School != [16]byte{} {
		out.SchoolId = r.School.String()
	}
	key := "culture.standing." + string(r.State)
	if r.State == Published || r.State == Coming {
		out.Standing = words.Say(language, key, date(language, r.At))
	} else {
		out.Standing = words.Say(language, key)
	}
	if r.Own.Late {
		out.Note = words.Say(language, "culture.late")
	}
	// A sheet that is not published says how things stand, and holds no figure.
	if r.State != Published {
		return out
	}
	for _, l := range guard.Manifest(guard.Sheet) {
		out.Metrics = append(out.Metrics, r.metric(language, r.Own, l))
	}
	for _, t := range r.Teams {
		team := &pb.CultureTeam{TeamId: t.ID.String(), Name: t.Name}
		for _, l := range guard.Manifest(guard.Sheet) {
			// Not every figure is counted by team.
			if _, there := t.Bands[l.Figure]; there {
				team.Metrics = append(team.Metrics, r.metric(language, t, l))
			}
		}
		out.Teams = append(out.Teams, team)
	}
	return out
}

// metric is a cell of the sheet with what the same figure was in the half-years before.
func (r Report) metric(language string, c Cell, l guard.Line) *pb.CultureMetric {
	m := metric(language, c, l)
	for _, at := range r.trend(c, l.Figure) {
		m.Trend = append(m.Trend, &pb.CultureTrendPoint{Term: at.Term.String(), Figure: figure(language, at, l)})
	}
	return m
}

// metric is a figure with all that is to be said about it.
func metric(language string, c Cell, l guard.Line) *pb.CultureMetric {
	say := func(what string) string { return words.Say(language, "culture."+l.Named()+"."+what) }
	m := &pb.CultureMetric{
		Id: l.Named(), Title: say("title"), Definition: say("definition"), BlindSpot: say("blind"), WhatHelps: say("helps"),
		Figure: figure(language, c, l),
	}
	// A share is understood only beside the group that it is a part of.
	if len(l.Among) > 0 {
		m.Among = l.Among[0].Line().Named()
	}
	return m
}

// figure is what is published of one figure of one group.
func figure(language string, c Cell, l guard.Line) *pb.CultureFigure {
	b, there := c.Bands[l.Figure]
	if !there || !b.Shown() {
		return &pb.CultureFigure{Outcome: &pb.CultureFigure_HeldBack{HeldBack: heldBack(language, b, there, l)}}
	}
	// Near one of its ends a figure is put into words by that end: "all but three" reads better
	// than a band, and says the same.
	low, high := strconv.Itoa(b.Low), strconv.Itoa(b.High)
	value := &pb.CultureValue{Low: int32(b.Low), High: int32(b.High), Kind: wire.Enum[pb.CultureValueKind](b.Kind)}
	switch {
	case c.InWords && c.Kind != OfOwner && b.Kind != guard.Number:
		value.Words = words.Say(language, "culture.word."+string(b.Kind))
	case b.Kind == guard.Number:
		value.Words = low
	case b.Kind == guard.LowEnd:
		value.Words = words.Say(language, "culture.value.LOW_END", high)
	case b.Kind == guard.HighEnd && (len(l.Among) == 0 || b.PeopleLow == b.PeopleHigh):
		value.Words = words.Say(language, "culture.value.ALL_BUT", strconv.Itoa(b.PeopleLow-b.Low))
	case b.Kind == guard.HighEnd:
		value.Words = words.Say(language, "culture.value.HIGH_END", low)
	default:
		value.Words = words.Say(language, "culture.value.BETWEEN", low, high)
	}
	people := &pb.CulturePeople{Low: int32(b.PeopleLow), High: int32(b.PeopleHigh)}
	if b.PeopleLow == b.PeopleHigh {
		people.Words = words.Say(language, "culture.people.NUMBER", strconv.Itoa(b.PeopleLow))
	} else {
		// The middle of the band reads at once; the band itself goes beside it, in numbers.
		people.Words = words.Say(language, "culture.people.BETWEEN", strconv.Itoa((b.PeopleLow+b.PeopleHigh+1)/2))
	}
	return &pb.CultureFigure{Outcome: &pb.CultureFigure_Value{Value: value}, People: people}
}

// heldBack says in words why a figure is not shown. A figure of the part of another one names
// that group, since "too few" alone would leave the reader to guess of whom.
func heldBack(language string, b guard.Band, counted bool, l guard.Line) *pb.CultureHeldBack {
	reason := string(b.Kind)
	if !counted {
		reason = "NOT_COUNTED"
	}
	out := &pb.CultureHeldBack{Reason: wire.Enum[pb.CultureHoldReason](reason)}
	// Too few stand behind the group that it is a share of: the words name that group.
	if b.Kind == guard.TooFewAmong && len(l.Among) > 0 {
		out.Words = words.Say(language, "culture.held.TOO_FEW_AMONG", words.Say(language, "culture."+l.Among[0].Line().Named()+".title"))
	} else {
		out.Words = words.Say(language, "culture.held."+reason)
	}
	return out
}

// date is a day by the clock of sheets, in words.
func date(language string, at time.Time) string {
	at = at.In(oslo)
	return words.Say(language, "date", strconv.Itoa(at.Day()), words.Say(language, "month."+strconv.Itoa(int(at.Month()))), strconv.Itoa(at.Year()))
}

// CSV writes a sheet for a spreadsheet: what stands in it and nothing else, with
// semicolons, as Norwegian ones read it.
func CSV(r *pb.CultureReport, language string) []byte {
	var buf bytes.Buffer
	// Without this mark Excel takes UTF-8 for an old encoding of Windows.
	buf.WriteString("\ufeff")
	w := csv.NewWriter(&buf)
	w.Comma, w.UseCRLF = ';', true
	line := func(cells ...string) {
		for i, c := range cells {
			cells[i] = harmless(c)
		}
		_ = w.Write(cells) // a buffer takes everything
	}
	line(strings.Split(words.Say(language, "culture.csv.header"), "|")...)
	// A sheet without figures still says why.
	if len(r.GetMetrics()) == 0 {
		line(r.GetTerm(), r.GetName(), "", r.GetStanding())
	}
	group := func(name string, metrics []*pb.CultureMetric) {
		for _, m := range metrics {
			for _, p := range m.GetTrend() {
				v, people, held := p.GetFigure().GetValue(), p.GetFigure().GetPeople(), p.GetFigure().GetHeldBack()
				low, high := "", ""
				if v != nil {
					low, high = strconv.Itoa(int(v.GetLow())), strconv.Itoa(int(v.GetHigh()))
				}
				line(p.GetTerm(), name, m.GetId(), m.GetTitle(), v.GetWords()+held.GetWords(), low, high, people.GetWords(), m.GetDefinition(), m.GetBlindSpot())
			}
		}
	}
	group(r.GetName(), r.GetMetrics())
	for _, t := range r.GetTeams() {
		group(t.GetName(), t.GetMetrics())
	}
	// The rule goes along with the figures, wherever the file goes.
	line(r.GetRule())
	w.Flush()
	return buf.Bytes()
}

// harmless is a cell that no spreadsheet takes for a formula.
// Names come from rosters, so anybody's text may stand in a cell.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
