package school

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"undring/refusal"
	"undring/school/roster"
	"undring/school/roster/rest"
)

// staff is a school of so many people as they are known after their list was taken.
func staff(content []byte, at uuid.UUID) (*known, error) {
	set, err := roster.Read(content, roster.SimpleCSV, roster.Options{})
	if err != nil {
		return nil, err
	}
	return knownOf(set, at), nil
}

// knownOf is a school of the people of a list, once it was taken.
func knownOf(set *roster.Set, at uuid.UUID) *known {
	was := newKnown()
	was.schoolNames[at] = "Nesset skule"
	for _, p := range set.People {
		k := &knownPerson{id: uuid.New(), given: p.GivenName, family: p.FamilyName, email: p.Email, active: true, ours: true, names: []string{p.SourcedID},
			memberships: map[membershipKey]bool{}, byHand: map[membershipKey]bool{}, teams: map[teamKey]bool{}}
		for _, m := range p.Memberships {
			k.memberships[membershipKey{at, Role(m.Role)}] = true
		}
		was.people[k.id], was.register[p.SourcedID] = k, k
	}
	return was
}

// lost counts who had access and has none after the plan, by going through what it would
// write, and not by what the brake says of it.
func lost(was *known, p *planner) int {
	gone := map[uuid.UUID]bool{}
	for _, id := range p.deactivated {
		gone[id] = true
	}
	places := map[uuid.UUID]int{}
	for id, k := range was.people {
		for _, active := range k.memberships {
			if active {
				places[id]++
			}
		}
	}
	for n, id := range p.memberships.people {
		if p.memberships.active[n] {
			places[id]++
		} else {
			places[id]--
		}
	}
	n := 0
	for id, k := range was.people {
		if k.active && (gone[id] || places[id] <= 0) {
			n++
		}
	}
	return n
}

// broken is a content that something has happened to on its way: a byte is another one, is
// missing, or is there that was not; or the rest is missing, or comes twice.
func broken(r *rapid.T, content []byte) []byte {
	if len(content) == 0 {
		return content
	}
	at := rapid.IntRange(0, len(content)-1).Draw(r, "where")
	one := rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\"\r\n,;\t\x00@{}[]:\\"))).Draw(r, "byte")
	switch rapid.SampledFrom([]string{"flip", "delete", "insert", "cut", "again"}).Draw(r, "how") {
	case "flip":
		out := bytes.Clone(content)
		out[at] = one
		return out
	case "delete":
		return slices.Concat(content[:at], content[at+1:])
	case "insert":
		return slices.Concat(content[:at], []byte{one}, content[at:])
	case "cut":
		return bytes.Clone(content[:at])
	default:
		from := rapid.IntRange(0, at).Draw(r, "from")
		return slices.Concat(content[:at], content[from:])
	}
}

// G28: whatever byte of a roster is broken, no more access ends than the brake allows: it
// is refused, or held, or at most three people or one in ten lose theirs.
func TestPropertyABrokenByteEndsLittle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		many := rapid.IntRange(2, 60).Draw(r, "people")
		separator := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(r, "separator")
		var b strings.Builder
		b.WriteString(strings.Join([]string{"name", "email", "role", "team"}, separator) + "\n")
		b.WriteString(strings.Join([]string{"Arne Hagen", "arne@x.example", "administrator", ""}, separator) + "\n")
		for i := range many {
			b.WriteString(strings.Join([]string{fmt.Sprintf("Lærer%d Nr%d", i, i), fmt.Sprintf("l%d@x.example", i), "lærer", "5. trinn"}, separator) + "\n")
		}
		content, at := []byte(b.String()), uuid.New()
		was, err := staff(content, at)
		if err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(r, "breaks") {
			content = broken(r, content)
		}
		set, err := roster.Read(content, roster.SimpleCSV, roster.Options{})
		if err != nil {
			if refusal.ReasonOf(err) != refusal.RosterInvalid {
				r.Fatal(err)
			}
			return
		}
		endsLittle(r, was, Import{Set: set, School: at, NewID: uuid.New}, content)
	})
}

// endsLittle plans an import, and fails where it ends more access than the brake allows.
func endsLittle(r *rapid.T, was *known, i Import, content []byte) {
	p := newPlan(was, i, uuid.Nil)
	d, err := p.difference()
	if err != nil || len(d.Brakes) > 0 {
		return // held
	}
	if n := lost(was, p); n > brakePeople && n*brakeShare > len(was.people) {
		r.Fatalf("%d of %d lose access: %q", n, len(was.people), content)
	}
}

