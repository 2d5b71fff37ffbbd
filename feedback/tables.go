package feedback

import "undring/tables"

// ofTwo are the rows that either of the two of a visit has in an export.
const ofTwo = "me.id in (t.observer_id, t.observed_id)"

// written is a table whose rows go with the visit, words and all.
func written(name, order, codes string, words ...tables.Words) tables.Table {
	for i := range words {
		words[i].Go = tables.WithVisit
	}
	return tables.Table{Name: name, Visit: "visit_id", Rows: true, Codes: codes, Words: words, Mine: ofTwo, Order: order}
}

// gone adds the rows that go whole with a person.
func gone(t tables.Table, when string) tables.Table {
	t.Gone = when
	return t
}

// Tables are the tables of this room, those first that refer to others.
var Tables = []tables.Table{
	written("reply", "t.about_id, t.position", "", tables.Words{Columns: "text", Of: tables.Writers, By: "author_id", Read: tables.ByTwo, Stays: true}),
	// What the other has not confirmed is the teller's alone.
	gone(written("conversation", "t.created_at", "", tables.Words{Columns: "summary", Of: tables.Writers, Read: tables.ByTwo, By: "recorded_by", Stays: true}),
		"recorded_by = who and confirmed_at is null"),
	gone(written("correction", "t.created_at", "resolution", tables.Words{Columns: "text", Of: tables.Observeds, Read: tables.ByTwo}), "observed_id = who"),
	gone(written("own_view", "", "", tables.Words{Columns: "text", Of: tables.Observeds, Read: tables.ByTwo}), "observed_id = who"),
	// The row stands for the step that it allowed; what was taken along is nobody else's.
	{
		Name: "takeaway", Visit: "visit_id", Rows: true, Codes: "learning", Mine: "t.person_id = me.id", Order: "t.edition",
		Words: []tables.Words{
			{Columns: "text", Of: tables.Writers, Go: tables.WithVisit, By: "person_id", Read: tables.ByWriter, Mark: "…"},
			{Columns: "borrowed", Of: tables.Writers, Go: tables.WithVisit, Read: tables.ByWriter, By: "person_id"},
		},
	},
	{
		Name: "draft", Visit: "visit_id", Rows: true, AtEnd: tables.Every, // what was begun and never given
		Words:   []tables.Words{{Columns: "body", Of: tables.Observers, Go: tables.WithVisit, Read: tables.ByWriterTill, Form: tables.Message}},
		Counted: true,
		Mine:    "t.observer_id = me.id", Gone: "observer_id = who",
	},
	written("question_opening", "t.said_at", "", tables.Words{Columns: "text", Of: tables.Observeds, Read: tables.ByTwo, Stays: true}),
	written("question", "t.asker_id, t.position", "language state",
		tables.Words{Columns: "text source", Of: tables.Writers, Read: tables.ByTwo, By: "asker_id", Stays: true},
		tables.Words{Columns: "answer", Of: tables.Writers, Read: tables.ByTwo, By: "addressee_id", Stays: true}),
	written("feedback_point", "t.position", "saw_kind", tables.Words{Columns: "text effect", Of: tables.Observers, Read: tables.ByTwo, Stays: true}),
	{
		Name: "prompt", Codes: "moment kind language", Mine: "t.author_id = me.id", Gone: "author_id = who",
		Words: []tables.Words{{Columns: "text", Of: tables.Ones, Go: tables.WithSchool, Read: tables.BySchool, By: "author_id"}},
	},
}
