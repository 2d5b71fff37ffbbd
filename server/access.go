package server

import (
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"undring/refusal"
	"undring/school"
)

// rule says who may call. It is the first and coarsest of three: what of a school, a visit
// or a person somebody may touch, the room and row level security decide (G8, G9). The zero
// rule lets nobody in.
type rule int

const (
	open          rule = iota + 1 // anyone
	signedIn                      // whoever is signed in
	staff                         // whoever does more than represent others; the room decides the rest
	administrator                 // whoever keeps a roster of the owner
)

// access has a line for every call. What is not in it is closed. Names and not generated
// constants: a line is read beside the contract, and docs/access.md is made from it. A
// representative may read policy, published figures and what is their own, and nothing of
// visits.
var access = map[string]rule{
	"/grpc.health.v1.Health/Check": open,
	"/grpc.health.v1.Health/List":  open,
	"/grpc.health.v1.Health/Watch": open,
	// Served in the demo and on the admin port only.
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      open,
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": open,

	"/undring.v1.SessionService/GetSignInOptions": open,
	"/undring.v1.SessionService/SignIn":           open,
	"/undring.v1.SessionService/RefreshSession":   open, // the token is the proof
	"/undring.v1.SessionService/GetMe":            signedIn,
	"/undring.v1.SessionService/UpdateMe":         signedIn,
	"/undring.v1.SessionService/ListSessions":     signedIn,
	"/undring.v1.SessionService/RevokeSession":    signedIn,

	"/undring.v1.SchoolService/ImportRoster":         administrator,
	"/undring.v1.SchoolService/ListImports":          administrator,
	"/undring.v1.SchoolService/RollOver":             administrator,
	"/undring.v1.SchoolService/MergePeople":          administrator,
	"/undring.v1.SchoolService/UndoMerge":            administrator,
	"/undring.v1.SchoolService/RelinkPerson":         administrator,
	"/undring.v1.SchoolService/ListIdentityChanges":  signedIn,
	"/undring.v1.SchoolService/AnswerIdentityChange": signedIn,
	"/undring.v1.SchoolService/UndoImport":           administrator,
	"/undring.v1.SchoolService/CreateInvitation":     administrator,
	"/undring.v1.SchoolService/SetRole":              administrator,
	"/undring.v1.SchoolService/ImportHolidays":       administrator,
	"/undring.v1.SchoolService/ImportLessons":        staff,
	"/undring.v1.SchoolService/SetTimetableFeed":     staff,
	"/undring.v1.SchoolService/GetTimetableFeed":     staff,
	"/undring.v1.SchoolService/UpdateExchangePolicy": staff,
	"/undring.v1.SchoolService/ListPolicyChanges":    signedIn,
	"/undring.v1.SchoolService/ListTerms":            staff,
	"/undring.v1.SchoolService/SetTimeBudget":        staff,
	"/undring.v1.SchoolService/GetTimeBudget":        staff,
	"/undring.v1.SchoolService/BookTime":             staff,
	"/undring.v1.SchoolService/ListCover":            staff,
	"/undring.v1.SchoolService/SetBusyPeriods":       staff,
	"/undring.v1.SchoolService/ListBusyPeriods":      signedIn,
	"/undring.v1.SchoolService/ListPeople":           staff,
	"/undring.v1.SchoolService/ListTeams":            staff,
	"/undring.v1.SchoolService/GetSchool":            signedIn,

	"/undring.v1.AdminService/GetSetup":          administrator,
	"/undring.v1.AdminService/TestSignIn":        administrator,
	"/undring.v1.AdminService/EndSessions":       administrator,
	"/undring.v1.AdminService/GetDeliveryHealth": administrator,

	"/undring.v1.ObservationService/ProposeObservation":  staff,
	"/undring.v1.ObservationService/CounterPropose":      staff,
	"/undring.v1.ObservationService/SetFocus":            staff,
	"/undring.v1.ObservationService/AcceptObservation":   staff,
	"/undring.v1.ObservationService/DeclineObservation":  staff,
	"/undring.v1.ObservationService/CancelObservation":   staff,
	"/undring.v1.ObservationService/WithdrawObservation": staff,
	"/undring.v1.ObservationService/MarkObserved":        staff,
	"/undring.v1.ObservationService/EndWithoutExchange":  staff,
	"/undring.v1.ObservationService/ReopenObservation":   staff,
	"/undring.v1.ObservationService/ProposeMove":         staff,
	"/undring.v1.ObservationService/CheckProposal":       staff,
	"/undring.v1.ObservationService/EndAlone":            staff,
	"/undring.v1.ObservationService/AnswerWish":          staff,
	"/undring.v1.ObservationService/AcknowledgeChange":   staff,
	"/undring.v1.ObservationService/GetObservation":      staff,
	"/undring.v1.ObservationService/ListObservations":    staff,
	"/undring.v1.ObservationService/SaveNote":            staff,
	"/undring.v1.ObservationService/DeleteNote":          staff,
	"/undring.v1.ObservationService/MarkMoment":          staff,
	"/undring.v1.ObservationService/ListNotes":           staff,
	"/undring.v1.ObservationService/SuggestPartners":     staff,
	"/undring.v1.ObservationService/KeepFromSuggestions": staff,
	"/undring.v1.ObservationService/SetAvailability":     staff,
	"/undring.v1.ObservationService/GetBalance":          staff,
	"/undring.v1.ObservationService/StartRound":          staff,
	"/undring.v1.ObservationService/JoinRound":           staff,
	"/undring.v1.ObservationService/LeaveRound":          staff,
	"/undring.v1.ObservationService/ListRounds":          staff,
	"/undring.v1.ObservationService/OfferLesson":         staff,
	"/undring.v1.ObservationService/ListOpenLessons":     staff,
	"/undring.v1.ObservationService/AskForPlace":         staff,
	"/undring.v1.ObservationService/WithdrawLesson":      staff,

	"/undring.v1.FeedbackService/ReviewQuestion":      staff,
	"/undring.v1.FeedbackService/ReviewText":          staff,
	"/undring.v1.FeedbackService/ListPrompts":         staff,
	"/undring.v1.FeedbackService/SavePrompt":          staff,
	"/undring.v1.FeedbackService/DeletePrompt":        staff,
	"/undring.v1.FeedbackService/SaveFeedbackDraft":   staff,
	"/undring.v1.FeedbackService/GetFeedbackDraft":    staff,
	"/undring.v1.FeedbackService/GiveFeedback":        staff,
	"/undring.v1.FeedbackService/RecordOwnView":       staff,
	"/undring.v1.FeedbackService/AcknowledgeFeedback": staff,
	"/undring.v1.FeedbackService/GetExchange":         staff,
	"/undring.v1.FeedbackService/AnswerQuestion":      staff,
	"/undring.v1.FeedbackService/SayWhatItOpened":     staff,
	"/undring.v1.FeedbackService/TakeOutName":         staff,
	"/undring.v1.FeedbackService/AskBack":             staff,
	"/undring.v1.FeedbackService/Reply":               staff,
	"/undring.v1.FeedbackService/RecordConversation":  staff,
	"/undring.v1.FeedbackService/ConfirmConversation": staff,
	"/undring.v1.FeedbackService/CorrectNote":         staff,
	"/undring.v1.FeedbackService/ResolveCorrection":   staff,
	"/undring.v1.FeedbackService/RecordTakeaway":      staff,
	"/undring.v1.FeedbackService/AgreeAction":         staff,

	"/undring.v1.FocusService/SubmitNeed":   staff,
	"/undring.v1.FocusService/ListNeeds":    staff,
	"/undring.v1.FocusService/SupportNeed":  staff,
	"/undring.v1.FocusService/AnswerNeed":   staff,
	"/undring.v1.FocusService/WithdrawNeed": staff,

	"/undring.v1.FocusService/ProposeFocusArea": staff,
	"/undring.v1.FocusService/OpenHearing":      staff,
	"/undring.v1.FocusService/SpeakInHearing":   staff,
	"/undring.v1.FocusService/AdoptFocusArea":   staff,
	"/undring.v1.FocusService/UpdateFocusArea":  staff,
	"/undring.v1.FocusService/EndFocusArea":     staff,
	"/undring.v1.FocusService/ListFocusAreas":   staff,
	"/undring.v1.FocusService/GetPlan":          staff,

	"/undring.v1.LearningService/ListActions":  staff,
	"/undring.v1.LearningService/ReportAction": staff,

	"/undring.v1.PrivacyService/ListAccesses":           signedIn,
	"/undring.v1.PrivacyService/ListConsents":           signedIn,
	"/undring.v1.PrivacyService/SetConsent":             signedIn,
	"/undring.v1.PrivacyService/ExportMyData":           signedIn,
	"/undring.v1.PrivacyService/EraseMe":                signedIn,
	"/undring.v1.AdminService/ListAdministrativeActs":   signedIn, // and what they read by row level security
	"/undring.v1.NotificationService/RegisterDevice":    staff,
	"/undring.v1.NotificationService/ListNotifications": staff,
	"/undring.v1.NotificationService/MarkRead":          staff,
	"/undring.v1.NotificationService/GetPreferences":    staff,
	"/undring.v1.NotificationService/SetPreferences":    staff,
	"/undring.v1.NotificationService/GetCalendarFeed":   staff,
	"/undring.v1.NotificationService/RenewCalendarFeed": staff,
	"/undring.v1.LearningService/ProposeLearning":       staff,
	"/undring.v1.LearningService/ApproveLearning":       staff,
	"/undring.v1.LearningService/WithdrawLearning":      staff,
	"/undring.v1.LearningService/ListLearnings":         staff,
	"/undring.v1.LearningService/RespondToLearning":     staff,
	"/undring.v1.LearningService/ThankForLearning":      staff,
	"/undring.v1.LearningService/SearchLearnings":       staff,
	"/undring.v1.LearningService/DecideOurPractice":     staff,
	"/undring.v1.LearningService/StartActionRound":      staff,
	"/undring.v1.LearningService/ListActionRounds":      staff,
	"/undring.v1.LearningService/ReportOnRound":         staff,
	"/undring.v1.LearningService/EndActionRound":        staff,
	"/undring.v1.LearningService/PlanMeeting":           staff,
	"/undring.v1.LearningService/GetMeetingAgenda":      staff,
	"/undring.v1.LearningService/RunMeeting":            staff,
	"/undring.v1.LearningService/ParkPoint":             staff,
	"/undring.v1.LearningService/RecordDecision":        staff,
	"/undring.v1.LearningService/SetMeetingNorms":       staff,

	"/undring.v1.SyncService/Push":                   staff, // and each operation by its own rule
	"/undring.v1.SyncService/Pull":                   staff,
	"/undring.v1.SyncService/Watch":                  staff,
	"/undring.v1.CultureService/GetCultureReport":    signedIn,
	"/undring.v1.CultureService/ListCultureReports":  signedIn,
	"/undring.v1.CultureService/ExportCultureReport": signedIn,
	"/undring.v1.CultureService/GetLivePage":         signedIn,
	"/undring.v1.CultureService/GetPulse":            signedIn,
	"/undring.v1.CultureService/SubmitPulse":         staff,
}

