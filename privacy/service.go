package privacy

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/tables"
	"undring/wire"
	"undring/words"
)

// Service serves the PrivacyService of the contract.
type Service struct {
	pb.UnimplementedPrivacyServiceServer
	db    *postgres.DB
	now   func() time.Time
	newID func() uuid.UUID
	// tables are those of all rooms: this one knows no other.
	tables []tables.Table
	// gone is told that somebody is erased: whoever remembers them.
	gone func(person uuid.UUID)

	mu        sync.Mutex
	exporting map[uuid.UUID]bool // whose export is under way
}

// Options are what the room is told by package server.
type Options struct {
	DB    *postgres.DB
	Now   func() time.Time
	NewID func() uuid.UUID
	// Tables are what all rooms declare: what an export holds.
	Tables []tables.Table
	// Gone is told that somebody is erased: whoever remembers them.
	Gone func(person uuid.UUID)
}

// NewService makes the service.
func NewService(o Options) *Service {
	return &Service{db: o.DB, now: o.Now, newID: o.NewID, tables: o.Tables, gone: o.Gone, exporting: map[uuid.UUID]bool{}}
}

func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

// accessPlace is where a page of accesses ends.
type accessPlace struct {
	At time.Time
	ID uuid.UUID
}

// ListAccesses lists who was sent what of the caller's. It takes a page of each of the
// two records and shows the newer half of both together.
func (s *Service) ListAccesses(ctx context.Context, req *pb.ListAccessesRequest) (*pb.ListAccessesResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), accessPlace{s.moment().AddDate(100, 0, 0), uuid.Max})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var read []access
	var acts []school.Act
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		// One more than the page tells whether there is another page, without counting.
		queueAccesses(b, actor.Owner, actor.Person, after, page+1, &read)
		school.QueueActs(b, actor.Owner, actor.Person, true, school.ActPlace(after), page+1, &acts)
	})
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListAccessesResponse)
	var last accessPlace
	for len(read)+len(acts) > 0 {
		if len(reply.Accesses) == page {
			reply.NextPageToken = wire.PageToken(last)
			break
		}
		if len(acts) == 0 || len(read) > 0 && later(read[0], acts[0]) {
			reply.Accesses = append(reply.Accesses, read[0].encode())
			last, read = accessPlace{read[0].at, read[0].thing}, read[1:]
			continue
		}
		reply.Accesses = append(reply.Accesses, encodeAct(acts[0]))
		last, acts = accessPlace{acts[0].At, acts[0].ID}, acts[1:]
	}
	return reply, nil
}

// later says whether a reading stands before an act in the list.
func later(r access, a school.Act) bool {
	if c := r.at.Compare(a.At); c != 0 {
		return c > 0
	}
	return r.thing.String() > a.ID.String()
}

func (a access) encode() *pb.Access {
	out := &pb.Access{Kind: wire.Enum[pb.AccessKind](a.kind), Time: wire.EncodeTime(a.at), ByName: a.name, ById: a.reader.String()}
	if out.Kind == pb.AccessKind_ACCESS_KIND_READ {
		out.ObservationId = a.thing.String()
	}
	return out
}

func encodeAct(a school.Act) *pb.Access {
	return &pb.Access{Kind: pb.AccessKind_ACCESS_KIND_ACT, Time: wire.EncodeTime(a.At), ByName: a.ByName, ById: wire.EncodeID(a.By), Act: a.Encode()}
}

// InformationVersion is the version of the information for staff. A new text gets a new
// version; what was said yes to before keeps its own.
const InformationVersion = "2026-12"

// informationLines is how many paragraphs the information has.
const informationLines = 10

// Information is the information for staff in a language, by paragraph.
func Information(language string) []string {
	out := make([]string, informationLines)
	for i := range out {
		out[i] = words.Say(language, fmt.Sprintf("information.%d", i+1))
	}
	return out
}

// ListConsents lists what the caller has said yes or no to.
func (s *Service) ListConsents(ctx context.Context, _ *pb.ListConsentsRequest) (*pb.ListConsentsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	reply := &pb.ListConsentsResponse{Information: &pb.ConsentText{Version: InformationVersion, Paragraphs: Information(actor.Language)}}
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(consentsOfPerson, actor.Owner, actor.Person).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var subject string
				var at time.Time
				c := new(pb.Consent)
				if err := rows.Scan(&subject, &c.Version, &c.Agreed, &at); err != nil {
					return err
				}
				c.Subject, c.Time = wire.Enum[pb.ConsentSubject](subject), wire.EncodeTime(at)
				reply.Consents = append(reply.Consents, c)
			}
			return rows.Err()
		})
	})
	return reply, err
}

// SetConsent keeps a yes or a no of the caller's, in the version that they read.
func (s *Service) SetConsent(ctx context.Context, req *pb.SetConsentRequest) (*pb.SetConsentResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if req.GetVersion() != InformationVersion {
		return nil, refusal.New(refusal.StaleRevision).With("current_version", InformationVersion)
	}
	call := once.Call{As: actor.As(), RPC: "SetConsent", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(insertConsent, actor.Owner, actor.Person, wire.Name(req.GetSubject()), req.GetVersion(), req.GetAgreed(), call.Now)
			return nil
		},
		func(*struct{}) *pb.SetConsentResponse {
			return &pb.SetConsentResponse{Consent: &pb.Consent{Subject: req.GetSubject(), Version: req.GetVersion(), Agreed: req.GetAgreed(), Time: wire.EncodeTime(call.Now)}}
		},
	).Remember(ctx, s.db, once.Gone[struct{}](refusal.New(refusal.NotThere)))
}

const (
	// forgetMost is how many accesses are forgotten in one transaction, and forgetRounds
	// how many of these one call of Forget makes: the rest waits for the next one.
	forgetMost   = 1000
	forgetRounds = 1000
)

// Forget takes away an owner's accesses that are older than [AccessTime]. A job.
func (s *Service) Forget(ctx context.Context, owner uuid.UUID) error {
	return s.db.Sweep(ctx, postgres.As{Owner: owner}, forgetRounds, forgetMost, forgetAccesses, s.moment().AddDate(0, -AccessTime, 0))
}
