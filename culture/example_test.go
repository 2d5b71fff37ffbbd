package culture_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture"
	"undring/culture/guard"
	pb "undring/gen/undring/v1"
	"undring/postgres/pgtest"
	"undring/school"
)

// table reads the rows of the table of a page that has so many columns and whose
// first one begins with a word.
func table(t *testing.T, page, head string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(page, "| "+head+" |")
	if !found {
		t.Fatalf("the page has no table of %s", head)
	}
	var rows [][]string
	for _, line := range strings.Split(rest, "\n")[2:] {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// example is a school whose visits are written straight into the tables: what they
// came to is what is counted, and not how they came to it.
type example struct {
	t             *testing.T
	db            *pgtest.Instance
	owner, school uuid.UUID
	people        map[string]uuid.UUID
	now           time.Time
	service       *culture.Service
}

func newExample(t *testing.T, names string) *example {
	t.Helper()
	e := &example{t: t, db: pgtest.New(t), owner: uuid.New(), school: uuid.New(), people: map[string]uuid.UUID{}}
	e.service = culture.NewService(culture.Options{
		DB: e.db.DB, Culture: e.db.Open(t, e.db.CultureURL), Metrics: e.db.Open(t, e.db.MetricsURL),
		Now: func() time.Time { return e.now }, Secrets: [][]byte{make([]byte, 32)}, Log: slog.New(slog.DiscardHandler),
	})
	e.sql("insert into school_owner values ($1, 'Kommunen')", e.owner)
	e.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Skolen', '2020-01-01')", e.owner, e.school)
	for _, team := range []string{"1.–7. trinn", "8.–10. trinn"} {
		e.sql("insert into team (owner_id, school_id, id, name) values ($1, $2, gen_random_uuid(), $3)", e.owner, e.school, team)
	}
	for i, name := range strings.Split(names, "") {
		id := uuid.New()
		e.people[name] = id
		e.sql("insert into person (owner_id, id, given_name, family_name, created_at) values ($1, $2, $3, 'X', '2020-01-01')", e.owner, id, name)
		e.sql("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', '2020-01-01')", e.owner, e.school, id)
		e.sql("insert into sign_in_days (owner_id, person_id, days) values ($1, $2, 3)", e.owner, id)
		e.sql("insert into team_member (owner_id, school_id, team_id, person_id) select $1, $2, id, $3 from team where owner_id = $1 order by name offset $4 limit 1",
			e.owner, e.school, id, i/6)
	}
	return e
}

func (e *example) sql(sql string, args ...any) {
	e.t.Helper()
	ctx := context.Background()
	err := pgx.BeginFunc(ctx, e.db.Owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
	if err != nil {
		e.t.Fatalf("%s: %v", sql, err)
	}
}

// visit writes a visit and what came of it.
func (e *example) visit(n int, observer, observed, came string) {
	e.t.Helper()
	id, at := uuid.New(), time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, n)
	has := func(what string) bool { return strings.Contains(came, what) }
	steps := [][2]string{{"PROPOSE", "PROPOSED"}, {"ACCEPT", "AGREED"}, {"OBSERVE", "OBSERVED"}}
	if has("feedback") {
		steps = append(steps, [2]string{"GIVE", "FEEDBACK_GIVEN"})
	}
	if has("answered") {
		steps = append(steps, [2]string{"SETTLE", "ANSWERED"})
	}
	switch came {
	case "withdrawn":
		steps = append(steps, [2]string{"WITHDRAW", "WITHDRAWN"})
	case "no exchange":
		steps = append(steps, [2]string{"EXIT", "CLOSED_WITHOUT_EXCHANGE"})
	}
	e.sql(`insert into visit (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, state, seq, start_at, end_at, co_taught,
			feedback_due_at, answer_due_at, created_at, updated_at, point_id, wondering_id, answered_id)
		values ($1, $2, $3, $4, $5, 'TEACHER', $2, 'NONE', $6, $7::timestamptz, $7::timestamptz + interval '45 min', false, $7::timestamptz + interval '6 h', $7::timestamptz + interval '3 days', $7, $7, $2, $2, $2)`,
		e.owner, id, e.school, e.people[observer], e.people[observed], len(steps), at)
	from := "NONE"
	for i, s := range steps {
		late := s[0] == "GIVE" && has("feedback late") || s[0] == "SETTLE" && has("answered late")
		when := at.Add(time.Duration(i) * time.Hour)
		if late {
			when = at.AddDate(0, 0, 9)
		}
		e.sql("insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, at) values ($1, $2, $3, $4, $5, $6, $7)", e.owner, id, i+1, s[0], from, s[1], when)
		from = s[1]
	}
	e.sql("update visit set state = $2, focus_question = 'x', observer_agreed_at = $3, observed_agreed_at = $3, takeaway_due_at = $3 where id = $1", id, from, at)
	if has("asked back") {
		e.sql(`insert into question (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language, wondering, stand_by, due_at, created_at)
			values ($1, gen_random_uuid(), $2, $3, $4, $4, $3, 1, 'x', 'nb', true, false, $5, $5)`, e.owner, id, e.people[observer], e.people[observed], at)
	}
	for word, learning := range map[string]string{"adjusted": "ADJUSTED_PRACTICE", "questioned": "QUESTIONED_ASSUMPTION"} {
		if has(word) {
			e.sql(`insert into takeaway (owner_id, visit_id, person_id, edition, observer_id, observed_id, text, learning, recorded_at)
				values ($1, $2, $4, 1, $3, $4, 'x', $5, $6)`, e.owner, id, e.people[observer], e.people[observed], learning, at)
		}
	}
	if has("on the area") {
		e.sql("update visit set focus_area_id = $2 where id = $1", id, uuid.New())
	}
	if has("carried out") {
		e.sql(`insert into action (owner_id, id, visit_id, observer_id, observed_id, person_id, slot, text, lesson, state, agreed_by, did, happened, learning, reported_at, created_at)
			values ($1, gen_random_uuid(), $2, $3, $4, $4, 1, 'x', 'x', 'REPORTED', $3, 'x', 'x', 'NOTHING_NEW', $5, $5)`, e.owner, id, e.people[observer], e.people[observed], at)
	}
}

func (e *example) sweep(at time.Time) {
	e.t.Helper()
	e.now = at
	for range 500 {
		if err := e.service.Sweep(context.Background(), e.owner); err != nil {
			e.t.Fatalf("sweeping: %v", err)
		}
		var left bool
		if err := e.db.Owner.QueryRow(context.Background(), `select exists (select from culture_cursor c
			join visit_event e on e.owner_id = c.owner_id and (e.xid, e.visit_id, e.seq) > (c.xid, c.visit_id, c.seq))`).Scan(&left); err != nil {
			e.t.Fatal(err)
		}
		if !left {
			return
		}
		time.Sleep(20 * time.Millisecond) // another test has a transaction open
	}
}

// The example of docs/culture.md, worked by hand there, is what the program tells.
func TestTheExampleOfThePageIsTold(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../docs/culture.md")
	if err != nil {
		t.Fatal(err)
	}
	e := newExample(t, "ABCDEFGHIJKL")
	e.sweep(time.Date(2026, 8, 1, 6, 0, 0, 0, time.UTC))
	visits := table(t, string(raw), "visit")
	if len(visits) != 30 || len(e.people) != 12 {
		t.Fatalf("%d visits of %d teachers, want 30 of 12", len(visits), len(e.people))
	}
	for _, v := range visits {
		n, err := strconv.Atoi(v[0])
		if err != nil {
			t.Fatal(err)
		}
		e.visit(n, v[1], v[2], v[3])
	}
	e.sweep(time.Date(2026, 12, 20, 6, 0, 0, 0, time.UTC))
	e.sweep(time.Date(2027, 1, 15, 6, 0, 0, 0, time.UTC))
	ctx := school.WithActor(context.Background(), school.Actor{
		Owner: e.owner, Person: e.people["A"], Language: "en", Memberships: []school.Membership{{School: e.school, Role: school.Teacher}},
	})
	reply, err := e.service.GetCultureReport(ctx, &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: e.school.String()}})
	if err != nil {
		t.Fatal(err)
	}
	want := table(t, string(raw), "figure")
	got := reply.GetReport().GetMetrics()
	if len(got) != len(want) {
		t.Fatalf("%d figures, the page has %d: %v", len(got), len(want), reply.GetReport())
	}
	for i, m := range got {
		told := m.GetFigure().GetValue().GetWords()
		if m.GetFigure().GetHeldBack() != nil {
			told = "held back"
		}
		if m.GetId() != want[i][0] || told != want[i][2] {
			t.Errorf("%s is told as %q, the page says %s, %q (%s people)", m.GetId(), told, want[i][0], want[i][2], want[i][1])
		}
	}
	published := e.service.Published()
	if published[guard.TooFew]+published[guard.TooFewAmong] == 0 || published[guard.Number] == 0 {
		t.Errorf("figures are told and held back, and counted are %v", published)
	}
	e.sweep(time.Date(2027, 1, 16, 6, 0, 0, 0, time.UTC))
	if again := e.service.Published(); !maps.Equal(again, published) {
		t.Errorf("nothing more is published, and counted are %v after %v", again, published)
	}
	file, err := e.service.ExportCultureReport(ctx, &pb.ExportCultureReportRequest{Of: &pb.ExportCultureReportRequest_SchoolId{SchoolId: e.school.String()}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range want {
		if told := row[2]; told != "held back" && !strings.Contains(string(file.GetContent()), fmt.Sprintf(";%s;", row[0])) {
			t.Errorf("the CSV file has no line of %s", row[0])
		}
	}
}
