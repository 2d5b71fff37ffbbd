package school

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/wire"
)

const (
	// longestBusy is how many days a busy period has at most; the database says so too.
	longestBusy = 42
	// mostBusyDays is how many days the periods that are not past have together: a due
	// time that stretches without end is not one.
	mostBusyDays = 120
	// furthestBusy is how many days ahead one may begin.
	furthestBusy = 400
)

const (
	// Held to the end of the transaction, and taken before the revision is read.
	lockBusy = `select pg_advisory_xact_lock(hashtextextended('busy ' || $1::text, 0))`

	// No row: the school has never set any, which is revision 0.
	busyRevision = `select revision from busy_plan where owner_id = $1 and school_id = $2`

	// A request brings at most twenty; the limit holds those of a school year that are past, too.
	busyPeriods = `
		select first_day, last_day, name from busy_period
		where owner_id = $1 and school_id = $2 and last_day >= $3
		order by first_day, name
		limit 200`

	saveBusyPlan = `
		insert into busy_plan (owner_id, school_id, revision, set_by, set_at) values ($1, $2, $3, $4, $5)
		on conflict (owner_id, school_id) do update set revision = excluded.revision, set_by = excluded.set_by, set_at = excluded.set_at`

	// Past periods are left alone: due times were stretched by them.
	removeBusy = `delete from busy_period where owner_id = $1 and school_id = $2 and last_day >= $3`

	insertBusy = `
		insert into busy_period (owner_id, school_id, first_day, last_day, name)
		select $1, $2, first_day, last_day, name from unnest($3::date[], $4::date[], $5::text[]) b (first_day, last_day, name)
		on conflict do nothing`
)

// BusyPeriod is a time in which nothing falls due and reminders rest. Its days are dates,
// at midnight UTC, both of them busy.
type BusyPeriod struct {
	First, Last time.Time
	Name        string
}

// days is how many it has.
func (p BusyPeriod) days() int { return int(p.Last.Sub(p.First)/(24*time.Hour)) + 1 }

// ReplaceBusy is what stands when leaders set the busy periods anew, on a day: the wanted
// ones in the place of those that are not past. What has begun keeps its beginning, since
// it has stretched due times already; left out, it ends with the day. The periods are
// given back in order, each once.
func ReplaceBusy(was, wanted []BusyPeriod, today time.Time) ([]BusyPeriod, error) {
	// The last day is left out of the key, since a period that runs may be made longer or
	// shorter while its beginning stays what it was.
	running := map[BusyPeriod]bool{} // by beginning and name
	for _, p := range was {
		if !p.First.After(today) && !p.Last.Before(today) {
			running[BusyPeriod{First: p.First, Name: p.Name}] = true
		}
	}
	var now []BusyPeriod
	for i, p := range wanted {
		field := "periods[" + strconv.Itoa(i) + "]"
		runs := running[BusyPeriod{First: p.First, Name: p.Name}]
		switch {
		case slices.Contains(was, p) && p.Last.Before(today):
			continue // it is past, and stays whoever names it
		case p.Last.Before(p.First) || p.days() > longestBusy:
			return nil, refusal.Beyond(field, refusal.BusyDays, longestBusy)
		// A new one begins tomorrow at the earliest: what falls due today was promised for today.
		case !runs && !p.First.After(today), p.Last.Before(today):
			return nil, refusal.Beyond(field, refusal.Past, 0)
		case p.First.After(today.AddDate(0, 0, furthestBusy)):
			return nil, refusal.Beyond(field, refusal.TooFarAhead, furthestBusy)
		}
		// A period given twice is not one that was left out.
		delete(running, BusyPeriod{First: p.First, Name: p.Name})
		now = append(now, p)
	}
	for p := range running { // left out: it ends today
		now = append(now, BusyPeriod{p.First, today, p.Name})
	}
	slices.SortFunc(now, func(a, b BusyPeriod) int {
		// The longer of two comes first, and Compact keeps the first.
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Name, b.Name), b.Last.Compare(a.Last))
	})
	// The same beginning and name twice is one: the longer counts.
	now = slices.CompactFunc(now, func(a, b BusyPeriod) bool { return a.First.Equal(b.First) && a.Name == b.Name })
	if total := busyDays(now); total > mostBusyDays {
		return nil, refusal.Beyond("periods", refusal.BusyDays, mostBusyDays)
	}
	return now, nil
}

// busyDays counts the days of some periods, each once.
// Periods may overlap, such as exams and a project week; a day of both is one busy day.
func busyDays(periods []BusyPeriod) int {
	days := map[time.Time]bool{}
	for _, p := range periods {
		for day := p.First; !day.After(p.Last); day = day.AddDate(0, 0, 1) {
			days[day] = true
		}
	}
	return len(days)
}

