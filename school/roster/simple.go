package roster

import "strings"

var roleWords = map[string]Role{
	"teacher": Teacher, "lærer": Teacher, "lærar": Teacher,
	"leader": Leader, "leder": Leader, "leiar": Leader, "rektor": Leader, "principal": Leader,
	"administrator": Administrator,
}

// readSimple reads name,email,role,team. The e-mail address is what tells people
// apart; someone with two roles has two rows.
func readSimple(content []byte) (*Set, error) {
	s, rows := &Set{Bulk: true}, MaxRows
	if len(content) > MaxUnpacked {
		return nil, invalid("TOO_LARGE", nil)
	}
	t, err := s.parse("", content, &rows)
	if err != nil {
		return nil, err
	}
	for _, column := range []string{"name", "email", "role"} {
		if !t.has(column) {
			return nil, invalid("NO_COLUMN_"+strings.ToUpper(column), nil)
		}
	}
	at := map[string]int{}
	for _, r := range t.rows {
		name, email := t.get(r, "name"), strings.ToLower(t.get(r, "email"))
		role := roleWords[strings.ToLower(t.get(r, "role"))]
		switch {
		case name == "":
			s.odd("", r.line, BlankName, false)
			continue
		case email == "":
			s.odd("", r.line, BlankID, false)
			continue
		case !isEmail(email):
			s.odd("", r.line, BrokenEmail, false)
			continue
		case role == "":
			s.odd("", r.line, UnknownRole, false)
			continue
		}
		m := Membership{Role: role, Team: clip(t.get(r, "team"))}
		i, there := at[email]
		if !there {
			given, family := "", name
			if i := strings.LastIndexByte(name, ' '); i > 0 {
				given, family = name[:i], name[i+1:]
			}
			i = len(s.People)
			at[email] = i
			s.People = append(s.People, Person{SourcedID: email, GivenName: clip(given), FamilyName: clip(family), Email: email, Active: true,
				Memberships: []Membership{m}})
			continue
		}
		for _, has := range s.People[i].Memberships {
			if has == m {
				s.odd("", r.line, DuplicateID, false)
				m.Role = ""
				break
			}
		}
		if m.Role != "" {
			s.People[i].Memberships = append(s.People[i].Memberships, m)
		}
	}
	return s, nil
}
