package server_test

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/privacy"
	"undring/town"
)

// accesses lists what somebody reads of who was sent what of theirs, of one kind.
func accesses(t *testing.T, p *town.Person, kind pb.AccessKind) []*pb.Access {
	t.Helper()
	var out []*pb.Access
	for _, a := range town.Try(p.ListAccesses(p.Ctx(), &pb.ListAccessesRequest{})).OK(t).GetAccesses() {
		if a.GetKind() == kind {
			out = append(out, a)
		}
	}
	return out
}

const wasRead, wasAct = pb.AccessKind_ACCESS_KIND_READ, pb.AccessKind_ACCESS_KIND_ACT

// G25: each way by which one of the two is sent what is the other's stands in the other's
// list, once a visit and day; what is one's own does not, and nobody else reads of it.
func TestG25EachReadingIsInTheList(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*town.Person, string) error{
		"GetObservation": func(p *town.Person, id string) error {
			_, err := p.GetObservation(p.Ctx(), &pb.GetObservationRequest{ObservationId: id})
			return err
		},
		"ListObservations": func(p *town.Person, _ string) error {
			_, err := p.ListObservations(p.Ctx(), &pb.ListObservationsRequest{})
			return err
		},
		"ListNotes": func(p *town.Person, id string) error {
			_, err := p.ListNotes(p.Ctx(), &pb.ListNotesRequest{ObservationId: id})
			return err
		},
		"GetExchange": func(p *town.Person, id string) error {
			_, err := p.GetExchange(p.Ctx(), &pb.GetExchangeRequest{ObservationId: id})
			return err
		},
		"Pull": func(p *town.Person, _ string) error {
			_, err := p.Pull(p.Ctx(), &pb.PullRequest{})
			return err
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
			w.SQL("delete from access") // of what was read on the way here
			w.Settled()
			for range 2 {
				town.Try(0, way(w.Ola, v.ID)).OK(t)
			}
			got := accesses(t, w.Kari, wasRead)
			if len(got) != 1 || got[0].GetById() != w.Ola.ID || got[0].GetByName() != "Ola Dahl" || got[0].GetObservationId() != v.ID {
				t.Fatalf("Kari reads of %v, want one reading by Ola", got)
			}
			if own := accesses(t, w.Ola, wasRead); len(own) != 0 {
				t.Errorf("Ola reads of %v, though nobody was sent his", own)
			}
			w.Clock.Set(w.Clock.Now().Add(24 * time.Hour))
			town.Try(0, way(w.Ola, v.ID)).OK(t)
			if got := accesses(t, w.Kari, wasRead); len(got) != 2 {
				t.Errorf("on the next day Kari reads of %d readings, want 2", len(got))
			}
			for _, p := range []*town.Person{w.Nils, w.Liv, w.Arne} {
				_ = way(p, v.ID) // nothing is sent
				if got := accesses(t, p, wasRead); len(got) != 0 {
					t.Errorf("%s reads of others' readings: %v", p.Name, got)
				}
			}
			if got := accesses(t, w.Kari, wasRead); len(got) != 2 {
				t.Errorf("a call that was sent nothing stands in the list: %v", got)
			}
		})
	}
	t.Run("own notes", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
		w.SQL("delete from access")
		town.Try(w.Kari.ListNotes(w.Kari.Ctx(), &pb.ListNotesRequest{ObservationId: v.ID})).OK(t)
		if got := accesses(t, w.Ola, wasRead); len(got) != 0 {
			t.Errorf("Kari's own notes are told as a reading of Ola's: %v", got)
		}
	})
}

