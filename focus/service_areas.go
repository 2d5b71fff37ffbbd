package focus

import (
	"context"
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

// working is an area that somebody does something with. What is not asked for stays empty.
type working struct {
	area     *Area
	taken    []int // places in the plan
	known    bool  // who is to be responsible works there, or nobody is
	calendar school.Calendar
}

// ProposeFocusArea drafts an area. Anybody who works at the school may, for the group that
// they belong to. Until its hearing
// is opened a draft is seen by its proposer alone, and one of leaders by all of them.
func (s *Service) ProposeFocusArea(ctx context.Context, req *pb.ProposeFocusAreaRequest) (*pb.ProposeFocusAreaResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	origin := Origin(wire.Name(req.GetOrigin()))
	// Before anything is read: it depends on the caller's roles alone.
	if err := proposable(origin, actor.Is(school.Teacher, at), actor.Is(school.Leader, at)); err != nil {
		return nil, err
	}
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	text, err := decodeArea(req.GetText())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "ProposeFocusArea", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *working) {
			school.QueueCalendar(b, actor.Owner, at, &c.calendar)
			c.queueKnown(b, actor, text.Responsible)
		},
		func(w once.Writer, c *working) error {
			if !c.known {
				return refusal.New(refusal.NotThere)
			}
			c.area = &Area{
				ID: id, School: at, State: Draft, Origin: origin, ProposedBy: actor.Person, Named: req.GetNamed(), AreaText: text,
				Revision: 1, Today: c.calendar.DateOf(now),
			}
			c.area.insert(w, actor.Owner)
			return nil
		},
		func(c *working) *pb.ProposeFocusAreaResponse {
			out := c.area.encode(actor)
			out.Text = nil
			return &pb.ProposeFocusAreaResponse{FocusArea: out}
		},
	).Strip(ctx, s.db, func(r *pb.ProposeFocusAreaResponse) { r.FocusArea.Text = req.GetText() },
		once.Gone[working](refusal.New(refusal.NotThere)))
}

// queueKnown asks whether the one who is to be responsible works with the caller. Nobody is
// made responsible who could not know of it.
func (c *working) queueKnown(b *pgx.Batch, actor school.Actor, who uuid.NullUUID) {
	c.known = !who.Valid || who.UUID == actor.Person
	if !c.known {
		school.QueueColleague(b, actor.Owner, actor.Person, who.UUID, &c.known)
	}
}

// areaRequest is a request about one area.
type areaRequest interface {
	once.Request
	GetFocusAreaId() string
}

// change carries out a change of an area: it reads, decides, and answers with the area as it
// then stands, read anew where the request is repeated. Everything is read under one name,
// whatever the change needs of it: an area is changed a few times a year, and one statement
// more costs nothing then.
func change[R proto.Message](ctx context.Context, s *Service, rpc string, req areaRequest, responsible uuid.NullUUID,
	decide func(once.Writer, school.Actor, *working) error, reply func(*pb.FocusArea) R) (none R, err error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return none, err
	}
	id, err := wire.ID("focus_area_id", req.GetFocusAreaId())
	if err != nil {
		return none, err
	}
	now := s.moment()
	read := func(b *pgx.Batch, c *working) {
		queueArea(b, actor.Owner, id, now, &c.area)
		// Nobody is named in most changes, and then it is known without a question.
		c.queueKnown(b, actor, responsible)
		b.Queue(placesTaken, actor.Owner, id).QueryRow(func(row pgx.Row) error { return row.Scan(&c.taken) })
	}
	call := once.Call{As: actor.As(), RPC: rpc, Request: req, Now: now}
	return once.New(call, once.AboutNothing, read,
		func(w once.Writer, c *working) error {
			// Whoever stands there and has left since stays until somebody else is named: an area
			// can still be changed then.
			if c.area == nil || !c.known && responsible != c.area.Responsible {
				return refusal.New(refusal.NotThere)
			}
			return decide(w, actor, c)
		},
		func(c *working) R { return reply(c.area.encode(actor)) },
	).ReadAnew(ctx, s.db, once.Read(read))
}

// OpenHearing shows a draft to all. From then on everybody at the school reads the draft. Its
// proposer, whoever is responsible and leaders may open it.
func (s *Service) OpenHearing(ctx context.Context, req *pb.OpenHearingRequest) (*pb.OpenHearingResponse, error) {
	return change(ctx, s, "OpenHearing", req, uuid.NullUUID{},
		func(w once.Writer, actor school.Actor, c *working) error {
			if err := c.area.open(actor.Person, actor.Is(school.Leader, c.area.School), int(req.GetDays())); err != nil {
				return err
			}
			// save writes the line of the history as well, so that no change goes without.
			c.area.save(w, actor.Owner, actor.Person, "HEARING", "")
			return nil
		},
		func(a *pb.FocusArea) *pb.OpenHearingResponse { return &pb.OpenHearingResponse{FocusArea: a} })
}

