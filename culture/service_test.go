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
	"google.golang.org/grpc/status"
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

// Whoever keeps the roster adds seven accounts to a team of one, so that the team has
// figures and the figures are that one's. Accounts that nobody has come by on three days
// are no people: not in the team's size, not in the school's.
func TestInventedColleaguesDontCount(t *testing.T) {
	t.Parallel()
	for days, teams := range []int{0, 0, 0, 1} {
		t.Run(fmt.Sprintf("who came on %d days", days), func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			people := w.Staff(12, 0)
			team := town.NewID()
			w.SQL("insert into team (owner_id, school_id, id, name) values ($1, $2, $3, 'Team én')", w.Owner, w.School, team)
			join := func(p *town.Person) {
				w.SQL("insert into team_member (owner_id, school_id, team_id, person_id) values ($1, $2, $3, $4)", w.Owner, w.School, team, p.ID)
			}
			join(people[0])
			var accounts []*town.Person
			for i := range 7 {
				p := w.Settle(fmt.Sprintf("Konto %d", i), "Oppdiktet", "TEACHER")
				w.SQL("delete from sign_in_days where person_id = $1", p.ID)
				join(p)
				accounts = append(accounts, p)
			}
			w.Sweep(town.FirstDay)
			for i := range 11 {
				w.ExchangeAt(i, people[i], people[i+1])
			}
			at := w.Clock.Now()
			for day := range days {
				w.Clock.Set(at.AddDate(0, 0, 1+day))
				for range 2 { // twice on a day is once
					for _, p := range accounts {
						p.SignInAnew()
					}
					w.Clock.Set(w.Clock.Now().Add(time.Hour))
				}
			}
			if n := town.One[int](w, "select coalesce(sum(days), 0) from sign_in_days where person_id = any($1::uuid[])", ids(accounts)); n != 7*days {
				t.Errorf("seven accounts that came on %d days have %d days", days, n)
			}
			w.Sweep(town.SheetDay)
			r := w.CultureReport(w.Liv, "nb", "2026-2")
			if len(r.GetTeams()) != teams {
				t.Errorf("a team of one person and seven accounts that came on %d days is told of %d times, want %d", days, len(r.GetTeams()), teams)
			}
			if got := town.FigureOf(r, "VISITED").GetPeople().GetWords(); days < 3 && !strings.Contains(got, "14") { // between 12 and 15
				t.Errorf("the school's size is told with the accounts: %q", got)
			}
		})
	}
}

// What is kept of somebody's days is how many, up to three, and the last one until then.
func TestSignInDaysAreNoDiary(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL("delete from sign_in_days where person_id = $1", w.Kari.ID)
	kept := func() string {
		return town.One[string](w, "select coalesce((select days || ' ' || coalesce(last_on::text, 'no day') from sign_in_days where person_id = $1), 'nothing')", w.Kari.ID)
	}
	for i, want := range []string{"1 2026-11-11", "2 2026-11-12", "3 no day", "3 no day"} {
		w.Clock.Set(town.Tuesday.AddDate(0, 0, 1+i))
		w.Kari.SignInAnew()
		if got := kept(); got != want {
			t.Errorf("on day %d there is kept %q, want %q", i+1, got, want)
		}
	}
}

// Answers of accounts that nobody uses would stand around the one that is to be read.
func TestWhoDoesNotCountYetAnswersNoPulse(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Staff(9, 0)
	w.Clock.Set(time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC))
	w.SQL("update sign_in_days set days = 1, last_on = $2::date where person_id = $1", w.Nils.ID, w.Clock.Now())
	pulse := func(p *town.Person) *pb.GetPulseResponse {
		return town.Try(p.GetPulse(p.Ctx(), &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.School.String()}})).OK(t)
	}
	if r := pulse(w.Nils); r.GetMayAnswer() || r.GetDaysMissing() != 2 {
		t.Errorf("who came on one day is told: %v", r)
	}
	if r := pulse(w.Kari); !r.GetMayAnswer() || r.GetDaysMissing() != 0 {
		t.Errorf("who counts is told: %v", r)
	}
	town.Try(w.Nils.SubmitPulse(w.Nils.Ctx(), w.Pulse(true))).Refused(t, codes.FailedPrecondition, "PULSE_CLOSED")
	// Nor past the server.
	v := &town.Visit{Town: w}
	if err := v.Directly(w.Nils,
		town.Write{SQL: "insert into pulse_answered (owner_id, term, person_id) values ($1, '2026-2', $2)", Args: []any{w.Owner, w.Nils.ID}},
		town.Write{SQL: "insert into pulse_answer (owner_id, term, id, sealed) values ($1, '2026-2', gen_random_uuid(), decode(repeat('00', 46), 'hex'))", Args: []any{w.Owner}},
	); err == nil {
		t.Error("the database takes a ballot of somebody who does not count")
	}
	for range 2 {
		w.Clock.Set(w.Clock.Now().AddDate(0, 0, 1))
		w.Nils.SignInAnew()
	}
	town.Try(w.Nils.SubmitPulse(w.Nils.Ctx(), w.Pulse(true))).OK(t)
}

func ids(people []*town.Person) []string {
	var out []string
	for _, p := range people {
		out = append(out, p.ID)
	}
	return out
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

// A half-year that is written like one and is none is refused, in the reader's language, by
// every call that takes one: the newest figures in its place would be taken for those.
func TestFiguresOfAHalfYearThatIsNone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	at := w.School.String()
	for language, words := range map[string]string{"nb": "halvåret finnes ikke", "nn": "halvåret finst ikkje", "en": "no such half-year"} {
		town.Try(w.Kari.UpdateMe(w.Kari.Ctx(), &pb.UpdateMeRequest{RequestId: town.Req(), Locale: language})).OK(t)
		for what, ask := range map[string]func(term string) error{
			"the sheet": func(term string) error {
				_, err := w.Kari.GetCultureReport(w.Kari.In(language), &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: at}, Term: term})
				return err
			},
			"its file": func(term string) error {
				_, err := w.Kari.ExportCultureReport(w.Kari.In(language), &pb.ExportCultureReportRequest{Of: &pb.ExportCultureReportRequest_SchoolId{SchoolId: at}, Term: term})
				return err
			},
			"the pulse": func(term string) error {
				_, err := w.Kari.GetPulse(w.Kari.In(language), &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: at}, Term: term})
				return err
			},
		} {
			for _, term := range []string{"1999-1", "0000-2", "2101-1"} {
				err := ask(term)
				town.Try[*pb.GetPulseResponse](nil, err).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
				if !strings.Contains(fmt.Sprint(status.Convert(err).Details()), words) {
					t.Errorf("%s of %s, in %s: %v", what, term, language, status.Convert(err).Details())
				}
			}
			if err := ask("2026-2"); err != nil {
				t.Errorf("%s of a half-year that there is: %v", what, err)
			}
		}
	}
}
