package server_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

var update = flag.Bool("update", false, "write docs/access.md and web/src/things/contract.json anew")

// seats are from where each call is tried, in the order of the table's columns.
var seats = []string{"observer", "observed", "teacher", "leader", "administrator", "representative",
	"teacher elsewhere", "leader elsewhere", "teacher of another owner", "administrator of another owner", "nobody"}

// readings bring a town to where each reading call has something to read.
func readings() map[string]func(*town.Town) town.Call {
	opened := func(w *town.Town) *town.Visit {
		return w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	}
	o, f, s := "undring.v1.ObservationService.", "undring.v1.FeedbackService.", "undring.v1.SchoolService."
	c, n := "undring.v1.CultureService.", "undring.v1.NotificationService."
	return map[string]func(*town.Town) town.Call{
		o + "GetObservation": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetObservationRequest{ObservationId: opened(w).ID}}
		},
		o + "ListObservations": func(w *town.Town) town.Call {
			opened(w)
			return town.Call{By: w.Kari, Req: &pb.ListObservationsRequest{}}
		},
		o + "ListNotes": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListNotesRequest{ObservationId: opened(w).ID}}
		},
		o + "SuggestPartners": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.SuggestPartnersRequest{SchoolId: w.School.String()}}
		},
		o + "GetBalance": func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.GetBalanceRequest{}} },
		o + "ListRounds": func(w *town.Town) town.Call {
			town.Try(w.Kari.StartRound(w.Kari.Ctx(), &pb.StartRoundRequest{RequestId: town.Req(), SchoolId: w.School.String(), MemberIds: []string{w.Kari.ID, w.Ola.ID}})).OK(w.T)
			return town.Call{By: w.Kari, Req: &pb.ListRoundsRequest{}}
		},
		o + "ListOpenLessons": func(w *town.Town) town.Call {
			w.OpenLesson(w.Kari, time.Hour)
			return town.Call{By: w.Kari, Req: &pb.ListOpenLessonsRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.FocusService.ListFocusAreas": func(w *town.Town) town.Call {
			w.Heard()
			return town.Call{By: w.Kari, Req: &pb.ListFocusAreasRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.FocusService.GetPlan": func(w *town.Town) town.Call {
			w.Heard()
			return town.Call{By: w.Kari, Req: &pb.GetPlanRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.LearningService.ListLearnings": func(w *town.Town) town.Call {
			w.Shared()
			return town.Call{By: w.Kari, Req: &pb.ListLearningsRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.LearningService.SearchLearnings": func(w *town.Town) town.Call {
			w.Shared()
			return town.Call{By: w.Kari, Req: &pb.SearchLearningsRequest{SchoolId: w.School.String(), Query: "venter"}}
		},
		"undring.v1.LearningService.ListActionRounds": func(w *town.Town) town.Call {
			w.Trying()
			return town.Call{By: w.Kari, Req: &pb.ListActionRoundsRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.LearningService.GetMeetingAgenda": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetMeetingAgendaRequest{MeetingId: w.Meeting()}}
		},
		"undring.v1.FocusService.ListNeeds": func(w *town.Town) town.Call {
			w.Need(w.Kari)
			return town.Call{By: w.Kari, Req: &pb.ListNeedsRequest{SchoolId: w.School.String()}}
		},
		f + "ReviewQuestion": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ReviewQuestionRequest{Text: town.Wondering}}
		},
		f + "ReviewText": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ReviewTextRequest{Text: "Da Zubair spurte, lo alle.", Field: "answer"}}
		},
		f + "ListPrompts": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListPromptsRequest{Moment: pb.PromptMoment_PROMPT_MOMENT_GUIDE}}
		},
		f + "GetFeedbackDraft": func(w *town.Town) town.Call {
			v := w.Propose(w.Kari, w.Ola, time.Hour).Agree()
			town.Try(w.Kari.SaveFeedbackDraft(w.Kari.Ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.ID, RequestId: town.Req(), Draft: &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}}})).OK(w.T)
			return town.Call{By: w.Kari, Req: &pb.GetFeedbackDraftRequest{ObservationId: v.ID}}
		},
		f + "GetExchange": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetExchangeRequest{ObservationId: opened(w).ID}}
		},
		"undring.v1.LearningService.ListActions": func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.ListActionsRequest{}} },
		"undring.v1.ObservationService.CheckProposal": func(w *town.Town) town.Call {
			p := w.Proposal(w.Kari, w.Ola)
			return town.Call{By: w.Kari, Req: &pb.CheckProposalRequest{SchoolId: p.SchoolId, ObserverId: p.ObserverId, ObservedId: p.ObservedId, StartTime: p.StartTime, EndTime: p.EndTime}}
		},
		s + "ListPeople": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListPeopleRequest{SchoolId: w.School.String()}}
		},
		s + "ListImports": func(w *town.Town) town.Call {
			w.Imported()
			return town.Call{By: w.Arne, Req: &pb.ListImportsRequest{}}
		},
		s + "ListIdentityChanges": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListIdentityChangesRequest{}}
		},
		s + "ListTeams": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListTeamsRequest{SchoolId: w.School.String()}}
		},
		s + "ListPolicyChanges": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListPolicyChangesRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.AdminService.GetSetup": func(w *town.Town) town.Call {
			return town.Call{By: w.Arne, Req: &pb.GetSetupRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.AdminService.TestSignIn": func(w *town.Town) town.Call {
			return town.Call{By: w.Arne, Req: &pb.TestSignInRequest{AuthorizationCode: &pb.AuthorizationCode{
				ProviderId: "none", Code: "x", CodeVerifier: strings.Repeat("v", 43), RedirectUrl: "https://undring.example/sign-in", Nonce: "nonce-nonce"}}}
		},
		"undring.v1.AdminService.GetDeliveryHealth": func(w *town.Town) town.Call {
			return town.Call{By: w.Arne, Req: &pb.GetDeliveryHealthRequest{}}
		},
		s + "ListBusyPeriods": func(w *town.Town) town.Call {
			town.Try(w.Liv.SetBusyPeriods(w.Liv.Ctx(), w.Busy())).OK(w.T)
			return town.Call{By: w.Kari, Req: &pb.ListBusyPeriodsRequest{SchoolId: w.School.String()}}
		},
		s + "GetTimetableFeed": func(w *town.Town) town.Call {
			town.Try(w.Kari.SetTimetableFeed(w.Kari.Ctx(), w.Feed())).OK(w.T)
			return town.Call{By: w.Kari, Req: &pb.GetTimetableFeedRequest{}}
		},
		s + "ListCover": func(w *town.Town) town.Call {
			w.Timetabled()
			return town.Call{By: w.Liv, Req: &pb.ListCoverRequest{SchoolId: w.School.String(), Date: "2026-11-12"}}
		},
		s + "ListTerms": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListTermsRequest{SchoolId: w.School.String()}}
		},
		s + "GetTimeBudget": func(w *town.Town) town.Call {
			b := w.Budget()
			town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), b)).OK(w.T)
			return town.Call{By: w.Kari, Req: &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: b.GetTerm()}}
		},
		n + "ListNotifications": func(w *town.Town) town.Call {
			w.Notice(w.Kari)
			return town.Call{By: w.Kari, Req: &pb.ListNotificationsRequest{}}
		},
		n + "GetPreferences":  func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.GetPreferencesRequest{}} },
		n + "GetCalendarFeed": func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.GetCalendarFeedRequest{}} },
		c + "GetCultureReport": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: w.School.String()}}}
		},
		c + "ListCultureReports": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListCultureReportsRequest{Of: &pb.ListCultureReportsRequest_SchoolId{SchoolId: w.School.String()}}}
		},
		c + "ExportCultureReport": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ExportCultureReportRequest{Of: &pb.ExportCultureReportRequest_SchoolId{SchoolId: w.School.String()}}}
		},
		c + "GetPulse": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.School.String()}}}
		},
		c + "GetLivePage": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetLivePageRequest{SchoolId: w.School.String()}}
		},
		s + "GetSchool": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.GetSchoolRequest{SchoolId: w.School.String()}}
		},
		"undring.v1.PrivacyService.ExportMyData": func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.ExportMyDataRequest{}} },
		"undring.v1.PrivacyService.ListAccesses": func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.ListAccessesRequest{}} },
		"undring.v1.PrivacyService.ListConsents": func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.ListConsentsRequest{}} },
		"undring.v1.AdminService.ListAdministrativeActs": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.ListAdministrativeActsRequest{}}
		},
		"undring.v1.SessionService.GetSignInOptions": func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.GetSignInOptionsRequest{}} },
		"undring.v1.SessionService.ListSessions":     func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.ListSessionsRequest{}} },
		"undring.v1.SessionService.GetMe":            func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.GetMeRequest{}} },
		"undring.v1.SyncService.Pull":                func(w *town.Town) town.Call { opened(w); return town.Call{By: w.Kari, Req: &pb.PullRequest{}} },
		"undring.v1.SyncService.Watch":               func(w *town.Town) town.Call { return town.Call{By: w.Kari, Req: &pb.WatchRequest{}} },
		"undring.v1.SyncService.Push": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: town.Batch(&pb.CancelObservationRequest{ObservationId: w.Propose(w.Kari, w.Ola, time.Hour).ID, RequestId: town.Req()})}
		},
		"undring.v1.SessionService.SignIn": func(w *town.Town) town.Call {
			return town.Call{By: w.Kari, Req: &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Kari.ID}}}
		},
	}
}

