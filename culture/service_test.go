package culture_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/town"
)

// The sheet comes once, 14 days after the half-year, with what happened in it.
func TestTheSheetTellsOfTheHalfYear(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(12, 0)
	w.Sweep(town.FirstDay)
	for i := range 8 { // eight visit the next one, in a ring
		w.ExchangeAt(i, people[i], people[(i+1)%8])
	}
	if r := w.CultureReport(w.Liv, "nb", ""); r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_COMING || len(r.GetMetrics()) > 0 || !strings.Contains(r.GetStanding(), "15. januar 2027") {
		t.Errorf("before the first sheet: %v", r)
	}
	w.Sweep(town.SheetDay.Add(-8 * time.Hour))
	if r := w.CultureReport(w.Liv, "nb", ""); len(r.GetMetrics()) > 0 {
		t.Errorf("a sheet before its time: %v", r)
	}
	w.Sweep(town.SheetDay)
	r := w.CultureReport(w.Liv, "nb", "")
	if r.GetState() != pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED || r.GetTerm() != "2026-2" || len(r.GetMetrics()) != 12 {
		t.Fatalf("the sheet: %v", r)
	}
	for id, want := range map[string]string{"VISITED": "8", "HOSTED": "8", "GAVE": "5 eller flere", "ANSWERED": "5 eller flere"} {
		if got := town.FigureOf(r, id).GetValue().GetWords(); got != want && got != strings.Replace(want, "5 eller flere", "alle unntatt 3 eller færre", 1) {
			t.Errorf("%s: %q, want %q: %v", id, got, want, town.FigureOf(r, id))
		}
	}
	// Teachers, leaders and the administrator get the same bytes.
	var first []byte
	for _, p := range []*town.Person{w.Liv, w.Kari, w.Nils, w.Arne} {
		raw, err := proto.Marshal(w.CultureReport(p, "nb", ""))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = raw
		}
		if string(raw) != string(first) {
			t.Errorf("%s reads something else than %s", p.Name, w.Liv.Name)
		}
	}
	left := town.One[int](w, "select count(*) from culture_fact") + town.One[int](w, "select count(*) from culture_member where term = '2026-2'")
	if left > 0 {
		t.Errorf("%d rows about people are left when the sheet is out", left)
	}
	town.Try(w.Kari.GetCultureReport(w.Kari.Ctx(), &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: town.NewID().String()}})).Refused(t, codes.NotFound, "NOT_FOUND")
}

// R21: the leaders' path reads what is published. Every other table, column,
// function and sequence is denied to it, whatever is added to the schema.
func TestR21TheLeadersPathReadsWhatIsPublishedAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, w.DB.MetricsURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := postgres.CheckNarrow(ctx, w.DB.MetricsURL); err != nil {
		t.Error(err)
	}
	if err := postgres.CheckNarrow(ctx, w.DB.URL); err == nil {
		t.Error("the application's role passes for the leaders'")
	}
	for _, relation := range town.Column(t, w.DB, `select n.nspname || '.' || quote_ident(c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p', 'S') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'`) {
		_, err := conn.Exec(ctx, "select * from "+relation)
		if allowed := relation == "published.sheet" || relation == "published.publication"; allowed {
			if err == nil || !strings.Contains(err.Error(), "undring.owner") { // nobody is ever everybody
				t.Errorf("%s is read without an identity: %v", relation, err)
			}
			for _, sql := range []string{"insert into %s default values", "update %s set term = term", "delete from %s", "truncate %s"} {
				if _, err := conn.Exec(ctx, "set default_transaction_read_only = off"); err != nil {
					t.Fatal(err)
				}
				if _, err := conn.Exec(ctx, fmt.Sprintf(sql, relation)); err == nil || !strings.Contains(err.Error(), "permission denied") {
					t.Errorf("the leaders' path may %s: %v", fmt.Sprintf(sql, relation), err)
				}
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("the leaders' path reads %s: %v", relation, err)
		}
	}
	for _, call := range town.Column(t, w.DB, `select n.nspname || '.' || quote_ident(p.proname) || '(' ||
			coalesce((select string_agg('null::' || format_type(a, null), ', ' order by o) from unnest(p.proargtypes) with ordinality x (a, o)), '') || ')'
		from pg_proc p join pg_namespace n on n.oid = p.pronamespace
		where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema' and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
		  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`) {
		if _, err := conn.Exec(ctx, "select "+call); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("the leaders' path may call %s: %v", call, err)
		}
	}
	if names := town.Column(t, w.DB, `select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'published' and c.relname = 'publication' and a.attnum > 0 and a.attname like '%person%'`); len(names) > 0 {
		t.Errorf("what is published names persons: %v", names)
	}
}

