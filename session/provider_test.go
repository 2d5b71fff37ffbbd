package session_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/school"
	"undring/session"
	"undring/session/providertest"
	"undring/town"
)

// townBy is a town whose people come from a provider, on the real clock.
func townBy(t *testing.T, p *session.Provider) *town.Town {
	t.Helper()
	w := town.NewBy(t, p)
	w.Clock.Set(time.Now())
	return w
}

func prove(w *town.Town, code *pb.AuthorizationCode) town.Outcome[*pb.SignInResponse] {
	return town.Try(w.Kari.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_AuthorizationCode{AuthorizationCode: code}, DeviceName: "nettbrett"}))
}

// For what is one's own the provider has to have asked somebody just now: a browser that is still
// signed in there gets a code without a word.
func TestASignInForOwnDataIsOneThatAsked(t *testing.T) {
	t.Parallel()
	issuer, redirect := providertest.New(t)
	w := townBy(t, &session.Provider{ID: "test", Name: "Prøve", Issuer: issuer, ClientID: providertest.ClientID, RedirectURLs: []string{redirect}})
	option := town.Try(w.Kari.GetSignInOptions(context.Background(), &pb.GetSignInOptionsRequest{})).OK(t).GetProviders()[0]
	w.SQL("update person set email = 'test-user@zitadel.ch' where id = $1", w.Kari.ID)
	enter := func(forOwnData bool) town.Outcome[*pb.SignInResponse] {
		proof := &pb.SignInRequest_AuthorizationCode{AuthorizationCode: providertest.SignIn(t, option, redirect)}
		return town.Try(w.Kari.SignIn(context.Background(), &pb.SignInRequest{Proof: proof, ForOwnData: forOwnData}))
	}
	enter(true).OK(t)
	w.Clock.Set(w.Clock.Now().Add(school.OwnDataTime + time.Minute)) // the provider's clock stands: it asked long ago
	enter(true).Refused(t, codes.FailedPrecondition, "SIGN_IN_AGAIN")
	enter(false).OK(t)
}

// G22: sign-in at a real provider, with code, PKCE, state and nonce. Who is not in
// the roster gets in nowhere; who has come once is known by issuer and subject.
func TestG22SignInAtARealProvider(t *testing.T) {
	t.Parallel()
	issuer, redirect := providertest.New(t)
	w := townBy(t, &session.Provider{ID: "test", Name: "Prøve", Issuer: issuer, ClientID: providertest.ClientID, RedirectURLs: []string{redirect}})
	option := town.Try(w.Kari.GetSignInOptions(context.Background(), &pb.GetSignInOptionsRequest{})).OK(t).GetProviders()[0]

	// Nobody of the roster has the address.
	prove(w, providertest.SignIn(t, option, redirect)).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")

	w.SQL("update person set email = 'Test-User@zitadel.ch' where id = $1", w.Kari.ID)
	code := providertest.SignIn(t, option, redirect)
	in := prove(w, code).OK(t)
	if in.GetPerson().GetId() != w.Kari.ID {
		t.Fatalf("who came in is %v", in.GetPerson())
	}
	phone := &device{Person: w.Kari, access: in.GetAccessToken(), refresh: in.GetRefreshToken()}
	if err := phone.me(); err != nil {
		t.Error(err)
	}
	prove(w, code).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN") // a code counts once

	// Another gets the address: it names nobody any more.
	w.SQL("update person set email = '' where id = $1", w.Kari.ID)
	w.SQL("update person set email = 'test-user@zitadel.ch' where id = $1", w.Ola.ID)
	if in := prove(w, providertest.SignIn(t, option, redirect)).OK(t); in.GetPerson().GetId() != w.Kari.ID {
		t.Errorf("who came in is %v", in.GetPerson())
	}

	for name, change := range map[string]func(*pb.AuthorizationCode){
		"another verifier": func(c *pb.AuthorizationCode) { c.CodeVerifier = providertest.Random() },
		"another nonce":    func(c *pb.AuthorizationCode) { c.Nonce = providertest.Random() },
		"another code":     func(c *pb.AuthorizationCode) { c.Code = providertest.Random() },
		"another way back": func(c *pb.AuthorizationCode) { c.RedirectUrl = "https://evil.example/back" },
	} {
		c := providertest.SignIn(t, option, redirect)
		change(c)
		t.Log(name)
		prove(w, c).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	}
	c := providertest.SignIn(t, option, redirect)
	c.ProviderId = "other"
	prove(w, c).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	w.SQL("update person set active = false where id = $1", w.Kari.ID)
	prove(w, providertest.SignIn(t, option, redirect)).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}

