package observation

import "github.com/google/uuid"

// hasLeft says that the other one of a person is not at the school any more.
func (v *Visit) hasLeft(person uuid.UUID) bool {
	role, known := v.RoleOf(person)
	return known && v.Left[role.Other()]
}

// alone are those whom the other one has left: nobody asks them for an answer that can't
// come, nor for one that nobody reads.
func (v *Visit) alone() []uuid.UUID {
	var out []uuid.UUID
	for _, person := range []uuid.UUID{v.Observer, v.Observed} {
		if v.hasLeft(person) {
			out = append(out, person)
		}
	}
	return out
}

// other notes among the facts of an agreement that there is nobody to agree with.
func (c *change) other(facts Facts) Facts {
	if c.visit.hasLeft(c.Person) {
		facts.Lack(NeedOther)
	}
	return facts
}

// endAlone ends a visit whose other one has left: closed where it is answered and the
// one who stays has written what they take along. What was addressed to them is opened
// by it (see visit_step), since nobody waits for their own view any more.
func (c *change) endAlone() error {
	v := &c.visit
	facts := Facts{}
	if !v.hasLeft(c.Person) {
		facts.Lack(NeedAlone)
	}
	role, _ := v.RoleOf(c.Person)
	event := EndAlone
	if v.State == Answered && v.Takeaways[role] {
		event = CloseAlone
	}
	// Each twin stands for itself, but for a proposal, which is one.
	for _, one := range c.proposed() {
		given := one.Visit.State == FeedbackGiven
		if err := one.Take(event, facts, nil); err != nil {
			return err
		}
		one.Visit.EndedAlone = uuid.NullUUID{UUID: c.Person, Valid: true}
		if given && role == AsObserved {
			one.Visit.Opened = true
		}
	}
	return nil
}
