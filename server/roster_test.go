package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
	"undring/school/roster/fieldtest"
	"undring/town"
)

// rosterTown is a town whose rosters are tried.
type rosterTown struct{ *town.Town }

func townOf(t testing.TB) rosterTown { return rosterTown{town.New(t)} }

// An import stands in the log with who brought it, and the last one can be undone:
// who came by it goes, who went comes back.
func TestTheLastImportCanBeUndone(t *testing.T) {
	t.Parallel()
	w := townOf(t)
	school := w.School.String()
	w.List(school, "Ada Lie,ada@x.example,teacher,1. trinn", "Bo Moe,bo@x.example,leader,").OK(t)
	first := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(t).GetImports()[0]
	w.List(school, "Ada Rud,ada@x.example,leader,2. trinn", "Cato Vik,cato@x.example,teacher,").OK(t)
	log := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{PageSize: 1})).OK(t)
	if len(log.GetImports()) != 1 || log.GetNextPageToken() == "" {
		t.Fatalf("a page of the log: %v", log)
	}
	last := log.GetImports()[0]
	if last.GetImportedByName() != "Arne Hagen" || last.GetCreated() != 1 || last.GetDeactivated() != 1 || !last.GetCanUndo() {
		t.Errorf("the last import: %v", last)
	}
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: first.GetId()})).Refused(t, 9, "WRONG_STATE")
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: last.GetId()})).OK(t)
	if got, want := w.peopleFrom("x.example"), "Ada Lie <ada@x.example> Fjordvik skole TEACHER team 1. trinn\nBo Moe <bo@x.example> Fjordvik skole LEADER"; got != want {
		t.Errorf("after undoing:\n%s\nwant\n%s", got, want)
	}
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: last.GetId()})).Refused(t, 9, "WRONG_STATE")
}

// peopleFrom is everybody with access whose address ends so, as text: one line each.
func (w rosterTown) peopleFrom(domain string) string {
	w.T.Helper()
	return town.One[string](w.Town, peopleAsText, w.Owner, "%"+domain)
}

// peopleAsText is everybody of an owner with access: name, address, places and teams.
const peopleAsText = `
	select coalesce(string_agg(line, E'\n' order by line), '') from (
		select trim(p.given_name || ' ' || p.family_name) || ' <' || p.email || '> '
			|| string_agg(s.name || ' ' || m.role, ', ' order by s.name, m.role)
			|| coalesce((select ' team ' || string_agg(t.name, ', ' order by t.name) from team_member i
				join team t on t.owner_id = i.owner_id and t.school_id = i.school_id and t.id = i.team_id
				where i.owner_id = p.owner_id and i.person_id = p.id), '') as line
		from person p
		join membership m on m.owner_id = p.owner_id and m.person_id = p.id and m.active and not m.by_hand
		join school s on s.owner_id = m.owner_id and s.id = m.school_id
		where p.owner_id = $1 and p.active and (p.email like $2 or p.login like $2)
		group by p.owner_id, p.id) people`

// Files in the shape of what schools' systems send, by the call: each gives what is
// right for it. The command goes through the same table.
func TestRostersOfTheFieldByTheCall(t *testing.T) {
	t.Parallel()
	for _, c := range fieldtest.Cases() {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			w := townOf(t)
			school := town.NewID().String()
			w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, $3, $4)", w.Owner, school, c.School, town.Tuesday)
			for _, f := range c.After {
				w.field(f, school, false).OK(t)
			}
			var questions []string
			if dry := w.field(c.File, school, true); c.Refused == "" {
				for _, q := range dry.OK(t).GetQuestions() {
					questions = append(questions, q.GetName()+" = "+q.GetThereName())
				}
			}
			got := w.field(c.File, school, false)
			var odd []string
			if c.Refused != "" {
				got.Refused(t, codes.InvalidArgument, "ROSTER_INVALID")
				if code := metaOf(got.Err)["code"]; code != c.Refused {
					t.Errorf("refused as %s, want %s", code, c.Refused)
				}
			} else {
				for _, e := range got.OK(t).GetRowErrors() {
					odd = append(odd, fmt.Sprintf("%s:%d %s", e.GetFile(), e.GetLine(), e.GetReason()))
				}
			}
			if diff := cmp.Diff(c.Odd, odd); diff != "" {
				t.Errorf("odd rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.Questions, questions); diff != "" {
				t.Errorf("questions (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.People, town.One[string](w.Town, fieldtest.AsText, w.Owner)); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
			if n := town.One[int](w.Town, "select count(*)::int from school where owner_id = $1 and name = $2", w.Owner, c.School); n != 1 {
				t.Errorf("%s is there %d times", c.School, n)
			}
		})
	}
}