// SpeakInHearing says what one thinks. With one's name: a hearing is a conversation. The area
// is read once more behind the writes, so that the reply has what others have said meanwhile.
func (s *Service) SpeakInHearing(ctx context.Context, req *pb.SpeakInHearingRequest) (*pb.SpeakInHearingResponse, error) {
	id, err := wire.IDOr("id", req.GetId(), s.newID)
	if err != nil {
		return nil, err
	}
	return change(ctx, s, "SpeakInHearing", req, uuid.NullUUID{},
		func(w once.Writer, actor school.Actor, c *working) error {
			a := c.area
			if err := a.speak(actor.Person); err != nil {
				return err
			}
			w.Queue(insertVoice, actor.Owner, id, a.ID, a.School, actor.Person, req.GetText(), a.Today)
			once.Behind(w, func(b *pgx.Batch) { queueArea(b, actor.Owner, a.ID, s.moment(), &c.area) })
			return nil
		},
		func(a *pb.FocusArea) *pb.SpeakInHearingResponse { return &pb.SpeakInHearingResponse{FocusArea: a} })
}

// AdoptFocusArea takes an area into the plan. Leaders adopt, and only after a hearing:
// HEARING_MISSING before its last day is over, unless it is said with whom they have agreed.
// TOO_MANY_AREAS where the plan is full.
func (s *Service) AdoptFocusArea(ctx context.Context, req *pb.AdoptFocusAreaRequest) (*pb.AdoptFocusAreaResponse, error) {
	return change(ctx, s, "AdoptFocusArea", req, uuid.NullUUID{},
		func(w once.Writer, actor school.Actor, c *working) error {
			if err := c.area.adopt(actor.Is(school.Leader, c.area.School), req.GetAgreedWith(), c.taken); err != nil {
				return err
			}
			c.area.save(w, actor.Owner, actor.Person, "ADOPTED", req.GetReason())
			return nil
		},
		func(a *pb.FocusArea) *pb.AdoptFocusAreaResponse { return &pb.AdoptFocusAreaResponse{FocusArea: a} })
}

// UpdateFocusArea rewrites an area, and keeps why. The reason and the day stand in its
// history, which everybody reads.
func (s *Service) UpdateFocusArea(ctx context.Context, req *pb.UpdateFocusAreaRequest) (*pb.UpdateFocusAreaResponse, error) {
	text, err := decodeArea(req.GetText())
	if err != nil {
		return nil, err
	}
	return change(ctx, s, "UpdateFocusArea", req, text.Responsible,
		func(w once.Writer, actor school.Actor, c *working) error {
			if err := c.area.update(actor.Person, actor.Is(school.Leader, c.area.School), req.GetRevision(), text); err != nil {
				return err
			}
			c.area.save(w, actor.Owner, actor.Person, "UPDATED", req.GetReason())
			return nil
		},
		func(a *pb.FocusArea) *pb.UpdateFocusAreaResponse { return &pb.UpdateFocusAreaResponse{FocusArea: a} })
}

// EndFocusArea ends an area. With what came of it. A draft that comes to nothing is ended in
// the same way, so that its history stays.
func (s *Service) EndFocusArea(ctx context.Context, req *pb.EndFocusAreaRequest) (*pb.EndFocusAreaResponse, error) {
	return change(ctx, s, "EndFocusArea", req, uuid.NullUUID{},
		func(w once.Writer, actor school.Actor, c *working) error {
			if err := c.area.end(actor.Person, actor.Is(school.Leader, c.area.School), req.GetResult()); err != nil {
				return err
			}
			c.area.save(w, actor.Owner, actor.Person, "ENDED", req.GetReason())
			return nil
		},
		func(a *pb.FocusArea) *pb.EndFocusAreaResponse { return &pb.EndFocusAreaResponse{FocusArea: a} })
}

// ListFocusAreas lists the areas of a school that the caller reads.
func (s *Service) ListFocusAreas(ctx context.Context, req *pb.ListFocusAreasRequest) (*pb.ListFocusAreasResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListFocusAreasResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueAreas(b, actor.Owner, []uuid.UUID{at}, req.GetIncludeEnded(), s.moment(), func(a Area) { reply.FocusAreas = append(reply.FocusAreas, a.encode(actor)) })
	})
	return reply, err
}

