package fair_test

import (
	"testing"

	"pgregory.net/rapid"

	"undring/fair"
)

// Whatever is taken and given back in whatever order, nobody holds more than they
// may, and in the end nobody holds anything.
func TestNobodyHoldsMoreThanTheyMay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var pool fair.Pool
		limits := map[any]int64{fair.Everybody{}: 50, "a": 30, "b": 20}
		var held []*fair.Share
		sum := map[any]int64{}
		amount := map[*fair.Share]int64{}
		who := map[*fair.Share]string{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			person := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "who")
			n := rapid.Int64Range(0, 25).Draw(t, "n")
			fits := func(p string) bool {
				return sum[fair.Everybody{}]+n <= limits[fair.Everybody{}] && sum[p]+n <= limits[p]
			}
			switch {
			case rapid.Bool().Draw(t, "back") && len(held) > 0:
				i := rapid.IntRange(0, len(held)-1).Draw(t, "which")
				s := held[i]
				s.Back()
				s.Back()
				sum[fair.Everybody{}] -= amount[s]
				sum[who[s]] -= amount[s]
				held = append(held[:i], held[i+1:]...)
				if s.Grow(1) {
					t.Fatal("a share that was given back grew")
				}
			case rapid.Bool().Draw(t, "grow") && len(held) > 0:
				s := held[len(held)-1]
				want := fits(who[s])
				if got := s.Grow(n); got != want {
					t.Fatalf("grew: %t, want %t", got, want)
				}
				if want {
					amount[s] += n
					sum[fair.Everybody{}] += n
					sum[who[s]] += n
				}
			default:
				want := fits(person)
				s, ok := pool.Take(n, fair.Level{Of: fair.Everybody{}, Most: 50}, fair.Level{Of: person, Most: limits[person]})
				if ok != want {
					t.Fatalf("taken: %t, want %t", ok, want)
				}
				if ok {
					held, amount[s], who[s] = append(held, s), n, person
					sum[fair.Everybody{}] += n
					sum[person] += n
				}
			}
			for of, want := range sum {
				if got := pool.Held(of); got != want || got > limits[of] {
					t.Fatalf("%v holds %d, want %d of at most %d", of, got, want, limits[of])
				}
			}
		}
		for _, s := range held {
			s.Back()
		}
		for of := range limits {
			if got := pool.Held(of); got != 0 {
				t.Fatalf("%v holds %d when all is given back", of, got)
			}
		}
	})
}
