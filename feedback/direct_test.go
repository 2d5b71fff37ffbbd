package feedback_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"undring/town"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

func event(v *town.Visit, p *town.Person, event, from, to string) town.Write {
	var actor any = p.ID
	return town.Write{SQL: `insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at)
		select owner_id, id, seq + 1, $2, $3, $4, $5::uuid, $6 from visit where id = $1`, Args: []any{v.ID, event, from, to, actor, v.Clock.Now()}}
}

func update(v *town.Visit, set string, args ...any) town.Write {
	return town.Write{SQL: "update visit set " + set + " where id = $1", Args: append([]any{v.ID}, args...)}
}

const givenColumns = "owner_id, visit_id, observer_id, observed_id"

func of(v *town.Visit, sql string, args ...any) town.Write {
	return town.Write{SQL: strings.ReplaceAll(sql, "{of}", "v.owner_id, v.id, v.observer_id, v.observed_id from visit v where v.id = $1"), Args: append([]any{v.ID}, args...)}
}

func point(v *town.Visit, id uuid.UUID, note string) town.Write {
	return of(v, `insert into feedback_point (id, position, text, note_ids, saw_note_id, created_at, `+givenColumns+`)
		select $2, 1, 'x', array[$3::uuid], $3::uuid, $4::timestamptz, {of}`, id, note, v.Clock.Now())
}

func ask(v *town.Visit, id uuid.UUID, wonders bool) town.Write {
	return of(v, `insert into question (id, asker_id, addressee_id, position, text, language, wondering, stand_by, due_at, created_at, `+givenColumns+`)
		select $2, v.observer_id, v.observed_id, 1, 'x', 'nb', $3, false, $4::timestamptz, $4::timestamptz, {of}`, id, wonders, v.Clock.Now())
}

func opening(v *town.Visit) town.Write {
	return of(v, `insert into question_opening (question_id, opened, text, said_at, `+givenColumns+`) select $2::uuid, true, '', $3::timestamptz, {of}`, v.Question, v.Clock.Now())
}

func moment(v *town.Visit, whose string) town.Write {
	return of(v, `insert into moment (id, person_id, marked_at, created_at, `+givenColumns+`) select $2::uuid, v.`+whose+`, $3::timestamptz, $3::timestamptz, {of}`, town.NewID(), v.Clock.Now())
}