// G28: the same of a zip, whichever of its bytes are broken: those of a file in it, as a system
// writes them that is ill, or those of the archive itself, as they come over a bad line.
func TestPropertyABrokenByteOfAZipEndsLittle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		many := rapid.IntRange(2, 60).Draw(r, "people")
		var users strings.Builder
		users.WriteString("sourcedId,status,enabledUser,orgSourcedIds,role,givenName,familyName,email\nu,active,true,o1,administrator,Arne,Hagen,arne@x.example\n")
		for i := range many {
			fmt.Fprintf(&users, "u%d,active,true,o1,teacher,Lærer%d,Nr%d,l%d@x.example\n", i, i, i, i)
		}
		files := map[string][]byte{
			"manifest.csv": []byte("propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n"),
			"orgs.csv":     []byte("sourcedId,status,name,type,parentSourcedId\no1,active,Nesset skule,school,\n"),
			"users.csv":    []byte(users.String()),
		}
		names := []string{"manifest.csv", "orgs.csv", "users.csv"}
		pack := func() []byte {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			for _, name := range names {
				f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: rapid.SampledFrom([]uint16{zip.Store, zip.Deflate}).Draw(r, "method")})
				if err == nil {
					_, err = f.Write(files[name])
				}
				if err != nil {
					r.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				r.Fatal(err)
			}
			return b.Bytes()
		}
		at := uuid.New()
		set, err := roster.Read(pack(), roster.OneRosterZip, roster.Options{})
		if err != nil {
			r.Fatal(err)
		}
		was := knownOf(set, at)
		was.schools["o1"] = at
		inside := rapid.Bool().Draw(r, "inside a file")
		if inside {
			file := rapid.SampledFrom(names).Draw(r, "file")
			files[file] = broken(r, files[file])
		}
		content := pack()
		if !inside {
			content = broken(r, content)
		}
		set, err = roster.Read(content, roster.OneRosterZip, roster.Options{})
		if err != nil {
			if refusal.ReasonOf(err) != refusal.RosterInvalid {
				r.Fatal(err)
			}
			return
		}
		endsLittle(r, was, Import{Set: set, NewID: uuid.New}, content)
	})
}

// G28: the same of an endpoint, whatever of its answers is broken, or whichever of them does not
// come: it is refused, or held, or ends little. And so is a delta of it.
func TestPropertyABrokenByteOfAnEndpointEndsLittle(t *testing.T) {
	t.Parallel()
	answers := map[string][]byte{}
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/token" {
			_, _ = w.Write([]byte(`{"access_token":"t","token_type":"Bearer","expires_in":3600}`))
			return
		}
		_, _ = w.Write(answers[strings.TrimPrefix(r.URL.Path, "/")+"?"+r.URL.Query().Get("offset")])
	}))
	t.Cleanup(at.Close)
	source := rest.Source{URL: at.URL, TokenURL: at.URL + "/token", ClientID: "undring", ClientSecret: "x"}
	type object = map[string]any
	rapid.Check(t, func(r *rapid.T) {
		many := rapid.IntRange(2, 60).Draw(r, "people")
		ref := object{"sourcedId": "o1"}
		somebody := func(id, role, given string) object {
			return object{"sourcedId": id, "status": "active", "dateLastModified": "2026-08-01T00:00:00.000Z", "enabledUser": "true", "givenName": given, "familyName": "Nr" + id,
				"email": id + "@x.example", "roles": []any{object{"roleType": "primary", "role": role, "org": ref}}}
		}
		users := []any{somebody("arne", "administrator", "Arne")}
		for i := range many {
			users = append(users, somebody(fmt.Sprint("u", i), "teacher", "Lærer"))
		}
		answer := func(name string, rows []any) []byte {
			raw, err := json.Marshal(object{name: rows})
			if err != nil {
				r.Fatal(err)
			}
			return raw
		}
		clear(answers)
		half := fmt.Sprint(len(users) / 2)
		answers["orgs?0"], answers["orgs?1"] = answer("orgs", []any{object{"sourcedId": "o1", "status": "active", "name": "Nesset skule", "type": "school"}}), answer("orgs", nil)
		answers["users?0"], answers["users?"+half] = answer("users", users[:len(users)/2]), answer("users", users[len(users)/2:])
		answers["users?"+fmt.Sprint(len(users))] = answer("users", nil)
		fetch := func(since time.Time) (*roster.Set, []byte, error) {
			content, _, err := rest.Fetch(context.Background(), source, since)
			if err != nil {
				return nil, nil, err
			}
			set, err := roster.Read(content, roster.OneRosterZip, roster.Options{})
			return set, content, err
		}
		set, _, err := fetch(time.Time{})
		if err != nil || len(set.People) != len(users) {
			r.Fatal(set, err)
		}
		id := uuid.New()
		was := knownOf(set, id)
		was.schools["o1"] = id
		names := slices.Sorted(maps.Keys(answers))
		name := rapid.SampledFrom(names).Draw(r, "answer")
		answers[name] = broken(r, answers[name])
		since := time.Time{}
		if rapid.Bool().Draw(r, "a delta") {
			since = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		}
		set, content, err := fetch(since)
		if err != nil {
			return // nothing is imported
		}
		endsLittle(r, was, Import{Set: set, NewID: uuid.New}, content)
	})
}
