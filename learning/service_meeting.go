package learning

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

// meeting is a meeting, or the norms of meetings, that somebody does something with.
// It is the state of every change here; each fills in what it needs.
type meeting struct {
	meeting  *Meeting
	norms    *Norms
	calendar school.Calendar
	there    bool        // the team is one of the school's
	runs     bool        // the caller may plan for it
	known    []uuid.UUID // of those who are named, who works there
}

// decodePlan reads what is planned of a meeting.
// Of several ids that are no UUIDs any one is named: the fields are walked in no order.
func decodePlan(req *pb.PlanMeetingRequest) (Plan, error) {
	p := Plan{Start: wire.Moment(wire.Time(req.GetStartTime())), Place: req.GetPlace(), Form: wire.Name(req.GetForm()), Reading: req.GetReading(), ReadingWhy: req.GetReadingWhy()}
	var err error
	for field, of := range map[string]struct {
		text string
		into *uuid.NullUUID
	}{
		"leader_id": {req.GetLeaderId(), &p.Leader}, "timekeeper_id": {req.GetTimekeeperId(), &p.Timekeeper}, "questioner_id": {req.GetQuestionerId(), &p.Questioner},
	} {
		if *of.into, err = wire.OptionalID(field, of.text); err != nil {
			return p, err
		}
	}
	for _, i := range req.GetItems() {
		p.Items = append(p.Items, Item{Kind: wire.Name(i.GetKind()), About: i.GetAboutId(), Title: i.GetTitle(), Minutes: int(i.GetMinutes())})
	}
	return p, nil
}

// people are those who have a role in a meeting.
// Each once: in a small team one person may have two roles.
func (p *Plan) people() []uuid.UUID {
	var out []uuid.UUID
	for _, id := range []uuid.NullUUID{p.Leader, p.Timekeeper, p.Questioner} {
		if id.Valid && !slices.Contains(out, id.UUID) {
			out = append(out, id.UUID)
		}
	}
	return out
}

// PlanMeeting plans a meeting, or plans it anew.
func (s *Service) PlanMeeting(ctx context.Context, req *pb.PlanMeetingRequest) (*pb.PlanMeetingResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	team, err := wire.OptionalID("team_id", req.GetTeamId())
	if err != nil {
		return nil, err
	}
	plan, err := decodePlan(req)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	again := func(b *pgx.Batch, c *meeting) { queueMeeting(b, actor.Owner, actor.Person, id, now, &c.meeting) }
	call := once.Call{As: actor.As(), RPC: "PlanMeeting", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *meeting) {
			again(b, c)
			c.queuePlace(b, actor, at, team)
			c.queueKnown(b, at, plan.people())
		},
		func(w once.Writer, c *meeting) error {
			// A team, or a person, of another school is refused like one that is not there at all.
			if !c.there || len(c.known) < len(plan.people()) {
				return refusal.New(refusal.NotThere)
			}
			// Without a revision it is a new meeting: where the id is taken already, its key refuses it.
			if m := c.meeting; m != nil && req.GetRevision() > 0 {
				// A meeting is not moved to another team by planning it anew.
				if m.School != at || m.Team != team {
					return refusal.New(refusal.NotThere)
				}
				if err := m.replan(req.GetRevision(), plan); err != nil {
					return err
				}
				m.saveReplan(w, actor.Owner)
				return nil
			}
			if req.GetRevision() > 0 { // of a meeting that is not there
				return refusal.New(refusal.NotThere)
			}
			// Of a meeting that is there, replan asks the same by what was read with it.
			if !c.runs {
				return refusal.New(refusal.NotYourMove)
			}
			c.meeting = &Meeting{ID: id, School: at, Team: team, Plan: plan, Revision: 1, Runs: true}
			c.meeting.insert(w, actor.Owner, actor.Person)
			return nil
		},
		func(c *meeting) *pb.PlanMeetingResponse {
			out := c.meeting.encode()
			// What people have written is not stored a second time with the reply; what is parked or
			// decided doesn't belong to this request, and is left to the next reading.
			out.Place, out.Reading, out.ReadingWhy, out.Items, out.Parked, out.Decisions = "", "", "", nil, nil, nil
			return &pb.PlanMeetingResponse{Meeting: out}
		},
	).Strip(ctx, s.db, func(r *pb.PlanMeetingResponse) {
		m := r.GetMeeting()
		m.Place, m.Reading, m.ReadingWhy, m.Items = req.GetPlace(), req.GetReading(), req.GetReadingWhy(), req.GetItems()
	}, once.Gone[meeting](refusal.New(refusal.NotThere)))
}

