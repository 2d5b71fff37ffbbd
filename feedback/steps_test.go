package feedback

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"undring/observation"
)

var update = flag.Bool("update", false, "write testdata/steps.json anew")

// The two of the cases, and when.
var (
	watcher = uuid.MustParse("01990000-0000-7000-8000-0000000000a1")
	teacher = uuid.MustParse("01990000-0000-7000-8000-0000000000b2")
	noon    = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)
)

// stepCase is a visit that says what comes next in it, and what a phone knows
// that works that out by itself.
type stepCase struct {
	Name        string          `json:"name"`
	Now         time.Time       `json:"now"`
	Observation json.RawMessage `json:"observation"`
	Exchange    json.RawMessage `json:"exchange,omitempty"`
	ToWrite     []uuid.UUID     `json:"toWrite"` // whose take-away is missing
}

func plainVisit(state observation.State) observation.Visit {
	return observation.Visit{
		ID: uuid.MustParse("01990000-0000-7000-8000-000000000001"), Observer: watcher, Observed: teacher, State: state, Edition: 1,
		Start: noon.Add(-time.Hour), End: noon.Add(-15 * time.Minute), Card: observation.Card{Focus: "Hvem får ordet?"},
		FeedbackDue: noon.Add(24 * time.Hour), AnswerDue: noon.Add(48 * time.Hour), TakeawayDue: noon.Add(72 * time.Hour),
		Takeaways: map[observation.Role]bool{},
	}
}

// asked is one question for each of some states, from one of the two to the other.
func asked(asker uuid.UUID, states ...QuestionState) []Question {
	to := map[uuid.UUID]uuid.UUID{watcher: teacher, teacher: watcher}[asker]
	var out []Question
	for i, s := range states {
		due := noon.Add(time.Duration(50-i-len(states)) * time.Hour)
		out = append(out, Question{ID: uuid.NewSHA1(asker, []byte{byte(i)}), Asker: asker, Addressee: to, Wondering: true, State: s, Due: due})
	}
	return out
}

// steps are the cases: every state, and in an exchange every mixture of questions
// to either, talks that wait for either, and times before and after each promise.
func steps(t *testing.T) []stepCase {
	t.Helper()
	var out []stepCase
	add := func(name string, v observation.Visit, e *Exchange, now time.Time) {
		c := stepCase{Name: name, Now: now, ToWrite: []uuid.UUID{}}
		for _, r := range []observation.Role{observation.AsObserver, observation.AsObserved} {
			if !v.Takeaways[r] {
				c.ToWrite = append(c.ToWrite, v.Person(r))
			}
		}
		if e != nil {
			e.Visit = v
			e.count()
			v = e.Visit
			c.Exchange = inJSON(t, encodeExchange(e, watcher))
		}
		o := observation.Encode(&v, "nb", now)
		o.Agreement.Lines, o.NextStep.Text, o.Talk, o.SchoolId, o.CreateTime = nil, "", nil, "", nil // nothing that a step reads
		c.Observation = inJSON(t, o)
		out = append(out, c)
	}
	for _, now := range []time.Time{noon, noon.Add(90 * 24 * time.Hour)} {
		late := ""
		if now != noon {
			late = ", months later"
		}
		for _, s := range observation.States() {
			if s != observation.Proposed && s != observation.FeedbackGiven && s != observation.Answered {
				add(string(s)+late, plainVisit(s), nil, now)
			}
		}
		for _, awaited := range []uuid.UUID{watcher, teacher} {
			for _, focus := range []string{"", "Hvem får ordet?"} {
				for _, twice := range []bool{false, true} {
					v := plainVisit(observation.Proposed)
					v.Card.Focus, v.Awaits = focus, uuid.NullUUID{UUID: awaited, Valid: true}
					said, other := &v.ObservedConsent, &v.ObserverConsent
					if awaited == teacher {
						said, other = other, said
					}
					said.At = noon.Add(-2 * time.Hour)
					if twice { // the awaited had proposed, and the other one proposed something else
						other.At = noon.Add(-3 * time.Hour)
					}
					add(fmt.Sprintf("proposed, focus %q, %s is awaited, countered %t%s", focus, v.Who(awaited).Role, twice, late), v, nil, now)
				}
			}
		}
		for _, wrote := range []map[observation.Role]bool{{}, {observation.AsObserver: true}, {observation.AsObserved: true}} {
			v := plainVisit(observation.Answered)
			v.Takeaways = wrote
			add(fmt.Sprintf("answered, written %v%s", wrote, late), v, &Exchange{Questions: asked(watcher, Answered)}, now)
		}
		unopened := plainVisit(observation.FeedbackGiven)
		add("feedback not opened"+late, unopened, &Exchange{Questions: asked(watcher, Open)}, now)
	}
	own := [][]QuestionState{{Open}, {Answered}, {Parked}, {TalkedUnconfirmed}, {Open, Open}, {Parked, Open}, {Parked, TalkedUnconfirmed}, {Answered, Open}, {TalkedUnconfirmed, Open}}
	back := [][]QuestionState{{}, {Open}, {Answered}, {Parked}, {TalkedUnconfirmed}, {Open, TalkedUnconfirmed}}
	talks := map[string][]Conversation{
		"no talk":                  nil,
		"a talk of the observer's": {{RecordedBy: watcher, Minutes: 30}},
		"a talk of the observed's": {{RecordedBy: teacher, Minutes: 30}},
	}
	for _, mine := range own {
		for _, theirs := range back {
			for _, talk := range []string{"no talk", "a talk of the observer's", "a talk of the observed's"} {
				v := plainVisit(observation.FeedbackGiven)
				v.Opened = true
				e := &Exchange{Questions: append(asked(watcher, mine...), asked(teacher, theirs...)...), Conversations: talks[talk]}
				add(fmt.Sprintf("opened, asked %v, asked back %v, %s", mine, theirs, talk), v, e, noon.Add(49*time.Hour))
			}
		}
	}
	return out
}

// inJSON writes a message as the contract has it, the same each time.
func inJSON(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	loose, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var tight bytes.Buffer
	if err := json.Compact(&tight, loose); err != nil {
		t.Fatal(err)
	}
	return tight.Bytes()
}

// Server and phone say alike whose move it is: the file holds what the server
// says; web/src/store/step.test.ts tests the phone against it.
func TestTheSharedCasesOfAStepAreWhatTheServerSays(t *testing.T) {
	t.Parallel()
	const file = "testdata/steps.json"
	var now bytes.Buffer
	now.WriteString("[\n")
	for i, c := range steps(t) {
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			now.WriteString(",\n")
		}
		now.Write(line)
	}
	now.WriteString("\n]\n")
	if *update {
		if err := os.WriteFile(file, now.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, now.Bytes()) {
		t.Error(file, "is stale: make cases, then test the phone's half")
	}
}
