package roster_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"undring/refusal"
	"undring/school/roster"
)

// A set as another product's testers made it: two teachers among pupils and a
// guardian, and nearly every kind of odd row.
func TestARealSetNamesItsOddRows(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/onerosterv1p1-full.zip")
	if err != nil {
		t.Fatal(err)
	}
	set, err := roster.Read(content, roster.OneRosterZip, roster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &roster.Set{
		Bulk:    true,
		Schools: []roster.School{{SourcedID: "org-sch-222-456", Name: "History Department"}},
		People: []roster.Person{
			teacher("usr-222-123456", "John", "Doe", "john.doe@myschool.com"),
			teacher("usr-222-987654", "Jim", "Smith", "jim.smith@myschool.com"),
		},
		Skipped: 4, // three pupils and a parent
		Errors: []roster.RowError{
			{File: "academicSessions.csv", Line: 2, Reason: roster.DeletedInBulk, Applied: true},
			{File: "academicSessions.csv", Line: 3, Reason: roster.UnknownRef, Applied: true}, // its year is not in the file
			{File: "academicSessions.csv", Line: 4, Reason: roster.UnknownStatus},             // inactive, a word of OneRoster 1.0
			{File: "academicSessions.csv", Line: 6, Reason: roster.UnknownRef, Applied: true},
			{File: "classes.csv", Line: 3, Reason: roster.DeletedInBulk, Applied: true},
			{File: "enrollments.csv", Line: 3, Reason: roster.RoleContradicts}, // a teacher as a pupil
			{File: "enrollments.csv", Line: 6, Reason: roster.RoleContradicts},
			{File: "orgs.csv", Line: 2, Reason: roster.NotASchool, Applied: true}, // a department whose school is missing
			{File: "users.csv", Line: 3, Reason: roster.BlankStatus, Applied: true},
		},
	}
	if diff := cmp.Diff(want, set, whatItSays); diff != "" {
		t.Errorf("the set (-want +got):\n%s", diff)
	}
}

// whatItSays leaves out where people stand and what was left out.
var whatItSays = cmp.Options{cmpopts.IgnoreFields(roster.Person{}, "File", "Line"), cmpopts.IgnoreFields(roster.Set{}, "Spoken"), cmpopts.IgnoreUnexported(roster.Set{})}

func teacher(id, given, family, email string) roster.Person {
	return roster.Person{SourcedID: id, GivenName: given, FamilyName: family, Email: email, Active: true,
		Memberships: []roster.Membership{{School: "org-sch-222-456", Role: roster.Teacher}}}
}

func pack(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\ns1,,,Fjordvik skole,school,,\nd1,,,Norsk,department,,s1\n"

func TestOneRoster(t *testing.T) {
	t.Parallel()
	head := "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email\n"
	for _, tc := range []struct {
		name   string
		files  map[string]string
		people int
		odd    []roster.RowError
	}{
		{"a department counts as its school", map[string]string{"orgs.csv": orgs, "manifest.csv": "propertyName,value\n",
			"users.csv": head + "u1,,,true,d1,teacher,,,Kari,Berg,,,kari@x.example\n"}, 1, nil},
		{"one folder around the files, a missing manifest", map[string]string{"export/orgs.csv": orgs,
			"export/users.csv": head + "u1,,,true,s1,teacher,,,Kari,Berg,,,\n"}, 1,
			[]roster.RowError{{File: "manifest.csv", Reason: roster.ManifestMissing, Applied: true}}},
		{"lines are physical: a name over two lines", map[string]string{"orgs.csv": orgs, "manifest.csv": "propertyName,value\n",
			"users.csv": head + "u1,,,true,s1,teacher,,,\"Kari\nMarie\",Berg,,,\nu2,,,true,s1,astronaut,,,Ola,Dahl,,,\n"}, 1,
			[]roster.RowError{{File: "users.csv", Line: 4, Reason: roster.UnknownRole, Title: "astronaut", Count: 1}}},
		{"every way to be odd", map[string]string{"orgs.csv": orgs, "manifest.csv": "propertyName,value\n",
			"users.csv": head + ",,,true,s1,teacher,,,A,A,,,\nu1,,,true,s1,teacher,,,A,A,,,nobody\nu1,,,true,s1,teacher,,,B,B,,,\n" +
				"u2,,,true,s9,teacher,,,C,C,,,\nu3,,,true,s1,teacher,,,,,,,\nu4,,,true,s1,aide,,,D,D,,,\nu5,,,true,s1,teacher,,," + strings.Repeat("x", 2001) + ",E,,,\n"}, 1,
			[]roster.RowError{
				{File: "users.csv", Line: 2, Reason: roster.BlankID}, {File: "users.csv", Line: 3, Reason: roster.BrokenEmail, Applied: true},
				{File: "users.csv", Line: 4, Reason: roster.DuplicateID}, {File: "users.csv", Line: 5, Reason: roster.UnknownOrg},
				{File: "users.csv", Line: 6, Reason: roster.BlankName}, {File: "users.csv", Line: 7, Reason: roster.RoleLeftOut},
				{File: "users.csv", Line: 8, Reason: roster.FieldTooLong}}},
		{"1.2: roles stand in a file of their own", map[string]string{"orgs.csv": orgs, "manifest.csv": "propertyName,value\noneroster.version,1.2\n",
			"users.csv": "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,email\nu1,,,true,,,Kari,Berg,\nu2,,,true,,,Per,Elev,\n",
			"roles.csv": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\nr1,,,u1,primary,teacher,,,s1\nr2,,,u1,secondary,principal,,,s1\nr3,,,u2,primary,student,,,s1\n"}, 1, nil},
		{"delta: who is to be deleted loses access", map[string]string{"orgs.csv": orgs, "manifest.csv": "propertyName,value\nfile.users,delta\n",
			"users.csv": head + "u1,tobedeleted,2026-11-01T08:00:00Z,true,s1,teacher,,,Kari,Berg,,,\n"}, 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			set, err := roster.Read(pack(t, tc.files), roster.OneRosterZip, roster.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(set.People) != tc.people {
				t.Errorf("%d people, want %d: %+v", len(set.People), tc.people, set.People)
			}
			if diff := cmp.Diff(tc.odd, set.Errors); diff != "" {
				t.Errorf("odd rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimpleCSV(t *testing.T) {
	t.Parallel()
	set, err := roster.Read([]byte("\xef\xbb\xbfname;email;role;team\nKari Anne Berg;Kari@x.example;lærer;5. trinn\nKari Anne Berg;kari@x.example;leder;\nOla;ola@;lærar;\nNils Eide;nils@x.example;vaktmester;\n"), roster.SimpleCSV, roster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &roster.Set{Bulk: true,
		People: []roster.Person{{SourcedID: "kari@x.example", GivenName: "Kari Anne", FamilyName: "Berg", Email: "kari@x.example", Active: true,
			Memberships: []roster.Membership{{Role: roster.Teacher, Team: "5. trinn"}, {Role: roster.Leader}}}},
		Errors: []roster.RowError{{Line: 4, Reason: roster.BrokenEmail}, {Line: 5, Reason: roster.UnknownRole, Title: "vaktmester", Count: 1}},
	}
	if diff := cmp.Diff(want, set, whatItSays); diff != "" {
		t.Errorf("the set (-want +got):\n%s", diff)
	}
}

// G13: what attacks, or is something else, is refused whole.
func TestG13AFileThatIsNoRosterIsRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		content []byte
		format  roster.Format
		code    string
	}{
		{"no zip", []byte("hello"), roster.OneRosterZip, "NO_ZIP"},
		{"a zip without users", pack(t, map[string]string{"readme.txt": "x"}), roster.OneRosterZip, "NO_USERS"},
		{"paths that climb", pack(t, map[string]string{"../users.csv": "sourcedId\n"}), roster.OneRosterZip, "PATH_CLIMBS"},
		{"a bomb", pack(t, map[string]string{"users.csv": strings.Repeat("x,", roster.MaxUnpacked/2+1)}), roster.OneRosterZip, "TOO_LARGE"},
		{"absolute paths", pack(t, map[string]string{"/users.csv": "sourcedId\n"}), roster.OneRosterZip, "PATH_CLIMBS"},
		{"paths of another system", pack(t, map[string]string{`..\users.csv`: "sourcedId\n"}), roster.OneRosterZip, "PATH_CLIMBS"},
		{"a drive of another system", pack(t, map[string]string{`C:\users.csv`: "sourcedId\n"}), roster.OneRosterZip, "PATH_CLIMBS"},
		{"a file that climbs beside one that does not", pack(t, map[string]string{"a/../../x": "", "users.csv": "sourcedId\n"}), roster.OneRosterZip, "PATH_CLIMBS"},
		{"columns that nobody knows", pack(t, map[string]string{"a/b/users.csv": "sourcedId\n"}), roster.OneRosterZip, "NO_COLUMN"},
		{"101 files", pack(t, many(101)), roster.OneRosterZip, "TOO_MANY_FILES"},
		{"a CSV of 100 MB", []byte("name,email,role\n" + strings.Repeat("Kari Berg,kari@x.example,teacher\n", 100_000_000/33)), roster.SimpleCSV, "TOO_LARGE"},
		{"Latin-1 in a zip", pack(t, map[string]string{"users.csv": "sourcedId,givenName\n1,K\xe5re\n"}), roster.OneRosterZip, "NOT_UTF8"},
		{"UTF-16 that is cut off", []byte("\xfe\xff\x00n\x00a\x00"), roster.SimpleCSV, "NOT_UTF8"},
		{"UTF-16 without a mark", []byte("n\x00a\x00m\x00e\x00"), roster.SimpleCSV, "NOT_TEXT"},
		{"cut off", pack(t, map[string]string{"users.csv": "sourcedId\n"})[:40], roster.OneRosterZip, "NO_ZIP"},
		{"twice the same file", pack(t, map[string]string{"users.csv": "sourcedId\n", "a/users.csv": "sourcedId\n"}), roster.OneRosterZip, "FILE_TWICE"},
		{"too many rows", []byte("name,email,role\n" + strings.Repeat("a,b,c\n", roster.MaxRows+1)), roster.SimpleCSV, "TOO_MANY_ROWS"},
		{"a Mac of old", []byte("name,email,role\nK\x8cre,a@b.example,teacher\n"), roster.SimpleCSV, "NOT_UTF8"},
		{"UTF-8 with a byte that was broken", []byte("name,email,role\nK\xe5re \u00d8y,a@b.example,teacher\n"), roster.SimpleCSV, "NOT_UTF8"},
		{"NUL", []byte("name,email,role\nK\x00,a@b.example,teacher\n"), roster.SimpleCSV, "NOT_TEXT"},
		{"nothing", nil, roster.SimpleCSV, "NO_HEADER"},
		{"other columns", []byte("kode,beløp\n1,2\n"), roster.SimpleCSV, "NO_COLUMN_NAME"},
		{"no roles", []byte("navn,epost\nKari Berg,kari@x.example\n"), roster.SimpleCSV, "NO_COLUMN_ROLE"},
		{"a heading alone", []byte("navn,epost,rolle\n,,\n"), roster.SimpleCSV, "NO_ROWS"},
		{"lines that end by CR alone", []byte("name,email,role\rKari,a@b.example,teacher\rOla,b@b.example,teacher\r"), roster.SimpleCSV, "CR_ALONE"},
		{"rows that do, under a heading that does not", []byte("name,email,role\nKari,a@b.example,teacher\rOla,b@b.example,teacher\r"), roster.SimpleCSV, "CR_ALONE"},
		{"a quotation mark that is never closed", []byte("name,email,role\n\"Kari,a@b.example,teacher\nOla,b@b.example,teacher\n"), roster.SimpleCSV, "OPEN_QUOTE"},
		{"one that another row closes", []byte("name,email,role\n\"Kari,a@b.example,teacher\nOla,b@b.example,teacher\n\"Liv\",c@b.example,teacher\n"), roster.SimpleCSV, "OPEN_QUOTE"},
		{"one that another row closes well", []byte("name,email,role\n\"Kari,a@b.example,teacher\nOla\",b@b.example,teacher\n"), roster.SimpleCSV, "OPEN_QUOTE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := roster.Read(tc.content, tc.format, roster.Options{})
			r, ok := err.(*refusal.Refusal)
			if !ok || r.Reason != refusal.RosterInvalid || r.Meta["code"] != tc.code {
				t.Errorf("got %v, want ROSTER_INVALID with code %s", err, tc.code)
			}
		})
	}
}

func many(n int) map[string]string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprintf("%d.csv", i)] = ""
	}
	return files
}

func TestOddRowsAreNamedUpToALimit(t *testing.T) {
	t.Parallel()
	set, err := roster.Read([]byte("name,email,role\n"+strings.Repeat(",x@y.example,teacher\n", roster.MaxErrors+7)), roster.SimpleCSV, roster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Errors) != roster.MaxErrors || set.More != 7 {
		t.Errorf("%d named and %d more, want %d and 7", len(set.Errors), set.More, roster.MaxErrors)
	}
}

func FuzzRead(f *testing.F) {
	if content, err := os.ReadFile("testdata/onerosterv1p1-full.zip"); err == nil {
		f.Add(content, true)
	}
	f.Add([]byte("name,email,role\n\"a\nb\",a@b.example,teacher\n"), false)
	f.Fuzz(func(t *testing.T, content []byte, zipped bool) {
		format := roster.SimpleCSV
		if zipped {
			format = roster.OneRosterZip
		}
		set, err := roster.Read(content, format, roster.Options{})
		if err != nil {
			if refusal.ReasonOf(err) != refusal.RosterInvalid {
				t.Fatalf("refused otherwise than as ROSTER_INVALID: %v", err)
			}
			return
		}
		for _, p := range set.People {
			if p.SourcedID == "" || p.Active && (len(p.Memberships) == 0 || p.GivenName+p.FamilyName == "") {
				t.Fatalf("a person without an id, a name or a place: %+v", p)
			}
		}
		if len(set.Errors) > roster.MaxErrors {
			t.Fatalf("%d odd rows", len(set.Errors))
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var csv strings.Builder
	csv.WriteString("name,email,role,team\n")
	for i := range 20_000 {
		fmt.Fprintf(&csv, "Kari Nr%d,kari%d@x.example,teacher,Trinn %d\n", i, i, i%40)
	}
	for b.Loop() {
		if _, err := roster.Read([]byte(csv.String()), roster.SimpleCSV, roster.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