// queuePlace asks whether a team is one of the school's, and may be planned for.
// Two questions beside each other: a team that is not there is NOT_FOUND, one that somebody
// else plans for is NOT_YOUR_MOVE.
func (c *meeting) queuePlace(b *pgx.Batch, actor school.Actor, at uuid.UUID, team uuid.NullUUID) {
	school.QueueTeamThere(b, actor.Owner, at, team, &c.there)
	b.Queue(mayRun, at, team, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&c.runs) })
}

// queueKnown asks who of some people works at the school.
func (c *meeting) queueKnown(b *pgx.Batch, at uuid.UUID, people []uuid.UUID) {
	b.Queue(`select coalesce(array_agg(p), '{}') from unnest($2::uuid[]) p where belongs_to($1, p)`, at, people).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.known) })
}

// meetingRequest is a request about one meeting.
type meetingRequest interface {
	once.Request
	GetMeetingId() string
}

// onMeeting carries out a change of a meeting, and answers with it as it then stands.
// named are people whom the request names; those of them who work at the school of the
// meeting are in known, for decide to look at. The reply is the state that decide has left,
// which is what was written; a repetition reads it anew.
func onMeeting[R proto.Message](ctx context.Context, s *Service, rpc string, req meetingRequest, named []uuid.UUID,
	decide func(once.Writer, school.Actor, *meeting, time.Time) error, reply func(*pb.Meeting) R) (none R, err error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("meeting_id", req.GetMeetingId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	again := func(b *pgx.Batch, c *meeting) { queueMeeting(b, actor.Owner, actor.Person, id, now, &c.meeting) }
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *meeting) {
			again(b, c)
			b.Queue(namedInMeeting, actor.Owner, id, named).QueryRow(func(row pgx.Row) error { return row.Scan(&c.known) })
		},
		func(w once.Writer, c *meeting) error {
			if c.meeting == nil {
				return refusal.New(refusal.NotThere)
			}
			return decide(w, actor, c, now)
		},
		func(c *meeting) R { return reply(c.meeting.encode()) },
	).ReadAnew(ctx, s.db, once.Read(again))
}

// namedInMeeting are those of some people who work at the school of a meeting.
// The school comes from the meeting's own row: the request doesn't say it.
const namedInMeeting = `
	select coalesce(array_agg(p), '{}') from unnest($3::uuid[]) p, meeting m where m.owner_id = $1 and m.id = $2 and belongs_to(m.school_id, p)`

// RunMeeting goes on in a meeting.
// Item 0 ends it; there is no call of its own for that.
func (s *Service) RunMeeting(ctx context.Context, req *pb.RunMeetingRequest) (*pb.RunMeetingResponse, error) {
	return onMeeting(ctx, s, "RunMeeting", req, nil,
		func(w once.Writer, actor school.Actor, c *meeting, now time.Time) error {
			if err := c.meeting.run(int(req.GetItem()), now); err != nil {
				return err
			}
			c.meeting.saveRun(w, actor.Owner)
			return nil
		},
		func(m *pb.Meeting) *pb.RunMeetingResponse { return &pb.RunMeetingResponse{Meeting: m} })
}

