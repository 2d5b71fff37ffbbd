// Package fieldtest holds what is right for each roster of testdata/field: files in the
// shape of what schools' systems send. The same table is gone through by the command and
// by the call.
package fieldtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// School is the name of the school that a simple CSV is about.
const School = "Nesset skule"

// Case is one file, and what is right for it.
type Case struct {
	File string
	// After are files that are imported before it.
	After []string
	// School is the name of the school that is there before, for a CSV; empty: [School].
	School string
	// People is everybody with access afterwards, one a line as AsText tells them.
	People string
	// Odd are the rows that are named, such as "users.csv:3 UNKNOWN_ROLE".
	Odd []string
	// Refused is the code by which the file is refused; nothing is changed then.
	Refused string
	// Questions are those about whom it is asked, as "Kari Lie = Kari Berg".
	Questions []string
	// CSV says that it is a simple CSV.
	CSV bool
}

// AsText asks for everybody of an owner with access by a register: name, address, name
// of sign-in, places and teams.
const AsText = `
	select coalesce(string_agg(line, E'\n' order by line collate "C"), '') from (
		select trim(p.given_name || ' ' || p.family_name) || ' <' || p.email || '>' || case when p.login <> '' then ' (' || p.login || ')' else '' end || ' '
			|| string_agg(s.name || ' ' || m.role, ', ' order by s.name, m.role)
			|| coalesce((select ' [' || string_agg(t.name, '; ' order by t.name) || ']' from team_member i
				join team t on t.owner_id = i.owner_id and t.school_id = i.school_id and t.id = i.team_id
				where i.owner_id = p.owner_id and i.person_id = p.id), '') as line
		from person p
		join membership m on m.owner_id = p.owner_id and m.person_id = p.id and m.active
		join school s on s.owner_id = m.owner_id and s.id = m.school_id
		where p.owner_id = $1 and p.active and exists (select from register_entry e where e.owner_id = p.owner_id and e.person_id = p.id)
		group by p.owner_id, p.id) people`

// four are the people of many of the zips.
const four = `
	Máret Hætta-Sara <bruker2@storfjord.example> Storfjord skole TEACHER
	Ola Dahl <bruker4@storfjord.example> Storfjord skole ADMINISTRATOR
	Seán O'Brien <bruker3@storfjord.example> Storfjord skole TEACHER
	Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`

const kari = `Kari Berg <kari@nesset.example> Nesset skule TEACHER [5]`

// Cases is the table, in the order of the files' names.
func Cases() []Case {
	out := append(lists(), sets()...)
	for i := range out {
		c := &out[i]
		c.CSV = strings.HasSuffix(c.File, ".csv")
		if c.School == "" {
			c.School = School
		}
		lines := strings.Split(strings.TrimSpace(c.People), "\n")
		for j := range lines {
			lines[j] = strings.TrimSpace(lines[j])
		}
		c.People = strings.Join(lines, "\n")
	}
	return out
}

