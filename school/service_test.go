package school_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/town"
)

// What a school has agreed on stays, whatever is imported into it and however often a program
// makes sure that the school is there, as the demo does at each start.
func TestNoImportAndNoStartSetsTheRulesBack(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	days, since := int32(7), w.Clock.Now().Add(24*time.Hour)
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), AnswerDue: &days,
		EffectiveTime: timestamppb.New(since), Reason: "Vi trenger mer tid.", AgreedWith: "Drøftet med Nils 9.11."})).OK(t)
	rules := func() string {
		p := town.Try(w.Kari.GetSchool(w.Kari.Ctx(), &pb.GetSchoolRequest{SchoolId: w.School.String()})).OK(t).GetSchool().GetPolicy()
		return fmt.Sprint(p.GetFeedbackDue(), p.GetAnswerDue(), p.GetTakeawayDue(), p.GetGate(), p.GetEffectiveTime().AsTime(),
			town.One[int](w, "select count(*) from exchange_policy"))
	}
	w.Clock.Set(since.Add(time.Minute))
	agreed := rules()
	town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: w.School.String(), DryRun: true,
		Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Content: []byte("name,email,role,team\nBo Moe,bo@x.example,teacher,\n")})).OK(t)
	if got := rules(); got != agreed {
		t.Errorf("after looking at a list: %s, agreed on is %s", got, agreed)
	}
	w.List(w.School.String(), "Ada Lie,ada@x.example,teacher,").OK(t)
	if got := rules(); got != agreed {
		t.Errorf("after an import: %s, agreed on is %s", got, agreed)
	}
	if err := school.AddSchool(t.Context(), w.DB.DB, postgres.As{Owner: w.Owner}, w.School, "Annet navn", w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if got := rules(); got != agreed {
		t.Errorf("after a start: %s, agreed on is %s", got, agreed)
	}
}

