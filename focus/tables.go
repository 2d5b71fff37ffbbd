package focus

import "undring/tables"

// Readers are those who read what is written here: all who work at the school.
const Readers = tables.BySchool

// Tables are the tables of this room.
var Tables = []tables.Table{
	{
		Name: "need", Codes: "status", Mine: "t.person_id = me.id", Order: "t.day, t.id", Gone: "person_id = who",
		Words: []tables.Words{
			{Columns: "text", Of: tables.Ones, Go: tables.WithPerson, Read: Readers},
			{Columns: "answer", Of: tables.TheSchools, Go: tables.WithSchool},
		},
	},
	{Name: "need_box", Owned: tables.Every, Apart: "anonymous: nobody knows whose it is", Words: []tables.Words{{Columns: "text", Of: tables.TheSchools, Go: tables.WithSchool}}}, // nobody's that could be told
	{Name: "need_support", Mine: "t.person_id = me.id", Gone: "person_id = who", Words: []tables.Words{{Columns: "story", Of: tables.Ones, Go: tables.WithPerson, Read: Readers}}},
	// What a school works on is its own, whoever wrote it down.
	{
		Name: "focus_area", Owned: tables.Every, Codes: "state origin", Mine: "t.proposed_by = me.id", Order: "t.created_on, t.id",
		Words: []tables.Words{{Columns: "title background source goal steps agreed_with result", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{
		Name: "focus_change", Owned: tables.Every, Codes: "kind", Mine: "t.person_id = me.id", Order: "t.day, t.area_id, t.revision",
		Words: []tables.Words{{Columns: "reason", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{
		Name: "hearing_voice", Owned: tables.Every, Mine: "t.person_id = me.id", Order: "t.day, t.id", Gone: "person_id = who",
		Words: []tables.Words{{Columns: "text", Of: tables.Ones, Go: tables.WithPerson, Read: Readers}},
	},
}
