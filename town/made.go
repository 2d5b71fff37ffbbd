package town

import (
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	pb "undring/gen/undring/v1"
)

// Accept says yes as one of the two.
func (v *Visit) Accept(p *Person) Outcome[*pb.AcceptObservationResponse] {
	return Try(p.AcceptObservation(p.Ctx(), &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: Req()}))
}

// Proposal is the request for a visit in two hours, not yet sent.
func (w *Town) Proposal(observer, observed *Person) *pb.ProposeObservationRequest {
	start, end := w.Lesson(2 * time.Hour)
	return &pb.ProposeObservationRequest{RequestId: Req(), SchoolId: w.School.String(), ObserverId: observer.ID, ObservedId: observed.ID, StartTime: start, EndTime: end}
}

// Leaves ends somebody's places at the school, as a roster does when they go to another
// one of the owner's. They stay an active person of the owner, so what is theirs stays, and
// visits here are no longer open to them.
func (w *Town) Leaves(p *Person) {
	w.T.Helper()
	there := NewID()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Ytre skole', $3)", w.Owner, there, Tuesday)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $4)", w.Owner, there, p.ID, Tuesday)
	w.SQL("update membership set active = false where owner_id = $1 and school_id = $2 and person_id = $3", w.Owner, w.School, p.ID)
}

// Offer is an open lesson that begins after so long.
func (w *Town) Offer(after time.Duration) *pb.OfferLessonRequest {
	start, end := w.Lesson(after)
	return &pb.OfferLessonRequest{Id: NewID().String(), RequestId: Req(), SchoolId: w.School.String(), StartTime: start, EndTime: end, Place: "Skogen",
		Title: "hvordan jeg venter på svar", FocusQuestion: Focus, WantedFeedback: "Hvem som tar ordet."}
}

// OpenLesson is the id of a lesson that somebody has opened.
func (w *Town) OpenLesson(p *Person, after time.Duration) string {
	return Try(p.OfferLesson(p.Ctx(), w.Offer(after))).OK(w.T).GetOpenLesson().GetId()
}

// NewLearning is the request to share what was learned in a visit of Kari to Ola that
// is closed.
func (w *Town) NewLearning() *pb.ProposeLearningRequest {
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
	v.Answer(v.Question)
	v.TakeAway(w.Kari)
	v.TakeAway(w.Ola)
	return &pb.ProposeLearningRequest{Id: NewID().String(), RequestId: Req(), ObservationId: v.ID, Text: "Når vi venter tre sekunder, rekker flere opp hendene.",
		Mark: pb.LearningMark_LEARNING_MARK_WORKED_HERE}
}

// Learned is the id of a learning that waits for Ola's yes.
func (w *Town) Learned() string {
	r := w.NewLearning() // takes its time: the token is asked for afterwards
	return Try(w.Kari.ProposeLearning(w.Kari.Ctx(), r)).OK(w.T).GetLearning().GetId()
}

// Shared is the id of a learning that is published.
func (w *Town) Shared() string {
	id := w.Learned()
	return Try(w.Ola.ApproveLearning(w.Ola.Ctx(), &pb.ApproveLearningRequest{LearningId: id, RequestId: Req()})).OK(w.T).GetLearning().GetId()
}

// Tries lets somebody tell that they tried a learning. Three people have to, before
// something may be called the school's practice.
func (w *Town) Tries(p *Person, id string) {
	Try(p.RespondToLearning(p.Ctx(), &pb.RespondToLearningRequest{LearningId: id, RequestId: Req(), Kind: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_TRIED, Text: "Jeg prøvde det, og fire nye svarte."})).OK(w.T)
}

// NewTrying is the request for a round of all who teach, for two weeks.
func (w *Town) NewTrying() *pb.StartActionRoundRequest {
	return &pb.StartActionRoundRequest{Id: NewID().String(), RequestId: Req(), SchoolId: w.School.String(), Question: "Hva gjør stillheten med elevene?",
		Action: "Vente tre sekunder før noen svarer.", DueDate: w.Clock.Now().AddDate(0, 0, 14).Format(time.DateOnly)}
}

// Team puts people into a team of their own, and returns its id.
func (w *Town) Team(people ...*Person) string {
	w.T.Helper()
	id := NewID()
	w.SQL("insert into team (owner_id, school_id, id, name) values ($1, $2, $3, $4)", w.Owner, w.School, id, "team "+id.String())
	for _, p := range people {
		w.SQL("insert into team_member (owner_id, school_id, team_id, person_id) values ($1, $2, $3, $4)", w.Owner, w.School, id, p.ID)
	}
	return id.String()
}

// Trying is the id of a round that Kari has started.
func (w *Town) Trying() string {
	return Try(w.Kari.StartActionRound(w.Kari.Ctx(), w.NewTrying())).OK(w.T).GetRound().GetId()
}

// Tell is the request that tells how a round went.
func (w *Town) Tell(id string) *pb.ReportOnRoundRequest {
	return &pb.ReportOnRoundRequest{RoundId: id, RequestId: Req(), Did: "Jeg ventet.", Happened: "Fire nye svarte.", Questioned: "At de stille ikke kan.",
		Learning: pb.Learning_LEARNING_QUESTIONED_ASSUMPTION}
}

// NewMeeting is the request for a meeting of all, of half an hour, tomorrow.
func (w *Town) NewMeeting() *pb.PlanMeetingRequest {
	start, _ := w.Lesson(24 * time.Hour)
	return &pb.PlanMeetingRequest{Id: NewID().String(), RequestId: Req(), SchoolId: w.School.String(), StartTime: start, Place: "Skogen", Form: pb.MeetingForm_MEETING_FORM_WALK,
		LeaderId: w.Kari.ID, TimekeeperId: w.Ola.ID, Reading: "Rowe 1974 om ventetid", ReadingWhy: "Den vi prøver etter, for dem som vil vite hvorfor.",
		Items: []*pb.AgendaItem{{Kind: pb.AgendaKind_AGENDA_KIND_OTHER, Title: "Hva gjorde stillheten?", Minutes: 20}, {Kind: pb.AgendaKind_AGENDA_KIND_OTHER, Title: "Hva prøver vi nå?", Minutes: 10}}}
}

