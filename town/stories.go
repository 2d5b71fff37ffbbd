package town

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

// call is one call of a story: by whom, and what.
type Call struct {
	By  *Person
	Req proto.Message
}

// stories bring a town to where each changing call can be made. The key is the
// full name of the call.
func Stories() map[string]func(*Town) Call {
	agreed := func(w *Town) *Visit { return w.Propose(w.Kari, w.Ola, time.Hour).Agree() }
	observed := func(w *Town) *Visit { return agreed(w).Observe() }
	given := func(w *Town) *Visit { return observed(w).Give() }
	opened := func(w *Town) *Visit { return given(w).Open() }
	closed := func(w *Town) *Visit {
		v := opened(w)
		v.Answer(v.Question)
		v.TakeAway(w.Kari)
		v.TakeAway(w.Ola)
		return v
	}
	round := func(w *Town) string {
		return Try(w.Kari.StartRound(w.Kari.Ctx(), &pb.StartRoundRequest{RequestId: Req(), SchoolId: w.School.String(), MemberIds: []string{w.Kari.ID, w.Ola.ID}})).OK(w.T).GetRound().GetId()
	}
	withAction := func(w *Town) (*Visit, string) {
		v, id := opened(w), NewID().String()
		Try(w.Kari.RecordTakeaway(w.Kari.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
			Action: &pb.ActionDraft{Id: id, Text: "Vente.", Lesson: "tirsdag"}})).OK(w.T)
		return v, id
	}
	corrected := func(w *Town) *Visit {
		v := opened(w)
		Try(w.Ola.CorrectNote(w.Ola.Ctx(), &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: Req(), Text: "Fem."})).OK(w.T)
		return v
	}
	talked := func(w *Town) (*Visit, string) {
		v, id := opened(w), NewID().String()
		Try(w.Kari.RecordConversation(w.Kari.Ctx(), &pb.RecordConversationRequest{ObservationId: v.ID, RequestId: Req(), Id: id,
			TalkedAt: timestamppb.New(w.Clock.Now()), Duration: Talk(10), Summary: "Om det."})).OK(w.T)
		return v, id
	}
	o, f := "undring.v1.ObservationService.", "undring.v1.FeedbackService."
	return map[string]func(*Town) Call{
		o + "ProposeObservation": func(w *Town) Call { return Call{w.Kari, w.Proposal(w.Kari, w.Ola)} },
		o + "CounterPropose": func(w *Town) Call {
			v := w.Propose(w.Kari, w.Ola, time.Hour)
			start, end := w.Lesson(3 * time.Hour)
			return Call{w.Ola, &pb.CounterProposeRequest{ObservationId: v.ID, RequestId: Req(), StartTime: start, EndTime: end}}
		},
		o + "SetFocus": func(w *Town) Call {
			return Call{w.Ola, &pb.SetFocusRequest{ObservationId: w.Propose(w.Kari, w.Ola, time.Hour).ID, RequestId: Req(), FocusQuestion: Focus}}
		},
		o + "AcceptObservation": func(w *Town) Call {
			return Call{w.Ola, &pb.AcceptObservationRequest{ObservationId: w.Propose(w.Kari, w.Ola, time.Hour).SetFocus().ID, RequestId: Req()}}
		},
		o + "DeclineObservation": func(w *Town) Call {
			return Call{w.Ola, &pb.DeclineObservationRequest{ObservationId: w.Propose(w.Kari, w.Ola, time.Hour).ID, RequestId: Req()}}
		},
		o + "CancelObservation": func(w *Town) Call {
			return Call{w.Ola, &pb.CancelObservationRequest{ObservationId: agreed(w).ID, RequestId: Req()}}
		},
		o + "WithdrawObservation": func(w *Town) Call {
			return Call{w.Ola, &pb.WithdrawObservationRequest{ObservationId: opened(w).ID, RequestId: Req()}}
		},
		o + "MarkObserved": func(w *Town) Call {
			v := agreed(w)
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
			return Call{w.Kari, &pb.MarkObservedRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "EndWithoutExchange": func(w *Town) Call {
			v := observed(w)
			Try(w.Ola.EndWithoutExchange(w.Ola.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: Req()})).OK(w.T)
			return Call{w.Kari, &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "ReopenObservation": func(w *Town) Call {
			v := closed(w)
			Try(w.Ola.ReopenObservation(w.Ola.Ctx(), &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: Req()})).OK(w.T)
			return Call{w.Kari, &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "SaveNote": func(w *Town) Call {
			v := agreed(w)
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
			return Call{w.Kari, &pb.SaveNoteRequest{ObservationId: v.ID, RequestId: Req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender, dårlig lys."}}
		},
		o + "DeleteNote": func(w *Town) Call {
			return Call{w.Kari, &pb.DeleteNoteRequest{NoteId: observed(w).Note, RequestId: Req()}}
		},
		o + "KeepFromSuggestions": func(w *Town) Call {
			return Call{w.Kari, &pb.KeepFromSuggestionsRequest{PersonId: w.Ola.ID, RequestId: Req()}}
		},
		o + "SetAvailability": func(w *Town) Call {
			start, end := w.Lesson(time.Hour)
			return Call{w.Kari, &pb.SetAvailabilityRequest{RequestId: Req(), Slots: []*pb.TimeSlot{{StartTime: start, EndTime: end}}}}
		},
		o + "StartRound": func(w *Town) Call {
			return Call{w.Kari, &pb.StartRoundRequest{RequestId: Req(), SchoolId: w.School.String(), MemberIds: []string{w.Kari.ID, w.Ola.ID, w.Nils.ID}}}
		},
		o + "OfferLesson": func(w *Town) Call { return Call{w.Kari, w.Offer(time.Hour)} },
		o + "AskForPlace": func(w *Town) Call {
			return Call{w.Kari, &pb.AskForPlaceRequest{OpenLessonId: w.OpenLesson(w.Ola, time.Hour), RequestId: Req()}}
		},
		o + "WithdrawLesson": func(w *Town) Call {
			return Call{w.Ola, &pb.WithdrawLessonRequest{OpenLessonId: w.OpenLesson(w.Ola, time.Hour), RequestId: Req()}}
		},
		o + "JoinRound":  func(w *Town) Call { return Call{w.Ola, &pb.JoinRoundRequest{RoundId: round(w), RequestId: Req()}} },
		o + "LeaveRound": func(w *Town) Call { return Call{w.Ola, &pb.LeaveRoundRequest{RoundId: round(w), RequestId: Req()}} },
		f + "SaveFeedbackDraft": func(w *Town) Call {
			return Call{w.Kari, &pb.SaveFeedbackDraftRequest{ObservationId: agreed(w).ID, RequestId: Req(), Draft: &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}}}}
		},
		f + "SavePrompt": func(w *Town) Call { return Call{w.Kari, w.NewPrompt(NewID().String())} },
		f + "DeletePrompt": func(w *Town) Call {
			p := w.NewPrompt(NewID().String())
			Try(w.Kari.SavePrompt(w.Kari.Ctx(), p)).OK(w.T)
			return Call{w.Kari, &pb.DeletePromptRequest{PromptId: p.Id, RequestId: Req()}}
		},
		f + "GiveFeedback": func(w *Town) Call { return Call{w.Kari, observed(w).Gift()} },
		f + "RecordOwnView": func(w *Town) Call {
			return Call{w.Ola, &pb.RecordOwnViewRequest{ObservationId: given(w).ID, RequestId: Req(), View: &pb.RecordOwnViewRequest_Text{Text: "Rolig."}}}
		},
		f + "AcknowledgeFeedback": func(w *Town) Call {
			return Call{w.Ola, &pb.AcknowledgeFeedbackRequest{ObservationId: opened(w).ID, RequestId: Req()}}
		},
		f + "AnswerQuestion": func(w *Town) Call {
			return Call{w.Ola, &pb.AnswerQuestionRequest{QuestionId: opened(w).Question, RequestId: Req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Fordi."}}}
		},
		f + "AskBack": func(w *Town) Call {
			return Call{w.Ola, &pb.AskBackRequest{ObservationId: opened(w).ID, RequestId: Req(), Text: "Hva?"}}
		},
		f + "Reply": func(w *Town) Call {
			return Call{w.Ola, &pb.ReplyRequest{AboutId: opened(w).Question, RequestId: Req(), Text: "Ja."}}
		},
		f + "RecordConversation": func(w *Town) Call {
			return Call{w.Ola, &pb.RecordConversationRequest{ObservationId: opened(w).ID, RequestId: Req(), TalkedAt: timestamppb.New(w.Clock.Now()), Duration: Talk(10), Summary: "Om det."}}
		},
		f + "ConfirmConversation": func(w *Town) Call {
			_, id := talked(w)
			return Call{w.Ola, &pb.ConfirmConversationRequest{ConversationId: id, RequestId: Req()}}
		},
		f + "CorrectNote": func(w *Town) Call {
			return Call{w.Ola, &pb.CorrectNoteRequest{NoteId: opened(w).Note, RequestId: Req(), Text: "Fem."}}
		},
		f + "ResolveCorrection": func(w *Town) Call {
			return Call{w.Kari, &pb.ResolveCorrectionRequest{NoteId: corrected(w).Note, RequestId: Req(), Resolution: pb.CorrectionResolution_CORRECTION_RESOLUTION_ACCEPTED}}
		},
		f + "RecordTakeaway": func(w *Town) Call {
			return Call{w.Ola, &pb.RecordTakeawayRequest{ObservationId: opened(w).ID, RequestId: Req(), Text: "x", Learning: pb.Learning_LEARNING_NOTHING_NEW,
				Action: &pb.ActionDraft{Text: "Vente.", Lesson: "tirsdag"}}}
		},
		f + "AgreeAction": func(w *Town) Call {
			_, id := withAction(w)
			return Call{w.Ola, &pb.AgreeActionRequest{ActionId: id, RequestId: Req()}}
		},
		"undring.v1.LearningService.ReportAction": func(w *Town) Call {
			_, id := withAction(w)
			Try(w.Ola.AgreeAction(w.Ola.Ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: Req()})).OK(w.T)
			return Call{w.Kari, &pb.ReportActionRequest{ActionId: id, RequestId: Req(), Did: "x", Happened: "y", Learning: pb.Learning_LEARNING_NOTHING_NEW}}
		},
		"undring.v1.CultureService.SubmitPulse": func(w *Town) Call { return Call{w.Kari, w.Pulse()} },
		"undring.v1.SessionService.RevokeSession": func(w *Town) Call {
			sessions := Try(w.Kari.ListSessions(w.Kari.Ctx(), &pb.ListSessionsRequest{})).OK(w.T).GetSessions()
			w.Kari.SignInAnew()
			return Call{w.Kari, &pb.RevokeSessionRequest{RequestId: Req(), SessionId: sessions[0].GetId()}}
		},
		"undring.v1.SessionService.UpdateMe": func(w *Town) Call { return Call{w.Kari, &pb.UpdateMeRequest{RequestId: Req(), Locale: "nn"}} },
		"undring.v1.SchoolService.CreateInvitation": func(w *Town) Call {
			return Call{w.Arne, &pb.CreateInvitationRequest{RequestId: Req(), PersonId: w.Kari.ID}}
		},
		"undring.v1.SchoolService.MergePeople": func(w *Town) Call {
			keep, gone := w.Twins()
			return Call{w.Arne, &pb.MergePeopleRequest{RequestId: Req(), PersonId: keep, OtherId: gone}}
		},
		"undring.v1.SchoolService.UndoMerge": func(w *Town) Call {
			keep, gone := w.Twins()
			done := Try(w.Arne.MergePeople(w.Arne.Ctx(), &pb.MergePeopleRequest{RequestId: Req(), PersonId: keep, OtherId: gone})).OK(w.T)
			return Call{w.Arne, &pb.UndoMergeRequest{RequestId: Req(), ChangeId: done.GetChangeId()}}
		},
		"undring.v1.SchoolService.RelinkPerson": func(w *Town) Call {
			return Call{w.Arne, &pb.RelinkPersonRequest{RequestId: Req(), PersonId: w.Kari.ID}}
		},
		"undring.v1.SchoolService.AnswerIdentityChange": func(w *Town) Call {
			Try(w.Arne.RelinkPerson(w.Arne.Ctx(), &pb.RelinkPersonRequest{RequestId: Req(), PersonId: w.Kari.ID})).OK(w.T)
			change := Try(w.Kari.ListIdentityChanges(w.Kari.Ctx(), &pb.ListIdentityChangesRequest{})).OK(w.T).GetChanges()[0]
			return Call{w.Kari, &pb.AnswerIdentityChangeRequest{RequestId: Req(), ChangeId: change.GetId()}}
		},
		"undring.v1.SchoolService.UndoImport": func(w *Town) Call {
			return Call{w.Arne, &pb.UndoImportRequest{RequestId: Req(), ImportId: w.Imported()}}
		},
		"undring.v1.SchoolService.SetRole": func(w *Town) Call {
			return Call{w.Arne, &pb.SetRoleRequest{RequestId: Req(), PersonId: w.Kari.ID, SchoolId: w.School.String(), Role: pb.Role_ROLE_REPRESENTATIVE}}
		},
		"undring.v1.SchoolService.UpdateExchangePolicy": func(w *Town) Call {
			return Call{w.Liv, &pb.UpdateExchangePolicyRequest{RequestId: Req(), SchoolId: w.School.String(), Gate: new(bool), Reason: "prøve"}}
		},
		"undring.v1.SchoolService.ImportHolidays": func(w *Town) Call {
			return Call{w.Arne, &pb.ImportHolidaysRequest{RequestId: Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
				Content: []byte("from,to\n2026-10-05,2026-10-09\n")}}
		},
		"undring.v1.SchoolService.ImportLessons": func(w *Town) Call {
			return Call{w.Arne, &pb.ImportLessonsRequest{RequestId: Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
				Content: []byte("email,date,start,end\nkari@fjordvik.example,2026-11-12,08:30,09:15\n")}}
		},
		"undring.v1.SchoolService.SetTimeBudget": func(w *Town) Call { return Call{w.Liv, w.Budget()} },
		"undring.v1.SchoolService.BookTime": func(w *Town) Call {
			b := Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), w.Budget())).OK(w.T).GetTimeBudget()
			return Call{w.Kari, &pb.BookTimeRequest{RequestId: Req(), HoursId: b.GetHours()[0].GetId()}}
		},
		"undring.v1.SchoolService.ImportRoster": func(w *Town) Call {
			return Call{w.Arne, &pb.ImportRosterRequest{RequestId: Req(), SchoolId: w.School.String(), Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV,
				Content: []byte("name,email,role,team\nTuva Ny,tuva@fjordvik.example,teacher,1. trinn\n")}}
		},
	}
}

// Rows counts what is stored, table by table as the database has them, without the
// memory of requests; and with what a change in place leaves behind: revisions,
// languages, sessions that have ended.
const Rows = `select (select string_agg(c.relname || ' ' || query_to_xml(format('select count(*) from %s', c.oid::regclass), true, true, '')::text, ' ' order by c.relname)
		from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'request') || ' ' ||
	(select count(*) from session where ended_at is null) || ' ' || (select string_agg(locale, '' order by id) from person) || ' ' ||
	(select coalesce(sum(revision), 0) from visit) || ' ' || (select coalesce(sum(revision), 0) from note) || ' ' ||
	(select coalesce(sum(revision), 0) from draft)`

// Written says, for every table, which transactions last wrote its rows:
// the same words written anew are others.
func (w *Town) Written() map[string]string {
	w.T.Helper()
	const sql = `
		select c.relname::text, query_to_xml(format('select count(*), sum(xmin::text::numeric) from %s', c.oid::regclass), true, true, '')::text
		from pg_class c
		where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`
	rows, err := w.DB.Owner.Query(context.Background(), sql)
	if err != nil {
		w.T.Fatal(err)
	}
	all := map[string]string{}
	var table, by string
	if _, err := pgx.ForEachRow(rows, []any{&table, &by}, func() error { all[table] = by; return nil }); err != nil {
		w.T.Fatal(err)
	}
	return all
}

func (c Call) Send(t testing.TB, name string) proto.Message {
	t.Helper()
	reply, err := c.Invoke(c.By.Ctx(), name)
	if err != nil {
		t.Fatalf("%s: %s %v", name, ReasonOf(err), err)
	}
	return reply
}

func (c Call) Invoke(ctx context.Context, name string) (proto.Message, error) {
	for _, m := range Mutating() {
		if string(m.FullName()) == name {
			reply := NewMessage(m.Output())
			return reply, Invoke(ctx, c.By.Conn, m, c.Req, reply)
		}
	}
	panic(name)
}

func (v *Visit) Accept(p *Person) Outcome[*pb.AcceptObservationResponse] {
	return Try(p.AcceptObservation(p.Ctx(), &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: Req()}))
}

