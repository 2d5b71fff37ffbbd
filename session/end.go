package session

import (
	"context"

	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

const endSessionsOf = `select end_sessions_of($1, $2)`

// EndOf ends all sessions of somebody else, for whoever keeps the roster. The database asks
// again whether the caller does, and writes it into the record.
func (s *Service) EndOf(ctx context.Context, actor school.Actor, req *pb.EndSessionsRequest) (*pb.EndSessionsResponse, error) {
	who, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	if who == actor.Person {
		return nil, refusal.Invalidf("person_id", "is the caller's own")
	}
	call := once.Call{As: actor.As(), RPC: "EndSessions", Request: req, Now: s.moment()}
	reply, err := once.New(call, once.AboutNothing, once.ReadNothing[int32],
		func(w once.Writer, ended *int32) error {
			w.Queue(endSessionsOf, who, call.Now).QueryRow(func(row pgx.Row) error { return row.Scan(ended) })
			return nil
		},
		func(ended *int32) *pb.EndSessionsResponse { return &pb.EndSessionsResponse{Ended: *ended} },
	).RememberWritten(ctx, s.DB, once.Same[int32]())
	if err == nil {
		s.ForgetPerson(who)
	}
	return reply, err
}
