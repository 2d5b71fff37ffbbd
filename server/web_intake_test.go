package server

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// A browser is told to come by TLS alone where it came by TLS: to this port, or to a proxy
// whose word is taken. Nobody else can have a browser told so.
func TestTLSIsPromisedWhereItIs(t *testing.T) {
	t.Parallel()
	s := &Server{o: Options{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for name, tc := range map[string]struct {
		from, proto string
		tls         bool
		want        bool
	}{
		"by the proxy, with TLS":    {from: "10.1.2.3:4", proto: "https", want: true},
		"by the proxy, without":     {from: "10.1.2.3:4", proto: "http"},
		"by the proxy, not said":    {from: "10.1.2.3:4"},
		"said by somebody":          {from: "192.0.2.1:4", proto: "https"},
		"here":                      {from: "192.0.2.1:4", tls: true, want: true},
		"from where nobody can be":  {from: "nowhere", proto: "https"},
		"by the proxy, and others":  {from: "10.1.2.3:4", proto: "https, http"},
		"with TLS here and without": {from: "192.0.2.1:4", proto: "http", tls: true, want: true},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.TLS = tc.from, nil
		if tc.tls {
			r.TLS = new(tls.ConnectionState)
		}
		if tc.proto != "" {
			r.Header.Set("X-Forwarded-Proto", tc.proto)
		}
		h := http.Header{}
		s.guardAnswer(h, r)
		if got := h.Get("Strict-Transport-Security") != ""; got != tc.want {
			t.Errorf("%s: told to come by TLS alone %t, want %t", name, got, tc.want)
		}
	}
}
