package school

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/wire"
)

const (
	// FigureThreshold is how many people at least stand behind every figure. No
	// setting lowers it.
	// The contract tells it with each policy, so that a school reads it among its rules (G10).
	FigureThreshold = 8
	// furthestPolicy is how far ahead a policy may be agreed on.
	furthestPolicy = 366 * 24 * time.Hour
)

const (
	policiesOfSchool = `
		select e.effective_at, e.feedback_due, e.answer_due, e.takeaway_due, e.gate, e.purpose, e.retention_months, e.figures_in_words, e.reason, e.agreed_with,
			coalesce(p.given_name || ' ' || p.family_name, ''), e.set_at
		from exchange_policy e
		left join person p on p.owner_id = e.owner_id and p.id = e.set_by
		where e.owner_id = $1 and e.school_id = $2
		order by e.effective_at desc
		limit 200`

	lockPolicy = `select pg_advisory_xact_lock(hashtextextended('policy ' || $1::text, 0))`

	// The constraint on its key refuses a second one of the same moment.
	insertPolicy = `
		insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, purpose, retention_months,
			figures_in_words, reason, agreed_with, set_by, set_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

	// What is marked as given by hand, no import takes away again.
	setRole = `
		insert into membership (owner_id, school_id, person_id, role, active, since, by_hand)
		values ($1, $2, $3, $4, $5, $6, $5)
		on conflict (owner_id, school_id, person_id, role) do update set active = excluded.active, by_hand = excluded.by_hand`

	// A function, since no caller may write into the record by hand; it asks again for the role.
	noteRole = `select note_role($2, $3, $4, $5, $6) where $1::uuid is not null`

	// Somebody inactive is given nothing: they could not use it, and it would wait for them.
	personAndSchool = `
		select exists (select from person where owner_id = $1 and id = $2 and active)
			and exists (select from school where owner_id = $1 and id = $3)`
)

// QueuePolicies reads every policy of a school, the newest first.
func QueuePolicies(b *pgx.Batch, owner, school uuid.UUID, into *[]Policy) {
	b.Queue(policiesOfSchool, owner, school).Query(eachPolicy(into))
}

// eachPolicy reads policies from rows. One that nobody has set has no time of setting.
func eachPolicy(into *[]Policy) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var p Policy
			var set *time.Time
			err := rows.Scan(&p.Since, &p.FeedbackDue, &p.AnswerDue, &p.TakeawayDue, &p.Gate, &p.Purpose, &p.RetentionMonths, &p.FiguresInWords, &p.Reason, &p.AgreedWith,
				&p.SetBy, &set)
			if err != nil {
				return err
			}
			if set != nil {
				p.Set = *set
			}
			*into = append(*into, p)
		}
		return rows.Err()
	}
}

// Encode writes a policy for the contract.
func (p Policy) Encode() *pb.ExchangePolicy {
	out := &pb.ExchangePolicy{
		FeedbackDue: int32(p.FeedbackDue), AnswerDue: int32(p.AnswerDue), TakeawayDue: int32(p.TakeawayDue), Gate: p.Gate,
		EffectiveTime: wire.EncodeTime(p.Since), Purpose: p.Purpose, RetentionMonths: int32(p.RetentionMonths), Reason: p.Reason,
		AgreedWith: p.AgreedWith, SetByName: p.SetBy, FigureThreshold: FigureThreshold, FiguresInWords: p.FiguresInWords,
		SetTime: wire.EncodeTime(p.Set),
	}
	return out
}

// leads finds the one who acts, who must lead the school or keep its roster.
// Both may change what the school agreed on: an administrator of a school without a leader
// in the system has to begin.
func leads(ctx context.Context, schoolID string) (Actor, uuid.UUID, error) {
	actor, school, err := At(ctx, schoolID)
	if err == nil && !actor.Is(Leader, school) && !actor.Is(Administrator, school) {
		err = refusal.New(refusal.RoleRequired).With("role", string(Leader))
	}
	return actor, school, err
}

// ListPolicyChanges lists every policy of a school.
func (s *Service) ListPolicyChanges(ctx context.Context, req *pb.ListPolicyChangesRequest) (*pb.ListPolicyChangesResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	var all []Policy
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		QueuePolicies(b, actor.Owner, school, &all)
	})
	reply := new(pb.ListPolicyChangesResponse)
	for _, p := range all {
		reply.Policies = append(reply.Policies, p.Encode())
	}
	return reply, err
}

// UpdateExchangePolicy changes what the staff of a school have agreed on, forward
// in time alone.
func (s *Service) UpdateExchangePolicy(ctx context.Context, req *pb.UpdateExchangePolicyRequest) (*pb.UpdateExchangePolicyResponse, error) {
	actor, school, err := leads(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	// Two ways to say when could say two times.
	if req.GetEffectiveDate() != "" && req.GetEffectiveTime() != nil {
		return nil, refusal.Invalidf("effective_date", "not beside effective_time")
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "UpdateExchangePolicy", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *agreeing) {
			// Changes at one school go one after the other: each starts from the policy before
			// it.
			b.Queue(lockPolicy, school)
			QueuePolicies(b, actor.Owner, school, &c.all)
			queueSchool(b, actor.Owner, school, now, &c.at)
		},
		func(w once.Writer, c *agreeing) error {
			zone := c.at.Rules.Calendar.Zone()
			since, err := effective(req, zone, now)
			if err != nil {
				return err
			}
			p, err := policyBefore(c.all, since)
			if err != nil {
				return err
			}
			// What a request does not mention stays as it was; the reason and the agreement are
			// of this change alone.
			p.Since, p.Set, p.Reason, p.AgreedWith, p.SetBy = since, now, req.GetReason(), req.GetAgreedWith(), ""
			p.change(req)
			if err := p.CheckNotice(now, zone); err != nil {
				return err
			}
			w.Queue(insertPolicy, actor.Owner, school, p.Since, p.FeedbackDue, p.AnswerDue, p.TakeawayDue, p.Gate, p.Purpose, p.RetentionMonths,
				p.FiguresInWords, p.Reason, p.AgreedWith, actor.Person, now)
			c.made = p
			return nil
		},
		func(c *agreeing) *pb.UpdateExchangePolicyResponse {
			return &pb.UpdateExchangePolicyResponse{Policy: c.made.Encode()}
		},
	).Remember(ctx, s.db, once.Gone[agreeing](refusal.New(refusal.NotThere)))
}

// agreeing is a change of what the staff of a school have agreed on.
type agreeing struct {
	at   School
	all  []Policy // the newest first
	made Policy
}

// effective is the moment from which a change holds: the one that is asked for, or
// the earliest that the notice allows.
func effective(req *pb.UpdateExchangePolicyRequest, zone *time.Location, now time.Time) (time.Time, error) {
	field, since := "effective_time", now
	switch {
	case req.GetEffectiveDate() != "":
		field = "effective_date"
		day, err := time.ParseInLocation(time.DateOnly, req.GetEffectiveDate(), zone)
		if err != nil {
			return since, refusal.Invalidf(field, "is not a day, such as 2026-12-07")
		}
		since = day.UTC()
	case req.GetEffectiveTime() != nil:
		since = wire.Time(req.GetEffectiveTime())
	// Without an agreement of the staff, the notice has to pass first.
	case strings.TrimSpace(req.GetAgreedWith()) == "":
		return earliestChange(now, zone), nil
	}
	switch {
	// Backwards it would make late what was in time.
	case since.Before(now):
		return since, refusal.Beyond(field, refusal.Past, 0)
	case since.After(now.Add(furthestPolicy)):
		return since, refusal.Beyond(field, refusal.TooFarAhead, int(furthestPolicy/(24*time.Hour)))
	}
	return since, nil
}

// policyBefore finds, among all (the newest first), the policy that a change at a
// moment starts from. Two cannot begin at the same moment.
// A change between two that are set already starts from the earlier one; the later one stays
// as it was written.
func policyBefore(all []Policy, since time.Time) (Policy, error) {
	for _, before := range all {
		if before.Since.Equal(since) {
			return Policy{}, refusal.Beyond("effective_time", refusal.PolicyThere, 0)
		}
		if before.Since.Before(since) {
			return before, nil
		}
	}
	// Before the first policy the defaults held.
	return DefaultPolicy(since), nil
}

// change takes over what a request says; the rest stays.
// Pointers tell "not mentioned" from 0 and false, which mean something here.
func (p *Policy) change(req *pb.UpdateExchangePolicyRequest) {
	if req.FeedbackDue != nil {
		p.FeedbackDue = int(req.GetFeedbackDue())
	}
	if req.AnswerDue != nil {
		p.AnswerDue = int(req.GetAnswerDue())
	}
	if req.TakeawayDue != nil {
		p.TakeawayDue = int(req.GetTakeawayDue())
	}
	if req.Gate != nil {
		p.Gate = req.GetGate()
	}
	if req.Purpose != nil {
		p.Purpose = req.GetPurpose()
	}
	if req.RetentionMonths != nil {
		p.RetentionMonths = int(req.GetRetentionMonths())
	}
	if req.FiguresInWords != nil {
		p.FiguresInWords = req.GetFiguresInWords()
	}
}

// SetRole gives somebody a role by hand, or takes it away. That the caller keeps
// a roster has been checked at the door.
func (s *Service) SetRole(ctx context.Context, req *pb.SetRoleRequest) (*pb.SetRoleResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	person, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	school, err := wire.ID("school_id", req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	role := Role(wire.Name(req.GetRole()))
	// Or the last one who keeps the roster could lock everybody out.
	if req.GetTakeAway() && person == actor.Person && role == Administrator {
		return nil, refusal.Beyond("person_id", refusal.OwnRole, 0)
	}
	call := once.Call{As: actor.As(), RPC: "SetRole", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, there *bool) {
			b.Queue(personAndSchool, actor.Owner, person, school).QueryRow(func(row pgx.Row) error { return row.Scan(there) })
		},
		func(w once.Writer, there *bool) error {
			if !*there {
				return refusal.New(refusal.NotThere)
			}
			w.Queue(setRole, actor.Owner, school, person, string(role), !req.GetTakeAway(), call.Now)
			w.Queue(noteRole, actor.Owner, person, school, string(role), !req.GetTakeAway(), call.Now)
			return nil
		},
		func(*bool) *pb.SetRoleResponse { return &pb.SetRoleResponse{} },
	).Remember(ctx, s.db, once.Same[bool]())
}
