package roster

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	outsiders = []string{"student", "parent", "guardian", "relative", "pupil", "elev", "forelder", "foresatt", "føresett"}
	leftOut   = []string{"aide", "counselor", "proctor"}
)

// post is one role of a user at one organisation.
type post struct {
	role, org string
	ended     bool // its time is over, or has not come
}

// people takes those who have a part in visits.
// Of those who are to have no access little is asked: a broken name must not keep it open.
func (o *oneRoster) people() {
	t := o.files["users.csv"]
	posts, shared, namesakes := o.posts(), o.shared(), o.namesakes()
	for _, r := range t.rows {
		id := t.get(r, "sourcedId")
		mail, ok := address(t.get(r, "email"))
		p := Person{SourcedID: id, Active: true, Login: o.login(t, r), File: t.name, Line: r.line}
		p.GivenName, p.FamilyName = nameOf(t, r, namesakes)
		at := o.postsOf(t, r, posts[id])
		if gone(t, r) || o.disabled(t, r) {
			if outside(at) {
				o.Skipped++
				continue
			}
			p.Active, p.Email = false, mail
			o.People = append(o.People, p)
			continue
		}
		if !o.take(t, r, &p, at) {
			continue
		}
		if _, known := enabled(t.get(r, "enabledUser")); !known {
			o.odd(t.name, r.line, UnknownStatus, true)
			p.Partly = true
		}
		switch {
		case p.GivenName+p.FamilyName == "":
			o.leaveOut(t, r, BlankName)
			continue
		case garbled(p.GivenName + p.FamilyName):
			o.leaveOut(t, r, Garbled)
			continue
		case mail != "" && !ok:
			o.odd(t.name, r.line, BrokenEmail, true)
		case shared[mail]:
			o.odd(t.name, r.line, SameAddress, true)
			p.Partly = true
		default:
			p.Email = mail
		}
		if shared[p.Login] {
			p.Login = ""
		}
		o.People = append(o.People, p)
	}
}

// outside says whether somebody is in the file as a pupil or a guardian alone.
// Without any post it isn't known, and false: their access ends by name, not in silence.
func outside(posts []post) bool {
	return len(posts) > 0 && !slices.ContainsFunc(posts, func(p post) bool { return !slices.Contains(outsiders, strings.ToLower(p.role)) })
}

// nameOf is somebody's name: the one they go by where the file has it (1.2). What stands
// between given name and surname is told where two of the file have the same name
// without it: see [oneRoster.namesakes].
func nameOf(t *table, r row, namesakes map[string]bool) (given, family string) {
	given, family = pick(t, r, "preferredGivenName", "givenName"), pick(t, r, "preferredFamilyName", "familyName")
	if !namesakes[Fold(given+" "+family)] {
		return clip(given), clip(family)
	}
	if middle := pick(t, r, "preferredMiddleName", "middleName"); middle != "" {
		given = strings.TrimSpace(given + " " + middle)
	}
	return clip(given), clip(family)
}

// pick is the preferred form of a name where there is one (OneRoster 1.2), else the plain one.
func pick(t *table, r row, preferred, plain string) string {
	if s := t.get(r, preferred); s != "" {
		return s
	}
	return t.get(r, plain)
}

// namesakes are the names that more than one user who may have a part in visits has.
func (o *oneRoster) namesakes() map[string]bool {
	t, seen, out := o.files["users.csv"], map[string]bool{}, map[string]bool{}
	for _, r := range t.rows {
		if slices.Contains(outsiders, strings.ToLower(t.get(r, "role"))) {
			continue
		}
		given, family := nameOf(t, r, nil)
		name := Fold(given + " " + family)
		if seen[name] {
			out[name] = true
		}
		seen[name] = true
	}
	return out
}

