package culture

import "undring/tables"

const (
	fromVisits = "counted from the visits and places that the export holds; gone once the half-year's sheet is made"
	ofGroups   = "figures of groups, which everybody reads"
)

// Tables are the tables of this room. No word of a person is in them: figures, and
// answers that are sealed and say neither whose they are nor what they answer.
var Tables = []tables.Table{
	{Name: "culture_cursor", Apart: "how far the steps have been fromVisits, about nobody"},
	{Name: "culture_fact", Codes: "term", Apart: fromVisits},
	{Name: "culture_member", Codes: "term", Apart: fromVisits},
	{Name: "culture_school", Codes: "term", Apart: ofGroups},
	{Name: "culture_term", Codes: "term", Apart: ofGroups},
	{
		Name: "sheet", Owned: tables.Every, Published: true, Codes: "page kind term", Apart: ofGroups,
		Words: []tables.Words{{Columns: "name", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{Name: "publication", Owned: tables.Every, Published: true, Codes: "page term figure kind", Apart: ofGroups},
	{Name: "pulse_answered", Codes: "term", Mine: "t.person_id = me.id"},
	{Name: "pulse_answer", Codes: "term sealed", Apart: "sealed, and says not whose it is"},
}
