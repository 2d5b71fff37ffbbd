package server

import (
	"undring/culture"
	"undring/feedback"
	"undring/focus"
	"undring/learning"
	"undring/notify"
	"undring/observation"
	"undring/offline"
	"undring/once"
	"undring/privacy"
	"undring/school"
	"undring/session"
	"undring/tables"
)

// RoomTables is what a room says of its tables. Room is the name of its package.
type RoomTables struct {
	Room   string
	Tables []tables.Table
}

// Rooms are all rooms with their tables: what refers to another room's rows stands
// before it. The functions that erase, and an export, go by it.
func Rooms() []RoomTables {
	return []RoomTables{
		{"feedback", feedback.Tables}, {"focus", focus.Tables}, {"learning", learning.Tables}, {"observation", observation.Tables}, {"once", once.Tables},
		{"school", school.Tables}, {"session", session.Tables}, {"culture", culture.Tables}, {"notify", notify.Tables}, {"privacy", privacy.Tables}, {"offline", offline.Tables},
	}
}

// Tables are the tables of all rooms. In the order of [Rooms], in which they can be erased
// without breaking a key.
func Tables() []tables.Table {
	var all []tables.Table
	for _, r := range Rooms() {
		all = append(all, r.Tables...)
	}
	return all
}
