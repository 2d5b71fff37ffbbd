package session_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/session"
	"undring/session/providertest"
	"undring/town"
)

// doors is a town whose people have signed in otherwise before, and a provider that says
// what it is told to.
type doors struct {
	*town.Town
	p *wrongProvider
}

func newDoors(t *testing.T) doors {
	t.Helper()
	p := newWrongProvider(t)
	w := townBy(t, &session.Provider{ID: "p", Name: "Prøve", Issuer: p.URL, ClientID: providertest.ClientID,
		RedirectURLs: []string{"https://undring.example/back"}, Contact: "IKT, tlf. 22 00 00 00"})
	p.claims = map[string]any{"exp": time.Now().Add(1000 * time.Hour).Unix()}
	w.SQL("update session set opened_by = 'INVITATION'")
	return doors{w, p}
}

// come is somebody with a subject who comes from the provider.
func (d doors) come(subject string) town.Outcome[*pb.SignInResponse] {
	d.p.claims["sub"] = subject
	return prove(d.Town, &pb.AuthorizationCode{ProviderId: "p", Code: "c", CodeVerifier: providertest.Random(), RedirectUrl: "https://undring.example/back", Nonce: wrongNonce})
}

func (d doors) refusedAs(o town.Outcome[*pb.SignInResponse], code string) {
	d.T.Helper()
	err := o.Refused(d.T, codes.Unauthenticated, "NOT_SIGNED_IN")
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetMetadata()["code"] != code {
			d.T.Errorf("refused as %v, want %s", info.GetMetadata(), code)
		}
	}
}

func (d doors) answer(p *town.Person, agree bool) {
	d.T.Helper()
	changes := town.Try(p.ListIdentityChanges(p.Ctx(), &pb.ListIdentityChangesRequest{})).OK(d.T).GetChanges()
	if len(changes) == 0 || changes[0].GetOutcome() != pb.IdentityChangeOutcome_IDENTITY_CHANGE_OUTCOME_UNSPECIFIED {
		d.T.Fatalf("%s is told of %v", p.Name, changes)
	}
	town.Try(p.AnswerIdentityChange(p.Ctx(), &pb.AnswerIdentityChangeRequest{RequestId: town.Req(), ChangeId: changes[0].GetId(), Agree: agree})).OK(d.T)
}

const days3 = 72*time.Hour + time.Minute

// G29: a first way in of somebody who has signed in before waits 72 hours; they are told,
// yes makes it count, no makes it void, and being seen meanwhile it needs their yes.
func TestG29AFirstLinkOfWhoHasSignedInBefore(t *testing.T) {
	t.Parallel()
	t.Run("yes", func(t *testing.T) {
		t.Parallel()
		d := newDoors(t)
		d.refusedAs(d.come("kari-1"), "WAITS")
		d.answer(d.Kari, true)
		if in := d.come("kari-1").OK(t); in.GetPerson().GetId() != d.Kari.ID {
			t.Errorf("who came in is %v", in.GetPerson())
		}
		d.come("kari-1").OK(t)
	})
	t.Run("no", func(t *testing.T) {
		t.Parallel()
		d := newDoors(t)
		d.refusedAs(d.come("thief"), "WAITS")
		d.answer(d.Kari, false)
		d.refusedAs(d.come("thief"), "SAID_NO")
		d.Clock.Set(d.Clock.Now().Add(days3))
		d.refusedAs(d.come("thief"), "SAID_NO")
	})
	t.Run("nothing, and seen on no device", func(t *testing.T) {
		t.Parallel()
		d := newDoors(t)
		d.refusedAs(d.come("kari-1"), "WAITS")
		d.Clock.Set(d.Clock.Now().Add(71 * time.Hour))
		d.refusedAs(d.come("kari-1"), "WAITS")
		d.Clock.Set(d.Clock.Now().Add(2 * time.Hour))
		d.come("kari-1").OK(t)
	})
	t.Run("nothing, but seen", func(t *testing.T) {
		t.Parallel()
		d := newDoors(t)
		d.refusedAs(d.come("thief"), "WAITS")
		d.Clock.Set(d.Clock.Now().Add(time.Hour))
		d.Kari.SignInAnew()
		d.Clock.Set(d.Clock.Now().Add(days3))
		d.refusedAs(d.come("thief"), "WAITS")
	})
}

