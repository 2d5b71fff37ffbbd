package server_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

// call is one call of a story: by whom, and what.
type call struct {
	by  *person
	req proto.Message
}

// stories bring a town to where each changing call can be made. The key is the
// full name of the call.
func stories() map[string]func(*town) call {
	agreed := func(w *town) *visit { return w.propose(w.kari, w.ola, time.Hour).agree() }
	observed := func(w *town) *visit { return agreed(w).observe() }
	given := func(w *town) *visit { return observed(w).give() }
	opened := func(w *town) *visit { return given(w).open() }
	closed := func(w *town) *visit {
		v := opened(w)
		v.answer(v.question)
		v.takeAway(w.kari)
		v.takeAway(w.ola)
		return v
	}
	round := func(w *town) string {
		return try(w.kari.StartRound(w.kari.ctx(), &pb.StartRoundRequest{RequestId: req(), SchoolId: w.school.String(), MemberIds: []string{w.kari.id, w.ola.id}})).ok(w.t).GetRound().GetId()
	}
	withAction := func(w *town) (*visit, string) {
		v, id := opened(w), newID().String()
		try(w.kari.RecordTakeaway(w.kari.ctx(), &pb.RecordTakeawayRequest{ObservationId: v.id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
			Action: &pb.ActionDraft{Id: id, Text: "Vente.", Lesson: "tirsdag"}})).ok(w.t)
		return v, id
	}
	corrected := func(w *town) *visit {
		v := opened(w)
		try(w.ola.CorrectNote(w.ola.ctx(), &pb.CorrectNoteRequest{NoteId: v.note, RequestId: req(), Text: "Fem."})).ok(w.t)
		return v
	}
	talked := func(w *town) (*visit, string) {
		v, id := opened(w), newID().String()
		try(w.kari.RecordConversation(w.kari.ctx(), &pb.RecordConversationRequest{ObservationId: v.id, RequestId: req(), Id: id,
			TalkedAt: timestamppb.New(w.clock.now()), Duration: talk(10), Summary: "Om det."})).ok(w.t)
		return v, id
	}
	o, f := "undring.v1.ObservationService.", "undring.v1.FeedbackService."
	return map[string]func(*town) call{
		o + "ProposeObservation": func(w *town) call { return call{w.kari, w.proposal(w.kari, w.ola)} },
		o + "CounterPropose": func(w *town) call {
			v := w.propose(w.kari, w.ola, time.Hour)
			start, end := w.lesson(3 * time.Hour)
			return call{w.ola, &pb.CounterProposeRequest{ObservationId: v.id, RequestId: req(), StartTime: start, EndTime: end}}
		},
		o + "SetFocus": func(w *town) call {
			return call{w.ola, &pb.SetFocusRequest{ObservationId: w.propose(w.kari, w.ola, time.Hour).id, RequestId: req(), FocusQuestion: focus}}
		},
		o + "AcceptObservation": func(w *town) call {
			return call{w.ola, &pb.AcceptObservationRequest{ObservationId: w.propose(w.kari, w.ola, time.Hour).setFocus().id, RequestId: req()}}
		},
		o + "DeclineObservation": func(w *town) call {
			return call{w.ola, &pb.DeclineObservationRequest{ObservationId: w.propose(w.kari, w.ola, time.Hour).id, RequestId: req()}}
		},
		o + "CancelObservation": func(w *town) call {
			return call{w.ola, &pb.CancelObservationRequest{ObservationId: agreed(w).id, RequestId: req()}}
		},
		o + "WithdrawObservation": func(w *town) call {
			return call{w.ola, &pb.WithdrawObservationRequest{ObservationId: opened(w).id, RequestId: req()}}
		},
		o + "MarkObserved": func(w *town) call {
			v := agreed(w)
			w.clock.set(w.clock.now().Add(time.Hour))
			return call{w.kari, &pb.MarkObservedRequest{ObservationId: v.id, RequestId: req()}}
		},
		o + "EndWithoutExchange": func(w *town) call {
			v := observed(w)
			try(w.ola.EndWithoutExchange(w.ola.ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.id, RequestId: req()})).ok(w.t)
			return call{w.kari, &pb.EndWithoutExchangeRequest{ObservationId: v.id, RequestId: req()}}
		},
		o + "ReopenObservation": func(w *town) call {
			v := closed(w)
			try(w.ola.ReopenObservation(w.ola.ctx(), &pb.ReopenObservationRequest{ObservationId: v.id, RequestId: req()})).ok(w.t)
			return call{w.kari, &pb.ReopenObservationRequest{ObservationId: v.id, RequestId: req()}}
		},
		o + "SaveNote": func(w *town) call {
			v := agreed(w)
			w.clock.set(w.clock.now().Add(time.Hour))
			return call{w.kari, &pb.SaveNoteRequest{ObservationId: v.id, RequestId: req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender, dårlig lys."}}
		},
		o + "DeleteNote": func(w *town) call {
			return call{w.kari, &pb.DeleteNoteRequest{NoteId: observed(w).note, RequestId: req()}}
		},
		o + "KeepFromSuggestions": func(w *town) call {
			return call{w.kari, &pb.KeepFromSuggestionsRequest{PersonId: w.ola.id, RequestId: req()}}
		},
		o + "SetAvailability": func(w *town) call {
			start, end := w.lesson(time.Hour)
			return call{w.kari, &pb.SetAvailabilityRequest{RequestId: req(), Slots: []*pb.TimeSlot{{StartTime: start, EndTime: end}}}}
		},
		o + "StartRound": func(w *town) call {
			return call{w.kari, &pb.StartRoundRequest{RequestId: req(), SchoolId: w.school.String(), MemberIds: []string{w.kari.id, w.ola.id, w.nils.id}}}
		},
		o + "JoinRound":  func(w *town) call { return call{w.ola, &pb.JoinRoundRequest{RoundId: round(w), RequestId: req()}} },
		o + "LeaveRound": func(w *town) call { return call{w.ola, &pb.LeaveRoundRequest{RoundId: round(w), RequestId: req()}} },
		f + "SaveFeedbackDraft": func(w *town) call {
			return call{w.kari, &pb.SaveFeedbackDraftRequest{ObservationId: agreed(w).id, RequestId: req(), Draft: &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}}}}
		},
		f + "SavePrompt": func(w *town) call { return call{w.kari, w.newPrompt(newID().String())} },
		f + "DeletePrompt": func(w *town) call {
			p := w.newPrompt(newID().String())
			try(w.kari.SavePrompt(w.kari.ctx(), p)).ok(w.t)
			return call{w.kari, &pb.DeletePromptRequest{PromptId: p.Id, RequestId: req()}}
		},
		f + "GiveFeedback": func(w *town) call { return call{w.kari, observed(w).gift()} },
		f + "RecordOwnView": func(w *town) call {
			return call{w.ola, &pb.RecordOwnViewRequest{ObservationId: given(w).id, RequestId: req(), View: &pb.RecordOwnViewRequest_Text{Text: "Rolig."}}}
		},
		f + "AcknowledgeFeedback": func(w *town) call {
			return call{w.ola, &pb.AcknowledgeFeedbackRequest{ObservationId: opened(w).id, RequestId: req()}}
		},
		f + "AnswerQuestion": func(w *town) call {
			return call{w.ola, &pb.AnswerQuestionRequest{QuestionId: opened(w).question, RequestId: req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Fordi."}}}
		},
		f + "AskBack": func(w *town) call {
			return call{w.ola, &pb.AskBackRequest{ObservationId: opened(w).id, RequestId: req(), Text: "Hva?"}}
		},
		f + "Reply": func(w *town) call {
			return call{w.ola, &pb.ReplyRequest{AboutId: opened(w).question, RequestId: req(), Text: "Ja."}}
		},
		f + "RecordConversation": func(w *town) call {
			return call{w.ola, &pb.RecordConversationRequest{ObservationId: opened(w).id, RequestId: req(), TalkedAt: timestamppb.New(w.clock.now()), Duration: talk(10), Summary: "Om det."}}
		},
		f + "ConfirmConversation": func(w *town) call {
			_, id := talked(w)
			return call{w.ola, &pb.ConfirmConversationRequest{ConversationId: id, RequestId: req()}}
		},
		f + "CorrectNote": func(w *town) call {
			return call{w.ola, &pb.CorrectNoteRequest{NoteId: opened(w).note, RequestId: req(), Text: "Fem."}}
		},
		f + "ResolveCorrection": func(w *town) call {
			return call{w.kari, &pb.ResolveCorrectionRequest{NoteId: corrected(w).note, RequestId: req(), Resolution: pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED}}
		},
		f + "RecordTakeaway": func(w *town) call {
			return call{w.ola, &pb.RecordTakeawayRequest{ObservationId: opened(w).id, RequestId: req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
				Action: &pb.ActionDraft{Text: "Vente.", Lesson: "tirsdag"}}}
		},
		f + "AgreeAction": func(w *town) call {
			_, id := withAction(w)
			return call{w.ola, &pb.AgreeActionRequest{ActionId: id, RequestId: req()}}
		},
		"undring.v1.LearningService.ReportAction": func(w *town) call {
			_, id := withAction(w)
			try(w.ola.AgreeAction(w.ola.ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: req()})).ok(w.t)
			return call{w.kari, &pb.ReportActionRequest{ActionId: id, RequestId: req(), Did: "x", Happened: "y", Learning: pb.Learning_LEARNING_NOTHING_NEW}}
		},
		"undring.v1.CultureService.SubmitPulse": func(w *town) call { return call{w.kari, w.pulse()} },
		"undring.v1.SessionService.RevokeSession": func(w *town) call {
			sessions := try(w.kari.ListSessions(w.kari.ctx(), &pb.ListSessionsRequest{})).ok(w.t).GetSessions()
			w.kari.signIn()
			return call{w.kari, &pb.RevokeSessionRequest{RequestId: req(), SessionId: sessions[0].GetId()}}
		},
		"undring.v1.SessionService.UpdateMe": func(w *town) call { return call{w.kari, &pb.UpdateMeRequest{RequestId: req(), Locale: "nn"}} },
		"undring.v1.SchoolService.CreateInvitation": func(w *town) call {
			return call{w.arne, &pb.CreateInvitationRequest{RequestId: req(), PersonId: w.kari.id}}
		},
		"undring.v1.SchoolService.SetRole": func(w *town) call {
			return call{w.arne, &pb.SetRoleRequest{RequestId: req(), PersonId: w.kari.id, SchoolId: w.school.String(), Role: pb.Role_ROLE_REPRESENTATIVE}}
		},
		"undring.v1.SchoolService.UpdateExchangePolicy": func(w *town) call {
			return call{w.liv, &pb.UpdateExchangePolicyRequest{RequestId: req(), SchoolId: w.school.String(), Gate: new(bool), Reason: "prøve"}}
		},
		"undring.v1.SchoolService.ImportHolidays": func(w *town) call {
			return call{w.arne, &pb.ImportHolidaysRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
				Content: []byte("from,to\n2026-10-05,2026-10-09\n")}}
		},
		"undring.v1.SchoolService.ImportLessons": func(w *town) call {
			return call{w.arne, &pb.ImportLessonsRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
				Content: []byte("email,date,start,end\nkari@fjordvik.example,2026-11-12,08:30,09:15\n")}}
		},
		"undring.v1.SchoolService.SetTimeBudget": func(w *town) call { return call{w.liv, w.budget()} },
		"undring.v1.SchoolService.BookTime": func(w *town) call {
			b := try(w.liv.SetTimeBudget(w.liv.ctx(), w.budget())).ok(w.t).GetTimeBudget()
			return call{w.kari, &pb.BookTimeRequest{RequestId: req(), HoursId: b.GetHours()[0].GetId()}}
		},
		"undring.v1.SchoolService.ImportRoster": func(w *town) call {
			return call{w.arne, &pb.ImportRosterRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV,
				Content: []byte("name,email,role,team\nTuva Ny,tuva@fjordvik.example,teacher,1. trinn\n")}}
		},
	}
}

