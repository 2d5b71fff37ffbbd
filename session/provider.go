package session

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	pb "undring/gen/undring/v1"
	"undring/refusal"
)

const (
	// providerTime is how long a provider may take for one answer. A person waits for it
	// with a browser open.
	providerTime = 5 * time.Second
	// providerRest is how long one that did not answer is let alone. Otherwise each sign-in
	// would wait for the full time while it is down.
	providerRest = 10 * time.Second
	// optionsTime is how long the ways to sign in wait for providers that have not said yet
	// where they are. Without its address a way is listed all the same, and can be taken a
	// little later.
	optionsTime = time.Second
	// mostUnderWay is how many sign-ins at one provider are under way at once: those
	// at one that is slow keep nobody else from theirs.
	mostUnderWay = 16
	// maxSubject is how long a subject may be (OpenID Connect Core, 2). The database bears
	// 500; the standard's limit is held here, before anything is asked.
	maxSubject = 255
)

// Provider is an OpenID Connect provider that people of one school owner come
// from. A file of them is what UNDRING_SIGN_IN names.
type Provider struct {
	ID           string    `json:"id"`     // in links; small letters, digits, hyphens
	Name         string    `json:"name"`   // what people know it by
	Issuer       string    `json:"issuer"` // as it names itself
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret"` // empty: a public client
	Owner        uuid.UUID `json:"owner"`         // whose people come from there
	RedirectURLs []string  `json:"redirect_urls"`
	Scopes       []string  `json:"scopes"` // empty: openid, profile, email
	// Claim names somebody at their first sign-in: its value is looked for among
	// the e-mail addresses of the roster. Empty: email. After that, issuer and
	// subject say who it is.
	Claim string `json:"claim"`
	// TrustEmail takes an address that the provider does not say it has verified:
	// for one that hands out the addresses itself.
	TrustEmail bool `json:"trust_email"`
	// Contact is whom to ask, told to whoever the roster does not know: a name, an
	// address, a telephone number. Empty: the school's administrator.
	Contact string `json:"contact"`

	// Guards what follows. What stands above comes from a file and is never changed.
	mu         sync.Mutex
	discovered *oidc.Provider
	failed     time.Time // when it last did not answer
	failure    error
	asking     chan struct{} // closed when the answer has come; nil: nobody asks
	under      int           // sign-ins under way
}

// Check says everything that is missing. All at once: whoever sets a server up mends a file
// once. It runs before the server starts.
func (p *Provider) Check() error {
	var missing []error
	for name, value := range map[string]string{"id": p.ID, "name": p.Name, "issuer": p.Issuer, "client_id": p.ClientID} {
		if value == "" {
			missing = append(missing, fmt.Errorf("%s is not set", name))
		}
	}
	if p.Owner == uuid.Nil {
		missing = append(missing, errors.New("owner is not set: the id of the school owner whose people come from there"))
	}
	if len(p.RedirectURLs) == 0 {
		missing = append(missing, errors.New("redirect_urls is empty: where the provider may send the browser back to"))
	}
	return errors.Join(missing...)
}

// scopes is what is asked of the provider: no more than who somebody is and their
// address.
func (p *Provider) scopes() []string {
	if len(p.Scopes) > 0 {
		return p.Scopes
	}
	return []string{oidc.ScopeOpenID, "profile", "email"}
}

// providerClient makes every call to a provider: Go's default client would wait for ever.
var providerClient = &http.Client{Timeout: providerTime}

// discover asks the provider for its addresses, once; its keys are fetched when
// one is met that is not known yet. A provider that is down is asked again a while
// later. It waits for the answer as long as ctx does; nobody waits for another
// provider's.
func (p *Provider) discover(ctx context.Context, now time.Time) (*oidc.Provider, error) {
	p.mu.Lock()
	if p.discovered != nil {
		defer p.mu.Unlock()
		return p.discovered, nil
	}
	if p.asking == nil {
		if p.failure != nil && now.Sub(p.failed) < providerRest {
			defer p.mu.Unlock()
			return nil, p.failure
		}
		// One question for all who wait: a school that signs in at eight must not ask
		// thirty times.
		p.asking = make(chan struct{})
		// The keys are fetched later by the same context: it must outlive the call.
		go p.ask(oidc.ClientContext(context.WithoutCancel(ctx), providerClient), now, p.asking)
	}
	asking := p.asking
	p.mu.Unlock()
	select {
	case <-asking:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.discovered, p.failure
}

// ask asks the provider once, on behalf of all who wait.
func (p *Provider) ask(ctx context.Context, now time.Time, asking chan struct{}) {
	// It checks that the issuer in the answer is the one that was asked for (OpenID Connect
	// Discovery, 4.3).
	found, err := oidc.NewProvider(ctx, p.Issuer)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.discovered, p.failure = found, nil; err != nil {
		p.failed, p.failure = now, fmt.Errorf("asking the provider %s for its addresses: %w", p.ID, err)
	}
	p.asking = nil
	close(asking)
}

// encode is the provider as the app needs it. Where discovery fails, the address to sign in at
// is missing, and the app says that the provider does not answer.
func (p *Provider) encode(ctx context.Context, now time.Time) *pb.SignInProvider {
	out := &pb.SignInProvider{Id: p.ID, Name: p.Name, Issuer: p.Issuer, ClientId: p.ClientID, Scopes: p.scopes(), RedirectUrls: p.RedirectURLs}
	if found, err := p.discover(ctx, now); err == nil {
		out.AuthorizationEndpoint = found.Endpoint().AuthURL
	}
	return out
}

// begin takes a place among the sign-ins under way at this provider, and is false where there
// is none: a provider that is silent would else hold up those of all others.
func (p *Provider) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.under >= mostUnderWay {
		return false
	}
	p.under++
	return true
}

