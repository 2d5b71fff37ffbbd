package notify

import (
	"slices"
	"strings"
	"time"

	"undring/refusal"
)

// Channel is a way to a person.
type Channel string

// The channels. The list in the app always holds everything.
const (
	Push Channel = "PUSH"
	Mail Channel = "EMAIL"
)

// Channels lists those that one can choose.
func Channels() []Channel { return []Channel{Push, Mail} }

// Choice is how a person wants to hear of things.
// Nothing of it keeps a notice out of the list; it says what goes out of the app, and when.
type Choice struct {
	Revision int64 // 0: nothing was chosen yet
	// Chosen says for a kind and a channel whether it is wanted, where that was chosen.
	Chosen map[Kind]map[Channel]bool
	// QuietFrom and QuietTo are minutes after midnight by the school's clock. Between them
	// nothing interrupts; where they are the same, there are no quiet hours.
	QuietFrom, QuietTo int
	QuietFreeDays      bool      // nothing on days without school
	PauseInHolidays    bool      // nothing in breaks of [Holiday] days and more
	PausedUntil        time.Time // a date, at midnight UTC: nothing before; zero: not paused
	Digest             bool      // once a day, in the afternoon
	ShowName           bool      // the other one's name, also on a locked screen
}

// DefaultChoice is what everybody begins with: nothing between 17 and 7 o'clock, nor on
// days without school.
func DefaultChoice() Choice {
	return Choice{QuietFrom: 17 * 60, QuietTo: 7 * 60, QuietFreeDays: true, PauseInHolidays: true}
}

// Wants says whether the person wants to hear of a kind by a channel. Mail is for those
// whom no push reaches, unless they chose: two interruptions for one thing are one too many.
// That a colleague has opened a lesson interrupts nobody who has not asked for it.
func (c Choice) Wants(k Kind, by Channel, hasPush bool) bool {
	if chosen, there := c.Chosen[k][by]; there {
		return chosen
	}
	return k != OpenLesson && (by == Push || !hasPush)
}

// choose notes a choice.
func (c *Choice) choose(k Kind, by Channel, wanted bool) {
	if c.Chosen == nil {
		c.Chosen = map[Kind]map[Channel]bool{}
	}
	if c.Chosen[k] == nil {
		c.Chosen[k] = map[Channel]bool{}
	}
	c.Chosen[k][by] = wanted
}

// codes are the choices as they are stored, such as PROPOSAL/EMAIL=off.
// Only what was chosen: a default that changes later then reaches whoever never chose.
func (c Choice) codes() []string {
	// Never nil, since the column takes no null; sorted, so that the same choice is the same text.
	out := []string{}
	for k, of := range c.Chosen {
		for by, wanted := range of {
			value := "off"
			if wanted {
				value = "on"
			}
			out = append(out, string(k)+"/"+string(by)+"="+value)
		}
	}
	slices.Sort(out)
	return out
}

// readCodes reads them. One that is no longer known says nothing.
func (c *Choice) readCodes(codes []string) {
	for _, code := range codes {
		what, value, _ := strings.Cut(code, "=")
		k, by, _ := strings.Cut(what, "/")
		if slices.Contains(Kinds(), Kind(k)) && slices.Contains(Channels(), Channel(by)) {
			c.choose(Kind(k), Channel(by), value == "on")
		}
	}
}

// minutesOfDay is one more than the last minute that quiet hours can begin or end at.
const minutesOfDay = 24 * 60

// longestPause is how far ahead one can pause everything, in days: a year of leave.
const longestPause = 400

// check refuses what can't be: minutes beyond the day, a pause without an end in sight.
// The database says the same of the minutes; kinds and channels are the contract's enums.
func (c Choice) check(now time.Time) error {
	for field, minutes := range map[string]int{"quiet_from_minutes": c.QuietFrom, "quiet_to_minutes": c.QuietTo} {
		if minutes < 0 || minutes >= minutesOfDay {
			return refusal.Invalidf(field, "is from 0 to %d", minutesOfDay-1)
		}
	}
	if c.PausedUntil.After(now.AddDate(0, 0, longestPause)) {
		return refusal.Beyond("paused_until", refusal.TooFarAhead, longestPause)
	}
	return nil
}
