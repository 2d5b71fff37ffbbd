package school

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school/timetable"
	"undring/wire"
	"undring/words"
)

const (
	// No row: nothing has been set aside, which is revision 0 and no minutes.
	budgetOfTerm = `select minutes, revision from time_budget where owner_id = $1 and school_id = $2 and term = $3`

	lockBudget = `select pg_advisory_xact_lock(hashtextextended('time ' || $1::text || $2, 0))`

	// Whose the bookings are row level security hides but for one's own; slot_full counts past it,
	// and says only whether there is room.
	hoursOfTerm = `
		select s.id, s.start_at, s.end_at, s.places, slot_full(s.id),
			exists (select from time_booking b where b.owner_id = s.owner_id and b.slot_id = s.id and b.person_id = $4)
		from time_slot s
		where s.owner_id = $1 and s.school_id = $2 and s.term = $3
		order by s.start_at, s.id
		limit 500`

	hoursByID = `
		select s.id, s.start_at, s.end_at, s.places, slot_full(s.id),
			exists (select from time_booking b where b.owner_id = s.owner_id and b.slot_id = s.id and b.person_id = $3)
		from time_slot s
		where s.owner_id = $1 and s.id = $2`

	saveBudget = `
		insert into time_budget (owner_id, school_id, term, minutes, revision, set_by, set_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (owner_id, school_id, term) do update
			set minutes = excluded.minutes, revision = excluded.revision, set_by = excluded.set_by, set_at = excluded.set_at`

	// Bookings of hours that are taken away go with them (on delete cascade); those of hours that
	// stay are not touched.
	removeHours = `delete from time_slot where owner_id = $1 and school_id = $2 and term = $3 and not (id = any (coalesce($4::uuid[], '{}')))`

	// The condition at the end keeps an id of another school's hours from being taken over by this
	// one: such a row is left as it is.
	saveHours = `
		insert into time_slot (owner_id, id, school_id, term, start_at, end_at, places)
		select $1, id, $2, $3, start_at, end_at, places
		from unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::int[]) h (id, start_at, end_at, places)
		on conflict (owner_id, id) do update set start_at = excluded.start_at, end_at = excluded.end_at, places = excluded.places
			where time_slot.school_id = excluded.school_id and time_slot.term = excluded.term`

	// That there is room a trigger sees to, which locks the hours first.
	bookHours = `
		insert into time_booking (owner_id, slot_id, person_id, booked_at) values ($1, $2, $3, $4)
		on conflict do nothing`

	giveHoursBack = `delete from time_booking where owner_id = $1 and slot_id = $2 and person_id = $3`
)

// terms of a school that are listed, besides the next one.
const termsListed = 9

// calendarOf reads the calendar of a school.
func (s *Service) calendarOf(ctx context.Context, actor Actor, id uuid.UUID) (Calendar, error) {
	var found School
	err := s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueSchool(b, actor.Owner, id, s.moment(), &found) })
	return found.Rules.Calendar, err
}

// queueSchool asks for a school with the rules and free days that hold now.
// That the school is there has been found out ([At]): no row is an error, not a NOT_FOUND.
func queueSchool(b *pgx.Batch, owner, id uuid.UUID, now time.Time, into *School) {
	b.Queue(schoolByID, owner, id, now).QueryRow(func(row pgx.Row) error { return scanSchool(row, into) })
}

// ListTerms lists the half-years of a school.
func (s *Service) ListTerms(ctx context.Context, req *pb.ListTermsRequest) (*pb.ListTermsResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	c, err := s.calendarOf(ctx, actor, school)
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListTermsResponse)
	// The next half-year comes first: its time is set aside before it begins.
	t := TermOf(s.moment(), c.Zone()).Next()
	for range termsListed + 1 {
		start, end := t.Span(c.Zone())
		reply.Terms = append(reply.Terms, &pb.Term{
			Id: t.String(), StartTime: wire.EncodeTime(start), EndTime: wire.EncodeTime(end), Closed: !s.moment().Before(end),
			SchoolDays: int32(c.SchoolDays(t)),
		})
		t = t.Before()
	}
	return reply, nil
}

