package notify_test

import (
	"context"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/server"
	"undring/town"
)

// said lists what somebody's list says, the newest first, without what is read.
func unread(w *town.Town, p *town.Person) []string {
	w.T.Helper()
	var out []string
	for _, n := range town.Try(p.ListNotifications(p.Ctx(), &pb.ListNotificationsRequest{})).OK(w.T).GetNotifications() {
		if !n.GetRead() {
			out = append(out, n.GetKind().String()[len("NOTIFICATION_KIND_"):]+" "+n.GetWhat())
		}
	}
	return out
}

// A proposal is told to the one it waits for, and to nobody else; answered, it is told no
// more.
func TestOnlyTheOneWhoseMoveItIs(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour)
	for range 3 { // as often as one likes
		w.Look(w.Kari)
		w.Look(w.Ola)
		w.Look(w.Nils)
	}
	if got := unread(w, w.Ola); len(got) != 1 || got[0] != "PROPOSAL SET_FOCUS" {
		t.Errorf("Ola, who is asked, is told %q", got)
	}
	if got := append(unread(w, w.Kari), unread(w, w.Nils)...); len(got) != 0 {
		t.Errorf("who waits, and who has nothing to do with it, are told %q", got)
	}
	v.Agree()
	w.Look(w.Ola)
	w.Look(w.Kari)
	if got := unread(w, w.Ola); len(got) != 0 {
		t.Errorf("what is answered is still told: %q", got)
	}
	if got := unread(w, w.Kari); len(got) != 1 || got[0] != "CHANGED ACCEPT" {
		t.Errorf("Kari, who asked, is told %q", got)
	}
}

// work lets a server do what is due until the test is over.
func work(t *testing.T, s *server.Server) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Notify(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
}

// settled waits until no job is due by the town's clock. What failed for the moment, since the database was
// busy, would be tried again a second later: by a clock that stands still it is tried at once.
func settled(t *testing.T, w *town.Town) {
	t.Helper()
	const again = `
		update river.river_job set scheduled_at = $1
		where (state = 'retryable' or state = 'available' and attempt > 0) and scheduled_at > $1`
	const due = `
		select count(*)::int from river.river_job
		where state = 'running' or state in ('available', 'retryable', 'scheduled') and scheduled_at <= $1`
	for {
		w.SQL(again, w.Clock.Now())
		if town.One[int](w, due, w.Clock.Now()) == 0 {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal("what is due is not done")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A change calls for its job by itself, and however many servers work, what is told is
// told once. The reminder that waits comes when its time has come.
func TestAChangeIsToldByWhateverServerWorks(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	sends(t, w, 3)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour)
	settled(t, w)
	if got := unread(w, w.Ola); len(got) != 1 || got[0] != "PROPOSAL SET_FOCUS" {
		t.Errorf("Ola, who is asked, is told %q", got)
	}
	v.Agree()
	settled(t, w)
	// On the afternoon before the lesson, and not earlier.
	before := time.Date(2026, 11, 10, 15, 0, 0, 0, oslo)
	w.Clock.Set(before.Add(-time.Second))
	settled(t, w)
	if got := unread(w, w.Kari); len(got) != 1 || got[0] != "CHANGED ACCEPT" {
		t.Errorf("a second too early, Kari is told %q", got)
	}
	w.Clock.Set(before)
	settled(t, w)
	if got := unread(w, w.Kari); len(got) != 2 || got[0] != "VISIT_AHEAD VISIT" {
		t.Errorf("on the eve of the lesson, Kari is told %q", got)
	}
	if n := town.One[int](w, "select count(*)::int from notice"); n != 3 {
		t.Errorf("of three things to tell, %d are told", n)
	}
}
