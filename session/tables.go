package session

import "undring/tables"

// Tables are the tables of this room.
var Tables = []tables.Table{
	{
		Name: "session", Codes: "opened_by end_reason",
		Words: []tables.Words{{Columns: "device_name device_key", Of: tables.Ones, Go: tables.WithSession}},
	},
	{
		Name:  "sign_in_link",
		Words: []tables.Words{{Columns: "issuer subject", Of: tables.Ones, Go: tables.WithPerson}},
	},
}
