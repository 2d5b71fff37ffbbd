// Package providertest runs a real OpenID Connect provider for a test, and a
// browser that signs in there.
package providertest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	pb "undring/gen/undring/v1"
)

const (
	// ClientID is what a server is known by at the provider; it is a public client.
	ClientID = "undring"
	// Address is the verified address of the one user that signs in.
	Address = "test-user@zitadel.ch"

	back = "/back"
)

// New runs a provider, and gives its issuer and where it may send the browser back to.
func New(t testing.TB) (issuer, redirect string) {
	t.Helper()
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	issuer = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	redirect = issuer + back
	clients := map[string]*storage.Client{ClientID: storage.NativeClient(ClientID, redirect)}
	handler = exampleop.SetupServer(issuer+"/", storage.NewStorageWithClients(storage.NewUserStore(issuer+"/"), clients), nil, false)
	return issuer + "/", redirect
}

// Random is 32 bytes that nobody guesses: a verifier, a state, a nonce.
func Random() string {
	raw := make([]byte, 32)
	rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// browser goes where it is sent, as a phone's does, until it comes back.
func browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 10 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, back) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// SignIn sends a browser to the provider, fills in its form, and gives the proof
// that comes back.
func SignIn(t testing.TB, option *pb.SignInProvider, redirect string) *pb.AuthorizationCode {
	t.Helper()
	b := browser(t)
	verifier, state, nonce := Random(), Random(), Random()
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"response_type": {"code"}, "client_id": {option.GetClientId()}, "redirect_uri": {redirect}, "scope": {strings.Join(option.GetScopes(), " ")},
		"state": {state}, "nonce": {nonce}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	page, err := b.Get(option.GetAuthorizationEndpoint() + "?" + query.Encode())
	if err != nil {
		t.Fatalf("going to the provider: %v", err)
	}
	defer page.Body.Close()
	form, err := io.ReadAll(page.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := hiddenID.FindSubmatch(form)
	if found == nil {
		t.Fatalf("no form at %s: %s", page.Request.URL, form)
	}
	sent, err := b.PostForm(page.Request.URL.ResolveReference(&url.URL{Path: "/login/username"}).String(),
		url.Values{"id": {string(found[1])}, "username": {"test-user@localhost"}, "password": {"verysecure"}})
	if err != nil {
		t.Fatalf("filling in the form: %v", err)
	}
	defer sent.Body.Close()
	at, err := sent.Location()
	if err != nil {
		t.Fatalf("the provider does not send back: %s, %v", sent.Status, err)
	}
	if at.Query().Get("state") != state {
		t.Fatal("the provider came back with another state")
	}
	return &pb.AuthorizationCode{ProviderId: option.GetId(), Code: at.Query().Get("code"), CodeVerifier: verifier, RedirectUrl: redirect, Nonce: nonce}
}