// field imports a file of the field as Arne does.
func (w rosterTown) field(file, school string, dry bool) town.Outcome[*pb.ImportRosterResponse] {
	w.T.Helper()
	r := &pb.ImportRosterRequest{RequestId: town.Req(), Format: pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, Content: fieldtest.Read(w.T, file), DryRun: dry}
	if strings.HasSuffix(file, ".csv") {
		r.Format, r.SchoolId = pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, school
	}
	return town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), r))
}

// metaOf are the facts of a refusal.
func metaOf(err error) map[string]string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetMetadata()
		}
	}
	return nil
}

// zipOf is a OneRoster set of one school, sk-1, and rows of users.csv.
func zipOf(t testing.TB, users ...string) []byte {
	return zipWith(t, "sk-1,,,Fjordvik skole,school,,\n", users...)
}

func zipWith(t testing.TB, orgs string, users ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range map[string]string{
		"manifest.csv": "propertyName,value\nmanifest.version,1.0\nfile.orgs,bulk\nfile.users,bulk\n",
		"orgs.csv":     "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n" + orgs,
		"users.csv":    "sourcedId,enabledUser,orgSourcedIds,role,givenName,familyName,email\n" + strings.Join(users, "\n") + "\n",
	} {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w rosterTown) set(content []byte, approved string) town.Outcome[*pb.ImportRosterResponse] {
	return town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), Format: pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP, Content: content, Approved: approved}))
}

func usersOf(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("u-%d,true,sk-1,teacher,Lærer%d,Nr%d,l%d@x.example", i, i, i, i))
	}
	return out
}

// G28: who is there, and of whom an odd row speaks, stays as they were, in every way
// that a row can be odd.
func TestG28AnOddRowLeavesPeopleAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"a role with a typo":        "u-0,true,sk-1,teachr,Lærer0,Nr0,l0@x.example",
		"no name":                   "u-0,true,sk-1,teacher,,,l0@x.example",
		"an organisation not there": "u-0,true,sk-9,teacher,Lærer0,Nr0,l0@x.example",
		"a name of 3,000 letters":   "u-0,true,sk-1,teacher," + strings.Repeat("x", 3000) + ",Nr0,l0@x.example",
		"a bare quotation mark":     `u-0,true,sk-1,teacher,Lærer"0,Nr0,l0@x.example`,
		"a field too many":          "u-0,true,sk-1,teacher,Lærer0,Nr0,l0@x.example,x",
		"no id":                     ",true,sk-1,teacher,Lærer0,Nr0,l0@x.example",
		"a broken address":          "u-0,true,sk-1,teacher,Lærer0,Nr0,l0(at)x.example",
		"an address of two":         "u-0,true,sk-1,teacher,Lærer0,Nr0,l1@x.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := townOf(t)
			w.set(zipOf(t, usersOf(3)...), "").OK(t)
			before := w.peopleFrom("x.example")
			got := w.set(zipOf(t, append(usersOf(3)[1:], row)...), "").OK(t)
			if len(got.GetRowErrors()) == 0 {
				t.Error("nothing is named")
			}
			if after := w.peopleFrom("x.example"); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
		})
	}
	t.Run("by CSV", func(t *testing.T) {
		t.Parallel()
		for _, row := range []string{"Ada Lie,ada@x.example,vaktmester,", ",ada@x.example,teacher,", "Ada Lie,ada@,teacher,", `Ada "Lie,ada@x.example,teacher,`, "Ada Lie,ada@x.example,teacher,1,2,3"} {
			w := townOf(t)
			w.List(w.School.String(), "Ada Lie,ada@x.example,teacher,1. trinn", "Bo Moe,bo@x.example,teacher,").OK(t)
			before := w.peopleFrom("x.example")
			w.List(w.School.String(), row, "Bo Moe,bo@x.example,teacher,").OK(t)
			if after := w.peopleFrom("x.example"); after != before {
				t.Errorf("%s: before:\n%s\nafter:\n%s", row, before, after)
			}
		}
	})
}

