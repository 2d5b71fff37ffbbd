package demo

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"undring/focus"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/postgres"
	"undring/school"
)

// The things of the collective half that a test, a picture or a link names.
var (
	needToDare = id("need dare").String()
	areaToDare = id("area dare").String()
)

// together plays what a school works on besides its visits: needs and their answers, an area that
// was heard and is worked on, rounds, learnings that were asked about, one meeting that was
// held and one that comes. Days are school days before the demo's beginning, so that the
// last of it is of yesterday whenever the demo is begun.
func (s *script) together() {
	now := func() time.Time { return s.clock }
	newID := func() uuid.UUID { return uuid.Must(uuid.NewV7()) }
	t := &commons{script: s, focus: focus.NewService(s.db, now, newID), learning: learning.NewService(s.db, now, newID)}
	t.needs()
	t.plan()
	t.rounds()
	t.learnings()
	t.meetings()
}

// commons is the part of the script that is no visit.
type commons struct {
	*script
	focus    *focus.Service
	learning *learning.Service
}

// leaders of the school: they act as such here.
var leaders = map[string]bool{"Marit Hovland": true, "Geir Ulvestad": true}

// deed is something that somebody does so many school days ago. It does nothing once something has
// failed.
func (t *commons) deed(days int, who, what string, do func(ctx context.Context, request string) error) {
	t.clock, t.doing = t.lesson(-days, 14), who+": "+what
	if t.err != nil {
		return
	}
	ctx := t.as(who)
	if leaders[who] {
		ctx = t.asLeader(who)
	}
	t.note(do(ctx, id("request "+t.doing).String()))
}

// who is somebody's id.
func (t *commons) who(name string) string { return t.person(name).String() }

// date is the day so many school days from the demo's beginning.
func (t *commons) date(days int) string { return t.lesson(days, 12).Format(time.DateOnly) }

// need is somebody's, in their own name.
func (t *commons) need(days int, who, name, text string) {
	t.deed(days, who, "need "+name, func(ctx context.Context, r string) error {
		_, err := t.focus.SubmitNeed(ctx, &pb.SubmitNeedRequest{Id: id("need " + name).String(), RequestId: r, SchoolId: School.String(), Text: text})
		return err
	})
}

// support says that somebody has the same need, with a story where there is one.
func (t *commons) support(days int, who, need, story string) {
	t.deed(days, who, "support "+need, func(ctx context.Context, r string) error {
		_, err := t.focus.SupportNeed(ctx, &pb.SupportNeedRequest{NeedId: need, RequestId: r, Story: story})
		return err
	})
}

// answer is a leader's, with the reason.
func (t *commons) answer(days int, who, need string, status pb.NeedStatus, why string) {
	t.deed(days, who, "answer "+need, func(ctx context.Context, r string) error {
		_, err := t.focus.AnswerNeed(ctx, &pb.AnswerNeedRequest{NeedId: need, RequestId: r, Status: status, Answer: why, Revision: 1})
		return err
	})
}

