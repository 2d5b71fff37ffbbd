package feedback_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"

	"google.golang.org/grpc/codes"
)

// D29: whoever works at the school can add a prompt; each says who may change
// it; others neither change it nor, unless they keep the roster, take it away.
func TestD29PromptsOfTheStaff(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	own := func(p *town.Person) *pb.Prompt {
		t.Helper()
		var found *pb.Prompt
		reply := town.Try(p.ListPrompts(p.Ctx(), &pb.ListPromptsRequest{Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION, Language: "nb"})).OK(t)
		for _, prompt := range reply.GetPrompts() {
			if prompt.GetEditors() == "" {
				t.Errorf("%q doesn't say who may change it", prompt.GetText())
			}
			if prompt.GetSchoolId() == "" {
				if prompt.GetEditable() || prompt.GetDeletable() {
					t.Errorf("%q comes with Undring and can be changed", prompt.GetText())
				}
				continue
			}
			found = prompt
		}
		return found
	}
	id := town.NewID().String()
	saved := town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), w.NewPrompt(id))).OK(t).GetPrompt()
	if saved.GetRevision() != 1 || !saved.GetEditable() {
		t.Errorf("saved: %v", saved)
	}
	if p := own(w.Ola); p.GetId() != id || p.GetEditable() || p.GetDeletable() || !strings.Contains(p.GetEditors(), "Kari") {
		t.Errorf("Ola sees %v", p)
	}
	if p := own(w.Arne); p.GetEditable() || !p.GetDeletable() {
		t.Errorf("the administrator sees %v", p)
	}

	change := w.NewPrompt(id)
	change.Text, change.Revision = "Hva tror du regnet gjorde med dem?", 1
	town.Try(w.Ola.SavePrompt(w.Ola.Ctx(), change)).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	change.Revision = 7
	town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), change)).Refused(t, codes.Aborted, "STALE_REVISION")
	change.Revision = 1
	if p := town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), change)).OK(t).GetPrompt(); p.GetRevision() != 2 || own(w.Ola).GetText() != change.GetText() {
		t.Errorf("changed: %v, read: %v", p, own(w.Ola))
	}
	unknown := w.NewPrompt(town.NewID().String())
	unknown.SchoolId = town.NewID().String()
	town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), unknown)).Refused(t, codes.NotFound, "NOT_FOUND")

	town.Try(w.Ola.DeletePrompt(w.Ola.Ctx(), &pb.DeletePromptRequest{PromptId: id, RequestId: town.Req()})).Refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	town.Try(w.Arne.DeletePrompt(w.Arne.Ctx(), &pb.DeletePromptRequest{PromptId: id, RequestId: town.Req()})).OK(t)
	if p := own(w.Ola); p != nil {
		t.Errorf("taken away, and still there: %v", p)
	}
	w.SQL(`insert into prompt (owner_id, id, school_id, author_id, moment, kind, language, text, revision, created_at)
		select $1, gen_random_uuid(), $2, $3, 'question', '', 'nb', 'Hva så du?', 1, now() from generate_series(1, 100)`, w.Owner, w.School, w.Kari.ID)
	town.Try(w.Kari.SavePrompt(w.Kari.Ctx(), w.NewPrompt(town.NewID().String()))).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
}

// D29, second half, and D28: no call tells which prompt somebody took, or what
// the review said of a question, so nobody can be told.
func TestNoCallTellsWhichPromptWasTaken(t *testing.T) {
	t.Parallel()
	var look func(call string, m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool)
	look = func(call string, m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool) {
		if seen[m.FullName()] {
			return
		}
		seen[m.FullName()] = true
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if strings.Contains(string(f.Name()), "prompt") || strings.Contains(string(f.Name()), "review") {
				t.Errorf("%s carries %s", call, f.FullName())
			}
			if f.Message() != nil {
				look(call, f.Message(), seen)
			}
		}
	}
	for _, m := range town.Mutating() {
		if m.Name() != "SavePrompt" && m.Name() != "DeletePrompt" {
			look(string(m.Name()), m.Input(), map[protoreflect.FullName]bool{})
		}
	}
}
