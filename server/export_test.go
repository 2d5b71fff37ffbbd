package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/privacy"
	"undring/school"
	"undring/server"
	"undring/tables"
	"undring/town"
	"undring/words"
)

// takeOut is the export of somebody who has just signed in, by file.
func takeOut(t testing.TB, p *town.Person) map[string]string {
	t.Helper()
	again(p)
	raw, err := exported(p.Ctx(), p)
	if err != nil {
		t.Fatalf("the export of %s: %v", p.Name, err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		out[f.Name] = string(content)
	}
	return out
}

// again signs somebody in anew, a minute later: one address signs in so often and no more.
func again(p *town.Person) {
	p.Town.Clock.Set(p.Town.Clock.Now().Add(time.Minute))
	p.SignInAnew()
}

// exported is the zip as it comes.
func exported(ctx context.Context, p *town.Person) ([]byte, error) {
	stream, err := p.ExportMyData(ctx, &pb.ExportMyDataRequest{})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		out.Write(piece.GetContent())
	}
}

// G23: each table says what an export has of it, or why nothing; each column that an
// export leaves out is there and has its reason; and the page has words for what it shows.
func TestG23TheExportMapIsComplete(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, table := range server.Tables() {
		if (table.Mine == "") == (table.Apart == "") {
			t.Errorf("%s: say beside its erasure which rows are in a person's export (Mine), or why none is (Apart)", table.Name)
		}
		for column, why := range table.Withheld {
			if why == "" || len(town.Column(t, db, "select attname from pg_attribute where attrelid = to_regclass('public."+table.Name+"') and attname = '"+column+"'")) != 1 {
				t.Errorf("%s withholds %s, which is not there, or for no reason", table.Name, column)
			}
		}
		if table.Mine == "" {
			continue
		}
		for _, w := range table.Words {
			for _, column := range strings.Fields(w.Columns) {
				if _, out := table.Withheld[column]; out {
					continue
				}
				for _, key := range []string{"export.table." + table.Name, "export.column." + column} {
					if !slices.Contains(words.Keys("nb"), key) {
						t.Errorf("%s.%s is in the export, and the page has no name for it: write %s in words/*.json", table.Name, column, key)
					}
				}
			}
		}
	}
}

// G24: of all words that a person writes it is said what becomes of them when the person
// is erased: the row goes, the words go, or they stay with the colleague or the school.
func TestG24EachWordSaysHowItGoesWithAPerson(t *testing.T) {
	t.Parallel()
	for _, table := range server.Tables() {
		for _, w := range table.Words {
			taken := strings.Contains(tables.ErasePersonIn([]tables.Table{table})+tables.ErasePersonApart([]tables.Table{table}), "public."+table.Name+" ")
			if !w.Stays && !taken && w.Of != tables.TheSchools {
				t.Errorf("%s.%s is %s, and does not say how it goes with the person: Gone, By or Stays", table.Name, w.Columns, w.Of)
			}
		}
	}
}

// played is a town in which every text of every call has been written, each by a pair of
// people of its own.
type played struct {
	*town.Town
	people  []*town.Person // who wrote anything
	by      map[protoreflect.FullName][]*town.Person
	written marks
}

// notKept are texts that no table keeps, or keeps of nobody.
func notKept(f protoreflect.FullName) bool {
	name := string(f)
	return strings.Contains(name, "Review") || strings.Contains(name, "ImportRoster") || strings.Contains(name, "RosterTitle") ||
		strings.Contains(name, "ImportHolidays") || strings.Contains(name, "ImportLessons")
}