// needs have every status, and one of them no name. The last two wait for an answer, which
// is not due yet.
func (t *commons) needs() {
	t.need(82, "Lars Engebretsen", "dare", "At flere enn de samme fem rekker opp hånda. Jeg vet ikke hva de andre tenker.")
	t.support(81, "Celine Ruud", needToDare, "I 9B svarer tre jenter på alt. Da jeg spurte Jonas direkte, kunne han det, men han ville ikke ha sagt det selv.")
	t.support(81, "Anne Solbakken", needToDare, "")
	t.support(80, "Yngve Sand", needToDare, "Hos meg blir det stille, og så svarer jeg på mitt eget spørsmål.")
	t.support(79, "Oda Kvamme", needToDare, "")
	t.answer(77, "Marit Hovland", needToDare, pb.NeedStatus_NEED_STATUS_TAKEN_UP, "Fire til har det samme. Lars lager et forslag, og alle får si hva de mener før vi tar det inn i planen.")

	t.need(66, "Camilla Ødegård", "room", "Et rom der to kan snakke i ro etter en time.")
	room := id("need room").String()
	t.support(65, "Finn Skogen", room, "")
	t.answer(62, "Geir Ulvestad", room, pb.NeedStatus_NEED_STATUS_DONE, "Møterommet i andre etasje er satt av til dette hver dag fra 14 til 15.")

	t.deed(52, "Eva Lindberg", "unnamed need", func(ctx context.Context, r string) error {
		_, err := t.focus.SubmitNeed(ctx, &pb.SubmitNeedRequest{RequestId: r, SchoolId: School.String(), Anonymous: true, Text: "At noen sier fra når et møte kunne vært en e-post."})
		return err
	})
	unnamed := ""
	t.deed(51, "Geir Ulvestad", "open the box", func(ctx context.Context, _ string) error {
		if err := t.focus.OpenBox(ctx, Owner); err != nil {
			return err
		}
		list, err := t.focus.ListNeeds(ctx, &pb.ListNeedsRequest{SchoolId: School.String()})
		for _, n := range list.GetNeeds() {
			if n.GetPersonId() == "" {
				unnamed = n.GetId()
			}
		}
		return err
	})
	t.support(50, "Birk Dalen", unnamed, "")
	t.support(50, "Kari Fossheim", unnamed, "")
	t.answer(46, "Marit Hovland", unnamed, pb.NeedStatus_NEED_STATUS_CONSIDERED, "Du har rett. Vi prøver å ta beskjedene ut av fellestiden, og ser på det sammen om en måned.")

	t.need(38, "Guro Tangen", "cover", "Vikar når jeg besøker en kollega i en annen time enn min egen.")
	t.answer(33, "Geir Ulvestad", id("need cover").String(), pb.NeedStatus_NEED_STATUS_NOT_NOW, "Vi har ikke penger til flere vikarer dette halvåret. Bruk timene som er satt av, eller en time dere er to i.")

	t.need(6, "Halvor Brekke", "time", "Tid i fellestiden til å øve på å spørre, ikke bare høre om det.")
	t.support(4, "Åse Lien", id("need time").String(), "Jeg skrev tre spørsmål etter besøket mitt, og alle var råd.")
	t.support(3, "Per Stordal", id("need time").String(), "")
	t.need(2, "Tone Bakke", "place", "At beskjeder kommer på ett sted. I dag er det tre.")
}

// area drafts something to work on, and opens its hearing for some days. These are no school days: one
// that is over has been long enough for a summer, since its first voices come on the next school day.
func (t *commons) area(days int, who, areaID string, hearing int32, origin pb.FocusAreaOrigin, text *pb.FocusAreaText) {
	t.deed(days, who, "draft "+text.GetTitle(), func(ctx context.Context, r string) error {
		_, err := t.focus.ProposeFocusArea(ctx, &pb.ProposeFocusAreaRequest{Id: areaID, RequestId: r, SchoolId: School.String(), Origin: origin, Text: text, Named: origin == pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_TEACHERS})
		return err
	})
	t.deed(days-1, who, "hearing of "+text.GetTitle(), func(ctx context.Context, r string) error {
		_, err := t.focus.OpenHearing(ctx, &pb.OpenHearingRequest{FocusAreaId: areaID, RequestId: r, Days: hearing})
		return err
	})
}

// speak says something in a hearing.
func (t *commons) speak(days int, who, areaID, text string) {
	t.deed(days, who, "speaks of "+areaID, func(ctx context.Context, r string) error {
		_, err := t.focus.SpeakInHearing(ctx, &pb.SpeakInHearingRequest{FocusAreaId: areaID, RequestId: r, Id: id("voice " + areaID + who).String(), Text: text})
		return err
	})
}

// adopt takes an area into the plan, by a leader, with the staff.
func (t *commons) adopt(days int, areaID, why string) {
	t.deed(days, "Marit Hovland", "adopt "+areaID, func(ctx context.Context, r string) error {
		_, err := t.focus.AdoptFocusArea(ctx, &pb.AdoptFocusAreaRequest{FocusAreaId: areaID, RequestId: r, Reason: why, AgreedWith: "personalmøtet"})
		return err
	})
}

