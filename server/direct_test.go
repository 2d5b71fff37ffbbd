package server_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// write is what the application role could write past the services, as a person.
type write struct {
	sql  string
	args []any
}

// directly writes as a person, past all Go code, in one transaction.
func (v *visit) directly(p *person, writes ...write) error {
	ctx := context.Background()
	conn := v.db.App(v.t)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", v.owner.String(), p.id)
		for _, w := range writes {
			if err == nil {
				_, err = tx.Exec(ctx, w.sql, w.args...)
			}
		}
		if err == nil { // what waits for the commit
			_, err = tx.Exec(ctx, "set constraints all immediate")
		}
		return err
	})
}

func (v *visit) event(p *person, event, from, to string) write {
	var actor any = p.id
	return write{`insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
		select owner_id, id, seq + 1, $2, $3, $4, $5::uuid, $6 from visit where id = $1`, []any{v.id, event, from, to, actor, v.clock.now()}}
}

func (v *visit) update(set string, args ...any) write {
	return write{"update visit set " + set + " where id = $1", append([]any{v.id}, args...)}
}

const givenColumns = "owner_id, visit_id, observer_id, observed_id"

func (v *visit) of(sql string, args ...any) write {
	return write{strings.ReplaceAll(sql, "{of}", "v.owner_id, v.id, v.observer_id, v.observed_id from visit v where v.id = $1"), append([]any{v.id}, args...)}
}

func (v *visit) point(id uuid.UUID, note string) write {
	return v.of(`insert into feedback_point (id, position, text, note_ids, saw_note_id, created_at, `+givenColumns+`)
		select $2, 1, 'x', array[$3::uuid], $3::uuid, $4::timestamptz, {of}`, id, note, v.clock.now())
}

func (v *visit) ask(id uuid.UUID, wonders bool) write {
	return v.of(`insert into question (id, asker_id, addressee_id, position, text, language, wondering, stand_by, due_at, created_at, `+givenColumns+`)
		select $2, v.observer_id, v.observed_id, 1, 'x', 'nb', $3, false, $4::timestamptz, $4::timestamptz, {of}`, id, wonders, v.clock.now())
}