// The policy: changed forward in time alone, by leaders, logged with who and why,
// read by all; what is due already stays due when it was.
func TestThePolicyChangesForwardInTime(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	change := func(days int32, since time.Time) *pb.UpdateExchangePolicyRequest {
		r := &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), AnswerDue: &days, Reason: "Vi trenger mer tid.", AgreedWith: "Drøftet med Nils 9.11."}
		if !since.IsZero() {
			r.EffectiveTime = timestamppb.New(since)
		}
		return r
	}
	now := w.Clock.Now()
	town.Try(w.Kari.UpdateExchangePolicy(w.Kari.Ctx(), change(5, time.Time{}))).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), change(5, now.Add(-time.Second)))).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), change(21, time.Time{}))).Refused(t, codes.InvalidArgument, "INVALID_FIELD")

	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	due := town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation().GetAnswerDueTime().AsTime()
	now = w.Clock.Now()
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), change(7, now.Add(24*time.Hour)))).OK(t)
	if p := town.Try(w.Kari.GetSchool(w.Kari.Ctx(), &pb.GetSchoolRequest{SchoolId: w.School.String()})).OK(t).GetSchool().GetPolicy(); p.GetAnswerDue() != 3 || p.GetFigureThreshold() != 8 || p.GetRetentionMonths() != 12 {
		t.Errorf("it holds already: %v", p)
	}
	w.Clock.Set(now.Add(24 * time.Hour))
	if p := town.Try(w.Kari.GetSchool(w.Kari.Ctx(), &pb.GetSchoolRequest{SchoolId: w.School.String()})).OK(t).GetSchool().GetPolicy(); p.GetAnswerDue() != 7 || p.GetTakeawayDue() != 5 || !p.GetGate() {
		t.Errorf("a day later: %v", p)
	}
	if again := town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation().GetAnswerDueTime().AsTime(); !again.Equal(due) {
		t.Errorf("what was due at %v is due at %v", due, again)
	}
	log := town.Try(w.Kari.ListPolicyChanges(w.Kari.Ctx(), &pb.ListPolicyChangesRequest{SchoolId: w.School.String()})).OK(t).GetPolicies()
	if len(log) != 1 || log[0].GetSetByName() != "Liv Foss" || log[0].GetReason() == "" || log[0].GetAgreedWith() == "" {
		t.Errorf("the log: %v", log)
	}
	// Without anybody's agreement it takes a week: by the day, by the minute, and by itself.
	alone := func(date string, since time.Time) *pb.UpdateExchangePolicyRequest {
		r := change(9, since)
		r.AgreedWith, r.EffectiveDate = " ", date
		return r
	}
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	now = w.Clock.Now()
	day := func(n int) string { return now.In(oslo).AddDate(0, 0, n).Format(time.DateOnly) }
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone("", now.Add(time.Hour)))).Refused(t, codes.FailedPrecondition, "NOTICE_TOO_SHORT")
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone(day(6), time.Time{}))).Refused(t, codes.FailedPrecondition, "NOTICE_TOO_SHORT")
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone("2027-02-30", time.Time{}))).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone(day(8), now))).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	if p := town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone(day(7), time.Time{}))).OK(t).GetPolicy(); p.GetEffectiveTime().AsTime().In(oslo).Format("2006-01-02 15:04") != day(7)+" 00:00" {
		t.Errorf("it holds from %v", p.GetEffectiveTime().AsTime())
	}
	w.Clock.Set(now.Add(time.Hour * 24))
	if p := town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), alone("", time.Time{}))).OK(t).GetPolicy(); p.GetEffectiveTime().AsTime().In(oslo).Format(time.DateOnly) != day(8) {
		t.Errorf("it holds from %v, without a day named", p.GetEffectiveTime().AsTime())
	}
	// Written directly, as the role of the application.
	if err := direct(w, w.Liv, "insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, set_by, set_at) values ($1, $2, $4 + interval '2 days', 0, 3, 5, false, $3, $4)",
		w.Owner, w.School, w.Liv.ID, w.Clock.Now()); err == nil {
		t.Error("the database takes a policy without notice")
	}
	if err := direct(w, w.Liv, "insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, set_by, set_at) values ($1, $2, $4, 0, 3, 5, false, $3, $4 + interval '1 hour')",
		w.Owner, w.School, w.Liv.ID, w.Clock.Now()); err == nil {
		t.Error("the database takes a policy that reaches back")
	}
}

