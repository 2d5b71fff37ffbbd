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

// mostForwarded is how many entries of the header are looked at.
const mostForwarded = 20

// proxies are those whose word on where a call comes from is taken.
type proxies []netip.Prefix

func (ps proxies) has(address string) bool {
	ip, err := netip.ParseAddr(strings.TrimSpace(address))
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	for _, p := range ps {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// from is where a call comes from: who is at the other end of the connection, or, where
// that is a proxy of ours, the last one before it that is none. What stands further to
// the left, anybody may have written.
func (ps proxies) from(other string, said []string) string {
	if !ps.has(other) {
		return other
	}
	entries := strings.Split(strings.Join(said, ","), ",")
	for i := len(entries) - 1; i >= max(0, len(entries)-mostForwarded); i-- {
		entry := strings.TrimSpace(entries[i])
		if _, err := netip.ParseAddr(entry); err != nil {
			return other
		}
		if !ps.has(entry) {
			return entry
		}
	}
	return other
}

// address is where a call comes from, without the port.
func (s *Server) address(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok || p.Addr == nil {
		return ""
	}
	return proxies(s.o.Proxies).from(hostOf(p.Addr), metadata.ValueFromIncomingContext(ctx, forwarded))
}
