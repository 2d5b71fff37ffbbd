package server_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
)

func (w *town) budget() *pb.SetTimeBudgetRequest {
	start, end := w.lesson(48 * time.Hour)
	return &pb.SetTimeBudgetRequest{RequestId: req(), SchoolId: w.school.String(), Term: "2026-2", Minutes: 600,
		Hours: []*pb.CoveredHours{{StartTime: start, EndTime: end, Places: 1}}}
}

// The policy: changed forward in time alone, by leaders, logged with who and why,
// read by all; what is due already stays due when it was.
func TestThePolicyChangesForwardInTime(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	change := func(days int32, since time.Time) *pb.UpdateExchangePolicyRequest {
		r := &pb.UpdateExchangePolicyRequest{RequestId: req(), SchoolId: w.school.String(), AnswerDue: &days, Reason: "Vi trenger mer tid.", AgreedWith: "Drøftet med Nils 9.11."}
		if !since.IsZero() {
			r.EffectiveTime = timestamppb.New(since)
		}
		return r
	}
	now := w.clock.now()
	try(w.kari.UpdateExchangePolicy(w.kari.ctx(), change(5, time.Time{}))).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), change(5, now.Add(-time.Second)))).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), change(21, time.Time{}))).refused(t, codes.InvalidArgument, "INVALID_FIELD")

	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give()
	due := try(w.ola.GetObservation(w.ola.ctx(), &pb.GetObservationRequest{ObservationId: v.id})).ok(t).GetObservation().GetAnswerDueTime().AsTime()
	now = w.clock.now()
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), change(7, now.Add(24*time.Hour)))).ok(t)
	if p := try(w.kari.GetSchool(w.kari.ctx(), &pb.GetSchoolRequest{SchoolId: w.school.String()})).ok(t).GetSchool().GetPolicy(); p.GetAnswerDue() != 3 || p.GetFigureThreshold() != 8 || p.GetRetentionMonths() != 12 {
		t.Errorf("it holds already: %v", p)
	}
	w.clock.set(now.Add(24 * time.Hour))
	if p := try(w.kari.GetSchool(w.kari.ctx(), &pb.GetSchoolRequest{SchoolId: w.school.String()})).ok(t).GetSchool().GetPolicy(); p.GetAnswerDue() != 7 || p.GetTakeawayDue() != 5 || !p.GetGate() {
		t.Errorf("a day later: %v", p)
	}
	if again := try(w.ola.GetObservation(w.ola.ctx(), &pb.GetObservationRequest{ObservationId: v.id})).ok(t).GetObservation().GetAnswerDueTime().AsTime(); !again.Equal(due) {
		t.Errorf("what was due at %v is due at %v", due, again)
	}
	log := try(w.kari.ListPolicyChanges(w.kari.ctx(), &pb.ListPolicyChangesRequest{SchoolId: w.school.String()})).ok(t).GetPolicies()
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
	now = w.clock.now()
	day := func(n int) string { return now.In(oslo).AddDate(0, 0, n).Format(time.DateOnly) }
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone("", now.Add(time.Hour)))).refused(t, codes.FailedPrecondition, "NOTICE_TOO_SHORT")
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone(day(6), time.Time{}))).refused(t, codes.FailedPrecondition, "NOTICE_TOO_SHORT")
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone("2027-02-30", time.Time{}))).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone(day(8), now))).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	if p := try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone(day(7), time.Time{}))).ok(t).GetPolicy(); p.GetEffectiveTime().AsTime().In(oslo).Format("2006-01-02 15:04") != day(7)+" 00:00" {
		t.Errorf("it holds from %v", p.GetEffectiveTime().AsTime())
	}
	w.clock.set(now.Add(time.Hour * 24))
	if p := try(w.liv.UpdateExchangePolicy(w.liv.ctx(), alone("", time.Time{}))).ok(t).GetPolicy(); p.GetEffectiveTime().AsTime().In(oslo).Format(time.DateOnly) != day(8) {
		t.Errorf("it holds from %v, without a day named", p.GetEffectiveTime().AsTime())
	}
	// Written directly, as the role of the application.
	if err := w.direct(w.liv, "insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, set_by, set_at) values ($1, $2, $4 + interval '2 days', 0, 3, 5, false, $3, $4)",
		w.owner, w.school, w.liv.id, w.clock.now()); err == nil {
		t.Error("the database takes a policy without notice")
	}
	if err := w.direct(w.liv, "insert into exchange_policy (owner_id, school_id, effective_at, feedback_due, answer_due, takeaway_due, gate, set_by, set_at) values ($1, $2, $4, 0, 3, 5, false, $3, $4 + interval '1 hour')",
		w.owner, w.school, w.liv.id, w.clock.now()); err == nil {
		t.Error("the database takes a policy that reaches back")
	}
}

