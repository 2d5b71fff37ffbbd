package feedback

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/observation"
	"undring/review"
	"undring/school"
	"undring/wire"
)

// PhoneExchanges reads the exchanges of the caller's visits among some, as far as
// they are the caller's to read. Of a withdrawn visit nothing is left.
func PhoneExchanges(b *pgx.Batch, actor school.Actor, visits []uuid.UUID, now time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]*Exchange{}
	for _, id := range visits {
		found[id] = &Exchange{Corrections: map[uuid.UUID]Correction{}}
	}
	about := observation.Ref{Kind: observation.AboutVisit, Visits: visits}
	queueWords(b, actor.Owner, actor.Person, about, now, false, func(visit uuid.UUID) *Exchange { return found[visit] })
	observation.QueueVisits(b, actor.Owner, actor.Person, visits, func(v observation.Visit) { found[v.ID].Visit = v })
	return func(id uuid.UUID) (*pb.Change, error) {
		e := found[id]
		// Not the caller's visit: its query found none, and the exchange is still empty.
		if e.Visit.ID != id || e.Visit.State == observation.Withdrawn {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Exchange{Exchange: encodeExchange(e, actor.Person)}}, nil
	}
}

// PhoneDrafts reads the caller's drafts of feedback, by their visits.
func PhoneDrafts(b *pgx.Batch, actor school.Actor, visits []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]Draft{}
	b.Queue(draftsOfVisits, actor.Owner, visits, actor.Person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var visit uuid.UUID
			var d Draft
			if err := rows.Scan(&visit, &d.Body, &d.Revision); err != nil {
				return err
			}
			found[visit] = d
		}
		return rows.Err()
	})
	return func(id uuid.UUID) (*pb.Change, error) {
		d, there := found[id]
		if !there {
			return nil, nil
		}
		draft, err := decodeDraftBody(d.Body)
		if err != nil {
			return nil, err
		}
		draft.Revision = d.Revision
		return &pb.Change{What: &pb.Change_Draft{Draft: &pb.DraftOfObservation{ObservationId: id.String(), Draft: draft}}}, nil
	}
}

// PhonePrompts reads the prompts of all moments at some schools, in the caller's
// language. Once the batch is back they are told as the caller, known better by
// then, may deal with them.
func PhonePrompts(b *pgx.Batch, actor school.Actor, schools []uuid.UUID) func(school.Actor, uuid.UUID) []*pb.PromptsOfMoment {
	type key struct {
		school uuid.UUID
		moment string
	}
	found := map[key][]prompt{}
	b.Queue(allPromptsOfSchools, actor.Owner, schools, actor.Language).Query(eachPrompt(func(p prompt) {
		found[key{p.School, p.Moment}] = append(found[key{p.School, p.Moment}], p)
	}))
	return func(actor school.Actor, id uuid.UUID) []*pb.PromptsOfMoment {
		var out []*pb.PromptsOfMoment
		for _, moment := range review.Moments() {
			of := &pb.PromptsOfMoment{Moment: wire.Enum[pb.PromptMoment](moment), Prompts: builtIn(moment, actor.Language, actor)}
			for _, p := range found[key{id, moment}] {
				of.Prompts = append(of.Prompts, p.encode(actor))
			}
			out = append(out, of)
		}
		return out
	}
}
