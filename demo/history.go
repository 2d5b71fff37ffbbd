package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/postgres"
	"undring/school"
	"undring/school/roster"
)

// SmallSchool is a school of six of the same owner, too small for figures of its own. Its
// page shows what a school sees instead of figures (P1).
var SmallSchool = id("small school")

const smallSchoolName = "Øyra oppvekstsenter"

// smallStaff are six teachers and their leader, below the eight that every figure needs.
var smallStaff = []struct {
	name string
	role roster.Role
}{
	{"Ingvild Nes", roster.Teacher}, {"Jostein Vågen", roster.Teacher}, {"Kristin Myklebust", roster.Teacher},
	{"Leif Arne Hauge", roster.Teacher}, {"Mona Sunde", roster.Teacher}, {"Olav Bakken", roster.Teacher},
	{"Randi Sletten", roster.Leader},
}

// smallPeople is the roster of the small school, by which one sees what a school without
// figures of its own is shown.
func smallPeople() *roster.Set {
	set := &roster.Set{Bulk: true}
	for _, p := range smallStaff {
		set.People = append(set.People, rosterPerson(p.name, roster.Membership{Role: p.role}))
	}
	return set
}

// history plays the two newest half-years whose sheets are due, by the calls that
// people made then, and lets the house do what it did then: write down who belongs
// to a half-year, publish its sheet and its pulse. The order is that of the calendar: who
// belongs to a half-year is written down at its start, before any visit in it.
func (s *script) history(keeper *culture.Service) {
	newest := school.TermOf(s.begun, s.calendar.Zone())
	for s.begun.Before(culture.PublishAt(newest)) {
		newest = newest.Before()
	}
	for i, t := range []school.Term{newest.Before(), newest} {
		start, _ := t.Span(s.calendar.Zone())
		s.clock = start.Add(6 * time.Hour)
		s.note(keeper.Sweep(s.ctx, Owner))
		// More visits in the second one, so that the trend has a direction.
		s.halfYear(t, 14+6*i)
		s.answerPulse(keeper, t, 19+4*i)
		s.clock = culture.PublishAt(t).Add(time.Hour)
		s.note(keeper.Sweep(s.ctx, Owner))
	}
}

// teachers are those of all teams, in order.
func teachers() (all []string) {
	for _, team := range teams {
		all = append(all, team.teachers...)
	}
	return all
}

// pair says who visits whom in the i-th visit of a half-year. Of thirty teachers 7 has no
// divisor in common with their number, so nobody is visited twice; and 6i + 4 is no multiple of
// it, so nobody visits themselves.
func pair(all []string, i int) (observer, observed string) { return all[i], all[(i*7+4)%len(all)] }

// halfYear plays so many visits, each by another teacher to another. What comes of a visit
// follows from its number, so that every demo shows the same figures.
func (s *script) halfYear(t school.Term, visits int) {
	all := teachers()
	start, _ := t.Span(s.calendar.Zone())
	day := start.AddDate(0, 0, 23)
	for i := range visits {
		for day = day.AddDate(0, 0, 1); !s.calendar.IsSchoolDay(day); {
			day = day.AddDate(0, 0, 1)
		}
		observer, observed := pair(all, i)
		y, m, d := day.Date()
		at := time.Date(y, m, d, 10, 15, 0, 0, s.calendar.Zone())
		v := s.proposeAt(fmt.Sprintf("%s %d", t, i), observer, observed, at)
		v.card("Hvem får ordet i klassen min?", "Jeg vil snakke mindre selv.").accept().saw("Fire elever svarte; to av dem to ganger.")
		if i%7 == 6 { // what was seen was talked about in passing, and both left it at that
			v.exit(observer).exit(observed)
			continue
		}
		v.give("Da du ventet, kom to nye hender.", "Hva tror du skjedde i gruppene da det ble stille?")
		// The feedback was given, and the two left it at that: not every visit ends in an
		// answer.
		if i%4 == 3 {
			v.exit(observer).exit(observed)
			continue
		}
		v.open("Roligere enn jeg trodde.")
		if i%3 == 0 {
			v.askBack("Hva la du merke til hos dem som ikke rakte opp hånda?", "De to bakerst så på hverandre før de svarte.")
		}
		v.answer("Jeg tror de ventet på hverandre.")
		kind, action := pb.Learning_LEARNING_ADJUSTED_PRACTICE, (*pb.ActionDraft)(nil)
		if i%2 == 1 {
			kind = pb.Learning_LEARNING_QUESTIONED_ASSUMPTION
		}
		if i%5 < 3 {
			action = &pb.ActionDraft{Id: v.part("action"), Text: "Telle til åtte før jeg hjelper.", Lesson: "Norsk, tirsdag"}
		}
		v.takeAway(observed, "Å la stillheten vare.", kind, action)
		if action != nil {
			v.carryOut(observer, observed)
		}
		v.takeAway(observer, "Å se etter dem som venter.", pb.Learning_LEARNING_ADJUSTED_PRACTICE, nil)
	}
}

