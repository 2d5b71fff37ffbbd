package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"undring/session"
	"undring/tracing"
)

// config is what `undring serve` needs to know.
type config struct {
	at        addresses
	keys      []ed25519.PrivateKey
	providers []*session.Provider
	proxies   []netip.Prefix
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

// readConfig reads the whole of it, and tells everything that is missing or wrong
// at once.
// Complex because it says everything that is missing or wrong at once, one condition
// for each setting.
func readConfig(getenv func(string) string, readFile func(string) ([]byte, error)) (config, error) {
	var c config
	var wrong []error
	var err error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	app := getenv("UNDRING_DATABASE_URL")
	if app == "" {
		say("UNDRING_DATABASE_URL is not set: the address of the database, for the role undring_app")
	}
	c.at, _ = derived(app)
	if url := getenv("UNDRING_CULTURE_URL"); url != "" {
		c.at.culture = url
	}
	if url := getenv("UNDRING_METRICS_URL"); url != "" {
		c.at.metrics = url
	}
	if app != "" && (c.at.culture == "" || c.at.metrics == "") {
		say("UNDRING_DATABASE_URL is for another role than undring_app, and UNDRING_CULTURE_URL and UNDRING_METRICS_URL are not both set: the same database, for the roles undring_culture and undring_metrics")
	}
	names := strings.FieldsFunc(getenv("UNDRING_KEY"), func(r rune) bool { return r == ',' })
	if len(names) == 0 {
		say("UNDRING_KEY is not set: the file of the Ed25519 key that signs tokens")
	}
	for _, name := range names {
		raw, err := readFile(strings.TrimSpace(name))
		if err != nil {
			say("UNDRING_KEY: %w", err)
			continue
		}
		key, err := parseKey(raw)
		if err != nil {
			say("UNDRING_KEY: %s: %w", name, err)
			continue
		}
		c.keys = append(c.keys, key)
	}
	if name := getenv("UNDRING_SIGN_IN"); name != "" {
		raw, err := readFile(name)
		if err == nil {
			decoder := json.NewDecoder(bytes.NewReader(raw))
			decoder.DisallowUnknownFields()
			err = decoder.Decode(&c.providers)
		}
		if err != nil {
			say("UNDRING_SIGN_IN: %w", err)
		}
		seen := map[string]bool{}
		for i, p := range c.providers {
			if p == nil {
				say("UNDRING_SIGN_IN: provider %d is null", i+1)
				continue
			}
			if err := p.Check(); err != nil {
				say("UNDRING_SIGN_IN: provider %d: %s", i+1, strings.ReplaceAll(err.Error(), "\n", "; "))
			}
			if seen[p.ID] {
				say("UNDRING_SIGN_IN: provider %d: its id %q is there twice", i+1, p.ID)
			}
			seen[p.ID] = true
		}
	}
	if c.proxies, err = readProxies(getenv("UNDRING_TRUSTED_PROXIES")); err != nil {
		wrong = append(wrong, err)
	}
	if err := tracing.Check(getenv(tracing.Endpoint)); err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) > 0 {
		return c, fmt.Errorf("not configured:\n%w\n%s", errors.Join(wrong...), example)
	}
	return c, nil
}

// readProxies reads addresses and networks, with commas between them.
func readProxies(text string) ([]netip.Prefix, error) {
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