// rows counts all that is stored, without the memory of requests.
const rows = `select (select count(*) from visit) || ' ' || (select count(*) from visit_event) || ' ' || (select count(*) from note) || ' ' ||
	(select count(*) from feedback_point) || ' ' || (select count(*) from question) || ' ' || (select count(*) from reply) || ' ' ||
	(select count(*) from conversation) || ' ' || (select count(*) from correction) || ' ' || (select count(*) from own_view) || ' ' ||
	(select count(*) from takeaway) || ' ' || (select count(*) from action) || ' ' || (select count(*) from draft) || ' ' ||
	(select count(*) from round) || ' ' || (select count(*) from person) || ' ' || (select count(*) from booking) || ' ' ||
	(select count(*) from availability) || ' ' || (select count(*) from prompt) || ' ' || (select count(*) from membership) || ' ' || (select count(*) from exchange_policy) || ' ' ||
	(select count(*) from free_day) || ' ' || (select count(*) from time_slot) || ' ' || (select count(*) from time_booking) || ' ' || (select count(*) from time_budget) || ' ' ||
	(select count(*) from pulse_answered) || ' ' || (select count(*) from pulse_answer) || ' ' || (select count(*) from session) || ' ' || (select count(*) from session where ended_at is null) || ' ' || (select count(*) from invitation) || ' ' ||
	(select string_agg(locale, '' order by id) from person) || ' ' || (select count(*) from kept_from_suggestions) || ' ' || (select coalesce(sum(revision), 0) from visit) || ' ' ||
	(select coalesce(sum(revision), 0) from note) || ' ' || (select coalesce(sum(revision), 0) from draft)`

