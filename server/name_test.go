package server_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// child is a name that nobody may write, with letters that are not English.
const child = "Åsne"

// inTwo is the same name as a Mac or some phones write it: the ring is a mark of its own.
var inTwo = norm.NFD.String(child)

// named writes the child's name into every text of a message.
func named(r protoreflect.Message) {
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsMap():
		case f.Kind() == protoreflect.MessageKind && f.IsList():
			for j := range r.Get(f).List().Len() {
				named(r.Get(f).List().Get(j).Message())
			}
		case f.Kind() == protoreflect.MessageKind:
			if r.Has(f) {
				named(r.Get(f).Message())
			}
		case strings.Contains(r.Get(f).String(), "://"): // an address has a form of its own
		case isText(f) && !f.IsList() && !theirsOrOdd(r, f) && !strings.Contains(norm.NFC.String(r.Get(f).String()), child):
			// At the beginning, in the middle and at the end, where a question keeps its sign.
			text := r.Get(f).String()
			mark := ""
			if n := len(text); n > 0 && strings.ContainsAny(text[n-1:], "?.") {
				text, mark = text[:n-1], text[n-1:]
			}
			// As one phone writes it, and as another.
			r.Set(f, protoString(child+" "+text+" «"+inTwo+"s» "+child+mark))
		}
	}
}

func nameOut(p *town.Person, visit, name string, letGo bool) town.Outcome[*pb.TakeOutNameResponse] {
	return town.Try(p.TakeOutName(p.Ctx(), &pb.TakeOutNameRequest{ObservationId: visit, RequestId: town.Req(), Name: name, LetGo: letGo}))
}

// A child's name goes out of every text of a visit, once both say so: out of every column of
// every table, whichever call wrote it, and so out of every phone, feed and export.
func TestANameGoesOutOfEveryTextOfAVisit(t *testing.T) {
	t.Parallel()
	p := &played{Town: town.New(t)}
	p.Mark = func(r any) { named(r.(proto.Message).ProtoReflect()) }
	held := map[string]bool{}
	i := 0
	for _, m := range town.Mutating() {
		name := string(m.FullName())
		story := town.Stories()[name]
		if strings.HasSuffix(name, ".EraseMe") || strings.HasSuffix(name, ".TakeOutName") || strings.HasSuffix(name, ".WithdrawObservation") || story == nil {
			continue
		}
		i++
		others(p.Town, i)
		c := story(p.Town)
		if err := town.Invoke(c.By.Ctx(), p.Conn, m, c.Req, town.NewMessage(m.Output())); err != nil {
			t.Errorf("the story of %s does not work: %v", name, err)
			continue
		}
		visits := town.Column(t, p.DB, "select id::text from visit where state not in ('NONE', 'WITHDRAWN') and '"+p.Kari.ID+"' in (observer_id::text, observed_id::text)")
		for _, table := range p.Column(t, child) {
			held[table] = true
		}
		for _, id := range visits { // each says it as their phone writes it
			nameOut(p.Ola, id, inTwo, false).OK(t)
			nameOut(p.Kari, id, child, false).OK(t)
		}
		for _, form := range []string{child, inTwo} {
			for _, table := range p.Column(t, form) {
				if ofVisits[table] {
					t.Errorf("after %s, the name is still in %s (%+q)", name, table, form)
				}
			}
		}
	}
	for table := range ofVisits {
		if !held[table] {
			t.Errorf("no story writes the name into %s: this test does not see it", table)
		}
	}
}

// ofVisits are the tables in which the words of a visit stand.
var ofVisits = func() map[string]bool {
	out := map[string]bool{}
	for _, table := range allTables() {
		if table.Visit != "" && len(table.Words) > 0 && table.Name != "request" {
			out[table.Name] = true
		}
	}
	return out
}()

