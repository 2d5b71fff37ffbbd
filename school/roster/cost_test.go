package roster_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"undring/refusal"
	"undring/school/roster"
)

// What a file costs at most: so many bytes of memory for each of its own, unpacked, and
// some that every file costs; and never more than so many. A zip unpacks to no more than
// a quarter of a megabyte and a hundred times its size.
const (
	costEach = 250
	costFree = 4 << 20
	costMost = 400 << 20
)

// unpackedOf is how much a zip of this size may unpack to.
func unpackedOf(n int) int64 { return min(roster.MaxUnpacked, 256<<10+100*int64(n)) }

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Files that cost more than they are worth, of any size: none costs more than its
// bytes allow, whatever comes of it.
func TestG27ARosterCostsWhatItWeighs(t *testing.T) {
	const heading, users, orgs = "name,email,role,team\n", "sourcedId,orgSourcedIds,role,givenName,familyName,email\n", "sourcedId,name,type,parentSourcedId\n"
	csv := func(of func(n int) string) func(int) []byte { return func(n int) []byte { return []byte(of(n)) } }
	packed := func(of func(n int) map[string]string) func(int) []byte {
		return func(n int) []byte { return zipped(t, of(n)) }
	}
	many := func(n int, of func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(of(i))
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		format roster.Format
		file   func(n int) []byte
	}{
		"commas":         {roster.SimpleCSV, csv(func(n int) string { return heading + strings.Repeat(",", n) })},
		"rows of commas": {roster.SimpleCSV, csv(func(n int) string { return heading + strings.Repeat(strings.Repeat(",", 900)+"\n", n/900) })},
		"semicolons":     {roster.SimpleCSV, csv(func(n int) string { return strings.Repeat(";", n) })},
		"heading":        {roster.SimpleCSV, csv(func(n int) string { return strings.Repeat("a,", n/2) + heading })},
		"titles":         {roster.SimpleCSV, csv(func(n int) string { return strings.Repeat(strings.Repeat("a,", 400)+"\n", n/800) })},
		"quotes":         {roster.SimpleCSV, csv(func(n int) string { return heading + strings.Repeat("a\"b\n", n/4) })},
		"teams of one": {roster.SimpleCSV, csv(func(n int) string {
			return heading + many(n/30, func(i int) string { return fmt.Sprintf("K B,k@x.no,lærer,t%d\n", i) })
		})},
		"odd rows": {roster.SimpleCSV, csv(func(n int) string {
			return heading + many(n/8, func(i int) string { return fmt.Sprintf("%d\"a\n", i) })
		})},
		"a zip of commas": {roster.OneRosterZip, packed(func(n int) map[string]string {
			return map[string]string{"users.csv": users + strings.Repeat(",", 50*n)}
		})},
		"a zip of nothing": {roster.OneRosterZip, packed(func(n int) map[string]string { return map[string]string{"users.csv": strings.Repeat(" ", 100*n)} })},
		"everybody everywhere": {roster.OneRosterZip, packed(func(n int) map[string]string {
			at := strings.TrimSuffix(many(200, func(i int) string { return fmt.Sprintf("o%d,", i) }), ",")
			return map[string]string{
				"orgs.csv":  orgs + many(200, func(i int) string { return fmt.Sprintf("o%d,S,school,\n", i) }),
				"users.csv": users + many(n/100, func(i int) string { return fmt.Sprintf("u%d,%q,teacher,K,B,k%d@x.no\n", i, at, i) }),
			}
		})},
		"administrators of all": {roster.OneRosterZip, packed(func(n int) map[string]string {
			return map[string]string{
				"orgs.csv":  orgs + "d,D,district,\n" + many(900, func(i int) string { return fmt.Sprintf("o%d,S,school,d\n", i) }),
				"users.csv": users + many(n/10, func(i int) string { return fmt.Sprintf("u%d,d,administrator,K,B,k%d@x.no\n", i, i) }),
			}
		})},
		"a chain of organisations": {roster.OneRosterZip, packed(func(n int) map[string]string {
			return map[string]string{
				"orgs.csv":  orgs + many(n/10, func(i int) string { return fmt.Sprintf("o%d,S,school,o%d\n", i, i+1) }),
				"users.csv": users + "u,o0,teacher,K,B,k@x.no\n",
			}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1_000, 30_000, 1_000_000} {
				content := c.file(n)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				begun := time.Now()
				set, err := roster.Read(content, c.format, roster.Options{})
				took := time.Since(begun)
				runtime.ReadMemStats(&after)
				unpacked := int64(len(content))
				if c.format == roster.OneRosterZip {
					unpacked = unpackedOf(len(content))
				}
				cost, most := int64(after.TotalAlloc-before.TotalAlloc), min(costMost, costFree+costEach*unpacked)
				t.Logf("%d bytes: %d KiB of %d, %s, %v", len(content), cost>>10, most>>10, took.Round(time.Millisecond), refusal.ReasonOf(err))
				if cost > most || took > 20*time.Second {
					t.Errorf("%d bytes cost %d KiB and %s, at most %d KiB", len(content), cost>>10, took, most>>10)
				}
				if err == nil {
					runtime.KeepAlive(set)
				}
			}
		})
	}
}