// changes says whether a call leaves something behind.
func changes(m protoreflect.MethodDescriptor) bool {
	return m.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

func allMethods() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	for _, f := range town.Files {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				out = append(out, methods.Get(j))
			}
		}
	}
	return out
}

// sit puts somebody on every seat.
func sit(w *town.Town) map[string]*town.Person {
	nearby, far, farSchool := town.NewID(), town.NewID(), town.NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.Owner, nearby, town.Tuesday)
	w.SQL("insert into school_owner values ($1, 'Bergsli kommune')", far)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Bergsli skole', $3)", far, farSchool, town.Tuesday)
	_, conn := w.Serve(far, nil)
	stranger, keeper := w.SettleAt(conn, far, farSchool, "Siri", "Strand", "TEACHER"), w.SettleAt(conn, far, farSchool, "Stein", "Sund", "ADMINISTRATOR")
	stranger.Conn, keeper.Conn = w.Conn, w.Conn // they come to this server with the other's token
	return map[string]*town.Person{
		"observer": w.Kari, "observed": w.Ola, "teacher": w.Nils, "leader": w.Leif, "administrator": w.Settle("Anne", "Haug", "ADMINISTRATOR"),
		"representative":    w.Settle("Rita", "Moen", "REPRESENTATIVE"),
		"teacher elsewhere": w.SettleAt(w.Conn, w.Owner, nearby, "Nora", "Ness", "TEACHER"), "leader elsewhere": w.SettleAt(w.Conn, w.Owner, nearby, "Lars", "Nes", "LEADER"),
		"teacher of another owner": stranger, "administrator of another owner": keeper,
	}
}