// ImportHolidays takes in days without school. That the caller keeps a roster has
// been checked at the door.
func (s *Service) ImportHolidays(ctx context.Context, req *pb.ImportHolidaysRequest) (*pb.ImportHolidaysResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	i := DaysImport{
		School: school, Content: req.GetContent(), Format: timetable.Format(req.GetFormat()), Source: strings.TrimSpace(req.GetSource()),
		Called: req.GetSchoolName(), Clear: req.GetClear(), DryRun: req.GetDryRun(), Approved: req.GetApproved(), Now: s.moment(),
	}
	call := once.Call{As: actor.As(), RPC: "ImportHolidays", Request: req, Now: i.Now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *daysImporting) { r.read(b, i, actor.Owner) },
		func(w once.Writer, r *daysImporting) error { // a date is one of the school's zone, which is known now
			if err := r.decide(ctx, i); err != nil {
				return err
			}
			r.write(w, i, actor.Owner)
			return nil
		},
		func(r *daysImporting) *pb.ImportHolidaysResponse { return r.encode(actor.Language) },
	).Remember(ctx, s.db, once.Gone[daysImporting](refusal.New(refusal.NotThere)))
}

// maxDaysListed bounds each list of days in a reply: some school years.
const maxDaysListed = 1_000

// encode is what an import of days did, with a bounded list of the days concerned.
func (t DaysTaken) encode(language string) *pb.ImportHolidaysResponse {
	dates := func(days []time.Time) []string {
		var out []string
		for _, day := range days[:min(len(days), maxDaysListed)] {
			out = append(out, day.Format(time.DateOnly))
		}
		return out
	}
	reply := &pb.ImportHolidaysResponse{
		Days: int32(t.Days), Added: int32(t.Added), RowErrors: encodeOdd(t.Read.Odd, language), MoreRowErrors: int32(t.Read.More),
		TakenAway: dates(t.TakenAway), UsualTakenAway: dates(t.UsualGone), Difference: t.Difference,
	}
	for _, source := range t.Sources {
		reply.Sources = append(reply.Sources, &pb.HolidaySource{
			Name: source.Name, Days: int32(source.Days), FirstDate: source.First.Format(time.DateOnly), LastDate: source.Last.Format(time.DateOnly),
		})
	}
	return reply
}

// encodeOdd is what was not taken of a calendar, each with its reason in words.
func encodeOdd(odd []timetable.Odd, language string) []*pb.CalendarRowError {
	var out []*pb.CalendarRowError
	for _, o := range odd {
		out = append(out, &pb.CalendarRowError{
			Line: int32(o.Line), FileLine: int32(o.FileLine), What: o.What,
			Reason: string(o.Reason), Description: words.Say(language, "calendar."+string(o.Reason)),
		})
	}
	return out
}

// ImportLessons takes in the caller's own lessons, or those of many.
func (s *Service) ImportLessons(ctx context.Context, req *pb.ImportLessonsRequest) (*pb.ImportLessonsResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	i := LessonsImport{
		School: school, Content: req.GetContent(), Format: timetable.Format(req.GetFormat()), Person: actor.Person,
		Clear: req.GetClear(), DryRun: req.GetDryRun(), Now: s.moment(),
	}
	// A list holds many people's lessons; a calendar is the caller's own.
	if i.Format == timetable.CSV && !actor.Is(Administrator, school) {
		return nil, refusal.New(refusal.RoleRequired).With("role", string(Administrator))
	}
	// A calendar in a file may repeat through the year, and its days depend on the school's.
	var here School
	if err := s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueSchool(b, actor.Owner, school, i.Now, &here) }); err != nil {
		return nil, err
	}
	// The file is read before there is a transaction, which would wait for it.
	file, err := i.readFile(ctx, here)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "ImportLessons", Request: req, Now: i.Now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *lessonsImporting) { r.read(b, i, actor.Owner, file) },
		func(w once.Writer, r *lessonsImporting) error {
			r.decide(i, file)
			r.write(w, i)
			return nil
		},
		func(r *lessonsImporting) *pb.ImportLessonsResponse {
			taken := r.taken()
			if i.Format != timetable.ICalendar { // of other people's, what is left out would tell who visits when
				taken.Lessons, taken.LeftOut = taken.Lessons+taken.LeftOut, 0
			}
			return &pb.ImportLessonsResponse{
				Lessons: int32(taken.Lessons), LeftOut: int32(taken.LeftOut), Replaced: int32(taken.Replaced), OwnAddresses: int32(taken.OwnAddresses),
				RowErrors: encodeOdd(taken.Read.Odd, actor.Language), MoreRowErrors: int32(taken.Read.More),
			}
		},
	// How many lessons were taken is what set_lessons returns.
	).RememberWritten(ctx, s.db, once.Gone[lessonsImporting](refusal.New(refusal.NotThere)))
}

