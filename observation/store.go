package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
)

// The columns of a visit and what is open in its exchange. A question that the
// observed may not read yet does not count for them: then opening comes first.
const visitColumns = `
	v.id, v.school_id, v.observer_id, v.observed_id, v.peers, v.occasion_id, v.twin_id, v.round_id,
	v.state, v.seq, v.awaits_id, v.start_at, v.end_at, v.place, v.co_taught,
	v.talk_at, v.talk_minutes, v.talk_arena,
	v.focus_question, v.suggested_focus, v.intention, v.look_for, v.do_not_note, v.wanted_feedback, v.focus_area_id,
	v.expectation, v.intended_at, v.later_intention, v.later_expectation, v.later_at,
	v.observer_agreed_at, v.observer_agreed_to, v.observed_agreed_at, v.observed_agreed_to,
	v.feedback_due_at, v.answer_due_at, v.takeaway_due_at,
	v.opened, v.acknowledged_at, v.exit_wished_by, v.reopen_wished_by, v.edition, v.answered_id is not null,
	coalesce(v.observer_takeaway, 0) = v.edition, coalesce(v.observed_takeaway, 0) = v.edition,
	v.revision, v.created_at, v.updated_at, v.audience,
	coalesce(o.to_observed, 0), coalesce(o.to_observer, 0), o.due_at, coalesce(o.unconfirmed, 0), o.teller,
	u.people, u.kinds, u.times, u.revisions, m.by_id, m.start_at, m.end_at, m.created_at,
	v.ended_alone_by, v.state in ` + canBeLeft + ` and has_left(v.school_id, v.observer_id), v.state in ` + canBeLeft + ` and has_left(v.school_id, v.observed_id),
	v.name_out, v.name_out_by`

// canBeLeft are the states in which it matters that one of the two has left.
const canBeLeft = `('PROPOSED', 'AGREED', 'OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED', 'CLOSED')`

// What feedback says of an exchange that is under way (see the function), what one of
// the two has not seen yet, and the other time that is proposed.
const openExchange = `
	left join lateral open_exchange(v.owner_id, v.id, v.observer_id, v.observed_id) o on v.state = 'FEEDBACK_GIVEN'
	left join lateral (
		select array_agg(n.person_id order by n.revision, n.kind) people, array_agg(n.kind order by n.revision, n.kind) kinds,
			array_agg(n.at order by n.revision, n.kind) times, array_agg(n.revision order by n.revision, n.kind) revisions
		from visit_notice n where n.owner_id = v.owner_id and n.visit_id = v.id) u on true
	left join visit_move m on m.owner_id = v.owner_id and m.visit_id = v.id`