// The database refuses by itself what the rules refuse: written past all Go
// code, as the application role and one of the two. The name of the constraint
// is the reason.
func TestTheDatabaseRefusesByItself(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	answered := func(w *town) *visit {
		v := w.propose(w.kari, w.ola, hour).agree().observe().give().open()
		v.answer(v.question)
		return v
	}
	const due = "feedback_due_at = now(), observed_agreed_at = now()"
	for _, tc := range []struct {
		name   string
		reason string // the constraint, or the SQLSTATE
		at     func(*town) *visit
		by     func(*town) *person
		writes func(*visit) []write
	}{
		{"the state is written", "42501", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(v *visit) []write { return []write{v.update("state = 'CLOSED'")} }},
		{"a step that is no arrow", "wrong_state", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(v *visit) []write { return []write{v.event(v.observer, "CLOSE", "PROPOSED", "CLOSED")} }},
		{"a lie about where it starts", "wrong_state", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree() }, nil,
			func(v *visit) []write { return []write{v.event(v.observer, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")} }},
		{"in another's name", "42501", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).setFocus() }, nil,
			func(v *visit) []write { return []write{v.event(v.observed, "ACCEPT", "PROPOSED", "AGREED")} }},
		{"accepting one's own proposal", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).setFocus() }, nil,
			func(v *visit) []write { return []write{v.event(v.observer, "ACCEPT", "PROPOSED", "AGREED")} }},
		{"agreeing without a focus", "focus_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, func(w *town) *person { return w.ola },
			func(v *visit) []write {
				return []write{v.update(due), v.event(v.observed, "ACCEPT", "PROPOSED", "AGREED")}
			}},
		{"agreeing in two places", "double_booked", func(w *town) *visit {
			w.propose(w.nils, w.ola, hour).agree()
			return w.propose(w.kari, w.ola, hour+time.Hour).setFocus()
		}, func(w *town) *person { return w.ola }, func(v *visit) []write {
			return []write{v.update(due + ", start_at = start_at - interval '1 hour', end_at = end_at - interval '1 hour'"), v.event(v.observed, "ACCEPT", "PROPOSED", "AGREED")}
		}},
		{"the focus by the observer", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(v *visit) []write { return []write{v.update("focus_question = 'x'")} }},
		{"a yes for the other", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(v *visit) []write { return []write{v.update("observed_agreed_at = now()")} }},
		{"the hours of an agreed visit", "wrong_state", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree() }, nil,
			func(v *visit) []write { return []write{v.update("start_at = start_at - interval '1 hour'")} }},
		{"a lesson of five hours", "invalid_field", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(v *visit) []write { return []write{v.update("end_at = start_at + interval '5 hours'")} }},
		{"a note before both have agreed", "notes_closed", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil, noteDirectly},
		{"a note after feedback", "notes_closed", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give() }, nil, noteDirectly},
		{"a note by the observed", "42501", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree() }, func(w *town) *person { return w.ola }, noteDirectly},
		{"a note by an outsider", "0 rows", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree() }, func(w *town) *person { return w.nils }, noteDirectly},
		{"feedback without a point", "feedback_point_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write {
				q := newID()
				return []write{v.ask(q, true), v.update("wondering_id = $2, answer_due_at = now()", q), v.event(v.observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"a point that rests on an interpretation", "evidence_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write { return []write{v.point(newID(), v.save(2, "De kjedet seg."))} }},
		{"a point that rests on nothing", "evidence_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write { return []write{v.point(newID(), uuid.NewString())} }},
		{"feedback without a question", "wondering_question_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write {
				p := newID()
				return []write{v.point(p, v.note), v.update("point_id = $2, answer_due_at = now()", p), v.event(v.observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"a question that does not wonder as witness", "wondering_question_missing", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write {
				p, q := newID(), newID()
				return []write{v.point(p, v.note), v.ask(q, false), v.update("point_id = $2, wondering_id = $3, answer_due_at = now()", p, q), v.event(v.observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"answering for the other", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give().open() }, nil,
			func(v *visit) []write {
				return []write{{"update question set state = 'ANSWERED', answer = 'x', settled_at = now() where id = $1", []any{v.question}}}
			}},
		{"we talked, without a talk", "question_open", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give().open() }, func(w *town) *person { return w.ola },
			func(v *visit) []write {
				return []write{{"update question set state = 'TALKED', settled_at = now() where id = $1", []any{v.question}}}
			}},
		{"settled with an open question", "question_open", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give().open() }, func(w *town) *person { return w.ola },
			func(v *visit) []write {
				return []write{v.update("takeaway_due_at = now()"), v.event(v.observed, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")}
			}},
		{"settled by parking alone", "question_open", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give().open() }, func(w *town) *person { return w.ola },
			func(v *visit) []write {
				return []write{{"update question set state = 'PARKED', settled_at = now() where id = $1", []any{v.question}},
					v.update("takeaway_due_at = now(), answered_id = $2", v.question), v.event(v.observed, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")}
			}},
		{"an answer is undone", "wrong_state", answered, func(w *town) *person { return w.ola },
			func(v *visit) []write {
				return []write{{"update question set state = 'OPEN', answer = '', settled_at = null where id = $1", []any{v.question}}}
			}},
		{"a new question in an answered visit", "wrong_state", answered, nil, func(v *visit) []write { return []write{v.ask(newID(), true)} }},
		{"closing without take-aways", "takeaway_missing", answered, nil, func(v *visit) []write { return []write{v.event(v.observer, "CLOSE", "ANSWERED", "CLOSED")} }},
		{"a take-away for the other", "42501", answered, nil, func(v *visit) []write {
			return []write{v.of(`insert into takeaway (person_id, edition, text, learning, recorded_at, ` + givenColumns + `) select v.observed_id, 1, 'x', 'NOTHING_NEW', now(), {of}`)}
		}},
		{"a witness that is none", "takeaway_missing", answered, nil, func(v *visit) []write { return []write{v.update("observer_takeaway = 1")} }},
		{"the exit by one alone", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write {
				return []write{v.event(v.observer, "EXIT", "OBSERVED", "CLOSED_WITHOUT_EXCHANGE")}
			}},
		{"the other's wish for it", "not_your_move", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe() }, nil,
			func(v *visit) []write { return []write{v.update("exit_wished_by = observed_id")} }},
		{"the own view by the observer", "42501", func(w *town) *visit { return w.propose(w.kari, w.ola, hour).agree().observe().give() }, nil,
			func(v *visit) []write {
				return []write{v.of(`insert into own_view (skipped, recorded_at, ` + givenColumns + `) select true, now(), {of}`)}
			}},
		{"expiring by a person", "role_required", func(w *town) *visit { return w.propose(w.kari, w.ola, hour) }, nil,
			func(*visit) []write { return []write{{"select expire_visits(now() + interval '1 year', 10)", nil}} }},
		{"agreeing while late", "exchange_overdue", func(w *town) *visit {
			v := w.propose(w.ola, w.kari, 30*hour).setFocus()
			w.propose(w.ola, w.nils, hour).agree().observe()
			w.clock.set(w.clock.now().Add(8 * hour))
			try(w.kari.CancelObservation(w.kari.ctx(), cancelOf(v))).ok(w.t)
			return w.proposeLate()
		}, func(w *town) *person { return w.ola }, func(v *visit) []write {
			return []write{v.update("feedback_due_at = now(), observer_agreed_at = now()"), v.event(v.observer, "ACCEPT", "PROPOSED", "AGREED")}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			v := tc.at(w)
			by := v.observer
			if tc.by != nil {
				by = tc.by(w)
			}
			before := one[string](w, rows)
			err := v.directly(by, tc.writes(v)...)
			if tc.reason == "0 rows" { // nothing of the visit is there to write of
				if got := one[string](w, rows); err != nil || got != before {
					t.Errorf("%v: stored %s, before %s", err, got, before)
				}
				return
			}
			var pg *pgconn.PgError
			if !errors.As(err, &pg) {
				t.Fatalf("written: %v", err)
			}
			name := pg.ConstraintName
			if i := strings.Index(name, "__"); i >= 0 {
				name = name[i+2:]
			}
			if name != tc.reason && pg.Code != tc.reason {
				t.Errorf("refused with %s (constraint %q, %s), want %s", pg.Code, pg.ConstraintName, pg.Message, tc.reason)
			}
		})
	}
}

func noteDirectly(v *visit) []write {
	return []write{v.of(`insert into note (id, kind, text, observed_at, about_focus, created_at, updated_at, `+givenColumns+`)
		select $2, 'SAW', 'x', now(), false, now(), now(), {of}`, newID())}
}