// said is how an answer reads in the table.
func said(err error) string {
	switch {
	case err == nil:
		return "yes"
	case status.Code(err) == codes.Unauthenticated:
		return "sign in"
	case town.ReasonOf(err) == "NOT_FOUND":
		return "not found"
	case town.ReasonOf(err) == "ROLE_REQUIRED":
		return "role"
	case status.Code(err) == codes.FailedPrecondition:
		return "not now" // they may, but the visit is elsewhere
	}
	return town.ReasonOf(err)
}

// elsewhere is the same request about what is not there: each id in it is new.
func elsewhere(m proto.Message) proto.Message {
	out := proto.Clone(m)
	out.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Kind() == protoreflect.StringKind && !f.IsList() {
			if _, err := uuid.Parse(v.String()); err == nil {
				out.ProtoReflect().Set(f, protoString(town.Req()))
			}
		}
		return true
	})
	return out
}

// fresh is the same request as a new one.
func fresh(m proto.Message) proto.Message {
	out := proto.Clone(m)
	if f := out.ProtoReflect().Descriptor().Fields().ByName("request_id"); f != nil {
		out.ProtoReflect().Set(f, protoString(town.Req()))
	}
	return out
}

// G8 (R11): every call of the contract, found from the descriptors, from every
// seat. What comes of it is written down here by hand, and drawn in docs/access.md.
func TestG8NobodyReadsWhatIsNotTheirs(t *testing.T) {
	told := town.Stories()
	for name, story := range readings() {
		told[name] = story
	}
	measured := make([]map[string]string, len(allMethods()))
	t.Run("calls", func(t *testing.T) {
		for i, m := range allMethods() {
			name := string(m.FullName())
			want, there := mayFromSeats[string(m.Name())]
			story := told[name]
			if name == "undring.v1.SessionService.RefreshSession" {
				continue // there the token is the proof: TestG20
			}
			if !there || len(want) != len(seats) || story == nil {
				t.Errorf("no line in the table, or no story, for %s", name)
				continue
			}
			t.Run(string(m.Name()), func(t *testing.T) {
				t.Parallel()
				var w *town.Town
				var c town.Call
				var sitting map[string]*town.Person
				measured[i] = map[string]string{}
				for s := len(seats) - 1; s >= 0; s-- { // those who may nothing first
					if w == nil {
						w = town.New(t)
						c = story(w)
						sitting = sit(w)
					}
					seat, ctx := seats[s], context.Background()
					if p := sitting[seat]; p != nil {
						ctx = p.Ctx()
					}
					do := func(m protoreflect.MethodDescriptor, r proto.Message) error {
						return town.Invoke(ctx, w.Conn, m, r, town.NewMessage(m.Output()))
					}
					err := do(m, fresh(c.Req))
					measured[i][seat] = said(err)
					if got := said(err); got != want[s] {
						t.Errorf("from the seat %q: %s (%v), the table says %s", seat, got, err, want[s])
					}
					// What is not seen and what is not there get the same answer, to the byte.
					elsewhereToo := said(err) == "not found" || said(err) == "role" && (strings.HasSuffix(seat, "elsewhere") || strings.HasSuffix(seat, "owner"))
					if elsewhereToo {
						if other := do(m, elsewhere(c.Req)); !proto.Equal(status.Convert(err).Proto(), status.Convert(other).Proto()) {
							t.Errorf("from the seat %q, what is not seen: %v; what is not there: %v", seat, status.Convert(err).Proto(), status.Convert(other).Proto())
						}
					}
					if err == nil && changes(m) {
						w = nil // the next one finds it as it was
					}
				}
			})
		}
	})
	var page strings.Builder
	page.WriteString(accessHead + "| call | " + strings.Join(seats, " | ") + " |\n|---" + strings.Repeat("|---", len(seats)) + "|\n")
	for i, m := range allMethods() {
		if measured[i] == nil {
			continue
		}
		fmt.Fprintf(&page, "| `%s` |", m.Name())
		for _, seat := range seats {
			fmt.Fprintf(&page, " %s |", measured[i][seat])
		}
		page.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile("../docs/access.md", []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if drawn, err := os.ReadFile("../docs/access.md"); err != nil || string(drawn) != page.String() {
		t.Errorf("docs/access.md is not what was measured: make access, and look at the difference (%v)", err)
	}
}

const accessHead = `# Who may what

Measured by ` + "`go test ./server -run G8`" + `, which makes every call of the contract from every seat, in a situation
in which the one whom it is meant for succeeds; ` + "`make access`" + ` draws this page anew. Observer and observed are the two
in the visit that the call is about, where it is about one; a teacher, a leader, an administrator and a representative
are at their school; *elsewhere* is another school of the same owner, a municipality.

*yes*: done. *not found*: the same answer, to the byte, as for what does not exist. *role*: refused for want of a
role. *not now*: may, but not in this state. *sign in*: nobody is signed in. Other words are the reason of a refusal.
Lists, balances and pulls answer everybody with their own; a push answers for each of its operations. ` + "`RefreshSession`" + ` is not here: the token alone is its proof.

What somebody may at a school goes by what they are there. ` + "`TestG8ARoleCountsAtItsSchool`" + ` makes every call that names
a school as somebody with each of the four roles, or none, at that school and each of the four at another: it answers as
it does to the first role alone. Two things are the owner's, not a school's: an administrator of any of its schools keeps
the roster (` + "`ImportRoster`, `SetRole`, `CreateInvitation`, `ImportHolidays`" + `), and reads the published sheets of all.

`

// mayFromSeats is the table: what comes of a call, in the order of the seats.
var mayFromSeats = func() map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(mayTable), "\n") {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, name := range strings.Fields(cells[0]) {
			out[name] = cells[1:]
		}
	}
	return out
}()