// plan has one area that began with a teacher's need, one that began with the leaders, and one
// that is being heard.
func (t *commons) plan() {
	dare := &pb.FocusAreaText{
		Title: "Flere våger å svare", Background: "I besøkene forrige halvår så vi det samme i sju av ni klasser: fem elever har ordet, resten venter. Det var Lars som tok det opp, og fire til hadde det samme.",
		Source: "Rowe (1974) om ventetid: tre sekunder til, og flere svarer lenger.", Goal: "Alle elever har svart høyt minst én gang hver uke.", NeedIds: []string{needToDare}, ResponsibleId: t.who("Lars Engebretsen"),
		Steps: []*pb.FocusAreaStep{{What: "Alle prøver én ventetid i én time", ByWhen: "første måned"}, {What: "To besøk på hvert team", ByWhen: "midt i halvåret"}, {What: "Vi bestemmer hva vi gjør videre", ByWhen: "siste læringsmøte"}},
	}
	t.area(75, "Lars Engebretsen", areaToDare, 60, pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_TEACHERS, dare)
	t.speak(73, "Tone Bakke", areaToDare, "Ja, men ikke som et skjema til. La oss prøve én ting og snakke om den.")
	t.speak(73, "Finn Skogen", areaToDare, "I språkfagene gjør vi dette alt. Kom og se.")
	t.speak(73, "Geir Ulvestad", areaToDare, "Jeg kan sette av timer til besøkene.")
	t.adopt(64, areaToDare, "Alle team vil, og det begynte hos lærerne.")
	t.deed(40, "Lars Engebretsen", "change the goal", func(ctx context.Context, r string) error {
		dare.Goal = "Alle elever har svart høyt minst én gang i uka, i minst ett fag."
		_, err := t.focus.UpdateFocusArea(ctx, &pb.UpdateFocusAreaRequest{FocusAreaId: areaToDare, RequestId: r, Text: dare, Reason: "Hvert fag, hver uke var for mye på ett halvår. Det sa 5.–7. trinn etter runden.", Revision: 3})
		return err
	})

	grades := id("area grades").String()
	t.area(72, "Marit Hovland", grades, 60, pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_LEADERS, &pb.FocusAreaText{
		Title: "Tilbakemeldinger som eleven forstår", Background: "Elevundersøkelsen viser at halvparten ikke vet hva de skal gjøre med tilbakemeldingene. Slik har det vært i tre år.",
		Source: "Elevundersøkelsen; Hattie og Timperley (2007).", Goal: "Eleven kan si med egne ord hva neste steg er.", ResponsibleId: t.who("Marit Hovland"),
		Steps: []*pb.FocusAreaStep{{What: "Hvert team velger én oppgave"}, {What: "Elevene forteller hva de forsto", ByWhen: "midt i halvåret"}},
	})
	t.speak(70, "Eva Lindberg", grades, "Greit, om vi får velge oppgaven selv.")
	t.adopt(60, grades, "Teamene velger oppgaven selv, som Eva foreslo.")

	meet := id("area meet").String()
	t.area(4, "Tone Bakke", meet, 21, pb.FocusAreaOrigin_FOCUS_AREA_ORIGIN_TOGETHER, &pb.FocusAreaText{
		Title: "Møter der vi undrer oss", Background: "Flere har sagt at møtene handler mest om beskjeder. Vi har prøvd ett læringsmøte med faste roller, og det var annerledes.",
		Goal: "Halvparten av fellestiden går til noe vi har prøvd.", Steps: []*pb.FocusAreaStep{{What: "Beskjeder skriftlig", ByWhen: "fra neste måned"}},
	})
	t.speak(2, "Kari Fossheim", meet, "Da må noen andre enn ledelsen lede dem, på omgang.")
}

// round starts one.
func (t *commons) round(days int, who, name, team, question, action string, due int) string {
	round := id("round " + name).String()
	t.deed(days, who, "round "+name, func(ctx context.Context, r string) error {
		_, err := t.learning.StartActionRound(ctx, &pb.StartActionRoundRequest{Id: round, RequestId: r, SchoolId: School.String(), TeamId: team, FocusAreaId: areaToDare, Question: question, Action: action, DueDate: t.date(due)})
		return err
	})
	return round
}

// report tells how it went.
func (t *commons) report(days int, who, round, did, happened, questioned string) {
	kind := pb.Learning_LEARNING_ADJUSTED_PRACTICE
	if questioned != "" {
		kind = pb.Learning_LEARNING_QUESTIONED_ASSUMPTION
	}
	t.deed(days, who, "report on "+round, func(ctx context.Context, r string) error {
		_, err := t.learning.ReportOnRound(ctx, &pb.ReportOnRoundRequest{RoundId: round, RequestId: r, Did: did, Happened: happened, Questioned: questioned, Learning: kind})
		return err
	})
}