// Meeting is the id of a meeting that Kari has planned.
func (w *Town) Meeting() string {
	return Try(w.Kari.PlanMeeting(w.Kari.Ctx(), w.NewMeeting())).OK(w.T).GetMeeting().GetId()
}

// Decision is the request that gives somebody something to do in two weeks.
func (w *Town) Decision(meeting string, who *Person) *pb.RecordDecisionRequest {
	return &pb.RecordDecisionRequest{MeetingId: meeting, RequestId: Req(), Id: NewID().String(), Text: "Prøve tre sekunder i to timer.", PersonId: who.ID,
		DueDate: w.Clock.Now().AddDate(0, 0, 14).Format(time.DateOnly)}
}

// NewArea is the request for a focus area of teachers.
func (w *Town) NewArea() *pb.ProposeFocusAreaRequest {
	return &pb.ProposeFocusAreaRequest{Id: NewID().String(), RequestId: Req(), SchoolId: w.School.String(), Origin: pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_TEACHERS,
		Text: &pb.FocusAreaText{Title: "Ventetid", Background: "Vi svarer selv, siden i fjor.", Goal: "Flere elever svarer.", Steps: []*pb.FocusAreaStep{{What: "Alle prøver tre sekunder.", ByWhen: "høstferien"}}}}
}

// Area is the id of a draft of Kari's.
func (w *Town) Area() string {
	return Try(w.Kari.ProposeFocusArea(w.Kari.Ctx(), w.NewArea())).OK(w.T).GetFocusArea().GetId()
}

// Heard is the id of an area whose hearing is open.
func (w *Town) Heard() string {
	return Try(w.Kari.OpenHearing(w.Kari.Ctx(), &pb.OpenHearingRequest{FocusAreaId: w.Area(), RequestId: Req()})).OK(w.T).GetFocusArea().GetId()
}

// Need is the id of a need that somebody has dropped in by name.
func (w *Town) Need(p *Person) string {
	return Try(p.SubmitNeed(p.Ctx(), &pb.SubmitNeedRequest{RequestId: Req(), SchoolId: w.School.String(), Text: "Tid til å se hverandre."})).OK(w.T).GetNeed().GetId()
}

// NewPrompt is the request for a prompt of the staff's own.
func (w *Town) NewPrompt(id string) *pb.SavePromptRequest {
	return &pb.SavePromptRequest{Id: id, RequestId: Req(), SchoolId: w.School.String(), Moment: pb.PromptMoment_PROMPT_MOMENT_QUESTION,
		Kind: "effect", Language: "nb", Text: "Hva tror du skogen gjorde med dem?"}
}

// Budget is the request that sets ten hours of a half-year aside, one of them with cover.
func (w *Town) Budget() *pb.SetTimeBudgetRequest {
	start, end := w.Lesson(48 * time.Hour)
	return &pb.SetTimeBudgetRequest{RequestId: Req(), SchoolId: w.School.String(), Term: "2026-2", Minutes: 600,
		Hours: []*pb.CoveredHours{{StartTime: start, EndTime: end, Places: 1}}}
}

// Feed is the request that sets the address of somebody's timetable, at which nothing is.
func (w *Town) Feed() *pb.SetTimetableFeedRequest {
	return &pb.SetTimetableFeedRequest{RequestId: Req(), SchoolId: w.School.String(), Address: "http://127.0.0.1:9/timeplan.ics?hemmelig"}
}

// Timetabled gives Kari, Ola and Nils lessons on a Thursday: Kari and Ola at once, Nils later.
func (w *Town) Timetabled() {
	w.T.Helper()
	Try(w.Arne.ImportLessons(w.Arne.Ctx(), &pb.ImportLessonsRequest{RequestId: Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("email,date,start,end\nkari@fjordvik.example,2026-11-12,08:30,09:15\nola@fjordvik.example,2026-11-12,08:30,09:15\n" +
			"ola@fjordvik.example,2026-11-12,10:00,10:45\nnils@fjordvik.example,2026-11-12,12:00,12:45\n")})).OK(w.T)
}

// Busy is a week in December that leaders set ahead.
func (w *Town) Busy() *pb.SetBusyPeriodsRequest {
	w.T.Helper()
	now := Try(w.Liv.ListBusyPeriods(w.Liv.Ctx(), &pb.ListBusyPeriodsRequest{SchoolId: w.School.String()})).OK(w.T)
	return &pb.SetBusyPeriodsRequest{RequestId: Req(), SchoolId: w.School.String(), Revision: now.GetRevision(),
		Periods: []*pb.BusyPeriod{{FirstDate: "2026-12-07", LastDate: "2026-12-11", Name: "Heldagsprøver"}}}
}

// Operation is a request as a phone pushes it, with the ids of those it builds on.
func Operation(m proto.Message, buildsOn ...string) *pb.Operation {
	a, err := anypb.New(m)
	if err != nil {
		panic(err) // it is a message of the contract
	}
	return &pb.Operation{Request: a, BuildsOn: buildsOn}
}

// Batch is a push of several requests that don't build on each other.
func Batch(requests ...proto.Message) *pb.PushRequest {
	r := new(pb.PushRequest)
	for _, m := range requests {
		r.Operations = append(r.Operations, Operation(m))
	}
	return r
}