// The teachers' and the safety representative read the policy and its log, and
// nothing else.
func TestARepresentativeReadsThePolicyAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rep := w.settle("Siri", "Ruud", "REPRESENTATIVE")
	try(rep.GetSchool(rep.ctx(), &pb.GetSchoolRequest{SchoolId: w.school.String()})).ok(t)
	try(rep.ListPolicyChanges(rep.ctx(), &pb.ListPolicyChangesRequest{SchoolId: w.school.String()})).ok(t)
	try(rep.GetMe(rep.ctx(), &pb.GetMeRequest{})).ok(t)
	try(rep.ListPeople(rep.ctx(), &pb.ListPeopleRequest{SchoolId: w.school.String()})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	try(rep.ListObservations(rep.ctx(), &pb.ListObservationsRequest{})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	try(rep.UpdateExchangePolicy(rep.ctx(), &pb.UpdateExchangePolicyRequest{RequestId: req(), SchoolId: w.school.String()})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")

	// Given by hand, and kept when a roster comes that does not know of it.
	try(w.arne.SetRole(w.arne.ctx(), &pb.SetRoleRequest{RequestId: req(), PersonId: w.nils.id, SchoolId: w.school.String(), Role: pb.Role_ROLE_LEADER})).ok(t)
	try(w.arne.SetRole(w.arne.ctx(), &pb.SetRoleRequest{RequestId: req(), PersonId: w.arne.id, SchoolId: w.school.String(), Role: pb.Role_ROLE_ADMINISTRATOR, TakeAway: true})).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	try(w.arne.SetRole(w.arne.ctx(), &pb.SetRoleRequest{RequestId: req(), PersonId: newID().String(), SchoolId: w.school.String(), Role: pb.Role_ROLE_LEADER})).refused(t, codes.NotFound, "NOT_FOUND")
	w.clock.set(w.clock.now().Add(11 * time.Second))
	roles := try(w.nils.GetMe(w.nils.ctx(), &pb.GetMeRequest{})).ok(t).GetPerson().GetRoles()
	if len(roles) != 2 {
		t.Errorf("Nils is %v", roles)
	}
}

// Rosters over the years: who leaves loses access and their colleague keeps what
// was addressed to them; a person is teacher at one school and leader at another;
// teams roll over.
func TestRostersOverTheYears(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	roster := func(school string, dry bool, rows ...string) *pb.ImportRosterResponse {
		t.Helper()
		return try(w.arne.ImportRoster(w.arne.ctx(), &pb.ImportRosterRequest{RequestId: req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, DryRun: dry,
			Content: []byte("name,email,role,team\n" + strings.Join(rows, "\n") + "\n")})).ok(t)
	}
	second := newID().String()
	w.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Sundet skole', $3)", w.owner, second, tuesday)
	school := w.school.String()
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
	approved := func(difference string, rows ...string) outcome[*pb.ImportRosterResponse] {
		return try(w.arne.ImportRoster(w.arne.ctx(), &pb.ImportRosterRequest{RequestId: req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV, Approved: difference,
			Content: []byte("name,email,role,team\n" + strings.Join(rows, "\n") + "\n")}))
	}
	approved(dry.GetDifference(), append(file, "Bo Moe,bo@x.example,teacher,")...).refused(t, codes.Aborted, "STALE_REVISION")
	w.sql("update person set given_name = 'Bob' where email = 'bo@x.example'")
	approved(dry.GetDifference(), file...).refused(t, codes.Aborted, "STALE_REVISION")
	w.sql("update person set given_name = 'Bo' where email = 'bo@x.example'")

	id := func(email string) string {
		return one[string](w, "select id::text from person where email = $1", email)
	}
	ada, bo := w.phone(w.conn, uuid.MustParse(id("ada@x.example")), "Ada"), w.phone(w.conn, uuid.MustParse(id("bo@x.example")), "Bo")
	v := w.propose(bo, ada, time.Hour).agree().observe().give()
	v.open()
	boToken := bo.ctx()
	approved(dry.GetDifference(), file...).ok(t)
	w.clock.set(w.clock.now().Add(10 * time.Second))
	try(bo.GetObservation(boToken, &pb.GetObservationRequest{ObservationId: v.id})).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	if x := try(ada.GetExchange(ada.ctx(), &pb.GetExchangeRequest{ObservationId: v.id})).ok(t).GetExchange(); len(x.GetPoints()) == 0 {
		t.Error("Ada has lost the feedback that she was given")
	}
	team := one[string](w, "select string_agg(t.name, ',') from team_member m join team t on t.owner_id = m.owner_id and t.id = m.team_id where m.person_id = $1", ada.id)
	if team != "2. trinn" {
		t.Errorf("Ada is in %s", team)
	}

	// Eva stands in the lists of two schools and is one person; who is no longer in
	// one of them keeps the other.
	if got := roster(second, false, "Eva Rud,eva@x.example,leader,"); got.GetUpdated() != 1 || got.GetCreated() != 0 {
		t.Errorf("Eva at two schools: %v", got)
	}
	placesOf := func(email string) string {
		return one[string](w, "select coalesce(string_agg(s.name || ' ' || m.role, ', ' order by s.name), '') from membership m join person p on p.owner_id = m.owner_id and p.id = m.person_id join school s on s.owner_id = m.owner_id and s.id = m.school_id where p.email = $1 and p.active and m.active", email)
	}
	if got := placesOf("eva@x.example"); got != "Fjordvik skole TEACHER, Sundet skole LEADER" {
		t.Errorf("Eva is %s", got)
	}
	if got := roster(second, false, "Siv Bø,siv@x.example,teacher,"); got.GetUpdated() != 1 || got.GetDeactivated() != 0 || placesOf("eva@x.example") != "Fjordvik skole TEACHER" {
		t.Errorf("Eva leaves the second school: %v, %s", got, placesOf("eva@x.example"))
	}
	try(w.arne.SetRole(w.arne.ctx(), &pb.SetRoleRequest{RequestId: req(), PersonId: ada.id, SchoolId: second, Role: pb.Role_ROLE_LEADER})).ok(t)
	w.clock.set(w.clock.now().Add(10 * time.Second))
	places := map[string]bool{}
	for _, m := range try(ada.GetMe(ada.ctx(), &pb.GetMeRequest{})).ok(t).GetMemberships() {
		places[m.GetSchoolName()+" "+m.GetRole().String()] = true
	}
	if len(places) != 2 || !places["Fjordvik skole ROLE_TEACHER"] || !places["Sundet skole ROLE_LEADER"] {
		t.Errorf("Ada is %v", places)
	}
	// A roster that does not know of the role that was given by hand lets it be.
	roster(school, false, "Ada Lie,ada@x.example,teacher,2. trinn", "Eva Rud,eva@x.example,teacher,2. trinn")
	if n := one[int](w, "select count(*)::int from membership where person_id = $1 and active", ada.id); n != 2 {
		t.Errorf("Ada holds %d places", n)
	}
}

// Lessons stand in the way of a visit to somebody else's; one's own are anybody's
// to bring, those of many an administrator's.
func TestLessonsOfATimetable(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	start, end := w.lesson(time.Hour)
	ical := func(stamp time.Time) []byte {
		return fmt.Appendf(nil, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:%s\r\nDTEND:%s\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			stamp.UTC().Format("20060102T150405Z"), stamp.UTC().Add(45*time.Minute).Format("20060102T150405Z"))
	}
	r := &pb.ImportLessonsRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_ICALENDAR, Content: ical(start.AsTime())}
	if got := try(w.kari.ImportLessons(w.kari.ctx(), r)).ok(t); got.GetLessons() != 3 {
		t.Errorf("%v", got)
	}
	p := w.proposal(w.kari, w.ola)
	p.StartTime, p.EndTime = start, end
	try(w.kari.ProposeObservation(w.kari.ctx(), p)).refused(t, codes.FailedPrecondition, "DOUBLE_BOOKED")
	p = w.proposal(w.ola, w.kari)
	p.StartTime, p.EndTime = start, end
	try(w.ola.ProposeObservation(w.ola.ctx(), p)).ok(t) // Kari's lesson is what Ola comes to see

	csv := &pb.ImportLessonsRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("email;weekday;start;end;from;until\nola@fjordvik.example;onsdag;08:30;09:15;2026-11-09;2026-11-27\nnobody@x.example;1;08:30;09:15;2026-11-09;2026-11-27\n")}
	try(w.kari.ImportLessons(w.kari.ctx(), csv)).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	got := try(w.arne.ImportLessons(w.arne.ctx(), csv)).ok(t)
	if got.GetLessons() != 3 || len(got.GetRowErrors()) != 1 || got.GetRowErrors()[0].GetReason() != "UNKNOWN_PERSON" {
		t.Errorf("%v", got)
	}
	csv.RequestId, csv.Content = req(), []byte("x")
	try(w.arne.ImportLessons(w.arne.ctx(), csv)).refused(t, codes.InvalidArgument, "CALENDAR_INVALID")
	if err := w.direct(w.kari, "select set_lessons(array[$1::uuid], array[now()], array[now() + interval '1 hour'], now(), now() + interval '1 day')", w.ola.id); err == nil {
		t.Error("the database lets a teacher write another's timetable")
	}
}

