package notify

import "undring/tables"

// Tables are the tables of this room. None holds a word that somebody wrote.
var Tables = []tables.Table{
	{Name: "message", Codes: "channel state reason", Mine: mine, Order: "t.at", Gone: gone},
	{Name: "notice", Codes: "kind todo", Mine: mine, Order: "t.at", Gone: gone},
	{Name: "notice_choice", Codes: "channels", Mine: mine, Gone: gone},
	{
		Name: "device", Codes: "kind address p256dh auth", Mine: mine, Order: "t.created_at", Gone: gone,
		Withheld: map[string]string{"address": "whoever has it can send to the device", "p256dh": "the same", "auth": "the same"},
	},
	{Name: "delivery_failure", Codes: "channel reason", Apart: "how often on a day, about nobody"},
	{Name: "calendar_feed", Mine: mine, Gone: gone},
}

// Whatever is here is about one person, and goes with them.
const (
	mine = "t.person_id = me.id"
	gone = "person_id = who"
)
