package town

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/privacy"
)

// Call is one call of a story: by whom, and what. It is not sent yet, so that a test can send it
// twice, at the same moment, or by somebody who may not (G2, G6, G8).
type Call struct {
	By  *Person
	Req proto.Message
}

// Stories bring a town to where each changing call can be made. The key is the full name of the
// call. A test compares the keys with the contract, so a new call without a story fails.
func Stories() map[string]func(*Town) Call {
	// The steps that stories share, each from the one before: Kari visits Ola throughout.
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
	o, f, n, l := "undring.v1.ObservationService.", "undring.v1.FeedbackService.", "undring.v1.FocusService.", "undring.v1.LearningService."
	notification := "undring.v1.NotificationService."
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
		o + "ProposeMove": func(w *Town) Call {
			v := agreed(w)
			start, end := w.Lesson(5 * time.Hour)
			return Call{w.Ola, &pb.ProposeMoveRequest{ObservationId: v.ID, RequestId: Req(), StartTime: start, EndTime: end}}
		},
		o + "EndAlone": func(w *Town) Call {
			v := observed(w)
			// Only a visit that the other one has left can be ended alone.
			w.Leaves(w.Ola)
			return Call{w.Kari, &pb.EndAloneRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "AnswerWish": func(w *Town) Call {
			v := observed(w)
			Try(w.Kari.EndWithoutExchange(w.Kari.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: Req()})).OK(w.T)
			return Call{w.Ola, &pb.AnswerWishRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "AcknowledgeChange": func(w *Town) Call {
			v := agreed(w)
			Try(w.Ola.CancelObservation(w.Ola.Ctx(), &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: Req()})).OK(w.T)
			return Call{w.Kari, &pb.AcknowledgeChangeRequest{ObservationId: v.ID, RequestId: Req()}}
		},
		o + "SaveNote": func(w *Town) Call {
			v := agreed(w)
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
			return Call{w.Kari, &pb.SaveNoteRequest{ObservationId: v.ID, RequestId: Req(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "To hender, dårlig lys."}}
		},
		o + "DeleteNote": func(w *Town) Call {
			return Call{w.Kari, &pb.DeleteNoteRequest{NoteId: observed(w).Note, RequestId: Req()}}
		},
		o + "MarkMoment": func(w *Town) Call {
			return Call{w.Kari, &pb.MarkMomentRequest{ObservationId: observed(w).ID, RequestId: Req()}}
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
		f + "SayWhatItOpened": func(w *Town) Call {
			return Call{w.Ola, &pb.SayWhatItOpenedRequest{QuestionId: opened(w).Question, RequestId: Req(), Opened: true, Text: "At de venter på hverandre."}}
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
		f + "TakeOutName": func(w *Town) Call {
			return Call{w.Ola, &pb.TakeOutNameRequest{ObservationId: opened(w).ID, RequestId: Req(), Name: "Emma"}}
		},
		f + "AgreeAction": func(w *Town) Call {
			_, id := withAction(w)
			return Call{w.Ola, &pb.AgreeActionRequest{ActionId: id, RequestId: Req()}}
		},
		n + "SubmitNeed": func(w *Town) Call {
			return Call{w.Kari, &pb.SubmitNeedRequest{RequestId: Req(), SchoolId: w.School.String(), Text: "Tid til å se hverandre."}}
		},
		n + "SupportNeed": func(w *Town) Call {
			return Call{w.Ola, &pb.SupportNeedRequest{NeedId: w.Need(w.Kari), RequestId: Req(), Story: "Hos oss også, hver tirsdag."}}
		},
		n + "AnswerNeed": func(w *Town) Call {
			return Call{w.Liv, &pb.AnswerNeedRequest{NeedId: w.Need(w.Kari), RequestId: Req(), Status: pb.NeedStatus_NEED_STATUS_CONSIDERED, Answer: "Vi ser på timeplanen.", Revision: 1}}
		},
		n + "WithdrawNeed": func(w *Town) Call {
			return Call{w.Kari, &pb.WithdrawNeedRequest{NeedId: w.Need(w.Kari), RequestId: Req()}}
		},
		n + "ProposeFocusArea": func(w *Town) Call { return Call{w.Kari, w.NewArea()} },
		n + "OpenHearing": func(w *Town) Call {
			return Call{w.Kari, &pb.OpenHearingRequest{FocusAreaId: w.Area(), RequestId: Req()}}
		},
		n + "SpeakInHearing": func(w *Town) Call {
			return Call{w.Ola, &pb.SpeakInHearingRequest{FocusAreaId: w.Heard(), RequestId: Req(), Text: "Det trenger vi på fjerde."}}
		},
		n + "AdoptFocusArea": func(w *Town) Call {
			return Call{w.Liv, &pb.AdoptFocusAreaRequest{FocusAreaId: w.Heard(), RequestId: Req(), Reason: "Alle vil.", AgreedWith: "personalmøtet"}}
		},
		n + "UpdateFocusArea": func(w *Town) Call {
			area := w.NewArea().GetText()
			area.Source = "Black og Wiliam"
			return Call{w.Kari, &pb.UpdateFocusAreaRequest{FocusAreaId: w.Heard(), RequestId: Req(), Text: area, Reason: "Høringen.", Revision: 2}}
		},
		n + "EndFocusArea": func(w *Town) Call {
			return Call{w.Kari, &pb.EndFocusAreaRequest{FocusAreaId: w.Heard(), RequestId: Req(), Reason: "Ingen vil.", Result: "Vi venter."}}
		},
		l + "ProposeLearning": func(w *Town) Call { return Call{w.Kari, w.NewLearning()} },
		l + "ApproveLearning": func(w *Town) Call {
			return Call{w.Ola, &pb.ApproveLearningRequest{LearningId: w.Learned(), RequestId: Req()}}
		},
		l + "WithdrawLearning": func(w *Town) Call {
			return Call{w.Ola, &pb.WithdrawLearningRequest{LearningId: w.Shared(), RequestId: Req()}}
		},
		l + "RespondToLearning": func(w *Town) Call {
			return Call{w.Nils, &pb.RespondToLearningRequest{LearningId: w.Shared(), RequestId: Req(), Kind: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_QUESTION, Text: "Hva gjorde dere da det ble stille?"}}
		},
		l + "ThankForLearning": func(w *Town) Call {
			return Call{w.Nils, &pb.ThankForLearningRequest{LearningId: w.Shared(), RequestId: Req()}}
		},
		l + "DecideOurPractice": func(w *Town) Call {
			id := w.Shared()
			// Three others: a practice takes as many (learning.HaveTried).
			for _, p := range []*Person{w.Nils, w.Liv, w.Settle("Tove", "Vik", "TEACHER")} {
				w.Tries(p, id)
			}
			return Call{w.Liv, &pb.DecideOurPracticeRequest{LearningId: id, RequestId: Req(), Practice: "Vi venter tre sekunder.", AgreedWith: "personalmøtet"}}
		},
		l + "StartActionRound": func(w *Town) Call { return Call{w.Kari, w.NewTrying()} },
		l + "ReportOnRound": func(w *Town) Call {
			r := w.NewTrying()
			r.TeamId = w.Team(w.Kari, w.Ola)
			return Call{w.Kari, w.Tell(Try(w.Kari.StartActionRound(w.Kari.Ctx(), r)).OK(w.T).GetRound().GetId())}
		},
		l + "EndActionRound": func(w *Town) Call {
			return Call{w.Kari, &pb.EndActionRoundRequest{RoundId: w.Trying(), RequestId: Req(), NowDifferently: "Vi venter før vi svarer selv."}}
		},
		l + "PlanMeeting": func(w *Town) Call { return Call{w.Kari, w.NewMeeting()} },
		l + "RunMeeting": func(w *Town) Call {
			return Call{w.Kari, &pb.RunMeetingRequest{MeetingId: w.Meeting(), RequestId: Req(), Item: 1}}
		},
		l + "ParkPoint": func(w *Town) Call {
			return Call{w.Kari, &pb.ParkPointRequest{MeetingId: w.Meeting(), RequestId: Req(), Text: "Skjermer i timene."}}
		},
		l + "RecordDecision": func(w *Town) Call {
			return Call{w.Kari, w.Decision(w.Meeting(), w.Ola)}
		},
		l + "SetMeetingNorms": func(w *Town) Call {
			return Call{w.Kari, &pb.SetMeetingNormsRequest{SchoolId: w.School.String(), RequestId: Req(), Norms: []string{"Alle får ordet.", "Vi slutter når vi sa."}, AgreedWith: "personalmøtet"}}
		},
		"undring.v1.LearningService.ReportAction": func(w *Town) Call {
			_, id := withAction(w)
			Try(w.Ola.AgreeAction(w.Ola.Ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: Req()})).OK(w.T)
			return Call{w.Kari, &pb.ReportActionRequest{ActionId: id, RequestId: Req(), Did: "x", Happened: "y", Learning: pb.Learning_LEARNING_NOTHING_NEW}}
		},
		notification + "RegisterDevice": func(w *Town) Call {
			return Call{w.Kari, &pb.RegisterDeviceRequest{RequestId: Req(), Address: &pb.RegisterDeviceRequest_FcmToken{FcmToken: NewID().String()}}}
		},
		notification + "MarkRead": func(w *Town) Call {
			return Call{w.Kari, &pb.MarkReadRequest{RequestId: Req(), NotificationIds: []string{w.Notice(w.Kari)}}}
		},
		notification + "SetPreferences": func(w *Town) Call {
			return Call{w.Kari, &pb.SetPreferencesRequest{RequestId: Req(), Preferences: &pb.NotificationPreferences{Digest: true}}}
		},
		notification + "RenewCalendarFeed":      func(w *Town) Call { return Call{w.Kari, &pb.RenewCalendarFeedRequest{RequestId: Req()}} },
		"undring.v1.CultureService.SubmitPulse": func(w *Town) Call { return Call{w.Kari, w.Pulse()} },
		"undring.v1.SessionService.RevokeSession": func(w *Town) Call {
			// The first session is ended from the second one, which goes on.
			sessions := Try(w.Kari.ListSessions(w.Kari.Ctx(), &pb.ListSessionsRequest{})).OK(w.T).GetSessions()
			w.Kari.SignInAnew()
			return Call{w.Kari, &pb.RevokeSessionRequest{RequestId: Req(), SessionId: sessions[0].GetId()}}
		},
		"undring.v1.PrivacyService.SetConsent": func(w *Town) Call {
			return Call{w.Kari, &pb.SetConsentRequest{RequestId: Req(), Subject: pb.ConsentSubject_CONSENT_SUBJECT_INFORMATION, Version: privacy.InformationVersion, Agreed: true}}
		},
		"undring.v1.PrivacyService.EraseMe": func(w *Town) Call {
			opened(w)
			return Call{w.Kari, &pb.EraseMeRequest{RequestId: Req(), IUnderstand: true}}
		},
		"undring.v1.SessionService.UpdateMe": func(w *Town) Call { return Call{w.Kari, &pb.UpdateMeRequest{RequestId: Req(), Locale: "nn"}} },
		"undring.v1.AdminService.EndSessions": func(w *Town) Call {
			return Call{w.Arne, &pb.EndSessionsRequest{RequestId: Req(), PersonId: w.Kari.ID}}
		},
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
		"undring.v1.SchoolService.SetTimetableFeed": func(w *Town) Call { return Call{w.Kari, w.Feed()} },
		"undring.v1.SchoolService.SetBusyPeriods":   func(w *Town) Call { return Call{w.Liv, w.Busy()} },
		"undring.v1.SchoolService.SetTimeBudget":    func(w *Town) Call { return Call{w.Liv, w.Budget()} },
		"undring.v1.SchoolService.BookTime": func(w *Town) Call {
			b := Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), w.Budget())).OK(w.T).GetTimeBudget()
			return Call{w.Kari, &pb.BookTimeRequest{RequestId: Req(), HoursId: b.GetHours()[0].GetId()}}
		},
		"undring.v1.SchoolService.RollOver": func(w *Town) Call { return Call{w.Arne, w.NewYear()} },
		"undring.v1.SchoolService.ImportRoster": func(w *Town) Call {
			return Call{w.Arne, &pb.ImportRosterRequest{RequestId: Req(), SchoolId: w.School.String(), Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV,
				Content: []byte("name,email,role,team\nTuva Ny,tuva@fjordvik.example,teacher,1. trinn\n")}}
		},
	}
}