// eachHours reads hours set aside. How many have booked is not in them, only whether there is
// room: a count that moves would tell when somebody has booked.
func eachHours(into *[]*pb.CoveredHours) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		for rows.Next() {
			var id uuid.UUID
			var start, end time.Time
			h := new(pb.CoveredHours)
			if err := rows.Scan(&id, &start, &end, &h.Places, &h.Full, &h.Yours); err != nil {
				return err
			}
			h.Id, h.StartTime, h.EndTime = id.String(), wire.EncodeTime(start), wire.EncodeTime(end)
			*into = append(*into, h)
		}
		return rows.Err()
	}
}

// queueBudget asks for the time of a half-year and its hours.
// into keeps what it has where no time was set aside.
func queueBudget(b *pgx.Batch, actor Actor, school uuid.UUID, term string, into *pb.TimeBudget) {
	b.Queue(budgetOfTerm, actor.Owner, school, term).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&into.Minutes, &into.Revision); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	b.Queue(hoursOfTerm, actor.Owner, school, term, actor.Person).Query(eachHours(&into.Hours))
}

// GetTimeBudget tells what time is set aside in a half-year.
func (s *Service) GetTimeBudget(ctx context.Context, req *pb.GetTimeBudgetRequest) (*pb.GetTimeBudgetResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	if _, there := ParseTerm(req.GetTerm()); !there {
		return nil, refusal.Beyond("term", refusal.NoTerm, 0)
	}
	budget := &pb.TimeBudget{SchoolId: school.String(), Term: req.GetTerm()}
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueBudget(b, actor, school, req.GetTerm(), budget) })
	return &pb.GetTimeBudgetResponse{TimeBudget: budget}, err
}

// longestHours is how long covered hours last at most.
// A day's lessons, and not a weekend by a slip of the date.
const longestHours = 12 * time.Hour

// SetTimeBudget sets aside time for visits in a half-year.
func (s *Service) SetTimeBudget(ctx context.Context, req *pb.SetTimeBudgetRequest) (*pb.SetTimeBudgetResponse, error) {
	actor, school, err := leads(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	term, ok := ParseTerm(req.GetTerm())
	if !ok {
		return nil, refusal.Beyond("term", refusal.NoTerm, 0)
	}
	hours, err := s.decodeHours(req.GetHours())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "SetTimeBudget", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *budgeting) {
			// Two leaders who set it at once go one after the other; the second meets a newer
			// revision.
			b.Queue(lockBudget, school, term.String())
			queueSchool(b, actor.Owner, school, call.Now, &c.at)
			queueBudget(b, actor, school, term.String(), &c.was)
		},
		func(w once.Writer, c *budgeting) error {
			if c.was.GetRevision() != req.GetRevision() {
				return refusal.ChangedSince(c.was.GetRevision())
			}
			// A half-year begins and ends by the school's clock, which is known only now.
			if err := hours.within(term.Span(c.at.Rules.Calendar.Zone())); err != nil {
				return err
			}
			if err := hours.keepPlaces(c.was.GetHours()); err != nil {
				return err
			}
			// The budget first: hours point at it by a foreign key. Then those that go, so that what is
			// saved afterwards stands alone.
			w.Queue(saveBudget, actor.Owner, school, term.String(), req.GetMinutes(), c.was.GetRevision()+1, actor.Person, call.Now)
			w.Queue(removeHours, actor.Owner, school, term.String(), hours.ids)
			w.Queue(saveHours, actor.Owner, school, term.String(), hours.ids, hours.starts, hours.ends, hours.places)
			// The reply also tells what is booked of the hours that stay, which only the table
			// knows.
			once.Behind(w, func(b *pgx.Batch) { queueBudget(b, actor, school, term.String(), &c.now) })
			return nil
		},
		func(c *budgeting) *pb.SetTimeBudgetResponse {
			c.now.SchoolId, c.now.Term = school.String(), term.String()
			return &pb.SetTimeBudgetResponse{TimeBudget: &c.now}
		},
	).ReadAnew(ctx, s.db, once.Read(func(b *pgx.Batch, c *budgeting) { queueBudget(b, actor, school, term.String(), &c.now) }))
}

