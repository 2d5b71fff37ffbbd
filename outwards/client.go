package outwards

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// ErrInside is what a request ends with that would have led inside of a network.
var ErrInside = errors.New("the address lies inside of a network")

// errAstray is what a request ends with that is sent elsewhere too often, or to where it may
// not go.
var errAstray = errors.New("the address sends elsewhere, where none may be asked")

// Limits say how much of a client's time an address has.
type Limits struct {
	Whole     time.Duration // for one request, its redirects and its body included
	Redirects int           // that are followed; 0: none is, and the redirect is the answer
	Idle      int           // connections that stay open to one address
	Loopback  bool          // this machine may be asked: a demo's
}

// Client asks the internet alone. What a name stands for is looked at when the connection is
// made, at the address that is really connected to, so that no name leads inside, and none
// that changes between the look and the connection; each redirect is held to the rules of
// [Check].
func Client(l Limits) *http.Client {
	dialer := &net.Dialer{Timeout: l.Whole / 2, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !isPublic(at.Addr()) && !(l.Loopback && at.Addr().Unmap().IsLoopback()) {
			return ErrInside
		}
		return nil
	}}
	return &http.Client{
		Timeout: l.Whole,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			switch odd := check(r.URL, l.Loopback); {
			case l.Redirects == 0:
				return http.ErrUseLastResponse
			case odd == Inside:
				return ErrInside
			case odd != "", len(before) > l.Redirects:
				return errAstray
			}
			return nil
		},
		Transport: &http.Transport{
			// No proxy of the environment: it would connect in the client's place, where nothing is looked at.
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: l.Whole / 2,
			MaxIdleConnsPerHost: max(l.Idle, 1), IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		},
	}
}
