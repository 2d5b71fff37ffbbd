package roster

import (
	"archive/zip"
	"bytes"
	"io"
	"net/mail"
	"path"
	"slices"
	"strings"
)

// The files that are looked at; every other one of the standard says nothing
// about people and is left alone.
var known = []string{"manifest.csv", "orgs.csv", "users.csv", "roles.csv", "enrollments.csv", "classes.csv", "academicSessions.csv"}

var roles = map[string]Role{
	"teacher":               Teacher,
	"principal":             Leader,
	"administrator":         Administrator,
	"districtadministrator": Administrator,
	"siteadministrator":     Administrator,
	"systemadministrator":   Administrator,
}

// Without a part in visits: silently, or, where it may be a mistake, by name.
var (
	outsiders = []string{"student", "parent", "guardian", "relative"}
	leftOut   = []string{"aide", "counselor", "proctor"}
)

// What a column of a file refers to.
var references = []struct{ file, column, to string }{
	{"academicSessions.csv", "parentSourcedId", "academicSessions.csv"},
	{"classes.csv", "schoolSourcedId", "orgs.csv"},
	{"classes.csv", "termSourcedIds", "academicSessions.csv"},
	{"enrollments.csv", "classSourcedId", "classes.csv"},
	{"enrollments.csv", "schoolSourcedId", "orgs.csv"},
	{"enrollments.csv", "userSourcedId", "users.csv"},
}

// oneRoster is a set while it is read.
type oneRoster struct {
	*Set
	files map[string]*table
	bulk  map[string]bool
	ids   map[string]map[string]row // file → sourced id → row
}

func readOneRoster(content []byte) (*Set, error) {
	o := &oneRoster{Set: new(Set), files: map[string]*table{}, bulk: map[string]bool{}, ids: map[string]map[string]row{}}
	if err := o.unpack(content); err != nil {
		return nil, err
	}
	if o.files["users.csv"] == nil {
		return nil, invalid("NO_USERS", nil)
	}
	o.manifest()
	for _, name := range known[1:] {
		if t := o.files[name]; t != nil {
			o.index(t)
		}
	}
	o.refer()
	o.schools()
	o.people()
	o.enrollments()
	slices.SortStableFunc(o.Errors, func(a, b RowError) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return o.Set, nil
}

// unpack reads the files of the zip, which may stand in one folder.
func (o *oneRoster) unpack(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return invalid("NO_ZIP", err)
	}
	if len(z.File) > MaxFiles {
		return invalid("TOO_MANY_FILES", nil)
	}
	left, rows := int64(MaxUnpacked), MaxRows
	for _, f := range z.File {
		name := path.Base(f.Name)
		if strings.Count(f.Name, "/") > 1 || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") || !slices.Contains(known, name) {
			continue
		}
		if o.files[name] != nil {
			return invalid("FILE_TWICE", nil)
		}
		if f.Flags&1 != 0 {
			return invalid("ENCRYPTED", nil)
		}
		r, err := f.Open()
		if err != nil {
			return invalid("UNREADABLE", err)
		}
		// What the header says of the size is not believed.
		raw, err := io.ReadAll(io.LimitReader(r, left+1))
		r.Close()
		if err != nil {
			return invalid("UNREADABLE", err)
		}
		if left -= int64(len(raw)); left < 0 {
			return invalid("TOO_LARGE", nil)
		}
		if o.files[name], err = o.parse(name, raw, &rows); err != nil {
			return err
		}
	}
	return nil
}

// manifest finds out which files are whole and which tell changes only. Without
// one all are taken as whole.
func (o *oneRoster) manifest() {
	t := o.files["manifest.csv"]
	if t == nil {
		o.odd("manifest.csv", 0, ManifestMissing, true)
	}
	for _, name := range known {
		o.bulk[name] = true
	}
	if t != nil {
		for _, r := range t.rows {
			file, isFile := strings.CutPrefix(t.get(r, "propertyName"), "file.")
			if isFile && strings.EqualFold(t.get(r, "value"), "delta") {
				o.bulk[file+".csv"] = false
			}
		}
	}
	o.Bulk = o.bulk["users.csv"]
}

// index finds every row by its id, and names those whose id or status is odd.
func (o *oneRoster) index(t *table) {
	ids := make(map[string]row, len(t.rows))
	filled := slices.ContainsFunc(t.rows, func(r row) bool { return t.get(r, "status") != "" })
	kept := t.rows[:0]
	for _, r := range t.rows {
		id := t.get(r, "sourcedId")
		_, twice := ids[id]
		switch status := strings.ToLower(t.get(r, "status")); {
		case id == "":
			o.odd(t.name, r.line, BlankID, false)
			continue
		case twice:
			o.odd(t.name, r.line, DuplicateID, false)
			continue
		case status == "" && filled:
			o.odd(t.name, r.line, BlankStatus, true)
		case status == "tobedeleted" && o.bulk[t.name]:
			o.odd(t.name, r.line, DeletedInBulk, true)
		case status != "" && status != "active" && status != "tobedeleted":
			o.odd(t.name, r.line, UnknownStatus, false)
			continue
		}
		ids[id] = r
		kept = append(kept, r)
	}
	t.rows = kept
	o.ids[t.name] = ids
}

func gone(t *table, r row) bool { return strings.EqualFold(t.get(r, "status"), "tobedeleted") }

// refer names the rows that refer to nothing, where the file referred to is
// there and whole.
func (o *oneRoster) refer() {
	for _, ref := range references {
		t, to := o.files[ref.file], o.ids[ref.to]
		if t == nil || to == nil || !o.bulk[ref.to] {
			continue
		}
		for _, r := range t.rows {
			for _, id := range list(t.get(r, ref.column)) {
				if _, there := to[id]; !there {
					o.odd(t.name, r.line, UnknownRef, true)
					break
				}
			}
		}
	}
}

