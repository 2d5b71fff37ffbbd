package main

import (
	"fmt"
	"os"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// share is the part of the memory there is that the program keeps within; beyond it
// stacks, files and, in the demo, the database have theirs.
const share = 0.8

// boundMemory tells the collector of garbage how much memory there is: that of
// UNDRING_MEMORY, of the container or of the machine. Near to it, it collects sooner
// than it would by itself. GOMEMLIMIT, where it is set, counts as it stands.
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

// parseBytes reads such as 1GiB, 512MiB or a number of bytes.
func parseBytes(text string) (uint64, error) {
	var n uint64
	var unit string
	count, err := fmt.Sscanf(text, "%d%s", &n, &unit)
	units := map[string]uint64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
	factor, known := units[unit]
	if count == 0 || err != nil && count != 1 || !known || n == 0 || n > 1<<50/factor {
		return 0, fmt.Errorf("%q is no size such as 1GiB", text)
	}
	return n * factor, nil
}
