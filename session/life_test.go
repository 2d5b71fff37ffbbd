package session_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// life is somebody over the years, as registers and a provider tell of them.
type life struct {
	doors
	run                      string // of the check: what it makes is its own
	given, family, email, id string
	school                   int
	away                     bool
	changes, subject         int
	person                   string // who they are; empty: not there yet
}

// set is the register's export as it is now: two schools of eight, and the one whose life
// it is.
func (l *life) set() []byte {
	var users strings.Builder
	users.WriteString("sourcedId,enabledUser,orgSourcedIds,role,givenName,familyName,email\n")
	for n := range 16 {
		fmt.Fprintf(&users, "%s-c%d,true,%s-sk%d,teacher,K%d%s,Fast,%s-c%d@x.example\n", l.run, n, l.run, n%2, n, l.run, l.run, n)
	}
	if !l.away {
		fmt.Fprintf(&users, "%s,true,%s-sk%d,teacher,%s,%s,%s\n", l.id, l.run, l.school, l.given, l.family, l.email)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"manifest.csv": "propertyName,value\nfile.orgs,bulk\nfile.users,bulk\n",
		"orgs.csv":     fmt.Sprintf("sourcedId,name,type\n%[1]s-sk0,Nesset %[1]s,school\n%[1]s-sk1,Storfjord %[1]s,school\n", l.run),
		"users.csv":    users.String(),
	} {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			l.T.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		l.T.Fatal(err)
	}
	return b.Bytes()
}

// imported takes the export in, and answers what it asks: yes, it is they.
func (l *life) imported() {
	r := &pb.ImportRosterRequest{RequestId: town.Req(), Format: pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, Content: l.set(), DryRun: true}
	for _, q := range town.Try(l.Arne.ImportRoster(l.Arne.Ctx(), r)).OK(l.T).GetQuestions() {
		r.Answers = append(r.Answers, &pb.RosterAnswer{SourcedId: q.GetSourcedId(), ThereId: q.GetThereId()})
	}
	r.DryRun, r.RequestId = false, town.Req()
	town.Try(l.Arne.ImportRoster(l.Arne.Ctx(), r)).OK(l.T)
}

// marry, leave, return, move school, change provider: one after the other, by chance.
func (l *life) goOn(step string) {
	l.changes++
	switch step {
	case "marry":
		l.family = fmt.Sprintf("Etternavn%d", l.changes)
		l.email = fmt.Sprintf("%s-%d@x.example", l.run, l.changes)
	case "leave":
		l.away = true
	case "return with another id":
		l.away, l.id = false, fmt.Sprintf("%s-u%d", l.run, l.changes)
	case "move school":
		l.school = 1 - l.school
	case "another provider":
		l.subject++
	}
}

// signsIn is the person at the provider: at once, or after their yes.
func (l *life) signsIn() string {
	l.p.claims["email"] = l.email
	subject := fmt.Sprintf("%s-s%d", l.run, l.subject)
	l.Clock.Set(l.Clock.Now().Add(time.Minute)) // nobody signs in so often
	came := l.come(subject)
	if came.Err != nil {
		l.refusedAs(came, "WAITS")
		phone := l.Phone(l.Town.Conn, uuid.MustParse(l.person), "hun")
		for _, c := range town.Try(phone.ListIdentityChanges(phone.Ctx(), &pb.ListIdentityChangesRequest{})).OK(l.T).GetChanges() {
			if c.GetOutcome() == pb.IdentityChangeOutcome_IDENTITY_CHANGE_OUTCOME_UNSPECIFIED {
				town.Try(phone.AnswerIdentityChange(phone.Ctx(), &pb.AnswerIdentityChangeRequest{RequestId: town.Req(), ChangeId: c.GetId(), Agree: true})).OK(l.T)
			}
		}
		came = l.come(subject)
	}
	return came.OK(l.T).GetPerson().GetId()
}

// G29: a random life keeps one person with one history: whoever marries, leaves, returns,
// moves and comes by another provider is the one they were, and signs in as that.
func TestPropertyALifeIsOnePersons(t *testing.T) {
	t.Parallel()
	d := newDoors(t)
	run := 0
	rapid.Check(t, func(r *rapid.T) {
		if run++; run > 12 {
			return // each is some twenty calls
		}
		name := fmt.Sprintf("L%d%s", run, strings.ReplaceAll(uuid.NewString()[:8], "-", ""))
		l := &life{doors: d, run: name, given: "Kari" + name, family: "Berg", email: name + "-0@x.example", id: name + "-u0"}
		l.imported()
		l.person = town.One[string](d.Town, "select id::text from person where given_name = $1", l.given)
		if who := l.signsIn(); who != l.person {
			r.Fatalf("signs in as %s, and is %s", who, l.person)
		}
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			steps := []string{"marry", "move school", "another provider", "leave"}
			if l.away {
				steps = []string{"return with another id"}
			}
			l.goOn(rapid.SampledFrom(steps).Draw(r, "step"))
			l.imported()
			if n := town.One[int](d.Town, "select count(*)::int from person where given_name = $1", l.given); n != 1 {
				r.Fatalf("%d people for one", n)
			}
			if l.away {
				l.p.claims["email"] = l.email
				l.refusedAs(l.come(fmt.Sprintf("%s-s%d", l.run, l.subject)), "NOT_IN_ROSTER")
			} else if who := l.signsIn(); who != l.person {
				r.Fatalf("signs in as %s, and is %s", who, l.person)
			}
		}
	})
}
