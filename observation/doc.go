// Package observation holds visits: one teacher, the observer, visits a lesson
// of another, the observed.
//
// On the wire the resource is an Observation; inside, and to people, it is a
// visit. What the two say to each other afterwards is package feedback.
//
// # The rules of a visit
//
// The table in machine.go says which event leads from which state to which, who
// may cause it and what must hold; nothing else decides that. The database holds
// the same table and refuses the same (migrations/00003_visit.sql), and a test
// compares the two. An event is inserted as a row; the database moves the
// visit.
//
//   - Both teach at the school, or both lead; nobody visits themselves; a lesson
//     lasts at most four hours ([MaxLesson]).
//   - Either of the two proposes; the other accepts, names another time, or
//     says no. Nobody can propose a visit between two others.
//   - A visit is agreed once the observed has written the focus: what they
//     wonder about in their own teaching. Theirs alone to write.
//   - Nobody is in two places: agreed and observed visits take the hours of both
//     (half open spans), and so do the observer's own lessons.
//   - Notes are written from 15 minutes before the start ([NotesOpen]) until
//     feedback is given, and are read by the observer alone until then. The
//     first note says that the visit took place.
//   - Who is late with an exchange in a role agrees to no other visit in that
//     role, where the school has chosen that gate. Nobody else learns of it.
//   - Nobody went within 14 days of the lesson ([Patience]): the visit expires.
//   - Either withdraws at any time, without a reason, and every word of the
//     visit is gone for both.
//
// To everybody but the two, a visit is not found: there is no telling it from
// one that does not exist.
package observation
