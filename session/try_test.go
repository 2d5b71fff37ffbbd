package session_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/session"
	"undring/session/providertest"
	"undring/town"
)

// An administrator tries the sign-in: what the provider says is told, and who it would be;
// nobody is signed in, nothing is kept. Sign-ins that come to nothing are counted by kind.
func TestTheSignInIsTried(t *testing.T) {
	t.Parallel()
	issuer, redirect := providertest.New(t)
	w := townBy(t, &session.Provider{ID: "test", Name: "Prøve", Issuer: issuer, ClientID: providertest.ClientID, RedirectURLs: []string{redirect}})
	desk := pb.NewAdminServiceClient(w.Conn)
	option := town.Try(w.Kari.GetSignInOptions(t.Context(), &pb.GetSignInOptionsRequest{})).OK(t).GetProviders()[0]
	try := func(change func(*pb.AuthorizationCode)) *pb.TestSignInResponse {
		t.Helper()
		code := providertest.SignIn(t, option, redirect)
		if change != nil {
			change(code)
		}
		return town.Try(desk.TestSignIn(w.Arne.Ctx(), &pb.TestSignInRequest{AuthorizationCode: code})).OK(t)
	}
	want := func(got *pb.TestSignInResponse, outcome pb.TestSignInOutcome, name string) {
		t.Helper()
		if got.GetOutcome() != outcome || got.GetPersonName() != name {
			t.Errorf("it would be %s %q, want %s %q", got.GetOutcome(), got.GetPersonName(), outcome, name)
		}
	}
	got := try(nil)
	want(got, pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_NOT_IN_ROSTER, "")
	if got.GetAddress() != "test-user@zitadel.ch" || got.GetClaims()["sub"] == "" || got.GetClaims()["email"] != got.GetAddress() {
		t.Errorf("what the provider said: %q, %v", got.GetAddress(), got.GetClaims())
	}
	want(try(func(c *pb.AuthorizationCode) { c.CodeVerifier = providertest.Random() }), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_REFUSED, "")
	want(try(func(c *pb.AuthorizationCode) { c.ProviderId = "other" }), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_UNKNOWN_PROVIDER, "")

	// Somebody of the list who has not come in yet; then two; then one who has come in otherwise.
	keep, other := w.Twins()
	w.SQL("update person set email = 'Test-User@zitadel.ch', given_name = 'Eva', family_name = 'Rud' where id = $1", keep)
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_SOMEBODY_ELSE, "Eva Rud")
	w.SQL("update person set email = 'test-user@zitadel.ch' where id = $1", other)
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_SEVERAL, "")
	w.SQL("update person set email = '' where id in ($1, $2)", keep, other)
	w.SQL("update person set email = 'test-user@zitadel.ch' where id = $1", w.Arne.ID)
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_YOU, "Arne Hagen")
	w.SQL("insert into sign_in_link (owner_id, issuer, subject, person_id, created_at) values ($1, 'https://before.example', 'arne', $2, $3)", w.Owner, w.Arne.ID, w.Clock.Now())
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_WAITS, "Arne Hagen")
	// Another sign-in may take the place of his, by an administrator's wish that he has agreed to:
	// it would let him in now, as a sign-in does.
	town.Try(w.Arne.RelinkPerson(w.Arne.Ctx(), &pb.RelinkPersonRequest{RequestId: town.Req(), PersonId: w.Arne.ID})).OK(t)
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_WAITS, "Arne Hagen")
	w.SQL("update identity_change set agreed = true where kind = 'RELINK'")
	want(try(nil), pb.TestSignInOutcome_TEST_SIGN_IN_OUTCOME_YOU, "Arne Hagen")
	if n := town.One[int](w, "select count(*)::int from identity_change where kind = 'RELINK' and outcome is not null"); n != 0 {
		t.Error("trying has used the wish up")
	}
	if n := town.One[int](w, "select count(*)::int from identity_change where kind = 'LINK'") + town.One[int](w, "select count(*)::int from sign_in_link"); n != 1 {
		t.Errorf("trying has left %d ways to sign in behind", n-1)
	}

	if h := town.Try(desk.GetDeliveryHealth(w.Arne.Ctx(), &pb.GetDeliveryHealthRequest{})).OK(t); len(h.GetSignInFailures()) != 0 || h.GetDatabaseBytes() == 0 {
		t.Errorf("trying is no sign-in that failed: %v", h)
	}
	w.SQL("update person set email = '' where id = $1", w.Arne.ID)
	for range 2 {
		if prove(w, providertest.SignIn(t, option, redirect)).Err == nil {
			t.Error("somebody whom the roster does not know came in")
		}
	}
	h := town.Try(desk.GetDeliveryHealth(w.Arne.Ctx(), &pb.GetDeliveryHealthRequest{})).OK(t)
	if len(h.GetSignInFailures()) != 1 || !proto.Equal(h.GetSignInFailures()[0], &pb.SignInFailures{Date: h.GetSignInFailures()[0].GetDate(), Kind: "NOT_IN_ROSTER", Count: 2}) {
		t.Errorf("two that failed: %v", h.GetSignInFailures())
	}
}
