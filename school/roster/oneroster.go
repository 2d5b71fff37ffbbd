package roster

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"slices"
	"strings"

	"undring/intake"
)

// The files that are looked at; every other one of the standard says nothing
// about people and is left alone.
var known = []string{"manifest.csv", "orgs.csv", "users.csv", "roles.csv", "enrollments.csv", "classes.csv", "academicSessions.csv"}

// Columns without which a file says nothing.
var needed = map[string][]string{
	"orgs.csv":  {"sourcedId", "name", "type"},
	"users.csv": {"sourcedId", "givenName", "familyName"},
	"roles.csv": {"userSourcedId", "role", "orgSourcedId"},
}

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
	today string // ISO; empty: all roles count
	mine  map[string]Role
	there map[string]bool // every file of the folder, in small letters
	files map[string]*table
	bulk  map[string]bool
	ids   map[string]map[string]row // file → sourced id → row
	taken map[string]bool           // schools of the set, by sourced id
	below map[string][]string       // organisation → schools below it
}

// readOneRoster reads a set in the order in which its files refer to each other:
// organisations, then people, then what ties them together.
func readOneRoster(content []byte, opts Options) (*Set, error) {
	o := &oneRoster{Set: new(Set), today: opts.today(), mine: opts.folded(), there: map[string]bool{}, files: map[string]*table{}, bulk: map[string]bool{},
		ids: map[string]map[string]row{}, taken: map[string]bool{}, below: map[string][]string{}}
	if err := o.unpack(content); err != nil {
		return nil, err
	}
	if err := o.manifest(); err != nil {
		return nil, err
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	// The manifest has no rows of anybody's.
	for _, name := range known[1:] {
		if t := o.files[name]; t != nil {
			o.index(t)
		}
	}
	o.refer()
	o.schools()
	o.people()
	o.enrollments()
	o.sortErrors()
	return o.Set, nil
}

// sortErrors puts errors into the order of the files, as the rows of one person come from
// several.
func (o *oneRoster) sortErrors() {
	slices.SortStableFunc(o.Errors, func(a, b RowError) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	o.titles = nil // places are others now
}

// unpack reads the files of the zip that stand in the folder of users.csv, wherever
// that is, under names in letters of any size.
func (o *oneRoster) unpack(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return invalid("NO_ZIP", err)
	}
	if len(z.File) > MaxFiles {
		return invalid("TOO_MANY_FILES", nil)
	}
	folder, err := folderOf(z.File)
	if err != nil {
		return err
	}
	// Both are of all files together: ten files at the limit would be ten times too much.
	left, rows := unpackedMost(len(content)), MaxRows
	for _, f := range z.File {
		dir, base, hidden := place(f.Name)
		if hidden || dir != folder {
			continue
		}
		o.there[strings.ToLower(base)] = true
		at := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, base) })
		if at < 0 {
			continue
		}
		name := known[at]
		if o.files[name] != nil {
			return refuseAt("FILE_TWICE", name, 0)
		}
		raw, err := read(f, &left)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(raw)) == 0 && name != "users.csv" && name != "orgs.csv" {
			continue // an exporter's way to say that it has none
		}
		if o.files[name], err = o.parse(name, raw, &rows, standard(name)); err != nil {
			return err
		}
	}
	return nil
}

// standard finds the heading of a file of the standard. Its letters are UTF-8, or say themselves
// what they are: a register that breaks the standard in this breaks it elsewhere, too.
func standard(name string) dialect {
	return dialect{standardColumns, func(columns map[string]int) bool {
		if name == "manifest.csv" {
			_, there := columns["propertyname"]
			return there
		}
		_, id := columns["sourcedid"]
		_, user := columns["usersourcedid"]
		return id || user
	}, intake.Marked}
}

// read unpacks one file. What its header says of its size is not believed.
// One byte more than is left is asked for, which tells a file that is too large from one that
// just fits.
func read(f *zip.File, left *int64) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, invalid("ENCRYPTED", nil)
	}
	r, err := f.Open()
	if err != nil {
		return nil, invalid("UNREADABLE", err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, *left+1))
	if err != nil {
		return nil, invalid("UNREADABLE", err)
	}
	if *left -= int64(len(raw)); *left < 0 {
		return nil, invalid("TOO_LARGE", nil)
	}
	return raw, nil
}