// ParkPoint leaves something for later.
// Anybody who takes part may: it is what keeps a meeting at its item (F11).
func (s *Service) ParkPoint(ctx context.Context, req *pb.ParkPointRequest) (*pb.ParkPointResponse, error) {
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	return onMeeting(ctx, s, "ParkPoint", req, nil,
		func(w once.Writer, actor school.Actor, c *meeting, _ time.Time) error {
			p := Parked{id, req.GetText()}
			if err := c.meeting.park(p); err != nil {
				return err
			}
			c.meeting.savePark(w, actor.Owner, p)
			return nil
		},
		func(m *pb.Meeting) *pb.ParkPointResponse { return &pb.ParkPointResponse{Meeting: m} })
}

// RecordDecision writes down what was decided, or corrects it.
// An id that is known corrects that decision. Someone who has left can't be given anything.
func (s *Service) RecordDecision(ctx context.Context, req *pb.RecordDecisionRequest) (*pb.RecordDecisionResponse, error) {
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	who, err := wire.ID("person_id", req.GetPersonId())
	if err != nil {
		return nil, err
	}
	due, err := wire.Date("due_date", req.GetDueDate())
	if err != nil {
		return nil, err
	}
	return onMeeting(ctx, s, "RecordDecision", req, []uuid.UUID{who},
		func(w once.Writer, actor school.Actor, c *meeting, _ time.Time) error {
			if len(c.known) == 0 {
				return refusal.New(refusal.NotThere)
			}
			m := c.meeting
			there := slices.ContainsFunc(m.Decided, func(d Decision) bool { return d.ID == id })
			d := Decision{ID: id, Text: req.GetText(), Person: uuid.NullUUID{UUID: who, Valid: true}, Due: req.GetDueDate(), Done: req.GetDone()}
			if err := m.decide(d, due, actor.Person); err != nil {
				return err
			}
			// Two statements instead of an upsert, which asks for the right to add of whoever only
			// corrects what they are to do.
			if there {
				w.Queue(changeDecision, actor.Owner, id, m.ID, d.Text, who, due, d.Done)
			} else {
				w.Queue(saveDecision, actor.Owner, id, m.ID, m.School, d.Text, who, due, d.Done)
			}
			return nil
		},
		func(m *pb.Meeting) *pb.RecordDecisionResponse { return &pb.RecordDecisionResponse{Meeting: m} })
}

// SetMeetingNorms writes down how a team, or all, want to meet.
// There is one row a team, and one for all: the newer norms take the place of the older.
func (s *Service) SetMeetingNorms(ctx context.Context, req *pb.SetMeetingNormsRequest) (*pb.SetMeetingNormsResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	team, err := wire.OptionalID("team_id", req.GetTeamId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	n := Norms{School: at, Team: team, Norms: req.GetNorms(), AgreedWith: req.GetAgreedWith()}
	call := once.Call{As: actor.As(), RPC: "SetMeetingNorms", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *meeting) {
			school.QueueCalendar(b, actor.Owner, at, &c.calendar)
			c.queuePlace(b, actor, at, team)
		},
		func(w once.Writer, c *meeting) error {
			switch {
			case !c.there:
				return refusal.New(refusal.NotThere)
			case !c.runs:
				return refusal.New(refusal.NotYourMove)
			}
			n.Today = c.calendar.DateOf(now)
			n.Agreed = n.Today
			w.Queue(saveNorms, actor.Owner, s.newID(), at, team, n.Norms, n.AgreedWith, n.Agreed, actor.Person)
			return nil
		},
		func(*meeting) *pb.SetMeetingNormsResponse {
			out := n.encode()
			out.Norms, out.AgreedWith = nil, ""
			return &pb.SetMeetingNormsResponse{Norms: out}
		},
	).Strip(ctx, s.db, func(r *pb.SetMeetingNormsResponse) {
		r.Norms.Norms, r.Norms.AgreedWith = req.GetNorms(), req.GetAgreedWith()
	}, once.Same[meeting]())
}