// The teachers' and the safety representative read the policy and its log, and
// nothing else.
func TestARepresentativeReadsThePolicyAlone(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	rep := w.Settle("Siri", "Ruud", "REPRESENTATIVE")
	town.Try(rep.GetSchool(rep.Ctx(), &pb.GetSchoolRequest{SchoolId: w.School.String()})).OK(t)
	town.Try(rep.ListPolicyChanges(rep.Ctx(), &pb.ListPolicyChangesRequest{SchoolId: w.School.String()})).OK(t)
	town.Try(rep.GetMe(rep.Ctx(), &pb.GetMeRequest{})).OK(t)
	town.Try(rep.ListPeople(rep.Ctx(), &pb.ListPeopleRequest{SchoolId: w.School.String()})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	town.Try(rep.ListObservations(rep.Ctx(), &pb.ListObservationsRequest{})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	town.Try(rep.UpdateExchangePolicy(rep.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String()})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")

	// Given by hand, and kept when a roster comes that does not know of it.
	town.Try(w.Arne.SetRole(w.Arne.Ctx(), &pb.SetRoleRequest{RequestId: town.Req(), PersonId: w.Nils.ID, SchoolId: w.School.String(), Role: pb.Role_ROLE_LEADER})).OK(t)
	town.Try(w.Arne.SetRole(w.Arne.Ctx(), &pb.SetRoleRequest{RequestId: town.Req(), PersonId: w.Arne.ID, SchoolId: w.School.String(), Role: pb.Role_ROLE_ADMINISTRATOR, TakeAway: true})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Arne.SetRole(w.Arne.Ctx(), &pb.SetRoleRequest{RequestId: town.Req(), PersonId: town.NewID().String(), SchoolId: w.School.String(), Role: pb.Role_ROLE_LEADER})).Refused(t, codes.NotFound, "NOT_FOUND")
	w.Clock.Set(w.Clock.Now().Add(11 * time.Second))
	roles := town.Try(w.Nils.GetMe(w.Nils.Ctx(), &pb.GetMeRequest{})).OK(t).GetPerson().GetRoles()
	if len(roles) != 2 {
		t.Errorf("Nils is %v", roles)
	}
}

// Rosters over the years: who leaves loses access and their colleague keeps what
// was addressed to them; a person is teacher at one school and leader at another;
// teams roll over.
func TestRostersOverTheYears(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	roster := func(school string, dry bool, rows ...string) *pb.ImportRosterResponse {
		t.Helper()
		return town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, DryRun: dry,
			Content: []byte("name,email,role,team\n" + strings.Join(rows, "\n") + "\n")})).OK(t)
	}
	second := town.NewID().String()
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Sundet skole', $3)", w.Owner, second, town.Tuesday)
	school := w.School.String()
	roster(school, false, "Ada Lie,ada@x.example,teacher,1. trinn", "Bo Moe,bo@x.example,teacher,1. trinn", "Eva Rud,eva@x.example,teacher,2. trinn")

	dry := roster(school, true, "Ada Lie,ada@x.example,teacher,2. trinn", "Eva Rud,eva@x.example,teacher,2. trinn", "Finn Ås,finn@x.example,teacher,1. trinn")
	var said []string
	for _, c := range dry.GetChanges() {
		said = append(said, strings.TrimPrefix(c.GetKind().String(), "ROSTER_CHANGE_KIND_")+" "+c.GetName())
	}
	if got := strings.Join(said, ", "); got != "DEACTIVATED Bo Moe, CREATED Finn Ås, UPDATED Ada Lie" || dry.GetDeactivated() != 1 {
		t.Errorf("a dry run tells %s", got)
	}

	// What was approved is done, and nothing else.
	file := []string{"Ada Lie,ada@x.example,teacher,2. trinn", "Eva Rud,eva@x.example,teacher,2. trinn", "Finn Ås,finn@x.example,teacher,1. trinn"}
	approved := func(difference string, rows ...string) town.Outcome[*pb.ImportRosterResponse] {
		return town.Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: town.Req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Approved: difference,
			Content: []byte("name,email,role,team\n" + strings.Join(rows, "\n") + "\n")}))
	}
	approved(dry.GetDifference(), append(file, "Bo Moe,bo@x.example,teacher,")...).Refused(t, codes.Aborted, "STALE_REVISION")
	w.SQL("update person set given_name = 'Bob' where email = 'bo@x.example'")
	approved(dry.GetDifference(), file...).Refused(t, codes.Aborted, "STALE_REVISION")
	w.SQL("update person set given_name = 'Bo' where email = 'bo@x.example'")

	id := func(email string) string {
		return town.One[string](w, "select id::text from person where email = $1", email)
	}
	ada, bo := w.Phone(w.Conn, uuid.MustParse(id("ada@x.example")), "Ada"), w.Phone(w.Conn, uuid.MustParse(id("bo@x.example")), "Bo")
	v := w.Propose(bo, ada, time.Hour).Agree().Observe().Give()
	v.Open()
	boToken := bo.Ctx()
	approved(dry.GetDifference(), file...).OK(t)
	w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
	town.Try(bo.GetObservation(boToken, &pb.GetObservationRequest{ObservationId: v.ID})).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	if x := town.Try(ada.GetExchange(ada.Ctx(), &pb.GetExchangeRequest{ObservationId: v.ID})).OK(t).GetExchange(); len(x.GetPoints()) == 0 {
		t.Error("Ada has lost the feedback that she was given")
	}
	team := town.One[string](w, "select string_agg(t.name, ',') from team_member m join team t on t.owner_id = m.owner_id and t.id = m.team_id where m.person_id = $1", ada.ID)
	if team != "2. trinn" {
		t.Errorf("Ada is in %s", team)
	}

	// Eva stands in the lists of two schools and is one person; who is no longer in
	// one of them keeps the other.
	if got := roster(second, false, "Eva Rud,eva@x.example,leader,"); got.GetUpdated() != 1 || got.GetCreated() != 0 {
		t.Errorf("Eva at two schools: %v", got)
	}
	placesOf := func(email string) string {
		return town.One[string](w, "select coalesce(string_agg(s.name || ' ' || m.role, ', ' order by s.name), '') from membership m join person p on p.owner_id = m.owner_id and p.id = m.person_id join school s on s.owner_id = m.owner_id and s.id = m.school_id where p.email = $1 and p.active and m.active", email)
	}
	if got := placesOf("eva@x.example"); got != "Fjordvik skole TEACHER, Sundet skole LEADER" {
		t.Errorf("Eva is %s", got)
	}
	if got := roster(second, false, "Siv Bø,siv@x.example,teacher,"); got.GetUpdated() != 1 || got.GetDeactivated() != 0 || placesOf("eva@x.example") != "Fjordvik skole TEACHER" {
		t.Errorf("Eva leaves the second school: %v, %s", got, placesOf("eva@x.example"))
	}
	town.Try(w.Arne.SetRole(w.Arne.Ctx(), &pb.SetRoleRequest{RequestId: town.Req(), PersonId: ada.ID, SchoolId: second, Role: pb.Role_ROLE_LEADER})).OK(t)
	w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
	places := map[string]bool{}
	for _, m := range town.Try(ada.GetMe(ada.Ctx(), &pb.GetMeRequest{})).OK(t).GetMemberships() {
		places[m.GetSchoolName()+" "+m.GetRole().String()] = true
	}
	if len(places) != 2 || !places["Fjordvik skole ROLE_TEACHER"] || !places["Sundet skole ROLE_LEADER"] {
		t.Errorf("Ada is %v", places)
	}
	// A roster that does not know of the role that was given by hand lets it be.
	roster(school, false, "Ada Lie,ada@x.example,teacher,2. trinn", "Eva Rud,eva@x.example,teacher,2. trinn")
	if n := town.One[int](w, "select count(*)::int from membership where person_id = $1 and active", ada.ID); n != 2 {
		t.Errorf("Ada holds %d places", n)
	}
}

