package load_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/load"
	"undring/postgres/pgtest"
)

var now = time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)

// Keys are off while rows are generated; here each is put on anew, which reads
// every row.
func TestGeneratedRowsObeyEveryKey(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	size := load.Size{Owner: uuid.MustParse("0197f0a0-0000-7000-8000-00000000beef"), Schools: 6, Teachers: 150, Visits: 150 * 45, NotesEach: 3, Now: now}
	pooled, err := db.Owner.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	conn := pooled.Hijack()
	defer conn.Close(ctx)
	if err := load.Fill(ctx, conn, size, func(int) {}); err != nil {
		t.Fatal(err)
	}
	type key struct{ Table, Name, Definition string }
	rows, err := db.Owner.Query(ctx, `
		select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
		from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByPos[key])
	if err != nil || len(keys) < 40 {
		t.Fatalf("%d foreign keys (%v), there are more", len(keys), err)
	}
	for _, k := range keys {
		_, err := db.Owner.Exec(ctx, "alter table "+k.Table+" drop constraint "+k.Name+", add constraint "+k.Name+" "+k.Definition)
		if err != nil {
			t.Errorf("%s of %s: %v", k.Name, k.Table, err)
		}
	}
	for what, count := range map[string]string{
		"visits whose last step is not where they stand": `select count(*) from visit v where not exists (
			select from visit_event e where e.owner_id = v.owner_id and e.visit_id = v.id and e.seq = v.seq and e.to_state = v.state)
			or v.seq <> (select count(*) from visit_event e where e.owner_id = v.owner_id and e.visit_id = v.id)`,
		"steps that are not that person's move": `select count(*) from visit_event e join visit v on v.owner_id = e.owner_id and v.id = e.visit_id
			join visit_arrow a on (a.from_state, a.event, a.to_state) = (e.from_state, e.event, e.to_state)
			where case a.mover when 'OBSERVER' then e.actor_id <> v.observer_id when 'OBSERVED' then e.actor_id <> v.observed_id
				when 'HOUSE' then e.actor_id is not null else e.actor_id is null end`,
		"open questions of answered visits": `select count(*) from question q join visit v on v.owner_id = q.owner_id and v.id = q.visit_id
			where v.state in ('ANSWERED', 'CLOSED') and q.state = 'OPEN'`,
		"unshared notes of closed visits": `select count(*) from note n join visit v on v.owner_id = n.owner_id and v.id = n.visit_id
			where v.state = 'CLOSED' and not n.shared`,
		"people in two schools' visits": `select count(*) from visit v where not exists (select from membership m where m.school_id = v.school_id and m.person_id = v.observed_id)`,
	} {
		var n int
		if err := db.Owner.QueryRow(ctx, count).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d (%v)", what, n, err)
		}
	}
	var states, visits, smallest, largest int
	err = db.Owner.QueryRow(ctx, `
		with staffs as (select count(*) n from membership where role = 'TEACHER' group by school_id)
		select (select count(distinct state) from visit), (select count(*) from visit), (select min(n) from staffs), (select max(n) from staffs)`,
	).Scan(&states, &visits, &smallest, &largest)
	if err != nil || states != 11 || visits != size.Visits || smallest*4 > largest {
		t.Errorf("%d states in %d visits, schools of %d to %d teachers (%v); want all 11 in %d, small schools and large ones",
			states, visits, smallest, largest, err, size.Visits)
	}
}
