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
	removeDays = `delete from free_day where owner_id = $1 and school_id = $2 and day between $3 and $4`

	insertDays = `
		insert into free_day (owner_id, school_id, day, name)
		select distinct on (day) $1::uuid, $2::uuid, day, name from unnest($3::date[], $4::text[]) d (day, name)
		on conflict do nothing`

	// An address that several have names nobody.
	peopleByEmails = `
		select lower(email), min(id::text)::uuid from person
		where owner_id = $1 and lower(email) = any ($2) and active
		group by 1 having count(*) = 1`

	setLessons = `select set_lessons($1, $2, $3, $4, $5)`

	budgetOfTerm = `select minutes, revision from time_budget where owner_id = $1 and school_id = $2 and term = $3`

	lockBudget = `select pg_advisory_xact_lock(hashtextextended('time ' || $1::text || $2, 0))`

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

	removeHours = `delete from time_slot where owner_id = $1 and school_id = $2 and term = $3 and not (id = any (coalesce($4::uuid[], '{}')))`

	saveHours = `
		insert into time_slot (owner_id, id, school_id, term, start_at, end_at, places)
		select $1, id, $2, $3, start_at, end_at, places
		from unnest($4::uuid[], $5::timestamptz[], $6::timestamptz[], $7::int[]) h (id, start_at, end_at, places)
		on conflict (owner_id, id) do update set start_at = excluded.start_at, end_at = excluded.end_at, places = excluded.places
			where time_slot.school_id = excluded.school_id and time_slot.term = excluded.term`

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
	err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) { queueSchool(b, actor.Owner, id, s.moment(), &found) })
	return found.Rules.Calendar, err
}

func queueSchool(b *pgx.Batch, owner, id uuid.UUID, now time.Time, into *School) {
	b.Queue(schoolByID, owner, id, now).QueryRow(func(row pgx.Row) error { return scanSchool(row, into) })
}

// ListTerms lists the half-years of a school.
func (s *Service) ListTerms(ctx context.Context, req *pb.ListTermsRequest) (*pb.ListTermsResponse, error) {
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	c, err := s.calendarOf(ctx, actor, school)
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListTermsResponse)
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
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "ImportHolidays", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, h *holidays) { queueSchool(b, actor.Owner, school, call.Now, &h.at) },
		func(w once.Writer, h *holidays) (err error) { // a date is one of the school's zone, which is known now
			h.days, h.odd, err = timetable.Days(req.GetContent(), timetable.Format(req.GetFormat()), h.at.Rules.Calendar.Zone(), call.Now)
			if err != nil || len(h.days) == 0 {
				return err
			}
			dates, names := make([]time.Time, len(h.days)), make([]string, len(h.days))
			for i, d := range h.days {
				dates[i], names[i] = d.Date, d.Name
			}
			w.Queue(removeDays, actor.Owner, school, slices.MinFunc(dates, time.Time.Compare), slices.MaxFunc(dates, time.Time.Compare))
			w.Queue(insertDays, actor.Owner, school, dates, names)
			return nil
		},
		func(h *holidays) *pb.ImportHolidaysResponse {
			return &pb.ImportHolidaysResponse{Days: int32(len(h.days)), RowErrors: encodeOdd(h.odd, actor.Language)}
		},
	).Remember(ctx, s.db, once.Gone[holidays](refusal.New(refusal.NotThere)))
}

// holidays are days without school that are taken in.
type holidays struct {
	at   School
	days []timetable.Day
	odd  []timetable.Odd
}

func encodeOdd(odd []timetable.Odd, language string) []*pb.CalendarRowError {
	var out []*pb.CalendarRowError
	for _, o := range odd {
		out = append(out, &pb.CalendarRowError{Line: int32(o.Line), Reason: string(o.Reason), Description: words.Say(language, "calendar."+string(o.Reason))})
	}
	return out
}

// ImportLessons takes in the caller's own lessons, or those of many.
func (s *Service) ImportLessons(ctx context.Context, req *pb.ImportLessonsRequest) (*pb.ImportLessonsResponse, error) {
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	format := timetable.Format(req.GetFormat())
	if format == timetable.CSV && !actor.Is(Administrator, school) {
		return nil, refusal.New(refusal.RoleRequired).With("role", string(Administrator))
	}
	c, err := s.calendarOf(ctx, actor, school)
	if err != nil {
		return nil, err
	}
	lessons, odd, err := timetable.Lessons(req.GetContent(), format, c.Zone(), s.moment(), c.IsSchoolDay)
	if err != nil {
		return nil, err
	}
	var emails []string
	for _, l := range lessons {
		if !slices.Contains(emails, l.Email) && len(emails) < 20_000 {
			emails = append(emails, l.Email)
		}
	}
	call := once.Call{As: as(actor), RPC: "ImportLessons", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *register) { r.read(b, actor.Owner, emails) },
		func(w once.Writer, r *register) error {
			if format == timetable.ICalendar {
				r.known = map[string]uuid.UUID{"": actor.Person}
			}
			r.plan, r.odd = planLessons(lessons, r.known)
			if len(r.plan.people) == 0 {
				return nil
			}
			w.Queue(setLessons, r.plan.people, r.plan.begins, r.plan.ends, r.plan.from, r.plan.until).
				QueryRow(func(row pgx.Row) error { return row.Scan(&r.stand) })
			return nil
		},
		func(r *register) *pb.ImportLessonsResponse {
			return &pb.ImportLessonsResponse{
				Lessons: int32(r.stand), LeftOut: int32(len(r.plan.people) - r.stand), RowErrors: encodeOdd(slices.Concat(odd, r.odd), actor.Language),
			}
		},
	).RememberWritten(ctx, s.db, once.Gone[register](refusal.New(refusal.NotThere)))
}

