package feedback

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/review"
	"undring/school"
	"undring/wire"
	"undring/words"
)

// MaxPrompts is how many prompts the staff of a school may add: more than
// anybody looks through.
const MaxPrompts = 100

// prompt is one that the staff of a school have added.
type prompt struct {
	ID       uuid.UUID
	School   uuid.UUID
	Author   uuid.UUID
	Name     string // of the author
	There    bool   // the author still belongs to the school
	Moment   string
	Kind     string
	Language string
	Text     string
	Revision int64
}

const (
	// Author and school membership come with each prompt: whether its author is still there
	// decides what a reader is told of who may edit it.
	promptColumns = `
		select p.id, p.school_id, p.author_id, person_name(p.author_id), belongs_to(p.school_id, p.author_id),
			p.moment, p.kind, p.language, p.text, p.revision
		from prompt p `

	// For the list of one or more moments. The limit is five schools full of prompts, more
	// than anybody belongs to.
	promptsOfSchools = promptColumns + `
		where p.owner_id = $1 and p.school_id = any ($2) and p.language = $3 and p.moment = any ($4)
		order by p.created_at, p.id
		limit 500`

	// What a phone takes along for a day without a network.
	// Of some schools, of all moments.
	allPromptsOfSchools = promptColumns + `
		where p.owner_id = $1 and p.school_id = any ($2) and p.language = $3
		order by p.created_at, p.id
		limit 5000`

	promptByID = promptColumns + `where p.owner_id = $1 and p.id = $2`

	// Only the author's own row is locked: nobody else may change it.
	lockPrompt = `select from prompt where owner_id = $1 and id = $2 and author_id = $3 for update`

	countPrompts = `select count(*) from prompt where owner_id = $1 and school_id = $2`

	insertPrompt = `
		insert into prompt (owner_id, id, school_id, author_id, moment, kind, language, text, revision, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	updatePrompt = `
		update prompt set moment = $3, kind = $4, language = $5, text = $6, revision = $7
		where owner_id = $1 and id = $2`

	deletePrompt = `delete from prompt where owner_id = $1 and id = $2`
)

// eachPrompt reads rows of prompts.
func eachPrompt(f func(prompt)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var p prompt
			err := rows.Scan(&p.ID, &p.School, &p.Author, &p.Name, &p.There, &p.Moment, &p.Kind, &p.Language, &p.Text, &p.Revision)
			if err != nil {
				return err
			}
			f(p)
		}
		return rows.Err()
	}
}

// ListPrompts offers sentences to begin with. Those that come with Undring stand first, then
// those of the schools where the caller teaches or leads, in the order in which they were
// written.
func (s *Service) ListPrompts(ctx context.Context, req *pb.ListPromptsRequest) (*pb.ListPromptsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	language, asked := languageOr(req.GetLanguage(), actor), decodeMoments(req)
	reply := new(pb.ListPromptsResponse)
	for _, moment := range asked {
		reply.Prompts = append(reply.Prompts, builtIn(moment, language, actor)...)
	}
	var schools []uuid.UUID
	for _, m := range actor.Memberships {
		if actor.Serves(m.School) && !slices.Contains(schools, m.School) {
			schools = append(schools, m.School)
		}
	}
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(promptsOfSchools, actor.Owner, schools, language, asked).Query(eachPrompt(func(p prompt) {
			reply.Prompts = append(reply.Prompts, p.encode(actor))
		}))
	})
	return reply, err
}

// builtIn lists the prompts of a moment that come with Undring. They are edited by nobody: a
// change of them comes with a new version.
func builtIn(moment, language string, actor school.Actor) []*pb.Prompt {
	var out []*pb.Prompt
	for _, p := range review.Prompts(moment, review.Language(language)) {
		out = append(out, &pb.Prompt{Id: p.ID, Kind: p.Kind, Text: p.Text, Editors: words.Say(actor.Language, "prompt.built_in")})
	}
	return out
}

// SavePrompt adds a prompt to those of a school, or changes one. A new prompt has revision 0.
// Everybody at the school may add one; only its author may change it.
func (s *Service) SavePrompt(ctx context.Context, req *pb.SavePromptRequest) (*pb.SavePromptResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	p := prompt{
		Author: actor.Person, There: true, Moment: momentOf(req.GetMoment()), Kind: req.GetKind(),
		Language: languageOr(req.GetLanguage(), actor), Text: req.GetText(),
	}
	if p.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return nil, err
	}
	if p.School, err = wire.ID("school_id", req.GetSchoolId()); err != nil {
		return nil, err
	}
	// A school that one does not belong to is answered as one that is not there.
	if !actor.Belongs(p.School) {
		return nil, refusal.New(refusal.NotThere)
	}
	call := once.Call{As: actor.As(), RPC: "SavePrompt", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *prompting) {
			// Locks nothing where the prompt is new or another's: the cases of save tell the
			// two apart.
			b.Queue(lockPrompt, actor.Owner, p.ID, actor.Person)
			b.Queue(promptByID, actor.Owner, p.ID).Query(eachPrompt(func(found prompt) { c.there = &found }))
			b.Queue(countPrompts, actor.Owner, p.School).QueryRow(func(row pgx.Row) error { return row.Scan(&c.count) })
		},
		func(w once.Writer, c *prompting) error {
			c.prompt = p
			return c.save(w, actor.Owner, req.GetRevision(), call.Now)
		},
		func(c *prompting) *pb.SavePromptResponse {
			// The text comes back from the request, so that it is not stored twice.
			kept := c.encode(actor)
			kept.Text = ""
			return &pb.SavePromptResponse{Prompt: kept}
		},
	).Strip(ctx, s.db, func(r *pb.SavePromptResponse) { r.Prompt.Text = req.GetText() },
		once.Gone[prompting](refusal.New(refusal.NotThere)))
}

// prompting is a change of a prompt.
type prompting struct {
	prompt
	there *prompt // as it was; nil: it is new
	count int     // of the school's prompts
}

// save adds a prompt or changes one. The cases are in the order in which they can be
// told without giving away more than the caller knows.
func (c *prompting) save(w once.Writer, owner uuid.UUID, revision int64, now time.Time) error {
	p, there := &c.prompt, c.there
	switch {
	case there == nil && revision != 0:
		return refusal.New(refusal.NotThere)
	case there == nil && c.count >= MaxPrompts:
		return refusal.Beyond("school_id", refusal.MostPrompts, MaxPrompts)
	case there == nil:
		p.Revision = 1
		w.Queue(insertPrompt, owner, p.ID, p.School, p.Author, p.Moment, p.Kind, p.Language, p.Text, p.Revision, now)
		return nil
	case there.School != p.School:
		return refusal.New(refusal.IDTaken)
	case there.Author != p.Author:
		return refusal.New(refusal.NotYourMove)
	case there.Revision != revision:
		return refusal.ChangedSince(there.Revision)
	}
	p.Revision = there.Revision + 1
	w.Queue(updatePrompt, owner, p.ID, p.Moment, p.Kind, p.Language, p.Text, p.Revision)
	return nil
}

// DeletePrompt takes a prompt away. Its author may, and those who keep the roster of the
// school.
func (s *Service) DeletePrompt(ctx context.Context, req *pb.DeletePromptRequest) (*pb.DeletePromptResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("prompt_id", req.GetPromptId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "DeletePrompt", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *prompting) {
			b.Queue(promptByID, actor.Owner, id).Query(eachPrompt(func(found prompt) { c.there = &found }))
		},
		func(w once.Writer, c *prompting) error {
			switch {
			case c.there == nil:
				return refusal.New(refusal.NotThere)
			case !c.there.deletable(actor):
				return refusal.New(refusal.NotYourMove)
			}
			w.Queue(deletePrompt, actor.Owner, id)
			return nil
		},
		func(*prompting) *pb.DeletePromptResponse { return &pb.DeletePromptResponse{} },
	).Remember(ctx, s.db, once.Same[prompting]())
}

// deletable says whether somebody may take a prompt away: its author, and those who
// keep the roster, who must be able to remove what does not belong there. Nobody
// else's wording is changed for them.
func (p *prompt) deletable(actor school.Actor) bool {
	return p.Author == actor.Person || actor.Is(school.Administrator, p.School)
}

// encode writes a prompt for the contract, as the actor may deal with it.
func (p *prompt) encode(actor school.Actor) *pb.Prompt {
	out := &pb.Prompt{
		Id: p.ID.String(), Kind: p.Kind, Text: p.Text, SchoolId: p.School.String(), Revision: p.Revision,
		Editable: p.Author == actor.Person, Deletable: p.deletable(actor),
	}
	switch {
	case out.Editable:
		out.Editors = words.Say(actor.Language, "prompt.yours")
	case p.There:
		out.Editors = words.Say(actor.Language, "prompt.author", p.Name)
	default:
		out.Editors = words.Say(actor.Language, "prompt.left")
	}
	return out
}