// rounds are one that a team has ended with what it now does differently, and one that the school is in.
func (t *commons) rounds() {
	var teams []uuid.UUID
	ida := t.person("Ida Sæther")
	t.note(t.db.Read(t.ctx, postgres.As{Owner: Owner, Person: ida}, func(b *pgx.Batch) { school.QueueTeamsOf(b, Owner, ida, &teams) }))
	if len(teams) == 0 {
		return
	}
	eight := t.round(56, "Ida Sæther", "eight", teams[0].String(), "Hva skjer når vi venter lenger?", "Telle til åtte etter ett åpent spørsmål, i én time.", -44)
	t.report(53, "Ida Sæther", eight, "Talte inni meg etter spørsmålet om brøk.", "Det føltes som et minutt. Fire nye hender, to av dem hos de stille.", "")
	t.report(52, "Jonas Rønning", eight, "Ventet i norsk, etter et spørsmål om boka.", "Stille i ti sekunder, så sa Amir noe ingen hadde tenkt på.", "Jeg har trodd at stillhet betyr at de ikke kan det.")
	t.report(50, "Lars Engebretsen", eight, "Ventet, og skrev klokkeslettet.", "Tre nye. Men de fem første ble urolige.", "")
	t.report(49, "Maja Strand", eight, "Lot dem skrive først, og ventet så.", "Alle hadde noe å si. Jeg hørte åtte av dem.", "Kanskje det ikke er ventetiden, men at de får tenke med blyant.")
	t.report(47, "Oda Kvamme", eight, "Glemte det første gang, prøvde igjen i engelsk.", "To nye hender.", "")
	t.report(45, "Per Stordal", eight, "Ventet i gym, av alle steder.", "De begynte å forklare for hverandre.", "")
	t.deed(42, "Ida Sæther", "end the round", func(ctx context.Context, r string) error {
		_, err := t.learning.EndActionRound(ctx, &pb.EndActionRoundRequest{RoundId: eight, RequestId: r, NowDifferently: "Vi teller til åtte etter hvert åpent spørsmål, og lar dem skrive først når spørsmålet er stort."})
		return err
	})

	asked := t.round(12, "Lars Engebretsen", "asked", "", "Hvem spør vi når ingen rekker opp hånda?", "Si på forhånd hvem som får spørsmålet om to minutter.", 6)
	t.report(8, "Anne Solbakken", asked, "Sa det til to før samlingsstunden.", "Den ene hadde øvd på setningen sin.", "")
	t.report(7, "Finn Skogen", asked, "Skrev tre navn på tavla.", "De tre svarte. De andre slappet av, kanskje for mye.", "Hva gjør det med dem som ikke står på tavla?")
	t.report(5, "Lars Engebretsen", asked, "Spurte på gangen før timen.", "Hun sa nei, og rakk opp hånda likevel.", "")
	t.report(3, "Vilde Nygaard", asked, "Brukte lapper i naturfag.", "Svarene ble lengre når de visste at de kom.", "")
}

// visitOn is a whole visit on the area, of so many school days ago.
func (t *commons) visitOn(days int, name, observer, observed string) *visit {
	v := t.proposeAt(name, observer, observed, t.lesson(-days, 11), func(r *pb.ProposeObservationRequest) { r.FocusAreaId = areaToDare })
	v.area = areaToDare
	return v.card("Hvem får ordet når jeg venter?", "Jeg venter lenger enn jeg pleier.").accept().saw("11.31: Spørsmål, så ni sekunder stille. Tre nye hender, en av dem bakerst.").
		give("Etter ni sekunder kom tre hender som ikke hadde vært oppe.", "Hva la du merke til hos dem bakerst mens det var stille?").
		open("Stillheten kjentes lang.").answer("At de så på hverandre først. De prøver det ut der.").
		takeAway(observer, "Å se på dem bakerst mens jeg venter.", pb.Learning_LEARNING_ADJUSTED_PRACTICE, nil).
		takeAway(observed, "At de trenger hverandre før de trenger meg.", pb.Learning_LEARNING_QUESTIONED_ASSUMPTION, nil)
}

// share has the two of a visit share what they learned.
func (t *commons) share(days int, v *visit, name, text, source string, mark pb.LearningMark) string {
	learned := id("learning " + name).String()
	t.deed(days, v.observed, "share "+name, func(ctx context.Context, r string) error {
		_, err := t.learning.ProposeLearning(ctx, &pb.ProposeLearningRequest{Id: learned, RequestId: r, ObservationId: v.id(), Text: text, Source: source, Mark: mark})
		return err
	})
	t.deed(days-1, v.observer, "yes to "+name, func(ctx context.Context, r string) error {
		_, err := t.learning.ApproveLearning(ctx, &pb.ApproveLearningRequest{LearningId: learned, RequestId: r})
		return err
	})
	return learned
}

