package server_test

import (
	"context"
	"sync"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/town"
)

// A thief with a stolen phone asks for its sessions as often as they can, on connections
// that are kept for shutting thieves out. The owner's turn comes all the same: places there
// go round by session.
func TestAThiefsFloodDoesNotKeepTheOwnerFromEndingTheirSession(t *testing.T) {
	t.Parallel()
	w := town.NewWith(t, postgres.Options{MaxConns: 4})
	stolen := town.Try(w.Kari.ListSessions(w.Kari.Ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions()[0].GetId()
	thief, stop := context.WithCancel(w.Kari.Ctx())
	defer stop()
	w.Kari.SignInAnew() // on another phone
	owner := w.Kari.Ctx()

	// Whatever reads sessions is slow from here on.
	w.SQL(`create function public.slowly() returns boolean language plpgsql as $$ begin perform pg_sleep(0.1); return true; end $$`)
	w.SQL("grant execute on function public.slowly() to undring_app")
	w.SQL("create policy slowly on session as restrictive for select to undring_app using (public.slowly())")
	var flood sync.WaitGroup
	for range 60 {
		flood.Go(func() {
			for thief.Err() == nil {
				if _, err := w.Kari.ListSessions(thief, &pb.ListSessionsRequest{}); err != nil {
					time.Sleep(time.Millisecond) // told to come back, it does so at once
				}
			}
		})
	}
	for until := time.Now().Add(time.Minute); town.One[int](w, "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") < 1; {
		if time.Now().After(until) {
			t.Fatal("nothing is slow: the flood is none")
		}
		time.Sleep(5 * time.Millisecond)
	}
	town.Try(w.Kari.RevokeSession(owner, &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: stolen})).OK(t)
	if town.One[string](w, "select coalesce(end_reason, '') from session where id = $1", stolen) != "REVOKED" {
		t.Error("the stolen phone is not shut out")
	}
	stop()
	flood.Wait()
}