// The two do it together: one wishes, it stands on the other's home, the other says yes or
// no; and an outsider knows nothing of it.
func TestTheTwoTakeANameOutTogether(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	note := town.NewID().String()
	town.Try(w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{Id: note, ObservationId: v.ID, RequestId: town.Req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Emma, Emmas bok, Emmanuel og emma. Bo-Emma; (Emma)"})).OK(t)
	v.Give().Open()
	visit := func(p *town.Person) *pb.Observation {
		return town.Try(p.GetObservation(p.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation()
	}
	text := func() string { return town.One[string](w, "select text from note where id = $1", note) }
	before := text()

	nameOut(w.Nils, v.ID, "Emma", false).Refused(t, codes.NotFound, "NOT_FOUND")
	nameOut(w.Kari, v.ID, "", false).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	nameOut(w.Kari, v.ID, "Emma", false).OK(t)
	o := visit(w.Ola)
	if o.GetNameWish().GetName() != "Emma" || o.GetNameWish().GetWishedById() != w.Kari.ID {
		t.Fatalf("Ola is told of %v", o.GetNameWish())
	}
	if s := o.GetNextStep(); s.GetTodo() != pb.NextTodo_NEXT_TODO_ANSWER_WISH || len(s.GetPersonIds()) != 1 || s.GetPersonIds()[0] != w.Ola.ID {
		t.Errorf("the wish is not Ola's to answer: %v", s)
	}
	nameOut(w.Ola, v.ID, "Emil", false).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER")
	nameOut(w.Ola, v.ID, "", true).OK(t)
	if text() != before {
		t.Errorf("a no has changed the note to %q", text())
	}
	if o := visit(w.Kari); o.GetNameWish() != nil || len(o.GetUnseenChanges()) != 1 || o.GetUnseenChanges()[0].GetKind() != pb.ChangeKind_CHANGE_KIND_NAME_REFUSED {
		t.Errorf("Kari is not told of the no: %v", o)
	}

	nameOut(w.Ola, v.ID, "Emma", false).OK(t)
	nameOut(w.Ola, v.ID, "", true).OK(t) // taken back
	if o := visit(w.Kari); o.GetNameWish() != nil || len(o.GetUnseenChanges()) != 1 {
		t.Errorf("a wish that was taken back still stands, or is told as a no: %v", o)
	}
	nameOut(w.Ola, v.ID, "Emma", false).OK(t)
	revision := town.One[int](w, "select revision::int from note where id = $1", note)
	nameOut(w.Kari, v.ID, "Emma", false).OK(t)
	if want := "NN, NNs bok, Emmanuel og emma. Bo-NN; (NN)"; text() != want {
		t.Errorf("the note reads %q, want %q", text(), want)
	}
	if got := town.One[int](w, "select revision::int from note where id = $1", note); got != revision+1 {
		t.Errorf("the note's revision is %d after %d: a phone could write the name back unawares", got, revision)
	}
	if o := visit(w.Ola); o.GetNameWish() != nil {
		t.Errorf("the name still stands in the wish: %v", o.GetNameWish())
	}
	w.Settled()
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		for _, c := range town.Try(p.Pull(p.Ctx(), &pb.PullRequest{})).OK(t).GetChanges() {
			if raw, _ := proto.Marshal(c); bytes.Contains(raw, []byte("Emmas bok")) {
				t.Errorf("%s's phone is told %v", p.Name, c)
			}
		}
		for file, content := range takeOut(t, p) {
			if strings.Contains(content, "Emmas bok") {
				t.Errorf("%s's export has the earlier wording in %s", p.Name, file)
			}
		}
	}
}

// In a draft, which is the observer's alone and a message of the contract, the name goes as
// well, and the rest of it is as it was; the draft of a colleague who has left is no hindrance.
func TestANameGoesOutOfADraft(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	draft := &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Åse og Åsen hos Åses"}, {Text: ""}, {Text: strings.Repeat("x", 200)}}, Questions: []*pb.LooseText{{Text: "Hva så Åse?"}}}
	town.Try(w.Kari.SaveFeedbackDraft(w.Kari.Ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.ID, RequestId: town.Req(), Draft: draft})).OK(t)
	nameOut(w.Kari, v.ID, "Åse", false).OK(t)
	nameOut(w.Ola, v.ID, "Åse", false).OK(t)
	got := town.Try(w.Kari.GetFeedbackDraft(w.Kari.Ctx(), &pb.GetFeedbackDraftRequest{ObservationId: v.ID})).OK(t).GetDraft()
	if got.GetPoints()[0].GetText() != "NN og Åsen hos NNs" || got.GetQuestions()[0].GetText() != "Hva så NN?" || got.GetPoints()[2].GetText() != draft.GetPoints()[2].GetText() || got.GetRevision() != 2 {
		t.Errorf("the draft is %v", got)
	}

	w.Leaves(w.Ola)
	nameOut(w.Kari, v.ID, town.Focus, false).OK(t)
	if got := town.One[string](w, "select focus_question || name_out from visit where id = $1", v.ID); strings.Contains(got, town.Focus) {
		t.Errorf("there is nobody to ask any more, and %q still stands", got)
	}
}

// Whatever people write into a draft loses the name, and nothing else of it changes: the
// database takes the message apart by its fields, and knows each that the contract has.
func TestEachTextOfADraftLosesTheName(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	id := town.NewID().String()
	// fill writes a text into each field for words, an id into each other, and a number into the rest.
	var fill func(m protoreflect.Message, text string)
	fill = func(m protoreflect.Message, text string) {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			isID := strings.HasSuffix(string(f.Name()), "id") || strings.HasSuffix(string(f.Name()), "ids")
			one := text
			if isID {
				one = id
			}
			switch {
			case f.Kind() == protoreflect.MessageKind && f.IsList():
				for range 2 {
					fill(m.Mutable(f).List().AppendMutable().Message(), text)
				}
			case f.Kind() == protoreflect.StringKind && f.IsList():
				m.Mutable(f).List().Append(protoreflect.ValueOfString(one))
			case f.Kind() == protoreflect.StringKind:
				m.Set(f, protoreflect.ValueOfString(one))
			case f.Kind() == protoreflect.BoolKind:
				m.Set(f, protoreflect.ValueOfBool(true))
			case f.Kind() == protoreflect.Int64Kind:
				m.Set(f, protoreflect.ValueOfInt64(1<<40+7))
			default:
				t.Fatalf("%s: this test fills no %s, and the database reads none", f.FullName(), f.Kind())
			}
		}
	}
	for _, c := range []struct{ what, text, want string }{
		{"Åse", "A\u030ase, Åses og Åsen", "NN, NNs og Åsen"},
		{"Nguyễn", "Nguy\u00ea\u0303n, Nguyễn og Nguye\u0302\u0303n", "NN, NN og NN"}, // half composed
		{"Jose", "Jose\u0301", "Jose\u0301"},
		{"Anna", "nna" + strings.Repeat("x", 62), "nna" + strings.Repeat("x", 62)}, // 65 letters, and a count of 65 is an A
		{"Bo", strings.Repeat("Bo ", 100) + ".", strings.Repeat("NN ", 100) + "."}, // a count of two bytes
		{"Kari Ann", "Kari Ann", "NN"},                                             // shorter than before
	} {
		var draft, want, got pb.FeedbackDraft
		fill(draft.ProtoReflect(), c.text)
		fill(want.ProtoReflect(), c.want)
		raw, err := proto.Marshal(&draft)
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(town.One[[]byte](w, "select without_name_in($1, $2)", raw, c.what), &got); err != nil || !proto.Equal(&got, &want) {
			t.Errorf("a draft of %+q without %+q is %v, %v", c.text, c.what, &got, err)
		}
	}
}

// A name goes out whichever way it is written, and no other name goes with it: by the two's
// own phones, in small letters, beside letters that are none of English.
func TestTheSameNameIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	for _, c := range []struct{ what, text, want string }{
		{"Åse", "A\u030ase og Åse", "NN og NN"},
		{"A\u030ase", "Åse, A\u030ases", "NN, NNs"},
		{"Nguyễn", "Nguye\u0302\u0303n og Nguy\u00ea\u0303n", "NN og NN"},
		{"Ase", "A\u030ase og Åse", "A\u030ase og Åse"},
		{"Jose", "Jose\u0301 og José", "Jose\u0301 og José"},
		{"Nguy", "Nguyễn", "Nguyễn"},
		{"Анна", "Анна, Аннами", "NN, Аннами"},
		{"A.J.", "A.J. og AxJx", "NN og AxJx"},
		{"Bo", "Cafe\u0301 uten navn", "Cafe\u0301 uten navn"},
		{"Nguyễn", "Nguy\u1ebd\u0302n og nguyễn", "Nguy\u1ebd\u0302n og nguyễn"}, // the marks the other way round: another letter
		{"Lệ", "L\u00ea\u0323, L\u1eb9\u0302s og Le\u0302\u0323", "NN, NNs og NN"},
		{"Ågot", "\u212bgot", "NN"}, // the sign of a unit, which is the same letter
		{"Anna Lie", "Anna\u00a0Lie, Anna  Lie og Anna\nLies", "NN, NN og NNs"},
		{"Anna\u00a0 Lie", "Anna Lie og Annalie", "NN og Annalie"},
		{"D'Arcy", "D\u2019Arcy og D'Arcys", "NN og NNs"},
		{"Anne-Li", "Anne\u2011Li, Anne-Li og Anneli", "NN, NN og Anneli"},
	} {
		if got := town.One[string](w, "select without_name($1, $2)", c.text, c.what); got != c.want {
			t.Errorf("%+q without %+q is %+q, want %+q", c.text, c.what, got, c.want)
		}
	}
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
	nameOut(w.Kari, v.ID, "e\u0301", false).Refused(t, codes.InvalidArgument, "INVALID_FIELD") // one letter: NN would be longer
	nameOut(w.Kari, v.ID, "A\u030ase", false).OK(t)
	nameOut(w.Ola, v.ID, "Åsa", false).Refused(t, codes.FailedPrecondition, "NOTHING_TO_ANSWER")
	nameOut(w.Ola, v.ID, "Åse", false).OK(t)
}

