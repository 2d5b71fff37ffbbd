package school

import "undring/tables"

// Tables are the tables of this room.
var Tables = []tables.Table{
	{Name: "school_owner", Words: theSchools("name")},
	{Name: "school", Codes: "time_zone", Words: theSchools("name sourced_id")},
	{
		Name: "person", Codes: "locale source",
		Words: []tables.Words{{Columns: "given_name family_name email login sourced_id", Of: tables.Ones, Go: tables.WithPerson}},
	},
	{Name: "register_entry", Codes: "source", Words: []tables.Words{{Columns: "sourced_id", Of: tables.Ones, Go: tables.WithPerson}}},
	{
		Name: "roster_import", Codes: "source difference brakes file_hash",
		Words: []tables.Words{{Columns: "before", Of: tables.Ones, Go: tables.WithImport, Null: true}},
	},
	{
		Name: "identity_change", Codes: "kind outcome",
		Words: []tables.Words{{Columns: "was said issuer subject before", Of: tables.Ones, Go: tables.WithPerson}},
	},
	{Name: "membership", Codes: "role"},
	{Name: "team", Words: theSchools("name")},
	{Name: "team_member"},
	{Name: "exchange_policy", Words: theSchools("purpose reason agreed_with")},
	{Name: "free_day", Words: theSchools("name source")},
	{Name: "invitation", Codes: "code_hash"},
	{Name: "time_budget", Codes: "term"},
	{Name: "time_slot", Codes: "term"},
	{Name: "time_booking"},
}

// theSchools are words that say nothing of anybody.
func theSchools(columns string) []tables.Words {
	return []tables.Words{{Columns: columns, Of: tables.TheSchools, Go: tables.WithSchool}}
}