// GetPlan is the half-year's plan. It has what is adopted and what is being heard, how many
// needs still wait, and how many of the areas began with teachers. Drafts are left out: they
// are nobody's plan yet.
func (s *Service) GetPlan(ctx context.Context, req *pb.GetPlanRequest) (*pb.GetPlanResponse, error) {
	actor, at, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	plan := &pb.Plan{SchoolId: at.String()}
	var calendar school.Calendar
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		school.QueueCalendar(b, actor.Owner, at, &calendar)
		b.Queue(openNeedsOfSchool, actor.Owner, at).QueryRow(func(row pgx.Row) error { return row.Scan(&plan.OpenNeeds) })
		queueAreas(b, actor.Owner, []uuid.UUID{at}, false, now, func(a Area) {
			switch a.State {
			// Began with teachers is told as a number of areas, not as a share: there are three at most.
			case Adopted:
				plan.FocusAreas = append(plan.FocusAreas, a.encode(actor))
				if a.Origin != FromLeaders {
					plan.BeganWithTeachers++
				}
			case Hearing:
				plan.Hearings = append(plan.Hearings, a.encode(actor))
			}
		})
	})
	if err != nil {
		return nil, err
	}
	plan.Term = school.TermOf(now, calendar.Zone()).String()
	return &pb.GetPlanResponse{Plan: plan}, nil
}

// PhoneAreas reads the areas of some schools that the caller reads, as their phones keep
// them.
func PhoneAreas(b *pgx.Batch, actor school.Actor, schools []uuid.UUID, now time.Time) func(uuid.UUID) []*pb.FocusArea {
	found := map[uuid.UUID][]*pb.FocusArea{}
	queueAreas(b, actor.Owner, schools, false, now, func(a Area) { found[a.School] = append(found[a.School], a.encode(actor)) })
	return func(id uuid.UUID) []*pb.FocusArea { return found[id] }
}

// decodeArea reads what people write of an area.
func decodeArea(t *pb.FocusAreaText) (AreaText, error) {
	out := AreaText{Title: t.GetTitle(), Background: t.GetBackground(), Source: t.GetSource(), Goal: t.GetGoal()}
	var err error
	if out.Responsible, err = wire.OptionalID("text.responsible_id", t.GetResponsibleId()); err != nil {
		return out, err
	}
	if out.Needs, err = wire.IDs("text.need_ids", t.GetNeedIds()); err != nil {
		return out, err
	}
	for _, s := range t.GetSteps() {
		out.Steps = append(out.Steps, Step{s.GetWhat(), s.GetByWhen()})
	}
	return out, nil
}

// encode writes an area for the contract, as somebody reads it.
func (a *Area) encode(actor school.Actor) *pb.FocusArea {
	out := &pb.FocusArea{
		Id: a.ID.String(), SchoolId: a.School.String(), State: wire.Enum[pb.FocusAreaState](a.State), Origin: wire.Enum[pb.FocusAreaOrigin](a.Origin),
		Text: &pb.FocusAreaText{
			Title: a.Title, Background: a.Background, Source: a.Source, Goal: a.Goal, ResponsibleId: wire.EncodeID(a.Responsible), NeedIds: wire.EncodeIDs(a.Needs),
		},
		AgreedWith: a.AgreedWith, Result: a.Result, Revision: a.Revision, MayChange: a.mayChange(actor.Person, actor.Is(school.Leader, a.School)),
	}
	if a.Named || a.ProposedBy == actor.Person {
		out.ProposedById = a.ProposedBy.String()
	}
	if !a.HearingUntil.IsZero() {
		out.HearingUntil = a.HearingUntil.Format(time.DateOnly)
	}
	for _, s := range a.Steps {
		out.Text.Steps = append(out.Text.Steps, &pb.FocusAreaStep{What: s.What, ByWhen: s.ByWhen})
	}
	for _, v := range a.Voices {
		out.Voices = append(out.Voices, &pb.HearingVoice{Id: v.ID.String(), PersonId: v.Person.String(), Text: v.Text, Day: v.Day})
	}
	for _, c := range a.Changes {
		// What the proposer did would name them.
		who := c.Person.String()
		if out.ProposedById == "" && c.Person == a.ProposedBy {
			who = ""
		}
		out.Changes = append(out.Changes, &pb.FocusAreaChange{
			Kind: wire.Enum[pb.FocusAreaChangeKind](c.Kind), Reason: c.Reason, PersonId: who, Day: c.Day, FocusAreaId: a.ID.String(),
		})
	}
	return out
}
