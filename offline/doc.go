// Package offline lets a phone live without a network for a week: it sends what
// was done meanwhile, fetches what has changed, and is woken when there is
// something to fetch. What it promises:
//
//   - A change that was pushed is done once, however often it is pushed: each
//     operation of a batch is the very call that it stands for, with its own
//     transaction and its own request_id. One that is refused stops those alone
//     that build on it. See [Service.Push].
//   - A pull never skips a change, whatever commits meanwhile; one may come
//     twice. A phone that has pulled to the end knows all that its person may
//     see, and nothing else. See [Service.Pull].
//   - A hint comes within 250 ms of when a pull would bring something. One may
//     come for nothing; none is left out. See [Service.Watch].
//
// # The feed
//
// The database keeps one row for each thing that a person may see, with the
// moment of its last change (migrations/00011_feed.sql). A [Cursor] is such a
// moment. What is before the oldest open transaction can be pulled, so one that
// stays open delays, at most for the 10 s after which the database ends it, and
// skips nothing.
//
// A cursor belongs to one person and one history of the database. Another
// database, one that was restored or one that took over, is another epoch: there,
// and after [Horizon], everything is sent anew. A cursor that can't be read is
// treated the same, so that no phone is ever stuck.
//
// # What changes by itself
//
// That something has become late is not a change: a phone goes by the due times.
// Texts are in the caller's language; a phone whose person takes another one
// pulls from the beginning.
//
// # What this room knows
//
// No other room. Package server hands it what carries an operation out, and a
// [Shelf] for each kind of thing, which reads it as the room does that it belongs
// to.
package offline
