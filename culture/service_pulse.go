package culture

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
	"undring/words"
)

const (
	hasAnswered = `
		select exists (select from pulse_answered where owner_id = $1 and term = $2 and person_id = $3),
			coalesce((select days from sign_in_days where owner_id = $1 and person_id = $3), 0)`

	insertAnswered = `insert into pulse_answered (owner_id, term, person_id) values ($1, $2, $3)`

	insertAnswer = `insert into pulse_answer (owner_id, term, id, sealed) values ($1, $2, $3, $4)`
)

// asked says whether somebody is asked at a school.
func asked(a school.Actor, id uuid.UUID) bool {
	return a.Is(school.Teacher, id) || a.Is(school.Leader, id)
}

// voter is what decides whether somebody may answer.
type voter struct {
	answered bool
	days     int // on which they have been here, up to those after which they count
}

// queueVoter reads what decides whether somebody may answer a round.
func queueVoter(b *pgx.Batch, a school.Actor, t school.Term, into *voter) {
	b.Queue(hasAnswered, a.Owner, t.String(), a.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&into.answered, &into.days) })
}

// missing are the days that somebody has still to come before they count. Accounts that
// nobody uses would otherwise fill a round, around the one answer that their maker wants
// to read.
func (v voter) missing() int { return max(guard.SignInDays-v.days, 0) }

// open says whether the round of a half-year can be answered.
func open(t school.Term, now time.Time) bool {
	opens, closes := RoundOf(t)
	return !now.Before(opens) && now.Before(closes)
}

// SubmitPulse answers the round that is open.
func (s *Service) SubmitPulse(ctx context.Context, req *pb.SubmitPulseRequest) (*pb.SubmitPulseResponse, error) {
	actor, id, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	if !asked(actor, id) {
		return nil, refusal.New(refusal.RoleRequired).With("role", string(school.Teacher))
	}
	// Whoever both teaches and leads answers as a teacher, and is counted as one.
	ballot := Ballot{School: id, Leader: !actor.Is(school.Teacher, id)}
	if ballot.Agrees, err = decodeAnswers(req.GetAnswers()); err != nil {
		return nil, err
	}
	now := s.moment()
	term := nextRound(now)
	seal, err := newSealer(s.secrets[0], actor.Owner, term.String())
	if err != nil {
		return nil, err
	}
	// The memory of requests is about persons: it gets to know that somebody
	// answered, and not what.
	call := once.Call{As: actor.As(), RPC: "SubmitPulse", Request: &pb.SubmitPulseRequest{RequestId: req.GetRequestId(), SchoolId: req.GetSchoolId()}, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, v *voter) { queueVoter(b, actor, term, v) },
		func(w once.Writer, v *voter) error {
			if v.answered || v.missing() > 0 || !open(term, now) {
				return refusal.New(refusal.PulseClosed)
			}
			// That somebody has answered, and what was answered, share no key: nobody can put
			// the two together again.
			w.Queue(insertAnswered, actor.Owner, term.String(), actor.Person)
			w.Queue(insertAnswer, actor.Owner, term.String(), randomID(), seal.seal(ballot))
			return nil
		},
		func(*voter) *pb.SubmitPulseResponse { return &pb.SubmitPulseResponse{} },
	).Remember(ctx, s.db, once.Same[voter]())
}

// decodeAnswers puts the answers in the order of the statements; each has to be
// there, once.
func decodeAnswers(list []*pb.PulseAnswer) ([]bool, error) {
	out := make([]bool, len(statements))
	var seen []guard.Figure
	for _, a := range list {
		l, known := guard.ByName(a.GetStatementId())
		i := slices.Index(statements, l.Figure)
		if !known || i < 0 || slices.Contains(seen, l.Figure) {
			return nil, refusal.Beyond("answers", refusal.AnswerEach, 0)
		}
		seen, out[i] = append(seen, l.Figure), a.GetAgrees()
	}
	if len(seen) != len(statements) {
		return nil, refusal.Beyond("answers", refusal.AnswerEach, 0)
	}
	return out, nil
}

