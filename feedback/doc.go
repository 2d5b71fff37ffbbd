// Package feedback holds what the two of a visit say to each other afterwards:
// feedback and questions, answers, talk, and what each takes along.
//
// The promise of Undring is kept here. Notes are handed over in one step with
// one feedback point or more, each resting on something that was seen or heard,
// and one to five questions of which one wonders; or nothing is handed over at
// all. The visit is answered when every question is settled and words have
// settled a wondering one, and closes when both have written what they take
// with them.
//
//   - Before the feedback opens, the observed is asked for two lines of their
//     own, and may skip that ([OwnView]).
//   - A question is settled in writing, by "we talked" (which counts once the
//     other one has confirmed a talk), or, by the observed, by parking it. A
//     parked question holds up nothing and answers nothing.
//   - The observed may ask back; then the observer answers.
//   - Whoever wrote something, the other one can't remove it. The observed can
//     put their own wording beside any shared note.
//   - What one takes along is read by its writer alone.
//
// Whether a question wonders is said by package review, at the moment of giving;
// its writer may stand by a question that the review misjudged, but for what is
// logistics or no question. What the review said of the others is not kept.
//
// Where a visit stands is package observation's to say; this package tells it
// what is missing.
package feedback