const mayTable = `
GetSignInOptions SignIn | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes
ListSessions GetMe UpdateMe ListIdentityChanges | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | sign in
ListAccesses ListConsents SetConsent ListAdministrativeActs ExportMyData EraseMe | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | sign in
RevokeSession | yes | not found | not found | not found | not found | not found | not found | not found | not found | not found | sign in
ImportRoster CreateInvitation SetRole ImportHolidays | role | role | role | role | yes | role | role | role | role | not found | sign in
UndoImport MergePeople UndoMerge RelinkPerson EndSessions | role | role | role | role | yes | role | role | role | role | not found | sign in
AnswerIdentityChange | yes | not found | not found | not found | not found | not found | not found | not found | not found | not found | sign in
GetSetup RollOver | role | role | role | role | yes | role | role | role | role | role | sign in
TestSignIn GetDeliveryHealth | role | role | role | role | yes | role | role | role | role | yes | sign in
ListImports | role | role | role | role | yes | role | role | role | role | yes | sign in
OfferLesson | yes | yes | yes | yes | role | role | not found | not found | not found | not found | sign in
AskForPlace | yes | INVALID_FIELD | yes | not now | not now | role | not found | not found | not found | not found | sign in
WithdrawLesson | NOT_YOUR_MOVE | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
ListOpenLessons ListPeople ListTeams ListTerms GetTimeBudget BookTime SetTimetableFeed SuggestPartners SavePrompt | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
UpdateExchangePolicy SetTimeBudget SetBusyPeriods ListCover | role | role | role | yes | yes | role | not found | not found | not found | not found | sign in
GetCultureReport ListCultureReports ExportCultureReport GetPulse GetLivePage | yes | yes | yes | yes | yes | yes | not found | not found | not found | not found | sign in
SubmitPulse | yes | yes | yes | yes | role | role | not found | not found | not found | not found | sign in
ListPolicyChanges ListBusyPeriods GetSchool | yes | yes | yes | yes | yes | yes | not found | not found | not found | not found | sign in
ImportLessons | role | role | role | role | yes | role | not found | not found | not found | not found | sign in
ProposeObservation CheckProposal | yes | yes | role | role | role | role | role | role | role | role | sign in
AnswerWish CounterPropose SetFocus AcceptObservation DeclineObservation RecordOwnView AcknowledgeFeedback AnswerQuestion SayWhatItOpened AskBack ConfirmConversation CorrectNote AgreeAction | NOT_YOUR_MOVE | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
ProposeMove AcknowledgeChange CancelObservation WithdrawObservation EndWithoutExchange ReopenObservation GetObservation MarkMoment TakeOutName ListNotes JoinRound LeaveRound GetExchange Reply RecordConversation RecordTakeaway | yes | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
EndAlone | yes | not now | not found | not found | not found | role | not found | not found | not found | not found | sign in
MarkObserved SaveNote SaveFeedbackDraft GetFeedbackDraft GiveFeedback ResolveCorrection ReportAction | yes | NOT_YOUR_MOVE | not found | not found | not found | role | not found | not found | not found | not found | sign in
Push Pull Watch | yes | yes | yes | yes | yes | role | yes | yes | yes | yes | sign in
RegisterDevice ListNotifications MarkRead GetPreferences SetPreferences GetCalendarFeed RenewCalendarFeed GetTimetableFeed ListObservations SetAvailability GetBalance ListRounds ReviewQuestion ReviewText ListPrompts ListActions | yes | yes | yes | yes | yes | role | yes | yes | yes | yes | sign in
DeleteNote | yes | not found | not found | not found | not found | role | not found | not found | not found | not found | sign in
KeepFromSuggestions | yes | not found | yes | yes | yes | role | not found | not found | not found | not found | sign in
StartRound | yes | yes | yes | role | role | role | role | role | role | role | sign in
DeletePrompt | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | yes | role | not found | not found | not found | not found | sign in
ProposeLearning | yes | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
ApproveLearning | NOT_YOUR_MOVE | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
WithdrawLearning | yes | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
RespondToLearning ThankForLearning | NOT_YOUR_MOVE | NOT_YOUR_MOVE | yes | yes | yes | role | not found | not found | not found | not found | sign in
DecideOurPractice | role | role | role | yes | role | role | not found | not found | not found | not found | sign in
ListLearnings SearchLearnings | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
StartActionRound | yes | yes | yes | yes | role | role | not found | not found | not found | not found | sign in
ReportOnRound | yes | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
EndActionRound | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
ListActionRounds | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
PlanMeeting RunMeeting ParkPoint RecordDecision SetMeetingNorms | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
GetMeetingAgenda | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
ProposeFocusArea | yes | yes | yes | role | role | role | not found | not found | not found | not found | sign in
OpenHearing | yes | not found | not found | not found | not found | role | not found | not found | not found | not found | sign in
AdoptFocusArea | role | role | role | yes | role | role | not found | not found | not found | not found | sign in
UpdateFocusArea EndFocusArea | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | yes | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
SubmitNeed ListNeeds SupportNeed ListFocusAreas GetPlan SpeakInHearing | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
AnswerNeed | role | role | role | yes | role | role | not found | not found | not found | not found | sign in
WithdrawNeed | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | role | not found | not found | not found | not found | sign in
`
