package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/wire"
)

// ActsTime is how long the record of administrators' acts is kept: as long as the words of
// any school can be, so that whoever reads them can see who changed the rules for them.
const ActsTime = 24 // months

// Act is something that was done about access or rules. The database writes it, in the
// transaction that does it; nothing else can.
type Act struct {
	ID   uuid.UUID
	At   time.Time
	Kind string
	By   uuid.NullUUID // nobody: a command or a job
	// What they are called now, not then; empty where By is nobody, and for people who were
	// erased, of whom the id stays.
	ByName    string
	About     uuid.NullUUID
	AboutName string
	School    string
	// Of a role that was given or taken away.
	Role Role
	// How many an import touched.
	People int
}

// ActPlace is where a page of acts ends.
type ActPlace struct {
	At time.Time
	ID uuid.UUID
}

const (
	// Row level security lets an administrator read all of the owner's and everybody
	// else what concerns them; mine narrows it to that for an administrator, too.
	// The comparison of the pair goes down the index administrative_act_at, so a page costs
	// the same however far back it is; the names are joined to the rows of the page alone.
	actsOfOwner = `
		select a.id, a.at, a.kind, a.actor_id, coalesce(trim(d.given_name || ' ' || d.family_name), ''),
			a.person_id, coalesce(trim(p.given_name || ' ' || p.family_name), ''), coalesce(s.name, ''), a.role, a.people
		from administrative_act a
		left join person d on d.owner_id = a.owner_id and d.id = a.actor_id
		left join person p on p.owner_id = a.owner_id and p.id = a.person_id
		left join school s on s.owner_id = a.owner_id and s.id = a.school_id
		where a.owner_id = $1 and (a.at, a.id) < ($3, $4::uuid)
			and (not $6 or $2 in (a.person_id, a.other_id)
				or exists (select from act_concerns c where c.owner_id = a.owner_id and c.act_id = a.id and c.person_id = $2))
		order by a.at desc, a.id desc
		limit $5`

	// Only the house may: who did something can't take it out of the record.
	forgetActs = `select forget_acts($1, $2)`

	// forgetActsMost is how many acts are forgotten in one transaction, forgetActsRounds how
	// many of these one call of ForgetActs makes: the rest waits for the next one.
	forgetActsMost   = 500
	forgetActsRounds = 1000
)

// QueueActs reads a page of acts behind a place, the newest first: those that the person
// may read, or, with mine, those that concern them.
func QueueActs(b *pgx.Batch, owner, person uuid.UUID, mine bool, after ActPlace, most int, into *[]Act) {
	b.Queue(actsOfOwner, owner, person, after.At, after.ID, most, mine).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var a Act
			if err := rows.Scan(&a.ID, &a.At, &a.Kind, &a.By, &a.ByName, &a.About, &a.AboutName, &a.School, &a.Role, &a.People); err != nil {
				return err
			}
			*into = append(*into, a)
		}
		return rows.Err()
	})
}

// Encode writes an act for the contract.
func (a Act) Encode() *pb.AdministrativeAct {
	return &pb.AdministrativeAct{Id: a.ID.String(), Time: wire.EncodeTime(a.At), Kind: wire.Enum[pb.AdministrativeActKind](a.Kind),
		ByName: a.ByName, ById: wire.EncodeID(a.By), AboutName: a.AboutName, AboutId: wire.EncodeID(a.About), SchoolName: a.School,
		Role: string(a.Role), People: int32(a.People)}
}

// Desk serves the AdminService of the contract.
type Desk struct {
	pb.UnimplementedAdminServiceServer
	*Service
}

// ListAdministrativeActs lists what was done about access and rules.
func (d Desk) ListAdministrativeActs(ctx context.Context, req *pb.ListAdministrativeActsRequest) (*pb.ListAdministrativeActsResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), ActPlace{d.moment().AddDate(100, 0, 0), uuid.Max})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	// Somebody who keeps no roster has no wider list to choose.
	mine := req.GetMine() || !actor.IsAny(Administrator)
	var acts []Act
	err = d.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		QueueActs(b, actor.Owner, actor.Person, mine, after, page+1, &acts)
	})
	reply := new(pb.ListAdministrativeActsResponse)
	acts, reply.NextPageToken = wire.Page(acts, page, func(last *Act) any { return ActPlace{last.At, last.ID} })
	for _, a := range acts {
		reply.Acts = append(reply.Acts, a.Encode())
	}
	return reply, err
}

// ForgetActs takes away an owner's acts that are older than [ActsTime].
// The age counts in calendar months, as retention does. It is one of the jobs of the server.
func (s *Service) ForgetActs(ctx context.Context, owner uuid.UUID) error {
	return s.db.Sweep(ctx, postgres.As{Owner: owner}, forgetActsRounds, forgetActsMost, forgetActs, s.moment().AddDate(0, -ActsTime, 0))
}