// place takes the name of a file in a zip apart. Hidden are folders, and what a
// system lays beside people's files.
func place(name string) (dir, base string, hidden bool) {
	name = strings.ReplaceAll(name, `\`, "/")
	for part := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if strings.EqualFold(part, "__MACOSX") || strings.HasPrefix(part, ".") && part != "." {
			hidden = true
		}
	}
	dir, base = path.Split(name)
	return path.Clean(dir), base, hidden || base == ""
}

// folderOf finds the folder in which users.csv stands, and refuses an archive whose
// paths lead out of it.
// Nothing is unpacked to a disk here; a path that climbs is refused all the same, since no
// exporter writes one.
func folderOf(files []*zip.File) (string, error) {
	folder, found := "", false
	for _, f := range files {
		if climbs(f.Name) {
			return "", refuseAt("PATH_CLIMBS", "", 0)
		}
		dir, base, hidden := place(f.Name)
		if hidden || !strings.EqualFold(base, "users.csv") {
			continue
		}
		if found {
			return "", refuseAt("FILE_TWICE", "users.csv", 0)
		}
		folder, found = dir, true
	}
	if !found {
		return "", invalid("NO_USERS", nil)
	}
	return folder, nil
}

// climbs says whether a path leads out of where an archive is unpacked, on any system.
func climbs(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' {
		return true
	}
	return slices.Contains(strings.Split(name, "/"), "..")
}

// manifest finds out which files are whole and which tell changes only, and refuses a
// set that lacks what its manifest promises. Without one all are taken as whole.
// A promised file that is not there was lost on the way, and with it, in a bulk set, everybody
// who stands in it would be taken for gone.
func (o *oneRoster) manifest() error {
	t := o.files["manifest.csv"]
	if t == nil {
		o.odd("manifest.csv", 0, ManifestMissing, true)
	}
	for _, name := range known {
		o.bulk[name] = true
	}
	if t != nil {
		for _, r := range t.rows {
			file, isFile := strings.CutPrefix(strings.ToLower(t.get(r, "propertyName")), "file.")
			value := strings.ToLower(t.get(r, "value"))
			if !isFile || value != "bulk" && value != "delta" {
				continue
			}
			if !o.there[file+".csv"] {
				return refuseAt("FILE_PROMISED", file+".csv", 0)
			}
			for _, name := range known {
				if strings.EqualFold(name, file+".csv") {
					o.bulk[name] = value == "bulk"
				}
			}
		}
	}
	o.Bulk = o.bulk["users.csv"]
	return nil
}

// complete refuses a set that can't say who its people are.
func (o *oneRoster) complete() error {
	for _, name := range known {
		t := o.files[name]
		if t == nil {
			continue
		}
		for _, column := range needed[name] {
			if !t.has(column) {
				return refuseAt("NO_COLUMN", name, 0).With("column", column)
			}
		}
	}
	users := o.files["users.csv"]
	switch {
	case !users.has("role") && o.files["roles.csv"] == nil:
		return refuseAt("NO_COLUMN", "users.csv", 0).With("column", "role")
	case o.Bulk && o.files["orgs.csv"] == nil:
		return refuseAt("NO_ORGS", "", 0)
	// An empty bulk file would end everybody's access.
	case o.Bulk && len(users.rows) == 0:
		return refuseAt("NO_ROWS", "users.csv", 0)
	case o.Bulk && o.bulk["orgs.csv"] && len(o.files["orgs.csv"].rows) == 0:
		return refuseAt("NO_ROWS", "orgs.csv", 0)
	}
	return nil
}

// index finds every row by its id, and names those whose id or status is odd.
// Complex because each way in which a row's id or status can be wrong is one case, and
// reported by its own reason.
func (o *oneRoster) index(t *table) {
	ids := make(map[string]row, len(t.rows))
	filled := slices.ContainsFunc(t.rows, func(r row) bool { return t.get(r, "status") != "" })
	// In place: nothing reads the rows that were left out again.
	kept := t.rows[:0]
	for _, r := range t.rows {
		id := t.get(r, "sourcedId")
		_, twice := ids[id]
		switch status := statusOf(t, r); {
		case id == "" && t.name != "roles.csv": // a role is known by its user
			o.leaveOut(t, r, BlankID)
			continue
		case twice && id != "":
			o.leaveOut(t, r, DuplicateID)
			continue
		case status == "" && filled:
			o.odd(t.name, r.line, BlankStatus, true)
		// The standard has no such thing in a bulk file, and programs write it; it is believed, and
		// named.
		case status == "tobedeleted" && o.bulk[t.name]:
			o.odd(t.name, r.line, DeletedInBulk, true)
		case status == "inactive" && t.name == "users.csv": // a word of OneRoster 1.0
		case status != "" && status != "active" && status != "tobedeleted":
			o.leaveOut(t, r, UnknownStatus)
			continue
		}
		if id != "" {
			ids[id] = r
		}
		kept = append(kept, r)
	}
	t.rows = kept
	o.ids[t.name] = ids
}

// leaveOut names a row that is not taken, and keeps of whom it speaks.
// Whoever is spoken of keeps what they have: that a row is broken is nothing that they did.
func (o *oneRoster) leaveOut(t *table, r row, reason Reason) {
	o.odd(t.name, r.line, reason, false)
	o.spokenIn(t, r)
}

// spokenIn keeps of whom a row speaks: of its user by id, address and name. A row of roles
// speaks of its user.
func (o *oneRoster) spokenIn(t *table, r row) {
	switch t.name {
	case "users.csv":
		mail, _ := address(t.get(r, "email"))
		given, family := nameOf(t, r, nil)
		o.speaksOf(t.get(r, "sourcedId"), mail, given+family)
	case "roles.csv":
		o.speaksOf(t.get(r, "userSourcedId"))
	}
}

// statusOf is a row's status, as spreadsheets and programs write it.
func statusOf(t *table, r row) string {
	return strings.ToLower(strings.ReplaceAll(t.get(r, "status"), " ", ""))
}

// gone is true for a row that says that somebody is to be deleted.
func gone(t *table, r row) bool { return statusOf(t, r) == "tobedeleted" }

// refer names the rows that refer to nothing, where the file referred to is
// there and whole.
// Taken all the same: a class without a school says nothing about people. That so many are
// named is what tells somebody that a file is of another export.
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

// list takes a list of ids apart: with commas, as the standard has it, or with the
// semicolons and bars that spreadsheets and programs put there.
func list(field string) []string {
	var out []string
	for id := range strings.FieldsFuncSeq(field, func(r rune) bool { return strings.ContainsRune(",;|", r) }) {
		// A list in the way of JSON has brackets around it, and quotation marks.
		if id = strings.Trim(id, ` []"'`); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// orgs are the organisations of a field. Blanks part them where what they part are
// organisations.
// An id with a blank in it, which is an organisation as a whole, stays whole.
func (o *oneRoster) orgs(field string) []string {
	var out []string
	there := o.ids["orgs.csv"]
	for _, id := range list(field) {
		parts := strings.Fields(id)
		_, whole := there[id]
		for i := 0; !whole && i < len(parts) && len(parts) > 1; i++ {
			if _, known := there[parts[i]]; !known {
				break
			}
			if i == len(parts)-1 {
				out, id = append(out, parts...), ""
			}
		}
		if id != "" {
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
		id := t.get(r, "sourcedId")
		if !strings.EqualFold(t.get(r, "type"), "school") {
			// A department below a school is that school; a district is no school however lonely.
			if above, _ := o.above(id); above != "" || wide[strings.ToLower(t.get(r, "type"))] {
				continue
			}
			o.odd(t.name, r.line, NotASchool, true)
		}
		name := t.get(r, "name")
		if name == "" {
			o.odd(t.name, r.line, BlankName, false)
			continue
		}
		if garbled(name) {
			o.odd(t.name, r.line, Garbled, false)
			continue
		}
		o.Schools = append(o.Schools, School{SourcedID: id, Name: clip(name)})
		o.taken[id] = true
		_, over := o.above(id)
		for _, org := range over {
			// Kept for administrators of what stands above: theirs are all of these schools.
			o.below[org] = append(o.below[org], id)
		}
	}
}

// wide are the kinds of organisation that schools belong to.
var wide = map[string]bool{"district": true, "local": true, "state": true, "national": true}

// above finds the school that an organisation is, or is part of, and what stands over
// it.
func (o *oneRoster) above(id string) (school string, over []string) {
	t := o.files["orgs.csv"]
	if t == nil {
		return "", nil
	}
	inside := false // of a school, or of what stands for one
	for range 10 {  // no tree of organisations is deeper; a circle ends here
		r, there := o.ids["orgs.csv"][id]
		if !there {
			break
		}
		if inside {
			over = append(over, id)
		}
		if school == "" && strings.EqualFold(t.get(r, "type"), "school") {
			school = id
		}
		inside = inside || school != "" || o.taken[id]
		id = t.get(r, "parentSourcedId")
	}
	return school, over
}

// schoolOf is the school of the set that an organisation stands for.
func (o *oneRoster) schoolOf(org string) string {
	if org == "" {
		return ""
	}
	if above, _ := o.above(org); above != "" {
		return above
	}
	if o.taken[org] {
		return org
	}
	if _, there := o.ids["orgs.csv"][org]; there {
		return ""
	}
	// A delta need not repeat the organisations.
	if o.files["orgs.csv"] == nil || !o.bulk["orgs.csv"] {
		return org // known from before
	}
	return ""
}