// Lessons stand in the way of a visit to somebody else's; one's own are anybody's
// to bring, those of many an administrator's.
func TestLessonsOfATimetable(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	start, end := w.Lesson(time.Hour)
	ical := func(stamp time.Time) []byte {
		return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:%s\r\nDTEND:%s\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			stamp.UTC().Format("20060102T150405Z"), stamp.UTC().Add(45*time.Minute).Format("20060102T150405Z"))
	}
	r := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_ICALENDAR, Content: ical(start.AsTime())}
	if got := town.Try(w.Kari.ImportLessons(w.Kari.Ctx(), r)).OK(t); got.GetLessons() != 3 {
		t.Errorf("%v", got)
	}
	p := w.Proposal(w.Kari, w.Ola)
	p.StartTime, p.EndTime = start, end
	town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), p)).Refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	p = w.Proposal(w.Ola, w.Kari)
	p.StartTime, p.EndTime = start, end
	town.Try(w.Ola.ProposeObservation(w.Ola.Ctx(), p)).OK(t) // Kari's lesson is what Ola comes to see

	csv := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("email;weekday;start;end;from;until\nola@fjordvik.example;onsdag;08:30;09:15;2026-11-09;2026-11-27\nnobody@x.example;1;08:30;09:15;2026-11-09;2026-11-27\n")}
	town.Try(w.Kari.ImportLessons(w.Kari.Ctx(), csv)).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	got := town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), csv)).OK(t)
	if got.GetLessons() != 3 || len(got.GetRowErrors()) != 1 || got.GetRowErrors()[0].GetReason() != "UNKNOWN_PERSON" {
		t.Errorf("%v", got)
	}
	csv.RequestId, csv.Content = town.Req(), []byte("x")
	town.Try(w.Arne.ImportLessons(w.Arne.Ctx(), csv)).Refused(t, codes.InvalidArgument, "CALENDAR_INVALID")
	if err := direct(w, w.Kari, "select set_lessons(array[$1::uuid], array[now()], array[now() + interval '1 hour'], now(), now() + interval '1 day')", w.Ola.ID); err == nil {
		t.Error("the database lets a teacher write another's timetable")
	}
}