// shared are the addresses and names of sign-in that stand at more than one user who
// is to have access.
// A name of sign-in that is the person's own address, too, counts once.
func (o *oneRoster) shared() map[string]bool {
	t, seen, out := o.files["users.csv"], map[string]bool{}, map[string]bool{}
	for _, r := range t.rows {
		if gone(t, r) || o.disabled(t, r) || slices.Contains(outsiders, strings.ToLower(t.get(r, "role"))) {
			continue
		}
		mail, _ := address(t.get(r, "email"))
		for i, name := range []string{mail, o.login(t, r)} {
			if name == "" || i == 1 && name == mail {
				continue
			}
			if seen[name] {
				out[name] = true
			}
			seen[name] = true
		}
	}
	return out
}

// login is the name by which a provider knows somebody: the one of Feide or of another
// provider in userIds, or a user name that has the form of an address.
// A user name without an @ is one of a school's own network, and is known to no provider.
func (o *oneRoster) login(t *table, r row) string {
	for _, id := range list(t.get(r, "userIds")) {
		kind, name, found := strings.Cut(strings.Trim(id, "{} "), ":")
		if found && slices.Contains(logins, heading(kind)) {
			if name, ok := address(name); ok {
				return name
			}
		}
	}
	if name, ok := address(t.get(r, "username")); ok {
		return name
	}
	return ""
}

// logins are the kinds of userIds that a provider knows somebody by. No number of the
// state is among them.
var logins = []string{"feide", "feideid", "feidenavn", "feidename", "eppn", "edupersonprincipalname", "upn", "userprincipalname", "azuread", "entraid", "microsoft", "google", "ldap", "ad"}

// disabled says whether a user is to have no access: enabledUser, in the words of any
// spreadsheet, or a status of OneRoster 1.0. Odd words change nothing; see [oneRoster.people],
// which names them.
func (o *oneRoster) disabled(t *table, r row) bool {
	if statusOf(t, r) == "inactive" {
		return true
	}
	in, known := enabled(t.get(r, "enabledUser"))
	return known && !in
}

// enabled reads the word for whether somebody has access, or a post: one of a register, of a
// provider of accounts, or of a spreadsheet. known is false for words that say neither.
func enabled(word string) (in, known bool) {
	word = Fold(word)
	if slices.Contains([]string{"", "true", "sann", "1", "yes", "ja", "j", "y", "t", "x", "aktiv", "active", "enabled", "ansatt", "tilsett", "i arbeid", "current"}, word) {
		return true, true
	}
	out := []string{"false", "usann", "falsk", "0", "no", "nei", "n", "f", "inaktiv", "inactive", "ikke aktiv", "ikkje aktiv", "disabled", "deaktivert", "sperret", "sperra",
		"sluttet", "slutta", "har sluttet", "har slutta", "avsluttet", "avslutta", "fratrådt", "fråtredd", "oppsagt", "pensjonert", "pensjonist", "terminated", "left"}
	return false, slices.Contains(out, word)
}

// postsOf are the places of a user: those of roles.csv where it has any (1.2),
// otherwise those of the row itself (1.0 and 1.1).
func (o *oneRoster) postsOf(t *table, r row, posts []post) []post {
	role := t.get(r, "role")
	// Both files may say it (1.2 keeps the old columns for readers of 1.1); roles.csv says more.
	if len(posts) > 0 || role == "" {
		return posts
	}
	orgs := o.orgs(t.get(r, "orgSourcedIds"))
	if len(orgs) == 0 {
		orgs = []string{t.get(r, "primaryOrgSourcedId")}
	}
	for _, org := range orgs {
		posts = append(posts, post{role: role, org: org})
	}
	return posts
}

