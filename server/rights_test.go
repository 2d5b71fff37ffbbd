package server_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// An export is of whoever calls, whatever they bring along: no request names a person, and
// there is no address or ticket by which a copy could be fetched a second time. So each who
// tries gets their own, without a word of the two, or nothing.
func TestNobodyGetsAnothersExport(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	const secret = "Fem elever ventet ved vinduet."
	town.Try(w.Kari.Reply(w.Kari.Ctx(), &pb.ReplyRequest{Id: town.NewID().String(), RequestId: town.Req(), AboutId: v.Question, Text: secret})).OK(t)
	there := otherOwners(w, "Storfjord kommune").Person
	for who, p := range map[string]*town.Person{"a colleague": w.Nils, "a leader": w.Leif, "an administrator": w.Arne, "of another owner": there} {
		files := takeOut(t, p)
		for file, content := range files {
			if strings.Contains(content, secret) || strings.Contains(content, v.ID) {
				t.Errorf("%s has of the two's visit in %s", who, file)
			}
		}
		var about struct {
			PersonID string `json:"person_id"`
		}
		if err := json.Unmarshal([]byte(files["data/about.json"]), &about); err != nil || about.PersonID != p.ID {
			t.Errorf("%s got the export of %s (%v)", who, about.PersonID, err)
		}
	}
	w.Kari.SignInAnew()
	mine := w.Kari.Token
	parts := strings.Split(mine, ".")
	there.SignInAnew()
	tokens := map[string]string{
		"nobody":                             "",
		"a guess":                            uuid.NewString(),
		"her id":                             w.Kari.ID,
		"her token without a signature":      parts[0] + "." + parts[1] + ".",
		"her token with another's signature": parts[0] + "." + parts[1] + "." + strings.Split(there.Token, ".")[2],
	}
	for who, token := range tokens {
		_, err := exported(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token), w.Kari)
		town.Try(0, err).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
		if got := accesses(t, w.Kari, pb.AccessKind_ACCESS_KIND_EXPORT); len(got) != 0 {
			t.Fatalf("%s has taken a copy", who)
		}
	}
	// What she took once can't be taken once more by the same token when its time is over, nor
	// after she has ended the session.
	fetch := func() error {
		_, err := exported(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+mine), w.Kari)
		return err
	}
	town.Try(0, fetch()).OK(t)
	w.Clock.Set(w.Clock.Now().Add(11 * time.Minute))
	town.Try(0, fetch()).Refused(t, codes.Unauthenticated, "TOKEN_EXPIRED")
	w.Kari.SignInAnew()
	mine = w.Kari.Token
	for _, s := range town.Try(w.Kari.ListSessions(w.Kari.Ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions() {
		if s.GetCurrent() {
			town.Try(w.Kari.RevokeSession(w.Kari.Ctx(), &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: s.GetId()})).OK(t)
		}
	}
	town.Try(0, fetch()).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	w.Clock.Set(w.Clock.Now().Add(time.Minute))
	w.Kari.SignInAnew()
	if got := accesses(t, w.Kari, pb.AccessKind_ACCESS_KIND_EXPORT); len(got) != 1 {
		t.Errorf("her list has %d exports, want the one that she took", len(got))
	}
}

// G24: who moves to another owner leaves all of theirs where it was: nothing of it is in the
// export there, and an erasure at the one leaves the other alone.
func TestWhoMovesToAnotherOwnerTakesNothingAlongUnasked(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	there := otherOwners(w, "Storfjord kommune")
	town.Try(w.Kari.SubmitNeed(w.Kari.Ctx(), &pb.SubmitNeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Text: "Her: tid."})).OK(t)
	town.Try(there.SubmitNeed(there.Ctx(), &pb.SubmitNeedRequest{RequestId: town.Req(), SchoolId: there.school, Text: "Der: ro."})).OK(t)
	for file, content := range takeOut(t, there.Person) {
		if strings.Contains(content, "Her: tid.") || strings.Contains(content, town.Focus) {
			t.Errorf("the export there has what was written here, in %s", file)
		}
	}
	again(w.Kari)
	town.Try(w.Kari.EraseMe(w.Kari.Ctx(), &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})).OK(t)
	if page := takeOut(t, there.Person)["undring.html"]; !strings.Contains(page, "Der: ro.") {
		t.Error("erased here, she has lost what she wrote there")
	}
	again(there.Person)
	town.Try(there.EraseMe(there.Ctx(), &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})).OK(t)
	if n := town.One[int](w, "select count(*)::int from need where text in ('Her: tid.', 'Der: ro.')"); n != 0 {
		t.Errorf("%d needs are left of her", n)
	}
}

// moved is somebody at another owner.
type moved struct {
	*town.Person
	school string
}

