package server

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/learning"
	"undring/notify"
	"undring/observation"
	"undring/postgres"
	"undring/school"
)

// steps reads all that waits for a person, and the news for them: from the visits, the
// actions, the meetings and the open lessons. Package notify, which reports it, knows no other room. The
// rule of whose move it is stays observation's: here its answers are put into the kinds
// that people choose notices by.
func steps(b *pgx.Batch, as postgres.As, now time.Time) func() []notify.Step {
	var out []notify.Step
	visits := observation.QueueRecent(b, as.Owner, as.Person, now.Add(-notify.Fresh))
	learning.QueueReportsDue(b, as.Owner, as.Person, func(visit, school uuid.UUID, due time.Time) {
		out = append(out, notify.Step{Kind: notify.ActionDue, Subject: visit, School: school, Todo: "REPORT_ACTION", Since: due, Due: due})
	})
	learning.QueueRoundsDue(b, as.Person, func(round, school uuid.UUID, due time.Time) {
		out = append(out, notify.Step{Kind: notify.ActionDue, Subject: round, School: school, Todo: notify.ReportOnRound, Since: due, Due: due})
	})
	learning.QueueDecisionsDue(b, as.Owner, as.Person, func(meeting, school uuid.UUID, due time.Time) {
		out = append(out, notify.Step{Kind: notify.ActionDue, Subject: meeting, School: school, Todo: notify.DoDecision, Since: due, Due: due})
	})
	observation.QueueOffers(b, as.Owner, as.Person, now, func(l observation.Lesson) {
		if l.Created.After(now.Add(-notify.Fresh)) {
			out = append(out, notify.Step{Kind: notify.OpenLesson, Subject: l.ID, School: l.School, Other: l.Person, Todo: "OFFER", Since: l.Created, Due: l.Created, Start: l.Start})
		}
	})
	return func() []notify.Step {
		all := visits()
		for _, v := range all {
			out = append(out, stepsOf(v, as.Person, all, now)...)
		}
		return out
	}
}

// kinds says as which kind of notice each thing that is to be done goes out. A wish that
// waits for an answer, and a change that somebody has not seen, have theirs below, by what
// was wished and what happened.
var kinds = map[observation.Todo]notify.Kind{
	observation.AnswerProposal: notify.Proposal, observation.SetFocus: notify.Proposal, observation.PayVisit: notify.VisitAhead,
	observation.GiveFeedback: notify.FeedbackDue, observation.RecordOwnView: notify.AnswerDue, observation.AnswerQuestions: notify.AnswerDue,
	observation.AnswerMove: notify.Proposal, observation.ToEndAlone: notify.Wish,
	observation.RecordConversation: notify.AnswerDue, observation.Confirm: notify.AnswerDue, observation.RecordTakeaway: notify.TakeawayDue,
}

// news are the events that the other one of a visit is told of. Others, such as a note or a
// draft, are nobody else's news.
var news = map[observation.Event]bool{
	observation.Accept: true, observation.Decline: true, observation.Cancel: true, observation.Expire: true, observation.Exit: true, observation.Withdraw: true,
	observation.Moved: true,
}

// stepsOf is what a visit asks of one of its two, and the news that it has for them.
func stepsOf(v observation.Recent, person uuid.UUID, all []observation.Recent, now time.Time) []notify.Step {
	out := append(newsOf(v, person, all, now), wishesOf(v, person)...)
	if next, mine := moveOf(v, person, now); mine {
		out = append(out, next)
	}
	return out
}

// stepOf is what all steps of a visit have in common. Own marks what the person did
// themselves: it waits for them, and they are not told of it.
func stepOf(v observation.Recent, person uuid.UUID, kind notify.Kind, todo string) notify.Step {
	role, _ := v.RoleOf(person)
	return notify.Step{
		Kind: kind, Todo: todo, Subject: v.ID, School: v.School, Other: v.Person(role.Other()), Since: v.At, Due: v.At, Start: v.Start, End: v.End,
		Own: v.Actor.Valid && v.Actor.UUID == person,
	}
}

