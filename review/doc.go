// Package review tells what a question does: does it open, or does it close,
// accuse, advise?
//
// Text in, judgement out. It depends on nothing but the text and the language;
// nothing is kept and nobody is asked. The rules are data, one file a language
// (rules/*.json), written so that a teacher of that language can correct them:
// rows of words, see [ruleset]. Nynorsk is turned word by word into bokmål and
// read by the same patterns, since people mix the two; so are dialect and usual
// misspellings.
//
// How it decides. A text is cut into sentences; quotations are left out. The rules
// ask of each: does it ask at all? does it accuse? advise? ask for what someone
// thought, saw, expected, takes for granted (then it wonders)? is it about rooms and
// times? a fact? to be answered by one word? The sharpest fault of a sentence wins
// over the friendliest frame of another; of two questions, one that wonders is
// enough. A small model (model.json) then weighs what the rules found together with
// the words and what they are about, and settles the kind: people write in more ways
// than anybody can list. Where it hardly tells wondering from something else, the
// app hints and does not judge. The study behind the kinds warns of "why" (people may
// not know, or must defend themselves) and wants "how did it come to be so" instead.
//
// The model is trained by ./train from the texts in corpus alone, to the same bytes
// everywhere, and read in whole numbers only, so that web/src/review comes to the
// same sums; shared cases hold the two together.
//
// How well it does is measured by `make review-matrix`, and kept in
// docs/question-review.md with the errors that remain.
package review