// Days without school move what is due; half-years are told with their days.
func TestHolidaysMoveWhatIsDue(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	town.Try(w.Kari.ImportHolidays(w.Kari.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("from\n")})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	terms := func() []*pb.Term {
		return town.Try(w.Kari.ListTerms(w.Kari.Ctx(), &pb.ListTermsRequest{SchoolId: w.School.String()})).OK(t).GetTerms()
	}
	before := terms()
	if len(before) != 10 || before[0].GetId() != "2027-1" || before[1].GetId() != "2026-2" || before[1].GetClosed() || !before[2].GetClosed() || before[1].GetSchoolDays() != 86 {
		t.Errorf("%v", before[:3])
	}
	got := town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("from,to,name\n2026-11-11,2026-11-13,Prosjektdager\n2026-13-01,,\n")})).OK(t)
	if got.GetDays() != 3 || len(got.GetRowErrors()) != 1 {
		t.Errorf("%v", got)
	}
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give()
	due := town.Try(w.Ola.GetObservation(w.Ola.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(t).GetObservation().GetAnswerDueTime().AsTime()
	if want := time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC); !due.Equal(want) {
		t.Errorf("the answer is due %v, want %v", due, want)
	}
}

// Hours set aside by leaders and booked by teachers: as many as there are places,
// and who has booked is told to nobody else.
func TestHoursSetAsideForVisits(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.Budget()
	town.Try(w.Kari.SetTimeBudget(w.Kari.Ctx(), r)).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	b := town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), r)).OK(t).GetTimeBudget()
	hours := b.GetHours()[0].GetId()
	if got := town.Try(w.Kari.BookTime(w.Kari.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: hours})).OK(t).GetHours(); !got.GetYours() || !got.GetFull() {
		t.Errorf("%v", got)
	}
	town.Try(w.Ola.BookTime(w.Ola.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: hours})).Refused(t, codes.FailedPrecondition, "TIME_TAKEN")
	seen := town.Try(w.Liv.GetTimeBudget(w.Liv.Ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "2026-2"})).OK(t).GetTimeBudget()
	if seen.GetMinutes() != 600 || !seen.GetHours()[0].GetFull() || seen.GetHours()[0].GetYours() || strings.Contains(seen.String(), w.Kari.ID) {
		t.Errorf("Liv sees %v", seen)
	}
	town.Try(w.Kari.BookTime(w.Kari.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: hours, GiveBack: true})).OK(t)
	town.Try(w.Ola.BookTime(w.Ola.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: hours})).OK(t)
	again := w.Budget()
	town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), again)).Refused(t, codes.Aborted, "STALE_REVISION")
	again.Revision, again.Hours = b.GetRevision(), nil
	if left := town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), again)).OK(t).GetTimeBudget(); len(left.GetHours()) != 0 || left.GetRevision() != 2 {
		t.Errorf("%v", left)
	}
	if empty := town.Try(w.Liv.GetTimeBudget(w.Liv.Ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "2027-1"})).OK(t).GetTimeBudget(); empty.GetRevision() != 0 {
		t.Errorf("%v", empty)
	}
}