// Administrators' acts are written down as they are done, whoever they concern reads of
// them, and nobody writes there.
func TestAdministrativeActsAreWrittenDown(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for _, name := range []string{"SetRole", "CreateInvitation", "RelinkPerson", "UpdateExchangePolicy", "ImportRoster", "MergePeople"} {
		c := town.Stories()["undring.v1.SchoolService."+name](w)
		c.Send(t, "undring.v1.SchoolService."+name)
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
	}
	kinds := func(p *town.Person, mine bool) map[pb.AdministrativeActKind]int {
		out := map[pb.AdministrativeActKind]int{}
		for _, a := range town.Try(p.ListAdministrativeActs(p.Ctx(), &pb.ListAdministrativeActsRequest{Mine: mine})).OK(t).GetActs() {
			if a.GetById() == "" || a.GetTime() == nil {
				t.Errorf("an act by nobody, or at no time: %v", a)
			}
			out[a.GetKind()]++
		}
		return out
	}
	want := []pb.AdministrativeActKind{pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_ROLE_GIVEN, pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_INVITED,
		pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_RELINKED, pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_POLICY_CHANGED,
		pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_ROSTER_IMPORTED, pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_MERGED}
	all, karis, nils := kinds(w.Arne, false), kinds(w.Kari, false), kinds(w.Nils, false)
	for _, k := range want {
		if all[k] == 0 {
			t.Errorf("the administrator reads of no %s", k)
		}
	}
	if karis[want[0]] != 1 || karis[want[1]] != 1 || karis[want[2]] != 1 || karis[want[3]] != 0 || karis[want[5]] != 0 {
		t.Errorf("Kari reads of %v: the role, the invitation and the link concern her", karis)
	}
	if len(nils) != 0 {
		t.Errorf("Nils reads of %v, which does not concern him", nils)
	}
	if got := kinds(w.Arne, true); len(got) != 0 {
		t.Errorf("asked for what concerns himself, Arne reads of %v", got)
	}
	if got := accesses(t, w.Kari, wasAct); len(got) != 3 {
		t.Errorf("Kari's list of accesses has %d acts, want 3", len(got))
	}
}

// A yes is kept with the version of the text; an old text is not said yes to any more.
func TestConsentsKeepTheVersion(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	say := func(version string, yes bool) town.Outcome[*pb.SetConsentResponse] {
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		return town.Try(w.Kari.SetConsent(w.Kari.Ctx(), &pb.SetConsentRequest{RequestId: town.Req(), Subject: pb.ConsentSubject_CONSENT_SUBJECT_INFORMATION, Version: version, Agreed: yes}))
	}
	say("2020-01", true).Refused(t, codes.Aborted, "STALE_REVISION")
	say(privacy.InformationVersion, true).OK(t)
	say(privacy.InformationVersion, false).OK(t)
	got := town.Try(w.Kari.ListConsents(w.Kari.In("en"), &pb.ListConsentsRequest{})).OK(t)
	var said []bool
	visits := 0
	for _, c := range got.GetConsents() {
		switch c.GetSubject() {
		case pb.ConsentSubject_CONSENT_SUBJECT_INFORMATION:
			said = append(said, c.GetAgreed())
		case pb.ConsentSubject_CONSENT_SUBJECT_VISIT:
			visits++
		}
	}
	if len(said) != 2 || said[0] || !said[1] || visits != 1 {
		t.Errorf("kept: %v, and %d agreements; want no, yes, and 1", said, visits)
	}
	if len(got.GetInformation().GetParagraphs()) < 5 {
		t.Errorf("the information is %v", got.GetInformation())
	}
}

// Lists of who did what to whom are about people, too: they go when their time is over.
func TestAccessesAndActsGoAfterTheirTime(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t)
	town.Stories()["undring.v1.SchoolService.SetRole"](w).Send(t, "undring.v1.SchoolService.SetRole")
	for _, step := range []struct {
		months       int
		reads, roles int
	}{{11, 1, 1}, {13, 0, 1}, {25, 0, 0}} {
		w.Clock.Set(town.Tuesday.AddDate(0, step.months, 0))
		if err := w.Server.RunJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		reads, roles := town.One[int](w, "select count(*)::int from access"), town.One[int](w, "select count(*)::int from administrative_act")
		if reads != step.reads || roles != step.roles {
			t.Errorf("after %d months %d accesses and %d acts are left, want %d and %d", step.months, reads, roles, step.reads, step.roles)
		}
	}
}
