package observation

import "time"

// frozen says whether intention and expectation stand as they are: the lesson has begun,
// and something was written. Where nothing was, the first words after it are kept, with
// a time that says so.
func (c *Card) frozen(start, now time.Time) bool {
	return !now.Before(start) && (c.Intention != "" || c.Expectation != "")
}

// rewrite is the card as it is once another wording of it has come in. What one intends
// and expects is worth something afterwards only if it was said before; so from the
// beginning of the lesson on other words for it are kept beside it, and whoever sends
// the same words takes those back. The mirror on the phone is web/src/rules/frozen.ts;
// both are held to spec/rules/frozen.tsv, and the database guards it by intention_guard.
func (c Card) rewrite(to Card, start, now time.Time) Card {
	same := to.Intention == c.Intention && to.Expectation == c.Expectation
	switch {
	case same:
		to.Intended = c.Intended
	case c.frozen(start, now):
		to.Later = Later{Intention: to.Intention, Expectation: to.Expectation, At: now}
		to.Intention, to.Expectation, to.Intended = c.Intention, c.Expectation, c.Intended
		// Sent again without a change, it was not written again.
		if !c.Later.At.IsZero() && to.Later.Intention == c.Later.Intention && to.Later.Expectation == c.Later.Expectation {
			to.Later.At = c.Later.At
		}
	case to.Intention != "" || to.Expectation != "":
		to.Intended = now // taken away altogether, it was never written
	}
	return to
}
