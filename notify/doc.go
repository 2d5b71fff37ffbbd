// Package notify tells people whose move it is, so that nobody has to remember.
//
// A [Step] is something that waits for one person: a proposal, a lesson to visit, feedback
// that is due. The rooms that know of steps say so; when something is due is theirs and
// stands there once. What stands here is when a person hears of it ([Step.Occasions]), how
// often, and when that stops: as soon as the step is no longer theirs.
//
// # Two moments a day
//
// A notice is in the person's list at once. By push and by mail it goes out at one of two
// moments of a school day, when quiet hours end and at [Afternoon], together with all else
// that waits: so a day interrupts twice at most. What can't wait is told at once, even in
// quiet hours: that a lesson is called off or moved which begins before the next moment.
//
// # One job a person
//
// Each person has at most one job that waits, at the next moment at which something may be
// told to them. Whatever changes in a visit brings it forward, in the transaction of the
// change (migration 00065). The job reads the person's steps as they are, so a reminder for
// what is done does not have to be called back. A notice has a key, of the person, the visit, the kind,
// what was due and which of its times this is, so it is made once, whoever works and whatever crashes.
//
// # What is said
//
// A notice holds no words of a visit, and no name. The other one's name goes out to a phone's
// screen only where the person chose that.
package notify