func list(field string) []string {
	var out []string
	for id := range strings.SplitSeq(field, ",") {
		if id = strings.TrimSpace(id); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// schools takes the schools, and an organisation that belongs to a school which
// is not in the file in its place.
func (o *oneRoster) schools() {
	t := o.files["orgs.csv"]
	if t == nil {
		return
	}
	for _, r := range t.rows {
		if gone(t, r) {
			continue
		}
		if !strings.EqualFold(t.get(r, "type"), "school") {
			if o.schoolAbove(t.get(r, "sourcedId")) != "" || strings.EqualFold(t.get(r, "type"), "district") {
				continue
			}
			o.odd(t.name, r.line, NotASchool, true)
		}
		name := t.get(r, "name")
		if name == "" {
			o.odd(t.name, r.line, BlankName, false)
			continue
		}
		o.Schools = append(o.Schools, School{SourcedID: t.get(r, "sourcedId"), Name: clip(name)})
	}
}

// schoolAbove finds the school that an organisation is, or is part of.
func (o *oneRoster) schoolAbove(id string) string {
	t := o.files["orgs.csv"]
	if t == nil {
		return ""
	}
	for range 10 { // no tree of organisations is deeper; a circle ends here
		r, there := o.ids["orgs.csv"][id]
		if !there {
			return ""
		}
		if strings.EqualFold(t.get(r, "type"), "school") {
			return id
		}
		id = t.get(r, "parentSourcedId")
	}
	return ""
}

// schoolOf is the school of the set that an organisation stands for.
func (o *oneRoster) schoolOf(org string) string {
	if above := o.schoolAbove(org); above != "" {
		return above
	}
	if slices.ContainsFunc(o.Schools, func(s School) bool { return s.SourcedID == org }) {
		return org
	}
	if o.files["orgs.csv"] == nil || !o.bulk["orgs.csv"] {
		return org // known from before
	}
	return ""
}

// place is one role of a user at one organisation.
type place struct{ role, org string }

// people takes those who have a part in visits.
func (o *oneRoster) people() {
	t := o.files["users.csv"]
	placesOf := o.roles()
	for _, r := range t.rows {
		id := t.get(r, "sourcedId")
		places := placesOf[id]
		if role := t.get(r, "role"); role != "" {
			for _, org := range list(t.get(r, "orgSourcedIds")) {
				places = append(places, place{role, org})
			}
			if t.get(r, "orgSourcedIds") == "" {
				places = append(places, place{role, ""})
			}
		}
		p := Person{
			SourcedID: id, GivenName: clip(t.get(r, "givenName")), FamilyName: clip(t.get(r, "familyName")),
			Active: !gone(t, r) && !strings.EqualFold(t.get(r, "enabledUser"), "false"),
		}
		if gone(t, r) {
			o.People = append(o.People, p)
			continue
		}
		if !o.take(t, r, &p, places) {
			continue
		}
		if p.GivenName+p.FamilyName == "" {
			o.odd(t.name, r.line, BlankName, false)
			continue
		}
		if p.Email = strings.ToLower(t.get(r, "email")); p.Email != "" && !isEmail(p.Email) {
			o.odd(t.name, r.line, BrokenEmail, true)
			p.Email = ""
		}
		o.People = append(o.People, p)
	}
}

// take gives a person their places. It reports false when they have none that
// counts, and says why where that is odd.
func (o *oneRoster) take(t *table, r row, p *Person, places []place) bool {
	var reason Reason
	for _, at := range places {
		role := strings.ToLower(at.role)
		switch {
		case slices.Contains(outsiders, role):
			continue
		case slices.Contains(leftOut, role):
			reason = RoleLeftOut
			continue
		case roles[role] == "":
			reason = UnknownRole
			continue
		}
		school := o.schoolOf(at.org)
		if school == "" {
			reason = UnknownOrg
			continue
		}
		m := Membership{School: school, Role: roles[role]}
		if !slices.Contains(p.Memberships, m) {
			p.Memberships = append(p.Memberships, m)
		}
	}
	if len(places) == 0 {
		reason = UnknownRole
	}
	switch {
	case reason != "":
		o.odd(t.name, r.line, reason, len(p.Memberships) > 0)
	case len(p.Memberships) == 0:
		o.Skipped++
	}
	return len(p.Memberships) > 0
}

// roles are the places of OneRoster 1.2, which stand in a file of their own.
func (o *oneRoster) roles() map[string][]place {
	t := o.files["roles.csv"]
	out := map[string][]place{}
	if t == nil {
		return out
	}
	for _, r := range t.rows {
		if gone(t, r) {
			continue
		}
		user := t.get(r, "userSourcedId")
		if _, there := o.ids["users.csv"][user]; !there {
			o.odd(t.name, r.line, UnknownRef, false)
			continue
		}
		out[user] = append(out[user], place{t.get(r, "role"), t.get(r, "orgSourcedId")})
	}
	return out
}

// enrollments are not taken; where they contradict what a user is, that is said.
func (o *oneRoster) enrollments() {
	t, users := o.files["enrollments.csv"], o.files["users.csv"]
	if t == nil || !users.has("role") {
		return
	}
	for _, r := range t.rows {
		user, there := o.ids["users.csv"][t.get(r, "userSourcedId")]
		if !there {
			continue
		}
		pupil := strings.EqualFold(users.get(user, "role"), "student")
		asPupil := strings.EqualFold(t.get(r, "role"), "student")
		if pupil != asPupil {
			o.odd(t.name, r.line, RoleContradicts, false)
		}
	}
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 320
}

// clip keeps a name within what is kept of names.
func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200])
	}
	return s
}
