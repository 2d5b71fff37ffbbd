package culture_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture"
	"undring/focus"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/load"
	"undring/postgres/pgtest"
	"undring/school"
)

// fillTogether gives each school of an owner a half-year of what it works on together, so many times
// over: 40 needs with support, three areas and three that ended, 60 learnings with three answers each.
// $1 is the owner, $2 how many times. The rows are the tables' own, without triggers: no phone is told.
var fillTogether = []string{
	`create temporary table works as
		select school_id, person_id, row_number() over (partition by school_id order by person_id) as n, count(*) over (partition by school_id) as of
		from membership where owner_id = $1 and role = 'TEACHER'`,
	`create index on works (school_id, n)`,
	`insert into need (owner_id, id, school_id, day, due_on, person_id, text, status, answer, answered_by, answered_on)
		select $1, gen_random_uuid(), s.school_id, date '2026-12-01' - i / 2, date '2026-12-15' - i / 2, s.person_id, 'Tid til å se hverandre, nummer ' || i,
			case when i < 8 then 'OPEN' else 'DONE' end, case when i < 8 then '' else 'Ordnet.' end, case when i >= 8 then s.person_id end, case when i >= 8 then date '2026-12-01' - i / 2 end
		from generate_series(0, 40 * $2 - 1) i join works s on s.n = 1 + i % s.of`,
	`insert into need_support (owner_id, need_id, person_id, school_id, story, day)
		select $1, n.id, s.person_id, n.school_id, case when s.n = 2 then 'Hos oss også.' else '' end, n.day from need n join works s on s.school_id = n.school_id and s.n between 2 and 5`,
	`insert into focus_area (owner_id, id, school_id, state, origin, proposed_by, named, title, background, source, goal, hearing_until, slot, revision, created_on)
		select $1, gen_random_uuid(), s.school_id, case when i <= 3 then 'ADOPTED' else 'ENDED' end, 'TEACHERS', s.person_id, true, 'Område ' || i, 'Siden i fjor.', '', 'Flere svarer.', '2026-09-01',
			case when i <= 3 then i end, 3, '2026-08-20'
		from generate_series(1, 3 + 3 * $2) i join works s on s.n = 1`,
	`insert into focus_change (owner_id, area_id, revision, kind, reason, person_id, day)
		select $1, a.id, r, case r when 2 then 'HEARING' else 'ADOPTED' end, 'Alle vil.', a.proposed_by, date '2026-08-25' + r from focus_area a, generate_series(2, 3) r`,
	`insert into hearing_voice (owner_id, id, area_id, school_id, person_id, text, day)
		select $1, gen_random_uuid(), a.id, a.school_id, s.person_id, 'Det trenger vi.', '2026-08-28' from focus_area a join works s on s.school_id = a.school_id and s.n <= 10`,
	`insert into learning (owner_id, id, school_id, from_visit, writer_id, other_id, text, source, mark, published, day)
		select $1, gen_random_uuid(), s.school_id, gen_random_uuid(), s.person_id, o.person_id, 'Når vi venter, rekker flere opp hendene, nummer ' || i, '', 'WORKED_HERE', true, date '2026-12-01' - i % 110
		from generate_series(0, 60 * $2 - 1) i join works s on s.n = 1 + i % s.of join works o on o.school_id = s.school_id and o.n = 1 + (i + 1) % s.of`,
	`insert into learning_response (owner_id, id, learning_id, school_id, person_id, kind, text, day)
		select $1, gen_random_uuid(), l.id, l.school_id, s.person_id, 'TRIED', 'Fire nye svarte.', l.day from learning l join works s on s.school_id = l.school_id and s.n between 6 and 8
		where $2::int > 0 and s.person_id not in (l.writer_id, l.other_id)`,
	`analyze`,
}

// BenchmarkTogether reads the live page, the plan and the library of one of 100 schools with 5,000
// teachers. UNDRING_BENCH_TIMES says how many times over each school has its half-year's content; 0: once.
func BenchmarkTogether(b *testing.B) {
	times := 1
	if n, err := strconv.Atoi(os.Getenv("UNDRING_BENCH_TIMES")); err == nil && n > 0 {
		times = n
	}
	ctx := context.Background()
	db := pgtest.New(b)
	owner, now := uuid.New(), time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	conn, err := pgx.ConnectConfig(ctx, db.Owner.Config().ConnConfig)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := load.Fill(ctx, conn, load.Size{Owner: owner, Schools: 100, Teachers: 5_000, Visits: 5_000, NotesEach: 1, Now: now}, func(int) {}); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "set session_replication_role = replica"); err != nil {
		b.Fatal(err)
	}
	for _, sql := range fillTogether {
		var args []any
		for i, n := range []any{owner, times} {
			if strings.Contains(sql, "$"+strconv.Itoa(i+1)) {
				args = append(args, n)
			}
		}
		if _, err := conn.Exec(ctx, sql, args...); err != nil {
			b.Fatalf("%v: %s", err, sql)
		}
	}
	var at, person uuid.UUID
	if err := conn.QueryRow(ctx, "select school_id, person_id from works where n = 9 order by school_id limit 1").Scan(&at, &person); err != nil {
		b.Fatal(err)
	}
	clock := func() time.Time { return now }
	live := culture.NewService(culture.Options{DB: db.DB, Culture: db.Open(b, db.CultureURL), Metrics: db.Open(b, db.MetricsURL), Now: clock, Secrets: [][]byte{make([]byte, 32)}, Log: slog.New(slog.DiscardHandler)})
	plan, library := focus.NewService(db.DB, clock, uuid.New), learning.NewService(db.DB, clock, uuid.New)
	as := school.WithActor(ctx, school.Actor{Owner: owner, Person: person, Language: "nb", Memberships: []school.Membership{{School: at, Role: school.Teacher}}})
	for name, read := range map[string]func() (int, error){
		"live": func() (int, error) {
			r, err := live.GetLivePage(as, &pb.GetLivePageRequest{SchoolId: at.String()})
			return len(r.GetAreas()) + int(r.GetLearnings().GetAnswered()), err
		},
		"plan": func() (int, error) {
			r, err := plan.GetPlan(as, &pb.GetPlanRequest{SchoolId: at.String()})
			return len(r.GetPlan().GetFocusAreas()), err
		},
		"needs": func() (int, error) {
			r, err := plan.ListNeeds(as, &pb.ListNeedsRequest{SchoolId: at.String()})
			return len(r.GetNeeds()), err
		},
		"library": func() (int, error) {
			r, err := library.ListLearnings(as, &pb.ListLearningsRequest{SchoolId: at.String()})
			return len(r.GetLearnings()), err
		},
		"search": func() (int, error) {
			r, err := library.SearchLearnings(as, &pb.SearchLearningsRequest{SchoolId: at.String(), Query: "hendene"})
			return len(r.GetLearnings()), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := read(); err != nil || n < 3 {
					b.Fatalf("%d things were read: %v", n, err)
				}
			}
		})
	}
}