const (
	// A lock first and the reading after it: a statement that waits for a lock
	// reads the locked row anew, and everything else as it was before.
	lockVisit = `
		select from visit
		where owner_id = $1 and (id = $2 or twin_id = $2) and $3 in (observer_id, observed_id)
		order by id
		for no key update`

	visitByID = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and v.id = $2 and $3 in (v.observer_id, v.observed_id)`

	visitsByID = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and v.id = any ($2) and $3 in (v.observer_id, v.observed_id)`

	visitAndTwin = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and (v.id = $2 or v.twin_id = $2) and $3 in (v.observer_id, v.observed_id)`

	// Newest lesson first. Each role has its index; a page takes at most a page
	// of both.
	visitsOfPerson = `select ` + visitColumns + `
		from (
			(select id, start_at from visit
			where owner_id = $1 and observer_id = $2 and $3 in ('', 'OBSERVER')
				and (cardinality($4::text[]) = 0 or state = any ($4))
				and start_at >= $5 and start_at < $6 and (start_at, id) < ($7, $8)
			order by start_at desc, id desc limit $9)
			union all
			(select id, start_at from visit
			where owner_id = $1 and observed_id = $2 and $3 in ('', 'OBSERVED')
				and (cardinality($4::text[]) = 0 or state = any ($4))
				and start_at >= $5 and start_at < $6 and (start_at, id) < ($7, $8)
			order by start_at desc, id desc limit $9)
			order by start_at desc, id desc limit $9
		) page
		join visit v on v.owner_id = $1 and v.id = page.id ` + openExchange + `
		order by v.start_at desc, v.id desc`

	// Is the actor taken at that time? Whether the other one is, is theirs to know until
	// both have agreed: asking would be a way to learn of other people's visits. And
	// which visit is the actor late with, in a role, where the school holds that
	// against them?
	hoursAndDebt = `
		select is_busy($6, tstzrange($1, $2), $3, $7 = 'OBSERVER' and not $4),
			case when gate_holds($5, $8) then overdue_visit($6, $7, $8) end,
			case when $9 and gate_holds($5, $8) then overdue_visit($6, case $7 when 'OBSERVER' then 'OBSERVED' else 'OBSERVER' end, $8) end`

	anyVisit = `select visit_there($1)`

	// The same for a visit that is there already: at another time it is the actor's
	// hours that count; at its own, where both agree, those of both.
	hoursAndDebtOfVisit = `
		select (($4::tstzrange is null or v.observer_id = $3) and is_busy(v.observer_id, s.span, v.occasion_id, not v.co_taught))
				or (($4::tstzrange is null or v.observed_id = $3) and is_busy(v.observed_id, s.span, v.occasion_id, false)),
			case when gate_holds(v.school_id, $5) then overdue_visit($3, r.role, $5) end,
			case when v.twin_id is not null and gate_holds(v.school_id, $5)
				then overdue_visit($3, case r.role when 'OBSERVER' then 'OBSERVED' else 'OBSERVER' end, $5) end
		from visit v,
			lateral (select coalesce($4::tstzrange,
				(select tstzrange(m.start_at, m.end_at) from visit_move m where m.owner_id = v.owner_id and m.visit_id = v.id),
				tstzrange(v.start_at, v.end_at)) span) s,
			lateral (select case when v.observer_id = $3 then 'OBSERVER' else 'OBSERVED' end as role) r
		where v.owner_id = $1 and v.id = $2 and $3 in (v.observer_id, v.observed_id)`

	// The same for the visit that something is about.
	lockVisitAbout = `
		select from visit
		where owner_id = $1 and id = (select visit_about($4, $2)) and $3 in (observer_id, observed_id)
		for no key update`

	visitAbout = `select ` + visitColumns + ` from visit v ` + openExchange + `
		where v.owner_id = $1 and v.id = (select visit_about($4, $2)) and $3 in (v.observer_id, v.observed_id)`

	insertVisit = `
		insert into visit (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, twin_id, round_id,
			awaits_id, start_at, end_at, place, co_taught, talk_at, talk_minutes, talk_arena,
			focus_question, suggested_focus, intention, focus_area_id,
			observer_agreed_at, observer_agreed_to, observed_agreed_at, observed_agreed_to, revision, created_at, updated_at,
			expectation, intended_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, 0, $26, $26,
			$27, $28)`

	updateVisit = `
		update visit set start_at = $3, end_at = $4, place = $5, talk_at = $6, talk_minutes = $7, talk_arena = $8,
			focus_question = $9, intention = $10, look_for = $11, do_not_note = $12, wanted_feedback = $13, focus_area_id = $14,
			observer_agreed_at = $15, observer_agreed_to = $16, observed_agreed_at = $17, observed_agreed_to = $18,
			feedback_due_at = $19, answer_due_at = $20, takeaway_due_at = $21, acknowledged_at = $22,
			exit_wished_by = $23, reopen_wished_by = $24, revision = $25, updated_at = $26,
			expectation = $27, intended_at = $28, later_intention = $29, later_expectation = $30, later_at = $31
		where owner_id = $1 and id = $2`

	witnessGift   = `update visit set point_id = $3, wondering_id = $4 where owner_id = $1 and id = $2`
	witnessAnswer = `update visit set answered_id = $3 where owner_id = $1 and id = $2`

	witnessObserverTakeaway = `update visit set observer_takeaway = $3 where owner_id = $1 and id = $2`
	witnessObservedTakeaway = `update visit set observed_takeaway = $3 where owner_id = $1 and id = $2`

	insertEvent = `
		insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`
)

// QueueLock locks a visit of the person's, and its twin, until the change ends.
// The reading comes after it in the same flight.
func QueueLock(b *pgx.Batch, owner, person, visit uuid.UUID) {
	b.Queue(lockVisit, owner, visit, person)
}

// QueueVisit reads a visit of the person's. To everybody else it is NOT_FOUND.
func QueueVisit(b *pgx.Batch, owner, person, visit uuid.UUID, into *Visit) {
	b.Queue(visitByID, owner, visit, person).Query(oneVisit(into))
}

// QueueVisits reads those of some visits that are the person's.
func QueueVisits(b *pgx.Batch, owner, person uuid.UUID, visits []uuid.UUID, take func(Visit)) {
	b.Queue(visitsByID, owner, visits, person).Query(func(rows pgx.Rows) error { return eachVisit(rows, take) })
}

// oneVisit reads the one visit that was asked for. No row means NOT_FOUND, whether
// there is no such visit or row level security hides it: the caller can't tell the two
// apart.
func oneVisit(into *Visit) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		found := false
		err := eachVisit(rows, func(v Visit) {
			*into = v
			found = true
		})
		if err == nil && !found {
			return refusal.New(refusal.NotThere)
		}
		return err
	}
}

// What a [Ref] can name.
const (
	AboutVisit        = "VISIT"
	AboutQuestion     = "QUESTION"
	AboutThread       = "THREAD" // a feedback point or a question
	AboutNote         = "NOTE"   // a shared one
	AboutConversation = "CONVERSATION"
	AboutAction       = "ACTION"
)

// Ref names a visit by something that belongs to it, or several by their ids.
type Ref struct {
	Kind   string
	ID     uuid.UUID
	Visits []uuid.UUID // nil: the one that the id belongs to
}

// OfVisits picks, in the SQL of a room whose tables have a visit_id, the rows of the
// visits of a [Ref]: $3 is its kind, $4 its id, $5 its visits. The array is asked for in a
// query of its own, whole: row level security lets an index be looked into for a value that is
// known before the first row, and reads all rows of the owner's for an expression beside it.
const OfVisits = `visit_id = any ((select coalesce($5::uuid[], array[visit_about($3, $4)]))::uuid[])`

// QueueLockAbout locks the visit that something is about, as [QueueLock] does.
func QueueLockAbout(b *pgx.Batch, owner, person uuid.UUID, r Ref) {
	b.Queue(lockVisitAbout, owner, r.ID, person, r.Kind)
}

// QueueVisitAbout reads the visit that something is about. To everybody but its
// two, the thing is NOT_FOUND.
func QueueVisitAbout(b *pgx.Batch, owner, person uuid.UUID, r Ref, into *Visit) {
	b.Queue(visitAbout, owner, r.ID, person, r.Kind).Query(oneVisit(into))
}

// queueTwins reads a visit of the person's and, of a mutual one, the visit the
// other way.
func queueTwins(b *pgx.Batch, owner, person, visit uuid.UUID, into *Visit, twin **Visit) {
	b.Queue(visitAndTwin, owner, visit, person).Query(func(rows pgx.Rows) error {
		found := false
		err := eachVisit(rows, func(v Visit) {
			if v.ID == visit {
				*into = v
				found = true
			} else {
				*twin = &v
			}
		})
		if err == nil && !found {
			return refusal.New(refusal.NotThere)
		}
		return err
	})
}

// eachVisit reads rows of visits. The columns are those of the constant visitColumns,
// in their order; a test prepares every statement that uses it.
func eachVisit(rows pgx.Rows, take func(Visit)) error {
	for rows.Next() {
		var v Visit
		var talk, intended, later, observerYes, observedYes, feedbackDue, answerDue, takeawayDue, acknowledged, openDue *time.Time
		var observerWrote, observedWrote, observerLeft, observedLeft bool
		var unseen unseenColumns
		var moved moveColumns
		var name NameWish
		var nameBy uuid.NullUUID
		err := rows.Scan(&v.ID, &v.School, &v.Observer, &v.Observed, &v.Peers, &v.Occasion, &v.Twin, &v.Round,
			&v.State, &v.Seq, &v.Awaits, &v.Start, &v.End, &v.Place, &v.CoTaught,
			&talk, &v.Talk.Minutes, &v.Talk.Arena,
			&v.Card.Focus, &v.Suggested, &v.Card.Intention, &v.Card.LookFor, &v.Card.DoNotNote, &v.Card.WantedFeedback, &v.Card.FocusArea,
			&v.Card.Expectation, &intended, &v.Card.Later.Intention, &v.Card.Later.Expectation, &later,
			&observerYes, &v.ObserverConsent.Version, &observedYes, &v.ObservedConsent.Version,
			&feedbackDue, &answerDue, &takeawayDue,
			&v.Opened, &acknowledged, &v.ExitWish, &v.ReopenWish, &v.Edition, &v.HasAnswer,
			&observerWrote, &observedWrote,
			&v.Revision, &v.Created, &v.Updated, &v.Readers,
			&v.Open.ToObserved, &v.Open.ToObserver, &openDue, &v.Open.Unconfirmed, &v.Open.Recorder,
			&unseen.people, &unseen.kinds, &unseen.times, &unseen.revisions,
			&moved.by, &moved.start, &moved.end, &moved.created,
			&v.EndedAlone, &observerLeft, &observedLeft, &name.Name, &nameBy)
		if err != nil {
			return err
		}
		v.Talk.At = postgres.TimeOf(talk)
		v.Card.Intended, v.Card.Later.At = postgres.TimeOf(intended), postgres.TimeOf(later)
		v.ObserverConsent.At, v.ObservedConsent.At = postgres.TimeOf(observerYes), postgres.TimeOf(observedYes)
		v.FeedbackDue, v.AnswerDue, v.TakeawayDue = postgres.TimeOf(feedbackDue), postgres.TimeOf(answerDue), postgres.TimeOf(takeawayDue)
		v.Acknowledged, v.Open.Due = postgres.TimeOf(acknowledged), postgres.TimeOf(openDue)
		v.Takeaways = map[Role]bool{AsObserver: observerWrote, AsObserved: observedWrote}
		v.Left = map[Role]bool{AsObserver: observerLeft, AsObserved: observedLeft}
		v.Unseen, v.Move = unseen.list(), moved.move()
		if name.Name != "" {
			name.By, v.NameWish = nameBy.UUID, &name
		}
		take(v)
	}
	return rows.Err()
}

// unseenColumns are what has not been seen, as lists of the same length.
type unseenColumns struct {
	people    []uuid.UUID
	kinds     []ChangeKind
	times     []time.Time
	revisions []int64
}

func (c unseenColumns) list() []Unseen {
	var out []Unseen
	for i, person := range c.people {
		out = append(out, Unseen{Person: person, Kind: c.kinds[i], At: c.times[i], Revision: c.revisions[i]})
	}
	return out
}

// moveColumns are what is proposed; all null where nothing is.
type moveColumns struct {
	by                  uuid.NullUUID
	start, end, created *time.Time
}

func (c moveColumns) move() *Move {
	if !c.by.Valid {
		return nil
	}
	return &Move{By: c.by.UUID, Start: postgres.TimeOf(c.start), End: postgres.TimeOf(c.end), Created: postgres.TimeOf(c.created)}
}

// save writes what people may change of a visit's own row.
func (v *Visit) save(w once.Writer, owner uuid.UUID) {
	w.Queue(updateVisit, owner, v.ID, v.Start, v.End, v.Place, postgres.OrNull(v.Talk.At), v.Talk.Minutes, v.Talk.Arena,
		v.Card.Focus, v.Card.Intention, v.Card.LookFor, v.Card.DoNotNote, v.Card.WantedFeedback, v.Card.FocusArea,
		postgres.OrNull(v.ObserverConsent.At), v.ObserverConsent.Version, postgres.OrNull(v.ObservedConsent.At), v.ObservedConsent.Version,
		postgres.OrNull(v.FeedbackDue), postgres.OrNull(v.AnswerDue), postgres.OrNull(v.TakeawayDue), postgres.OrNull(v.Acknowledged),
		v.ExitWish, v.ReopenWish, v.Revision, v.Updated,
		v.Card.Expectation, postgres.OrNull(v.Card.Intended), v.Card.Later.Intention, v.Card.Later.Expectation, postgres.OrNull(v.Card.Later.At))
}

// WitnessGift names a feedback point and a wondering question, which prove to the
// database that feedback may be given.
func (c *Change) WitnessGift(w once.Writer, point, wondering uuid.UUID) {
	w.Queue(witnessGift, c.Owner, c.Visit.ID, point, wondering)
}

// WitnessAnswer names a wondering question that words have settled.
func (c *Change) WitnessAnswer(w once.Writer, question uuid.UUID) {
	w.Queue(witnessAnswer, c.Owner, c.Visit.ID, question)
}

// WitnessTakeaway says that one of the two has written what they take along, of this
// edition of the visit.
func (c *Change) WitnessTakeaway(w once.Writer, role Role) {
	sql := witnessObserverTakeaway
	if role == AsObserved {
		sql = witnessObservedTakeaway
	}
	w.Queue(sql, c.Owner, c.Visit.ID, c.Visit.Edition)
}

// writeEvent queues one step of a visit. Inserting it is the only way in which a visit
// moves: a trigger checks the arrow and takes the state along, so that no statement
// can set a state alone.
func writeEvent(w once.Writer, owner, person uuid.UUID, v *Visit, event Event, to State, now time.Time) {
	w.Queue(insertEvent, owner, v.ID, v.Seq+1, event, v.State, to, person, now)
}

// insert queues a new visit. Its state is not among the columns: the event that is
// queued behind it gives it one.
func insert(w once.Writer, owner uuid.UUID, v *Visit, now time.Time) {
	w.Queue(insertVisit, owner, v.ID, v.School, v.Observer, v.Observed, v.Peers, v.Occasion, v.Twin, v.Round,
		v.Awaits, v.Start, v.End, v.Place, v.CoTaught, postgres.OrNull(v.Talk.At), v.Talk.Minutes, v.Talk.Arena,
		v.Card.Focus, v.Suggested, v.Card.Intention, v.Card.FocusArea,
		postgres.OrNull(v.ObserverConsent.At), v.ObserverConsent.Version, postgres.OrNull(v.ObservedConsent.At), v.ObservedConsent.Version, now,
		v.Card.Expectation, postgres.OrNull(v.Card.Intended))
}

// obstacles is what stands in the way of taking hours.
type obstacles struct {
	busy  bool             // the actor has something else then; where both agree, either
	debts [2]uuid.NullUUID // the visit that the actor is late with; of a mutual visit in either role
}

// scan reads what stands in the way of two people's hours.
func (o *obstacles) scan(row pgx.Row) error {
	return row.Scan(&o.busy, &o.debts[0], &o.debts[1])
}

// facts turns what stands in the way into what the machine asks for. One debt is
// named, not both: it has to be paid first, and its visit's id is what the person
// needs in order to find it.
func (o *obstacles) facts() Facts {
	f := Facts{}
	if o.busy {
		f.Lack(NeedFree)
	}
	for _, d := range o.debts {
		if d.Valid {
			f.Lack(NeedNoDebt, d.UUID.String())
			break
		}
	}
	return f
}

// queueTaken asks whether ids that a client chose for visits are taken.
func queueTaken(b *pgx.Batch, visits []*Visit, into *bool) {
	ids := make([]uuid.UUID, len(visits))
	for i, v := range visits {
		ids[i] = v.ID
	}
	b.Queue(anyVisit, ids).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// queueObstacles queues the question whether the actor's hours are taken and exchanges
// overdue.
// For a mutual visit the actor's side is asked for both roles.
func queueObstacles(b *pgx.Batch, v *Visit, actor uuid.UUID, mutual bool, now time.Time, into *obstacles) {
	role, _ := v.RoleOf(actor)
	b.Queue(hoursAndDebt, v.Start, v.End, v.Occasion, v.CoTaught, v.School, actor, role, now, mutual).
		QueryRow(into.scan)
}

// queueObstaclesOf asks the same of a visit that is there: at another time than its own
// of the actor's hours alone; at its own (start is zero) of those of both.
func queueObstaclesOf(b *pgx.Batch, owner, visit, actor uuid.UUID, start, end, now time.Time, into *obstacles) {
	var span *pgtype.Range[time.Time]
	if !start.IsZero() {
		span = &pgtype.Range[time.Time]{Lower: start, Upper: end, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}
	}
	b.Queue(hoursAndDebtOfVisit, owner, visit, actor, span, now).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := into.scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// filter narrows a list of visits and says where the last page ended.
type filter struct {
	role     string // empty: either
	states   []string
	from, to time.Time // of the lesson's start, half open
	before   time.Time // where the last page ended
	behind   uuid.UUID
}

// farFuture lies behind every lesson: the times of the contract end with year 9999.
var farFuture = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// longAgo lies before every note.
var longAgo = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// queueVisitsOfPerson queues one page of somebody's visits. It is asked for one row
// more than the page holds, which says whether there is another page without counting
// all.
func queueVisitsOfPerson(b *pgx.Batch, owner, person uuid.UUID, f filter, most int, into *[]Visit) {
	b.Queue(visitsOfPerson, owner, person, f.role, f.states, f.from, f.to, f.before, f.behind, most).Query(func(rows pgx.Rows) error {
		return eachVisit(rows, func(v Visit) { *into = append(*into, v) })
	})
}
