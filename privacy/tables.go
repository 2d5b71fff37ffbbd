package privacy

import "undring/tables"

// Tables are the tables of this room. No word of a person is in them.
var Tables = []tables.Table{
	{Name: "access", Codes: "kind", Mine: "t.person_id = me.id", Order: "t.at", Gone: "person_id = who"},
	{Name: "erasure", Apart: "says that somebody is erased: there is nobody left to export it"},
	{Name: "consent", Codes: "subject version", Mine: "t.person_id = me.id", Order: "t.at", Gone: "person_id = who"},
}
