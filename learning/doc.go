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
//
// A learning is what the two of a visit share of what they learned, without the notes,
// once both have said yes; either takes it back at any time. It stands by itself: it
// stays when the words of the visit go, and outlives those who wrote it, by "a former
// colleague". Sharing is a dialogue: a learning says "no question yet" until somebody
// else has answered, with a question or with what came of trying it. It becomes the
// practice of the school by a decision of the staff, after three others have tried it,
// and never by being published. Who thanked the two read, and nobody else.
//
// A round asks a team, or all who teach at a school, to try one action by a date, under one
// question that they share. How it went is told to those who take part, who see who has
// told; whoever has not is reminded. To all others it says what was asked and, once it has
// ended, what is now done differently and how many have told, by the rules of the figures:
// a leader who does not teach reads no report, and not that one came.
//
// A meeting has an agenda made from all of these, with minutes for each item, and roles that
// go round. What is decided in it is something that one person does by a date; what leads
// away is left for later. How a team wants to meet it agrees itself, anew in each half-year.
package learning