// respond answers a learning.
func (t *commons) respond(days int, who, learned string, kind pb.LearningResponseKind, text string) {
	t.deed(days, who, kind.String()+" to "+learned, func(ctx context.Context, r string) error {
		_, err := t.learning.RespondToLearning(ctx, &pb.RespondToLearningRequest{LearningId: learned, RequestId: r, Id: id("response " + r).String(), Kind: kind, Text: text})
		return err
	})
}

// thank is one tap.
func (t *commons) thank(days int, who, learned string) {
	t.deed(days, who, "thanks for "+learned, func(ctx context.Context, r string) error {
		_, err := t.learning.ThankForLearning(ctx, &pb.ThankForLearningRequest{LearningId: learned, RequestId: r})
		return err
	})
}

// learnings are one that has become practice, one that is asked about, one that waits for a
// question.
func (t *commons) learnings() {
	const (
		asks  = pb.LearningResponseKind_LEARNING_RESPONSE_KIND_QUESTION
		tried = pb.LearningResponseKind_LEARNING_RESPONSE_KIND_TRIED
		says  = pb.LearningResponseKind_LEARNING_RESPONSE_KIND_ANSWER
	)
	eight := t.share(38, t.visitOn(41, "on the area 1", "Jonas Rønning", "Lars Engebretsen"), "eight",
		"Åtte sekunder stille etter et åpent spørsmål gir to til fire nye hender. De prøver svaret ut på hverandre med øynene først.", "Rowe (1974), og runden på 5.–7. trinn.", pb.LearningMark_LEARNING_MARK_WORKED_HERE)
	t.respond(36, "Celine Ruud", eight, asks, "Hva gjør dere med dem som begynner å prate?")
	t.respond(35, "Lars Engebretsen", eight, says, "Vi sier på forhånd at det blir stille, og hvorfor. Da prater de mindre.")
	t.respond(31, "Celine Ruud", eight, tried, "Sa fra på forhånd, som dere skrev. To som aldri svarer, svarte.")
	t.respond(28, "Kari Fossheim", eight, tried, "Virket i små grupper, ikke i hel klasse hos meg.")
	t.respond(24, "Yngve Sand", eight, tried, "Tre nye hender i naturfag. Jeg måtte holde meg i pulten.")
	t.thank(30, "Celine Ruud", eight)
	t.thank(24, "Yngve Sand", eight)
	t.deed(10, "Marit Hovland", "our practice", func(ctx context.Context, r string) error {
		_, err := t.learning.DecideOurPractice(ctx, &pb.DecideOurPracticeRequest{LearningId: eight, RequestId: r, Practice: "Vi teller til åtte før vi hjelper, i alle fag, og sier fra at det blir stille.", AgreedWith: "personalmøtet"})
		return err
	})

	pencil := t.share(25, t.visitOn(28, "on the area 2", "Finn Skogen", "Vilde Nygaard"), "pencil",
		"Når de får skrive ett minutt først, har alle noe å si. Vi vet ikke om det er skrivingen eller minuttet.", "", pb.LearningMark_LEARNING_MARK_LET_US_TRY)
	t.respond(20, "Maja Strand", pencil, asks, "Hva gjør dere med dem som ikke får ned noe på et minutt?")
	t.respond(18, "Vilde Nygaard", pencil, says, "De kan tegne. Men det er et godt spørsmål, vi har ikke noe svar.")
	t.respond(9, "Ida Sæther", pencil, tried, "Prøvde to minutter. Da ble det for stille for noen.")
	t.respond(5, "Birk Dalen", pencil, asks, "Blir svarene bedre, eller bare flere?")

	t.share(7, t.visitOn(9, "on the area 3", "Halvor Brekke", "Eva Lindberg"), "door",
		"De som kommer sist inn, svarer ikke den timen. Et nikk ved døra var nok til at en av dem gjorde det.", "", pb.LearningMark_LEARNING_MARK_LET_US_TRY)
}