func (w *Town) Proposal(observer, observed *Person) *pb.ProposeObservationRequest {
	start, end := w.Lesson(2 * time.Hour)
	return &pb.ProposeObservationRequest{RequestId: Req(), SchoolId: w.School.String(), ObserverId: observer.ID, ObservedId: observed.ID, StartTime: start, EndTime: end}
}

// Offer is an open lesson that begins after so long.
func (w *Town) Offer(after time.Duration) *pb.OfferLessonRequest {
	start, end := w.Lesson(after)
	return &pb.OfferLessonRequest{Id: NewID().String(), RequestId: Req(), SchoolId: w.School.String(), StartTime: start, EndTime: end, Place: "Skogen",
		Title: "hvordan jeg venter på svar", FocusQuestion: Focus, WantedFeedback: "Hvem som tar ordet."}
}

// OpenLesson is the id of a lesson that somebody has opened.
func (w *Town) OpenLesson(p *Person, after time.Duration) string {
	return Try(p.OfferLesson(p.Ctx(), w.Offer(after))).OK(w.T).GetOpenLesson().GetId()
}

func (w *Town) NewPrompt(id string) *pb.SavePromptRequest {
	return &pb.SavePromptRequest{Id: id, RequestId: Req(), SchoolId: w.School.String(), Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION,
		Kind: "effect", Language: "nb", Text: "Hva tror du skogen gjorde med dem?"}
}

func (w *Town) Budget() *pb.SetTimeBudgetRequest {
	start, end := w.Lesson(48 * time.Hour)
	return &pb.SetTimeBudgetRequest{RequestId: Req(), SchoolId: w.School.String(), Term: "2026-2", Minutes: 600,
		Hours: []*pb.CoveredHours{{StartTime: start, EndTime: end, Places: 1}}}
}

func Operation(m proto.Message, buildsOn ...string) *pb.Operation {
	a, err := anypb.New(m)
	if err != nil {
		panic(err) // it is a message of the contract
	}
	return &pb.Operation{Request: a, BuildsOn: buildsOn}
}

func Batch(requests ...proto.Message) *pb.PushRequest {
	r := new(pb.PushRequest)
	for _, m := range requests {
		r.Operations = append(r.Operations, Operation(m))
	}
	return r
}