// written tells of every table by which transactions its rows were written last:
// the same words written anew are others.
func (w *town) written() map[string]string {
	w.t.Helper()
	const sql = `
		select c.relname::text, query_to_xml(format('select count(*), sum(xmin::text::numeric) from %s', c.oid::regclass), true, true, '')::text
		from pg_class c
		where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`
	rows, err := w.db.Owner.Query(context.Background(), sql)
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[string]string{}
	var table, by string
	if _, err := pgx.ForEachRow(rows, []any{&table, &by}, func() error { all[table] = by; return nil }); err != nil {
		w.t.Fatal(err)
	}
	return all
}

// G2: every call that changes something, sent eight times at once and once more
// later, has one effect and one reply; its id with another content is refused.
func TestEveryChangeHappensOnce(t *testing.T) {
	t.Parallel()
	told := stories()
	for _, m := range mutating() {
		name := string(m.FullName())
		if name == "undring.v1.SessionService.SignIn" || name == "undring.v1.SessionService.RefreshSession" {
			continue // a session each time, on purpose; and a token counts once by itself
		}
		if name == "undring.v1.SyncService.Push" {
			continue // a batch of calls, each of which counts once: TestAPushCountsOnce
		}
		story, there := told[name]
		if !there {
			t.Errorf("no story for %s", name)
			continue
		}
		t.Run(string(m.Name()), func(t *testing.T) {
			t.Parallel()
			once := newTown(t)
			c := story(once)
			c.send(t, name)
			want := one[string](once, rows)

			w := newTown(t)
			c = story(w)
			replies := make([]proto.Message, 8)
			errs := make([]error, 8)
			ctx := c.by.ctx()
			var all sync.WaitGroup
			for i := range replies {
				all.Go(func() {
					for until := time.Now().Add(20 * time.Second); ; { // a busy machine: it comes back, as a phone does
						replies[i], errs[i] = c.invoke(ctx, name)
						if status.Code(errs[i]) != codes.ResourceExhausted || time.Now().After(until) {
							return
						}
					}
				})
			}
			all.Wait()
			for i := range replies {
				if errs[i] != nil {
					t.Fatalf("sending %d: %v", i, errs[i])
				}
				if !proto.Equal(replies[0], replies[i]) {
					t.Errorf("reply %d differs:\n%v\n%v", i, replies[0], replies[i])
				}
			}
			if got := one[string](w, rows); got != want {
				t.Errorf("stored after eight: %s, after one: %s", got, want)
			}
			was := w.written()
			nothingWritten := func(by string) {
				t.Helper()
				for table, last := range w.written() {
					if last != was[table] {
						t.Errorf("%s wrote into %s", by, table)
					}
				}
			}
			if again := c.send(t, name); !proto.Equal(replies[0], again) {
				t.Errorf("the reply to a repetition differs:\n%v\n%v", replies[0], again)
			}
			nothingWritten("a repetition")
			other := proto.Clone(c.req)
			if changeSomething(other) {
				_, err := c.invoke(ctx, name)
				if err != nil {
					t.Fatal(err)
				}
				c.req = other
				reply, err := c.invoke(ctx, name)
				try(reply, err).refused(t, codes.AlreadyExists, "REQUEST_ID_REUSED")
				nothingWritten("what was refused for its id")
			}
		})
	}
}

// changeSomething changes a text or a flag of a request; false where it has none.
func changeSomething(m proto.Message) bool {
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch f.Name() {
		case "take_back", "dry_run":
			m.ProtoReflect().Set(f, protoBool(!m.ProtoReflect().Get(f).Bool()))
			return true
		case "place", "text", "summary", "focus_question":
			if f.Kind().String() == "string" {
				m.ProtoReflect().Set(f, protoString("noe annet"))
				return true
			}
		}
	}
	return false
}

func (c call) send(t *testing.T, name string) proto.Message {
	t.Helper()
	reply, err := c.invoke(c.by.ctx(), name)
	if err != nil {
		t.Fatalf("%s: %s %v", name, reasonOf(err), err)
	}
	return reply
}

func (c call) invoke(ctx context.Context, name string) (proto.Message, error) {
	for _, m := range mutating() {
		if string(m.FullName()) == name {
			reply := newMessage(m.Output())
			return reply, invoke(ctx, c.by.conn, m, c.req, reply)
		}
	}
	panic(name)
}
