package session

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
)

// Service serves the SessionService of the contract, and says who calls.
type Service struct {
	pb.UnimplementedSessionServiceServer
	db     *postgres.DB
	now    func() time.Time
	keys   Keys
	demo   uuid.UUID
	memory memory
}

// NewService makes the service. demo is the school owner whose people anyone may
// be; the nil UUID where the server is no demo.
func NewService(db *postgres.DB, now func() time.Time, keys Keys, demo uuid.UUID) *Service {
	return &Service{db: db, now: now, keys: keys, demo: demo}
}

// Actor says who holds a token, with the places that they hold. Who has none
// any more: NOT_SIGNED_IN.
func (s *Service) Actor(ctx context.Context, token string) (school.Actor, error) {
	h, err := s.keys.Read(token)
	if err != nil {
		return school.Actor{}, err
	}
	p, err := s.person(ctx, h)
	if err != nil {
		return school.Actor{}, err
	}
	return school.Actor{Owner: h.Owner, Person: h.Person, Memberships: p.Memberships, Language: p.Locale}, nil
}

func (s *Service) person(ctx context.Context, h Holder) (Person, error) {
	if p, known := s.memory.find(h, s.now()); known {
		return p, nil
	}
	var found []Person
	err := s.db.Read(ctx, postgres.As{Owner: h.Owner, Person: h.Person}, func(b *pgx.Batch) { queuePerson(b, h, &found) })
	if err != nil {
		return Person{}, err
	}
	if len(found) == 0 {
		return Person{}, refusal.New(refusal.NotSignedIn)
	}
	s.memory.keep(h, found[0], s.now())
	return found[0], nil
}

// GetSignInOptions lists the ways to sign in.
func (s *Service) GetSignInOptions(ctx context.Context, _ *pb.GetSignInOptionsRequest) (*pb.GetSignInOptionsResponse, error) {
	reply := new(pb.GetSignInOptionsResponse)
	if s.demo == uuid.Nil {
		return reply, nil
	}
	var people []Person
	err := s.db.Read(ctx, postgres.As{Owner: s.demo}, func(b *pgx.Batch) {
		b.Queue(peopleOfOwner, s.demo).Query(eachPerson(&people))
	})
	for _, p := range people {
		reply.DemoPeople = append(reply.DemoPeople, &pb.DemoPerson{Id: p.ID.String(), Name: p.Name, Roles: roles(p)})
	}
	return reply, err
}

// SignIn opens a session.
func (s *Service) SignIn(ctx context.Context, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	id, err := uuid.Parse(req.GetDemoPerson())
	if err != nil || s.demo == uuid.Nil {
		return nil, refusal.New(refusal.NotSignedIn)
	}
	h := Holder{Owner: s.demo, Person: id}
	p, err := s.person(ctx, h)
	if err != nil {
		return nil, err
	}
	token, until, err := s.keys.Sign(h)
	if err != nil {
		return nil, err
	}
	return &pb.SignInResponse{AccessToken: token, AccessTokenExpireTime: timestamppb.New(until), Person: encode(p)}, nil
}

// GetMe tells who the caller is.
func (s *Service) GetMe(ctx context.Context, _ *pb.GetMeRequest) (*pb.GetMeResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.person(ctx, Holder{Owner: actor.Owner, Person: actor.Person})
	if err != nil {
		return nil, err
	}
	reply := &pb.GetMeResponse{Person: encode(p)}
	for _, m := range p.Memberships {
		reply.Memberships = append(reply.Memberships,
			&pb.Membership{SchoolId: m.School.String(), SchoolName: m.SchoolName, Role: school.EncodeRole(m.Role)})
	}
	return reply, nil
}

func encode(p Person) *pb.Person {
	return &pb.Person{Id: p.ID.String(), Name: p.Name, Email: p.Email, Active: true, Roles: roles(p)}
}

// roles are what a person is anywhere, each once.
func roles(p Person) []pb.Role {
	var out []pb.Role
	for _, m := range p.Memberships {
		if r := school.EncodeRole(m.Role); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