// take gives a person their places. It reports false when they have none that
// counts, and says why where that is odd.
// Complex because every way in which a post can fail to give a place is told apart, so
// that the report can say which.
func (o *oneRoster) take(t *table, r row, p *Person, posts []post) bool {
	var reason Reason
	var title string
	ended, has := false, map[Membership]bool{}
	for _, at := range posts {
		role := o.roleAt(at.role)
		switch {
		case slices.Contains(outsiders, strings.ToLower(at.role)):
		case at.ended:
			ended = true
		case slices.Contains(leftOut, strings.ToLower(at.role)) && role == "":
			reason = RoleLeftOut
		case role == "":
			reason, title = UnknownRole, at.role
		default:
			schools := o.schoolsOf(at.org, role)
			if len(schools) == 0 {
				reason = UnknownOrg
			}
			for _, school := range schools {
				if o.places > MaxPlaces {
					break // the file is refused, and every administrator may be one of every school
				}
				if m := (Membership{School: school, Role: role}); !has[m] && o.hasPlace() {
					has[m] = true
					p.Memberships = append(p.Memberships, m)
				}
			}
		}
	}
	if len(posts) == 0 {
		reason = UnknownRole
	}
	taken := len(p.Memberships) > 0
	switch {
	// Only where every post is over or of no part in visits: a reason leaves it open.
	case reason == "" && !taken && ended:
		// Known, and no longer here: access ends. Named, since nobody else says so.
		o.odd(t.name, r.line, RoleEnded, true)
		p.Active = false
		o.People = append(o.People, *p)
	case reason == UnknownRole && title != "":
		o.unknownTitle(t.name, r.line, title, taken)
	case reason != "":
		o.odd(t.name, r.line, reason, taken)
	case !taken:
		o.Skipped++
	}
	if reason != "" {
		o.spokenIn(t, r)
		p.Partly = true
	}
	return taken
}

// roleAt is the role of the standard, or of a title that stands in its place.
// What whoever imports has said goes before the standard: a school may mean something else by
// a word.
func (o *oneRoster) roleAt(role string) Role {
	if r, said := o.mine[Fold(role)]; said {
		return r
	}
	if r := roles[strings.ToLower(role)]; r != "" {
		return r
	}
	return roleOf(role, o.mine)
}

// schoolsOf are the schools of the set that an organisation stands for: for
// administrators, all below it.
// Somebody who teaches at a district teaches at no school that we could name.
func (o *oneRoster) schoolsOf(org string, role Role) []string {
	if school := o.schoolOf(org); school != "" {
		return []string{school}
	}
	if role == Administrator {
		return o.below[org]
	}
	return nil
}

// posts are the places of OneRoster 1.2, which stand in a file of their own. One whose
// time is over, or has not come, is told as ended.
func (o *oneRoster) posts() map[string][]post {
	t := o.files["roles.csv"]
	out := map[string][]post{}
	if t == nil {
		return out
	}
	for _, r := range t.rows {
		if gone(t, r) {
			continue
		}
		user := t.get(r, "userSourcedId")
		if _, there := o.ids["users.csv"][user]; !there {
			o.leaveOut(t, r, UnknownRef)
			continue
		}
		from, okFrom := date(t.get(r, "beginDate"))
		until, okUntil := date(t.get(r, "endDate"))
		if !okFrom || !okUntil {
			// The post counts, since an unread date must not end it; and nothing is taken from the person.
			o.odd(t.name, r.line, BrokenDate, true)
			o.spokenIn(t, r)
		}
		out[user] = append(out[user], post{role: t.get(r, "role"), org: t.get(r, "orgSourcedId"),
			ended: over(from, until, o.today)})
	}
	return out
}

// date reads a day as the standard writes it, or as a spreadsheet leaves it: day first
// with points, month first with slashes where that is possible, or days since 1899.
// Empty: none. It reports false for what is not a day.
func date(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if day, _, found := strings.Cut(s, "T"); found {
		s = day
	}
	s, _, _ = strings.Cut(s, " ")
	// "1/2/2006" is read as the second of January, as the spreadsheets mean that leave it; a day
	// above twelve falls to the next layout.
	for _, layout := range []string{time.DateOnly, "2.1.2006", "2.1.06", "2006/1/2", "2006.1.2", "1/2/2006", "2/1/2006", "1/2/06", "2-1-2006", "20060102"} {
		if d, err := time.Parse(layout, s); err == nil {
			return d.Format(time.DateOnly), true
		}
	}
	// Excel's serial numbers, from 1954 to 2119: what a cell holds when its format was lost.
	if n, err := strconv.Atoi(s); err == nil && n > 20_000 && n < 80_000 {
		return time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), true
	}
	return "", false
}

// enrollments are not taken; where they contradict what a user is, that is said.
// A teacher among the pupils of a class is a sign of a mixed-up export; it changes nobody's
// role.
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
