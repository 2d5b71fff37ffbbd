package school_test

import (
	"fmt"
	"strings"
	"testing"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// A municipality's whole roster, by the call that an administrator makes: 20,000
// people new, then the same again, of whom a tenth have another team and a tenth
// have left.
func BenchmarkImportOf20000People(b *testing.B) {
	const people = 20_000
	file := func(year int) []byte {
		var csv strings.Builder
		csv.WriteString("name,email,role,team\n")
		for i := range people {
			if year > 0 && i%10 == 1 {
				continue
			}
			team := i % 400
			if i%10 == 0 {
				team += year
			}
			fmt.Fprintf(&csv, "Kari Nr%d,kari%d@fjordvik.example,teacher,Trinn %d\n", i, i, team)
		}
		return []byte(csv.String())
	}
	for b.Loop() {
		b.StopTimer()
		w := town.New(b)
		ctx := w.Arne.Ctx()
		b.StartTimer()
		for year, left := range []int32{0, people / 10} {
			got := town.Try(w.Arne.ImportRoster(ctx, &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: w.School.String(),
				Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Content: file(year)})).OK(b)
			if got.GetDeactivated() != left {
				b.Fatalf("%v", got)
			}
			b.ReportMetric(float64(b.Elapsed().Seconds()), fmt.Sprintf("s-after-file-%d", year+1))
		}
	}
}
