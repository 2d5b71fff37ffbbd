package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// ofTheOwner are calls whose role is held at any school of the owner: who keeps a roster
// keeps that of the owner.
var ofTheOwner = map[protoreflect.Name]bool{"ImportRoster": true, "SetRole": true, "CreateInvitation": true, "ImportHolidays": true}

// G8: what somebody may at a school goes by what they are there, whatever they are at
// another school of the same owner: for each pair of roles at two schools, every call that
// names a school answers as it does somebody who has the first role alone.
func TestG8ARoleCountsAtItsSchool(t *testing.T) {
	t.Parallel()
	stories := town.Stories()
	for name, story := range readings() {
		stories[name] = story
	}
	roles := []string{"TEACHER", "LEADER", "ADMINISTRATOR", "REPRESENTATIVE"}
	for _, m := range allMethods() {
		story := stories[string(m.FullName())]
		if m.Input().Fields().ByName("school_id") == nil || story == nil || ofTheOwner[m.Name()] {
			continue
		}
		t.Run(string(m.Name()), func(t *testing.T) {
			t.Parallel()
			for _, here := range append(roles, "") {
				w := town.New(t) // as many sign-ins come from one place
				c := story(w)
				far := town.NewID()
				w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.Owner, far, town.Tuesday)
				alone := "not found" // to whom holds no place there, it is not there
				if here != "" {
					alone = answeredAs(w, c, m, here, "", far)
				} else if strings.HasPrefix(answeredAs(w, c, m, "", "TEACHER", far), "role") {
					alone = "role" // it takes a part in it, not a place
				}
				for _, there := range roles {
					if got := answeredAs(w, c, m, here, there, far); got != alone && !elsewhereCounts(m, here, there, got) {
						t.Errorf("as %q here and %s there: %s, with the first alone: %s", here, there, got, alone)
					}
				}
			}
		})
	}
}

// elsewhereCounts are the two ways in which a place elsewhere is heard of here, to somebody
// without one here: whoever only represents others makes few calls at all, and whoever
// keeps the owner's roster reads the sheets of its schools, which are the same for all.
func elsewhereCounts(m protoreflect.MethodDescriptor, here, there, got string) bool {
	return here == "" && (there == "REPRESENTATIVE" && got == "role" ||
		there == "ADMINISTRATOR" && m.Parent().Name() == "CultureService" && !changes(m))
}

// answeredAs is what comes of a call by somebody new with a role here, or none, and
// another at a second school.
func answeredAs(w *town.Town, c town.Call, m protoreflect.MethodDescriptor, here, there string, far uuid.UUID) string {
	w.T.Helper()
	id := town.NewID()
	w.SQL("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, 'To', 'Steder', '', $3)", w.Owner, id, town.Tuesday)
	for school, role := range map[uuid.UUID]string{w.School: here, far: there} {
		if role != "" {
			w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, $4, $5)", w.Owner, school, id, role, town.Tuesday)
		}
	}
	p := w.Phone(w.Conn, id, "To")
	answer := said(town.Invoke(p.Ctx(), w.Conn, m, fresh(proto.Clone(c.Req)), town.NewMessage(m.Output())))
	if answer != "role" && answer != "not found" {
		return "let in" // what comes of it depends on who was let in before
	}
	return answer
}

// G8: of a school where somebody represents others, their phone keeps the policy, and
// their prompts, people and hours are those of the school where they teach.
func TestG8ARepresentativeReadsThePolicyAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	far := town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.Owner, far, town.Tuesday)
	rita := w.SettleAt(w.Conn, w.Owner, far, "Rita", "Moen", "TEACHER")
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'REPRESENTATIVE', $4)", w.Owner, w.School, rita.ID, town.Tuesday)
	town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), w.NewPrompt(town.NewID().String()))).OK(t)
	hours := town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), w.Budget())).OK(t).GetTimeBudget().GetHours()[0].GetId()
	var kept []*pb.SchoolOnPhone
	// A feed tells what is older than all that is under way in the cluster, which other
	// tests share.
	for deadline := time.Now().Add(20 * time.Second); len(kept) < 2 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		kept = nil
		for _, c := range town.Try(rita.Pull(rita.Ctx(), &pb.PullRequest{})).OK(t).GetChanges() {
			if c.GetSchool() != nil {
				kept = append(kept, c.GetSchool())
			}
		}
	}
	if len(kept) != 2 {
		t.Fatalf("%d schools on Rita's phone", len(kept))
	}
	for _, s := range kept {
		if here := s.GetSchool().GetId() == w.School.String(); here && (len(s.GetPeople())+len(s.GetTeams())+len(s.GetPrompts()) > 0 || s.GetSchool().GetPolicy() == nil) {
			t.Errorf("of the school where Rita represents others, her phone keeps %v", s)
		} else if !here && len(s.GetPeople()) != 1 {
			t.Errorf("of her own school it keeps %d people", len(s.GetPeople()))
		}
	}
	for _, p := range town.Try(rita.ListPrompts(rita.Ctx(), &pb.ListPromptsRequest{Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION, Language: "nb"})).OK(t).GetPrompts() {
		if p.GetText() == w.NewPrompt("").GetText() {
			t.Error("Rita reads the prompts of a school where she represents others")
		}
	}
	if got := said(town.Try(rita.BookTime(rita.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: hours})).Err); got != "not found" {
		t.Errorf("Rita books hours of that school: %s", got)
	}
	if got := said(town.Try(rita.KeepFromSuggestions(rita.Ctx(), &pb.KeepFromSuggestionsRequest{RequestId: town.Req(), PersonId: w.Kari.ID})).Err); got != "not found" {
		t.Errorf("Rita keeps Kari from suggestions: %s", got)
	}
}