// DateOf is the date of a moment by the school's clock, at midnight UTC, as the database reads
// dates.
func (c Calendar) DateOf(t time.Time) time.Time {
	y, m, d := t.In(c.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// schoolYear is the first of the August in which the school year of a day began.
func schoolYear(today time.Time) time.Time {
	year := today.Year()
	if today.Month() < time.August {
		year--
	}
	return time.Date(year, time.August, 1, 0, 0, 0, 0, time.UTC)
}

// queueBusy reads the busy periods that end on a day or later.
func queueBusy(b *pgx.Batch, owner, school uuid.UUID, since time.Time, into *[]BusyPeriod) {
	b.Queue(busyPeriods, owner, school, since).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByPos[BusyPeriod])
		return err
	})
}

// Without a row into keeps its zero.
func queueBusyRevision(b *pgx.Batch, owner, school uuid.UUID, into *int64) {
	b.Queue(busyRevision, owner, school).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(into); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// The contract writes a day as text (2026-12-07): a day has no time zone to get wrong.
func encodeBusy(periods []BusyPeriod) []*pb.BusyPeriod {
	var out []*pb.BusyPeriod
	for _, p := range periods {
		out = append(out, &pb.BusyPeriod{FirstDate: p.First.Format(time.DateOnly), LastDate: p.Last.Format(time.DateOnly), Name: p.Name})
	}
	return out
}

// decodeBusy reads periods as a request writes them.
func decodeBusy(list []*pb.BusyPeriod) ([]BusyPeriod, error) {
	var out []BusyPeriod
	for i, p := range list {
		at := "periods[" + strconv.Itoa(i) + "]"
		first, err := wire.Date(at+".first_date", p.GetFirstDate())
		if err != nil {
			return nil, err
		}
		last, err := wire.Date(at+".last_date", p.GetLastDate())
		if err != nil {
			return nil, err
		}
		out = append(out, BusyPeriod{first, last, p.GetName()})
	}
	return out, nil
}

// busying is a change of the busy periods.
type busying struct {
	at       School
	was, now []BusyPeriod
	revision int64
}

// SetBusyPeriods says when a school is busy.
func (s *Service) SetBusyPeriods(ctx context.Context, req *pb.SetBusyPeriodsRequest) (*pb.SetBusyPeriodsResponse, error) {
	actor, school, err := leads(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	wanted, err := decodeBusy(req.GetPeriods())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "SetBusyPeriods", Request: req, Now: s.moment()}
	// A day more than any clock is behind: what is past by the school's clock is told apart
	// where that is known.
	since := schoolYear(call.Now.UTC().AddDate(0, 0, -1))
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *busying) {
			// Two leaders go one after the other; the second meets a newer revision.
			b.Queue(lockBusy, school)
			queueSchool(b, actor.Owner, school, call.Now, &c.at)
			queueBusy(b, actor.Owner, school, since, &c.was)
			queueBusyRevision(b, actor.Owner, school, &c.revision)
		},
		func(w once.Writer, c *busying) error {
			// Somebody else has set them since the caller read them: replacing all would undo that unseen.
			if c.revision != req.GetRevision() {
				return refusal.ChangedSince(c.revision)
			}
			today := c.at.Rules.Calendar.DateOf(call.Now)
			var err error
			if c.now, err = ReplaceBusy(c.was, wanted, today); err != nil {
				return err
			}
			c.revision++
			// The plan first: the periods point at it by a foreign key.
			w.Queue(saveBusyPlan, actor.Owner, school, c.revision, actor.Person, call.Now)
			w.Queue(removeBusy, actor.Owner, school, today)
			firsts, lasts, names := make([]time.Time, len(c.now)), make([]time.Time, len(c.now)), make([]string, len(c.now))
			for i, p := range c.now {
				firsts[i], lasts[i], names[i] = p.First, p.Last, p.Name
			}
			w.Queue(insertBusy, actor.Owner, school, firsts, lasts, names)
			// The reply shows the school year as a list would, with what is past of it.
			past := slices.DeleteFunc(slices.Clone(c.was), func(p BusyPeriod) bool { return !p.Last.Before(today) })
			c.now = append(past, c.now...)
			return nil
		},
		func(c *busying) *pb.SetBusyPeriodsResponse {
			return &pb.SetBusyPeriodsResponse{BusyPeriods: encodeBusy(c.now), Revision: c.revision}
		},
	).Remember(ctx, s.db, once.Gone[busying](refusal.New(refusal.NotThere)))
}

// ListBusyPeriods lists when a school is busy.
func (s *Service) ListBusyPeriods(ctx context.Context, req *pb.ListBusyPeriodsRequest) (*pb.ListBusyPeriodsResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	var periods []BusyPeriod
	reply := new(pb.ListBusyPeriodsResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueBusy(b, actor.Owner, school, schoolYear(s.moment()), &periods)
		queueBusyRevision(b, actor.Owner, school, &reply.Revision)
	})
	reply.BusyPeriods = encodeBusy(periods)
	return reply, err
}