// What the two shared from a visit loses the name as well, for everybody, and the search
// does not find it any more; what others wrote to it is theirs.
func TestANameGoesOutOfWhatWasShared(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewLearning()
	r.Text, r.Source = inTwo+" svarte da jeg ventet.", "Timen til "+child
	id := town.Try(w.Kari.ProposeLearning(w.Kari.Ctx(), r)).OK(t).GetLearning().GetId()
	town.Try(w.Ola.ApproveLearning(w.Ola.Ctx(), &pb.ApproveLearningRequest{LearningId: id, RequestId: town.Req()})).OK(t)
	for p, kind := range map[*town.Person]pb.LearningResponseKind{
		w.Kari: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_ANSWER, w.Nils: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_QUESTION} {
		town.Try(p.RespondToLearning(p.Ctx(), &pb.RespondToLearningRequest{LearningId: id, RequestId: town.Req(), Kind: kind, Text: p.Name + " om " + child + "."})).OK(t)
	}
	search := func() int {
		return len(town.Try(w.Nils.SearchLearnings(w.Nils.Ctx(), &pb.SearchLearningsRequest{SchoolId: w.School.String(), Query: child})).OK(t).GetLearnings())
	}
	if search() != 1 {
		t.Fatal("the search does not find the name: this test would not see it go")
	}
	w.Settled()
	cursor := town.Try(w.Nils.Pull(w.Nils.Ctx(), &pb.PullRequest{})).OK(t).GetNextCursor()
	for _, p := range []*town.Person{w.Kari, w.Ola} {
		nameOut(p, r.GetObservationId(), child, false).OK(t)
	}
	l := town.Try(w.Nils.ListLearnings(w.Nils.Ctx(), &pb.ListLearningsRequest{SchoolId: w.School.String()})).OK(t).GetLearnings()[0]
	if l.GetText() != "NN svarte da jeg ventet." || l.GetSource() != "Timen til NN" {
		t.Errorf("a colleague reads %q, %q", l.GetText(), l.GetSource())
	}
	for _, a := range l.GetResponses() {
		if theirs := a.GetPersonId() == w.Nils.ID; strings.Contains(a.GetText(), child) != theirs {
			t.Errorf("an answer reads %q", a.GetText())
		}
	}
	if search() != 0 {
		t.Error("the search still finds the name")
	}
	w.Settled()
	told := false
	for _, c := range town.Try(w.Nils.Pull(w.Nils.Ctx(), &pb.PullRequest{Cursor: cursor})).OK(t).GetChanges() {
		for _, l := range c.GetCommons().GetLearnings() {
			told = told || l.GetId() == id && !strings.Contains(l.GetText(), child)
		}
	}
	if !told {
		t.Error("a colleague's phone is not told of the text without the name")
	}
}
