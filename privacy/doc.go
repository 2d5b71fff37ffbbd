// Package privacy is for everybody about what is theirs: who was sent it, a copy of
// it, its end, and what they have said yes to. No call of it is about another one's.
//
// # Who read what is mine
//
// Whenever a server sends one of a visit what is the other's, the reading is written
// down, once a reader, visit and day, in the round trip that reads it: nobody is sent a
// word unless the other can read of it. A server remembers for an hour what it has
// written down, so that most readings write nothing ([Readings]). The rows are written
// by a function of the database, and can be read by the one whom they are about, and
// by nobody else: who visits whom is no leader's and no administrator's to know.
//
// What administrators do about access and rules is written down by the room that does it
// (package school), in the transaction that does it; the list here shows both.
//
// # What goes when
//
// Accesses are kept for [AccessTime], so that a person who was away for a year still
// finds them, and no longer: the list says who looked when, and is itself about people.
package privacy
