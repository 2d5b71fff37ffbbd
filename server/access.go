package server

import (
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"undring/refusal"
	"undring/school"
)

// rule says who may call.
type rule int

const (
	open          rule = iota + 1 // anyone
	signedIn                      // whoever is signed in
	staff                         // who does more than represent others; the room decides the rest
	administrator                 // who keeps a roster of the owner
)

// access has a line for every call. What is not in it is closed.
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
	"/undring.v1.SchoolService/UpdateExchangePolicy": staff,
	"/undring.v1.SchoolService/ListPolicyChanges":    signedIn,
	"/undring.v1.SchoolService/ListTerms":            staff,
	"/undring.v1.SchoolService/SetTimeBudget":        staff,
	"/undring.v1.SchoolService/GetTimeBudget":        staff,
	"/undring.v1.SchoolService/BookTime":             staff,
	"/undring.v1.SchoolService/ListPeople":           staff,
	"/undring.v1.SchoolService/ListTeams":            staff,
	"/undring.v1.SchoolService/GetSchool":            signedIn,

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
	"/undring.v1.ObservationService/GetObservation":      staff,
	"/undring.v1.ObservationService/ListObservations":    staff,
	"/undring.v1.ObservationService/SaveNote":            staff,
	"/undring.v1.ObservationService/DeleteNote":          staff,
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
	"/undring.v1.FeedbackService/AskBack":             staff,
	"/undring.v1.FeedbackService/Reply":               staff,
	"/undring.v1.FeedbackService/RecordConversation":  staff,
	"/undring.v1.FeedbackService/ConfirmConversation": staff,
	"/undring.v1.FeedbackService/CorrectNote":         staff,
	"/undring.v1.FeedbackService/ResolveCorrection":   staff,
	"/undring.v1.FeedbackService/RecordTakeaway":      staff,
	"/undring.v1.FeedbackService/AgreeAction":         staff,

	"/undring.v1.LearningService/ListActions":  staff,
	"/undring.v1.LearningService/ReportAction": staff,

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

// methods lists every call that a server serves.
func methods(s *grpc.Server) []string {
	var out []string
	for service, info := range s.GetServiceInfo() {
		for _, m := range info.Methods {
			out = append(out, "/"+service+"/"+m.Name)
		}
	}
	return out
}

// everyCallHasARule refuses a server that serves what nobody has thought about.
func everyCallHasARule(s *grpc.Server) error {
	for _, m := range methods(s) {
		if access[m] == 0 {
			return fmt.Errorf("no rule of access for %s: write its line in server/access.go", m)
		}
	}
	return nil
}

// mayCall refuses a caller whom the rule does not let in.
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
