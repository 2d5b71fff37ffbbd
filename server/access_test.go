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
)

var update = flag.Bool("update", false, "write docs/access.md and web/src/things/contract.json anew")

// seats are from where each call is tried, in the order of the table's columns.
var seats = []string{"observer", "observed", "teacher", "leader", "administrator", "representative",
	"teacher elsewhere", "leader elsewhere", "teacher of another owner", "administrator of another owner", "nobody"}

// readings bring a town to where each reading call has something to read.
func readings() map[string]func(*town) call {
	opened := func(w *town) *visit { return w.propose(w.kari, w.ola, time.Hour).agree().observe().give().open() }
	o, f, s := "undring.v1.ObservationService.", "undring.v1.FeedbackService.", "undring.v1.SchoolService."
	c := "undring.v1.CultureService."
	return map[string]func(*town) call{
		o + "GetObservation":   func(w *town) call { return call{w.kari, &pb.GetObservationRequest{ObservationId: opened(w).id}} },
		o + "ListObservations": func(w *town) call { opened(w); return call{w.kari, &pb.ListObservationsRequest{}} },
		o + "ListNotes":        func(w *town) call { return call{w.kari, &pb.ListNotesRequest{ObservationId: opened(w).id}} },
		o + "SuggestPartners":  func(w *town) call { return call{w.kari, &pb.SuggestPartnersRequest{SchoolId: w.school.String()}} },
		o + "GetBalance":       func(w *town) call { opened(w); return call{w.kari, &pb.GetBalanceRequest{}} },
		o + "ListRounds": func(w *town) call {
			try(w.kari.StartRound(w.kari.ctx(), &pb.StartRoundRequest{RequestId: req(), SchoolId: w.school.String(), MemberIds: []string{w.kari.id, w.ola.id}})).ok(w.t)
			return call{w.kari, &pb.ListRoundsRequest{}}
		},
		f + "ReviewQuestion": func(w *town) call { return call{w.kari, &pb.ReviewQuestionRequest{Text: wondering}} },
		f + "ListPrompts": func(w *town) call {
			return call{w.kari, &pb.ListPromptsRequest{Moment: pb.PromptMoment_PROMPT_MOMENT_GUIDE}}
		},
		f + "GetFeedbackDraft": func(w *town) call {
			v := w.propose(w.kari, w.ola, time.Hour).agree()
			try(w.kari.SaveFeedbackDraft(w.kari.ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.id, RequestId: req(), Draft: &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}}})).ok(w.t)
			return call{w.kari, &pb.GetFeedbackDraftRequest{ObservationId: v.id}}
		},
		f + "GetExchange":                        func(w *town) call { return call{w.kari, &pb.GetExchangeRequest{ObservationId: opened(w).id}} },
		"undring.v1.LearningService.ListActions": func(w *town) call { opened(w); return call{w.kari, &pb.ListActionsRequest{}} },
		s + "ListPeople":                         func(w *town) call { return call{w.kari, &pb.ListPeopleRequest{SchoolId: w.school.String()}} },
		s + "ListTeams":                          func(w *town) call { return call{w.kari, &pb.ListTeamsRequest{SchoolId: w.school.String()}} },
		s + "ListPolicyChanges":                  func(w *town) call { return call{w.kari, &pb.ListPolicyChangesRequest{SchoolId: w.school.String()}} },
		s + "ListTerms":                          func(w *town) call { return call{w.kari, &pb.ListTermsRequest{SchoolId: w.school.String()}} },
		s + "GetTimeBudget": func(w *town) call {
			b := w.budget()
			try(w.liv.SetTimeBudget(w.liv.ctx(), b)).ok(w.t)
			return call{w.kari, &pb.GetTimeBudgetRequest{SchoolId: w.school.String(), Term: b.GetTerm()}}
		},
		c + "GetCultureReport": func(w *town) call {
			return call{w.kari, &pb.GetCultureReportRequest{Of: &pb.GetCultureReportRequest_SchoolId{SchoolId: w.school.String()}}}
		},
		c + "ListCultureReports": func(w *town) call {
			return call{w.kari, &pb.ListCultureReportsRequest{Of: &pb.ListCultureReportsRequest_SchoolId{SchoolId: w.school.String()}}}
		},
		c + "ExportCultureReport": func(w *town) call {
			return call{w.kari, &pb.ExportCultureReportRequest{Of: &pb.ExportCultureReportRequest_SchoolId{SchoolId: w.school.String()}}}
		},
		c + "GetPulse": func(w *town) call {
			return call{w.kari, &pb.GetPulseRequest{Of: &pb.GetPulseRequest_SchoolId{SchoolId: w.school.String()}}}
		},
		c + "GetLivePage": func(w *town) call { return call{w.kari, &pb.GetLivePageRequest{SchoolId: w.school.String()}} },
		s + "GetSchool":   func(w *town) call { return call{w.kari, &pb.GetSchoolRequest{SchoolId: w.school.String()}} },
		"undring.v1.SessionService.GetSignInOptions": func(w *town) call { return call{w.kari, &pb.GetSignInOptionsRequest{}} },
		"undring.v1.SessionService.ListSessions":     func(w *town) call { return call{w.kari, &pb.ListSessionsRequest{}} },
		"undring.v1.SessionService.GetMe":            func(w *town) call { return call{w.kari, &pb.GetMeRequest{}} },
		"undring.v1.SyncService.Pull":                func(w *town) call { opened(w); return call{w.kari, &pb.PullRequest{}} },
		"undring.v1.SyncService.Watch":               func(w *town) call { return call{w.kari, &pb.WatchRequest{}} },
		"undring.v1.SyncService.Push": func(w *town) call {
			return call{w.kari, batch(&pb.CancelObservationRequest{ObservationId: w.propose(w.kari, w.ola, time.Hour).id, RequestId: req()})}
		},
		"undring.v1.SessionService.SignIn": func(w *town) call {
			return call{w.kari, &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.kari.id}}}
		},
	}
}