// meetings are one that was held and one that comes, with the norms of both.
func (t *commons) meetings() {
	t.deed(58, "Oda Kvamme", "norms", func(ctx context.Context, r string) error {
		_, err := t.learning.SetMeetingNorms(ctx, &pb.SetMeetingNormsRequest{RequestId: r, SchoolId: School.String(), AgreedWith: "personalmøtet", Norms: []string{
			"Alle har ordet én gang før noen har det to ganger.", "Vi spør før vi foreslår.", "Beskjeder står i ukeplanen, ikke her.",
		}})
		return err
	})
	item := func(kind pb.AgendaKind, about, title string, minutes int32) *pb.AgendaItem {
		return &pb.AgendaItem{Kind: kind, AboutId: about, Title: title, Minutes: minutes}
	}
	held := id("meeting held").String()
	t.deed(24, "Tone Bakke", "plan a meeting", func(ctx context.Context, r string) error {
		_, err := t.learning.PlanMeeting(ctx, &pb.PlanMeetingRequest{
			Id: held, RequestId: r, SchoolId: School.String(), StartTime: timestamppb.New(t.lesson(-21, 14)), Place: "Biblioteket", Form: pb.MeetingForm_MEETING_FORM_TABLE,
			LeaderId: t.who("Tone Bakke"), TimekeeperId: t.who("Nils Aune"), QuestionerId: t.who("Eli Nordgård"),
			Items: []*pb.AgendaItem{
				item(pb.AgendaKind_AGENDA_KIND_ROUND, id("round eight").String(), "Hva skjer når vi venter lenger?", 15),
				item(pb.AgendaKind_AGENDA_KIND_LEARNING, id("learning eight").String(), "Åtte sekunder stille", 10),
				item(pb.AgendaKind_AGENDA_KIND_OTHER, "", "Hva gjør vi til neste gang?", 5),
			},
		})
		return err
	})
	for i := range 4 { // to each item, and to the end
		t.deed(21, "Tone Bakke", "item "+string(rune('1'+i)), func(ctx context.Context, r string) error {
			_, err := t.learning.RunMeeting(ctx, &pb.RunMeetingRequest{MeetingId: held, RequestId: r, Item: int32(i+1) % 4})
			return err
		})
		if i == 2 {
			t.inMeeting(held)
		}
	}

	t.deed(5, "Kari Fossheim", "plan the next meeting", func(ctx context.Context, r string) error {
		_, err := t.learning.PlanMeeting(ctx, &pb.PlanMeetingRequest{
			Id: id("meeting ahead").String(), RequestId: r, SchoolId: School.String(), StartTime: timestamppb.New(t.lesson(5, 14)), Place: "Rundt Storvannet", Form: pb.MeetingForm_MEETING_FORM_WALK,
			LeaderId: t.who("Kari Fossheim"), TimekeeperId: t.who("Daniel Myhre"), QuestionerId: t.who("Sander Moen"),
			Reading: "«Å vente på svar», tre sider i kopirommet", ReadingWhy: "For dem som lurer på hvorfor akkurat åtte sekunder.",
			Items: []*pb.AgendaItem{
				item(pb.AgendaKind_AGENDA_KIND_QUESTION, id("learning pencil").String(), "Blir svarene bedre, eller bare flere?", 10),
				item(pb.AgendaKind_AGENDA_KIND_ROUND, id("round asked").String(), "Hvem spør vi når ingen rekker opp hånda?", 15),
				item(pb.AgendaKind_AGENDA_KIND_NEED, id("need time").String(), "Tid i fellestiden til å øve på å spørre", 5),
			},
		})
		return err
	})
}

// inMeeting is what the meeting that was held decided and left for later.
func (t *commons) inMeeting(held string) {
	t.deed(21, "Nils Aune", "park", func(ctx context.Context, r string) error {
		_, err := t.learning.ParkPoint(ctx, &pb.ParkPointRequest{MeetingId: held, RequestId: r, Id: id("parked").String(), Text: "Skal elevene få vite hva vi prøver?"})
		return err
	})
	for _, d := range []struct {
		who, text string
		done      bool
	}{
		{"Lars Engebretsen", "Starte en runde for hele skolen om hvem vi spør", true},
		{"Eli Nordgård", "Skrive norm nummer fire sammen med 1.–4. trinn", false},
	} {
		t.deed(21, "Tone Bakke", "decide for "+d.who, func(ctx context.Context, r string) error {
			_, err := t.learning.RecordDecision(ctx, &pb.RecordDecisionRequest{MeetingId: held, RequestId: r, Id: id("decision " + d.who).String(), Text: d.text, PersonId: t.who(d.who), DueDate: t.date(10), Done: d.done})
			return err
		})
	}
}