// The database refuses by itself what the rules refuse: written past all Go
// code, as the application role and one of the two. The name of the constraint
// is the reason.
func TestTheDatabaseRefusesByItself(t *testing.T) {
	t.Parallel()
	hour := time.Hour
	answered := func(w *town.Town) *town.Visit {
		v := w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open()
		v.Answer(v.Question)
		return v
	}
	const due = "feedback_due_at = now(), observed_agreed_at = now()"
	for _, tc := range []struct {
		name   string
		reason string // the constraint, or the SQLSTATE
		at     func(*town.Town) *town.Visit
		by     func(*town.Town) *town.Person
		writes func(*town.Visit) []town.Write
	}{
		{"the state is written", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "state = 'CLOSED'")} }},
		{"a step that is not an arrow", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observer, "CLOSE", "PROPOSED", "CLOSED")}
			}},
		{"a lie about where it starts", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observer, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")}
			}},
		{"in another's name", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).SetFocus() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observed, "ACCEPT", "PROPOSED", "AGREED")}
			}},
		{"accepting one's own proposal", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).SetFocus() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observer, "ACCEPT", "PROPOSED", "AGREED")}
			}},
		{"agreeing without a focus", "focus_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, due), event(v, v.Observed, "ACCEPT", "PROPOSED", "AGREED")}
			}},
		{"agreeing in two places", "double_booked", func(w *town.Town) *town.Visit {
			w.Propose(w.Nils, w.Ola, hour).Agree()
			return w.Propose(w.Kari, w.Ola, hour+time.Hour).SetFocus()
		}, func(w *town.Town) *town.Person { return w.Ola }, func(v *town.Visit) []town.Write {
			return []town.Write{update(v, due+", start_at = start_at - interval '1 hour', end_at = end_at - interval '1 hour'"), event(v, v.Observed, "ACCEPT", "PROPOSED", "AGREED")}
		}},
		{"the focus by the observer", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "focus_question = 'x'")} }},
		{"what the other expects", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "expectation = 'x'")} }},
		{"an intention once the lesson has begun", "lesson_started", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "intention = 'x', updated_at = start_at")}
			}},
		{"an intention written behind the lesson's back", "lesson_started", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "look_for = 'x', updated_at = start_at"), update(v, "intention = 'x', updated_at = start_at - interval '1 hour'")}
			}},
		{"later words once the visit took place", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "later_intention = 'x', later_at = now()")}
			}},
		{"a yes for the other", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "observed_agreed_at = now()")} }},
		{"the hours of an agreed visit", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "start_at = start_at - interval '1 hour'")}
			}},
		{"a lesson of five hours", "invalid_field", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "end_at = start_at + interval '5 hours'")}
			}},
		{"a note before both have agreed", "notes_closed", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil, noteDirectly},
		{"a note after feedback", "notes_closed", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give() }, nil, noteDirectly},
		{"a note by the observed", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, func(w *town.Town) *town.Person { return w.Ola }, noteDirectly},
		{"a note by an outsider", "0 rows", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree() }, func(w *town.Town) *town.Person { return w.Nils }, noteDirectly},
		{"feedback without a point", "feedback_point_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				q := town.NewID()
				return []town.Write{ask(v, q, true), update(v, "wondering_id = $2, answer_due_at = now()", q), event(v, v.Observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"a point that rests on an interpretation", "evidence_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{point(v, town.NewID(), v.Save(2, "De kjedet seg."))}
			}},
		{"a point that rests on nothing", "evidence_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{point(v, town.NewID(), uuid.NewString())} }},
		{"feedback without a question", "wondering_question_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				p := town.NewID()
				return []town.Write{point(v, p, v.Note), update(v, "point_id = $2, answer_due_at = now()", p), event(v, v.Observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"a question that does not wonder as witness", "wondering_question_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				p, q := town.NewID(), town.NewID()
				return []town.Write{point(v, p, v.Note), ask(v, q, false), update(v, "point_id = $2, wondering_id = $3, answer_due_at = now()", p, q), event(v, v.Observer, "GIVE", "OBSERVED", "FEEDBACK_GIVEN")}
			}},
		{"saying for the other what a question opened", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{opening(v)} }},
		{"saying what a question opened that one has not read", "own_view_missing", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write { return []town.Write{opening(v)} }},
		{"a moment in another's name", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{moment(v, "observed_id")} }},
		{"a moment of a visit that is proposed", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{moment(v, "observer_id")} }},
		{"answering for the other", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: "update question set state = 'ANSWERED', answer = 'x', settled_at = now() where id = $1", Args: []any{v.Question}}}
			}},
		{"we talked, without a talk", "question_open", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: "update question set state = 'TALKED', settled_at = now() where id = $1", Args: []any{v.Question}}}
			}},
		{"settled with an open question", "question_open", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "takeaway_due_at = now()"), event(v, v.Observed, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")}
			}},
		{"settled by parking alone", "question_open", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: "update question set state = 'PARKED', settled_at = now() where id = $1", Args: []any{v.Question}},
					update(v, "takeaway_due_at = now(), answered_id = $2", v.Question), event(v, v.Observed, "SETTLE", "FEEDBACK_GIVEN", "ANSWERED")}
			}},
		{"an answer is undone", "wrong_state", answered, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: "update question set state = 'OPEN', answer = '', settled_at = null where id = $1", Args: []any{v.Question}}}
			}},
		{"a new question in an answered visit", "wrong_state", answered, nil, func(v *town.Visit) []town.Write { return []town.Write{ask(v, town.NewID(), true)} }},
		{"closing without take-aways", "takeaway_missing", answered, nil, func(v *town.Visit) []town.Write {
			return []town.Write{event(v, v.Observer, "CLOSE", "ANSWERED", "CLOSED")}
		}},
		{"a take-away for the other", "42501", answered, nil, func(v *town.Visit) []town.Write {
			return []town.Write{of(v, `insert into takeaway (person_id, edition, text, learning, recorded_at, `+givenColumns+`) select v.observed_id, 1, 'x', 'NOTHING_NEW', now(), {of}`)}
		}},
		{"a witness that is none", "takeaway_missing", answered, nil, func(v *town.Visit) []town.Write { return []town.Write{update(v, "observer_takeaway = 1")} }},
		{"the exit by one alone", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observer, "EXIT", "OBSERVED", "CLOSED_WITHOUT_EXCHANGE")}
			}},
		{"the other's wish for it", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "exit_wished_by = observed_id")} }},
		{"the own view by the observer", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{of(v, `insert into own_view (skipped, recorded_at, `+givenColumns+`) select true, now(), {of}`)}
			}},
		{"expiring by a person", "role_required", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(*town.Visit) []town.Write {
				return []town.Write{{SQL: "select expire_visits(now() + interval '1 year', 10)", Args: nil}}
			}},
		{"ending by a person what nobody went to", "role_required", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(*town.Visit) []town.Write {
				return []town.Write{{SQL: "select end_unvisited(now() + interval '1 year', now(), 10)", Args: nil}}
			}},
		{"forgetting visits by a person", "role_required", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(*town.Visit) []town.Write {
				return []town.Write{{SQL: "select forget_visits(now() + interval '3 years', 10)", Args: nil}}
			}},
		{"forgetting requests by a person", "role_required", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(*town.Visit) []town.Write {
				return []town.Write{{SQL: "select forget_requests(now(), 10)", Args: nil}}
			}},
		{"forgetting a visit by a step of one's own", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{event(v, v.Observer, "FORGET", "OBSERVED", "WITHDRAWN")}
			}},
		// Born as what the guards would not have let it become.
		{"a question born as answered", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{of(v, `insert into question (id, asker_id, addressee_id, position, text, language, wondering, stand_by, due_at, created_at, state, answer, settled_at, `+givenColumns+`)
					select $2, v.observer_id, v.observed_id, 2, 'x', 'nb', true, false, $3::timestamptz, $3::timestamptz, 'ANSWERED', 'x', $3::timestamptz, {of}`, town.NewID(), v.Clock.Now())}
			}},
		{"a correction born as accepted", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{of(v, `insert into correction (note_id, text, resolution, created_at, `+givenColumns+`) select $2, 'x', 'ACCEPTED', now(), {of}`, v.Note)}
			}},
		{"a correction of another visit's note", "invalid_field", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe().Give().Open() }, func(w *town.Town) *town.Person { return w.Ola },
			func(v *town.Visit) []town.Write {
				return []town.Write{of(v, `insert into correction (note_id, text, created_at, `+givenColumns+`) select $2, 'x', now(), {of}`, town.NewID())}
			}},
		{"a visit born with the other's yes", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{born(v, "observed_agreed_at", "now()")} }},
		{"a visit born with the other's focus", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{born(v, "focus_question", "'x'")} }},
		{"a visit born as agreed", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{born(v, "state", "'AGREED'")} }},
		{"a round born as done", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: `insert into round (owner_id, id, school_id, first_id, second_id, joined_ids, done_ids, created_at)
					values ($1, $2, $3, $4, $5, array[$4::uuid], array[$4::uuid], now())`, Args: []any{v.Owner, town.NewID(), v.School, v.Observer.ID, v.Observed.ID}}}
			}},
		{"a step that was committed before its time", "42501", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: `insert into visit_event (owner_id, visit_id, seq, event, from_state, to_state, actor_id, at, xid)
					select owner_id, id, seq + 1, 'CANCEL', 'PROPOSED', 'CANCELLED', observer_id, now(), '3'::xid8 from visit where id = $1`, Args: []any{v.ID}}}
			}},
		{"the other's yes is taken back", "not_your_move", func(w *town.Town) *town.Visit { return w.Propose(w.Ola, w.Kari, hour) }, func(w *town.Town) *town.Person { return w.Kari },
			func(v *town.Visit) []town.Write { return []town.Write{update(v, "observer_agreed_at = null")} }},
		{"one's own time limit moves", "wrong_state", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour).Agree().Observe() }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{update(v, "feedback_due_at = feedback_due_at + interval '1 year'")}
			}},
		{"rules in another's name", "role_required", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, func(w *town.Town) *town.Person { return w.Liv },
			func(v *town.Visit) []town.Write { return []town.Write{rules(v, v.Leif.ID, v.Clock.Now())} }},
		{"rules dated back", "invalid_field", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, func(w *town.Town) *town.Person { return w.Liv },
			func(v *town.Visit) []town.Write {
				return []town.Write{rules(v, v.Liv.ID, v.Clock.Now().AddDate(0, -1, 0))}
			}},
		{"a ballot by nobody", "pulse_closed", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write { return []town.Write{ballot(v)} }},
		{"two ballots by one", "pulse_closed", func(w *town.Town) *town.Visit { return w.Propose(w.Kari, w.Ola, hour) }, nil,
			func(v *town.Visit) []town.Write {
				return []town.Write{{SQL: "insert into pulse_answered values ($1, '2026-2', $2)", Args: []any{v.Owner, v.Observer.ID}}, ballot(v), ballot(v)}
			}},
		{"agreeing while late", "exchange_overdue", func(w *town.Town) *town.Visit {
			v := w.Propose(w.Ola, w.Kari, 30*hour).SetFocus()
			w.Propose(w.Ola, w.Nils, hour).Agree().Observe()
			w.Clock.Set(w.Clock.Now().Add(8 * hour))
			town.Try(w.Kari.CancelObservation(w.Kari.Ctx(), town.CancelOf(v))).OK(w.T)
			return w.ProposeLate()
		}, func(w *town.Town) *town.Person { return w.Ola }, func(v *town.Visit) []town.Write {
			return []town.Write{update(v, "feedback_due_at = now(), observer_agreed_at = now()"), event(v, v.Observer, "ACCEPT", "PROPOSED", "AGREED")}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			v := tc.at(w)
			by := v.Observer
			if tc.by != nil {
				by = tc.by(w)
			}
			before := town.One[string](w, town.Rows)
			err := v.Directly(by, tc.writes(v)...)
			if tc.reason == "0 rows" { // nothing of the visit is there to write of
				if got := town.One[string](w, town.Rows); err != nil || got != before {
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

// born is a copy of the visit with a column that its maker has no say in.
func born(v *town.Visit, column, value string) town.Write {
	return town.Write{SQL: `insert into visit (owner_id, id, school_id, observer_id, observed_id, peers, occasion_id, awaits_id, start_at, end_at, co_taught, created_at, updated_at, ` + column + `)
		select owner_id, $2, school_id, observer_id, observed_id, peers, $2, observed_id, start_at, end_at, co_taught, now(), now(), ` + value + ` from visit where id = $1`, Args: []any{v.ID, town.NewID()}}
}

func rules(v *town.Visit, by string, at time.Time) town.Write {
	return town.Write{SQL: `insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, agreed_with, set_by, set_at)
		values ($1, $2, $4, 0, 3, 5, false, 'alle', $3, $4)`, Args: []any{v.Owner, v.School, by, at}}
}

func ballot(v *town.Visit) town.Write {
	return town.Write{SQL: "insert into pulse_answer values ($1, '2026-2', $2, decode(repeat('00', 46), 'hex'))", Args: []any{v.Owner, town.NewID()}}
}

func noteDirectly(v *town.Visit) []town.Write {
	return []town.Write{of(v, `insert into note (id, kind, text, observed_at, about_focus, created_at, updated_at, `+givenColumns+`)
		select $2, 'SAW', 'x', now(), false, now(), now(), {of}`, town.NewID())}
}