// end gives the place back.
func (p *Provider) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under--
}

// identity is who somebody is at a provider.
type identity struct {
	issuer, subject string
	address         string         // what the roster may know them by; empty: nothing that can be trusted
	asked           *time.Time     // when the provider had them prove themselves; nil: it does not say
	claims          map[string]any // what the provider said, for whoever tries the sign-in
}

// identify trades a code for who it stands for. Whatever is wrong with the code
// or the answer: NOT_SIGNED_IN. A provider that does not answer: OVERLOADED, try
// again.
// Complex because each check of the standard is one condition, and all of them have to
// hold; split up, one could be left out unnoticed.
func (p *Provider) identify(ctx context.Context, code *pb.AuthorizationCode, now func() time.Time) (identity, error) {
	// The provider checks it too; here it keeps a code that was caught at another address
	// from being traded.
	if !slices.Contains(p.RedirectURLs, code.GetRedirectUrl()) {
		return identity{}, notProven(errors.New("the redirect URL is not one of the provider's"))
	}
	// Before anything is asked of the provider: those that are turned away cost it nothing.
	if !p.begin() {
		return identity{}, unreachable(errors.New("too many sign-ins at the provider are under way"))
	}
	defer p.end()
	found, err := p.discover(ctx, now())
	if err != nil {
		return identity{}, unreachable(err)
	}
	if !p.answered(found, code.GetIssuer()) {
		return identity{}, notProven(errors.New("the answer is another provider's"))
	}
	ctx = oidc.ClientContext(ctx, providerClient)
	config := oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: code.GetRedirectUrl()}
	token, err := config.Exchange(ctx, code.GetCode(), oauth2.VerifierOption(code.GetCodeVerifier()))
	// An error of 500 and more is the provider's own, and the code may still be good;
	// anything below is a judgement on the code.
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		if refused.Response != nil && refused.Response.StatusCode >= 500 {
			return identity{}, unreachable(errors.New("the provider failed at its token endpoint"))
		}
		return identity{}, notProven(errors.New("the provider refused the code"))
	}
	if err != nil {
		return identity{}, unreachable(err)
	}
	raw, there := token.Extra("id_token").(string)
	if !there {
		return identity{}, notProven(errors.New("the provider gave no ID token"))
	}
	said, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: now}).Verify(ctx, raw)
	if err != nil {
		return identity{}, notProven(errors.New("the ID token is not good"))
	}
	// The nonce ties the ID token to the browser that began: a token taken from another
	// sign-in is refused (OpenID Connect Core, 3.1.3.7).
	if subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(code.GetNonce())) != 1 {
		return identity{}, notProven(errors.New("the ID token is for another sign-in"))
	}
	if said.Subject == "" || len(said.Subject) > maxSubject {
		return identity{}, notProven(errors.New("the ID token names nobody"))
	}
	claims := map[string]any{}
	who := identity{issuer: said.Issuer, subject: said.Subject, claims: claims}
	if err := said.Claims(&claims); err != nil {
		return identity{}, notProven(errors.New("the ID token can't be read"))
	}
	if at, says := claims["auth_time"].(float64); says {
		asked := time.Unix(int64(at), 0)
		who.asked = &asked
	}
	if who.address = p.address(claims); who.address == "" && found.UserInfoEndpoint() != "" {
		// Many tell no more than the subject in the token itself. What one of the two
		// says of an address is said of no other's.
		info, err := found.UserInfo(ctx, config.TokenSource(ctx, token))
		more := map[string]any{}
		if err == nil && info.Subject == said.Subject && info.Claims(&more) == nil {
			who.address = p.address(more)
			maps.Copy(claims, more)
		}
	}
	return who, nil
}

// answered says whether the answer that brought the code is this provider's (RFC 9207):
// it says so, or neither does the provider say that its answers do.
func (p *Provider) answered(found *oidc.Provider, issuer string) bool {
	if issuer != "" {
		return issuer == p.Issuer
	}
	var says struct {
		Always bool `json:"authorization_response_iss_parameter_supported"`
	}
	return found.Claims(&says) == nil && !says.Always
}

// address is the claim that names somebody, where it can be relied upon. Some say a
// value as a list of one, and true as a text.
func (p *Provider) address(claims map[string]any) string {
	name := p.Claim
	if name == "" {
		name = "email"
	}
	address, _ := alone(claims[name]).(string)
	if name == "email" && !p.TrustEmail && !isTrue(claims["email_verified"]) {
		return ""
	}
	return strings.TrimSpace(address)
}

// alone is a value, or the only one of a list. Of several, none: which of two addresses
// somebody goes by is not for the server to guess.
func alone(v any) any {
	if list, is := v.([]any); is {
		if len(list) != 1 {
			return nil
		}
		return list[0]
	}
	return v
}

// isTrue reads a claim that providers send as a boolean or as text.
func isTrue(v any) bool {
	switch v := alone(v).(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	}
	return false
}

// notProven says what was wrong to the log alone. Which check failed would help whoever
// forges an answer.
func notProven(err error) error { return &refusal.Refusal{Reason: refusal.NotSignedIn, Err: err} }

// unreachable says that the provider, not the person, has failed: they may try again.
// OVERLOADED with when to come back, so that the app tries again by itself and does not
// send the person to the administrator.
func unreachable(err error) error {
	r := refusal.New(refusal.Overloaded)
	r.RetryAfter, r.Err = providerTime, err
	return r
}
