package school_test

import (
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// Somebody whose sign-in another one is to take the place of is asked on their phone, for
// as long as they have not answered.
func TestAPhoneAsksWhetherItIsOneself(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	cursor := ""
	// asked is what the phone keeps of it, once it has pulled; nil: no news.
	asked := func() *pb.Me {
		t.Helper()
		w.Settled()
		var me *pb.Me
		reply := town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{Cursor: cursor})).OK(t)
		cursor = reply.GetNextCursor()
		for _, c := range reply.GetChanges() {
			if c.GetMe() != nil {
				me = c.GetMe()
			}
		}
		return me
	}
	if me := asked(); len(me.GetIdentityChanges()) != 0 {
		t.Fatalf("before anybody asks: %v", me.GetIdentityChanges())
	}
	town.Try(w.Arne.RelinkPerson(w.Arne.Ctx(), &pb.RelinkPersonRequest{RequestId: town.Req(), PersonId: w.Kari.ID})).OK(t)
	changes := asked().GetIdentityChanges()
	if len(changes) != 1 || changes[0].GetKind() != pb.IdentityChangeKind_IDENTITY_CHANGE_KIND_RELINK || changes[0].GetAskedByName() == "" {
		t.Fatalf("the phone is told of %v", changes)
	}
	town.Try(w.Kari.AnswerIdentityChange(w.Kari.Ctx(), &pb.AnswerIdentityChangeRequest{RequestId: town.Req(), ChangeId: changes[0].GetId()})).OK(t)
	if me := asked(); me == nil || len(me.GetIdentityChanges()) != 0 {
		t.Errorf("after an answer the phone keeps %v", me)
	}
}

// A visit stays that of the two when one of them goes to another school: the other's phone
// keeps the name, without a role by which they could be asked again. Nobody else's does; and
// who is erased has no name.
func TestAPhoneKeepsTheNameOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, time.Hour)
	w.Leaves(w.Ola)
	// ola is how Ola stands on somebody's phone; nil: not at all.
	ola := func(p *town.Person) (found *pb.Person) {
		t.Helper()
		w.Settled()
		for _, c := range town.Try(p.Pull(p.Ctx(), &pb.PullRequest{})).OK(t).GetChanges() {
			for _, q := range c.GetSchool().GetPeople() {
				if c.GetSchool().GetSchool().GetId() == w.School.String() && q.GetId() == w.Ola.ID {
					found = q
				}
			}
		}
		return found
	}
	if p := ola(w.Kari); p.GetName() != "Ola Dahl" || p.GetActive() || len(p.GetRoles())+len(p.GetTeamIds()) > 0 || p.GetEmail() != "" {
		t.Errorf("on the phone of whom Ola has a visit with: %v", p)
	}
	if p := ola(w.Nils); p != nil {
		t.Errorf("on the phone of somebody who has no visit with Ola: %v", p)
	}
	w.SQL("update person set given_name = '', family_name = '', active = false where id = $1", w.Ola.ID)
	if p := ola(w.Kari); p.GetName() != "" {
		t.Errorf("once erased, Ola is called %q", p.GetName())
	}
}
