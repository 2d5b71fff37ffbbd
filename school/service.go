package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
	"undring/wire"
	"undring/words"
)

// Service serves the SchoolService of the contract.
type Service struct {
	pb.UnimplementedSchoolServiceServer
	db     *postgres.DB
	now    func() time.Time
	newID  func() uuid.UUID
	secret []byte
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

// GetSchool tells of one school, and the rules that hold there.
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

// ImportRoster takes in people from a school's own register. That the caller
// keeps a roster has been checked at the door.
func (s *Service) ImportRoster(ctx context.Context, req *pb.ImportRosterRequest) (*pb.ImportRosterResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	i := Import{DryRun: req.GetDryRun(), Approved: req.GetApproved(), Now: s.moment(), NewID: s.newID}
	format := roster.Format(req.GetFormat())
	switch {
	case format == roster.SimpleCSV:
		if i.School, err = uuid.Parse(req.GetSchoolId()); err != nil {
			return nil, refusal.Invalidf("school_id", "is needed with SIMPLE_CSV")
		}
	case req.GetSchoolId() != "":
		return nil, refusal.Invalidf("school_id", "is for SIMPLE_CSV only")
	}
	if i.Set, err = roster.Read(req.GetContent(), format, roster.Options{Now: i.Now}); err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "ImportRoster", Request: req, Now: i.Now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *importing) { r.read(b, i, actor.Owner) },
		func(w once.Writer, r *importing) error {
			if err := r.decide(i, actor.Person); err != nil {
				return err
			}
			for _, piece := range r.pieces(i, actor.Owner) {
				w.Queue(piece.sql, piece.args...)
			}
			return nil
		},
		func(r *importing) *pb.ImportRosterResponse {
			return encodeDifference(r.Difference, i.Set, actor.Language)
		},
	).Remember(ctx, s.db, once.Gone[importing](refusal.New(refusal.NotThere)))
}

// maxChanges is how many changes are listed: more than anybody looks through.
const maxChanges = 1_000

// encodeDifference writes what an import did, or would do, for the contract.
func encodeDifference(d Difference, set *roster.Set, language string) *pb.ImportRosterResponse {
	reply := encodeImport(d.Counts, set, language)
	reply.Difference = d.ID
	for _, c := range d.Changes[:min(len(d.Changes), maxChanges)] {
		reply.Changes = append(reply.Changes, &pb.RosterChange{
			Kind: pb.RosterChangeKind(pb.RosterChangeKind_value["ROSTER_CHANGE_KIND_"+string(c.Kind)]), Name: c.Name, Email: c.Email,
		})
	}
	reply.MoreChanges = int32(len(d.Changes) - len(reply.Changes))
	return reply
}

func encodeImport(c Counts, set *roster.Set, language string) *pb.ImportRosterResponse {
	out := &pb.ImportRosterResponse{
		Created: int32(c.Created), Updated: int32(c.Updated), Deactivated: int32(c.Deactivated),
		Unchanged: int32(c.Unchanged), Skipped: int32(c.Skipped), MoreRowErrors: int32(set.More),
	}
	for _, e := range set.Errors {
		out.RowErrors = append(out.RowErrors, &pb.RosterRowError{
			File: e.File, Line: int32(e.Line), Reason: string(e.Reason), Applied: e.Applied,
			Description: words.Say(language, "roster."+string(e.Reason)),
		})
	}
	return out
}

// EncodeRole writes a role for the contract.
func EncodeRole(r Role) pb.Role { return wire.Enum[pb.Role](r) }