// register is a timetable that is taken in.
type register struct {
	known map[string]uuid.UUID // people by their addresses
	plan  lessonPlan
	odd   []timetable.Odd
	stand int // how many lessons stand: one in the way of a visit is left out
}

func (r *register) read(b *pgx.Batch, owner uuid.UUID, emails []string) {
	r.known = map[string]uuid.UUID{}
	b.Queue(peopleByEmails, owner, emails).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var email string
			var id uuid.UUID
			if err := rows.Scan(&email, &id); err != nil {
				return err
			}
			r.known[email] = id
		}
		return rows.Err()
	})
}

// lessonPlan is what is to be written, in columns.
type lessonPlan struct {
	people       []uuid.UUID
	begins, ends []time.Time
	from, until  time.Time
}

// planLessons gives lessons to people; whom nobody knows is named, by the first
// line that does, and each lesson of a person once.
func planLessons(lessons []timetable.Lesson, known map[string]uuid.UUID) (lessonPlan, []timetable.Odd) {
	var p lessonPlan
	var odd []timetable.Odd
	said := map[string]bool{}
	type one struct {
		person     uuid.UUID
		start, end int64
	}
	seen := map[one]bool{}
	for _, l := range lessons {
		person, there := known[l.Email]
		if !there {
			if !said[l.Email] && len(odd) < timetable.MaxErrors {
				odd = append(odd, timetable.Odd{Line: l.Line, Reason: timetable.UnknownPerson})
			}
			said[l.Email] = true
			continue
		}
		if p.from.IsZero() || l.Start.Before(p.from) {
			p.from = l.Start
		}
		if l.End.After(p.until) {
			p.until = l.End
		}
		if k := (one{person, l.Start.Unix(), l.End.Unix()}); !seen[k] {
			seen[k] = true
			p.people, p.begins, p.ends = append(p.people, person), append(p.begins, l.Start), append(p.ends, l.End)
		}
	}
	return p, odd
}

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
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	budget := &pb.TimeBudget{SchoolId: school.String(), Term: req.GetTerm()}
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) { queueBudget(b, actor, school, req.GetTerm(), budget) })
	return &pb.GetTimeBudgetResponse{TimeBudget: budget}, err
}

// longestHours is how long covered hours last at most.
const longestHours = 12 * time.Hour

// SetTimeBudget sets aside time for visits in a half-year.
func (s *Service) SetTimeBudget(ctx context.Context, req *pb.SetTimeBudgetRequest) (*pb.SetTimeBudgetResponse, error) {
	actor, school, err := leads(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	term, ok := ParseTerm(req.GetTerm())
	if !ok {
		return nil, refusal.Invalidf("term", "is not a half-year: write it as 2026-2")
	}
	hours, err := s.decodeHours(req.GetHours())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "SetTimeBudget", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *budgeting) {
			b.Queue(lockBudget, school, term.String())
			queueSchool(b, actor.Owner, school, call.Now, &c.at)
			queueBudget(b, actor, school, term.String(), &c.was)
		},
		func(w once.Writer, c *budgeting) error {
			if c.was.GetRevision() != req.GetRevision() {
				return refusal.ChangedSince(c.was.GetRevision())
			}
			if err := hours.within(term.Span(c.at.Rules.Calendar.Zone())); err != nil {
				return err
			}
			w.Queue(saveBudget, actor.Owner, school, term.String(), req.GetMinutes(), c.was.GetRevision()+1, actor.Person, call.Now)
			w.Queue(removeHours, actor.Owner, school, term.String(), hours.ids)
			w.Queue(saveHours, actor.Owner, school, term.String(), hours.ids, hours.starts, hours.ends, hours.places)
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

func (s *Service) decodeHours(list []*pb.CoveredHours) (hourColumns, error) {
	var out hourColumns
	for i, h := range list {
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
	call := once.Call{As: as(actor), RPC: "BookTime", Request: req, Now: s.moment()}
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
