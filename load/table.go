package load

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// String is one line a row, printed as soon as it is measured: a whole run takes many
// minutes. The processor time of the limit stands beside the call's, with their ratio.
func (r Row) String() string {
	return fmt.Sprintf("%-26s %3d clients %8.0f/s  p50 %s  p99 %s  limit %.0f  ratio %.2f  cpu %d (database %d) / %d µs %.2f  refused %d",
		r.Operation, r.Clients, r.Rate, ms(r.P50), ms(r.P99), r.Limit, r.Ratio, r.CPU.Microseconds(), r.Database.Microseconds(), r.LimitCPU.Microseconds(), float64(r.LimitCPU)/float64(max(r.CPU, 1)), r.Refused)
}

// Table prints what was measured. Ratio and mark stand side by side; a row without a limit
// leaves both empty.
func Table(out io.Writer, rows []Row) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "operation\tclients\tcalls/s\tp50\tp99\tlimit/s\tratio\twanted\tat half load p50\tp99\tp99/p50\tpgbench's p99/p50\tcpu µs\tof it database\tlimit cpu µs")
	for _, r := range rows {
		ratio, wanted, limit, tail := "", "", "", ""
		if r.Limit > 0 {
			ratio, limit = fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.0f", r.Limit)
			tail = times(r.LimitHalfP99, r.LimitHalfP50)
		}
		if r.Mark > 0 {
			wanted = fmt.Sprintf("%.2f", r.Mark)
		} else if r.Within > 0 {
			wanted = fmt.Sprintf("alone %s", r.Within)
		}
		fmt.Fprintf(table, "%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\n", r.Operation, r.Clients, r.Rate, ms(r.P50), ms(r.P99),
			limit, ratio, wanted, ms(r.HalfP50), ms(r.HalfP99), times(r.HalfP99, r.HalfP50), tail, r.CPU.Microseconds(), r.Database.Microseconds(), r.LimitCPU.Microseconds())
	}
	table.Flush()
}

// ms writes a time in milliseconds, the unit of everything that people wait for here.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// times is how many times one is as long as the other.
func times(long, short time.Duration) string {
	return fmt.Sprintf("%.1f", float64(long)/float64(max(short, 1)))
}