// The one who counts reads no word that anybody wrote in a visit.
func TestTheOneWhoCountsReadsNoWords(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	words := town.Column(t, w.DB, `select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
		join pg_namespace n on n.oid = c.relnamespace join pg_type y on y.oid = a.atttypid
		where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and y.typname in ('text', 'bytea', 'json', 'jsonb', 'varchar')
		  and has_column_privilege('undring_culture', c.oid, a.attnum, 'select')`)
	allowed := []string{"school.name", "school.time_zone", "school_owner.name", "team.name", "membership.role", "visit.peers", "visit.state",
		"visit_event.event", "visit_event.from_state", "visit_event.to_state", "takeaway.learning", "action.state",
		"culture_term.term", "culture_school.term", "culture_member.term", "culture_fact.term", "pulse_answered.term", "pulse_answer.term", "pulse_answer.sealed"}
	for _, name := range words {
		if !slices.Contains(allowed, name) {
			t.Errorf("undring_culture reads %s", name)
		}
	}
}

// R23: a sheet is published once, and is neither changed nor taken back, by nobody.
func TestR23WhatIsPublishedStays(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(9, 0)
	w.Sweep(town.FirstDay)
	for i := range 5 {
		w.ExchangeAt(i, people[i], people[i+1])
	}
	v := w.ExchangeAt(6, people[7], people[8])
	w.Sweep(town.SheetDay)
	before := w.CultureReport(w.Liv, "nb", "2026-2")
	for _, sql := range []string{
		"update published.publication set low = 0", "delete from published.publication", "truncate published.publication",
		"update published.sheet set shown = false", "delete from published.sheet", "truncate published.sheet cascade",
		"insert into published.publication select * from published.publication",
	} {
		if _, err := w.DB.Owner.Exec(context.Background(), sql); err == nil {
			t.Errorf("%s goes through", sql)
		}
	}
	// Neither a withdrawal, nor somebody who leaves, nor a half-year counted anew.
	town.Try(people[7].WithdrawObservation(people[7].Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
	w.SQL("update person set active = false where id = $1", people[8].ID)
	w.Sweep(town.SheetDay.AddDate(0, 1, 0))
	w.SQL("update culture_term set published_at = null where term = '2026-2'")
	w.Clock.Set(town.SheetDay.AddDate(0, 1, 1))
	if err := w.Server.RunJobs(context.Background()); err == nil {
		t.Error("a sheet was published twice")
	}
	if after := w.CultureReport(w.Liv, "nb", "2026-2"); !proto.Equal(before, after) {
		t.Errorf("the sheet has changed:\n%v\n%v", before, after)
	}
}

// Facts folded as it went along, and all at once from the beginning, give the same
// sheet; a withdrawn visit counts as nothing.
func TestFactsFoldedAnewGiveTheSameSheet(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(10, 0)
	w.Sweep(town.FirstDay)
	for i := range 9 {
		v := w.ExchangeAt(i, people[i], people[(i+3)%10])
		if i%3 == 0 {
			w.Sweep(w.Clock.Now().Add(time.Hour))
		}
		if i == 4 {
			town.Try(people[4].WithdrawObservation(people[4].Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
		}
	}
	w.Sweep(w.Clock.Now().Add(time.Hour))
	const facts = "select string_agg(f::text, E'\\n' order by f::text) from culture_fact f"
	folded := town.One[string](w, facts)
	if n := town.One[int](w, "select count(*) from culture_fact"); n != 16 {
		t.Errorf("%d facts of eight visits that stand, want 16:\n%s", n, folded)
	}
	w.SQL("delete from culture_fact")
	w.SQL("update culture_cursor set xid = '0'")
	w.Sweep(w.Clock.Now().Add(time.Hour))
	if anew := town.One[string](w, facts); anew != folded {
		t.Errorf("folded anew:\n%s\nas it went along:\n%s", anew, folded)
	}
}

// A visit whose words went because their months were over still counts: its facts are
// made of steps, which stay.
func TestAForgottenVisitKeepsItsFacts(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(10, 0)
	w.SQL(`insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, retention_months)
		values ($1, $2, $3, 0, 3, 5, true, 1)`, w.Owner, w.School, town.FirstDay)
	w.Sweep(town.FirstDay)
	for i := range 3 {
		w.ExchangeAt(i, people[i], people[(i+3)%10])
	}
	w.Sweep(w.Clock.Now().Add(time.Hour))
	const facts = "select string_agg(f::text, E'\\n' order by f::text) from culture_fact f"
	before := town.One[string](w, facts)
	w.Sweep(w.Clock.Now().AddDate(0, 1, 1))
	if n := town.One[int](w, "select count(*) from visit where state = 'WITHDRAWN' and focus_question = ''"); n != 3 {
		t.Fatalf("%d of three visits are forgotten", n)
	}
	if after := town.One[string](w, facts); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
	w.SQL("delete from culture_fact")
	w.SQL("update culture_cursor set xid = '0'")
	w.Sweep(w.Clock.Now().Add(time.Hour))
	if anew := town.One[string](w, facts); anew != before {
		t.Errorf("before:\n%s\nfolded anew:\n%s", before, anew)
	}
}

// P13: between an answer and who gave it nothing is kept that ties them but a seal;
// results come for all at once, when the round has closed; a repetition with other
// answers changes nothing.
func TestThePulseKeepsAnswersApart(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	people := w.Staff(12, 0)
	w.Sweep(town.FirstDay)
	w.Clock.Set(town.FirstDay.AddDate(0, 1, 0))
	town.Try(w.Kari.SubmitPulse(w.Kari.Ctx(), w.Pulse(true))).Refused(t, codes.FailedPrecondition, "PULSE_CLOSED")
	w.Clock.Set(time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC))
	for i, p := range people[:11] {
		r := w.Pulse(true, i < 6, i < 2)
		town.Try(p.SubmitPulse(p.Ctx(), r)).OK(t)
		r.Answers[0].Agrees = false
		town.Try(p.SubmitPulse(p.Ctx(), r)).OK(t) // the same request: what was answered first stays
		town.Try(p.SubmitPulse(p.Ctx(), w.Pulse())).Refused(t, codes.FailedPrecondition, "PULSE_CLOSED")
	}
	short := w.Pulse()
	short.Answers[3] = short.Answers[0]
	town.Try(people[11].SubmitPulse(people[11].Ctx(), short)).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	pulse := func(p *town.Person) *pb.GetPulseResponse {
		return town.Try(p.GetPulse(p.In("en"), &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.School.String()}})).OK(t)
	}
	if r := pulse(w.Kari); r.GetRound().GetState() != pb.PulseState_PULSE_STATE_OPEN || len(r.GetRound().GetResults()) > 0 || !r.GetAnswered() || r.GetMayAnswer() {
		t.Errorf("while it is open: %v", r)
	}
	if r := pulse(people[11]); r.GetAnswered() || !r.GetMayAnswer() {
		t.Errorf("to who has not answered: %v", r)
	}
	// The memory of requests is the same whatever was answered.
	if n := town.One[int](w, "select count(distinct octet_length(reply)) from request where rpc = 'SubmitPulse'"); n != 1 {
		t.Errorf("remembered replies have %d lengths", n)
	}
	if n := town.One[int](w, "select count(distinct sealed) from pulse_answer"); n != 11 {
		t.Errorf("%d different seals of 11 answers of which many are alike", n)
	}
	w.Sweep(time.Date(2026, 12, 1, 6, 0, 0, 0, time.UTC))
	if n := town.One[int](w, "select (select count(*) from pulse_answer) + (select count(*) from pulse_answered)"); n != 0 {
		t.Errorf("%d rows of answers are left when the round is over", n)
	}
	teacher, leader := pulse(w.Kari).GetRound(), pulse(w.Liv).GetRound()
	if !proto.Equal(teacher, leader) || teacher.GetState() != pb.PulseState_PULSE_STATE_PUBLISHED {
		t.Fatalf("teachers read %v, leaders %v", teacher, leader)
	}
	results := teacher.GetResults()
	if results[0].GetResponse() != "Most answered." || results[0].GetMetrics()[0].GetFigure().GetValue().GetWords() != "6 or more" ||
		results[0].GetMetrics()[2].GetFigure().GetValue().GetWords() != "3 or fewer" {
		t.Errorf("the results: %v", results[0])
	}
	if held := results[1].GetMetrics()[3].GetFigure().GetHeldBack(); held == nil {
		t.Errorf("two leaders are told of: %v", results[1])
	}
}