// changes says whether a call leaves something behind.
func changes(m protoreflect.MethodDescriptor) bool {
	return m.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

func allMethods() []protoreflect.MethodDescriptor {
	var out []protoreflect.MethodDescriptor
	for _, f := range files {
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
func (w *town) sit() map[string]*person {
	nearby, far, farSchool := newID(), newID(), newID()
	w.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Nesset skole', $3)", w.owner, nearby, tuesday)
	w.sql("insert into school_owner values ($1, 'Bergsli kommune')", far)
	w.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Bergsli skole', $3)", far, farSchool, tuesday)
	_, conn := w.serve(far, nil)
	stranger, keeper := w.settleAt(conn, far, farSchool, "Siri", "Strand", "TEACHER"), w.settleAt(conn, far, farSchool, "Stein", "Sund", "ADMINISTRATOR")
	stranger.conn, keeper.conn = w.conn, w.conn // they come to this server with the other's token
	return map[string]*person{
		"observer": w.kari, "observed": w.ola, "teacher": w.nils, "leader": w.leif, "administrator": w.settle("Anne", "Haug", "ADMINISTRATOR"),
		"representative":    w.settle("Rita", "Moen", "REPRESENTATIVE"),
		"teacher elsewhere": w.settleAt(w.conn, w.owner, nearby, "Nora", "Ness", "TEACHER"), "leader elsewhere": w.settleAt(w.conn, w.owner, nearby, "Lars", "Nes", "LEADER"),
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
	case reasonOf(err) == "NOT_FOUND":
		return "not found"
	case reasonOf(err) == "ROLE_REQUIRED":
		return "role"
	case status.Code(err) == codes.FailedPrecondition:
		return "not now" // they may, but the visit is elsewhere
	}
	return reasonOf(err)
}

// elsewhere is the same request about what is not there: each id in it is new.
func elsewhere(m proto.Message) proto.Message {
	out := proto.Clone(m)
	out.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Kind() == protoreflect.StringKind && !f.IsList() {
			if _, err := uuid.Parse(v.String()); err == nil {
				out.ProtoReflect().Set(f, protoString(req()))
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
		out.ProtoReflect().Set(f, protoString(req()))
	}
	return out
}

// G8 (R11): every call of the contract, found from the descriptors, from every
// seat. What comes of it is written down here by hand, and drawn in docs/access.md.
func TestG8NobodyReadsWhatIsNotTheirs(t *testing.T) {
	told := stories()
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
				var w *town
				var c call
				var sitting map[string]*person
				measured[i] = map[string]string{}
				for s := len(seats) - 1; s >= 0; s-- { // those who may nothing first
					if w == nil {
						w = newTown(t)
						c = story(w)
						sitting = w.sit()
					}
					seat, ctx := seats[s], context.Background()
					if p := sitting[seat]; p != nil {
						ctx = p.ctx()
					}
					do := func(m protoreflect.MethodDescriptor, r proto.Message) error {
						return invoke(ctx, w.conn, m, r, newMessage(m.Output()))
					}
					err := do(m, fresh(c.req))
					measured[i][seat] = said(err)
					if got := said(err); got != want[s] {
						t.Errorf("from the seat %q: %s (%v), the table says %s", seat, got, err, want[s])
					}
					// What is not seen and what is not there get the same answer, to the byte.
					elsewhereToo := said(err) == "not found" || said(err) == "role" && (strings.HasSuffix(seat, "elsewhere") || strings.HasSuffix(seat, "owner"))
					if elsewhereToo {
						if other := do(m, elsewhere(c.req)); !proto.Equal(status.Convert(err).Proto(), status.Convert(other).Proto()) {
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
ListSessions GetMe UpdateMe | yes | yes | yes | yes | yes | yes | yes | yes | yes | yes | sign in
RevokeSession | yes | not found | not found | not found | not found | not found | not found | not found | not found | not found | sign in
ImportRoster CreateInvitation SetRole ImportHolidays | role | role | role | role | yes | role | role | role | role | not found | sign in
ListPeople ListTeams ListTerms GetTimeBudget BookTime SuggestPartners SavePrompt | yes | yes | yes | yes | yes | role | not found | not found | not found | not found | sign in
UpdateExchangePolicy SetTimeBudget | role | role | role | yes | yes | role | not found | not found | not found | not found | sign in
GetCultureReport ListCultureReports ExportCultureReport GetPulse GetLivePage | yes | yes | yes | yes | yes | yes | not found | not found | not found | not found | sign in
SubmitPulse | yes | yes | yes | yes | role | role | not found | not found | not found | not found | sign in
ListPolicyChanges GetSchool | yes | yes | yes | yes | yes | yes | not found | not found | not found | not found | sign in
ImportLessons | role | role | role | role | yes | role | not found | not found | not found | not found | sign in
ProposeObservation | yes | yes | role | role | role | role | role | role | role | role | sign in
CounterPropose SetFocus AcceptObservation DeclineObservation RecordOwnView AcknowledgeFeedback AnswerQuestion AskBack ConfirmConversation CorrectNote AgreeAction | NOT_YOUR_MOVE | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
CancelObservation WithdrawObservation EndWithoutExchange ReopenObservation GetObservation ListNotes JoinRound LeaveRound GetExchange Reply RecordConversation RecordTakeaway | yes | yes | not found | not found | not found | role | not found | not found | not found | not found | sign in
MarkObserved SaveNote SaveFeedbackDraft GetFeedbackDraft GiveFeedback ResolveCorrection ReportAction | yes | NOT_YOUR_MOVE | not found | not found | not found | role | not found | not found | not found | not found | sign in
Push Pull Watch | yes | yes | yes | yes | yes | role | yes | yes | yes | yes | sign in
ListObservations SetAvailability GetBalance ListRounds ReviewQuestion ListPrompts ListActions | yes | yes | yes | yes | yes | role | yes | yes | yes | yes | sign in
DeleteNote | yes | not found | not found | not found | not found | role | not found | not found | not found | not found | sign in
KeepFromSuggestions | yes | not found | yes | yes | yes | role | not found | not found | not found | not found | sign in
StartRound | yes | yes | yes | role | role | role | role | role | role | role | sign in
DeletePrompt | yes | NOT_YOUR_MOVE | NOT_YOUR_MOVE | NOT_YOUR_MOVE | yes | role | not found | not found | not found | not found | sign in
`
