package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"undring/attack"
)

// attackCommand is `undring attack`: what an attack found once, done again on a demo, so
// that the next change is tried too. Package attack takes loopback addresses alone: it is
// no tool against others.
func attackCommand() *cobra.Command {
	var against, only string
	var o attack.Options
	var pid int
	cmd := &cobra.Command{
		Use:   "attack --against URL",
		Short: "Send a demo on this machine the worst, and measure how others are served",
		Long:  "Send a demo on this machine the worst that was ever tried, on both ports, and measure\nhow others are served meanwhile. URL is that of its web port, on a loopback address.\n\n" + kindsOfAttack(),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// http alone: a demo has no certificate.
			at, err := url.Parse(against)
			if err != nil || at.Scheme != "http" || at.Host == "" {
				return fmt.Errorf("--against %q is no address such as http://127.0.0.1:7080", against)
			}
			// Whether the address is a loopback one, the attack itself checks, for both
			// ports.
			o.Web, o.Only = at.Host, only
			// Without it memory is not measured: the port says nothing of which process it
			// belongs to.
			if pid > 0 {
				o.Memory = func() int64 { return resident(pid) }
			}
			return runAttack(cmd.Context(), cmd.OutOrStdout(), o)
		},
	}
	cmd.Flags().StringVar(&against, "against", "", "address of the demo's web port, such as http://127.0.0.1:7080")
	cmd.Flags().StringVar(&o.GRPC, "grpc", "127.0.0.1:7070", "address of its gRPC port")
	cmd.Flags().IntVar(&o.Connections, "connections", 100, "how many attack at once, 200 at most")
	cmd.Flags().DurationVar(&o.Span, "for", 30*time.Second, "how long, 15 minutes at most")
	cmd.Flags().StringVar(&only, "only", "", "one kind of attack; all in turn where it is not given")
	cmd.Flags().IntVar(&pid, "pid", 0, "process of the demo, whose memory is measured")
	return cmd
}

// kindsOfAttack lists the kinds for the help, from the attack's own table, so that the help
// names every one that --only takes. In the table's order, which is the order in which they
// are tried.
func kindsOfAttack() string {
	var b strings.Builder
	for _, k := range attack.Kinds() {
		fmt.Fprintf(&b, "  %-12s %s\n", k.Name, k.What)
	}
	return b.String()
}

// resident is how much memory a process holds, in bytes; 0 where nobody tells. What the
// kernel counts, which is what ends a process; 0 also where there is no /proc.
func resident(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), "VmRSS:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// runAttack prints how often each kind was tried, how the others were served meanwhile, and
// what the server held in memory where its process is known. It judges nothing: what is good
// enough stands in docs/security.md.
func runAttack(ctx context.Context, out io.Writer, o attack.Options) error {
	r, err := attack.Run(ctx, o)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(r.Tried)) {
		fmt.Fprintf(out, "%-12s tried %d times\n", name, r.Tried[name])
	}
	fmt.Fprintf(out, "others: %d calls served, p99 %s, slowest %s; %d refused\n", r.Served, r.P99.Round(time.Millisecond), r.Slowest.Round(time.Millisecond), r.Refused)
	if r.Memory > 0 {
		fmt.Fprintf(out, "the server held at most %d MiB\n", r.Memory>>20)
	}
	return nil
}