// G28: the brake. What it holds does nothing; once approved, it is done.
func TestG28TheBrake(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		before, then []string
		brake        string // empty: it is done at once
	}{
		{"four of forty", usersOf(40), usersOf(36), ""},
		{"five of forty", usersOf(40), usersOf(35), "TOO_MANY_END"},
		{"three of ten", usersOf(10), usersOf(7), ""},
		{"four of ten", usersOf(10), usersOf(6), "TOO_MANY_END"},
		{"everybody is somebody else", usersOf(2), []string{"v-1,true,sk-1,teacher,Vera,Vik,v@x.example"}, "WHOLE_SCHOOL"},
		{"all are disabled", usersOf(2), []string{"u-0,false,sk-1,teacher,Lærer0,Nr0,l0@x.example", "u-1,false,sk-1,teacher,Lærer1,Nr1,l1@x.example"}, "WHOLE_SCHOOL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := townOf(t)
			w.set(zipWith(t, "sk-1,,,Nesset skule,school,,\n", tc.before...), "").OK(t)
			w.SQL("delete from membership where by_hand") // Arne, who keeps the school now, is nobody of its staff
			before := w.peopleFrom("x.example")
			content := zipWith(t, "sk-1,,,Nesset skule,school,,\n", tc.then...)
			got := w.set(content, "")
			if tc.brake == "" {
				got.OK(t)
				return
			}
			refused := got.Refused(t, codes.FailedPrecondition, "APPROVAL_NEEDED")
			if metaOf(refused)["code"] != tc.brake {
				t.Errorf("held for %s, want %s", metaOf(refused)["code"], tc.brake)
			}
			if after := w.peopleFrom("x.example"); after != before {
				t.Errorf("held, and yet:\n%s", after)
			}
			log := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(t).GetImports()
			if len(log) != 2 || !log[0].GetHeld() || log[0].GetImportedByName() != "Arne Hagen" || log[0].GetDifference() != metaOf(refused)["difference"] {
				t.Errorf("administrators read of what was held: %v", log)
			}
			w.set(content, metaOf(refused)["difference"]).OK(t)
		})
	}
	t.Run("the last administrator", func(t *testing.T) {
		t.Parallel()
		w := townOf(t)
		w.SQL("update membership set role = 'TEACHER' where person_id = $1", w.Arne.ID)
		house := postgres.As{Owner: w.Owner}
		bring := func(users ...string) error {
			set, err := roster.Read(zipOf(t, users...), roster.OneRosterZip, roster.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return w.DB.DB.Do(t.Context(), house, func(ctx context.Context, tx *postgres.Tx) error {
				_, err := school.Import{Set: set, Now: w.Clock.Now(), NewID: town.NewID}.Run(ctx, tx, house)
				return err
			})
		}
		if err := bring(append(usersOf(9), "a-1,true,sk-1,administrator,Siv,Lund,siv@x.example")...); err != nil {
			t.Fatal(err)
		}
		if err := bring(usersOf(9)...); refusal.ReasonOf(err) != refusal.ApprovalNeeded {
			t.Errorf("the last administrator goes: %v", err)
		}
	})
}

// Whoever imports a school by OneRoster sees its people at once, and can invite them;
// each school's own zip judges its own people alone.
func TestWhoImportsASchoolKeepsIt(t *testing.T) {
	t.Parallel()
	w := townOf(t)
	w.field("s5-school-one.zip", "", false).OK(t)
	w.field("s5-school-two.zip", "", false).OK(t)
	for _, name := range []string{"Storfjord skole", "Nesset skule"} {
		id := town.One[string](w.Town, "select id::text from school where name = $1", name)
		people := town.Try(w.Arne.ListPeople(w.Arne.Ctx(), &pb.ListPeopleRequest{SchoolId: id})).OK(t).GetPeople()
		if len(people) != 3 {
			t.Fatalf("%s has %v", name, people)
		}
		for _, p := range people {
			town.Try(w.Arne.CreateInvitation(w.Arne.Ctx(), &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: p.GetId()})).OK(t)
		}
	}
}

// A question is answered, and Kari keeps her visits and her sign-in under her new name
// and address; or she is said to be somebody new.
func TestG29AQuestionIsAnswered(t *testing.T) {
	t.Parallel()
	w := townOf(t)
	school := town.NewID().String()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Giftskolen', $3)", w.Owner, school, town.Tuesday)
	w.field("c16-before-a-marriage.csv", school, false).OK(t)
	id := town.One[string](w.Town, "select id::text from person where email = 'kari.berg@gift.example'")
	dry := w.field("c17-after-a-marriage.csv", school, true).OK(t)
	if len(dry.GetQuestions()) != 1 || dry.GetQuestions()[0].GetThereId() != id || dry.GetDeactivated() != 0 {
		t.Fatalf("asked %v", dry)
	}
	answer := func(there string) *pb.ImportRosterResponse {
		return town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV,
			Content: fieldtest.Read(t, "c17-after-a-marriage.csv"), Answers: []*pb.RosterAnswer{{SourcedId: dry.GetQuestions()[0].GetSourcedId(), ThereId: there}}})).OK(t)
	}
	if got := answer(id); got.GetUpdated() != 1 || got.GetCreated()+got.GetDeactivated() != 0 {
		t.Errorf("answered yes: %v", got)
	}
	if now := town.One[string](w.Town, "select id::text from person where email = 'kari.lie@gift.example' and active"); now != id {
		t.Errorf("Kari was %s and is %s", id, now)
	}
	if again := w.field("c17-after-a-marriage.csv", school, true).OK(t); len(again.GetQuestions()) != 0 || again.GetUnchanged() != 2 {
		t.Errorf("asked again: %v", again)
	}
	last := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(t).GetImports()[0]
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: last.GetId()})).OK(t)
	if got := answer(""); got.GetCreated() != 1 || got.GetDeactivated() != 1 {
		t.Errorf("answered no: %v", got)
	}
}
