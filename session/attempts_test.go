package session_test

import (
	"fmt"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/session"
)

func withCode(code string) *pb.SignInRequest {
	return &pb.SignInRequest{Proof: &pb.SignInRequest_InvitationCode{InvitationCode: code}}
}

// The limit of an address holds though others come by the thousand, and a code's
// though it is tried from as many addresses.
func TestTheSignInLimitHoldsWithManyAddresses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)
	var a session.Attempts
	let := func(address, code string) bool { return a.Take(address, withCode(code), now) == nil }
	for i := range 30 {
		if !let("192.0.2.1", fmt.Sprint("a", i)) {
			t.Fatalf("sign-in %d of 30 at once is refused", i+1)
		}
	}
	if let("192.0.2.1", "b") {
		t.Fatal("the 31st at once is let in")
	}
	for i := range 30_000 { // so many that no memory holds them all
		let(fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), fmt.Sprint("c", i))
	}
	if let("192.0.2.1", "d") {
		t.Error("the limit of an address has fallen with 30,000 others")
	}
	tried := 0
	for i := range 100 {
		if let(fmt.Sprintf("172.16.0.%d", i), "one code") {
			tried++
		}
	}
	if tried > 5 {
		t.Errorf("one code was tried %d times from 100 addresses", tried)
	}
	tried = 0
	for i := range 100 {
		if let(fmt.Sprintf("2001:db8::%x", i), fmt.Sprint("e", i)) {
			tried++
		}
	}
	if tried > 31 {
		t.Errorf("%d tries from one network of IPv6", tried)
	}
	now = now.Add(time.Minute)
	if !let("192.0.2.1", "f") {
		t.Error("a minute later nobody is let in")
	}
}
