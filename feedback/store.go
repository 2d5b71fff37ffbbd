package feedback

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/learning"
	"undring/observation"
	"undring/once"
)

// Everything is read by the visit that the caller named something of: $3 and $4
// (see visit_about), of the owner $1, as far as it is the person's $2 to read.
// Row level security says the same once more.
const (
	pointsOfVisit = `
		select id, text, note_ids
		from feedback_point
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and (observer_id = $2 or observed_id = $2 and opened)
		order by position`

	questionsOfVisit = `
		select id, asker_id, addressee_id, text, language, wondering, stand_by, note_ids, source, state, answer, settled_at, due_at
		from question
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and (observer_id = $2 or observed_id = $2 and opened)
		order by created_at, position`

	repliesOfVisit = `
		select id, about_id, author_id, text, created_at
		from reply
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and $2 in (observer_id, observed_id)
		order by about_id, position`

	// All of the observer's own, or those alone that were shared.
	notesOfVisit = `
		select n.id, n.visit_id, n.kind, n.text, n.observed_at, n.tag, n.about_focus, n.revision, n.shared, n.updated_at,
			coalesce(c.text, ''), coalesce(c.resolution, ''), c.created_at
		from note n
		left join correction c on c.owner_id = n.owner_id and c.note_id = n.id
		where n.owner_id = $1 and n.visit_id = (select visit_about($3, $4))
			and (n.observer_id = $2 and (n.shared or $5) or n.observed_id = $2 and n.shared and n.opened)
		order by n.observed_at, n.id`

	ownViewOfVisit = `
		select text, skipped, recorded_at
		from own_view
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and $2 in (observer_id, observed_id)`

	conversationsOfVisit = `
		select id, recorded_by, talked_at, minutes, summary, confirmed_by, created_at
		from conversation
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and $2 in (observer_id, observed_id)
		order by created_at, id`

	takeawaysOfPerson = `
		select edition, text, borrowed, learning, recorded_at
		from takeaway
		where owner_id = $1 and visit_id = (select visit_about($3, $4)) and person_id = $2
		order by edition desc`

	draftsOfVisits = `
		select visit_id, body, revision
		from draft
		where owner_id = $1 and visit_id = any ($2) and observer_id = $3`

	draftOfVisit = `
		select body, revision
		from draft
		where owner_id = $1 and visit_id = $2 and observer_id = $3`

	shareNotes = `update note set shared = true where owner_id = $1 and visit_id = $2 and id = any ($3)`

	insertPoint = `
		insert into feedback_point (owner_id, id, visit_id, observer_id, observed_id, position, text, note_ids, saw_note_id, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	insertQuestion = `
		insert into question (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language,
			wondering, stand_by, note_ids, source, due_at, opened, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

	witnessGift   = `update visit set point_id = $3, wondering_id = $4 where owner_id = $1 and id = $2`
	witnessAnswer = `update visit set answered_id = $3 where owner_id = $1 and id = $2`

	witnessObserverTakeaway = `update visit set observer_takeaway = $3 where owner_id = $1 and id = $2`
	witnessObservedTakeaway = `update visit set observed_takeaway = $3 where owner_id = $1 and id = $2`

	settleQuestion = `update question set state = $3, answer = $4, settled_at = $5 where owner_id = $1 and id = $2`

	insertReply = `
		insert into reply (owner_id, id, visit_id, observer_id, observed_id, about_id, author_id, position, text, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	insertConversation = `
		insert into conversation (owner_id, id, visit_id, observer_id, observed_id, recorded_by, talked_at, minutes, summary, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	confirmConversation = `update conversation set confirmed_by = $3, confirmed_at = $4 where owner_id = $1 and id = $2`

	confirmTalkedQuestions = `update question set state = 'TALKED' where owner_id = $1 and visit_id = $2 and state = 'TALKED_UNCONFIRMED'`

	saveCorrection = `
		insert into correction (owner_id, note_id, visit_id, observer_id, observed_id, text, created_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (owner_id, note_id) do update set text = excluded.text, resolution = '', created_at = excluded.created_at`

	saveResolution = `update correction set resolution = $3 where owner_id = $1 and note_id = $2`

	saveTakeaway = `
		insert into takeaway (owner_id, visit_id, person_id, edition, observer_id, observed_id, text, borrowed, learning, recorded_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (owner_id, visit_id, person_id, edition)
			do update set text = excluded.text, borrowed = excluded.borrowed, learning = excluded.learning, recorded_at = excluded.recorded_at`

	saveDraft = `
		insert into draft (owner_id, visit_id, observer_id, observed_id, body, revision, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (owner_id, visit_id) do update set body = excluded.body, revision = excluded.revision, updated_at = excluded.updated_at`

	// Skipping takes no lines away.
	recordOwnView = `
		insert into own_view (owner_id, visit_id, observer_id, observed_id, text, skipped, recorded_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (owner_id, visit_id) do update set text = excluded.text, skipped = excluded.skipped, recorded_at = excluded.recorded_at
			where not excluded.skipped`
)

// queueExchange reads the exchange of the visit that something is about, as far
// as it is the person's to read; allNotes asks for what they have not shared
// too. To everybody else: NOT_FOUND.
func queueExchange(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, allNotes bool, e *Exchange) {
	*e = Exchange{Corrections: map[uuid.UUID]Correction{}}
	observation.QueueVisitAbout(b, owner, person, about, &e.Visit)
	queueWords(b, owner, person, about, now, allNotes, e)
}

// queueWords reads everything of an exchange but the visit.
func queueWords(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, allNotes bool, e *Exchange) {
	each := func(sql string, scan func(pgx.Rows) error, more ...any) {
		b.Queue(sql, append([]any{owner, person, about.Kind, about.ID}, more...)...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := scan(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	each(pointsOfVisit, func(r pgx.Rows) error {
		var p Point
		err := r.Scan(&p.ID, &p.Text, &p.Notes)
		e.Points = append(e.Points, p)
		return err
	})
	each(questionsOfVisit, func(r pgx.Rows) error {
		var q Question
		var settled *time.Time
		err := r.Scan(&q.ID, &q.Asker, &q.Addressee, &q.Text, &q.Language, &q.Wondering, &q.StandBy, &q.Notes, &q.Source,
			&q.State, &q.Answer, &settled, &q.Due)
		if settled != nil {
			q.Settled = *settled
		}
		e.Questions = append(e.Questions, q)
		return err
	})
	each(repliesOfVisit, func(r pgx.Rows) error {
		var y Reply
		err := r.Scan(&y.ID, &y.About, &y.Author, &y.Text, &y.At)
		e.Replies = append(e.Replies, y)
		return err
	})
	each(notesOfVisit, func(r pgx.Rows) error {
		var n observation.Note
		var c Correction
		var at *time.Time
		err := r.Scan(&n.ID, &n.Visit, &n.Kind, &n.Text, &n.ObservedAt, &n.Tag, &n.AboutFocus, &n.Revision, &n.Shared, &n.Updated,
			&c.Text, &c.Resolution, &at)
		e.Notes = append(e.Notes, n)
		if at != nil {
			c.At = *at
			e.Corrections[n.ID] = c
		}
		return err
	}, allNotes)
	each(ownViewOfVisit, func(r pgx.Rows) error {
		e.OwnView = new(OwnView)
		return r.Scan(&e.OwnView.Text, &e.OwnView.Skipped, &e.OwnView.At)
	})
	each(conversationsOfVisit, func(r pgx.Rows) error {
		var c Conversation
		err := r.Scan(&c.ID, &c.RecordedBy, &c.TalkedAt, &c.Minutes, &c.Summary, &c.ConfirmedBy, &c.Created)
		e.Conversations = append(e.Conversations, c)
		return err
	})
	each(takeawaysOfPerson, func(r pgx.Rows) error {
		var t Takeaway
		err := r.Scan(&t.Edition, &t.Text, &t.Borrowed, &t.Learning, &t.At)
		e.Takeaways = append(e.Takeaways, t)
		return err
	})
	learning.QueueActions(b, owner, person, about, now, &e.Actions)
}

func queueDraft(b *pgx.Batch, owner, person, visit uuid.UUID, into *Draft) {
	b.Queue(draftOfVisit, owner, visit, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&into.Body, &into.Revision); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// notNull keeps an empty list from being written as null.
func notNull(ids []uuid.UUID) []uuid.UUID {
	if ids == nil {
		return []uuid.UUID{}
	}
	return ids
}

func (c *change) share(w once.Writer, notes []uuid.UUID) {
	if len(notes) > 0 {
		w.Queue(shareNotes, c.Owner, c.visit().ID, notes)
	}
}

func (c *change) insertPoint(w once.Writer, p *Point, position int, saw uuid.UUID) {
	w.Queue(insertPoint, c.Owner, p.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, position, p.Text, notNull(p.Notes), saw, c.Now)
}

func (c *change) insertQuestion(w once.Writer, q *Question, position int, opened bool) {
	w.Queue(insertQuestion, c.Owner, q.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, q.Asker, q.Addressee, position,
		q.Text, q.Language, q.Wondering, q.StandBy, notNull(q.Notes), q.Source, q.Due, opened, c.Now)
}

func (c *change) witnessGift(w once.Writer, point, wondering uuid.UUID) {
	w.Queue(witnessGift, c.Owner, c.visit().ID, point, wondering)
}

func (c *change) witnessAnswer(w once.Writer, question uuid.UUID) {
	w.Queue(witnessAnswer, c.Owner, c.visit().ID, question)
}

func (c *change) witnessTakeaway(w once.Writer, role observation.Role) {
	sql := witnessObserverTakeaway
	if role == observation.AsObserved {
		sql = witnessObservedTakeaway
	}
	w.Queue(sql, c.Owner, c.visit().ID, c.visit().Edition)
}

func (c *change) saveQuestion(w once.Writer, q *Question) {
	w.Queue(settleQuestion, c.Owner, q.ID, q.State, q.Answer, q.Settled)
}

func (c *change) insertReply(w once.Writer, r *Reply, position int) {
	w.Queue(insertReply, c.Owner, r.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, r.About, r.Author, position, r.Text, r.At)
}

func (c *change) insertConversation(w once.Writer, talk *Conversation) {
	w.Queue(insertConversation, c.Owner, talk.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, talk.RecordedBy, talk.TalkedAt, talk.Minutes, talk.Summary, talk.Created)
}

func (c *change) confirm(w once.Writer, conversation uuid.UUID) {
	w.Queue(confirmConversation, c.Owner, conversation, c.Person, c.Now)
}

func (c *change) confirmTalked(w once.Writer) { w.Queue(confirmTalkedQuestions, c.Owner, c.visit().ID) }

func (c *change) saveCorrection(w once.Writer, note uuid.UUID, wording Correction) {
	w.Queue(saveCorrection, c.Owner, note, c.visit().ID, c.visit().Observer, c.visit().Observed, wording.Text, wording.At)
}

func (c *change) saveResolution(w once.Writer, note uuid.UUID, resolution string) {
	w.Queue(saveResolution, c.Owner, note, resolution)
}

func (c *change) saveTakeaway(w once.Writer, t *Takeaway) {
	w.Queue(saveTakeaway, c.Owner, c.visit().ID, c.Person, t.Edition, c.visit().Observer, c.visit().Observed, t.Text, t.Borrowed, t.Learning, t.At)
}

func (c *change) writeDraft(w once.Writer) {
	w.Queue(saveDraft, c.Owner, c.visit().ID, c.visit().Observer, c.visit().Observed, c.draft.Body, c.draft.Revision, c.Now)
}

func (c *change) saveOwnView(w once.Writer, text string, skip bool) {
	w.Queue(recordOwnView, c.Owner, c.visit().ID, c.visit().Observer, c.visit().Observed, text, skip, c.Now)
}
