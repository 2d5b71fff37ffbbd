package notify_test

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// What is due for many people at one moment goes out, to each of them once, by two servers. NOTIFY_MORNING says how
// many people; a figure stands in docs/performance.
func TestWhatIsDueForManyAtOnce(t *testing.T) {
	many := 60
	if text := os.Getenv("NOTIFY_MORNING"); text != "" {
		var err error
		if many, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	ids := teachers(w, many)
	const askers = 20
	var all sync.WaitGroup
	for i := range askers {
		by := w.Settle("Anne"+strconv.Itoa(i), "Lie", "TEACHER")
		all.Go(func() {
			for n := i; n < many; n += askers {
				if err := asks(w, by, ids[n], n); err != nil {
					t.Errorf("proposing: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	sends(t, w, 2, office.by)
	settled(t, w)
	begun := time.Now()
	until(t, w, afternoon)
	for late := time.Second; town.One[int](w, "select count(*)::int from message where state in ('WAITING', 'SENDING')")+
		town.One[int](w, "select count(*)::int from river.river_job where state in ('retryable', 'scheduled')") > 0; late += time.Second { // what a database in a hurry did not take comes a little later
		until(t, w, afternoon.Add(late))
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(begun)
	got := map[string]int{}
	for _, l := range office.all() {
		got[l.To]++
	}
	if len(got) != many || len(office.all()) != many {
		t.Errorf("%d people got %d mails, want one each of %d", len(got), len(office.all()), many)
	}
	t.Logf("%d people were told in %s: %.0f a second", many, took.Round(time.Millisecond), float64(many)/took.Seconds())
}

// teachers are many who move to town at once, per1 and so on: nobody signs in as them.
func teachers(w *town.Town, many int) []uuid.UUID {
	w.T.Helper()
	ids := make([]uuid.UUID, many)
	for i := range ids {
		ids[i] = town.NewID()
	}
	w.SQL(`insert into person (owner_id, id, given_name, family_name, email, created_at)
		select $1, u.id, 'Per', 'Moe', 'per' || u.n || '@fjordvik.example', $2 from unnest($3::uuid[]) with ordinality u (id, n)`, w.Owner, town.Tuesday, ids)
	w.SQL(`insert into membership (owner_id, school_id, person_id, role, since) select $1, $2, u.id, 'TEACHER', $3 from unnest($4::uuid[]) u (id)`, w.Owner, w.School, town.Tuesday, ids)
	return ids
}

// asks lets somebody propose the n-th of many visits.
func asks(w *town.Town, by *town.Person, observed uuid.UUID, n int) error {
	start, end := w.Lesson(time.Duration(24+n%200) * time.Hour)
	_, err := by.ProposeObservation(by.Ctx(), &pb.ProposeObservationRequest{
		Id: town.NewID().String(), RequestId: town.Req(), SchoolId: w.School.String(), ObserverId: by.ID, ObservedId: observed.String(), StartTime: start, EndTime: end,
	})
	return err
}
