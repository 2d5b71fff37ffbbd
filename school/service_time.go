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
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.ImportHolidaysResponse, error) {
		var here School
		if err := tx.Ask(ctx, func(b *pgx.Batch) { queueSchool(b, actor.Owner, school, call.Now, &here) }); err != nil {
			return nil, err
		}
		days, odd, err := timetable.Days(req.GetContent(), timetable.Format(req.GetFormat()), here.Rules.Calendar.Zone(), call.Now)
		if err != nil {
			return nil, err
		}
		dates, names := make([]time.Time, len(days)), make([]string, len(days))
		for i, d := range days {
			dates[i], names[i] = d.Date, d.Name
		}
		if len(days) > 0 {
			tx.Queue(removeDays, actor.Owner, school, slices.MinFunc(dates, time.Time.Compare), slices.MaxFunc(dates, time.Time.Compare))
			tx.Queue(insertDays, actor.Owner, school, dates, names)
		}
		return &pb.ImportHolidaysResponse{Days: int32(len(days)), RowErrors: encodeOdd(odd, actor.Language)}, nil
	}, func(context.Context) (*pb.ImportHolidaysResponse, error) { return nil, refusal.New(refusal.NotThere) })
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
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.ImportLessonsResponse, error) {
		known := map[string]uuid.UUID{}
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(peopleByEmails, actor.Owner, emails).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					var email string
					var id uuid.UUID
					if err := rows.Scan(&email, &id); err != nil {
						return err
					}
					known[email] = id
				}
				return rows.Err()
			})
		})
		if err != nil {
			return nil, err
		}
		if format == timetable.ICalendar {
			known = map[string]uuid.UUID{"": actor.Person}
		}
		plan, unknown := planLessons(lessons, known)
		reply := &pb.ImportLessonsResponse{RowErrors: encodeOdd(append(odd, unknown...), actor.Language)}
		if len(plan.people) == 0 {
			return reply, nil
		}
		stand := 0
		err = tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(setLessons, plan.people, plan.begins, plan.ends, plan.from, plan.until).QueryRow(func(row pgx.Row) error { return row.Scan(&stand) })
		})
		reply.Lessons, reply.LeftOut = int32(stand), int32(len(plan.people)-stand)
		return reply, err
	}, func(context.Context) (*pb.ImportLessonsResponse, error) { return nil, refusal.New(refusal.NotThere) })
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

func queueBudget(queue func(string, ...any) *pgx.QueuedQuery, actor Actor, school uuid.UUID, term string, into *pb.TimeBudget) {
	queue(budgetOfTerm, actor.Owner, school, term).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(&into.Minutes, &into.Revision); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	queue(hoursOfTerm, actor.Owner, school, term, actor.Person).Query(eachHours(&into.Hours))
}

// GetTimeBudget tells what time is set aside in a half-year.
func (s *Service) GetTimeBudget(ctx context.Context, req *pb.GetTimeBudgetRequest) (*pb.GetTimeBudgetResponse, error) {
	actor, school, err := at(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	budget := &pb.TimeBudget{SchoolId: school.String(), Term: req.GetTerm()}
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) { queueBudget(b.Queue, actor, school, req.GetTerm(), budget) })
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
		return nil, refusal.Invalidf("term", "is no half-year: write it as 2026-2")
	}
	hours, err := s.decodeHours(req.GetHours())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: as(actor), RPC: "SetTimeBudget", Request: req, Now: s.moment()}
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.SetTimeBudgetResponse, error) {
		was, now := new(pb.TimeBudget), &pb.TimeBudget{SchoolId: school.String(), Term: term.String()}
		var here School
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(lockBudget, school, now.Term)
			queueSchool(b, actor.Owner, school, call.Now, &here)
			queueBudget(b.Queue, actor, school, now.Term, was)
		})
		if err != nil {
			return nil, err
		}
		if was.GetRevision() != req.GetRevision() {
			return nil, refusal.New(refusal.StaleRevision).With("current_revision", strconv.FormatInt(was.GetRevision(), 10))
		}
		first, last := term.Span(here.Rules.Calendar.Zone())
		for i := range hours.ids {
			if hours.starts[i].Before(first) || hours.ends[i].After(last) {
				return nil, refusal.Beyond("hours["+strconv.Itoa(i)+"]", refusal.OutsideTerm, 0)
			}
		}
		tx.Forget() // it is read with the writes, and anew for a repetition
		tx.Queue(saveBudget, actor.Owner, school, now.Term, req.GetMinutes(), was.GetRevision()+1, actor.Person, call.Now)
		tx.Queue(removeHours, actor.Owner, school, now.Term, hours.ids)
		tx.Queue(saveHours, actor.Owner, school, now.Term, hours.ids, hours.starts, hours.ends, hours.places)
		queueBudget(tx.Queue, actor, school, now.Term, now)
		return &pb.SetTimeBudgetResponse{TimeBudget: now}, nil
	}, func(ctx context.Context) (*pb.SetTimeBudgetResponse, error) {
		now := &pb.TimeBudget{SchoolId: school.String(), Term: term.String()}
		err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) { queueBudget(b.Queue, actor, school, now.Term, now) })
		return &pb.SetTimeBudgetResponse{TimeBudget: now}, err
	})
}

// hourColumns are covered hours, in columns.
type hourColumns struct {
	ids          []uuid.UUID
	starts, ends []time.Time
	places       []int32
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
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.BookTimeResponse, error) {
		var there, then []*pb.CoveredHours
		err := tx.Ask(ctx, func(b *pgx.Batch) { b.Queue(hoursByID, actor.Owner, id, actor.Person).Query(eachHours(&there)) })
		switch {
		case err != nil:
			return nil, err
		case len(there) == 0:
			return nil, refusal.New(refusal.NotThere)
		}
		tx.Forget() // it is read with the write, and anew for a repetition
		if req.GetGiveBack() {
			tx.Queue(giveHoursBack, actor.Owner, id, actor.Person)
		} else if !there[0].GetYours() {
			tx.Queue(bookHours, actor.Owner, id, actor.Person, call.Now)
		}
		reply := new(pb.BookTimeResponse)
		tx.Queue(hoursByID, actor.Owner, id, actor.Person).Query(func(rows pgx.Rows) error {
			err := eachHours(&then)(rows)
			if len(then) > 0 {
				reply.Hours = then[0]
			}
			return err
		})
		return reply, nil
	}, func(ctx context.Context) (*pb.BookTimeResponse, error) {
		var there []*pb.CoveredHours
		err := s.db.Read(ctx, as(actor), func(b *pgx.Batch) { b.Queue(hoursByID, actor.Owner, id, actor.Person).Query(eachHours(&there)) })
		if err == nil && len(there) == 0 {
			err = refusal.New(refusal.NotThere)
		}
		if err != nil {
			return nil, err
		}
		return &pb.BookTimeResponse{Hours: there[0]}, nil
	})
}
