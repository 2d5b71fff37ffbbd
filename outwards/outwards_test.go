package outwards_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"undring/outwards"
)

func TestAddressesInsideOfANetworkAreNamed(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]outwards.Odd{
		"https://timeplan.example/a.ics?k=1": "",
		"https://93.184.216.34/a":            "",
		"https://[2606:4700::1111]/a":        "",
		"http://timeplan.example/a":          outwards.NotHTTPS,
		"file:///etc/passwd":                 outwards.NoAddress,
		"gopher://timeplan.example/":         outwards.NotHTTPS,
		"https://user:word@timeplan.example": outwards.NoAddress,
		"timeplan.example":                   outwards.NoAddress,
		"https://127.0.0.1/":                 outwards.Inside,
		"https://localhost/":                 outwards.Inside,
		"https://[::1]/":                     outwards.Inside,
		"https://[::ffff:127.0.0.1]/":        outwards.Inside,
		"https://10.0.0.1/":                  outwards.Inside,
		"https://169.254.169.254/latest":     outwards.Inside,
		"https://[fe80::1]/":                 outwards.Inside,
		"https://[fd00::1]/":                 outwards.Inside,
		"https://100.64.0.1/":                outwards.Inside,
		"https://[64:ff9b::a00:1]/":          outwards.Inside,
		"https://database/":                  outwards.Inside,
		"https://db.internal/":               outwards.Inside,
	} {
		if got := outwards.Check(address, false); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if got := outwards.Check("http://127.0.0.1:8080/a", true); got != "" {
		t.Errorf("a demo may not ask its own machine: %q", got)
	}
}

// The address that is really connected to counts: a name that leads inside, or a redirect
// that does, reaches nothing.
func TestNoRequestLeadsInside(t *testing.T) {
	t.Parallel()
	asked := 0
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(inside.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(inside.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	strict := outwards.Client(outwards.Limits{Whole: 5 * time.Second, Redirects: 3})
	for _, address := range []string{inside.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port} {
		if _, err := strict.Get(address); !errors.Is(err, outwards.ErrInside) {
			t.Errorf("%s: %v, want that it lies inside", address, err)
		}
	}
	if asked > 0 {
		t.Errorf("what lies inside was asked %d times", asked)
	}

	for to, want := range map[string]error{"https://169.254.169.254/latest": outwards.ErrInside, "https://10.1.2.3/": outwards.ErrInside, "http://timeplan.example/": nil, "file:///etc/passwd": nil} {
		outer := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
		_, err := outwards.Client(outwards.Limits{Whole: 5 * time.Second, Redirects: 3, Loopback: true}).Get(outer.URL)
		if err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("a redirect to %s: %v", to, err)
		}
		outer.Close()
	}

	var round *httptest.Server
	round = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, round.URL, http.StatusFound)
	}))
	t.Cleanup(round.Close)
	if _, err := outwards.Client(outwards.Limits{Whole: 5 * time.Second, Redirects: 3, Loopback: true}).Get(round.URL); err == nil || asked != 4 {
		t.Errorf("an address that sends back to itself was asked %d times: %v", asked, err)
	}
	answer, err := outwards.Client(outwards.Limits{Whole: 5 * time.Second, Loopback: true}).Get(round.URL)
	if err != nil || answer.StatusCode != http.StatusFound {
		t.Errorf("a redirect that is not followed: %v", err)
	}
}
