package feedback

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"undring/observation"
	"undring/refusal"
	"undring/spec"
)

func casesOf(t *testing.T, rule string) []spec.Case {
	t.Helper()
	cases, err := spec.Cases(rule)
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases of %s, %v", len(cases), rule, err)
	}
	return cases
}

// idOf is the id of what a table has a short name for.
func idOf(name string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)) }

// parts reads a cell in which the parts are kept apart by semicolons.
func parts(cell string) []string {
	var out []string
	for part := range strings.SplitSeq(cell, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// giftOf makes the gift of a case, and the notes that the observer has.
func giftOf(c spec.Case) (*Gift, []observation.Note) {
	g := new(Gift)
	for i, part := range parts(c["points"]) {
		p := Point{ID: idOf("point " + strconv.Itoa(i+1)), Text: "Det jeg så."}
		for name := range strings.SplitSeq(strings.Trim(part, "()"), ",") {
			if name != "" {
				p.Notes = append(p.Notes, idOf(name))
			}
		}
		g.Points = append(g.Points, p)
	}
	for _, text := range parts(c["questions"]) {
		g.Questions = append(g.Questions, Question{ID: uuid.New(), Text: strings.TrimPrefix(text, "!"), StandBy: strings.HasPrefix(text, "!"), Language: c["language"]})
	}
	var notes []observation.Note
	for _, note := range strings.Fields(c["notes"]) {
		name, kind, _ := strings.Cut(note, ":")
		notes = append(notes, observation.Note{ID: idOf(name), Kind: observation.Kind(kind)})
	}
	return g, notes
}

// Feedback rests on notes of what was seen, and wonders: what is missing is as the
// table says, and the phone is held to the same one.
func TestWhatFeedbackLacksIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	for _, c := range casesOf(t, "gift") {
		g, notes := giftOf(c)
		points := map[string]int{}
		for i, p := range g.Points {
			points[p.ID.String()] = i + 1
		}
		var got []string
		facts, err := g.check(notes)
		if err != nil {
			got = append(got, string(refusal.ReasonOf(err)))
		}
		for need, subjects := range facts {
			for _, s := range subjects {
				if n := points[s]; n > 0 {
					got = append(got, fmt.Sprintf("%s:%d", need, n))
				} else {
					got = append(got, string(need))
				}
			}
		}
		want := strings.Fields(c["lacks"])
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c["name"], got, want)
		}
	}
}

// byRole are the two of the cases.
var byRole = map[string]uuid.UUID{"observer": watcher, "observed": teacher}

// visitOf makes the visit of a case of who is to move next.
func visitOf(t *testing.T, c spec.Case) *Exchange {
	t.Helper()
	v := plainVisit(observation.State(c["state"]))
	if c["focus"] == "no" {
		v.Card.Focus = ""
	}
	if awaits := c["awaits"]; awaits != "" {
		v.Awaits = uuid.NullUUID{UUID: byRole[awaits], Valid: true}
	}
	v.Opened = c["opened"] == "yes"
	for _, role := range strings.Fields(c["wrote"]) {
		v.Takeaways[map[string]observation.Role{"observer": observation.AsObserver, "observed": observation.AsObserved}[role]] = true
	}
	if wished := c["wished"]; wished != "" {
		wish := uuid.NullUUID{UUID: byRole[wished], Valid: true}
		if v.State == observation.Closed {
			v.ReopenWish = wish
		} else {
			v.ExitWish = wish
		}
	}
	if moves := c["moves"]; moves != "" {
		v.Move = &observation.Move{By: byRole[moves], Start: noon, End: noon.Add(time.Hour)}
	}
	if names := c["names"]; names != "" {
		v.NameWish = &observation.NameWish{Name: "Emma", By: byRole[names]}
	}
	v.Left = map[observation.Role]bool{}
	for _, role := range strings.Fields(c["left"]) {
		v.Left[map[string]observation.Role{"observer": observation.AsObserver, "observed": observation.AsObserved}[role]] = true
	}
	for _, role := range strings.Fields(c["unseen"]) {
		v.Unseen = append(v.Unseen, observation.Unseen{Person: byRole[role], Kind: observation.CalledOff})
	}
	e := &Exchange{Visit: v}
	for _, q := range strings.Fields(c["questions"]) {
		p := strings.Split(q, ":")
		hours, err := strconv.Atoi(p[2])
		if err != nil {
			t.Fatal(err)
		}
		asker := byRole[p[0]]
		to := map[uuid.UUID]uuid.UUID{watcher: teacher, teacher: watcher}[asker]
		e.Questions = append(e.Questions, Question{ID: uuid.New(), Asker: asker, Addressee: to, Wondering: asker == watcher, State: QuestionState(p[1]), Due: noon.Add(time.Duration(hours) * time.Hour)})
	}
	if told := c["told"]; told != "" {
		e.Conversations = []Conversation{{RecordedBy: byRole[told]}}
	}
	e.count()
	return e
}

// Whose move it is, what is to be done and by when is as the table says; the phone is
// held to the same one.
func TestWhoseMoveItIsIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	for _, c := range casesOf(t, "next") {
		e := visitOf(t, c)
		v := &e.Visit
		step := v.NextStep(noon)
		var movers []uuid.UUID
		for _, role := range strings.Fields(c["movers"]) {
			movers = append(movers, byRole[role])
		}
		due := map[string]time.Time{"": {}, "start": v.Start, "feedback": v.FeedbackDue, "answer": v.AnswerDue, "takeaway": v.TakeawayDue}
		want, named := due[c["due"]]
		if hours, err := strconv.Atoi(c["due"]); err == nil {
			want, named = noon.Add(time.Duration(hours)*time.Hour), true
		}
		if !named || !slices.Equal(step.Movers, movers) || step.Todo != observation.Todo(c["todo"]) || !step.Due.Equal(want) {
			t.Errorf("%s: %+v, want %v", c["name"], step, c)
		}
	}
}

// What counts as answered is as the table says; the phone is held to the same one.
func TestWhatIsAnsweredIsAsTheContractSays(t *testing.T) {
	t.Parallel()
	for _, c := range casesOf(t, "answered") {
		e := &Exchange{Visit: plainVisit(observation.FeedbackGiven)}
		for _, q := range strings.Fields(c["questions"]) {
			p := strings.Split(q, ":")
			e.Questions = append(e.Questions, Question{ID: uuid.New(), Asker: byRole[p[0]], Wondering: p[1] == "wondering", State: QuestionState(p[2])})
		}
		if got := len(e.unsettled()) == 0; got != (c["answered"] == "yes") {
			t.Errorf("%s: %t, want %s", c["name"], got, c["answered"])
		}
	}
}
