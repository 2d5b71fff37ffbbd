package learning

import "undring/tables"

// Readers are those who read an action and its report.
const Readers = tables.ByTwo

// Tables are the tables of this room.
var Tables = []tables.Table{
	{
		Name: "action", Visit: "visit_id", Rows: true, Codes: "state learning outcome",
		Words: []tables.Words{{Columns: "text lesson did happened questioned next", Of: tables.Writers, Go: tables.WithVisit, Read: Readers, By: "person_id"}},
		Mine:  "me.id in (t.observer_id, t.observed_id)", Order: "t.created_at", Gone: "person_id = who",
	},
	// It is of both, and outlives them by "a former colleague". What the staff decided, and what
	// others answered, is not the two's: to be rid of a name there they withdraw it whole.
	{
		Name: "learning", From: "from_visit = which", Owned: "t.published", Codes: "mark", Mine: "me.id in (t.writer_id, t.other_id)", Order: "t.day, t.id",
		Words: []tables.Words{
			{Columns: "text source", Of: tables.OfBoth, Go: tables.WithSchool, Read: tables.BySchool, Stays: true},
			{Columns: "words", Of: tables.OfBoth, Go: tables.WithSchool, Read: tables.BySchool, Stays: true, Form: tables.Derived},
			{Columns: "practice agreed_with", Of: tables.TheSchools, Go: tables.WithSchool},
		},
		Withheld: map[string]string{"words": "the text once more, as the search has it"},
	},
	{
		Name: "learning_response", From: "kind = 'ANSWER' and learning_id in (select l.id from public.learning l where l.owner_id = tenant and l.from_visit = which)", Codes: "kind", Mine: "t.person_id = me.id", Order: "t.day, t.id", Gone: "person_id = who",
		Words: []tables.Words{{Columns: "text", Of: tables.Ones, Go: tables.WithPerson, Read: tables.BySchool}},
	},
	{Name: "learning_thanks", Mine: "t.person_id = me.id", Gone: "person_id = who"},
	// What is asked of all is the school's, whoever asks; how it went is each one's.
	{
		Name: "action_round", Codes: "counted", Mine: "t.starter_id = me.id", Order: "t.created_on, t.id",
		Words: []tables.Words{{Columns: "question action now_differently", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{
		Name: "round_report", Codes: "learning", Mine: "t.person_id = me.id", Order: "t.day, t.round_id", Gone: "person_id = who",
		Words: []tables.Words{{Columns: "did happened questioned", Of: tables.Ones, Go: tables.WithPerson, Read: tables.ByTeam}},
	},
	// What a meeting is about, and what it decides, is the school's; of a person it says what they do.
	{
		Name: "meeting", Codes: "form", Mine: "t.planned_by = me.id", Order: "t.start_at, t.id",
		Words: []tables.Words{{Columns: "place reading reading_why items parked", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{
		Name: "meeting_decision", Mine: "t.person_id = me.id", Order: "t.due_on, t.id",
		Words: []tables.Words{{Columns: "text", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
	{
		Name: "meeting_norms", Mine: "t.set_by = me.id", Order: "t.agreed_on, t.id",
		Words: []tables.Words{{Columns: "norms agreed_with", Of: tables.TheSchools, Go: tables.WithSchool}},
	},
}