func play(t *testing.T) *played {
	t.Helper()
	p := &played{Town: town.New(t), written: marks{}, by: map[protoreflect.FullName][]*town.Person{}}
	told := town.Stories()
	told["with a focus"] = func(w *town.Town) town.Call {
		r := w.Proposal(w.Ola, w.Kari)
		r.FocusQuestion, r.Intention, r.ObserverId, r.ObservedId = town.Focus, "Mindre.", w.Ola.ID, w.Kari.ID
		return town.Call{By: w.Kari, Req: r}
	}
	byName := map[string]protoreflect.MethodDescriptor{}
	for _, m := range allMethods() {
		byName[string(m.FullName())] = m
	}
	for i, name := range slices.Sorted(maps.Keys(told)) {
		if strings.HasSuffix(name, ".EraseMe") {
			continue
		}
		here := marks{}
		p.Mark = func(r any) { here.write(r.(proto.Message).ProtoReflect()) }
		before := len(p.People)
		others(p.Town, i)
		c := told[name](p.Town)
		call := byName[name]
		if call == nil {
			call = byName["undring.v1.ObservationService.ProposeObservation"]
		}
		if err := town.Invoke(c.By.Ctx(), p.Conn, call, c.Req, town.NewMessage(call.Output())); err != nil {
			t.Errorf("the story of %s does not work: %v", name, err)
		}
		for f, word := range here {
			p.written[f] = word
			p.by[f] = append(p.by[f], p.Kari, p.Ola, p.Nils, p.Liv)
		}
		p.people = append(p.people, p.Kari, p.Ola, p.Nils)
		for _, one := range p.People[before:] { // whom the story let come besides
			if !slices.ContainsFunc(p.people, func(there *town.Person) bool { return there.ID == one.ID }) {
				p.people = append(p.people, one)
			}
		}
	}
	p.Mark = nil
	p.people = append(p.people, p.Liv, p.Arne)
	return p
}

// G23: a word in each text of each call stands in the export of one who wrote it, in the
// files and on the page, and in the export of nobody who has no part in it.
// G24: once all who wrote anything are erased, none of these words is anywhere in the
// tables; and after the tables are written anew, nowhere in the database's files.
func TestG23G24AWordOfEachFieldComesOutAndGoes(t *testing.T) {
	t.Parallel()
	w := play(t)
	outs := map[string]map[string]string{}
	for _, p := range w.people { // theirs wherever they work now
		w.Leaves(p)
		outs[p.ID] = takeOut(t, p)
	}
	for f, word := range w.written {
		if notKept(f) {
			continue
		}
		found, shown := false, false
		for _, p := range w.by[f] {
			for file, content := range outs[p.ID] {
				found = found || strings.Contains(content, word)
				shown = shown || file == "undring.html" && strings.Contains(content, word)
			}
		}
		if strings.HasSuffix(string(f), "_token") { // a key of a device, which the map withholds
			continue
		}
		if len(w.Column(t, word)) > 0 && !(found && shown) {
			t.Errorf("%s is stored (%v), and in nobody's export (files: %t, page: %t)", f, w.Column(t, word), found, shown)
		}
	}
	leader := takeOut(t, w.Leif)
	for file, content := range leader {
		if found := w.written.found(content); len(found) > 0 {
			t.Errorf("a leader's export has others' words in %s: %v", file, found)
		}
	}

	// The planner's samples of the columns are files of the database, too, and so are its jobs.
	w.SQL("analyze")
	for _, p := range w.people {
		again(p)
		if r := town.Try(p.EraseMe(p.Ctx(), &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})).OK(t); !r.GetDone() {
			t.Errorf("the words of %s are not gone at once", p.Name)
		}
	}
	schools := map[protoreflect.FullName]bool{ // what the school says of itself stays
		"undring.v1.UpdateExchangePolicyRequest.purpose": true, "undring.v1.UpdateExchangePolicyRequest.reason": true, "undring.v1.UpdateExchangePolicyRequest.agreed_with": true,
	}
	for f, word := range w.written {
		if at := w.Column(t, word); len(at) > 0 && !schools[f] && !notKept(f) {
			t.Errorf("after all are erased, %s is still in %v", f, at)
		}
	}
	w.SQL("vacuum full")
	w.SQL("checkpoint")
	for f, word := range w.written {
		if files := w.files(word); len(files) > 0 && !schools[f] && !notKept(f) {
			t.Errorf("after the tables were written anew, %s is still in the files %v", f, files)
		}
	}
}

// Column lists the tables that have a word anywhere in a row: of rooms, of what is published,
// and of the jobs.
func (p *played) Column(t *testing.T, word string) []string {
	var at []string
	for _, table := range town.Column(t, p.DB, "select case n.nspname when 'public' then '' else n.nspname || '.' end || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname in ('public', 'published', 'river')") {
		hidden := fmt.Sprintf(`'%%\x%x%%'`, word)
		sql := fmt.Sprintf(`select count(*)::int from %s t where t::text like '%%%s%%' or t::text like %s`, table, word, strings.Replace(hidden, `\x`, "", 1))
		if town.One[int](p.Town, sql) > 0 {
			at = append(at, table)
		}
	}
	return at
}

