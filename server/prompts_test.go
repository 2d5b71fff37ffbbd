package server_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"google.golang.org/grpc/codes"
	pb "undring/gen/undring/v1"
)

func (w *town) newPrompt(id string) *pb.SavePromptRequest {
	return &pb.SavePromptRequest{Id: id, RequestId: req(), SchoolId: w.school.String(), Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION,
		Kind: "effect", Language: "nb", Text: "Hva tror du skogen gjorde med dem?"}
}

// D29: whoever works at the school can add a prompt; each says who may change
// it; others neither change it nor, unless they keep the roster, take it away.
func TestPromptsOfTheStaff(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	own := func(p *person) *pb.Prompt {
		t.Helper()
		var found *pb.Prompt
		reply := try(p.ListPrompts(p.ctx(), &pb.ListPromptsRequest{Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION, Language: "nb"})).ok(t)
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
	id := newID().String()
	saved := try(w.kari.SavePrompt(w.kari.ctx(), w.newPrompt(id))).ok(t).GetPrompt()
	if saved.GetRevision() != 1 || !saved.GetEditable() {
		t.Errorf("saved: %v", saved)
	}
	if p := own(w.ola); p.GetId() != id || p.GetEditable() || p.GetDeletable() || !strings.Contains(p.GetEditors(), "Kari") {
		t.Errorf("Ola sees %v", p)
	}
	if p := own(w.arne); p.GetEditable() || !p.GetDeletable() {
		t.Errorf("the administrator sees %v", p)
	}

	change := w.newPrompt(id)
	change.Text, change.Revision = "Hva tror du regnet gjorde med dem?", 1
	try(w.ola.SavePrompt(w.ola.ctx(), change)).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	change.Revision = 7
	try(w.kari.SavePrompt(w.kari.ctx(), change)).refused(t, codes.Aborted, "STALE_REVISION")
	change.Revision = 1
	if p := try(w.kari.SavePrompt(w.kari.ctx(), change)).ok(t).GetPrompt(); p.GetRevision() != 2 || own(w.ola).GetText() != change.GetText() {
		t.Errorf("changed: %v, read: %v", p, own(w.ola))
	}
	unknown := w.newPrompt(newID().String())
	unknown.SchoolId = newID().String()
	try(w.kari.SavePrompt(w.kari.ctx(), unknown)).refused(t, codes.NotFound, "NOT_FOUND")

	try(w.ola.DeletePrompt(w.ola.ctx(), &pb.DeletePromptRequest{PromptId: id, RequestId: req()})).refused(t, codes.PermissionDenied, "NOT_YOUR_MOVE")
	try(w.arne.DeletePrompt(w.arne.ctx(), &pb.DeletePromptRequest{PromptId: id, RequestId: req()})).ok(t)
	if p := own(w.ola); p != nil {
		t.Errorf("taken away, and still there: %v", p)
	}
	w.sql(`insert into prompt (owner_id, id, school_id, author_id, moment, kind, language, text, revision, created_at)
		select $1, gen_random_uuid(), $2, $3, 'question', '', 'nb', 'Hva så du?', 1, now() from generate_series(1, 100)`, w.owner, w.school, w.kari.id)
	try(w.kari.SavePrompt(w.kari.ctx(), w.newPrompt(newID().String()))).refused(t, codes.InvalidArgument, "INVALID_FIELD")
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
	for _, m := range mutating() {
		if m.Name() != "SavePrompt" && m.Name() != "DeletePrompt" {
			look(string(m.Name()), m.Input(), map[protoreflect.FullName]bool{})
		}
	}
}
