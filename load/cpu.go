package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A machine that others use as well gives shares of its time by how many processes
// ask for it, and pgbench has more of them. So the processor time of a call is
// measured besides: it stays what it is.

// ownTime is the processor time that this program has used. Clients and server run in this
// one program, so it is that of both; pgbench's is its own process's.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// clusterTime is the processor time that a cluster has used, its processes that
// have ended included; zero where there is no /proc. A backend that ends hands its time to
// the postmaster, so none is lost when pgbench hangs up.
func clusterTime(postmaster int) time.Duration {
	total := time.Duration(0)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// Fields after the name, which is in brackets: state, parent, …
		_, after, _ := strings.Cut(string(raw), ") ")
		f := strings.Fields(after)
		if len(f) < 15 {
			continue
		}
		self := strings.HasPrefix(path, fmt.Sprintf("/proc/%d/", postmaster))
		if !self && f[1] != strconv.Itoa(postmaster) {
			continue
		}
		// User and system time (proc(5), fields 14 and 15); the postmaster's next two are
		// those of children that it has waited for.
		total += ticks(f[11]) + ticks(f[12])
		if self {
			total += ticks(f[13]) + ticks(f[14])
		}
	}
	return total
}

// ticks are hundredths of a second on Linux. USER_HZ is 100 on every Linux that Go runs on.
// What can't be read counts as nothing.
func ticks(s string) time.Duration {
	n, _ := strconv.ParseInt(s, 10, 64)
	return time.Duration(n) * 10 * time.Millisecond
}
