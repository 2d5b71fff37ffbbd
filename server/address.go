package server

import (
	"context"
	"net/netip"
	"strings"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// forwarded is the header in which a proxy says on whose behalf it calls.
const forwarded = "x-forwarded-for"

// mostForwarded is how many entries of the header are looked at. The header may be long,
// and each entry costs a parse; nobody has twenty proxies in a row.
const mostForwarded = 20

// proxies are those whose word on where a call comes from is taken.
type proxies []netip.Prefix

// has is true for an address of one of the proxies that the operator trusts.
func (ps proxies) has(address string) bool {
	ip, err := netip.ParseAddr(strings.TrimSpace(address))
	if err != nil {
		return false
	}
	// An IPv4 address that came by an IPv6 socket is the same proxy.
	ip = ip.Unmap().WithZone("")
	for _, p := range ps {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// from is where a call comes from: the other end of the connection, or, where that is a
// proxy of ours, the last one before it that isn't one. What stands further to the left,
// anybody may have written.
func (ps proxies) from(other string, said []string) string {
	if !ps.has(other) {
		return other
	}
	entries := strings.Split(strings.Join(said, ","), ",")
	for i := len(entries) - 1; i >= max(0, len(entries)-mostForwarded); i-- {
		entry := strings.TrimSpace(entries[i])
		// What is no address stops it: further to the left it would be the caller's own
		// invention that counts.
		if _, err := netip.ParseAddr(entry); err != nil {
			return other
		}
		if !ps.has(entry) {
			return entry
		}
	}
	return other
}

// address is where a call comes from, without the port. Empty inside tests that have no
// network. Limits count by it, and it is kept nowhere.
func (s *Server) address(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	return proxies(s.o.Proxies).from(hostOf(p.Addr), metadata.ValueFromIncomingContext(ctx, forwarded))
}
