package demo

import (
	"context"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"undring/feedback"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/observation"
	"undring/postgres"
	"undring/school"
)

// script plays the demo's visits, at its own time. It calls the rooms' services directly
// and not over the wire: the rules are the same, and no server need run yet.
type script struct {
	ctx context.Context
	db  *postgres.DB
	// begun is when the school was made and clock the moment that the next call is made at;
	// doing is what is being done, for the error. Once err is set, every call is passed
	// over.
	begun    time.Time
	clock    time.Time
	people   map[string]uuid.UUID
	calendar school.Calendar
	visits   *observation.Service
	exchange *feedback.Service
	actions  *learning.Service
	doing    string
	err      error
}

// newScript begins a script. Its clock is its own: the demo's visits are in the past, and
// what happened in them has to carry the times of then. No days without school are read:
// the usual Norwegian year is enough for dates that look right.
func newScript(ctx context.Context, db *postgres.DB, begun time.Time, people map[string]uuid.UUID) *script {
	s := &script{ctx: ctx, db: db, begun: begun, people: people}
	s.calendar, s.err = school.NewCalendar("Europe/Oslo", nil)
	now := func() time.Time { return s.clock }
	newID := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	s.visits = observation.NewService(db, now, newID)
	s.exchange = feedback.NewService(db, now, newID)
	return s
}

// lesson is the beginning of a lesson so many school days from the demo's
// beginning, at an hour by the school's clock. School days and not days, so that no lesson
// falls on a Sunday whenever the demo is started.
func (s *script) lesson(days, hour int) time.Time {
	step := 1
	if days < 0 {
		step, days = -1, -days
	}
	day := s.begun
	for days > 0 {
		day = day.AddDate(0, 0, step)
		if s.calendar.IsSchoolDay(day) {
			days--
		}
	}
	y, m, d := day.In(s.calendar.Zone()).Date()
	return time.Date(y, m, d, hour, 15, 0, 0, s.calendar.Zone())
}

// as is a call of someone's. As whoever is signed in; a person's places are what the server
// would read from the database.
func (s *script) as(name string) context.Context {
	return school.WithActor(s.ctx, school.Actor{
		Owner: Owner, Person: s.person(name), Language: "nb",
		Memberships: []school.Membership{{School: School, SchoolName: schoolName, Role: school.Teacher}},
	})
}

// asLeader is a call of a leader's.
func (s *script) asLeader(name string) context.Context {
	return school.WithActor(s.ctx, school.Actor{
		Owner: Owner, Person: s.person(name), Language: "nb",
		Memberships: []school.Membership{{School: School, SchoolName: schoolName, Role: school.Leader}},
	})
}

// visit is one visit of the script; its calls do nothing once one has failed. Each method
// makes one call, moves the clock to when it would have been made, and returns the visit,
// so that the script reads as a story.
type visit struct {
	*script
	name               string
	observer, observed string
	start              time.Time
	area               string // the focus area that it is on; empty: none
}

// id is the visit's id, made of its name. The same at each start: a script that was broken
// off finds what it has done.
func (v *visit) id() string { return id(v.name).String() }

// part is the id of something in the visit, such as its note.
func (v *visit) part(what string) string { return id(v.name + " " + what).String() }

// call says what comes next, for the error, and the request id to do it under. It is false
// once something has failed: a script stops where it broke, and names the place.
func (v *visit) call(what string) (string, bool) {
	v.doing = v.name + ": " + what
	return id("request " + v.name + " " + what).String(), v.err == nil
}

// propose begins a visit, two days before its lesson.
func (s *script) propose(name, observer, observed string, days, hour int, more ...func(*pb.ProposeObservationRequest)) *visit {
	return s.proposeAt(name, observer, observed, s.lesson(days, hour), more...)
}

// proposeAt begins a visit two days ahead of its lesson, as colleagues do, or now where that
// has not come yet.
func (s *script) proposeAt(name, observer, observed string, start time.Time, more ...func(*pb.ProposeObservationRequest)) *visit {
	v := &visit{script: s, name: name, observer: observer, observed: observed, start: start}
	s.clock = v.start.Add(-48 * time.Hour)
	if s.clock.After(s.begun) {
		s.clock = s.begun
	}
	r, ok := v.call("propose")
	if !ok {
		return v
	}
	req := &pb.ProposeObservationRequest{
		Id: v.id(), RequestId: r, SchoolId: School.String(), ObserverId: s.person(observer).String(), ObservedId: s.person(observed).String(),
		StartTime: timestamppb.New(v.start), EndTime: timestamppb.New(v.start.Add(45 * time.Minute)), Place: "Rom 204",
		Talk: &pb.Talk{Duration: durationpb.New(30 * time.Minute), Arena: pb.Arena_ARENA_CAFE},
	}
	for _, m := range more {
		m(req)
	}
	_, err := s.visits.ProposeObservation(s.as(observer), req)
	s.note(err)
	return v
}

