// Package focus is where a school finds out what it works on.
//
// Anyone drops a need into the suggestion box: what they need in their everyday work.
// Colleagues support it, some with a story from their practice, and a leader says within
// ten school days what becomes of it, and why. All who work at the school read all of
// it, at the same time: leaders see nothing here that teachers don't.
//
// # An anonymous need
//
// Nobody can find out who wrote one: no colleague, no leader, nobody who keeps the
// database. It lies in a box that nobody can read until its day is over, and is taken
// out with the others of its day, in no order and under a random id. Of its time the day
// is all that is kept; the memory of the request ends at that day, too, and holds
// neither the need, nor a fingerprint of it, nor a reply. What is paid for that: it is
// seen the next day, and nobody can take it back.
package focus
