package school

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/outwards"
	"undring/postgres"
	"undring/refusal"
	"undring/wire"
)

// Service serves the SchoolService of the contract.
type Service struct {
	pb.UnimplementedSchoolServiceServer
	db      *postgres.DB
	now     func() time.Time
	newID   func() uuid.UUID
	secrets [][]byte
	// Nil: nobody remembers places.
	moved func(person uuid.UUID)
	// Timetables are read from addresses that people have named.
	outside  *http.Client
	loopback bool // these may be this machine's: a demo's
}

// WhenMoved names who is told that somebody has other places now, after the change:
// whoever remembers them. Before the first call; without it nobody is.
func (s *Service) WhenMoved(tell func(person uuid.UUID)) { s.moved = tell }

// tellMoved tells the sessions that what somebody may do has changed.
// What others lose or get is seen when their sessions ask anew, ten seconds later at most;
// whoever acts here should not have to wait.
func (s *Service) tellMoved(person uuid.UUID) {
	if s.moved != nil {
		s.moved(person)
	}
}

// NewService makes the service. newID makes the ids of people who are new;
// secrets are what codes of invitations are made with: by the first one, and by the others
// before it.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID, secrets [][]byte) *Service {
	return &Service{db: db, now: now, newID: newID, secrets: secrets, outside: outwards.Client(feedLimits(false))}
}

// moment is now, as exact as the database keeps it.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// At finds the one who acts and the school that they ask about. A school that they do
// not belong to is refused as one that is not there: that it exists is nothing to outsiders.
// Belonging is asked of what the session remembers, without a look at the database.
func At(ctx context.Context, schoolID string) (Actor, uuid.UUID, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return actor, uuid.Nil, err
	}
	id, err := wire.ID("school_id", schoolID)
	if err != nil {
		return actor, id, err
	}
	if !actor.Belongs(id) {
		return actor, id, refusal.New(refusal.NotThere)
	}
	return actor, id, nil
}

// ListPeople lists those who belong to a school, by name. Addresses are told to
// its administrators, and to each their own.
func (s *Service) ListPeople(ctx context.Context, req *pb.ListPeopleRequest) (*pb.ListPeopleResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), place{})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var people []Person
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		// One more than the page tells whether there is another page.
		queuePeople(b, actor.Owner, school, req.GetIncludeInactive(), after, page+1, &people)
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListPeopleResponse)
	people, reply.NextPageToken = wire.Page(people, page, func(last *Person) any { return place{last.FamilyName, last.GivenName, last.ID} })
	for _, p := range people {
		reply.People = append(reply.People, p.encode(actor, school))
	}
	return reply, nil
}

// encode writes somebody at a school for the contract, as the actor may know
// them.
func (p Person) encode(actor Actor, school uuid.UUID) *pb.Person {
	out := &pb.Person{Id: p.ID.String(), Name: p.Name(), Active: p.Active}
	// An address is what somebody signs in by: colleagues need the name alone.
	if actor.Is(Administrator, school) || p.ID == actor.Person {
		out.Email = p.Email
	}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, EncodeRole(r))
	}
	for _, t := range p.Teams {
		out.TeamIds = append(out.TeamIds, t.String())
	}
	return out
}

// ListTeams lists a school's teams, by name.
func (s *Service) ListTeams(ctx context.Context, req *pb.ListTeamsRequest) (*pb.ListTeamsResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListTeamsResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueTeams(b, actor.Owner, school, func(t Team) { reply.Teams = append(reply.Teams, t.encode()) })
	})
	return reply, err
}

func (t Team) encode() *pb.Team { return &pb.Team{Id: t.ID.String(), Name: t.Name} }

// GetSchool returns one school, and the rules that hold there.
func (s *Service) GetSchool(ctx context.Context, req *pb.GetSchoolRequest) (*pb.GetSchoolResponse, error) {
	actor, id, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	found, now := School{ID: id}, s.moment()
	var of schoolFacts
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueSchool(b, actor.Owner, id, now, &found)
		of.queue(b, actor.Owner, id, now)
	})
	if err != nil {
		return nil, err
	}
	return &pb.GetSchoolResponse{School: encodeSchool(&found, of, now)}, nil
}

// schoolFacts are what is told of a school to everybody who belongs there.
// Each is a query of its own beside that of the school, all in one flight.
type schoolFacts struct {
	policies []Policy // the newest first
	busy     []BusyPeriod
	days     told
}

func (f *schoolFacts) queue(b *pgx.Batch, owner, school uuid.UUID, now time.Time) {
	f.days = told{}
	QueuePolicies(b, owner, school, &f.policies)
	queueBusy(b, owner, school, schoolYear(now), &f.busy)
	queueDays(b, owner, school, f.days)
}

// encodeSchool writes a school for the contract, with that of its policies that holds,
// and its calendar of this school year and the next.
func encodeSchool(s *School, of schoolFacts, now time.Time) *pb.School {
	// The query of the school reads what decides due times; the one to show, with its purpose and
	// whose agreement it was, is among the policies.
	policy := s.Rules.Policy
	for _, p := range of.policies {
		if !p.Since.After(now) {
			policy = p
			break
		}
	}
	out := &pb.School{Id: s.ID.String(), Name: s.Name, TimeZone: s.Zone, Policy: policy.Encode(), BusyPeriods: encodeBusy(of.busy)}
	year := schoolYear(s.Rules.Calendar.DateOf(now))
	for _, d := range s.Rules.Calendar.daysOff(of.days, year, year.AddDate(2, 0, 0)) {
		out.DaysWithoutSchool = append(out.DaysWithoutSchool, &pb.DaysWithoutSchool{
			FirstDate: d.First.Format(time.DateOnly), LastDate: d.Last.Format(time.DateOnly), Name: d.Name, Source: d.Source, Usual: d.Usual,
		})
	}
	return out
}

// EncodeRole writes a role for the contract.
func EncodeRole(r Role) pb.Role { return wire.Enum[pb.Role](r) }
