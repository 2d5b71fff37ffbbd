package main

import (
	"context"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

func TestTheMemoryThatIsGivenIsKeptWithin(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "") // put back afterwards; set, it would decide by itself
	if err := os.Unsetenv("GOMEMLIMIT"); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]int64{"1GiB": 1 << 30 * 65 / 100, "512MiB": 512 << 20 * 65 / 100, "1000000000": 650_000_000} {
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

// What a busy time took is given back to the machine once it is over. Not beside other tests, which take
// memory themselves.
func TestMemoryIsGivenBack(t *testing.T) {
	const much = 64 << 20
	taken := make([]byte, much)
	for i := range taken {
		taken[i] = 1
	}
	held := func() uint64 {
		of := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
		metrics.Read(of)
		return of[0].Value.Uint64() + of[1].Value.Uint64() + of[2].Value.Uint64()
	}
	before := held()
	runtime.KeepAlive(taken)
	over, end := context.WithCancel(t.Context())
	end()
	giveBack(over)
	if after := held(); before-after < much*3/4 || after > before {
		t.Errorf("of %d bytes that are held no more, the program keeps all but %d", much, before-after)
	}
}
