package school_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/town"
)

// zipOf is an archive of some files.
func zipOf(t testing.TB, files map[string]string) []byte {
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

// register is the zip of a register: so many schools, and people who are each at so
// many of them.
func register(t testing.TB, orgs, users, each int) []byte {
	t.Helper()
	var o, u strings.Builder
	o.WriteString("sourcedId,status,name,type,parentSourcedId\n")
	for i := range orgs {
		fmt.Fprintf(&o, "o%d,active,Skole %d,school,\n", i, i)
	}
	u.WriteString("sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\n")
	for i := range users {
		at := make([]string, each)
		for j := range at {
			at[j] = fmt.Sprintf("o%d", (i+j)%orgs)
		}
		fmt.Fprintf(&u, "u%d,active,true,%q,teacher,Kari,Nr%d,k%d@x.example\n", i, strings.Join(at, ","), i, i)
	}
	return zipOf(t, map[string]string{
		"manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n",
		"orgs.csv":     o.String(), "users.csv": u.String()})
}

// inTeams is a list of people who are each in a team of their own.
func inTeams(people int, named string) []byte {
	var csv strings.Builder
	csv.WriteString("name,email,role,team\n")
	for i := range people {
		fmt.Fprintf(&csv, "Kari Nr%d,kari%d@fjordvik.example,teacher,%s %d\n", i, i, named, i)
	}
	return []byte(csv.String())
}

// rowsRead is how many rows the database has read so far. The server has one
// connection, which is made to tell.
func rowsRead(t *testing.T, w *town.Town) int64 {
	t.Helper()
	for range 2 {
		err := w.DB.DB.Read(t.Context(), postgres.As{}, func(b *pgx.Batch) { b.Queue("select pg_stat_force_next_flush()") })
		if err != nil {
			t.Fatal(err)
		}
	}
	return town.One[int64](w, "select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables")
}

// What an import reads in the database grows with the file, and not with its square:
// four times the file reads four times as much, and a little that is the same for all.
func TestG27AnImportReadsAsMuchAsItBrings(t *testing.T) {
	t.Parallel()
	const few = 300
	zip, csv := pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV
	for name, files := range map[string]struct {
		format pb.RosterFormat
		of     func(n int) [][]byte // one after the other
	}{
		"schools": {zip, func(n int) [][]byte { return [][]byte{register(t, n/2, 1, 1)} }},
		"places":  {zip, func(n int) [][]byte { return [][]byte{register(t, n/10, n/10, 10)} }},
		"teams":   {csv, func(n int) [][]byte { return [][]byte{inTeams(n, "Trinn")} }},
		"teams, all renamed": {csv, func(n int) [][]byte {
			return [][]byte{inTeams(n, "Trinn"), inTeams(n, "Team")}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func(n int) int64 {
				w := town.NewWith(t, postgres.Options{MaxConns: 1})
				ctx := w.Arne.Ctx()
				before := rowsRead(t, w)
				for _, content := range files.of(n) {
					r := &pb.ImportRosterRequest{RequestId: town.Req(), Format: files.format, Content: content}
					if files.format == csv {
						r.SchoolId = w.School.String()
					}
					town.Try(w.Arne.ImportRoster(ctx, r)).OK(t)
				}
				return rowsRead(t, w) - before
			}
			small, large := read(few), read(4*few)
			t.Logf("%d rows read for %d, %d for %d", small, few, large, 4*few)
			if large > 6*small+1000 {
				t.Errorf("%d rows are read for four times the file that reads %d", large, small)
			}
		})
	}
}