// askBack asks the observer a question, who answers it. Two calls, by the two of them; the
// exchange shows a question in each direction.
func (v *visit) askBack(question, answer string) *visit {
	v.clock = v.start.Add(200 * time.Minute)
	if r, ok := v.call("ask back"); ok {
		_, err := v.exchange.AskBack(v.as(v.observed), &pb.AskBackRequest{ObservationId: v.id(), RequestId: r, Id: v.part("back"), Text: question})
		v.note(err)
	}
	if r, ok := v.call("answer back"); ok {
		_, err := v.exchange.AnswerQuestion(v.as(v.observer), &pb.AnswerQuestionRequest{
			QuestionId: v.part("back"), RequestId: r, Answer: &pb.AnswerQuestionRequest_Text{Text: answer},
		})
		v.note(err)
	}
	return v
}

// carryOut has an action agreed to, and told of a week later. The other one agrees first:
// an action that nobody agreed to can't be reported on.
func (v *visit) carryOut(other, owner string) {
	if r, ok := v.call("agree"); ok {
		_, err := v.exchange.AgreeAction(v.as(other), &pb.AgreeActionRequest{ActionId: v.part("action"), RequestId: r})
		v.note(err)
	}
	v.clock = v.start.AddDate(0, 0, 7)
	if r, ok := v.call("report"); ok {
		_, err := v.actions.ReportAction(v.as(owner), &pb.ReportActionRequest{
			ActionId: v.part("action"), RequestId: r, Did: "Ventet til fire hender var oppe.", Happened: "Det tok elleve sekunder.",
			Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE,
		})
		v.note(err)
	}
}

// answerPulse has so many teachers and both leaders answer, the first ones agreeing
// with less. Each agrees by number, so that the four statements differ and the banded words
// are not all the same.
func (s *script) answerPulse(keeper *culture.Service, t school.Term, many int) {
	opens, _ := culture.RoundOf(t)
	s.clock = opens.AddDate(0, 0, 3).Add(10 * time.Hour)
	answer := func(ctx context.Context, name string, i int) {
		s.doing = "pulse of " + name
		if s.err != nil {
			return
		}
		req := &pb.SubmitPulseRequest{RequestId: id("pulse " + t.String() + name).String(), SchoolId: School.String()}
		for j, statement := range []string{"PULSE_SAFE", "PULSE_USEFUL", "PULSE_CHOICE", "PULSE_HEARD", "PULSE_TOGETHER"} {
			req.Answers = append(req.Answers, &pb.PulseAnswer{StatementId: statement, Agrees: i > 3+3*j})
		}
		_, err := keeper.SubmitPulse(ctx, req)
		s.note(err)
	}
	i := 0
	for _, team := range teams {
		for _, name := range team.teachers {
			if i++; i <= many {
				answer(s.as(name), name, i)
			}
		}
	}
	for _, o := range others {
		if o.role == roster.Leader {
			answer(s.asLeader(o.name), o.name, many)
		}
	}
}

// History makes the two half-years that are over where they are not there yet, for
// the culture report to have something to show, and a school that is too small for
// one; and what the school has worked on together for the last months. counting is the database for the role undring_culture. It comes after [Seed], at the
// demo's start alone: playing it takes seconds.
func History(ctx context.Context, db, counting *postgres.DB, log *slog.Logger) error {
	house := postgres.As{Owner: Owner}
	done := false
	err := counting.Read(ctx, house, func(b *pgx.Batch) {
		b.Queue("select count(*) filter (where published_at is not null) >= 2 from culture_term where owner_id = $1", Owner).
			QueryRow(func(row pgx.Row) error { return row.Scan(&done) })
	})
	if err != nil || done {
		return err
	}
	s, err := reopen(ctx, db)
	if err != nil {
		return err
	}
	// Only here: the script of the visits under way reports on no action.
	s.actions = learning.NewService(db, func() time.Time { return s.clock }, uuid.New)
	// A fixed secret does no harm, as nobody who answered exists.
	secret := sha256.Sum256([]byte("the pulse of invented people"))
	s.history(culture.NewService(culture.Options{DB: db, Culture: counting, Now: func() time.Time { return s.clock }, Secrets: [][]byte{secret[:]}, Log: log}))
	s.together()
	if s.err != nil {
		return fmt.Errorf("the demo's past: %w", s.err)
	}
	return nil
}