// Rows counts what is stored, table by table as the database has them, without the
// memory of requests; and with what a change in place leaves behind: revisions,
// languages, sessions that have ended. What a refused or repeated call has left behind
// shows as a difference of this one text.
const Rows = `select (select string_agg(c.relname || ' ' || query_to_xml(format('select count(*) from %s', c.oid::regclass), true, true, '')::text, ' ' order by c.relname)
		from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'request') || ' ' ||
	(select count(*) from session where ended_at is null) || ' ' || (select string_agg(locale, '' order by id) from person) || ' ' ||
	(select coalesce(sum(revision), 0) from visit) || ' ' || (select coalesce(sum(revision), 0) from note) || ' ' ||
	(select coalesce(sum(revision), 0) from draft)`

// Written says, for every table, which transactions last wrote its rows:
// the same words written anew are others. It finds what Rows can't: an update that wrote
// the same words again.
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

// Send makes the call, which has to succeed.
func (c Call) Send(t testing.TB, name string) proto.Message {
	t.Helper()
	reply, err := c.Invoke(c.By.Ctx(), name)
	if err != nil {
		t.Fatalf("%s: %s %v", name, ReasonOf(err), err)
	}
	return reply
}

// Invoke makes the call by its name, for tests that go through all calls of the contract. A
// name that is not in the contract is a mistake of the test.
func (c Call) Invoke(ctx context.Context, name string) (proto.Message, error) {
	for _, m := range Mutating() {
		if string(m.FullName()) == name {
			reply := NewMessage(m.Output())
			return reply, Invoke(ctx, c.By.Conn, m, c.Req, reply)
		}
	}
	panic(name)
}