// files lists the files of the town's database that have a word in them.
func (p *played) files(word string) []string {
	p.T.Helper()
	dir := town.One[string](p.Town, `select current_setting('data_directory') || '/base/' || oid::text from pg_database where datname = current_database()`)
	entries, err := os.ReadDir(dir)
	if err != nil {
		p.T.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err == nil && bytes.Contains(raw, []byte(word)) {
			found = append(found, e.Name())
		}
	}
	return found
}

// G24: when one of the two is erased, the other keeps what was addressed to them, by
// somebody without a name, and nothing else of theirs.
func TestG24TheColleagueKeepsWhatWasAddressedToThem(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	town.Try(w.Ola.CorrectNote(w.Ola.Ctx(), &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: town.Req(), Text: "Fem."})).OK(t)
	v.TakeAway(w.Kari)
	v.TakeAway(w.Ola)
	begun := w.Propose(w.Ola, w.Kari, 48*time.Hour).Agree()
	seen := func(p *town.Person) *pb.Exchange {
		return town.Try(p.GetExchange(p.Ctx(), &pb.GetExchangeRequest{ObservationId: v.ID})).OK(t).GetExchange()
	}
	before := seen(w.Kari)
	w.Ola.SignInAnew()
	town.Try(w.Ola.EraseMe(w.Ola.Ctx(), &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})).OK(t)

	_, err := w.Ola.GetMe(w.Ola.Ctx(), &pb.GetMeRequest{})
	town.Try(0, err).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	after := seen(w.Kari)
	if len(after.GetQuestions()) != len(before.GetQuestions()) || after.GetQuestions()[0].GetAnswer() != before.GetQuestions()[0].GetAnswer() {
		t.Errorf("the answer that was addressed to Kari is not there any more: %v", after.GetQuestions())
	}
	if len(after.GetPoints()) != len(before.GetPoints()) || after.GetOwnView().GetText() != "" {
		t.Errorf("Kari's own points have to stay, and Ola's own view to go: %v", after)
	}
	if got := town.One[string](w, "select focus_question || intention || look_for from visit where id = $1", v.ID); got != "…" {
		t.Errorf("of Ola's card %q is left", got)
	}
	if got := town.One[string](w, "select text || borrowed from takeaway where person_id = $1", w.Ola.ID); got != "…" {
		t.Errorf("of what Ola took along %q is left", got)
	}
	if got := town.One[int](w, "select count(*)::int from correction"); got != 0 {
		t.Errorf("%d corrections of Ola's are left", got)
	}
	if got := town.One[string](w, "select given_name || family_name || email || login from person where id = $1", w.Ola.ID); got != "" {
		t.Errorf("Ola is still called %q", got)
	}
	if o := town.Try(w.Kari.GetObservation(w.Kari.Ctx(), &pb.GetObservationRequest{ObservationId: begun.ID})).OK(t).GetObservation(); o.GetState() != pb.ObservationState_OBSERVATION_STATE_WITHDRAWN {
		t.Errorf("the visit that was to come is %s", o.GetState())
	}
	page := takeOut(t, w.Kari)["undring.html"]
	if !strings.Contains(page, words.Say("nb", "person.former")) || strings.Contains(page, "Ola Dahl") {
		t.Error("Kari's page does not call Ola a former colleague")
	}
}

// G24: somebody who has died is erased by the house, and the job does the rest; it can be
// killed in the middle, and goes on where it was. Nobody erases another one.
func TestG24TheHouseErasesForWhoCant(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for range 12 { // more than one step
		w.Propose(w.Kari, w.Ola, time.Hour)
		w.Clock.Set(w.Clock.Now().Add(time.Hour))
	}
	if err := privacy.Begin(t.Context(), w.DB.DB, w.Owner, uuid.MustParse(w.Ola.ID), w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	step := func() (more bool) {
		if err := w.DB.DB.Do(t.Context(), postgres.As{Owner: w.Owner}, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue("select erase_step($1, 5)", w.Clock.Now()).QueryRow(func(r pgx.Row) error { return r.Scan(&more) })
			})
		}); err != nil {
			t.Fatal(err)
		}
		return more
	}
	withdrawn := func() int { return town.One[int](w, "select count(*)::int from visit where state = 'WITHDRAWN'") }
	if !step() || withdrawn() != 5 {
		t.Errorf("one step went through %d visits, want 5: it would hold its locks too long", withdrawn())
	}
	if err := w.Server.RunJobs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if withdrawn() != 12 || town.One[int](w, "select count(*)::int from erasure where done_at is null") != 0 {
		t.Errorf("the job left the erasure undone, with %d of 12 visits gone through", withdrawn())
	}
	if err := w.DB.DB.Do(t.Context(), postgres.As{Owner: w.Owner, Person: uuid.MustParse(w.Nils.ID)}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue("select begin_erasure($1, $2)", w.Kari.ID, w.Clock.Now())
		return nil
	}); err == nil {
		t.Error("Nils has erased Kari")
	}
}