// wrongProvider answers as it is told to: a real one does not do what is tried
// here.
type wrongProvider struct {
	*httptest.Server
	key      *rsa.PrivateKey
	token    func(nonce string, claims jwt.MapClaims) string // instead of the ID token
	status   int                                             // of the token endpoint
	claims   map[string]any                                  // changes of the claims; nil: left out
	info     map[string]any                                  // of the user info endpoint
	noAnswer bool
	noKeys   bool
	issuer   string // what it says of itself; empty: its address
}

const wrongNonce = "nonce-nonce-nonce"

func newWrongProvider(t *testing.T) *wrongProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &wrongProvider{key: key}
	mux := http.NewServeMux()
	say := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if p.noAnswer {
			http.Error(w, "gone", http.StatusBadGateway)
			return
		}
		issuer := p.URL
		if p.issuer != "" {
			issuer = p.issuer
		}
		say(w, map[string]any{"issuer": issuer, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"userinfo_endpoint": p.URL + "/info", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		if p.noKeys {
			say(w, map[string]any{"keys": []any{}})
			return
		}
		say(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": "AQAB"}}})
	})
	mux.HandleFunc("/info", func(w http.ResponseWriter, _ *http.Request) { say(w, p.info) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		if p.status != 0 {
			http.Error(w, `{"error":"invalid_grant"}`, p.status)
			return
		}
		claims := jwt.MapClaims{"iss": p.URL, "aud": providertest.ClientID, "sub": "kari-1", "nonce": wrongNonce, "email": "kari@fjordvik.example", "email_verified": true,
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
		for k, v := range p.claims {
			if claims[k] = v; v == nil {
				delete(claims, k)
			}
		}
		reply := map[string]any{"access_token": "a", "token_type": "Bearer"}
		if p.token == nil {
			reply["id_token"] = p.sign(t, jwt.SigningMethodRS256, key, claims)
		} else if token := p.token(wrongNonce, claims); token != "" {
			reply["id_token"] = token
		}
		say(w, reply)
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *wrongProvider) sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "1"
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// G22: Feide, as its documentation says that it answers: the token says the
// subject alone, and no address is verified. The Feide name names somebody; an
// address, which any owner's directory can hold, does not.
func TestG22FeidesAnswer(t *testing.T) {
	t.Parallel()
	const name = "https://n.feide.no/claims/eduPersonPrincipalName"
	for who, tc := range map[string]struct{ feideName, address, reason string }{
		"one of the roster":                   {"kari@fjordvik.example", "k.berg@elsewhere.example", ""},
		"another owner's, by Kari's address":  {"thief@elsewhere.example", "kari@fjordvik.example", "NOT_SIGNED_IN"},
		"a guest without a Feide name at all": {"", "kari@fjordvik.example", "NOT_SIGNED_IN"},
	} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			p := newWrongProvider(t)
			p.claims = map[string]any{"email": nil, "email_verified": nil}
			p.info = map[string]any{"sub": "kari-1", "email": tc.address, "email_verified": false, "https://n.feide.no/claims/userid_sec": []string{"feide:" + tc.feideName}}
			if tc.feideName != "" {
				p.info[name] = tc.feideName
			}
			w := townBy(t, &session.Provider{ID: "feide", Name: "Feide", Issuer: p.URL, ClientID: providertest.ClientID, Claim: name, RedirectURLs: []string{"https://undring.example/back"}})
			reply := prove(w, &pb.AuthorizationCode{ProviderId: "feide", Code: "c", CodeVerifier: providertest.Random(), RedirectUrl: "https://undring.example/back", Nonce: wrongNonce})
			if tc.reason != "" {
				reply.Refused(t, codes.Unauthenticated, tc.reason)
			} else if in := reply.OK(t); in.GetPerson().GetId() != w.Kari.ID {
				t.Errorf("who came in is %v", in.GetPerson())
			}
		})
	}
}

