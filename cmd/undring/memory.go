package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// share is the part of the memory there is that Go's own memory is kept within. Between two
// collections the heap grows to five times of what lives (collectAt), so that whoever makes the
// server hold much for a moment takes it up to this limit, and there it stays: the limit is what
// the program holds under attack. Beyond it are the pages of the program's file (40 MiB) and, in
// the demo, the database. What may live at once, all that is held and unsent and two imports, is
// less than half of 1 GiB, so that the collector has room under the limit, too.
const share = 0.65

// boundMemory tells the collector of garbage how much memory there is: that of
// UNDRING_MEMORY, of the container or of the machine. Near to it, it collects sooner
// than it would by itself. GOMEMLIMIT, where it is set, counts as it stands. A limit that
// can't be found out is no reason not to start; one that was given wrongly is.
func boundMemory(given string) error {
	from := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)
	if given != "" {
		bytes, err := parseBytes(given)
		if err != nil {
			return fmt.Errorf("UNDRING_MEMORY: %w", err)
		}
		from = memlimit.Limit(bytes)
	}
	if _, err := memlimit.Set(memlimit.WithProvider(from), memlimit.WithRatio(share)); err != nil {
		fmt.Fprintln(os.Stderr, "undring: how much memory there is can't be found out; set UNDRING_MEMORY:", err)
	}
	return nil
}

const (
	// restAfter is how often it is looked whether the program rests, and atRest how much it takes anew in
	// between where it does: what asks for jobs and for its own health takes less.
	restAfter = 30 * time.Second
	atRest    = 8 << 20
)

// giveBack hands memory back to the machine, at once, and then whenever the program rests. Collecting
// seldom (collectAt) leaves several times of what lives; and what a start, a morning or a storm of calls took,
// Go's own collector would keep at hand for as long as nothing else happens.
func giveBack(ctx context.Context) {
	tick := time.NewTicker(restAfter)
	defer tick.Stop()
	taken := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	before := uint64(0)
	for first := true; ; first = false {
		metrics.Read(taken)
		now := taken[0].Value.Uint64()
		if first || now-before < atRest {
			debug.FreeOSMemory()
		}
		before = now
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// parseBytes reads such as 1GiB, 512MiB or a number of bytes. At most 2^50 bytes: a larger
// one is a slip, and would overflow.
func parseBytes(text string) (uint64, error) {
	var n uint64
	var unit string
	count, err := fmt.Sscanf(text, "%d%s", &n, &unit)
	units := map[string]uint64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
	// Powers of two alone: whether 1GB means 10^9 or 2^30 nobody knows.
	factor, known := units[unit]
	if count == 0 || err != nil && count != 1 || !known || n == 0 || n > 1<<50/factor {
		return 0, fmt.Errorf("%q is no size such as 1GiB", text)
	}
	return n * factor, nil
}