// card lets the observed write the visit card. It is written before the visit is agreed,
// and the clock stays: a colleague answers within the day.
func (v *visit) card(focus, intention string) *visit {
	if r, ok := v.call("card"); ok {
		_, err := v.visits.SetFocus(v.as(v.observed), &pb.SetFocusRequest{
			ObservationId: v.id(), RequestId: r, FocusQuestion: focus, Intention: intention, WantedFeedback: "Det du så og hørte, gjerne med klokkeslett.",
			FocusAreaId: v.area,
		})
		v.note(err)
	}
	return v
}

// accept lets the observed say yes.
func (v *visit) accept() *visit {
	if r, ok := v.call("accept"); ok {
		_, err := v.visits.AcceptObservation(v.as(v.observed), &pb.AcceptObservationRequest{ObservationId: v.id(), RequestId: r})
		v.note(err)
	}
	return v
}

// saw notes what was seen, during the lesson. A note of what was seen is what the feedback
// has to rest on.
func (v *visit) saw(text string) *visit {
	v.clock = v.start.Add(20 * time.Minute)
	if r, ok := v.call("saw"); ok {
		_, err := v.visits.SaveNote(v.as(v.observer), &pb.SaveNoteRequest{
			Id: v.part("note"), RequestId: r, ObservationId: v.id(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: text, AboutFocus: true,
		})
		v.note(err)
	}
	return v
}

// give hands over one point and one wondering question, half an hour after the lesson. The
// least that a feedback may be.
func (v *visit) give(point, question string) *visit {
	v.clock = v.start.Add(75 * time.Minute)
	if r, ok := v.call("give"); ok {
		_, err := v.exchange.GiveFeedback(v.as(v.observer), &pb.GiveFeedbackRequest{
			ObservationId: v.id(), RequestId: r,
			Points:    []*pb.FeedbackPointDraft{{Id: v.part("point"), Text: point, NoteIds: []string{v.part("note")}}},
			Questions: []*pb.QuestionDraft{{Id: v.part("question"), Text: question}},
		})
		v.note(err)
	}
	return v
}

// open lets the observed write their own two lines, after which they read the feedback.
// Their own view comes first, or nothing would open.
func (v *visit) open(lines string) *visit {
	v.clock = v.start.Add(3 * time.Hour)
	if r, ok := v.call("open"); ok {
		_, err := v.exchange.RecordOwnView(v.as(v.observed), &pb.RecordOwnViewRequest{
			ObservationId: v.id(), RequestId: r, View: &pb.RecordOwnViewRequest_Text{Text: lines},
		})
		v.note(err)
	}
	return v
}

// answer lets the observed answer the question.
func (v *visit) answer(text string) *visit {
	v.clock = v.start.Add(4 * time.Hour)
	if r, ok := v.call("answer"); ok {
		_, err := v.exchange.AnswerQuestion(v.as(v.observed), &pb.AnswerQuestionRequest{
			QuestionId: v.part("question"), RequestId: r, Answer: &pb.AnswerQuestionRequest_Text{Text: text},
		})
		v.note(err)
	}
	return v
}

// takeAway lets one of the two write what they take along, with an action where they promise
// one.
func (v *visit) takeAway(who, text string, learning pb.Learning, action *pb.ActionDraft) *visit {
	v.clock = v.start.Add(5 * time.Hour)
	if r, ok := v.call("take-away " + who); ok {
		_, err := v.exchange.RecordTakeaway(v.as(who), &pb.RecordTakeawayRequest{
			ObservationId: v.id(), RequestId: r, Text: text, Learning: learning, Action: action,
		})
		v.note(err)
	}
	return v
}

// exit lets one of the two wish to end the visit without an exchange. The visit ends when
// both have.
func (v *visit) exit(who string) *visit {
	v.clock = v.start.Add(6 * time.Hour)
	if r, ok := v.call("exit " + who); ok {
		_, err := v.visits.EndWithoutExchange(v.as(who), &pb.EndWithoutExchangeRequest{ObservationId: v.id(), RequestId: r})
		v.note(err)
	}
	return v
}

// decline lets the observed say no.
func (v *visit) decline() {
	if r, ok := v.call("decline"); ok {
		_, err := v.visits.DeclineObservation(v.as(v.observed), &pb.DeclineObservationRequest{ObservationId: v.id(), RequestId: r})
		v.note(err)
	}
}

// cancel lets the observer call the visit off.
func (v *visit) cancel() {
	if r, ok := v.call("cancel"); ok {
		_, err := v.visits.CancelObservation(v.as(v.observer), &pb.CancelObservationRequest{ObservationId: v.id(), RequestId: r})
		v.note(err)
	}
}

// withdraw lets one of the two take the visit back, words and all. No text of it stays; the
// demo shows that, too.
func (v *visit) withdraw(who string) {
	if r, ok := v.call("withdraw"); ok {
		_, err := v.visits.WithdrawObservation(v.as(who), &pb.WithdrawObservationRequest{ObservationId: v.id(), RequestId: r})
		v.note(err)
	}
}

// The two of the visit that is observed and waits for feedback.
const (
	observedVisitor = "Ulrik Hagen"
	observedVisited = "Dag Eriksen"
)

// The script's last call: when its visit is there, the script has been played.
const (
	lastActor = "Guro Tangen"
	lastVisit = "last"
)

// play makes a visit in every state. The days are counted from the demo's beginning: those
// under way are of yesterday and of the days ahead. Whoever has one of them is in the last
// two teams.
func (s *script) play() {
	const (
		wait     = "Hva tror du skjedde i gruppene da du lot stillheten vare?"
		waitPt   = "Du ventet i åtte sekunder etter spørsmålet; da kom to hender som ikke hadde vært oppe før."
		waitSaw  = "09.35: Læreren stiller spørsmålet og tier. Etter åtte sekunder: to nye hender ved vinduet."
		voices   = "Hvem får ordet i klassen min, og hvem venter jeg på?"
		lessTalk = "Jeg vil snakke mindre selv, fordi jeg tror flere da våger å prøve seg."
	)
	s.propose("proposed without a card", "Ragnhild Vik", "Astrid Holm", 3, 9)
	s.propose("proposed with a card", "Sander Moen", "Birk Dalen", 3, 10).card(voices, lessTalk)
	s.propose("agreed", "Tone Bakke", "Celine Ruud", 1, 9).card("Hva gjør elevene mens de venter på hjelp?", "De skal ha noe å gå videre med.").accept()
	s.propose("observed", observedVisitor, observedVisited, -1, 10).card(voices, lessTalk).accept().saw(waitSaw)
	s.propose("feedback given", "Vilde Nygaard", "Eva Lindberg", -1, 9).card(voices, lessTalk).accept().saw(waitSaw).give(waitPt, wait)
	s.propose("opened", "Yngve Sand", "Finn Skogen", -1, 11).card("Hvordan starter timen for dem som kommer sist?", "").accept().
		saw("Tre elever kom etter at døra var lukket og sto ved veggen i fire minutter.").
		give("Fra 11.17 til 11.21 sto tre elever ved veggen; så pekte du ut plasser.", "Hva la du selv merke til da de tre kom inn?").
		open("Jeg så dem, men ville gjøre ferdig forklaringen først.")
	s.propose("answered", "Åse Lien", "Guro Tangen", -1, 12).card(voices, lessTalk).accept().saw(waitSaw).give(waitPt, wait).
		open("Det var stillere enn jeg er vant til.").answer("Jeg tror de ventet på hverandre, ikke på meg. Det hadde jeg ikke tenkt på.").
		takeAway("Åse Lien", "Å telle til åtte.", pb.Learning_LEARNING_ADJUSTED_PRACTICE, nil)
	s.propose("closed", "Anne Solbakken", "Ida Sæther", -4, 9).card(voices, lessTalk).accept().saw(waitSaw).give(waitPt, wait).
		open("Roligere enn ventet.").answer("De to ved vinduet trengte tid. Jeg trodde de ikke fulgte med.").
		takeAway("Anne Solbakken", "Å la stillheten vare.", pb.Learning_LEARNING_ADJUSTED_PRACTICE, nil).
		takeAway("Ida Sæther", "Jeg trodde stillhet var tegn på at de ikke kunne det.", pb.Learning_LEARNING_QUESTIONED_ASSUMPTION,
			&pb.ActionDraft{Id: id("action").String(), Text: "Telle til åtte før jeg hjelper.", Lesson: "Norsk, tirsdag"})
	s.propose("closed without an exchange", "Bjørn Tveiten", "Jonas Rønning", -4, 11).card(voices, lessTalk).accept().saw(waitSaw).
		exit("Bjørn Tveiten").exit("Jonas Rønning")
	s.propose("between leaders", "Marit Hovland", "Geir Ulvestad", -5, 13).card("Hvem snakker i møtene mine?", "Jeg vil at teamene eier saken.").accept().
		saw("Sju av elleve tok ordet; tre av dem to ganger.").
		give("Sju av elleve tok ordet, og fire sa ingenting før runden til slutt.", "Hva tror du de fire satt med?").
		open("Raskere enn jeg liker.").answer("At saken var avgjort. Det var den nesten.").
		takeAway("Marit Hovland", "Å begynne med runden.", pb.Learning_LEARNING_ADJUSTED_PRACTICE, nil).
		takeAway("Geir Ulvestad", "Å ikke komme med forslag først.", pb.Learning_LEARNING_QUESTIONED_ASSUMPTION, nil)
	s.propose("declined", "Camilla Ødegård", "Kari Fossheim", 2, 9).decline()
	s.propose("cancelled", "Daniel Myhre", "Lars Engebretsen", 2, 10).card(voices, "").accept().cancel()
	s.propose("withdrawn", "Eli Nordgård", "Maja Strand", -3, 9).card(voices, lessTalk).accept().saw(waitSaw).withdraw("Maja Strand")
	s.propose("expired", "Fredrik Lunde", "Nils Aune", -16, 9).card(voices, lessTalk).accept()
	s.propose(lastVisit, lastActor, "Sander Moen", 4, 9, func(r *pb.ProposeObservationRequest) {
		r.CoTaught, r.Mutual, r.MutualFocusQuestion = true, true, "Hva hører jeg når jeg ikke leder samtalen?"
	})
}
