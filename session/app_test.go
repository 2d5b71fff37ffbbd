package session_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// An administrator reads how many came by with which version: each session once a day, whatever
// an app says of itself, and for thirty days.
func TestVersionsOfAppsAreCounted(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL("delete from app_version")
	with := func(app string) context.Context {
		return metadata.AppendToOutgoingContext(context.Background(), "undring-app", app)
	}
	signIn := func(ctx context.Context, p *town.Person) *device {
		in := town.Try(p.SignIn(ctx, &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.ID}})).OK(t)
		return &device{Person: p, access: in.GetAccessToken(), refresh: in.GetRefreshToken()}
	}
	refresh := func(ctx context.Context, d *device) {
		d.refresh = town.Try(d.RefreshSession(ctx, &pb.RefreshSessionRequest{RefreshToken: d.refresh})).OK(t).GetRefreshToken()
	}
	kari, ola := signIn(with("web/abc_1-2"), w.Kari), signIn(with("web/abc_1-2"), w.Ola)
	signIn(with("<script> "+strings.Repeat("x", 60)), w.Nils)
	signIn(context.Background(), w.Liv)
	refresh(with("web/def"), kari) // the same day: counted already
	w.Clock.Set(w.Clock.Now().Add(24 * time.Hour))
	refresh(with("web/def"), kari)
	refresh(with("web/abc_1-2"), ola)
	refresh(with("web/def"), kari)

	arne := signIn(with("web/def"), w.Arne)
	seen := func() (out []string) {
		ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+arne.access)
		for _, a := range town.Try(w.Arne.GetDeliveryHealth(ctx, &pb.GetDeliveryHealthRequest{})).OK(t).GetAppVersions() {
			out = append(out, a.GetDate()+" "+a.GetApp()+" "+string(rune('0'+a.GetSessions())))
		}
		return out
	}
	want := []string{"2026-11-11 web/def 2", "2026-11-11 web/abc_1-2 1", "2026-11-10 OTHER 2", "2026-11-10 web/abc_1-2 2"}
	if got := seen(); !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}

	// Whoever makes up versions fills no table.
	w.SQL("insert into app_version (owner_id, day, app, sessions) select $1, '2026-11-11', 'made/' || n, 1 from generate_series(1, 60) n", w.Owner)
	signIn(with("web/new"), w.Nils)
	if got := seen(); !slices.Contains(got, "2026-11-11 OTHER 1") {
		t.Errorf("a version beyond the fiftieth of a day is counted by its name: %v", got)
	}

	w.Clock.Set(w.Clock.Now().Add(40 * 24 * time.Hour))
	if err := w.Server.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := town.Column(t, w.DB, "select app from app_version where day < '2026-12-01'"); len(left) > 0 {
		t.Errorf("what was in use long ago is still there: %v", left)
	}
}
