package server

import (
	"net/netip"
	"testing"
)

// Only who sits behind a proxy of ours is told by it; nobody says it of themselves.
func TestWhereACallComesFrom(t *testing.T) {
	t.Parallel()
	ours := proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tc := range []struct {
		name, other string
		said        []string
		want        string
	}{
		{"nobody's proxy", "192.0.2.1", nil, "192.0.2.1"},
		{"no proxy of ours says something", "192.0.2.1", []string{"198.51.100.7"}, "192.0.2.1"},
		{"a proxy of ours", "10.1.2.3", []string{"198.51.100.7"}, "198.51.100.7"},
		{"two of them", "10.1.2.3", []string{"198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{"in two headers", "10.1.2.3", []string{"198.51.100.7", "10.9.9.9"}, "198.51.100.7"},
		{"something invented to the left", "10.1.2.3", []string{"203.0.113.1, 198.51.100.7"}, "198.51.100.7"},
		{"no address", "10.1.2.3", []string{"198.51.100.7, unknown"}, "10.1.2.3"},
		{"nothing said", "10.1.2.3", nil, "10.1.2.3"},
		{"all are ours", "10.1.2.3", []string{"10.1.1.1"}, "10.1.2.3"},
		{"IPv6", "fd00::1", []string{"2001:db8::5"}, "2001:db8::5"},
		{"IPv4 in IPv6", "::ffff:10.1.2.3", []string{"198.51.100.7"}, "198.51.100.7"},
	} {
		if got := ours.from(tc.other, tc.said); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