// Days without school move what is due; half-years are told with their days.
func TestHolidaysMoveWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	try(w.kari.ImportHolidays(w.kari.ctx(), &pb.ImportHolidaysRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV, Content: []byte("from\n")})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	terms := func() []*pb.Term {
		return try(w.kari.ListTerms(w.kari.ctx(), &pb.ListTermsRequest{SchoolId: w.school.String()})).ok(t).GetTerms()
	}
	before := terms()
	if len(before) != 10 || before[0].GetId() != "2027-1" || before[1].GetId() != "2026-2" || before[1].GetClosed() || !before[2].GetClosed() || before[1].GetSchoolDays() != 86 {
		t.Errorf("%v", before[:3])
	}
	got := try(w.arne.ImportHolidays(w.arne.ctx(), &pb.ImportHolidaysRequest{RequestId: req(), SchoolId: w.school.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("from,to,name\n2026-11-11,2026-11-13,Prosjektdager\n2026-13-01,,\n")})).ok(t)
	if got.GetDays() != 3 || len(got.GetRowErrors()) != 1 {
		t.Errorf("%v", got)
	}
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe().give()
	due := try(w.ola.GetObservation(w.ola.ctx(), &pb.GetObservationRequest{ObservationId: v.id})).ok(t).GetObservation().GetAnswerDueTime().AsTime()
	if want := time.Date(2026, 11, 18, 15, 0, 0, 0, time.UTC); !due.Equal(want) {
		t.Errorf("the answer is due %v, want %v", due, want)
	}
}