// G22: a provider that answers wrongly, in each way.
func TestG22AProviderThatAnswersWrongly(t *testing.T) {
	t.Parallel()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		wrong  func(*wrongProvider)
		code   codes.Code
		reason string // empty: it lets in
	}{
		"as it should be":         {func(*wrongProvider) {}, codes.OK, ""},
		"no ID token":             {func(p *wrongProvider) { p.token = func(string, jwt.MapClaims) string { return "" } }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"nonsense for a token":    {func(p *wrongProvider) { p.token = func(string, jwt.MapClaims) string { return "x.y.z" } }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"another issuer":          {func(p *wrongProvider) { p.claims = map[string]any{"iss": "https://evil.example"} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"another audience":        {func(p *wrongProvider) { p.claims = map[string]any{"aud": "other"} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"a token that is over":    {func(p *wrongProvider) { p.claims = map[string]any{"exp": time.Now().Add(-time.Hour).Unix()} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"another nonce":           {func(p *wrongProvider) { p.claims = map[string]any{"nonce": "other"} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"no nonce":                {func(p *wrongProvider) { p.claims = map[string]any{"nonce": nil} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"an address not verified": {func(p *wrongProvider) { p.claims = map[string]any{"email_verified": false} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"not verified, as text":   {func(p *wrongProvider) { p.claims = map[string]any{"email_verified": "false"} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"verified, of another address": {func(p *wrongProvider) {
			p.claims = map[string]any{"email": nil, "email_verified": true}
			p.info = map[string]any{"sub": "kari-1", "email": "kari@fjordvik.example"}
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"a list of two addresses": {func(p *wrongProvider) {
			p.claims = map[string]any{"email": []string{"kari@fjordvik.example", "ola@fjordvik.example"}}
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"a Kelvin sign for a k": {func(p *wrongProvider) { p.claims = map[string]any{"email": "\u212aari@fjordvik.example"} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"no address at all":     {func(p *wrongProvider) { p.claims = map[string]any{"email": nil} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"the address elsewhere": {func(p *wrongProvider) {
			p.claims = map[string]any{"email": nil, "email_verified": nil}
			p.info = map[string]any{"sub": "kari-1", "email": "kari@fjordvik.example", "email_verified": true}
		}, codes.OK, ""},
		"somebody else's address elsewhere": {func(p *wrongProvider) {
			p.claims = map[string]any{"email": nil, "email_verified": nil}
			p.info = map[string]any{"sub": "ola-1", "email": "kari@fjordvik.example", "email_verified": true}
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"another key": {func(p *wrongProvider) {
			p.token = func(_ string, c jwt.MapClaims) string { return p.sign(t, jwt.SigningMethodRS256, other, c) }
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"HS256 with its public key": {func(p *wrongProvider) {
			p.token = func(_ string, c jwt.MapClaims) string { return p.sign(t, jwt.SigningMethodHS256, p.key.N.Bytes(), c) }
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"unsigned": {func(p *wrongProvider) {
			p.token = func(_ string, c jwt.MapClaims) string {
				return p.sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, c)
			}
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"no subject":            {func(p *wrongProvider) { p.claims = map[string]any{"sub": ""} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"a subject without end": {func(p *wrongProvider) { p.claims = map[string]any{"sub": strings.Repeat("x", 10_000)} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"no end":                {func(p *wrongProvider) { p.claims = map[string]any{"exp": nil} }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"another's audience besides": {func(p *wrongProvider) {
			p.claims = map[string]any{"aud": []string{"other", "another"}}
		}, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"no keys":                 {func(p *wrongProvider) { p.noKeys = true }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"its name is not its own": {func(p *wrongProvider) { p.issuer = "https://evil.example" }, codes.ResourceExhausted, "OVERLOADED"},
		"a code refused":          {func(p *wrongProvider) { p.status = http.StatusBadRequest }, codes.Unauthenticated, "NOT_SIGNED_IN"},
		"it fails":                {func(p *wrongProvider) { p.status = http.StatusInternalServerError }, codes.ResourceExhausted, "OVERLOADED"},
		"it does not answer":      {func(p *wrongProvider) { p.noAnswer = true }, codes.ResourceExhausted, "OVERLOADED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newWrongProvider(t)
			w := townBy(t, &session.Provider{ID: "wrong", Name: "Feil", Issuer: p.URL, ClientID: providertest.ClientID, RedirectURLs: []string{"https://undring.example/back"}})
			tc.wrong(p)
			reply := prove(w, &pb.AuthorizationCode{ProviderId: "wrong", Code: "c", CodeVerifier: providertest.Random(), RedirectUrl: "https://undring.example/back", Nonce: wrongNonce})
			if tc.reason == "" {
				reply.OK(t)
				return
			}
			reply.Refused(t, tc.code, tc.reason)
			for _, word := range []string{"kari@", "kari-1"} {
				if strings.Contains(w.Log.String(), word) {
					t.Errorf("the log holds %q", word)
				}
			}
		})
	}
}
