package postgres

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// visit goes through the gate: it holds its place for so long.
func visit(g *gate, c caller, long time.Duration) error {
	if err := g.enter(context.Background(), c); err != nil {
		return err
	}
	time.Sleep(long)
	g.leave(c)
	return nil
}

// Somebody who sends all they can is served, and so is everybody else: of a colleague's
// calls, one after the other, none is refused, and none waits for more than a round.
func TestG27NobodysCallsKeepOthersOut(t *testing.T) {
	t.Parallel()
	owner, other := uuid.New(), uuid.New()
	for name, greedy := range map[string]func(i int) caller{
		"one person":               func(int) caller { return caller{owner, "greedy"} },
		"all of another owner":     func(i int) caller { return caller{other, i % 90} },
		"strangers of one address": func(int) caller { return caller{uuid.Nil, "10.0.0.1"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := newGate(8)
				const long = 20 * time.Millisecond
				end := time.Now().Add(5 * time.Second)
				var all sync.WaitGroup
				for i := range 150 {
					all.Go(func() {
						for time.Now().Before(end) {
							if visit(g, greedy(i), long) != nil {
								time.Sleep(5 * time.Millisecond)
							}
						}
					})
				}
				time.Sleep(time.Second)
				for i := range 40 {
					begun := time.Now()
					if err := visit(g, caller{owner, "colleague"}, long); err != nil {
						t.Fatalf("call %d of a colleague's: %v", i, err)
					}
					if took := time.Since(begun); took > 4*long {
						t.Fatalf("call %d of a colleague's took %s", i, took)
					}
				}
				all.Wait()
				if g.inside != 0 || len(g.waiters) != 0 || len(g.running) != 0 || len(g.last) != 0 {
					t.Errorf("in the end %d are inside, %d wait, %d are known to run and %d to have had a turn", g.inside, len(g.waiters), len(g.running), len(g.last))
				}
			})
		})
	}
}

// However people come, hold on and give up: never more inside than there are places, nor
// of one than they may have, and whoever is let in or turned away is told once.
func TestTheGateHoldsSoManyAndNoMore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		runners := rapid.IntRange(1, 9).Draw(t, "runners")
		g := newGate(runners)
		inside := map[caller]int{}
		var mu sync.Mutex
		var wrong []string
		var all sync.WaitGroup
		for range rapid.IntRange(1, 120).Draw(t, "calls") {
			c := caller{uuid.UUID{byte(rapid.IntRange(0, 2).Draw(t, "owner"))}, rapid.IntRange(0, 3).Draw(t, "person")}
			patience := time.Duration(rapid.IntRange(0, 400).Draw(t, "patience")) * time.Microsecond
			all.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				if g.enter(ctx, c) != nil {
					return
				}
				mu.Lock()
				inside[c]++
				n := 0
				for _, of := range inside {
					n += of
				}
				if n > runners || inside[c] > g.mostOf() {
					wrong = append(wrong, fmt.Sprintf("%d inside, %d of one", n, inside[c]))
				}
				mu.Unlock()
				time.Sleep(50 * time.Microsecond)
				mu.Lock()
				inside[c]--
				mu.Unlock()
				g.leave(c)
			})
		}
		all.Wait()
		if len(wrong) > 0 {
			t.Fatal(slices.Compact(wrong))
		}
		if g.inside != 0 || len(g.waiters) != 0 || len(g.running) != 0 || len(g.last) != 0 {
			t.Fatalf("in the end %d are inside, %d wait, %d run, %d had a turn", g.inside, len(g.waiters), len(g.running), len(g.last))
		}
	})
}
