package learning

import "undring/tables"

// Tables are the tables of this room.
var Tables = []tables.Table{{
	Name: "action", Visit: "visit_id", Rows: true, Codes: "state learning outcome",
	Words: []tables.Words{{Columns: "text lesson did happened questioned next", Of: tables.Writers, Go: tables.WithVisit}},
}}