// direct writes as a person, past all Go code.
func direct(w *town.Town, p *town.Person, sql string, args ...any) error {
	return (&town.Visit{Town: w}).Directly(p, town.Write{SQL: sql, Args: args})
}

// `undring invite --now`: it counts at once for an administrator where no other one is signed
// in, who could invite them, and ends their sessions; for everybody else it does nothing, so
// that it is no way past a colleague.
func TestAnInvitationAtOnceIsForWhoCouldNotGetInOtherwise(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		whom    string // the name before the @ of their address
		before  []string
		allowed bool
	}{
		"the only administrator":               {"arne", nil, true},
		"another one has never signed in":      {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'ADMINISTRATOR', since from membership where person_id = (select id from person where given_name = 'Nils')", "delete from session where person_id = (select id from person where given_name = 'Nils')"}, true},
		"another one is signed in":             {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'ADMINISTRATOR', since from membership where person_id = (select id from person where given_name = 'Nils')"}, false},
		"another one is signed out everywhere": {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'ADMINISTRATOR', since from membership where person_id = (select id from person where given_name = 'Nils')", "update session set ended_at = created_at, end_reason = 'REVOKED' where person_id = (select id from person where given_name = 'Nils')"}, true},
		"another one's sign-in is over":        {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'ADMINISTRATOR', since from membership where person_id = (select id from person where given_name = 'Nils')", "update session set created_at = created_at - interval '91 days', expires_at = created_at - interval '1 day' where person_id = (select id from person where given_name = 'Nils')"}, true},
		"another one was administrator":        {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since, active) select owner_id, school_id, person_id, 'ADMINISTRATOR', since, false from membership where person_id = (select id from person where given_name = 'Nils')"}, true},
		"another one has no access any more":   {"arne", []string{"insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'ADMINISTRATOR', since from membership where person_id = (select id from person where given_name = 'Nils')", "update person set active = false where given_name = 'Nils'"}, true},
		"a teacher who has signed in":          {"kari", nil, false},
		"a leader who has signed in":           {"liv", nil, false},
		"an administrator who is one no more":  {"arne", []string{"update membership set active = false where role = 'ADMINISTRATOR'", "insert into membership (owner_id, school_id, person_id, role, since) select owner_id, school_id, person_id, 'TEACHER', since from membership where role = 'ADMINISTRATOR'"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			for _, sql := range tc.before {
				w.SQL(sql)
			}
			email := town.One[string](w, "select email from person where lower(given_name) = '"+tc.whom+"'")
			now := w.Clock.Now()
			code, from, _, err := school.Invite(t.Context(), w.DB.DB, w.Owner, email, true, town.NewID, now)
			if !tc.allowed {
				if refusal.ReasonOf(err) != refusal.RoleRequired {
					t.Errorf("%v, want ROLE_REQUIRED", err)
				}
				if n := town.One[int](w, "select count(*) from invitation"); n != 0 {
					t.Errorf("%d invitations were made all the same", n)
				}
				return
			}
			if err != nil || code == "" || from.After(now) {
				t.Fatalf("code %q, from %s, %v", code, from, err)
			}
			if n := town.One[int](w, "select count(*) from session s join person p on p.owner_id = s.owner_id and p.id = s.person_id where p.email = '"+email+"' and s.ended_at is null"); n > 0 {
				t.Errorf("%d sessions of theirs go on, so they would not see that it was used", n)
			}
			if _, err := w.Kari.SignIn(t.Context(), &pb.SignInRequest{Proof: &pb.SignInRequest_InvitationCode{InvitationCode: code}, DeviceName: "x"}); err != nil {
				t.Errorf("the code does not let them in: %v", err)
			}
		})
	}
}
