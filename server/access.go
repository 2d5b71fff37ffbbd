package server

import (
	"fmt"

	"google.golang.org/grpc"

	"undring/refusal"
	"undring/school"
)

// rule says who may call.
type rule int

const (
	open          rule = iota + 1 // anyone
	signedIn                      // who is signed in; the room decides the rest
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

	"/undring.v1.SchoolService/ImportRoster":     administrator,
	"/undring.v1.SchoolService/CreateInvitation": administrator,
	"/undring.v1.SchoolService/ListPeople":       signedIn,
	"/undring.v1.SchoolService/ListTeams":        signedIn,
	"/undring.v1.SchoolService/GetSchool":        signedIn,

	"/undring.v1.ObservationService/ProposeObservation":  signedIn,
	"/undring.v1.ObservationService/CounterPropose":      signedIn,
	"/undring.v1.ObservationService/SetFocus":            signedIn,
	"/undring.v1.ObservationService/AcceptObservation":   signedIn,
	"/undring.v1.ObservationService/DeclineObservation":  signedIn,
	"/undring.v1.ObservationService/CancelObservation":   signedIn,
	"/undring.v1.ObservationService/WithdrawObservation": signedIn,
	"/undring.v1.ObservationService/MarkObserved":        signedIn,
	"/undring.v1.ObservationService/EndWithoutExchange":  signedIn,
	"/undring.v1.ObservationService/ReopenObservation":   signedIn,
	"/undring.v1.ObservationService/GetObservation":      signedIn,
	"/undring.v1.ObservationService/ListObservations":    signedIn,
	"/undring.v1.ObservationService/SaveNote":            signedIn,
	"/undring.v1.ObservationService/DeleteNote":          signedIn,
	"/undring.v1.ObservationService/ListNotes":           signedIn,
	"/undring.v1.ObservationService/SuggestPartners":     signedIn,
	"/undring.v1.ObservationService/KeepFromSuggestions": signedIn,
	"/undring.v1.ObservationService/SetAvailability":     signedIn,
	"/undring.v1.ObservationService/GetBalance":          signedIn,
	"/undring.v1.ObservationService/StartRound":          signedIn,
	"/undring.v1.ObservationService/JoinRound":           signedIn,
	"/undring.v1.ObservationService/LeaveRound":          signedIn,
	"/undring.v1.ObservationService/ListRounds":          signedIn,

	"/undring.v1.FeedbackService/ReviewQuestion":      signedIn,
	"/undring.v1.FeedbackService/ListPrompts":         signedIn,
	"/undring.v1.FeedbackService/SavePrompt":          signedIn,
	"/undring.v1.FeedbackService/DeletePrompt":        signedIn,
	"/undring.v1.FeedbackService/SaveFeedbackDraft":   signedIn,
	"/undring.v1.FeedbackService/GetFeedbackDraft":    signedIn,
	"/undring.v1.FeedbackService/GiveFeedback":        signedIn,
	"/undring.v1.FeedbackService/RecordOwnView":       signedIn,
	"/undring.v1.FeedbackService/AcknowledgeFeedback": signedIn,
	"/undring.v1.FeedbackService/GetExchange":         signedIn,
	"/undring.v1.FeedbackService/AnswerQuestion":      signedIn,
	"/undring.v1.FeedbackService/AskBack":             signedIn,
	"/undring.v1.FeedbackService/Reply":               signedIn,
	"/undring.v1.FeedbackService/RecordConversation":  signedIn,
	"/undring.v1.FeedbackService/ConfirmConversation": signedIn,
	"/undring.v1.FeedbackService/CorrectNote":         signedIn,
	"/undring.v1.FeedbackService/ResolveCorrection":   signedIn,
	"/undring.v1.FeedbackService/RecordTakeaway":      signedIn,
	"/undring.v1.FeedbackService/AgreeAction":         signedIn,

	"/undring.v1.LearningService/ListActions":  signedIn,
	"/undring.v1.LearningService/ReportAction": signedIn,
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
	if r == administrator && !actor.IsAny(school.Administrator) {
		return refusal.New(refusal.RoleRequired).With("role", string(school.Administrator))
	}
	return nil
}
