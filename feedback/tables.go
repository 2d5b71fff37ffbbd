package feedback

import "undring/tables"

// written is a table whose rows go with the visit, words and all.
func written(name, words string, of tables.Whose, codes string) tables.Table {
	return tables.Table{
		Name: name, Visit: "visit_id", Rows: true, Codes: codes,
		Words: []tables.Words{{Columns: words, Of: of, Go: tables.WithVisit}},
	}
}

// Tables are the tables of this room, those first that refer to others.
var Tables = []tables.Table{
	written("reply", "text", tables.Writers, ""),
	written("conversation", "summary", tables.Writers, ""),
	written("correction", "text", tables.Observeds, "resolution"),
	written("own_view", "text", tables.Observeds, ""),
	written("takeaway", "text borrowed", tables.Writers, "learning"),
	{
		Name: "draft", Visit: "visit_id", Rows: true, AtEnd: tables.Every, // what was begun and never given
		Words: []tables.Words{{Columns: "body", Of: tables.Observers, Go: tables.WithVisit}},
	},
	{
		Name: "question", Visit: "visit_id", Rows: true, Codes: "language state",
		Words: []tables.Words{
			{Columns: "text source answer", Of: tables.Writers, Go: tables.WithVisit},
		},
	},
	written("feedback_point", "text", tables.Observers, "saw_kind"),
	{
		Name: "prompt", Codes: "moment kind language",
		Words: []tables.Words{{Columns: "text", Of: tables.Ones, Go: tables.WithSchool}},
	},
}
