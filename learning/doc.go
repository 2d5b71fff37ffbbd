// Package learning follows up what people said that they would try.
//
// An action comes out of a visit: one of the two commits to it, for a lesson or
// a date, and it stands once the other one agrees. Afterwards its owner, and
// nobody else, is asked how it went: what they did, what happened, what it made
// them question, what is next. That an action went otherwise than hoped is as
// good an answer as any; nothing here counts successes.
//
// An action is read by the two of its visit. When the visit is withdrawn, its
// actions are gone.
package learning
