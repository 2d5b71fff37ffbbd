package desk

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/notify"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/session"
	"undring/wire"
)

// Service serves the AdminService of the contract.
type Service struct {
	school.Desk // the record of acts
	db          *postgres.DB
	sessions    *session.Service
	now         func() time.Time
}

// NewService makes the service, on those of the people and of the sign-in.
func NewService(db *postgres.DB, people *school.Service, sessions *session.Service, now func() time.Time) *Service {
	return &Service{Desk: school.Desk{Service: people}, db: db, sessions: sessions, now: now}
}

// GetSetup says what is there, and what is missing, before a first visit. That the caller
// keeps a roster has been checked at the door.
func (s *Service) GetSetup(ctx context.Context, req *pb.GetSetupRequest) (*pb.GetSetupResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("school_id", req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	// What somebody may here goes by what they are here, whatever they keep elsewhere.
	if !actor.Is(school.Administrator, id) {
		return nil, refusal.New(refusal.RoleRequired).With("role", string(school.Administrator))
	}
	now := wire.Moment(s.now())
	f := facts{providers: s.sessions.ProvidersOf(actor.Owner)}
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		school.QueueSetup(b, actor.Owner, id, now, &f.Setup)
		queueFacts(b, actor.Owner, id, now, &f)
	})
	if err != nil {
		return nil, err
	}
	return checkList(f), nil
}

// facts are what the check list is made of.
// Of the sign-ins it has counts alone: who has come, the list doesn't say.
type facts struct {
	school.Setup
	providers                        int
	signedIn, teachersIn, timetabled int
}

// A function, since the administrator may not read the sessions of others.
const setupFacts = `select signed_in, teachers_in, timetabled from setup_facts($2, $3) where $1::uuid is not null`

func queueFacts(b *pgx.Batch, owner, id uuid.UUID, now time.Time, into *facts) {
	b.Queue(setupFacts, owner, id, now).QueryRow(func(row pgx.Row) error {
		return row.Scan(&into.signedIn, &into.teachersIn, &into.timetabled)
	})
}

// fewest is how many it takes for a visit.
const fewest = 2

// checkList puts what is there into the order in which one goes through it.
func checkList(f facts) *pb.GetSetupResponse {
	// Needed: without it no two can agree on a visit. Done and Count are about now.
	step := func(kind pb.SetupStepKind, needed bool, least, count, of int) *pb.SetupStep {
		return &pb.SetupStep{Kind: kind, Needed: needed, Done: count >= least, Count: int32(count), Of: int32(of)}
	}
	purpose := 0
	if f.Purpose {
		purpose = 1
	}
	out := &pb.GetSetupResponse{Ready: true, Steps: []*pb.SetupStep{
		step(pb.SetupStepKind_SETUP_STEP_KIND_PEOPLE, true, fewest, f.Teachers, 0),
		step(pb.SetupStepKind_SETUP_STEP_KIND_SIGN_IN, false, 1, f.providers, 0),
		step(pb.SetupStepKind_SETUP_STEP_KIND_SIGNED_IN, true, fewest, f.teachersIn, f.Teachers),
		step(pb.SetupStepKind_SETUP_STEP_KIND_LEADER, false, 1, f.Leaders, 0),
		step(pb.SetupStepKind_SETUP_STEP_KIND_CALENDAR, false, 1, f.FreeDays, 0),
		step(pb.SetupStepKind_SETUP_STEP_KIND_TIMETABLE, false, 1, f.timetabled, f.Teachers),
		step(pb.SetupStepKind_SETUP_STEP_KIND_POLICY, false, 1, purpose, 0),
		step(pb.SetupStepKind_SETUP_STEP_KIND_TIME, false, 1, f.Minutes, 0),
	}}
	for _, s := range out.Steps {
		out.Ready = out.Ready && (s.Done || !s.Needed)
	}
	return out
}

// GetDeliveryHealth says how the service does for the owner. That the caller keeps a roster
// has been checked at the door.
func (s *Service) GetDeliveryHealth(ctx context.Context, _ *pb.GetDeliveryHealthRequest) (*pb.GetDeliveryHealthResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	reply := new(pb.GetDeliveryHealthResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		session.QueueFailures(b, actor.Owner, wire.Moment(s.now()), func(f session.Failures) {
			reply.SignInFailures = append(reply.SignInFailures, &pb.SignInFailures{Date: f.Day.Format(time.DateOnly), Kind: f.Kind, Count: int32(f.Times)})
		})
		session.QueueApps(b, actor.Owner, wire.Moment(s.now()), func(a session.Apps) {
			reply.AppVersions = append(reply.AppVersions, &pb.AppVersions{Date: a.Day.Format(time.DateOnly), App: a.App, Sessions: int32(a.Sessions)})
		})
		notify.QueueFailures(b, actor.Owner, wire.Moment(s.now()), func(f notify.Failures) {
			reply.DeliveryFailures = append(reply.DeliveryFailures, &pb.DeliveryFailures{
				Date: f.Day.Format(time.DateOnly), Channel: string(f.Channel), Reason: f.Reason, Retried: int32(f.Retried), GivenUp: int32(f.GivenUp),
			})
		})
		// Rounded up to 256 MiB: a figure that moved with every note would tell when somebody writes.
		b.Queue(`select (pg_database_size(current_database()) / (256 << 20) + 1) * (256 << 20)`).QueryRow(func(row pgx.Row) error { return row.Scan(&reply.DatabaseBytes) })
	})
	return reply, err
}

// EndSessions ends all sessions of somebody. That the caller keeps a roster has been checked
// at the door.
func (s *Service) EndSessions(ctx context.Context, req *pb.EndSessionsRequest) (*pb.EndSessionsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	return s.sessions.EndOf(ctx, actor, req)
}

// TestSignIn tells what a provider says of somebody, and who it would be. That the caller
// keeps a roster has been checked at the door.
func (s *Service) TestSignIn(ctx context.Context, req *pb.TestSignInRequest) (*pb.TestSignInResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	return s.sessions.Try(ctx, actor, req.GetAuthorizationCode())
}
