package server_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"undring/town"
)

// What fails for one school owner, or in one job, keeps no other from its turn; the
// metrics and the error say what failed.
func TestAJobThatFailsForOneOwnerIsDoneForTheOthers(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	neighbour, school := town.NewID(), town.NewID()
	w.SQL("insert into school_owner values ($1, 'Nabovik kommune')", neighbour)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nabovik skole', $3)", neighbour, school, town.Tuesday)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	if err := w.Server.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := regexp.MustCompile(`undring_job_last_success_timestamp_seconds\{job="forget_sessions"\} .*`)
	first := done.FindString(w.Metrics())

	// A year later everybody's session is to be forgotten. It can't be for one owner.
	const conn, other = "select count(*) from session where owner_id = $1", "select count(*) from session where owner_id <> $1"
	w.SQL(`insert into person (owner_id, id, given_name, family_name, email, created_at) select $1, $2, 'Siv', 'Moe', 'siv@nabovik.example', created_at from person limit 1`, neighbour, school)
	w.SQL(`insert into session select (jsonb_populate_record(s, jsonb_build_object('owner_id', $1::text, 'person_id', $2::text, 'id', gen_random_uuid()))).*
		from (select set_config('undring.owner', $1::text, true)) c, session s where owner_id = $3 limit 1`, neighbour, school, w.Owner)
	w.SQL("create function stuck() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$")
	w.SQL("create trigger stuck before delete on session for each row when (old.owner_id = '" + w.Owner.String() + "') execute function stuck()")
	w.Clock.Set(w.Clock.Now().AddDate(1, 0, 0))
	err := w.Server.RunJobs(t.Context())
	if err == nil || !strings.Contains(err.Error(), "forget_sessions of the school owner "+w.Owner.String()) || strings.Contains(err.Error(), neighbour.String()) {
		t.Errorf("the failure reads: %v", err)
	}
	if own, others := town.One[int](w, conn, w.Owner), town.One[int](w, other, w.Owner); own == 0 || others != 0 {
		t.Errorf("%d sessions of the one are left, and %d of the other owner", own, others)
	}
	if state := town.One[string](w, "select state from visit where id = $1", v.ID); state != "EXPIRED" {
		t.Errorf("the visit that nobody went to is %s", state)
	}
	told := w.Metrics()
	for _, line := range []string{
		`undring_job_seconds_count{job="forget_sessions",result="failed"} 1`,
		`undring_job_seconds_count{job="forget_sessions",result="ok"} 3`,
		`undring_job_seconds_count{job="expire_visits",result="ok"} 4`,
	} {
		if !strings.Contains(told, line) {
			t.Errorf("no %s in\n%s", line, regexp.MustCompile(`undring_job_seconds_count.*`).FindAllString(told, -1))
		}
	}
	if now := done.FindString(told); first == "" || now != first {
		t.Errorf("last success: %q, then %q", first, now)
	}
}