// G29: a provider that changes its subjects: the person is the same, by their yes, or
// after 72 hours by an administrator's wish; the old subject is nobody's then.
func TestG29AnotherSubject(t *testing.T) {
	t.Parallel()
	d := newDoors(t)
	d.SQL("delete from session where person_id = $1", d.Kari.ID)
	d.come("kari-1").OK(t)
	d.refusedAs(d.come("kari-2"), "WAITS")
	d.answer(d.Kari, true)
	if in := d.come("kari-2").OK(t); in.GetPerson().GetId() != d.Kari.ID {
		t.Errorf("who came in is %v", in.GetPerson())
	}
	d.refusedAs(d.come("kari-1"), "WAITS")

	town.Try(d.Arne.RelinkPerson(d.Arne.Ctx(), &pb.RelinkPersonRequest{RequestId: town.Req(), PersonId: d.Kari.ID})).OK(t)
	d.refusedAs(d.come("kari-3"), "WAITS")
	d.Clock.Set(d.Clock.Now().Add(days3))
	if in := d.come("kari-4").OK(t); in.GetPerson().GetId() != d.Kari.ID {
		t.Errorf("who came in is %v", in.GetPerson())
	}
}

// G29: an administrator who gives somebody an address of their own does not get in by it.
func TestG29AnAddressOfAnAdministratorsOwn(t *testing.T) {
	t.Parallel()
	d := newDoors(t)
	d.List(d.School.String(), "Ada Lie,ada@x.example,teacher,").OK(t)
	ada := d.Phone(d.Town.Conn, uuid.MustParse(town.One[string](d.Town, "select id::text from person where email = 'ada@x.example'")), "Ada")
	d.SQL("update session set opened_by = 'INVITATION'")
	dry := town.Try(d.Arne.ImportRoster(d.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: d.School.String(), DryRun: true,
		Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Content: []byte("name,email,role\nAda Lie,thief@x.example,teacher\n")})).OK(t)
	if len(dry.GetQuestions()) != 1 {
		t.Fatalf("asked %v", dry.GetQuestions())
	}
	town.Try(d.Arne.ImportRoster(d.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: d.School.String(),
		Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Content: []byte("name,email,role\nAda Lie,thief@x.example,teacher\n"),
		Answers: []*pb.RosterAnswer{{SourcedId: "thief@x.example", ThereId: ada.ID}}})).OK(t)
	d.p.claims["email"] = "thief@x.example"
	d.refusedAs(d.come("thief"), "WAITS")
	changes := town.Try(ada.ListIdentityChanges(ada.Ctx(), &pb.ListIdentityChangesRequest{})).OK(t).GetChanges()
	if len(changes) != 2 {
		t.Fatalf("Ada is told of %v", changes)
	}
	for _, c := range changes {
		town.Try(ada.AnswerIdentityChange(ada.Ctx(), &pb.AnswerIdentityChangeRequest{RequestId: town.Req(), ChangeId: c.GetId()})).OK(t)
	}
	d.refusedAs(d.come("thief"), "SAID_NO")
	if email := town.One[string](d.Town, "select email from person where id = $1", ada.ID); email != "ada@x.example" {
		t.Errorf("Ada has the address %s", email)
	}
	d.Clock.Set(d.Clock.Now().Add(days3))
	d.refusedAs(d.come("another"), "NOT_IN_ROSTER")
}

