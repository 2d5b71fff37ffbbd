package school

import "undring/tables"

const (
	// Conditions of an export (me is a row of person) and of an erasure (who is an argument).
	ofMe   = "t.person_id = me.id"
	ofWho  = "person_id = who"
	nobody = "about nobody"
)

// Tables are the tables of this room.
var Tables = []tables.Table{
	{Name: "school_owner", Owned: tables.Every, Words: theSchools("name"), Mine: "true"},
	{
		Name: "school", Owned: tables.Every, Codes: "time_zone", Words: theSchools("name sourced_id"),
		Mine: "exists (select from public.membership m where m.owner_id = t.owner_id and m.school_id = t.id and m.person_id = me.id)",
	},
	{
		Name: "person", Owned: tables.Every, Codes: "locale source", Mine: "t.id = me.id",
		Words: []tables.Words{
			{Columns: "given_name family_name email login", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered, By: "id"},
			{Columns: "sourced_id", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered, By: "id", Null: true},
		},
	},
	{Name: "register_entry", Owned: tables.Every, Codes: "source", Mine: ofMe, Gone: ofWho, Words: []tables.Words{{Columns: "sourced_id", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered}}},
	{
		Name: "roster_import", Codes: "source difference brakes file_hash", Mine: "me.id in (t.imported_by, t.undone_by)",
		// To undo an import after that would bring an erased name back.
		Words:    []tables.Words{{Columns: "before", Of: tables.Ones, Go: tables.WithImport, Read: tables.Registered, Null: true, Where: "strpos(before::text, who::text) > 0"}},
		Withheld: map[string]string{"before": "what others were before the import", "file_hash": "a sum of a file, and no text"},
	},
	{
		Name: "identity_change", Codes: "kind outcome", Mine: "me.id in (t.person_id, t.other_id)", Gone: "who in (person_id, other_id)", Order: "t.created_at",
		Words:    []tables.Words{{Columns: "was said issuer subject before", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered}},
		Withheld: map[string]string{"before": "what two people were, so that they can be put apart; the rows of both stand in their exports"},
	},
	// Acts have no words; whose act it was stays for [ActsTime], erased or not, as an id.
	{Name: "administrative_act", Owned: tables.Every, Codes: "kind role", Mine: "me.id in (t.actor_id, t.person_id, t.other_id)", Order: "t.at"},
	{Name: "act_concerns", Owned: tables.Every, Mine: ofMe},
	{Name: "membership", Owned: tables.Every, Codes: "role", Mine: ofMe},
	{
		Name: "team", Owned: tables.Every, Words: theSchools("name"),
		Mine: "exists (select from public.team_member m where m.owner_id = t.owner_id and m.school_id = t.school_id and m.team_id = t.id and m.person_id = me.id)",
	},
	{Name: "team_member", Owned: tables.Every, Mine: ofMe, Gone: ofWho},
	{Name: "exchange_policy", Owned: tables.Every, Words: theSchools("purpose reason agreed_with"), Mine: "t.set_by = me.id", Order: "t.effective_at"},
	{Name: "free_day", Owned: tables.Every, Words: theSchools("name source"), Apart: nobody},
	{Name: "busy_plan", Owned: tables.Every, Mine: "t.set_by = me.id"},
	{Name: "busy_period", Owned: tables.Every, Words: theSchools("name"), Apart: nobody},
	{
		Name: "invitation", Codes: "code_hash", Mine: "me.id in (t.person_id, t.invited_by)", Gone: ofWho,
		Withheld: map[string]string{"code_hash": "a sum of a code, by which somebody could try to guess it"},
	},
	{Name: "time_budget", Owned: tables.Every, Codes: "term", Mine: "t.set_by = me.id"},
	{Name: "time_slot", Owned: tables.Every, Codes: "term", Apart: nobody},
	{Name: "time_booking", Mine: ofMe, Gone: ofWho},
	{Name: "timetable_feed", Codes: "outcome", Mine: ofMe, Gone: ofWho, Words: []tables.Words{{Columns: "address odd", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered}}},
}

// theSchools are words that say nothing of anybody.
func theSchools(columns string) []tables.Words {
	return []tables.Words{{Columns: columns, Of: tables.TheSchools, Go: tables.WithSchool}}
}
