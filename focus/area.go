package focus

import (
	"time"

	"github.com/google/uuid"

	"undring/refusal"
	"undring/school"
)

const (
	// MostAreas is how many areas are in the plan at once: the teachers of the study did
	// not know what their school worked on, since it was so much.
	MostAreas = 3
	// HearingDays is how long a hearing lasts when nobody says.
	HearingDays = 7
	// MostVoices is how many contributions to a hearing somebody makes at most.
	MostVoices = 10
)

// AreaState says where an area stands.
type AreaState string

// The states of an area.
const (
	Draft   AreaState = "DRAFT"
	Hearing AreaState = "HEARING"
	Adopted AreaState = "ADOPTED"
	Ended   AreaState = "ENDED"
)

// Origin says with whom an area began: a group, never a person. The plan counts by it how many
// areas began with teachers.
type Origin string

// The origins of an area.
const (
	FromTeachers Origin = "TEACHERS"
	FromLeaders  Origin = "LEADERS"
	Together     Origin = "TOGETHER"
)

// Step is one step of an area. When is text: staff plan by "before Christmas" as often as by a
// date.
type Step struct {
	What   string `json:"what"`
	ByWhen string `json:"by_when"`
}

// AreaText is what people write of an area. It is rewritten as a whole, and guarded by the
// area's revision.
type AreaText struct {
	Title       string
	Background  string
	Source      string
	Goal        string
	Steps       []Step
	Responsible uuid.NullUUID
	Needs       []uuid.UUID
}

// Voice is what somebody said in a hearing.
type Voice struct {
	ID     uuid.UUID `json:"id"`
	Person uuid.UUID `json:"person"`
	Text   string    `json:"text"`
	Day    string    `json:"day"`
}

// AreaChange says what was done with an area, and why.
type AreaChange struct {
	Kind   string    `json:"kind"`
	Reason string    `json:"reason"`
	Person uuid.UUID `json:"person"`
	Day    string    `json:"day"`
}

// Area is something that a school works on.
type Area struct {
	ID         uuid.UUID
	School     uuid.UUID
	State      AreaState
	Origin     Origin
	ProposedBy uuid.UUID
	Named      bool
	AreaText
	HearingUntil time.Time // a date; zero: not opened
	// The database holds that no two areas of a school have the same.
	Slot       *int // its place in the plan
	AgreedWith string
	Result     string
	Revision   int64
	Today      time.Time // the date at the school when it was read
	Voices     []Voice
	Changes    []AreaChange
}

// mayChange says whether somebody may change an area that they read. A leader may, as well as
// the one who proposed it and the one who is responsible.
func (a *Area) mayChange(person uuid.UUID, leads bool) bool {
	return a.State != Ended && (leads || person == a.ProposedBy || a.Responsible.UUID == person)
}

// proposable refuses an origin that is not the proposer's to speak for.
func proposable(o Origin, teaches, leads bool) error {
	switch {
	case !teaches && !leads || o == FromTeachers && !teaches:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	case o == FromLeaders && !leads:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Leader))
	}
	return nil
}

// open opens the hearing of a draft for so many days. The last of them counts whole: who
// speaks on that day is heard.
func (a *Area) open(person uuid.UUID, leads bool, days int) error {
	switch {
	case !a.mayChange(person, leads):
		return refusal.New(refusal.NotYourMove)
	case a.State != Draft:
		return a.wrongState()
	}
	if days == 0 {
		days = HearingDays
	}
	a.State, a.HearingUntil = Hearing, a.Today.AddDate(0, 0, days)
	a.Revision++
	return nil
}

// speak refuses a contribution where no hearing is open.
func (a *Area) speak(person uuid.UUID) error {
	if a.State != Hearing || a.Today.After(a.HearingUntil) {
		return a.wrongState()
	}
	mine := 0
	for _, v := range a.Voices {
		if v.Person == person {
			mine++
		}
	}
	if mine >= MostVoices {
		return refusal.Beyond("text", refusal.TooMany, MostVoices)
	}
	return nil
}

// adopt takes the area into the plan, where there is room. taken are the places that others
// have. An agreement with the staff, named by the leader, shortens the hearing and does not
// replace it.
func (a *Area) adopt(leads bool, agreedWith string, taken []int) error {
	switch {
	case !leads:
		return refusal.New(refusal.RoleRequired).With("role", string(school.Leader))
	case a.State == Draft:
		return refusal.New(refusal.HearingMissing)
	case a.State != Hearing:
		return a.wrongState()
	case !a.Today.After(a.HearingUntil) && agreedWith == "":
		return refusal.New(refusal.HearingMissing).With("hearing_until", a.HearingUntil.Format(time.DateOnly))
	}
	slot := freeSlot(taken)
	if slot == 0 {
		return refusal.New(refusal.TooManyAreas)
	}
	a.State, a.Slot, a.AgreedWith = Adopted, &slot, agreedWith
	a.Revision++
	return nil
}

// freeSlot is a place in the plan that nobody has; 0: there is none. Two leaders who adopt at
// the same moment may find the same one: the database lets one of them in.
func freeSlot(taken []int) int {
	for slot := 1; slot <= MostAreas; slot++ {
		free := true
		for _, t := range taken {
			free = free && t != slot
		}
		if free {
			return slot
		}
	}
	return 0
}

// update rewrites the area. revision is the one that was seen.
func (a *Area) update(person uuid.UUID, leads bool, revision int64, text AreaText) error {
	switch {
	case a.State == Ended:
		return a.wrongState()
	case !a.mayChange(person, leads):
		return refusal.New(refusal.NotYourMove)
	case revision != a.Revision:
		return refusal.ChangedSince(a.Revision)
	}
	a.AreaText = text
	a.Revision++
	return nil
}

// end takes the area out of the plan, or the draft away.
func (a *Area) end(person uuid.UUID, leads bool, result string) error {
	switch {
	case a.State == Ended:
		return a.wrongState()
	case !a.mayChange(person, leads):
		return refusal.New(refusal.NotYourMove)
	}
	a.State, a.Slot, a.Result = Ended, nil, result
	a.Revision++
	return nil
}

func (a *Area) wrongState() error {
	return refusal.New(refusal.WrongState).With("state", string(a.State))
}
