package feedback

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"undring/observation"
	"undring/refusal"
)

// shortestName is how many letters a name has at least: what stands there instead, NN, may
// be no longer.
const shortestName = 2

// Takes a name out of the texts of a visit, keeps the wish for it, or lets the wish go. It
// goes through tables of three rooms, and through what the one who says yes can't read, such
// as the other one's notes: so a function of the database does it, made from what the rooms
// declare (see tables.TakeOut). It holds the rule as well.
const takeOutName = `select take_out_name($1, $2, $3, $4)`

// takeOutName wishes that a name goes out of the texts, or says yes to the other one's wish
// by the same name; letGo takes the own wish back, or says no. A wish that both have at the
// same moment is a yes. Phones write an å as one letter or as two: the name is kept as one, and
// goes out in both forms.
func (c *change) takeOutName(name string, letGo bool) error {
	w, err := c.May(observation.TakingOutName)
	if err != nil {
		return err
	}
	name = norm.NFC.String(name)
	wish := c.visit().NameWish
	switch {
	case !letGo && utf8.RuneCountInString(name) < shortestName:
		return refusal.Invalidf("name", "must be %d letters long, at least", shortestName)
	case letGo && wish == nil: // as after a second tap
		return nil
	case !letGo && wish != nil && wish.By != c.Person && norm.NFC.String(wish.Name) != name:
		return c.Refuse(refusal.New(refusal.NothingToAnswer))
	}
	w.Queue(takeOutName, c.visit().ID, name, letGo, c.Now)
	return nil
}
