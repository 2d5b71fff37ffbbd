package main

import (
	"math"
	"os"
	"runtime/debug"
	"testing"
)

func TestTheMemoryThatIsGivenIsKeptWithin(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "") // put back afterwards; set, it would decide by itself
	if err := os.Unsetenv("GOMEMLIMIT"); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]int64{"1GiB": 1 << 30 * 8 / 10, "512MiB": 512 << 20 * 8 / 10, "1000000000": 800_000_000} {
		if err := boundMemory(given); err != nil {
			t.Fatal(err)
		}
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("%s: kept within %d, want %d", given, got, want)
		}
	}
	for _, wrong := range []string{"much", "1GB", "-1", "0", "1GiB2", "99999999999GiB"} {
		if boundMemory(wrong) == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	debug.SetMemoryLimit(math.MaxInt64)
	if err := boundMemory(""); err != nil {
		t.Fatal(err)
	}
	if got := debug.SetMemoryLimit(-1); got == math.MaxInt64 {
		t.Error("nobody said how much memory there is, and none was found")
	}
}
