package session_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "undring/gen/undring/v1"
	"undring/postgres/pgtest"
	"undring/session"
)

// silent is a provider that takes connections and says nothing.
func silent(t *testing.T, id string) *session.Provider {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &session.Provider{ID: id, Name: id, Issuer: "http://" + l.Addr().String(), ClientID: "undring", Owner: uuid.New(), RedirectURLs: []string{"http://x/"}}
}

// What one provider does delays nobody who does not sign in there: the ways to sign in
// are told without it, and only so many wait for it.
func TestASilentProviderDelaysItsOwnPeopleAlone(t *testing.T) {
	t.Parallel()
	first, second := silent(t, "first"), silent(t, "second")
	s := session.NewService(session.Options{DB: pgtest.New(t).DB, Now: time.Now, NewID: uuid.New, Log: slog.New(slog.DiscardHandler), Providers: []*session.Provider{first, second}})
	signIn := func(ctx context.Context) error {
		_, err := s.SignIn(ctx, &pb.SignInRequest{Proof: &pb.SignInRequest_AuthorizationCode{AuthorizationCode: &pb.AuthorizationCode{
			ProviderId: "first", Code: "x", RedirectUrl: "http://x/"}}})
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	begun := time.Now()
	var turnedAway int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if signIn(ctx) != nil && time.Since(begun) < time.Second {
				mu.Lock()
				turnedAway++
				mu.Unlock()
			}
		})
	}
	for range 5 {
		asked := time.Now()
		options, err := s.GetSignInOptions(t.Context(), nil)
		if err != nil || len(options.GetProviders()) != 2 {
			t.Fatalf("the ways to sign in: %v, %v", options, err)
		}
		if took := time.Since(asked); took > 2500*time.Millisecond { // a second, and what a busy machine adds
			t.Errorf("the ways to sign in took %s", took)
		}
	}
	all.Wait()
	if turnedAway < 20 {
		t.Errorf("%d of 50 who sign in at a silent provider are asked to come back at once", turnedAway)
	}
}
