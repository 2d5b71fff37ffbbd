package feedback

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"undring/learning"
	"undring/observation"
	"undring/once"
)

// Everything is read by the visits that the caller named something of: see
// observation.OfVisits. It is of the owner $1, as far as it is the person's $2 to read.
// Row level security says the same once more.
const ofVisits = observation.OfVisits

const (
	pointsOfVisit = `
		select visit_id, id, text, note_ids, effect, audience
		from feedback_point
		where owner_id = $1 and ` + ofVisits + ` and (observer_id = $2 or observed_id = $2 and opened)
		order by position`

	questionsOfVisit = `
		select visit_id, id, asker_id, addressee_id, text, language, wondering, stand_by, note_ids, source, state, answer, settled_at, due_at, audience
		from question
		where owner_id = $1 and ` + ofVisits + ` and (observer_id = $2 or observed_id = $2 and opened)
		order by created_at, position`

	openingsOfVisit = `
		select visit_id, question_id, opened, text, said_at, audience
		from question_opening
		where owner_id = $1 and ` + ofVisits + ` and $2 in (observer_id, observed_id)`

	repliesOfVisit = `
		select visit_id, id, about_id, author_id, text, created_at, audience
		from reply
		where owner_id = $1 and ` + ofVisits + ` and $2 in (observer_id, observed_id)
		order by about_id, position`

	correctionsOfVisit = `
		select visit_id, note_id, text, resolution, created_at, audience
		from correction
		where owner_id = $1 and ` + ofVisits + ` and $2 in (observer_id, observed_id)`

	ownViewOfVisit = `
		select visit_id, text, skipped, recorded_at, audience
		from own_view
		where owner_id = $1 and ` + ofVisits + ` and $2 in (observer_id, observed_id)`

	conversationsOfVisit = `
		select visit_id, id, recorded_by, talked_at, minutes, summary, confirmed_by, created_at, audience
		from conversation
		where owner_id = $1 and ` + ofVisits + ` and $2 in (observer_id, observed_id)
		order by created_at, id`

	takeawaysOfPerson = `
		select visit_id, edition, text, borrowed, learning, recorded_at, audience
		from takeaway
		where owner_id = $1 and ` + ofVisits + ` and person_id = $2
		order by edition desc`

	draftsOfVisits = `
		select visit_id, body, revision
		from draft
		where owner_id = $1 and visit_id = any ($2) and observer_id = $3`

	draftOfVisit = `
		select body, revision
		from draft
		where owner_id = $1 and visit_id = $2 and observer_id = $3`

	insertPoint = `
		insert into feedback_point (owner_id, id, visit_id, observer_id, observed_id, position, text, note_ids, saw_note_id, created_at, effect)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

	insertQuestion = `
		insert into question (owner_id, id, visit_id, observer_id, observed_id, asker_id, addressee_id, position, text, language,
			wondering, stand_by, note_ids, source, due_at, opened, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`

	settleQuestion = `update question set state = $3, answer = $4, settled_at = $5 where owner_id = $1 and id = $2`

	saveOpening = `
		insert into question_opening (owner_id, question_id, visit_id, observer_id, observed_id, opened, text, said_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (owner_id, question_id) do update set opened = excluded.opened, text = excluded.text, said_at = excluded.said_at`

	deleteOpening = `delete from question_opening where owner_id = $1 and question_id = $2 and observed_id = $3`

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
	queueWords(b, owner, person, about, now, allNotes, func(uuid.UUID) *Exchange { return e })
}

// reading reads some exchanges: the statements go into a batch, and what comes back into
// the exchange of its visit.
type reading struct {
	batch *pgx.Batch
	args  []any // of every statement: owner, person, and the three of observation.OfVisits
	of    func(visit uuid.UUID) *Exchange
}

// eachOf reads the rows of one kind, a visit's id before their fields, and puts each
// into its exchange.
func eachOf[T any](from reading, sql string, fields func(*T) []any, put func(*Exchange, T)) {
	from.batch.Queue(sql, from.args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var visit uuid.UUID
			var one T
			if err := rows.Scan(append([]any{&visit}, fields(&one)...)...); err != nil {
				return err
			}
			put(from.of(visit), one)
		}
		return rows.Err()
	})
}

// queueWords reads everything of some exchanges but their visits, in one statement
// for each kind of thing, however many exchanges there are. of finds the exchange of
// a visit.
func queueWords(b *pgx.Batch, owner, person uuid.UUID, about observation.Ref, now time.Time, allNotes bool, of func(visit uuid.UUID) *Exchange) {
	from := reading{batch: b, args: []any{owner, person, about.Kind, about.ID, about.Visits}, of: of}
	queueGiven(from)
	queueSaid(from)
	observation.QueueExchangedNotes(b, owner, person, about, allNotes, func(n observation.Note) {
		e := of(n.Visit)
		e.Notes = append(e.Notes, n)
	})
	learning.QueueActions(b, owner, person, about, now, func(a learning.Action) {
		e := of(a.Visit)
		e.Actions = append(e.Actions, a)
	})
}

// queueGiven reads what the observer has given, and what was said to each part of it.
func queueGiven(from reading) {
	eachOf(from, pointsOfVisit, func(p *Point) []any { return []any{&p.ID, &p.Text, &p.Notes, &p.Effect, &p.Readers} },
		func(e *Exchange, p Point) { e.Points = append(e.Points, p) })
	eachOf(from, questionsOfVisit, func(q *Question) []any {
		return []any{&q.ID, &q.Asker, &q.Addressee, &q.Text, &q.Language, &q.Wondering, &q.StandBy, &q.Notes, &q.Source,
			&q.State, &q.Answer, (*zeronull.Timestamptz)(&q.Settled), &q.Due, &q.Readers}
	}, func(e *Exchange, q Question) { e.Questions = append(e.Questions, q) })
	type ofQuestion struct {
		question uuid.UUID
		Opening
	}
	eachOf(from, openingsOfVisit, func(o *ofQuestion) []any { return []any{&o.question, &o.Opened, &o.Text, &o.At, &o.Readers} },
		func(e *Exchange, o ofQuestion) { // behind the questions, which are read first
			if q := e.question(o.question); q != nil {
				q.Opening = &o.Opening
			}
		})
	eachOf(from, repliesOfVisit, func(r *Reply) []any { return []any{&r.ID, &r.About, &r.Author, &r.Text, &r.At, &r.Readers} },
		func(e *Exchange, r Reply) { e.Replies = append(e.Replies, r) })
	type ofNote struct {
		note uuid.UUID
		Correction
	}
	eachOf(from, correctionsOfVisit, func(c *ofNote) []any { return []any{&c.note, &c.Text, &c.Resolution, &c.At, &c.Readers} },
		func(e *Exchange, c ofNote) { e.Corrections[c.note] = c.Correction })
}

// queueSaid reads the observed's own view, the conversations, and what the person takes
// along.
func queueSaid(from reading) {
	eachOf(from, ownViewOfVisit, func(o *OwnView) []any { return []any{&o.Text, &o.Skipped, &o.At, &o.Readers} },
		func(e *Exchange, o OwnView) { e.OwnView = &o })
	eachOf(from, conversationsOfVisit, func(c *Conversation) []any {
		return []any{&c.ID, &c.RecordedBy, &c.TalkedAt, &c.Minutes, &c.Summary, &c.ConfirmedBy, &c.Created, &c.Readers}
	}, func(e *Exchange, c Conversation) { e.Conversations = append(e.Conversations, c) })
	eachOf(from, takeawaysOfPerson, func(t *Takeaway) []any {
		return []any{&t.Edition, &t.Text, &t.Borrowed, &t.Learning, &t.At, &t.Readers}
	},
		func(e *Exchange, t Takeaway) { e.Takeaways = append(e.Takeaways, t) })
}

// queueDraft queues the question for the observer's own draft. No row leaves the draft
// empty, with revision 0.
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

// insertPoint queues a point with its witness, the note of what was seen that it rests
// on: a foreign key to that note is how the database holds the same rule.
func (c *change) insertPoint(w once.Writer, p *Point, position int, saw uuid.UUID) {
	w.Queue(insertPoint, c.Owner, p.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, position, p.Text, notNull(p.Notes), saw, c.Now, p.Effect)
}

// insertQuestion queues a question. opened says that it is put to somebody who reads
// already, as when the observed asks back.
func (c *change) insertQuestion(w once.Writer, q *Question, position int, opened bool) {
	w.Queue(insertQuestion, c.Owner, q.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, q.Asker, q.Addressee, position,
		q.Text, q.Language, q.Wondering, q.StandBy, notNull(q.Notes), q.Source, q.Due, opened, c.Now)
}

// saveQuestion queues how a question was settled.
func (c *change) saveQuestion(w once.Writer, q *Question) {
	w.Queue(settleQuestion, c.Owner, q.ID, q.State, q.Answer, q.Settled)
}

// saveOpening queues what the observed says of a question, or that they take it back.
func (c *change) saveOpening(w once.Writer, question uuid.UUID, said *Opening) {
	if said == nil {
		w.Queue(deleteOpening, c.Owner, question, c.Person)
		return
	}
	w.Queue(saveOpening, c.Owner, question, c.visit().ID, c.visit().Observer, c.visit().Observed, said.Opened, said.Text, said.At)
}

// insertReply queues an entry of a thread, at its place in it: the key of visit,
// thread and place lets no two writers take the last one.
func (c *change) insertReply(w once.Writer, r *Reply, position int) {
	w.Queue(insertReply, c.Owner, r.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, r.About, r.Author, position, r.Text, r.At)
}

// insertConversation queues a talk as one of the two tells of it.
func (c *change) insertConversation(w once.Writer, talk *Conversation) {
	w.Queue(insertConversation, c.Owner, talk.ID, c.visit().ID, c.visit().Observer, c.visit().Observed, talk.RecordedBy, talk.TalkedAt, talk.Minutes, talk.Summary, talk.Created)
}

// confirm queues that the other one says so, too.
func (c *change) confirm(w once.Writer, conversation uuid.UUID) {
	w.Queue(confirmConversation, c.Owner, conversation, c.Person, c.Now)
}

// confirmTalked queues that what "we talked" settled counts from now on.
func (c *change) confirmTalked(w once.Writer) { w.Queue(confirmTalkedQuestions, c.Owner, c.visit().ID) }

// saveCorrection queues the observed's wording of a note.
func (c *change) saveCorrection(w once.Writer, note uuid.UUID, wording Correction) {
	w.Queue(saveCorrection, c.Owner, note, c.visit().ID, c.visit().Observer, c.visit().Observed, wording.Text, wording.At)
}

// saveResolution queues what the observer makes of it.
func (c *change) saveResolution(w once.Writer, note uuid.UUID, resolution string) {
	w.Queue(saveResolution, c.Owner, note, resolution)
}

// saveTakeaway queues what somebody takes with them. One for each person and edition
// of the visit: a visit that was opened again gets new ones, and the old ones stay to
// be read.
func (c *change) saveTakeaway(w once.Writer, t *Takeaway) {
	w.Queue(saveTakeaway, c.Owner, c.visit().ID, c.Person, t.Edition, c.visit().Observer, c.visit().Observed, t.Text, t.Borrowed, t.Learning, t.At)
}

// writeDraft queues the draft, whole, as the phone sent it.
func (c *change) writeDraft(w once.Writer) {
	w.Queue(saveDraft, c.Owner, c.visit().ID, c.visit().Observer, c.visit().Observed, c.draft.Body, c.draft.Revision, c.Now)
}

// saveOwnView queues the observed's own lines, or that they were left out. Either
// opens the feedback.
func (c *change) saveOwnView(w once.Writer, text string, skip bool) {
	w.Queue(recordOwnView, c.Owner, c.visit().ID, c.visit().Observer, c.visit().Observed, text, skip, c.Now)
}
