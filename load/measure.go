package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// sample is what came of a span of calls. Refused calls have no time: an overloaded server
// answers them fast, and that would make it look quick.
type sample struct {
	calls   []time.Duration // of those that were answered
	refused int             // asked to come back later
	span    time.Duration
}

// rate is calls in a second.
func (s *sample) rate() float64 { return float64(len(s.calls)) / s.span.Seconds() }

// drive lets the clients make calls for a time, each one after the other; with a
// rate, all together so many a second, where the time of a call that had to wait for a
// slow one begins when it was due, so that it counts as slow too. A call that is asked to come
// back is counted; any other error ends the run, as figures of a server that fails mean nothing.
func drive(ctx context.Context, clients []*client, op func(context.Context, *client) error, span time.Duration, rate float64) (*sample, error) {
	// Calls that began in time may still end; a server that hangs must not hang the run.
	ctx, cancel := context.WithTimeout(ctx, span+30*time.Second)
	defer cancel()
	begun := time.Now()
	samples, errs := make([]sample, len(clients)), make([]error, len(clients))
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			s := &samples[i]
			for n := 0; ; n++ {
				due := time.Now()
				if rate > 0 {
					// The clients' calls are spread evenly: all at once every second would
					// measure a burst.
					due = begun.Add(time.Duration((float64(n) + float64(i)/float64(len(clients))) * float64(len(clients)) / rate * float64(time.Second)))
					if early := time.Until(due); early > 0 {
						time.Sleep(early)
						due = time.Now() // how late the timer was is nobody's slowness
					}
				}
				if due.Sub(begun) >= span {
					return
				}
				err := op(ctx, c)
				switch {
				case err == nil:
					s.calls = append(s.calls, time.Since(due))
				case status.Code(err) == codes.ResourceExhausted:
					s.refused++
				default:
					errs[i] = err
					return
				}
			}
		})
	}
	all.Wait()
	total := &sample{span: time.Since(begun)}
	for i := range samples {
		if errs[i] != nil {
			return nil, fmt.Errorf("client %d of %d: %w", i+1, len(clients), errs[i])
		}
		total.calls = append(total.calls, samples[i].calls...)
		total.refused += samples[i].refused
	}
	return total, nil
}

// quantile is the time within which a share of the calls was answered. It sorts the calls
// in place, and is 0 for none.
func quantile(calls []time.Duration, share float64) time.Duration {
	if len(calls) == 0 {
		return 0
	}
	slices.Sort(calls)
	return calls[min(int(share*float64(len(calls))), len(calls)-1)]
}

// median is the middle of the rounds, which one disturbed round does not move.
func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}
