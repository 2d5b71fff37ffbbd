package observation_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/feedback"
	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/once"
	"undring/spec"
	"undring/tables"
	"undring/town"
)

// wordsLeft counts the words of a visit, by what the rooms declare of their tables:
// rows, where these go whole, and columns that hold any.
func wordsLeft(v *town.Visit) int {
	v.T.Helper()
	left := 0
	for _, all := range [][]tables.Table{observation.Tables, feedback.Tables, once.Tables} {
		for _, table := range all {
			var any []string
			for _, w := range table.Words {
				for _, column := range strings.Fields(w.Columns) {
					any = append(any, "octet_length("+column+") > 0")
				}
			}
			if table.Visit == "" || len(any) == 0 {
				continue
			}
			sql := fmt.Sprintf("select count(*) from %s where %s = $1", table.Name, table.Visit)
			if !table.Rows {
				sql += " and (" + strings.Join(any, " or ") + ")"
			}
			if table.Name == "request" {
				sql += " and rpc not like '%Withdraw%'" // which replies with what is left
			}
			left += town.One[int](v.Town, sql, v.ID)
		}
	}
	return left
}

// jobs does every job at a time.
func jobs(w *town.Town, at time.Time) {
	w.T.Helper()
	w.Clock.Set(at)
	if err := w.Server.RunJobs(context.Background()); err != nil {
		w.T.Fatal(err)
	}
}

// pair are two new teachers of the school.
func pair(w *town.Town) (*town.Person, *town.Person) {
	w.T.Helper()
	w.Clock.Set(w.Clock.Now().Add(2 * time.Second)) // attempts to sign in are counted
	return w.Settle("A"+town.NewID().String(), "Moe", "TEACHER"), w.Settle("B"+town.NewID().String(), "Lie", "TEACHER")
}

// closed takes a visit to its end.
func closed(v *town.Visit) *town.Visit {
	v.Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(v.Observer)
	v.TakeAway(v.Observed)
	return v
}

