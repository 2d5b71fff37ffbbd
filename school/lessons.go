package school

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/timetable"
)

const (
	// An address that several have names nobody.
	peopleByEmails = `
		select lower(email), min(id::text)::uuid from person
		where owner_id = $1 and lower(email) = any ($2) and active
		group by 1 having count(*) = 1`

	peopleAtSchool = `select distinct person_id from membership where owner_id = $1 and school_id = $2`

	// Both are functions of the database: an administrator may replace the lessons of others, and
	// may read none of them. They ask again whether the caller is one.
	setLessons = `select set_lessons($1, $2, $3, $4, $5, $6, $7)`

	lessonsStanding = `select standing, own_addresses from lessons_standing($1, $2, $3, $4, $5)`
)

// LessonsImport is an import of lessons: of one person's, or of those of many.
type LessonsImport struct {
	School  uuid.UUID
	Content []byte // empty: nothing is read
	Format  timetable.Format
	Person  uuid.UUID // whose an iCalendar is
	Clear   bool      // take away all that was imported for them before, there and in the same way
	Address bool      // it was read at the person's own address, which holds over the files of that school
	DryRun  bool
	Now     time.Time
}

// LessonsTaken is what an import of lessons does.
type LessonsTaken struct {
	Lessons int // that stand then
	// They are written all the same, marked as standing beside the visit, which stays.
	LeftOut  int // at the time of an agreed visit
	Replaced int // that stood before in that time, or were cleared
	// Of so many people an own address holds: what a file says of them is kept beneath it.
	OwnAddresses int
	Read         timetable.Read
}

// lessonFile is what was read of a file.
type lessonFile struct {
	lessons []timetable.Lesson
	read    timetable.Read
	zone    *time.Location
}

// readFile reads the file of an import, by the calendar of its school.
// Times in a file are the school's, unless it says otherwise, and what repeats falls on its
// school days alone.
func (i LessonsImport) readFile(ctx context.Context, here School) (lessonFile, error) {
	c := here.Rules.Calendar
	if len(i.Content) == 0 {
		if !i.Clear {
			return lessonFile{}, refusal.Invalidf("content", "is needed, unless something is cleared")
		}
		return lessonFile{zone: c.Zone()}, nil
	}
	at := timetable.School{Name: here.Name, Zone: c.Zone(), IsSchoolDay: c.IsSchoolDay}
	lessons, read, err := timetable.Lessons(ctx, i.Content, i.Format, at, i.Now)
	return lessonFile{lessons, read, c.Zone()}, err
}

// lessonsImporting is an import of lessons in its phases.
type lessonsImporting struct {
	// Whatever leads to a person is the key: an address, nothing, or where a school is cleared
	// without a file, the id itself.
	known     map[string]uuid.UUID // people by address; the one of an iCalendar by none
	plan      lessonPlan
	everybody []uuid.UUID
	LessonsTaken
}

// Run reads the file, and writes its lessons in the place of those that stood on its
// days; all or nothing.
func (i LessonsImport) Run(ctx context.Context, tx *postgres.Tx, as postgres.As) (LessonsTaken, error) {
	var here School
	if err := tx.Ask(ctx, func(b *pgx.Batch) { queueSchool(b, as.Owner, i.School, i.Now, &here) }); err != nil {
		return LessonsTaken{}, err
	}
	file, err := i.readFile(ctx, here)
	if err != nil {
		return LessonsTaken{}, err
	}
	r := new(lessonsImporting)
	if err := tx.Ask(ctx, func(b *pgx.Batch) { r.read(b, i, as.Owner, file) }); err != nil {
		return LessonsTaken{}, err
	}
	r.decide(i, file)
	if err := tx.Ask(ctx, func(b *pgx.Batch) { r.write(b, i) }); err != nil {
		return LessonsTaken{}, err
	}
	return r.taken(), nil
}

// read finds those whom a file is about.
func (r *lessonsImporting) read(b *pgx.Batch, i LessonsImport, owner uuid.UUID, file lessonFile) {
	r.known = map[string]uuid.UUID{}
	switch {
	case i.Format == timetable.ICalendar:
		r.known[""] = i.Person
	case len(i.Content) == 0:
		b.Queue(peopleAtSchool, owner, i.School).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id uuid.UUID
				if err := rows.Scan(&id); err != nil {
					return err
				}
				r.known[id.String()] = id
			}
			return rows.Err()
		})
	default:
		queueEmails(b, owner, emailsOf(file.lessons), r.known)
	}
}

// queueEmails asks whose addresses these are.
func queueEmails(b *pgx.Batch, owner uuid.UUID, emails []string, into map[string]uuid.UUID) {
	b.Queue(peopleByEmails, owner, emails).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var email string
			var id uuid.UUID
			if err := rows.Scan(&email, &id); err != nil {
				return err
			}
			into[email] = id
		}
		return rows.Err()
	})
}

