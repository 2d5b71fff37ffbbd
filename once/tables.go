package once

import "undring/tables"

// Tables are the tables of this package. A request is forgotten [Memory] after it came;
// a reply that was about a visit goes with it.
var Tables = []tables.Table{{
	Name: "request", Visit: "visit_id", Codes: "rpc content_hash",
	Mine:     "t.person_id = me.id",
	Withheld: map[string]string{"content_hash": "a sum of a request, and no text", "reply": "what a call answered, from the rows that the export holds"},
	Gone:     "person_id = who",
	Words:    []tables.Words{{Columns: "reply", Of: tables.OfBoth, Go: tables.WithVisit, Read: tables.Registered, Null: true, Form: tables.Answered}},
}}
