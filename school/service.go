package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/wire"
)

// Service serves the SchoolService of the contract.
type Service struct {
	pb.UnimplementedSchoolServiceServer
	db     *postgres.DB
	now    func() time.Time
	newID  func() uuid.UUID
	secret []byte
	moved  func(person uuid.UUID)
}

// WhenMoved names who is told that somebody has other places now, after the change:
// whoever remembers them. Before the first call; without it nobody is.
func (s *Service) WhenMoved(tell func(person uuid.UUID)) { s.moved = tell }

func (s *Service) tellMoved(person uuid.UUID) {
	if s.moved != nil {
		s.moved(person)
	}
}

// NewService makes the service. newID makes the ids of people who are new;
// secret is what codes of invitations are made with.
func NewService(db *postgres.DB, now func() time.Time, newID func() uuid.UUID, secret []byte) *Service {
	return &Service{db: db, now: now, newID: newID, secret: secret}
}

func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// at finds the one who acts and the school that they ask about; a school that
// they do not belong to is not there.
func at(ctx context.Context, schoolID string) (Actor, uuid.UUID, error) {
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

func as(a Actor) postgres.As { return postgres.As{Owner: a.Owner, Person: a.Person} }

// ListPeople lists those who belong to a school, by name. Addresses are told to
// its administrators, and to each their own.
func (s *Service) ListPeople(ctx context.Context, req *pb.ListPeopleRequest) (*pb.ListPeopleResponse, error) {
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), place{})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var people []Person
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		queuePeople(b, actor.Owner, school, req.GetIncludeInactive(), after, page+1, &people)
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListPeopleResponse)
	if len(people) > page {
		people = people[:page]
		last := people[page-1]
		reply.NextPageToken = wire.PageToken(place{Family: last.FamilyName, Given: last.GivenName, ID: last.ID})
	}
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
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListTeamsResponse)
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		queueTeams(b, actor.Owner, school, func(t Team) { reply.Teams = append(reply.Teams, t.encode()) })
	})
	return reply, err
}

func (t Team) encode() *pb.Team { return &pb.Team{Id: t.ID.String(), Name: t.Name} }

// GetSchool returns one school, and the rules that hold there.
func (s *Service) GetSchool(ctx context.Context, req *pb.GetSchoolRequest) (*pb.GetSchoolResponse, error) {
	actor, id, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	found, now := School{ID: id}, s.moment()
	var policies []Policy
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		b.Queue(policiesOfSchool, actor.Owner, id).Query(eachPolicy(&policies))
		b.Queue(schoolByID, actor.Owner, id, now).QueryRow(func(row pgx.Row) error {
			return scanSchool(row, &found)
		})
	})
	if err != nil {
		return nil, err
	}
	return &pb.GetSchoolResponse{School: encodeSchool(&found, policies, now)}, nil
}

// encodeSchool writes a school for the contract, with that of its policies, the
// newest first, that holds.
func encodeSchool(s *School, policies []Policy, now time.Time) *pb.School {
	policy := s.Rules.Policy
	for _, p := range policies {
		if !p.Since.After(now) {
			policy = p
			break
		}
	}
	return &pb.School{Id: s.ID.String(), Name: s.Name, TimeZone: s.Zone, Policy: policy.Encode()}
}

// EncodeRole writes a role for the contract.
func EncodeRole(r Role) pb.Role { return wire.Enum[pb.Role](r) }
