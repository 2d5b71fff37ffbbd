package roster_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"undring/school/roster"
)

// somebody of a school, as any exporter knows them.
type somebody struct {
	given, family, email, team string
	leads                      bool
}

var (
	givens   = []string{"Kari", "Åse", "Máret", "Seán", "Anne-Grethe", "Bjørn", "Nguyễn", "Pål", "Øystein"}
	families = []string{"Berg", "Ørbæk", "O'Brien", "Hætta-Sara", "Sjøvåg", "Thị", "Dahl", "Ås"}
)

func people(t *rapid.T) []somebody {
	var out []somebody
	for i := range rapid.IntRange(1, 12).Draw(t, "people") {
		out = append(out, somebody{given: rapid.SampledFrom(givens).Draw(t, "given"), family: rapid.SampledFrom(families).Draw(t, "family") + fmt.Sprint(i),
			email: fmt.Sprintf("p%d@nesset.example", i), team: rapid.SampledFrom([]string{"", "5. trinn", "Årstrinn 1–2"}).Draw(t, "team"), leads: rapid.Bool().Draw(t, "leads")})
	}
	return out
}

// dialect writes people as one exporter does.
type dialect struct {
	format roster.Format
	write  func(t testing.TB, people []somebody) []byte
	teams  bool
}

func lines(head, separator, end string, people []somebody, row func(somebody) []string) []byte {
	var b strings.Builder
	b.WriteString(head + end)
	for _, p := range people {
		fields := row(p)
		for i, f := range fields {
			if strings.ContainsAny(f, separator+"\"\n") {
				fields[i] = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
			}
		}
		b.WriteString(strings.Join(fields, separator) + end)
	}
	return []byte(b.String())
}

func title(p somebody, teacher, leader string) string {
	if p.leads {
		return leader
	}
	return teacher
}

func list(head, separator, end string, row func(somebody) []string) dialect {
	return dialect{roster.SimpleCSV, func(_ testing.TB, people []somebody) []byte { return lines(head, separator, end, people, row) }, true}
}

func plain(p somebody) []string {
	return []string{p.given + " " + p.family, p.email, title(p, "teacher", "leader"), p.team}
}

func set(t testing.TB, folder, separator, head string, people []somebody, row func(int, somebody) []string, roles func(int, somebody) []string, version string) []byte {
	i := 0
	users := lines(strings.ReplaceAll(head, ",", separator), separator, "\r\n", people, func(p somebody) []string { i++; return row(i, p) })
	manifest := "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version," + version + "\r\nfile.orgs,bulk\r\nfile.users,bulk\r\n"
	files := map[string]string{folder + "orgs.csv": strings.ReplaceAll("sourcedId,status,name,type,parentSourcedId\r\nsk-1,,Nesset skule,school,\r\n", ",", separator), folder + "users.csv": string(users)}
	if roles != nil {
		i = 0
		files[folder+"roles.csv"] = string(lines("sourcedId,userSourcedId,role,orgSourcedId", ",", "\r\n", people, func(p somebody) []string { i++; return roles(i, p) }))
		manifest += "file.roles,bulk\r\n"
	}
	files[folder+"manifest.csv"] = manifest
	return pack(t, files)
}

// dialects are twelve exporters.
func dialects() map[string]dialect {
	one := func(i int, p somebody) []string {
		return []string{fmt.Sprint("u", i), "active", "true", "sk-1", title(p, "teacher", "principal"), p.given, p.family, p.email}
	}
	head := "sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email"
	zip := func(folder, separator string, row func(int, somebody) []string) dialect {
		return dialect{roster.OneRosterZip, func(t testing.TB, people []somebody) []byte {
			return set(t, folder, separator, head, people, row, nil, "1.1")
		}, false}
	}
	return map[string]dialect{
		"a plain list":      list("name,email,role,team", ",", "\n", plain),
		"a Norwegian Excel": list("\ufeffNavn;E-post;Rolle;Team", ";", "\r\n", func(p somebody) []string { r := plain(p); r[2] = title(p, "lærer", "leder"); return r }),
		"a line for Excel":  list("sep=;\r\nNamn;E-postadresse;Stilling;Trinn", ";", "\r\n", func(p somebody) []string { r := plain(p); r[2] = title(p, "Kontaktlærar", "Avdelingsleiar"); return r }),
		"a title and tabs":  list("Ansatte per 17.08.2026\t\t\t\n\t\t\t\nNavn\tE-post\tStilling\tTeam", "\t", "\n", func(p somebody) []string { r := plain(p); r[2] = title(p, "Adjunkt m/tillegg", "Rektor"); return r }),
		"surnames first":    list("name;email;role;team", ";", "\n", func(p somebody) []string { r := plain(p); r[0] = p.family + ", " + p.given; return r }),
		"names in two": list("Etternavn;Fornavn;Arbeids-epost;Tittel;Avdeling", ";", "\r\n", func(p somebody) []string {
			return []string{p.family, p.given, p.email, title(p, "Lektor", "Inspektør"), p.team}
		}),
		"other order, rubble": list("id,Team,Rolle,E-post,Navn", ",", "\n", func(p somebody) []string {
			return []string{"7", p.team, strings.ToUpper(title(p, "lærer", "leder")), "\u200b" + strings.ToUpper(p.email) + " ", "  " + p.given + "\u00a0 " + p.family}
		}),
		"a Mac": list("name,email,role,team", ",", "\n", func(p somebody) []string {
			r := plain(p)
			return []string{norm.NFD.String(r[0]), r[1], r[2], norm.NFD.String(r[3])}
		}),
		"OneRoster 1.1":    zip("", ",", one),
		"with semicolons":  zip("Eksport 2026/", ";", one),
		"by a spreadsheet": zip("a/b/", ",", func(i int, p somebody) []string { r := one(i, p); r[1], r[2] = "ACTIVE", "SANN"; return r }),
		"OneRoster 1.2": {roster.OneRosterZip, func(t testing.TB, people []somebody) []byte {
			return set(t, "", ",", "sourcedId,status,enabledUser,givenName,familyName,email", people,
				func(i int, p somebody) []string {
					return []string{fmt.Sprint("u", i), "active", "true", p.given, p.family, p.email}
				},
				func(i int, p somebody) []string {
					return []string{fmt.Sprint("r", i), fmt.Sprint("u", i), title(p, "teacher", "principal"), "sk-1"}
				}, "1.2")
		}, false},
	}
}

// G28: the same people, written by any of twelve exporters and read back, are the same
// people.
func TestPropertyTwelveDialectsAreTheSamePeople(t *testing.T) {
	t.Parallel()
	all := dialects()
	if len(all) != 12 {
		t.Fatalf("%d dialects", len(all))
	}
	for name, d := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(r *rapid.T) {
				want := people(r)
				got, err := roster.Read(d.write(t, want), d.format, roster.Options{})
				if err != nil {
					r.Fatal(err)
				}
				var said, have []string
				for _, p := range want {
					said = append(said, fmt.Sprint(p.given+" "+p.family, p.email, p.leads, p.team == "" || !d.teams))
				}
				for _, p := range got.People {
					m := p.Memberships[0]
					have = append(have, fmt.Sprint(p.Name(), p.Email, m.Role == roster.Leader, m.Team == ""))
				}
				slices.Sort(said)
				slices.Sort(have)
				if !slices.Equal(said, have) || len(got.Errors) > 0 {
					r.Fatalf("written %q, read %q, odd %v", said, have, got.Errors)
				}
			})
		})
	}
}