// newsOf is what the last event of a visit tells one of its two.
func newsOf(v observation.Recent, person uuid.UUID, all []observation.Recent, now time.Time) []notify.Step {
	// That a lesson is called off, its people have to know however long the holidays are.
	if fresh := v.At.After(now.Add(-notify.Fresh)) || v.Start.After(now); !fresh {
		return nil
	}
	var out []notify.Step
	if step := stepOf(v, person, notify.Changed, string(v.Event)); news[v.Event] && !step.Own {
		out = append(out, step)
	}
	// To whoever was visited, the way back; unless there is one already, or a round that
	// says who visits whom.
	if v.Event == observation.Close && person == v.Observed && !v.Round.Valid && !v.Twin.Valid && !visits(all, person, v.Observer) {
		step := stepOf(v, person, notify.ReturnVisit, string(v.Event))
		step.Own = false
		out = append(out, step)
	}
	return out
}

// wishesOf are the wishes of the other one that wait for the person's answer, since the visit
// was last changed: a wish is no event, and has no time of its own.
func wishesOf(v observation.Recent, person uuid.UUID) []notify.Step {
	var out []notify.Step
	wished := func(todo string) {
		step := stepOf(v, person, notify.Wish, todo)
		step.Own, step.Since = false, v.Updated
		out = append(out, step)
	}
	if by := v.ExitWish; by.Valid && by.UUID != person {
		wished(string(observation.Exit))
	}
	if by := v.ReopenWish; by.Valid && by.UUID != person {
		wished(string(observation.Reopen))
	}
	if n := v.NameWish; n != nil && n.By != person {
		wished("NAME")
	}
	return out
}

// moveOf is the step that is the person's to take in a visit; false where it is not their move.
func moveOf(v observation.Recent, person uuid.UUID, now time.Time) (step notify.Step, mine bool) {
	next := v.NextStep(now)
	// Whoever wishes to end is free: what is left is the other's to say, as at the gate.
	if !slices.Contains(next.Movers, person) || v.ExitWish.Valid && v.ExitWish.UUID == person {
		return step, false
	}
	kind, told := kinds[next.Todo]
	step = stepOf(v, person, kind, string(next.Todo))
	step.Due = next.Due
	switch next.Todo {
	case observation.AnswerMove: // another proposal than the one by which the visit came about
		step.Own, step.Since, step.Due = false, v.Updated, v.Move.Start
	case observation.ToEndAlone: // nobody took a step: the other one left, and it is not kept when
		step.Own, step.Since, step.Due = false, time.Time{}, v.At
	}
	return step, told
}

// visits says whether somebody has a visit under way to somebody.
func visits(all []observation.Recent, observer, observed uuid.UUID) bool {
	return slices.ContainsFunc(all, func(v observation.Recent) bool {
		return v.Observer == observer && v.Observed == observed && !slices.Contains([]observation.State{
			observation.Declined, observation.Cancelled, observation.Expired, observation.Withdrawn}, v.State)
	})
}

// years reads the years of the schools that a person works at. They say on which days and
// hours nobody is to be disturbed.
func years(b *pgx.Batch, as postgres.As, schools map[uuid.UUID]bool, now time.Time) func() notify.Years {
	calendars := school.QueueCalendars(b, as.Owner, as.Person, slices.Collect(maps.Keys(schools)), now)
	return func() notify.Years {
		out := notify.Years{}
		for id, c := range calendars() {
			out[id] = notify.Year{Calendar: c}
		}
		return out
	}
}

// appointments reads a person's visits as their calendar has them. The other one's name is
// not in it: whose it is the room that writes calendars looks up.
func appointments(b *pgx.Batch, as postgres.As, after time.Time, take func(notify.Appointment)) {
	observation.QueueBooked(b, as.Owner, as.Person, after, func(v observation.Booked) {
		a := notify.Appointment{
			Visit: v.ID, School: v.School, With: v.Observer, Visiting: v.Observer == as.Person, Start: v.Start, End: v.End,
			Talk: notify.Span{Start: v.Talk.At, End: v.Talk.At.Add(time.Duration(v.Talk.Minutes) * time.Minute)}, Off: v.Off, Version: v.Version, Changed: v.Changed,
		}
		if a.Visiting {
			a.With = v.Observed
		}
		take(a)
	})
}
