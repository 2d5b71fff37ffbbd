package culture

import "undring/tables"

// Tables are the tables of this room. No word of a person is in them: figures, and
// answers that are sealed and say neither whose they are nor what they answer.
var Tables = []tables.Table{
	{Name: "culture_cursor"},
	{Name: "culture_fact", Codes: "term"},
	{Name: "culture_member", Codes: "term"},
	{Name: "culture_school", Codes: "term"},
	{Name: "culture_term", Codes: "term"},
	{
		Name: "sheet", Codes: "page kind term",
		Words: []tables.Words{{Columns: "name", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{Name: "publication", Codes: "page term figure kind"},
	{Name: "pulse_answered", Codes: "term"},
	{Name: "pulse_answer", Codes: "term sealed"},
}