// exit is the honest exit, by both.
func exit(v *town.Visit) {
	v.T.Helper()
	for _, p := range []*town.Person{v.Observer, v.Observed} {
		town.Try(p.EndWithoutExchange(p.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(v.T)
	}
}

// G26 (R42): words do not pile up. The clock goes through three years, over a visit in
// every state; the words of each are whole until its months are over, and then gone.
func TestG26WordsGoWhenTheMonthsOfTheSchoolAreOver(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	shorter := town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Vika skole', $3)", w.Owner, shorter, town.Tuesday)
	w.SQL(`insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, retention_months)
		values ($1, $2, $3, 0, 3, 5, true, 3)`, w.Owner, shorter, town.Tuesday)
	type lasting struct {
		name string
		*town.Visit
		months int // after which its words are gone
		state  string
	}
	var all []lasting
	for _, c := range []struct {
		name   string
		months int // after which the words are gone
		state  string
		make   func(*town.Visit)
	}{
		{"proposed, and nobody went", 12, "EXPIRED", func(*town.Visit) {}},
		{"agreed, and nobody went", 12, "EXPIRED", func(v *town.Visit) { v.Agree() }},
		{"observed, and never closed", 12, "OBSERVED", func(v *town.Visit) { v.Agree().Observe() }},
		{"given, and never closed", 12, "FEEDBACK_GIVEN", func(v *town.Visit) { v.Agree().Observe().Give().Open() }},
		{"answered, and never closed", 12, "ANSWERED", func(v *town.Visit) { v.Agree().Observe().Give().Open().Answer(v.Question) }},
		{"closed", 12, "CLOSED", func(v *town.Visit) { closed(v) }},
		{"closed without an exchange", 12, "CLOSED_WITHOUT_EXCHANGE", func(v *town.Visit) { exit(v.Agree().Observe()) }},
		{"declined", 12, "DECLINED", func(v *town.Visit) { town.Try(v.SetFocus().Decline()).OK(t) }},
		{"cancelled", 12, "CANCELLED", func(v *town.Visit) {
			town.Try(v.Observer.CancelObservation(v.Observer.Ctx(), town.CancelOf(v.Agree()))).OK(t)
		}},
		{"withdrawn", 0, "WITHDRAWN", func(v *town.Visit) {
			closed(v)
			town.Try(v.Observed.WithdrawObservation(v.Observed.Ctx(), &pb.WithdrawObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
		}},
	} {
		for months, school := range map[int]uuid.UUID{3: shorter, 12: w.School} {
			w.Clock.Set(town.Tuesday)
			observer, observed := pair(w)
			home := w.School
			w.School = school
			if school != home {
				w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $5), ($1, $2, $4, 'TEACHER', $5)",
					w.Owner, school, observer.ID, observed.ID, town.Tuesday)
			}
			v := w.Propose(observer, observed, time.Hour)
			w.School = home
			c.make(v)
			all = append(all, lasting{fmt.Sprintf("%s, of %d months", c.name, months), v, min(c.months, months), c.state})
		}
	}
	for month := range 37 {
		jobs(w, town.Tuesday.AddDate(0, month, 1))
		for _, l := range all {
			state, left := town.One[string](w, "select state from visit where id = $1", l.ID), wordsLeft(l.Visit)
			over := month >= l.months
			if over && (left > 0 || state != "WITHDRAWN") || !over && (left == 0 || month > 0 && state != l.state) {
				t.Errorf("%s: after %d months it stands %s, and %d words are left", l.name, month, state, left)
			}
		}
	}
	// Nobody moved them but time, once; the steps from before are still there.
	for _, l := range all {
		steps := town.One[string](w, "select string_agg(event || coalesce(actor_id::text, ''), ' ' order by seq) from visit_event where visit_id = $1", l.ID)
		if l.months > 0 && (strings.Count(steps, "FORGET") != 1 || !strings.HasSuffix(steps, " FORGET") || !strings.HasPrefix(steps, "PROPOSE"+l.Observer.ID)) {
			t.Errorf("%s: the steps are %s", l.name, steps)
		}
	}
}

// A step that the two take later begins the months anew; a shorter time that the school
// agrees on counts from when it holds.
func TestG26TheMonthsAreThoseInForceFromTheLastStep(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	early := closed(w.Propose(w.Kari, w.Ola, time.Hour))
	w.Clock.Set(town.Tuesday)
	observer, observed := pair(w)
	late := w.Propose(observer, observed, time.Hour).Agree().Observe()
	w.Clock.Set(town.Tuesday.AddDate(0, 5, 0))
	exit(late)
	three := int32(3)
	holds := town.Try(w.Leif.UpdateExchangePolicy(w.Leif.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(),
		EffectiveDate: "2027-04-25", RetentionMonths: &three, Reason: "Ordene skal ikke ligge."})).OK(t).GetPolicy().GetEffectiveTime().AsTime()
	for _, c := range []struct {
		at          time.Time
		early, late bool // words are left
	}{
		{holds.Add(-time.Second), true, true},
		{holds.Add(time.Second), false, true},
		{town.Tuesday.AddDate(0, 8, 0), false, true}, // the exit was a moment after five months
		{town.Tuesday.AddDate(0, 8, 1), false, false},
	} {
		jobs(w, c.at)
		if e, l := wordsLeft(early) > 0, wordsLeft(late) > 0; e != c.early || l != c.late {
			t.Errorf("at %v words are left of the early one: %t, of the late one: %t", c.at, e, l)
		}
	}
}

// G26: the moment at which words go is the one that phones tell beforehand, to the minute; both
// are held to the same table.
func TestG26WordsGoWhenIsTold(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	visits := map[string]*town.Visit{"CLOSED": closed(w.Propose(w.Kari, w.Ola, time.Hour)), "AGREED": w.Propose(w.Kari, w.Ola, 30*time.Hour).Agree()}
	w.Clock.Set(w.Clock.Now().AddDate(0, 1, 0))
	visits["EXPIRED"] = w.Propose(w.Kari, w.Ola, time.Hour)
	jobs(w, w.Clock.Now().AddDate(0, 0, 20))
	cases, err := spec.Cases("going")
	if err != nil || len(cases) < 6 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	ctx := t.Context()
	for _, c := range cases {
		v := visits[c["state"]]
		goes, err := time.Parse(time.RFC3339, c["goes"])
		if err != nil {
			t.Fatal(err)
		}
		gone := func(at time.Time) (n int) {
			tx, err := w.DB.Owner.Begin(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(ctx) }()
			_, err = tx.Exec(ctx, fmt.Sprintf(`set local time zone 'UTC'; set local session_replication_role = replica;
				update visit set start_at = '%[2]s'::timestamptz - interval '45 minutes', end_at = '%[2]s', updated_at = '%[3]s' where id = '%[1]s';
				set local session_replication_role = origin;
				insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, retention_months)
				values ('%[4]s', '%[5]s', '2020-01-01', 0, 3, 5, true, %[6]s);
				select set_config('undring.owner', '%[4]s', true), set_config('undring.person', '%[7]s', true)`,
				v.ID, c["end"], c["step"], w.Owner, w.School, c["months"], uuid.Nil))
			if err == nil {
				err = tx.QueryRow(ctx, "select count(*)::int from forget_visits($1, 20) f where f = $2", at, v.ID).Scan(&n)
			}
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if gone(goes.Add(-time.Minute)) != 0 || gone(goes.Add(time.Minute)) != 1 {
			t.Errorf("%v: they go at another time", c)
		}
	}
}

// The two read nothing afterwards, and their phones hear of it as of a withdrawal.
func TestG26TheTwoReadNothingAfterwards(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := closed(w.Propose(w.Kari, w.Ola, time.Hour))
	over := v.Get(w.Kari).GetEndTime().AsTime().AddDate(0, 12, 0)
	w.Clock.Set(over.Add(-time.Minute))
	cursors := map[*town.Person]string{}
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		cursors[p] = town.Try(p.Pull(p.Ctx(), &pb.PullRequest{})).OK(t).GetNextCursor()
	}
	jobs(w, over.Add(time.Second))
	for p, cursor := range cursors {
		o := v.Get(p)
		town.WantState(t, o, pb.ObservationState_OBSERVATION_STATE_WITHDRAWN)
		if o.GetPlace()+o.GetFocusQuestion()+o.GetIntention()+o.GetSuggestedFocusQuestion() != "" {
			t.Errorf("%s still reads %v", p.Name, o)
		}
		if e := v.Exchange(p); len(e.GetPoints())+len(e.GetQuestions())+len(e.GetSharedNotes()) > 0 || e.GetOwnView() != nil || e.GetTakeaway() != nil {
			t.Errorf("%s still reads %v", p.Name, e)
		}
		// What is told comes once no older transaction is open, of whatever test.
		told := false
		for range 200 {
			for _, change := range town.Try(p.Pull(p.Ctx(), &pb.PullRequest{Cursor: cursor})).OK(t).GetChanges() {
				told = told || change.GetObservation().GetId() == v.ID && change.GetObservation().GetState() == pb.ObservationState_OBSERVATION_STATE_WITHDRAWN
			}
			if told {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if !told {
			t.Errorf("the phone of %s does not hear of it", p.Name)
		}
	}
}

// copyVisit writes many more visits like one that is proposed, each a minute older than
// the one before it, without the steps in between.
func copyVisit(v *town.Visit, many int) {
	v.T.Helper()
	v.SQL(fmt.Sprintf(`begin; set local session_replication_role = replica;
		create table more as select n, gen_random_uuid() id from generate_series(1, %d) n;
		alter table visit disable trigger user;
		insert into visit (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, state, seq, awaits_id, start_at, end_at,
			place, co_taught, focus_question, created_at, updated_at)
		select v.owner_id, m.id, school_id, observer_id, observed_id, peers, gen_random_uuid(), state, seq, awaits_id, start_at - n * interval '1 minute',
			end_at - n * interval '1 minute', place, co_taught, focus_question, created_at, updated_at - n * interval '1 minute'
		from visit v, more m where v.id = '%[2]s';
		insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
		select owner_id, m.id, seq, event, from_state, to_state, actor_id, at from visit_event e, more m where e.visit_id = '%[2]s';
		alter table visit enable trigger user;
		drop table more; commit`, many, v.ID))
}

// The job ends in the middle of its work, and is begun again: no visit is half
// forgotten, and none twice.
func TestG26TheJobCanBeKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).SetFocus()
	copyVisit(v, 44)
	w.SQL("create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$")
	w.SQL("create trigger killed before insert on visit_event for each row when (new.event = 'FORGET' and new.visit_id = '" + v.ID + "') execute function killed()")
	w.Clock.Set(town.Tuesday.AddDate(3, 0, 0))
	const whole = "select count(*) filter (where state <> 'WITHDRAWN' and place <> '' and focus_question <> '') || ' ' || count(*) filter (where state = 'WITHDRAWN' and place || focus_question = '') from visit"
	if err := w.Server.RunJobs(t.Context()); err == nil || !strings.Contains(err.Error(), "retention") {
		t.Fatalf("the job that is killed says: %v", err)
	}
	if got := town.One[string](w, whole); got != "5 40" {
		t.Errorf("whole and gone, killed in the third step: %s", got)
	}
	w.SQL("drop trigger killed on visit_event")
	for range 2 {
		jobs(w, w.Clock.Now())
		if got := town.One[string](w, whole); got != "0 45" {
			t.Errorf("whole and gone, run again: %s", got)
		}
	}
	if n := town.One[int](w, "select count(*) from visit_event where event = 'FORGET'"); n != 45 {
		t.Errorf("45 visits are forgotten in %d steps", n)
	}
}

// What is due is found by its age, however much is there.
func TestTheOldestVisitsAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	copyVisit(w.Propose(w.Kari, w.Ola, time.Hour), 20_000)
	w.SQL("analyze visit")
	body := town.One[string](w, "select prosrc from pg_proc where proname = 'forget_visits'")
	query := regexp.MustCompile(`(?s)with due as \(\s*(select o\..*?limit most)\)\s*insert`).FindStringSubmatch(body)
	if query == nil {
		t.Fatalf("no query in\n%s", body)
	}
	sql := strings.NewReplacer("limit most", "limit 20", "(moment)", "('2026-11-01'::timestamptz)", "< moment", "< '2026-11-01'::timestamptz").Replace(query[1])
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, w.DB.Owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select set_config('undring.owner', $1, true)", w.Owner.String()); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "explain (costs off) "+sql)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, "Index Scan using visit_age") || strings.Contains(plan, "Seq Scan on visit") || strings.Contains(plan, "Sort") {
			t.Errorf("the plan is\n%s", plan)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Requests are forgotten after the days that they are remembered for, and what people
// were before an import once it can't be undone.
func TestRequestsAndImportsAreForgottenInTime(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Imported()
	w.Propose(w.Kari, w.Ola, time.Hour)
	const kept = "select (select count(*) from request) || ' ' || (select count(*) from roster_import where before is not null)"
	last := town.One[time.Time](w, "select max(at) from request")
	first := town.One[string](w, kept)
	jobs(w, last.Add(once.Memory-time.Minute))
	if n := town.One[int](w, "select count(*) from request where at = $1", last); n == 0 || !strings.HasSuffix(first, " 1") || strings.HasPrefix(first, "0") {
		t.Errorf("a minute before the time %d of the last are there; %s at first", n, first)
	}
	jobs(w, last.Add(once.Memory+time.Second))
	if got := town.One[string](w, kept); got != "0 0" {
		t.Errorf("requests and images from before an import after the time: %s", got)
	}
}
