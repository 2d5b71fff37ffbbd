package school

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/wire"
)

// merging is a merge under way.
type merging struct{ outcome string }

// MergePeople makes two people one, or begins to. That the caller keeps a roster has
// been checked at the door.
func (s *Service) MergePeople(ctx context.Context, req *pb.MergePeopleRequest) (*pb.MergePeopleResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := wire.IDs("person_id", []string{req.GetPersonId(), req.GetOtherId()})
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "MergePeople", Request: req, Now: s.moment()}
	// The same request begins the same merge, wherever it is repeated.
	id, until := uuid.NewSHA1(actor.Person, []byte("merge "+req.GetRequestId())), call.Now.Add(IdentityWait)
	return once.New(call, once.AboutNothing, once.ReadNothing[merging],
		func(w once.Writer, m *merging) error {
			// Functions of the database do it: a merge reaches into the tables of every room.
			w.Queue(beginMerge, actor.Owner, id, ids[0], ids[1], call.Now, until)
			w.Queue(mergeState, actor.Owner, id).QueryRow(func(row pgx.Row) error { return row.Scan(&m.outcome) })
			return nil
		},
		func(m *merging) *pb.MergePeopleResponse {
			return &pb.MergePeopleResponse{ChangeId: id.String(), Done: m.outcome == "DONE", EffectiveTime: wire.EncodeTime(until)}
		},
	).RememberWritten(ctx, s.db, once.Same[merging]())
}

// UndoMerge puts two people apart again. That the caller keeps a roster has been checked
// at the door.
func (s *Service) UndoMerge(ctx context.Context, req *pb.UndoMergeRequest) (*pb.UndoMergeResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("change_id", req.GetChangeId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "UndoMerge", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(undoMerge, actor.Owner, id, call.Now)
			return nil
		},
		func(*struct{}) *pb.UndoMergeResponse { return &pb.UndoMergeResponse{} },
	).Remember(ctx, s.db, once.Same[struct{}]())
}

// RelinkPerson lets another sign-in take the place of somebody's. That the caller keeps
// a roster has been checked at the door.
func (s *Service) RelinkPerson(ctx context.Context, req *pb.RelinkPersonRequest) (*pb.RelinkPersonResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	person, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "RelinkPerson", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *relinking) { r.read(b, actor.Owner, person) },
		func(w once.Writer, r *relinking) error {
			return r.decide(w, actor.Owner, person, s.newID(), uuid.NullUUID{UUID: actor.Person, Valid: true}, call.Now)
		},
		func(r *relinking) *pb.RelinkPersonResponse {
			return &pb.RelinkPersonResponse{EffectiveTime: wire.EncodeTime(r.until)}
		},
	).Remember(ctx, s.db, once.Same[relinking]())
}

// ListIdentityChanges lists what concerns the caller.
func (s *Service) ListIdentityChanges(ctx context.Context, _ *pb.ListIdentityChangesRequest) (*pb.ListIdentityChangesResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListIdentityChangesResponse)
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		b.Queue(changesOfPerson, actor.Owner, actor.Person, s.moment().Add(-ObjectionTime)).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var c IdentityChange
				if err := rows.Scan(&c.ID, &c.Kind, &c.Was, &c.Said, &c.Issuer, &c.OtherName, &c.AskedBy, &c.Created, &c.Effective, &c.Outcome); err != nil {
					return err
				}
				reply.Changes = append(reply.Changes, c.encode())
			}
			return rows.Err()
		})
	})
	return reply, err
}

func (c IdentityChange) encode() *pb.IdentityChange {
	out := &pb.IdentityChange{Id: c.ID.String(), Kind: wire.Enum[pb.IdentityChangeKind](c.Kind), OldEmail: c.Was, NewEmail: c.Said, Issuer: c.Issuer,
		AskedByName: c.AskedBy, CreateTime: wire.EncodeTime(c.Created), EffectiveTime: wire.EncodeTime(c.Effective)}
	if c.Kind == Merge {
		out.OtherName = c.OtherName
	}
	if c.Outcome != "" {
		out.Outcome = wire.Enum[pb.IdentityChangeOutcome](c.Outcome)
	}
	return out
}

// AnswerIdentityChange takes the caller's yes or no.
func (s *Service) AnswerIdentityChange(ctx context.Context, req *pb.AnswerIdentityChangeRequest) (*pb.AnswerIdentityChangeResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("change_id", req.GetChangeId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "AnswerIdentityChange", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(answerChange, actor.Owner, id, req.GetAgree(), call.Now)
			return nil
		},
		func(*struct{}) *pb.AnswerIdentityChangeResponse { return &pb.AnswerIdentityChangeResponse{} },
	).Remember(ctx, s.db, once.Same[struct{}]())
}