// budgeting is a change of the time that is set aside.
type budgeting struct {
	at       School
	was, now pb.TimeBudget // now is read behind the writes
}

// hourColumns are covered hours, in columns.
type hourColumns struct {
	ids          []uuid.UUID
	starts, ends []time.Time
	places       []int32
}

// within refuses hours that are not of the half-year.
func (h hourColumns) within(first, last time.Time) error {
	for i := range h.ids {
		if h.starts[i].Before(first) || h.ends[i].After(last) {
			return refusal.Beyond("hours["+strconv.Itoa(i)+"]", refusal.OutsideTerm, 0)
		}
	}
	return nil
}

// keepPlaces refuses other places for hours that are there already, booked or not:
// places that are lowered and raised while one looks at whether they are full would
// count the bookings. Whoever needs other places takes the hours away and sets aside new
// ones.
func (h hourColumns) keepPlaces(there []*pb.CoveredHours) error {
	places := map[string]int32{}
	for _, t := range there {
		places[t.GetId()] = t.GetPlaces()
	}
	for i, id := range h.ids {
		if was, known := places[id.String()]; known && was != h.places[i] {
			return refusal.Invalidf("hours["+strconv.Itoa(i)+"].places", "stay as they were set aside: take these hours away and set aside new ones")
		}
	}
	return nil
}

// decodeHours reads hours into columns, for one statement however many they are.
func (s *Service) decodeHours(list []*pb.CoveredHours) (hourColumns, error) {
	var out hourColumns
	for i, h := range list {
		// Hours without an id are new; with one they are those that were read, and keep their bookings.
		id, field := s.newID(), "hours["+strconv.Itoa(i)+"]"
		if h.GetId() != "" {
			var err error
			if id, err = uuid.Parse(h.GetId()); err != nil || slices.Contains(out.ids, id) {
				return out, refusal.Invalidf(field+".id", "must be a UUID, and there once")
			}
		}
		start, end := h.GetStartTime().AsTime(), h.GetEndTime().AsTime()
		if !end.After(start) || end.Sub(start) > longestHours {
			return out, refusal.Beyond(field, refusal.Span, int(longestHours/time.Hour))
		}
		out.ids, out.starts, out.ends, out.places = append(out.ids, id), append(out.starts, start), append(out.ends, end), append(out.places, h.GetPlaces())
	}
	return out, nil
}

// BookTime takes a place in covered hours, or gives it back.
func (s *Service) BookTime(ctx context.Context, req *pb.BookTimeRequest) (*pb.BookTimeResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(strings.TrimSpace(req.GetHoursId()))
	if err != nil {
		return nil, refusal.Invalidf("hours_id", "must be a UUID")
	}
	call := once.Call{As: actor.As(), RPC: "BookTime", Request: req, Now: s.moment()}
	// Row level security shows hours to the staff of their school alone: those of another one are
	// not found.
	hours := func(b *pgx.Batch, into *[]*pb.CoveredHours) {
		b.Queue(hoursByID, actor.Owner, id, actor.Person).Query(func(rows pgx.Rows) error {
			err := eachHours(into)(rows)
			if err == nil && len(*into) == 0 {
				return refusal.New(refusal.NotThere)
			}
			return err
		})
	}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *taking) { hours(b, &c.was) },
		func(w once.Writer, c *taking) error {
			// Either may be said twice. Whether there is room is for the table to say, since
			// two may take the last place at once.
			if req.GetGiveBack() {
				w.Queue(giveHoursBack, actor.Owner, id, actor.Person)
			} else if !c.was[0].GetYours() {
				w.Queue(bookHours, actor.Owner, id, actor.Person, call.Now)
			}
			once.Behind(w, func(b *pgx.Batch) { hours(b, &c.now) })
			return nil
		},
		func(c *taking) *pb.BookTimeResponse { return &pb.BookTimeResponse{Hours: c.now[0]} },
	).ReadAnew(ctx, s.db, once.Read(func(b *pgx.Batch, c *taking) { hours(b, &c.now) }))
}

// taking is a place in covered hours that is taken or given back.
type taking struct {
	was, now []*pb.CoveredHours // now is read behind the write
}
