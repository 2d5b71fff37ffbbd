package observation

import "undring/tables"

// Who reads what is written here, of things that are told to their writer before they
// have been read from the database again.
const (
	visitReaders  = tables.ByTwo
	noteReaders   = tables.ByWriterTill
	lessonReaders = tables.BySchool
)

// Tables are the tables of this room.
var Tables = []tables.Table{
	{
		Name: "visit", Visit: "id", Mine: "me.id in (t.observer_id, t.observed_id)", Order: "t.start_at, t.id", Codes: "peers state observer_agreed_to observed_agreed_to",
		Words: []tables.Words{
			{Columns: "place", Of: tables.OfBoth, Go: tables.WithVisit, Read: visitReaders},
			{Columns: "talk_arena", Of: tables.OfBoth, Go: tables.WithVisit, Read: visitReaders, Form: tables.OneOfList},
			{Columns: "name_out", Of: tables.OfBoth, Go: tables.WithVisit, Read: visitReaders},                     // the name that is to go out of the texts
			{Columns: "focus_question", Of: tables.Observeds, Go: tables.WithVisit, Read: visitReaders, Mark: "…"}, // no visit stands without one
			{Columns: "intention expectation later_intention later_expectation look_for do_not_note wanted_feedback", Of: tables.Observeds, Go: tables.WithVisit, Read: visitReaders},
			{Columns: "suggested_focus", Of: tables.Observers, Go: tables.WithVisit, Read: visitReaders},
		},
		Facts: "talk_at focus_area_id point_id wondering_id answered_id observer_takeaway observed_takeaway acknowledged_at intended_at later_at name_out_by",
	},
	{
		Name: "visit_event", Codes: "event from_state to_state", // history, without a word in it
		Mine: "exists (select from public.visit v where v.owner_id = t.owner_id and v.id = t.visit_id)", Order: "t.visit_id, t.seq",
		Withheld: map[string]string{"xid": "a number of the database's own"},
	},
	// What somebody has not seen yet, and another time for an agreed visit: without a word.
	{Name: "visit_notice", Codes: "kind", Mine: "me.id in (t.person_id, t.other_id)", Order: "t.visit_id, t.revision, t.kind"},
	{Name: "visit_move", Mine: "me.id in (t.by_id, t.other_id)", Order: "t.visit_id"},
	{Name: "visit_arrow", Codes: "from_state event to_state mover", Apart: "the rules of a visit, about nobody"},
	{
		Name: "note", Visit: "visit_id", Rows: true, Counted: true, AtEnd: "not shared", Codes: "kind",
		Words: []tables.Words{{Columns: "text tag", Of: tables.Observers, Go: tables.WithVisit, Read: noteReaders, Stays: true}},
		Mine:  "me.id in (t.observer_id, t.observed_id)", Order: "t.visit_id, t.observed_at, t.id", Gone: "observer_id = who and not shared",
	},
	{
		Name: "moment", Visit: "visit_id", Rows: true, AtEnd: tables.Every, // without a word in it
		Mine: "t.person_id = me.id", Order: "t.visit_id, t.marked_at, t.id", Gone: "person_id = who",
	},
	{Name: "booking", Mine: "t.person_id = me.id", Gone: "person_id = who"},
	{Name: "round", Mine: "me.id in (t.first_id, t.second_id, t.third_id)"},
	{
		Name: "open_lesson", Mine: "t.person_id = me.id", Gone: "person_id = who",
		Words: []tables.Words{{Columns: "place title focus_question wanted_feedback", Of: tables.Ones, Go: tables.WithPerson, Read: lessonReaders}},
	},
	{Name: "availability", Mine: "t.person_id = me.id", Gone: "person_id = who"},
	// Who keeps somebody from being suggested stays secret from them, in an export, too.
	{Name: "kept_from_suggestions", Mine: "t.person_id = me.id", Gone: "who in (person_id, other_id)"},
}