// lists are the lists in CSV, with the people that each must give.
func lists() []Case {
	return []Case{
		{File: "c01-norwegian-headings.csv", People: `
			Kari Lie Berg <kari@nesset.example> Nesset skule TEACHER [5. trinn]
			Per Å. Øverås <per@nesset.example> Nesset skule LEADER`},
		{File: "c03-job-titles.csv", Odd: []string{":8 UNKNOWN_ROLE"}, People: `
			Ane Ek <k9@nesset.example> Nesset skule TEACHER
			Ida Mo <k8@nesset.example> Nesset skule TEACHER
			Kari Berg <k1@nesset.example> Nesset skule TEACHER [5. trinn]
			Liv Foss <k3@nesset.example> Nesset skule TEACHER
			Ola Dahl <k2@nesset.example> Nesset skule TEACHER
			Pål Nes <k4@nesset.example> Nesset skule LEADER
			Siv Lund <k5@nesset.example> Nesset skule LEADER
			Tor Vik <k6@nesset.example> Nesset skule LEADER`},
		{File: "c04-surname-first.csv", People: `
			Kari Lie Berg <kari@nesset.example> Nesset skule TEACHER [5]
			Per Øverås <per@nesset.example> Nesset skule TEACHER [5]`},
		{File: "c05-line-for-excel.csv", People: kari},
		{File: "c06-empty-rows.csv", People: kari},
		{File: "c07-names-of-all-kinds.csv", People: `
			Anne-Grethe Sjøli O'Connor <a1@nesset.example> Nesset skule TEACHER [Årstrinn 1–2]
			Bjørn "Bjønna" Lie <a6@nesset.example> Nesset skule TEACHER
			Inger Ánne Ráste Joks <a2@nesset.example> Nesset skule TEACHER [Årstrinn 1–2]
			Muhammad bin Abd al-Ráhman <a3@nesset.example> Nesset skule TEACHER
			Nguyễn Thị Ánh <a4@nesset.example> Nesset skule TEACHER
			Åse Mari Li <a7@nesset.example> Nesset skule TEACHER [Årstrinn 1–2]
			Øystein <a5@nesset.example> Nesset skule TEACHER`},
		{File: "c08-teams-composed-and-decomposed.csv", People: `
			Kari Berg <t1@nesset.example> Nesset skule TEACHER [Påbygg]
			Liv Foss <t3@nesset.example> Nesset skule TEACHER [Påbygg]
			Ola Dahl <t2@nesset.example> Nesset skule TEACHER [Påbygg]
			Pål Nes <t4@nesset.example> Nesset skule TEACHER [Påbygg]
			Siv Lund <t5@nesset.example> Nesset skule TEACHER [Påbygg]`},
		{File: "c09-two-teams-in-one-field.csv", Odd: []string{":3 UNKNOWN_ROLE"}, People: `
			Kari Berg <kari@nesset.example> Nesset skule TEACHER [5. trinn; Matematikk]`},
		{File: "c11-tabs.csv", People: kari},
		{File: "c12-a-title-above.csv", People: kari},
		{File: "c13-invisible-characters.csv", People: kari + `
			Liv Foss <liv@nesset.example> Nesset skule TEACHER [5]
			Ola Dahl <ola@nesset.example> Nesset skule TEACHER [5]`},
		{File: "c16-before-a-marriage.csv", People: `
			Kari Berg <kari.berg@gift.example> Nesset skule TEACHER [5]
			Ola Dahl <ola.dahl@gift.example> Nesset skule TEACHER [5]`},
		// Asked, and until it is answered Kari keeps her access.
		{File: "c17-after-a-marriage.csv", After: []string{"c16-before-a-marriage.csv"}, Odd: []string{":2 MAY_BE_SAME"},
			Questions: []string{"Kari Lie = Kari Berg"}, People: `
			Kari Berg <kari.berg@gift.example> Nesset skule TEACHER [5]
			Ola Dahl <ola.dahl@gift.example> Nesset skule TEACHER [5]`},
		{File: "c18-a-pilot-by-csv.csv", School: "Pilotskolen", People: `
			Anne Ek <anne@pilot.example> Pilotskolen TEACHER [5]
			Bo Li <bo@pilot.example> Pilotskolen TEACHER [5]`},
	}
}