// G29: two entries of one person become one; the visits stay, and it can be undone.
func TestG29TwoBecomeOne(t *testing.T) {
	t.Parallel()
	d := newDoors(t)
	keep, gone := d.Twins()
	merge := func() *pb.MergePeopleResponse {
		t.Helper()
		return town.Try(d.Arne.MergePeople(d.Arne.Ctx(), &pb.MergePeopleRequest{RequestId: town.Req(), PersonId: keep, OtherId: gone})).OK(t)
	}
	of := func(id string) string {
		return town.One[string](d.Town, "select p.active::text || ' ' || p.email || ' ' || (select count(*) from membership m where m.person_id = p.id and m.active) || ' ' || (select count(*) from register_entry e where e.person_id = p.id) from person p where p.id = $1", id)
	}
	before, email := of(keep)+", "+of(gone), town.One[string](d.Town, "select email from person where id = $1", gone)
	done := merge()
	if !done.GetDone() || of(keep) != "true "+email+" 1 2" || of(gone) != "false  0 0" {
		t.Errorf("done %v: %s, %s", done.GetDone(), of(keep), of(gone))
	}
	town.Try(d.Arne.UndoMerge(d.Arne.Ctx(), &pb.UndoMergeRequest{RequestId: town.Req(), ChangeId: done.GetChangeId()})).OK(t)
	if after := of(keep) + ", " + of(gone); after != before {
		t.Errorf("undone: %s, was %s", after, before)
	}

	// Who has signed in before is asked.
	eva := d.Phone(d.Town.Conn, uuid.MustParse(keep), "Eva")
	d.SQL("update session set opened_by = 'INVITATION'")
	if merge().GetDone() {
		t.Error("nobody was asked")
	}
	d.answer(eva, false)
	if of(keep)+", "+of(gone) != before {
		t.Error("it was done against her no")
	}
	waits := merge()
	if waits.GetDone() {
		t.Error("nobody was asked")
	}
	d.Clock.Set(d.Clock.Now().Add(days3))
	if err := d.Server.RunJobs(context.Background()); err != nil {
		t.Fatal(err)
	}
	if of(gone) != "false  0 0" {
		t.Errorf("after 72 hours: %s", of(gone))
	}

	// Whoever has visits stays, whichever was named first, and nobody who asks is told who that
	// is: each merge begins alike.
	d.SQL("delete from session where person_id = $1", keep)
	visit := d.Propose(d.Kari, d.Ola, time.Hour)
	begin := func(keep, gone string) {
		t.Helper()
		answer := town.Try(d.Arne.MergePeople(d.Arne.Ctx(), &pb.MergePeopleRequest{RequestId: town.Req(), PersonId: keep, OtherId: gone})).OK(t)
		if answer.GetDone() {
			t.Error("nobody was asked")
		}
		d.Clock.Set(d.Clock.Now().Add(days3))
		if err := d.Server.RunJobs(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	begin(keep, d.Ola.ID)
	if town.One[bool](d.Town, "select active from person where id = $1", keep) || !town.One[bool](d.Town, "select active from person where id = $1", d.Ola.ID) {
		t.Error("the one without visits stays")
	}
	// Where both have, visits stay those of the two in them, and it comes to nothing.
	begin(d.Kari.ID, d.Ola.ID)
	if n := town.One[int](d.Town, "select count(*) from person where active and id in ($1, $2)", d.Kari.ID, d.Ola.ID); n != 2 {
		t.Errorf("%d of two who both have visits are there", n)
	}
	if of := town.One[string](d.Town, "select observer_id::text || observed_id from visit where id = $1", visit.ID); of != d.Kari.ID+d.Ola.ID {
		t.Errorf("the visit is that of %s", of)
	}
	if outcome := town.One[string](d.Town, "select outcome from identity_change where kind = 'MERGE' and person_id = $1 and other_id = $2", d.Kari.ID, d.Ola.ID); outcome != "VOID" {
		t.Errorf("the merge of two who both have visits ended as %s", outcome)
	}
}

// Who is not in the roster reads just that in their language, and whom to ask; an answer
// of another provider is none.
func TestWhoIsNotInTheRosterReadsJustThat(t *testing.T) {
	t.Parallel()
	d := newDoors(t)
	d.p.claims["email"] = "nobody@x.example"
	err := d.come("nobody").Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	for _, detail := range status.Convert(err).Details() {
		if said, ok := detail.(*errdetails.LocalizedMessage); ok && said.GetMessage() != "Du står ikke i personallisten til noen skole her, så Undring kan ikke slippe deg inn. Spør den som holder listen ved skolen din. Kontakt: IKT, tlf. 22 00 00 00" {
			t.Errorf("it says %q", said.GetMessage())
		}
	}
	prove(d.Town, &pb.AuthorizationCode{ProviderId: "p", Code: "c", CodeVerifier: providertest.Random(), RedirectUrl: "https://undring.example/back", Nonce: wrongNonce,
		Issuer: "https://evil.example"}).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}