// Hours set aside by leaders and booked by teachers: as many as there are places,
// and who has booked is told to nobody else.
func TestHoursSetAsideForVisits(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	r := w.budget()
	try(w.kari.SetTimeBudget(w.kari.ctx(), r)).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	b := try(w.liv.SetTimeBudget(w.liv.ctx(), r)).ok(t).GetTimeBudget()
	hours := b.GetHours()[0].GetId()
	if got := try(w.kari.BookTime(w.kari.ctx(), &pb.BookTimeRequest{RequestId: req(), HoursId: hours})).ok(t).GetHours(); !got.GetYours() || !got.GetFull() {
		t.Errorf("%v", got)
	}
	try(w.ola.BookTime(w.ola.ctx(), &pb.BookTimeRequest{RequestId: req(), HoursId: hours})).refused(t, codes.FailedPrecondition, "TIME_TAKEN")
	seen := try(w.liv.GetTimeBudget(w.liv.ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.school.String(), Term: "2026-2"})).ok(t).GetTimeBudget()
	if seen.GetMinutes() != 600 || !seen.GetHours()[0].GetFull() || seen.GetHours()[0].GetYours() || strings.Contains(seen.String(), w.kari.id) {
		t.Errorf("Liv sees %v", seen)
	}
	try(w.kari.BookTime(w.kari.ctx(), &pb.BookTimeRequest{RequestId: req(), HoursId: hours, GiveBack: true})).ok(t)
	try(w.ola.BookTime(w.ola.ctx(), &pb.BookTimeRequest{RequestId: req(), HoursId: hours})).ok(t)
	again := w.budget()
	try(w.liv.SetTimeBudget(w.liv.ctx(), again)).refused(t, codes.Aborted, "STALE_REVISION")
	again.Revision, again.Hours = b.GetRevision(), nil
	if left := try(w.liv.SetTimeBudget(w.liv.ctx(), again)).ok(t).GetTimeBudget(); len(left.GetHours()) != 0 || left.GetRevision() != 2 {
		t.Errorf("%v", left)
	}
	if empty := try(w.liv.GetTimeBudget(w.liv.ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.school.String(), Term: "2027-1"})).ok(t).GetTimeBudget(); empty.GetRevision() != 0 {
		t.Errorf("%v", empty)
	}
}

// direct writes as a person, past all Go code.
func (w *town) direct(p *person, sql string, args ...any) error {
	return (&visit{town: w}).directly(p, write{sql, args})
}