// sets are the sets of OneRoster, with the people that each must give.
func sets() []Case {
	return []Case{
		{File: "r01-folder-from-a-mac.zip", People: four},
		{File: "r02-two-folders-deep.zip", People: four},
		{File: "r03-file-names-with-capitals.zip", People: four},
		{File: "r04-academicsessions-in-small-letters.zip", People: four},
		{File: "r06-status-and-dates-by-a-spreadsheet.zip", People: `
			Máret Hætta <bruker2@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r07-administrator-of-the-district-1p2.zip", People: `
			Liv Foss <bruker3@storfjord.example> Nesset skule LEADER
			Ola Dahl <bruker2@storfjord.example> Nesset skule ADMINISTRATOR, Storfjord skole ADMINISTRATOR
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r09-roles-that-have-ended.zip", Odd: []string{"users.csv:3 ROLE_ENDED"}, People: `
			Liv Foss <bruker3@storfjord.example> Nesset skule TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r11-feide-name-in-userids.zip", People: `
			Máret Hætta <> (marh@storfjord.example) Storfjord skole TEACHER
			Åse Ørbæk <ase.orbek@skole.storfjord.example> (aaseo@storfjord.example) Storfjord skole TEACHER`},
		{File: "r12-two-users-one-address.zip", Odd: []string{"users.csv:2 SAME_ADDRESS", "users.csv:3 SAME_ADDRESS"}, People: `
			Pål Nes <bruker3@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <> Nesset skule TEACHER
			Åse Ørbæk <> Storfjord skole TEACHER`},
		{File: "r13-no-orgs-file.zip", Refused: "FILE_PROMISED"},
		{File: "r14-roles-promised-and-missing.zip", Refused: "FILE_PROMISED"},
		{File: "r16-lines-end-by-cr-alone.zip", Refused: "CR_ALONE"},
		{File: "r17-users-with-a-heading-only.zip", After: []string{"r01-folder-from-a-mac.zip"}, Refused: "NO_ROWS", People: four},
		{File: "r18-a-quote-that-is-not-closed.zip", After: []string{"r01-folder-from-a-mac.zip"}, Refused: "OPEN_QUOTE", People: four},
		{File: "r19-a-bare-quote-in-a-name.zip", Odd: []string{"users.csv:3 MALFORMED_ROW"}, People: `
			Anne Berg <bruker1@storfjord.example> Storfjord skole TEACHER
			Cato Berg <bruker3@storfjord.example> Storfjord skole TEACHER`},
		{File: "r20-sourceid-without-d.zip", Refused: "NO_COLUMN"},
		{File: "r21-version-1p0.zip", People: four},
		{File: "r22-semicolons-and-lists.zip", People: `
			Máret Hætta <bruker2@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Nesset skule TEACHER, Storfjord skole TEACHER`},
		{File: "r25-middle-names.zip", People: `
			Kari Lie Berg <bruker1@storfjord.example> Storfjord skole TEACHER
			Kari Moen Berg <bruker2@storfjord.example> Storfjord skole TEACHER`},
		{File: "r27-aides-and-departments.zip", Odd: []string{"users.csv:3 ROLE_LEFT_OUT", "users.csv:4 ROLE_LEFT_OUT", "users.csv:7 UNKNOWN_ORG"}, People: `
			Dag Ås <bruker4@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r28-decomposed-letters.zip", People: `
			Máret Sjøvåg <bruker2@storfjord.example> Storfjord skole TEACHER
			Åse Øygård <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r31-windows-1252.zip", Refused: "NOT_UTF8"},
		{File: "r32-orgs-by-semicolon.zip", People: `
			Máret Hætta <bruker2@storfjord.example> Nesset skule TEACHER, Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Nesset skule TEACHER, Storfjord skole TEACHER`},
		{File: "r33-the-same-school-by-oneroster.zip", After: []string{"c18-a-pilot-by-csv.csv"}, School: "Pilotskolen", People: `
			Anne Ek <anne@pilot.example> Pilotskolen TEACHER [5]
			Bo Li <bo@pilot.example> Pilotskolen TEACHER [5]`},
		{File: "r34-before-a-leave.zip", People: `
			Pål Nes <bruker3@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r35-while-away.zip", After: []string{"r34-before-a-leave.zip"}, People: `
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "r36-back-with-a-new-id.zip", After: []string{"r34-before-a-leave.zip", "r35-while-away.zip"}, People: `
			Pål Nes <bruker3@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "s5-school-one.zip", People: `
			Máret Hætta <bruker2@storfjord.example> Storfjord skole TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
		{File: "s5-school-two.zip", After: []string{"s5-school-one.zip"}, People: `
			Liv Foss <bruker12@storfjord.example> Nesset skule TEACHER
			Máret Hætta <bruker2@storfjord.example> Storfjord skole TEACHER
			Pål Nes <bruker11@storfjord.example> Nesset skule TEACHER
			Åse Ørbæk <bruker1@storfjord.example> Storfjord skole TEACHER`},
	}
}

// Path is where a file lies, seen from a test of any package: a test runs in the folder of
// its own, wherever its binary was built.
func Path(file string) string {
	root, err := os.Getwd()
	for ; err == nil; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || root == filepath.Dir(root) {
			break
		}
	}
	return filepath.Join(root, "school", "roster", "testdata", "field", file)
}

// Read reads a file.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(Path(file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