// methods lists every call that a server serves. What the server itself has registered, and
// not the contract: a service of grpc's own needs a line as well.
func methods(s *grpc.Server) []string {
	var out []string
	for service, info := range s.GetServiceInfo() {
		for _, m := range info.Methods {
			out = append(out, "/"+service+"/"+m.Name)
		}
	}
	return out
}

// everyCallHasARule refuses a server that serves what nobody has thought about. At the
// start, so that a call without a line can't be shipped: a default would either lock
// somebody out or let somebody in.
func everyCallHasARule(s *grpc.Server) error {
	for _, m := range methods(s) {
		if access[m] == 0 {
			return fmt.Errorf("no rule of access for %s: write its line in server/access.go", m)
		}
	}
	return nil
}

// mayCall refuses a caller whom the rule does not let in. The role is that of any of the
// caller's schools; at which of them they hold it, [mayCallAt] and the room ask.
func mayCall(r rule, actor school.Actor) error {
	switch {
	case r == administrator && !actor.IsAny(school.Administrator):
		return refusal.New(refusal.RoleRequired).With("role", string(school.Administrator))
	case r == staff && actor.OnlyRepresents():
		return refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	}
	return nil
}

// mayCallAt asks the rule once more, for the school that a request names: whoever
// represents others there reads its policy and nothing else, whatever they are
// elsewhere. Where they hold no place at all, the room says that there is no such
// school.
func mayCallAt(r rule, actor school.Actor, req any) error {
	// By the field's name in the contract, so that a new call with a school_id is held
	// without a line of its own.
	of, named := req.(interface{ GetSchoolId() string })
	if r != staff || !named {
		return nil
	}
	id, err := uuid.Parse(of.GetSchoolId())
	if err == nil && actor.Belongs(id) && !actor.Serves(id) {
		return refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	}
	return nil
}