// otherOwners is a teacher who is called as Kari, at another owner of the same database.
func otherOwners(w *town.Town, name string) moved {
	owner, school, id := town.NewID(), town.NewID(), town.NewID()
	w.SQL("insert into school_owner values ($1, $2)", owner, name)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Ytre skole', $3)", owner, school, town.Tuesday)
	w.SQL("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, 'Kari', 'Berg', 'kari@ytre.example', $3)", owner, id, town.Tuesday)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $4)", owner, school, id, town.Tuesday)
	_, conn := w.Serve(owner, nil)
	return moved{w.Phone(conn, id, "Kari Berg"), school.String()}
}

// G23, G24: of two entries that became one person, what the other one wrote is in the
// export, and goes with them; nothing that waits or can be undone brings them back.
func TestG23G24WhatWasMergedGoesAlong(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	keep, gone := w.Twins()
	old := w.Phone(w.Conn, uuid.MustParse(gone), "Eva Bø")
	const before, name = "Tid til å se hverandre, før.", "Bø"
	town.Try(old.SubmitNeed(old.Ctx(), &pb.SubmitNeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Text: before})).OK(t)
	done := town.Try(w.Arne.MergePeople(w.Arne.Ctx(), &pb.MergePeopleRequest{RequestId: town.Req(), PersonId: keep, OtherId: gone})).OK(t)
	if !done.GetDone() {
		t.Fatal("the merge waits: this test needs it done")
	}
	w.Clock.Set(w.Clock.Now().Add(time.Minute))
	eva := w.Phone(w.Conn, uuid.MustParse(keep), "Eva Rud")
	files := takeOut(t, eva)
	for _, file := range []string{"merged-1/undring.html", "merged-1/data/need.json"} {
		if !strings.Contains(files[file], before) {
			t.Errorf("what she wrote as the one who went is not in %s", file)
		}
	}
	for file, content := range takeOut(t, w.Nils) {
		if strings.HasPrefix(file, "merged") || strings.Contains(content, gone) {
			t.Errorf("a colleague's export has of the one who went in %s", file)
		}
	}
	again(eva)
	if !town.Try(eva.EraseMe(eva.Ctx(), &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})).OK(t).GetDone() {
		t.Error("it is not all gone at once")
	}
	if n := town.One[int](w, "select count(*)::int from need where text = $1", before); n != 0 {
		t.Error("what she wrote as the one who went is still there")
	}
	town.Try(w.Arne.UndoMerge(w.Arne.Ctx(), &pb.UndoMergeRequest{RequestId: town.Req(), ChangeId: done.GetChangeId()})).Refused(t, codes.NotFound, "NOT_FOUND")
	if n := town.One[int](w, "select count(*)::int from person where id in ($1, $2) and (active or given_name || family_name || email || login <> '')", keep, gone); n != 0 {
		t.Errorf("%d of the two entries still have a name", n)
	}
}

// A page of accesses ends where the next one begins: read in small pages, each is there
// once, in the order of time, readings, exports and acts mixed.
func TestAccessesArePaged(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	var ids []string
	for range 4 {
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
		ids = append(ids, v.ID)
		w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
	}
	for day := range 5 {
		// All in one call, so that several have the same moment.
		town.Try(w.Ola.ListObservations(w.Ola.Ctx(), &pb.ListObservationsRequest{})).OK(t)
		if day%2 == 0 {
			again(w.Kari)
			town.Try(0, func() error { _, err := exported(w.Kari.Ctx(), w.Kari); return err }()).OK(t)
			town.Stories()["undring.v1.SchoolService.RelinkPerson"](w).Send(t, "undring.v1.SchoolService.RelinkPerson")
			w.SQL("delete from identity_change")
		}
		w.Clock.Set(w.Clock.Now().Add(24 * time.Hour))
	}
	read := func(size int32) []string {
		var out []string
		token := ""
		var last time.Time
		for {
			r := town.Try(w.Kari.ListAccesses(w.Kari.Ctx(), &pb.ListAccessesRequest{PageSize: size, PageToken: token})).OK(t)
			for _, a := range r.GetAccesses() {
				if at := a.GetTime().AsTime(); !last.IsZero() && at.After(last) {
					t.Errorf("in pages of %d one of %s stands after one of %s", size, at, last)
				}
				last = a.GetTime().AsTime()
				out = append(out, a.GetKind().String()+a.GetTime().AsTime().String()+a.GetObservationId()+a.GetAct().GetId())
			}
			if token = r.GetNextPageToken(); token == "" {
				return out
			}
		}
	}
	whole := read(200)
	if len(whole) < 5*len(ids)+6 {
		t.Fatalf("the list has %d lines: fewer than were done", len(whole))
	}
	for _, size := range []int32{1, 2, 3, 7} {
		if got := read(size); strings.Join(got, "\n") != strings.Join(whole, "\n") {
			t.Errorf("in pages of %d the list has %d lines, whole it has %d", size, len(got), len(whole))
		}
	}
}
