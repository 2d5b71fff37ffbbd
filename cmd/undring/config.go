package main

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"undring/notify"
	"undring/session"
	"undring/tracing"
)

// config is what `undring serve` needs to know. Everything in it has been checked: what is
// wrong with it is found before a port is opened.
type config struct {
	at        addresses
	keys      []ed25519.PrivateKey
	providers []*session.Provider
	proxies   []netip.Prefix
	outside   notify.Outside
}

// example is shown when something is missing.
const example = `
For example:

  openssl genpkey -algorithm ed25519 -out key.pem
  UNDRING_DATABASE_URL=postgres://undring_app@db/undring \
  UNDRING_KEY=key.pem \
  UNDRING_SIGN_IN=sign-in.json undring serve

with sign-in.json (left out: people sign in by invitation):

  [{"id": "feide", "name": "Feide", "issuer": "https://auth.dataporten.no",
    "client_id": "…", "client_secret": "…", "owner": "…",
    "redirect_urls": ["https://undring.example.no/sign-in"],
    "scopes": ["openid", "userid-feide", "userinfo-name"],
    "claim": "https://n.feide.no/claims/eduPersonPrincipalName"}]`

// readConfig reads the whole of it, and says everything that is missing or wrong at once.
// Environment and files are handed in, so that tests set none of their own process's.
func readConfig(getenv func(string) string, readFile func(string) ([]byte, error)) (config, error) {
	var c config
	var err error
	var wrong []error
	note := func(odd ...error) { wrong = append(wrong, odd...) }
	note(c.readAddresses(getenv)...)
	note(c.readKeys(getenv("UNDRING_KEY"), readFile)...)
	if name := getenv("UNDRING_SIGN_IN"); name != "" {
		note(c.readProviders(name, readFile)...)
	}
	// What follows is checked here although others check it as well: a server that can't
	// start should say so before it opens anything.
	if c.proxies, err = readProxies(getenv("UNDRING_TRUSTED_PROXIES")); err != nil {
		note(err)
	}
	outside, odd := readOutside(getenv, readFile, false)
	c.outside = outside
	note(odd...)
	if getenv("UNDRING_DEMO_CLOCK") != "" {
		note(errors.New("UNDRING_DEMO_CLOCK is set: it moves the time of the demo, and of the demo alone"))
	}
	if err := tracing.Check(getenv(tracing.Endpoint)); err != nil {
		note(err)
	}
	if len(wrong) > 0 {
		return c, fmt.Errorf("not configured:\n%w\n%s", errors.Join(wrong...), example)
	}
	return c, nil
}

// readAddresses reads where the database is, for each of the three roles. One address is
// enough where they share a password or none is needed; each can be given apart.
func (c *config) readAddresses(getenv func(string) string) (wrong []error) {
	app := getenv("UNDRING_DATABASE_URL")
	c.at, _ = derived(app)
	c.at.culture = cmp.Or(getenv("UNDRING_CULTURE_URL"), c.at.culture)
	c.at.metrics = cmp.Or(getenv("UNDRING_METRICS_URL"), c.at.metrics)
	switch {
	case app == "":
		wrong = append(wrong, errors.New("UNDRING_DATABASE_URL is not set: the address of the database, for the role undring_app"))
	case c.at.culture == "" || c.at.metrics == "":
		wrong = append(wrong, errors.New("UNDRING_DATABASE_URL is for another role than undring_app, and UNDRING_CULTURE_URL and UNDRING_METRICS_URL are not both set: the same database, for the roles undring_culture and undring_metrics"))
	}
	return wrong
}

// readKeys reads the keys that sign tokens, from files with commas between their names. The
// first one signs, the others still count: that is how a key is exchanged without signing
// anybody out. Every file is tried, so that two wrong keys are reported at once.
func (c *config) readKeys(files string, readFile func(string) ([]byte, error)) (wrong []error) {
	names := strings.FieldsFunc(files, func(r rune) bool { return r == ',' })
	if len(names) == 0 {
		return []error{errors.New("UNDRING_KEY is not set: the file of the Ed25519 key that signs tokens")}
	}
	for _, name := range names {
		raw, err := readFile(strings.TrimSpace(name))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("UNDRING_KEY: %w", err))
			continue
		}
		key, err := parseKey(raw)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("UNDRING_KEY: %s: %w", name, err))
			continue
		}
		c.keys = append(c.keys, key)
	}
	return wrong
}

// readProviders reads at whom people sign in, and checks each of them.
func (c *config) readProviders(name string, readFile func(string) ([]byte, error)) (wrong []error) {
	say := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("UNDRING_SIGN_IN: "+format, args...))
	}
	raw, err := readFile(name)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(raw))
		// A misspelled "redirect_urls" would otherwise be an empty one, found at the
		// first sign-in.
		decoder.DisallowUnknownFields()
		err = decoder.Decode(&c.providers)
	}
	if err != nil {
		say("%w", err)
	}
	seen := map[string]bool{}
	for i, p := range c.providers {
		// A null in the list is valid JSON.
		if p == nil {
			say("provider %d is null", i+1)
			continue
		}
		if err := p.Check(); err != nil {
			say("provider %d: %s", i+1, strings.ReplaceAll(err.Error(), "\n", "; "))
		}
		// Links and codes name a provider by its id: of two, the second could never be
		// reached.
		if seen[p.ID] {
			say("provider %d: its id %q is there twice", i+1, p.ID)
		}
		seen[p.ID] = true
	}
	return wrong
}

// readProxies reads addresses and networks, with commas between them. None: no
// X-Forwarded-For counts, or anybody could choose the address that limits are counted by.
func readProxies(text string) ([]netip.Prefix, error) {
	// Masked: 10.1.2.3/8 is meant as the network that it belongs to.
	var out []netip.Prefix
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(entry)
		if ip, isIP := netip.ParseAddr(entry); isIP == nil {
			p, err = ip.Prefix(ip.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("UNDRING_TRUSTED_PROXIES: %q is neither an address nor a network such as 10.0.0.0/8", entry)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