// GetPulse returns a round of the pulse and, once it is published, its results.
func (s *Service) GetPulse(ctx context.Context, req *pb.GetPulseRequest) (*pb.GetPulseResponse, error) {
	actor, cell, kind, err := s.reader(ctx, req)
	if err != nil {
		return nil, err
	}
	term, given, err := termAsked(req.GetTerm())
	if err != nil {
		return nil, err
	}
	var cells []Cell
	err = s.metrics.Read(ctx, asAll(actor), func(b *pgx.Batch) {
		queueCells(b, guard.Pulse, actor.Owner, cell, req.GetTerm(), trendMost, &cells)
	})
	if err != nil {
		return nil, err
	}
	now := s.moment()
	if !given {
		term = nextRound(now)
		// Between rounds, the last one that was published is of more use than the one to come.
		if n := len(cells); !open(term, now) && n > 0 {
			term = cells[n-1].Term
		}
	}
	reply := &pb.GetPulseResponse{Round: encodeRound(actor.Language, newReport(actor.Owner, cell, kind, term, now, cells), now)}
	// Only those who are asked learn whether they have answered.
	if kind != OfSchool || !asked(actor, cell) {
		return reply, nil
	}
	var v voter
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueVoter(b, actor, term, &v) })
	reply.Answered, reply.DaysMissing = v.answered, uint32(v.missing())
	reply.MayAnswer = open(term, now) && !v.answered && v.missing() == 0
	return reply, err
}

// encodeRound is a round of the pulse as everybody sees it. Results are in it only once they
// are published: until then not even the number of answers is, which would tell who has
// answered.
func encodeRound(language string, r Report, now time.Time) *pb.PulseRound {
	opens, closes := RoundOf(r.Term)
	out := &pb.PulseRound{
		Term: r.Term.String(), OpenTime: wire.EncodeTime(opens), CloseTime: wire.EncodeTime(closes),
		Promise: words.Say(language, "pulse.promise"), State: pb.PulseState_PULSE_STATE_OPEN,
	}
	for _, f := range statements {
		out.Statements = append(out.Statements, &pb.PulseStatement{Id: f.Line().Name, Text: words.Say(language, "culture."+f.Line().Name+".title")})
	}
	switch {
	case now.Before(opens):
		out.State = pb.PulseState_PULSE_STATE_COMING
	case now.Before(closes):
	case r.State == Published || r.State == OwnerOnly:
		out.State = pb.PulseState_PULSE_STATE_PUBLISHED
		out.Results = []*pb.PulseResult{
			r.result(language, pb.PulseGroup_PULSE_GROUP_TEACHERS, guard.PulseResponse, statements),
			r.result(language, pb.PulseGroup_PULSE_GROUP_LEADERS, guard.LeadersPulseResponse, leadersStatements),
		}
	default:
		out.State = pb.PulseState_PULSE_STATE_CLOSED
	}
	return out
}

// result is what one group answered. How many answered is told as few, some or most.
func (r Report) result(language string, group pb.PulseGroup, response guard.Figure, list []guard.Figure) *pb.PulseResult {
	out := &pb.PulseResult{Group: group, GroupWords: words.Say(language, "pulse.group."+wire.Name(group))}
	b, there := r.Own.Bands[response]
	switch {
	case !there || !b.Shown():
		out.Response = words.Say(language, "culture.held.TOO_FEW")
	// By the ends of the bands that speak least for it: "most" is said where it is so whatever
	// numbers stand behind the bands.
	case 4*b.Low >= 3*b.PeopleHigh || b.Kind == guard.HighEnd:
		out.Response = words.Say(language, "pulse.response.HIGH_END")
	case 4*b.High <= b.PeopleLow || b.Kind == guard.LowEnd:
		out.Response = words.Say(language, "pulse.response.LOW_END")
	default:
		out.Response = words.Say(language, "pulse.response.BETWEEN")
	}
	c := r.Own
	if !r.Own.Shown { // the school is too small: nothing was published of it
		c.Bands = map[guard.Figure]guard.Band{}
		for _, f := range list {
			c.Bands[f] = guard.Band{Kind: guard.TooFew}
		}
	}
	for _, f := range list {
		m := r.metric(language, c, f.Line())
		m.Among = ""
		out.Metrics = append(out.Metrics, m)
	}
	return out
}
