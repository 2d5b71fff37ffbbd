package observation

import "undring/tables"

// Tables are the tables of this room.
var Tables = []tables.Table{
	{
		Name: "visit", Visit: "id", Codes: "peers state observer_agreed_to observed_agreed_to",
		Words: []tables.Words{
			{Columns: "place talk_arena", Of: tables.OfBoth, Go: tables.WithVisit},
			{Columns: "focus_question intention look_for do_not_note wanted_feedback", Of: tables.Observeds, Go: tables.WithVisit},
			{Columns: "suggested_focus", Of: tables.Observers, Go: tables.WithVisit},
		},
		Facts: "talk_at focus_area_id point_id wondering_id answered_id observer_takeaway observed_takeaway acknowledged_at",
	},
	{Name: "visit_event", Codes: "event from_state to_state"}, // history, without a word in it
	{Name: "visit_arrow", Codes: "from_state event to_state mover"},
	{
		Name: "note", Visit: "visit_id", Rows: true, AtEnd: "not shared", Codes: "kind",
		Words: []tables.Words{{Columns: "text tag", Of: tables.Observers, Go: tables.WithVisit}},
	},
	{Name: "booking"},
	{Name: "round"},
	{
		Name:  "open_lesson",
		Words: []tables.Words{{Columns: "place title focus_question wanted_feedback", Of: tables.Ones, Go: tables.WithPerson}},
	},
	{Name: "availability"},
	{Name: "kept_from_suggestions"},
}