// decide gives the lessons to their people.
func (r *lessonsImporting) decide(i LessonsImport, file lessonFile) {
	plan, unknown := planLessons(file.lessons, r.known)
	r.plan, r.Read = plan, file.read
	r.Read.Odd = slices.Concat(file.read.Odd, unknown)
	// Counted before the list is cut: what is not listed is still told as a number.
	r.Read.More += max(len(r.Read.Odd)-timetable.MaxErrors, 0)
	r.Read.Odd = r.Read.Odd[:min(len(r.Read.Odd), timetable.MaxErrors)]
	r.plan.wholeDays(file.zone)
	r.everybody = r.plan.everybody()
	// Everything, from before any lesson to after all of them.
	if i.Clear {
		r.plan.from, r.plan.until = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
		if len(i.Content) == 0 {
			r.everybody = slices.Collect(maps.Values(r.known))
			r.plan = r.plan.cleared(r.everybody)
		}
	}
}

// write asks how much stands in that time, and puts the lessons there.
func (r *lessonsImporting) write(w once.Writer, i LessonsImport) {
	if len(r.everybody) == 0 {
		return
	}
	p := &r.plan
	// Asked before the lessons are replaced: afterwards nobody can tell how many stood there.
	w.Queue(lessonsStanding, r.everybody, p.from, p.until, i.School, i.Address).
		QueryRow(func(row pgx.Row) error { return row.Scan(&r.Replaced, &r.OwnAddresses) })
	if i.DryRun {
		r.Lessons = p.lessons
		return
	}
	w.Queue(setLessons, p.people, p.begins, p.ends, p.from, p.until, i.School, i.Address).QueryRow(func(row pgx.Row) error { return row.Scan(&r.Lessons) })
}

// taken is what has become of it, once it is written.
func (r *lessonsImporting) taken() LessonsTaken {
	r.LeftOut = r.plan.lessons - r.Lessons
	return r.LessonsTaken
}

// maxEmails bounds the people of a file: more than any school owner has.
const maxEmails = 20_000

// emailsOf are the addresses in a timetable, each once, and only so many.
// Past the limit an address is unknown, and its lessons are reported as nobody's.
func emailsOf(lessons []timetable.Lesson) []string {
	var emails []string
	seen := map[string]bool{}
	for _, l := range lessons {
		if !seen[l.Email] && len(emails) < maxEmails {
			seen[l.Email] = true
			emails = append(emails, l.Email)
		}
	}
	return emails
}

// lessonPlan is what is to be written, in columns.
type lessonPlan struct {
	people []uuid.UUID
	// A person stands in people once for each lesson.
	begins, ends []*time.Time // nil for somebody whose lessons are taken away only
	lessons      int
	from, until  time.Time
}

// wholeDays lets the file speak for the days from its first to its last: the lessons
// of an earlier one on the same day give way, too.
// In the school's zone, and to the first moment of the day after, which is not included.
func (p *lessonPlan) wholeDays(zone *time.Location) {
	if p.lessons == 0 {
		return
	}
	y, m, d := p.from.In(zone).Date()
	p.from = time.Date(y, m, d, 0, 0, 0, 0, zone)
	y, m, d = p.until.In(zone).Date()
	p.until = time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// everybody is whose lessons the file tells, each once, by whichever address.
func (p *lessonPlan) everybody() []uuid.UUID {
	var out []uuid.UUID
	seen := map[uuid.UUID]bool{}
	for _, id := range p.people {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// cleared is a plan that gives nobody a lesson.
func (p *lessonPlan) cleared(people []uuid.UUID) lessonPlan {
	none := make([]*time.Time, len(people))
	return lessonPlan{people: people, begins: none, ends: none, from: p.from, until: p.until}
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
			if !said[l.Email] {
				odd = append(odd, timetable.Odd{Line: l.Line, FileLine: l.Line, Reason: timetable.UnknownPerson, What: l.Email})
			}
			said[l.Email] = true
			continue
		}
		// Known people only: a day on which the file has unknown ones alone is not replaced.
		if p.from.IsZero() || l.Start.Before(p.from) {
			p.from = l.Start
		}
		if l.End.After(p.until) {
			p.until = l.End
		}
		// Two classes at once make one lesson: what matters here is that the hour is taken.
		if k := (one{person, l.Start.Unix(), l.End.Unix()}); !seen[k] {
			seen[k] = true
			p.people, p.begins, p.ends = append(p.people, person), append(p.begins, &l.Start), append(p.ends, &l.End)
			p.lessons++
		}
	}
	return p, odd
}

// PersonByEmail finds the one active person of an owner with an address, in small
// letters: NOT_FOUND where there is none, or several.
func PersonByEmail(ctx context.Context, tx *postgres.Tx, as postgres.As, email string) (uuid.UUID, error) {
	// Through the same query as an import, so that both know the same people.
	known := map[string]uuid.UUID{}
	if err := tx.Ask(ctx, func(b *pgx.Batch) { queueEmails(b, as.Owner, []string{email}, known) }); err != nil {
		return uuid.Nil, err
	}
	id, there := known[email]
	if !there {
		return uuid.Nil, refusal.New(refusal.NotThere)
	}
	return id, nil
}
