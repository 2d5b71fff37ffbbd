package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/town"
)

// slowDown makes each request that keeps somebody from suggestions take so long in
// the database, however fast the machine is.
func slowDown(w *town.Town, seconds float64) {
	w.T.Helper()
	w.SQL(`create or replace function public.slow() returns trigger language plpgsql as $$
		begin
			if new.rpc = 'KeepFromSuggestions' then perform pg_sleep(` + strconv.FormatFloat(seconds, 'f', -1, 64) + `); end if;
			return new;
		end $$`)
	w.SQL("grant execute on function public.slow() to undring_app")
	w.SQL("create or replace trigger slow before insert on request for each row execute function public.slow()")
}

// answered is how long a call took, and what came of it.
type answered struct {
	took time.Duration
	err  error
}

// flood makes so many calls a second for a time, whether or not those before are
// answered.
func flood(w *town.Town, rate int, span time.Duration) []answered {
	ctx := w.Kari.Ctx()
	n := int(span.Seconds() * float64(rate))
	out := make([]answered, n)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range out {
		time.Sleep(time.Until(begun.Add(time.Duration(i) * time.Second / time.Duration(rate))))
		all.Go(func() {
			sent := time.Now()
			_, err := w.Kari.KeepFromSuggestions(ctx, &pb.KeepFromSuggestionsRequest{PersonId: w.Nils.ID, RequestId: town.Req(), TakeBack: i%2 == 1})
			out[i] = answered{time.Since(sent), err}
		})
	}
	all.Wait()
	return out
}

// G14, R28: four times as many calls as it can bear. Who is let in is served soon,
// the others are told at once when to come back, and afterwards all is as before.
func TestG14OverloadIsShed(t *testing.T) {
	t.Parallel()
	const conns, each = 2, 0.1 // so it bears 20 calls a second
	w := town.NewWith(t, postgres.Options{MaxConns: conns})
	slowDown(w, each)
	capacity := int(conns / each)
	var served []time.Duration
	shed := 0
	for _, a := range flood(w, 4*capacity, 4*time.Second) {
		switch status.Code(a.err) {
		case codes.OK:
			served = append(served, a.took)
		case codes.ResourceExhausted:
			shed++
			if !hasRetryInfo(a.err) {
				t.Fatalf("refused without a time to come back: %v", a.err)
			}
		default:
			t.Fatalf("neither served nor asked to come back: %v", a.err)
		}
	}
	slices.Sort(served)
	if len(served) < capacity || shed < capacity {
		t.Fatalf("%d served and %d refused of %d a second: no overload, or no service", len(served), shed, 4*capacity)
	}
	if p99 := served[len(served)*99/100]; p99 > time.Second {
		t.Errorf("p99 of what was served is %s, more than 1 s", p99)
	}
	for _, a := range flood(w, capacity/2, time.Second) {
		if a.err != nil {
			t.Fatalf("a second after the flood: %v", a.err)
		}
	}
}

func hasRetryInfo(err error) bool {
	_, later := town.Told(err)
	return later
}

// R29: every connection is taken by something slow. Health is told, a lost phone
// shut out, and the rest asked to come back.
func TestR29HealthAndSignOutGoOnWhenEveryConnectionIsTaken(t *testing.T) {
	t.Parallel()
	w := town.NewWith(t, postgres.Options{MaxConns: 2})
	old := town.Try(w.Kari.ListSessions(w.Kari.Ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions()[0].GetId()
	w.Kari.SignInAnew()
	slowDown(w, 4)
	ctx, cancel := context.WithCancel(w.Kari.Ctx())
	defer cancel()
	var slow sync.WaitGroup
	for range 2 {
		slow.Go(func() {
			for ctx.Err() == nil {
				_, _ = w.Kari.KeepFromSuggestions(ctx, &pb.KeepFromSuggestionsRequest{PersonId: w.Nils.ID, RequestId: town.Req()})
			}
		})
	}
	for town.One[int](w, "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'") < 2 {
		time.Sleep(5 * time.Millisecond)
	}
	begun := time.Now()
	admin := httptest.NewRecorder()
	w.Server.Admin().ServeHTTP(admin, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if admin.Code != http.StatusOK {
		t.Errorf("healthz: %d", admin.Code)
	}
	town.Try(w.Kari.RevokeSession(w.Kari.Ctx(), &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: old})).OK(t)
	if took := time.Since(begun); took > time.Second {
		t.Errorf("health and sign-out took %s", took)
	}
	reply, err := w.Kari.ListObservations(w.Kari.Ctx(), &pb.ListObservationsRequest{})
	town.Try(reply, err).Refused(t, codes.ResourceExhausted, "OVERLOADED")
	cancel()
	slow.Wait()
}
