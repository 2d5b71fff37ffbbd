package session

import "undring/tables"

// Tables are the tables of this room. What each line says of words, export and erasure is
// read by tests and by the function that erases: see package tables. The device's key is
// withheld from an export since it is of no use to a reader.
var Tables = []tables.Table{
	{
		Name: "session", Codes: "opened_by end_reason", Mine: "t.person_id = me.id", Order: "t.created_at", Gone: "person_id = who",
		Withheld: map[string]string{"device_key": "a key of the device, and no text"},
		Words:    []tables.Words{{Columns: "device_name device_key", Of: tables.Ones, Go: tables.WithSession, Read: tables.Registered}},
	},
	{Name: "sign_in_days", Mine: "t.person_id = me.id", Gone: "person_id = who"},
	{Name: "app_version", Codes: "app", Apart: "how often on a day, about nobody"},
	{Name: "sign_in_failure", Codes: "kind", Apart: "how often on a day, about nobody"},
	{
		Name: "sign_in_link", Mine: "t.person_id = me.id", Gone: "person_id = who",
		Words: []tables.Words{{Columns: "issuer subject", Of: tables.Ones, Go: tables.WithPerson, Read: tables.Registered}},
	},
}
