package once

import "undring/tables"

// Tables are the tables of this package. A request is forgotten [Memory] after it came;
// a reply that was about a visit goes with it.
var Tables = []tables.Table{{
	Name: "request", Visit: "visit_id", Codes: "rpc content_hash",
	Words: []tables.Words{{Columns: "reply", Of: tables.OfBoth, Go: tables.WithVisit, Null: true}},
}}