// GetMeetingAgenda returns a meeting and its norms.
func (s *Service) GetMeetingAgenda(ctx context.Context, req *pb.GetMeetingAgendaRequest) (*pb.GetMeetingAgendaResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("meeting_id", req.GetMeetingId())
	if err != nil {
		return nil, err
	}
	var c meeting
	now := s.moment()
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueMeeting(b, actor.Owner, actor.Person, id, now, &c.meeting)
		// In the same flight, by the meeting's id: its team is not known before.
		b.Queue(normsOfMeeting, actor.Owner, now, id).Query(func(rows pgx.Rows) error {
			return eachNorms(rows, func(n Norms) { c.norms = &n })
		})
	})
	switch {
	case err != nil:
		return nil, err
	case c.meeting == nil:
		return nil, refusal.New(refusal.NotThere)
	}
	reply := &pb.GetMeetingAgendaResponse{Meeting: c.meeting.encode()}
	if c.norms != nil {
		reply.Norms = c.norms.encode()
	}
	return reply, nil
}

// PhoneMeetings reads the meetings and norms of some schools, as their phones keep them.
// Once the batch is back, the function that is returned gives those of one school; none
// where the school has none.
func PhoneMeetings(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(uuid.UUID) ([]*pb.Meeting, []*pb.MeetingNorms) {
	meetings, norms := map[uuid.UUID][]*pb.Meeting{}, map[uuid.UUID][]*pb.MeetingNorms{}
	b.Queue(meetingsOnPhones, actor.Owner, actor.Person, now, schools, MostMeetingsOnPhone).Query(func(rows pgx.Rows) error {
		return eachMeeting(rows, func(m Meeting) { meetings[m.School] = append(meetings[m.School], m.encode()) })
	})
	b.Queue(normsOfSchools, actor.Owner, now, schools).Query(func(rows pgx.Rows) error {
		return eachNorms(rows, func(n Norms) { norms[n.School] = append(norms[n.School], n.encode()) })
	})
	return func(id uuid.UUID) ([]*pb.Meeting, []*pb.MeetingNorms) { return meetings[id], norms[id] }
}

// encode writes a meeting for the contract, as somebody reads it.
func (m *Meeting) encode() *pb.Meeting {
	out := &pb.Meeting{
		Id: m.ID.String(), SchoolId: m.School.String(), TeamId: wire.EncodeID(m.Team), StartTime: wire.EncodeTime(m.Start), Place: m.Place,
		Form: wire.Enum[pb.MeetingForm](m.Form), LeaderId: wire.EncodeID(m.Leader), TimekeeperId: wire.EncodeID(m.Timekeeper), QuestionerId: wire.EncodeID(m.Questioner),
		Reading: m.Reading, ReadingWhy: m.ReadingWhy, AtItem: int32(m.At), MayRun: m.Runs && m.Ended.IsZero(), Revision: m.Revision,
	}
	if !m.Since.IsZero() {
		out.ItemTime = wire.EncodeTime(m.Since)
	}
	if !m.Ended.IsZero() {
		out.EndTime = wire.EncodeTime(m.Ended)
	}
	for _, i := range m.Items {
		out.Items = append(out.Items, &pb.AgendaItem{Kind: wire.Enum[pb.AgendaKind](i.Kind), AboutId: i.About, Title: i.Title, Minutes: int32(i.Minutes)})
	}
	for _, p := range m.Parked {
		out.Parked = append(out.Parked, &pb.ParkedPoint{Id: p.ID.String(), Text: p.Text})
	}
	for _, d := range m.Decided {
		out.Decisions = append(out.Decisions, &pb.Decision{Id: d.ID.String(), Text: d.Text, PersonId: wire.EncodeID(d.Person), DueDate: d.Due, Done: d.Done})
	}
	return out
}

// encode writes norms for the contract.
func (n *Norms) encode() *pb.MeetingNorms {
	return &pb.MeetingNorms{TeamId: wire.EncodeID(n.Team), Norms: n.Norms, AgreedWith: n.AgreedWith, AgreedDay: n.Agreed.Format(time.DateOnly), LookAgain: n.lookAgain()}
}