// A session that was stolen right after a sign-in takes nothing along, and erases nothing: the
// sign-in has to be made for it, and is used up by one copy.
func TestASessionThatWasOpenedForSomethingElseExportsAndErasesNothing(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	enter := func(forOwnData bool) context.Context {
		t.Helper()
		in := town.Try(w.Kari.SignIn(t.Context(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Kari.ID}, ForOwnData: forOwnData})).OK(t)
		return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+in.GetAccessToken())
	}
	refused := func(stolen context.Context) {
		t.Helper()
		_, err := exported(stolen, w.Kari)
		town.Try(0, err).Refused(t, codes.FailedPrecondition, "SIGN_IN_AGAIN")
		_, err = w.Kari.EraseMe(stolen, &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})
		town.Try(0, err).Refused(t, codes.FailedPrecondition, "SIGN_IN_AGAIN")
	}
	stolen, made := enter(false), enter(true)
	refused(stolen)
	if _, err := exported(made, w.Kari); err != nil {
		t.Fatalf("right after a sign-in for it: %v", err)
	}
	refused(made)
	refused(stolen) // another session's sign-in is none of its own
	if got := accesses(t, w.Kari, pb.AccessKind_ACCESS_KIND_EXPORT); len(got) != 1 {
		t.Errorf("the list has %d exports, want the one that was taken", len(got))
	}
	if n := town.One[int](w, "select count(*)::int from erasure"); n != 0 {
		t.Error("a stolen session has erased somebody")
	}
}

// A session that somebody found open takes nothing along, and erases nothing.
func TestAnOldSignInExportsAndErasesNothing(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Clock.Set(w.Clock.Now().Add(9 * time.Minute))
	if _, err := exported(w.Kari.Ctx(), w.Kari); err != nil {
		t.Errorf("nine minutes after the sign-in: %v", err)
	}
	w.Clock.Set(w.Clock.Now().Add(2 * time.Minute))
	in := town.Try(w.Kari.SignIn(t.Context(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Kari.ID}, ForOwnData: true})).OK(t)
	refreshed := town.Try(w.Kari.RefreshSession(t.Context(), &pb.RefreshSessionRequest{RefreshToken: in.GetRefreshToken()})).OK(t)
	w.Clock.Set(w.Clock.Now().Add(school.OwnDataTime + time.Second))
	again := town.Try(w.Kari.RefreshSession(t.Context(), &pb.RefreshSessionRequest{RefreshToken: refreshed.GetRefreshToken()})).OK(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+again.GetAccessToken())
	_, err := exported(ctx, w.Kari)
	town.Try(0, err).Refused(t, codes.FailedPrecondition, "SIGN_IN_AGAIN")
	_, err = w.Kari.EraseMe(ctx, &pb.EraseMeRequest{RequestId: town.Req(), IUnderstand: true})
	town.Try(0, err).Refused(t, codes.FailedPrecondition, "SIGN_IN_AGAIN")
	if n := town.One[int](w, "select count(*)::int from erasure"); n != 0 {
		t.Error("an old sign-in has erased somebody")
	}
	if got := accesses(t, w.Kari, pb.AccessKind_ACCESS_KIND_EXPORT); len(got) != 1 {
		t.Errorf("the list has %d exports, want the one that was taken", len(got))
	}
	var told time.Time
	w.Settled()
	for _, c := range town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{})).OK(t).GetChanges() {
		if c.GetMe() != nil {
			told = c.GetMe().GetLastExportTime().AsTime()
		}
	}
	if !told.Equal(town.Tuesday.Add(9 * time.Minute)) {
		t.Errorf("her phones are told of an export at %s", told)
	}
}
