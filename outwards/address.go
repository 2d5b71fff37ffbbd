package outwards

import (
	"net/netip"
	"net/url"
	"strings"
)

// Odd says what is wrong with an address.
type Odd string

// What can be wrong.
const (
	NoAddress Odd = "is not an address"
	NotHTTPS  Odd = "does not begin with https"
	Inside    Odd = "lies inside of a network"
)

// Check says what is wrong with an address that a caller has named; empty: nothing. A name is
// taken as it stands: what it stands for, [Client] looks at when it connects. loopback lets
// the address be this machine's, without https too, as a demo may.
func Check(address string, loopback bool) Odd {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return NoAddress
	}
	return check(u, loopback)
}

func check(u *url.URL, loopback bool) Odd {
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	isIP := err == nil
	// A name without a dot, .local and .internal are names of a network's own.
	own := host == "localhost" || isIP && ip.Unmap().IsLoopback()
	switch {
	case own && loopback:
		return ""
	case u.Scheme != "https":
		return NotHTTPS
	case own, isIP && !isPublic(ip), !isIP && !strings.Contains(host, "."), strings.HasSuffix(host, ".local"), strings.HasSuffix(host, ".internal"):
		return Inside
	}
	return ""
}

// inside are addresses that are nobody's on the internet, besides those that netip knows:
// private, documentation and test networks of RFC 6890, and the ones by which IPv6 leads to an
// IPv4 address (64:ff9b::/96, 2002::/16), behind which a private one could stand.
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// isPublic says whether an address is somebody's on the internet.
func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range inside {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
