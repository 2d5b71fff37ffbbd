package main

import (
	"os"
	"testing"
)

// The phone has the limits of the contract and the rooms as they are now.
func TestThePhoneHasTheLimits(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../web/src/gen/limits.ts")
	if err != nil || string(kept) != write() {
		t.Errorf("web/src/gen/limits.ts is stale: make gen (%v)", err)
	}
}
