package school

import (
	"context"
	"time"

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
	call := once.Call{As: actor.As(), RPC: "MergePeople", Request: req, Now: s.moment()}
	// The same request begins the same merge, wherever it is repeated.
	id, until := uuid.NewSHA1(actor.Person, []byte("merge "+req.GetRequestId())), call.Now.Add(IdentityWait)
	return once.New(call, once.AboutNothing, once.ReadNothing[merging],
		func(w once.Writer, m *merging) error {
			// Functions of the database do it: a merge reaches into the tables of every room.
			w.Queue(LockRoster, actor.Owner)
			w.Queue(beginMerge, actor.Owner, id, ids[0], ids[1], call.Now, until)
			w.Queue(mergeState, actor.Owner, id).QueryRow(func(row pgx.Row) error { return row.Scan(&m.outcome) })
			return nil
		},
		func(m *merging) *pb.MergePeopleResponse {
			return &pb.MergePeopleResponse{ChangeId: id.String(), Done: m.outcome == "DONE", EffectiveTime: wire.EncodeTime(until)}
		},
	// Whether it is done already only the function knows, so the reply is made behind the writes.
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
	call := once.Call{As: actor.As(), RPC: "UndoMerge", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(LockRoster, actor.Owner)
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
	call := once.Call{As: actor.As(), RPC: "RelinkPerson", Request: req, Now: s.moment()}
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
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueChanges(b, actor, s.moment(), func(c IdentityChange) { reply.Changes = append(reply.Changes, c.encode()) })
	})
	return reply, err
}

// queueChanges reads what concerns the actor: what is open, and what came of the rest in
// the last days.
func queueChanges(b *pgx.Batch, actor Actor, now time.Time, take func(IdentityChange)) {
	b.Queue(changesOfPerson, actor.Owner, actor.Person, now.Add(-ObjectionTime)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var c IdentityChange
			if err := rows.Scan(&c.ID, &c.Kind, &c.Was, &c.Said, &c.Issuer, &c.OtherName, &c.AskedBy, &c.Created, &c.Effective, &c.Outcome); err != nil {
				return err
			}
			take(c)
		}
		return rows.Err()
	})
}

// QueueOpenChanges reads what the actor is asked about themselves, for their phone.
// What has ended is left to the list: a phone asks, it keeps no history.
func QueueOpenChanges(b *pgx.Batch, actor Actor, now time.Time, into *[]*pb.IdentityChange) {
	queueChanges(b, actor, now, func(c IdentityChange) {
		if c.Outcome == "" {
			*into = append(*into, c.encode())
		}
	})
}

// encode is the change as the person reads it who has to say yes or no.
func (c IdentityChange) encode() *pb.IdentityChange {
	out := &pb.IdentityChange{Id: c.ID.String(), Kind: wire.Enum[pb.IdentityChangeKind](c.Kind), OldEmail: c.Was, NewEmail: c.Said, Issuer: c.Issuer,
		AskedByName: c.AskedBy, CreateTime: wire.EncodeTime(c.Created), EffectiveTime: wire.EncodeTime(c.Effective)}
	// Of the other kinds nobody else is concerned.
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
	// The function finds the change among the caller's own: an answer to somebody else's is one
	// to nothing, NOT_FOUND; a second one is WRONG_STATE.
	call := once.Call{As: actor.As(), RPC: "AnswerIdentityChange", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			w.Queue(LockRoster, actor.Owner)
			w.Queue(answerChange, actor.Owner, id, req.GetAgree(), call.Now)
			return nil
		},
		func(*struct{}) *pb.AnswerIdentityChangeResponse { return &pb.AnswerIdentityChangeResponse{} },
	).Remember(ctx, s.db, once.Same[struct{}]())
}
