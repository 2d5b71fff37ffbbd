package roster_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"undring/school/roster"
)

// told is a set in words: who has access, by name, address and role; then what is odd.
func told(s *roster.Set) string {
	var out []string
	for _, p := range s.People {
		if !p.Active {
			out = append(out, "without access: "+p.Name())
			continue
		}
		line := p.Name() + " <" + p.Email + ">"
		for _, m := range p.Memberships {
			line += strings.TrimRight(fmt.Sprintf(" %s %s", m.Role, m.Team), " ")
		}
		out = append(out, line)
	}
	for _, e := range s.Errors {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", e.Line, e.Reason, e.Title)))
	}
	return strings.Join(out, ", ")
}

// Other lists of staff of the kinds that systems export: who has left is in them, too, titles
// have classes and headings have notes.
func TestKindsOfLists(t *testing.T) {
	t.Parallel()
	const kari = "Kari Berg <kari@x.example> TEACHER"
	for name, tc := range map[string]struct{ content, want string }{
		"who has left, by a day": {"Navn;E-post;Stilling;Sluttdato\nKari Berg;kari@x.example;Lærer;\nOla Dahl;ola@x.example;Lærer;31.07.2026\nLiv Foss;liv@x.example;Lærer;31.12.2026\n",
			kari + ", Liv Foss <liv@x.example> TEACHER, 3 ROLE_ENDED"},
		"who comes later":                 {"Navn;E-post;Stilling;Startdato\nKari Berg;kari@x.example;Lærer;01.08.2019\nOla Dahl;ola@x.example;Lærer;01.01.2027\n", kari + ", 3 ROLE_ENDED"},
		"a day that is none":              {"Navn;E-post;Stilling;Sluttdato\nKari Berg;kari@x.example;Lærer;snart\n", kari + ", 2 BROKEN_DATE"},
		"who has left, by a word":         {"Navn;E-post;Stilling;Status\nKari Berg;kari@x.example;Lærer;Fast ansatt\nOla Dahl;ola@x.example;Lærer;Sluttet\n", kari + ", 3 ROLE_ENDED"},
		"a provider's accounts":           {"userPrincipalName,displayName,jobTitle,accountEnabled\nkari@x.example,Kari Berg,Lærer,True\nola@x.example,Ola Dahl,Lærer,False\n", kari + ", 3 ROLE_ENDED"},
		"one of two posts has ended":      {"Navn;E-post;Stilling;Til dato\nKari Berg;kari@x.example;Rektor;2026-07-31\nKari Berg;kari@x.example;Lærer;\n", kari + ", 2 ROLE_ENDED"},
		"notes in the headings":           {"First Name [Required],Last Name [Required],Email Address [Required],Employee Title\nKari,Berg,kari@x.example,Lærer\n", kari},
		"notes in round brackets":         {"Navn (etternavn, fornavn);E-post (jobb);Stilling(T)\nBerg, Kari;kari@x.example;Lærer\n", kari},
		"bars between the columns":        {"Navn|E-post|Rolle\nKari Berg|kari@x.example|Lærer\n", kari},
		"classes in the titles":           {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Kontaktlærer 5A\nOla Dahl;ola@x.example;Kontaktlærar 3. trinn\n", kari + ", Ola Dahl <ola@x.example> TEACHER"},
		"apostrophes of a spreadsheet":    {"Navn;E-post;Rolle;Team\n'Kari Berg;'kari@x.example';Lærer;'5\n", kari + " 5"},
		"an apostrophe of a name":         {"Navn;E-post;Rolle\nAnna 't Hooft;anna@x.example;Lærer\n", "Anna 't Hooft <anna@x.example> TEACHER"},
		"formulas that found nothing":     {"Navn;E-post;Rolle;Team\nKari Berg;kari@x.example;Lærer;#I/T\nOla Dahl;#N/A;Lærer;5\n", kari + ", 3 BLANK_ID"},
		"letters of another encoding":     {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nKÃ¥re Ã…s;kare@x.example;Rektor\n", kari + ", 3 GARBLED"},
		"letters that nobody could read":  {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nK\ufffdre \ufffds;kare@x.example;Rektor\n", kari + ", 3 GARBLED"},
		"a letter of another tongue":      {"Navn;E-post;Rolle\nJOÃO DA CONCEIÇÃO;joao@x.example;Lærer\n", "JOÃO DA CONCEIÇÃO <joao@x.example> TEACHER"},
		"two addresses in one field":      {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nOla Dahl;\"ola@x.example; ola@y.example\";Lærer\n", kari + ", 3 BROKEN_EMAIL"},
		"a line of the printout below":    {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\n\nUtskrift 17.08.2026\n", kari + ", 4 BLANK_ID"},
		"the heading on each page":        {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nNavn;E-post;Rolle\n", kari + ", 3 BROKEN_EMAIL"},
		"pupils among them":               {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nPer Elev;per@x.example;Elev\n", kari + ", 3 UNKNOWN_ROLE Elev"},
		"each row in quotation marks":     {"\"Navn,E-post,Rolle\"\n\"Kari Berg,kari@x.example,Lærer\"\n", kari},
		"a blank before a quoted field":   {"Navn, E-post, Rolle\nKari Berg, \"kari@x.example\", \"Lærer\"\n", kari},
		"addresses as directories have":   {"Navn;E-post;Rolle\nKari Berg;SMTP:kari@x.example;Lærer\n", kari},
		"addresses with signs behind":     {"Navn;E-post;Rolle\nKari Berg;\"kari@x.example;\";Lærer\n", kari},
		"addresses in brackets":           {"Navn;E-post;Rolle\nKari Berg;Kari Berg (kari@x.example);Lærer\n", kari},
		"a word behind an address":        {"Navn;E-post;Rolle\nKari Berg;kari@x.example (jobb);Lærer\n", kari},
		"two titles of one column":        {"Ansattnavn;Epost 1;Stilling/tittel\nKari Berg;kari@x.example;Lærer\n", kari},
		"titles of two parts":             {"Fornavn/mellomnavn;Etternavn;Skole-e-post;Rolle(r)\nKari;Berg;kari@x.example;Lærer\n", kari},
		"titles in short":                 {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Adj. m/tillegg\nOla Dahl;ola@x.example;Avd.leder\n", kari + ", Ola Dahl <ola@x.example> LEADER"},
		"two classes in a title":          {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Kontaktlærer 5A og 5B\nOla Dahl;ola@x.example;Avdelingsleder 1.–4. trinn\n", kari + ", Ola Dahl <ola@x.example> LEADER"},
		"who stands in":                   {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Tospråklig lærer\nOla Dahl;ola@x.example;Stedfortredende rektor\n", kari + ", Ola Dahl <ola@x.example> LEADER"},
		"titles in the plural":            {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærere\n", kari},
		"two posts in one title":          {"Navn;E-post;Rolle\nKari Berg;kari@x.example;Lærer\nOla Dahl;ola@x.example;Rektor/lærer\n", kari + ", 3 UNKNOWN_ROLE Rektor/lærer"},
		"numbers of the state beside it":  {"Navn;Fødselsnummer;E-post;Rolle\nKari Berg;01019012345;kari@x.example;Lærer\n", kari},
		"an export of a system for wages": {"Ansattnr;Etternavn;Fornavn;Stillingskode;Stilling;E-post jobb;Prosent\r\n1;Berg;Kari;7961;Lærer;kari@x.example;100,00\r\n", kari},
	} {
		set, err := roster.Read([]byte(tc.content), roster.SimpleCSV, roster.Options{Now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := told(set); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
	}
}

// Other sets of OneRoster: what can't be read is named, and nobody's access hangs on it.
func TestKindsOfSets(t *testing.T) {
	t.Parallel()
	const (
		orgs   = "sourcedId,status,name,type,parentSourcedId\no1,active,Nesset skule,school,d\nd,active,Nesset kommune,district,\n"
		users  = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email\n"
		user12 = "sourcedId,status,enabledUser,username,userIds,givenName,familyName,email,primaryOrgSourcedId\n"
		kari   = "u1,active,true,o1,teacher,kari,Kari,Berg,kari@x.example\n"
		is     = "Kari Berg <kari@x.example> TEACHER"
	)
	manifest := "propertyName,value\nfile.orgs,bulk\nfile.users,bulk\n"
	for name, tc := range map[string]struct {
		orgs, users, roles string
		want               string
		spoken             string // of whom a row that was left out speaks, so that they stay as they were
	}{
		"a list in the way of JSON":             {orgs, users + strings.Replace(kari, ",o1,", `,"[""o1""]",`, 1), "", is, ""},
		"an address for an organisation":        {orgs, users + strings.Replace(kari, ",o1,", ",https://x.example/orgs/o1,", 1), "", "2 UNKNOWN_ORG", "u1"},
		"ids that a spreadsheet has made small": {strings.ReplaceAll(orgs, "o1", "00123"), users + strings.Replace(kari, ",o1,", ",123,", 1), "", "2 UNKNOWN_ORG", "u1"},
		"ids in letters of another size":        {strings.ReplaceAll(orgs, "o1", "ABC"), users + strings.Replace(kari, ",o1,", ",abc,", 1), "", "2 UNKNOWN_ORG", "u1"},
		"access by a word that is known":        {orgs, users + strings.Replace(kari, ",true,", ",Inaktiv,", 1), "", "without access: Kari Berg", ""},
		"access by a word that nobody knows":    {orgs, users + strings.Replace(kari, ",true,", ",kanskje,", 1), "", is + ", 2 UNKNOWN_STATUS", ""},
		"a status of another system":            {orgs, users + kari + "u2,deleted,true,o1,teacher,ola,Ola,Dahl,ola@x.example\n", "", is + ", 3 UNKNOWN_STATUS", "u2"},
		"a name that was spoiled":               {orgs, users + kari + "u2,active,true,o1,teacher,kare,KÃ¥re,Ã…s,kare@x.example\n", "", is + ", 3 GARBLED", "u2"},
		"a school's that was":                   {strings.Replace(orgs, "Nesset skule", "Ã…s skule", 1), users + kari, "", is + ", 2 GARBLED", ""},
		"two roles in one field":                {orgs, users + strings.Replace(kari, "teacher", `"teacher,administrator"`, 1), "", "2 UNKNOWN_ROLE teacher,administrator", "u1"},
		"fields that are missing at the end":    {orgs, users + "u1,active,true,o1,teacher,kari,Kari,Berg\n", "", "Kari Berg <> TEACHER", ""},
		"fields that are too many":              {orgs, users + kari + "u2,active,true,o1,teacher,ola,Ola,Dahl,ola@x.example,,extra\n", "", is + ", 3 TOO_MANY_FIELDS", "u2"},
		"a list that ends in a comma":           {orgs, users + strings.Replace(kari, ",o1,", `,"o1,",`, 1), "", is, ""},
		"a list with blanks":                    {orgs, users + strings.Replace(kari, ",o1,", `," o1 ",`, 1), "", is, ""},
		"an address with a sign behind":         {orgs, users + strings.Replace(kari, "kari@x.example", "kari@x.example;", 1), "", is, ""},
		"a user twice":                          {orgs, users + kari + kari, "", is + ", 3 DUPLICATE_ID", "u1"},
		"NULL as databases write it":            {orgs, users + "u1,active,true,o1,teacher,kari,Kari,Berg,NULL\n", "", "Kari Berg <> TEACHER, 2 BROKEN_EMAIL", ""},
		"organisations that go in a circle":     {"sourcedId,status,name,type,parentSourcedId\no1,active,A,department,o2\no2,active,B,department,o1\n", users + kari, "", is + ", 2 NOT_A_SCHOOL, 3 NOT_A_SCHOOL", ""},
		"a role without an organisation":        {orgs, user12 + "u1,,true,kari,,Kari,Berg,kari@x.example,o1\n", "sourcedId,userSourcedId,roleType,role,orgSourcedId\nr1,u1,primary,teacher,\n", "2 UNKNOWN_ORG", "u1"},
		"somebody without a role":               {orgs, user12 + "u1,,true,kari,,Kari,Berg,kari@x.example,o1\n", "sourcedId,userSourcedId,roleType,role,orgSourcedId\n", "2 UNKNOWN_ROLE", "u1"},
		"a role of somebody who is not there":   {orgs, user12 + "u1,,true,kari,,Kari,Berg,kari@x.example,o1\n", "sourcedId,userSourcedId,roleType,role,orgSourcedId\nr1,U1,primary,teacher,o1\n", "2 UNKNOWN_REFERENCE, 2 UNKNOWN_ROLE", "u1"},
	} {
		files := map[string]string{"manifest.csv": manifest, "orgs.csv": tc.orgs, "users.csv": tc.users}
		if tc.roles != "" {
			files["roles.csv"] = tc.roles
		}
		set, err := roster.Read(pack(t, files), roster.OneRosterZip, roster.Options{Now: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := told(set); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, tc.want)
		}
		if tc.spoken != "" && !set.SpeaksOf(tc.spoken) {
			t.Errorf("%s: %s is not spoken of, so their access would end", name, tc.spoken)
		}
	}
}

// The same list in the letters of all programs, and a set with a mark before its files.
func TestTheLettersOfAList(t *testing.T) {
	t.Parallel()
	const list = "Navn\tE-post\tStilling\tTrinn\r\nKåre Ærøy\tkare@x.example\tKontaktlærer\tÅrstrinn 1\r\n"
	for name, by := range map[string]encoding.Encoding{
		"UTF-8 with a mark": unicode.UTF8BOM, "Excel's Unicode text": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"the other way round": unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "Windows": charmap.Windows1252,
	} {
		written := func(text string) string {
			out, err := by.NewEncoder().String(text)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		set, err := roster.Read([]byte(written(list)), roster.SimpleCSV, roster.Options{})
		if err != nil || told(set) != "Kåre Ærøy <kare@x.example> TEACHER Årstrinn 1" {
			t.Errorf("%s: %v, %v", name, set, err)
		}
		set, err = roster.Read(pack(t, map[string]string{
			"manifest.csv": written("propertyName,value\nfile.orgs,bulk\nfile.users,bulk\n"),
			"orgs.csv":     written("sourcedId,status,name,type,parentSourcedId\no1,active,Nesset skule,school,\n"),
			"users.csv":    written("sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\nu1,active,true,o1,teacher,Kåre,Ærøy,kare@x.example\n"),
		}), roster.OneRosterZip, roster.Options{})
		if standard := name != "Windows"; standard && (err != nil || told(set) != "Kåre Ærøy <kare@x.example> TEACHER") || !standard && err == nil {
			t.Errorf("%s, as a set: %v, %v", name, set, err)
		}
	}
}
