package observation

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/school"
	"undring/wire"
	"undring/words"
)

// ownHours asks what the caller has in some hours themselves: a lesson, another visit.
// Their own rows are all that row level security shows them, so nothing of the other
// one's can come of it.
const ownHours = `
		select coalesce(bool_or(b.kind = 2 and not b.beside), false), coalesce(bool_or(b.kind = 1), false)
		from booking b
		where b.owner_id = $1 and b.person_id = $2 and b.span && tstzrange($3, $4)
			and b.occasion_id is distinct from (select v.occasion_id from visit v where v.owner_id = $1 and v.id = $5)`

// checking is what there may be to know before one proposes.
type checking struct {
	lesson, visit bool // the caller has one in that hour
	in            obstacles
	calendar      school.Calendar
}

// CheckProposal says what the caller may want to know before they propose. It reads what
// is the caller's own and the school's, and asks nothing about the other one.
func (s *Service) CheckProposal(ctx context.Context, req *pb.CheckProposalRequest) (*pb.CheckProposalResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	p, visit, err := decodeCheck(req)
	switch {
	case err != nil:
		return nil, err
	case actor.Person != p.Observer && actor.Person != p.Observed:
		return nil, refusal.New(refusal.RoleRequired).With("role", "OBSERVER or OBSERVED")
	case !actor.Belongs(p.School):
		return nil, refusal.New(refusal.NotThere)
	}
	now := s.moment()
	var c checking
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		school.QueueCalendar(b, actor.Owner, p.School, &c.calendar)
		b.Queue(ownHours, actor.Owner, actor.Person, p.Start, p.End, visit).
			QueryRow(func(row pgx.Row) error { return row.Scan(&c.lesson, &c.visit) })
		// Its own answer about hours is not used: it does not tell a lesson from a visit.
		queueObstacles(b, p.visits(actor.Person, now)[0], actor.Person, req.GetMutual(), now, &c.in)
	})
	if err != nil {
		return nil, err
	}
	return &pb.CheckProposalResponse{Warnings: c.warnings(p, actor, visit.Valid)}, nil
}

// decodeCheck reads what would be proposed, and the visit that it would move.
func decodeCheck(req *pb.CheckProposalRequest) (*Proposal, uuid.NullUUID, error) {
	p := &Proposal{Start: wire.Time(req.GetStartTime()), End: wire.Time(req.GetEndTime()), CoTaught: req.GetCoTaught()}
	visit, err := wire.OptionalID("observation_id", req.GetObservationId())
	if err != nil {
		return nil, visit, err
	}
	for _, field := range []struct {
		name, value string
		into        *uuid.UUID
	}{{"school_id", req.GetSchoolId(), &p.School}, {"observer_id", req.GetObserverId(), &p.Observer}, {"observed_id", req.GetObservedId(), &p.Observed}} {
		if *field.into, err = wire.ID(field.name, field.value); err != nil {
			return nil, visit, err
		}
	}
	return p, visit, nil
}

// warnings are what there is to know, the day first. Only who visits is kept by an own
// lesson, unless both teach it; a visit that is there already owes nothing by moving.
func (c *checking) warnings(p *Proposal, actor school.Actor, moves bool) []*pb.ProposalWarning {
	var out []*pb.ProposalWarning
	warn := func(is bool, kind pb.ProposalWarningKind, refused bool, visit string) {
		if is {
			out = append(out, &pb.ProposalWarning{Kind: kind, Refused: refused, ObservationId: visit,
				Text: words.Say(actor.Language, "check."+wire.Name(kind))})
		}
	}
	warn(!c.calendar.IsSchoolDay(p.Start), pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_FREE_DAY, false, "")
	warn(c.calendar.IsBusy(p.Start), pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_BUSY_PERIOD, false, "")
	warn(c.lesson && actor.Person == p.Observer && !p.CoTaught, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OWN_LESSON, true, "")
	warn(c.visit, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OWN_VISIT, true, "")
	for _, late := range c.in.debts {
		if late.Valid && !moves {
			warn(true, pb.ProposalWarningKind_PROPOSAL_WARNING_KIND_OVERDUE, true, late.UUID.String())
			break
		}
	}
	return out
}
