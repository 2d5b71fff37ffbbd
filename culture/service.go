package culture

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
	"undring/words"
)

// Options say what the service is made of.
type Options struct {
	// DB answers the pulse and tells what is live, as the application role.
	DB *postgres.DB
	// Culture counts and publishes, as undring_culture.
	Culture *postgres.DB
	// Metrics reads what is published, as undring_metrics.
	Metrics *postgres.DB
	Now     func() time.Time
	// Secrets seal answers to the pulse: the first one does, the others did before it.
	Secrets [][]byte
	Log     *slog.Logger
}

// Service serves the CultureService of the contract.
type Service struct {
	pb.UnimplementedCultureServiceServer
	db, culture, metrics *postgres.DB
	now                  func() time.Time
	secrets              [][]byte
	log                  *slog.Logger
	published            published
}

// NewService makes the service.
func NewService(o Options) *Service {
	return &Service{db: o.DB, culture: o.Culture, metrics: o.Metrics, now: o.Now, secrets: o.Secrets, log: o.Log}
}

// moment is the time by which it is decided what is due.
func (s *Service) moment() time.Time { return wire.Moment(s.now()) }

const schoolThere = `select exists (select from school where owner_id = $1 and id = $2)`

const timeOfTerm = `
	select coalesce((select minutes from time_budget where owner_id = $1 and school_id = $2 and term = $3), 0),
		(select count(*) from time_slot where owner_id = $1 and school_id = $2 and term = $3), used_by_many($2, $3)`

const (
	liveAreas = `select title, origin, to_char(adopted_on, 'YYYY-MM-DD') from live_areas($1)`

	liveNeeds = `
		select n.waiting, n.overdue, coalesce(t.today - n.oldest, 0)
		from (select ($2::timestamptz at time zone zone_of($1))::date as today) t, live_needs($1, t.today) n`

	liveLearnings = `select answered, unanswered, practices from live_learnings($1, $2)`
)

// queueLive reads what the rooms of the collective half tell of a school: things, not people.
func queueLive(b *pgx.Batch, id uuid.UUID, now, since time.Time, reply *pb.GetLivePageResponse) {
	b.Queue(liveAreas, id).Query(func(rows pgx.Rows) error {
		reply.Areas = nil
		for rows.Next() {
			var origin string
			a := new(pb.LiveArea)
			if err := rows.Scan(&a.Title, &origin, &a.AdoptedDay); err != nil {
				return err
			}
			a.Origin = wire.Enum[pb.FocusAreaOrigin](origin)
			reply.Areas = append(reply.Areas, a)
		}
		return rows.Err()
	})
	n, l := new(pb.LiveNeeds), new(pb.LiveLearnings)
	reply.Needs, reply.Learnings = n, l
	b.Queue(liveNeeds, id, now).QueryRow(func(row pgx.Row) error { return row.Scan(&n.Waiting, &n.Overdue, &n.OldestDays) })
	b.Queue(liveLearnings, id, since).QueryRow(func(row pgx.Row) error {
		return row.Scan(&l.Answered, &l.Unanswered, &l.Practices)
	})
}

// trendMost is over how many half-years a trend runs.
const trendMost = 8

// whose is a request about a school or a school owner.
type whose interface {
	GetSchoolId() string
	GetSchoolOwnerId() string
}

// reader finds the one who acts and the group that they ask about: their school, or
// any of the owner's for those who keep its roster; or their owner.
func (s *Service) reader(ctx context.Context, req whose) (actor school.Actor, cell uuid.UUID, kind Kind, err error) {
	if actor, err = school.ActorFrom(ctx); err != nil {
		return actor, cell, kind, err
	}
	field, text, kind := "school_id", req.GetSchoolId(), OfSchool
	if id := req.GetSchoolOwnerId(); id != "" {
		field, text, kind = "school_owner_id", id, OfOwner
	}
	if cell, err = wire.ID(field, strings.TrimSpace(text)); err != nil {
		return actor, cell, kind, err
	}
	switch {
	case kind == OfOwner && cell == actor.Owner, kind == OfSchool && actor.Belongs(cell):
		return actor, cell, kind, nil
	// Whoever keeps the roster sees every school of the owner, so it has to be asked whether
	// there is such a one.
	case kind == OfSchool && actor.IsAny(school.Administrator):
		there := false
		err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
			b.Queue(schoolThere, actor.Owner, cell).QueryRow(func(row pgx.Row) error { return row.Scan(&there) })
		})
		if err != nil || there {
			return actor, cell, kind, err
		}
	}
	return actor, cell, kind, refusal.New(refusal.NotThere)
}

// asAll is in whose name what is published is read: nobody's in particular, so that
// it can't depend on who reads.
func asAll(a school.Actor) postgres.As { return postgres.As{Owner: a.Owner} }

// termAsked is the half-year that somebody asks for; given is false for whoever asks for none. One
// that is written like a half-year and isn't one is refused: the newest in its place would be
// taken for it.
func termAsked(text string) (term school.Term, given bool, err error) {
	if text == "" {
		return school.Term{}, false, nil
	}
	if term, given = school.ParseTerm(text); !given {
		return school.Term{}, false, refusal.Beyond("term", refusal.NoTerm, 0)
	}
	return term, true, nil
}

// report reads a sheet.
func (s *Service) report(ctx context.Context, req whose, term string) (Report, school.Actor, error) {
	actor, cell, kind, err := s.reader(ctx, req)
	if err != nil {
		return Report{}, actor, err
	}
	wanted, given, err := termAsked(term)
	if err != nil {
		return Report{}, actor, err
	}
	var cells []Cell
	err = s.metrics.Read(ctx, asAll(actor), func(b *pgx.Batch) {
		queueCells(b, guard.Sheet, actor.Owner, cell, term, trendMost, &cells)
	})
	if err != nil {
		return Report{}, actor, err
	}
	if !given {
		// Whoever asks for no half-year gets the newest that is published; before the first
		// one, when it will be.
		wanted = nextSheet(s.moment())
		if n := len(cells); n > 0 {
			wanted = cells[n-1].Term
		}
	}
	return newReport(actor.Owner, cell, kind, wanted, s.moment(), cells), actor, nil
}

// GetCultureReport reads the sheet of a half-year.
func (s *Service) GetCultureReport(ctx context.Context, req *pb.GetCultureReportRequest) (*pb.GetCultureReportResponse, error) {
	r, actor, err := s.report(ctx, req, req.GetTerm())
	if err != nil {
		return nil, err
	}
	return &pb.GetCultureReportResponse{Report: r.Encode(actor.Language)}, nil
}

// ExportCultureReport gives the same sheet as CSV.
func (s *Service) ExportCultureReport(ctx context.Context, req *pb.ExportCultureReportRequest) (*pb.ExportCultureReportResponse, error) {
	r, actor, err := s.report(ctx, req, req.GetTerm())
	if err != nil {
		return nil, err
	}
	return &pb.ExportCultureReportResponse{
		Content: CSV(r.Encode(actor.Language), actor.Language), FileName: "culture-" + r.Term.String() + ".csv", ContentType: "text/csv; charset=utf-8",
	}, nil
}

// ListCultureReports lists the sheets that there are, and the next one.
func (s *Service) ListCultureReports(ctx context.Context, req *pb.ListCultureReportsRequest) (*pb.ListCultureReportsResponse, error) {
	actor, cell, _, err := s.reader(ctx, req)
	if err != nil {
		return nil, err
	}
	next := nextSheet(s.moment())
	reply := &pb.ListCultureReportsResponse{Reports: []*pb.CultureReportSummary{{
		Term: next.String(), State: pb.CultureReportState_CULTURE_REPORT_STATE_COMING, PublishTime: wire.EncodeTime(PublishAt(next)),
	}}}
	err = s.metrics.Read(ctx, asAll(actor), func(b *pgx.Batch) {
		b.Queue(termsOfCell, actor.Owner, cell).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var at time.Time
				var shown bool
				one := new(pb.CultureReportSummary)
				if err := rows.Scan(&one.Term, &shown, &at); err != nil {
					return err
				}
				one.PublishTime, one.State = wire.EncodeTime(at), pb.CultureReportState_CULTURE_REPORT_STATE_PUBLISHED
				if !shown {
					one.State = pb.CultureReportState_CULTURE_REPORT_STATE_OWNER_ONLY
				}
				reply.Reports = append(reply.Reports, one)
			}
			return rows.Err()
		})
	})
	return reply, err
}

// GetLivePage shows what says nothing about people.
func (s *Service) GetLivePage(ctx context.Context, req *pb.GetLivePageRequest) (*pb.GetLivePageResponse, error) {
	actor, id, err := school.At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	term := termOf(now)
	opens, closes := RoundOf(nextRound(now))
	reply := &pb.GetLivePageResponse{
		Term: term.String(), NextReportTime: wire.EncodeTime(PublishAt(nextSheet(now))),
		PulseOpenTime: wire.EncodeTime(opens), PulseCloseTime: wire.EncodeTime(closes),
	}
	var policies []school.Policy
	start, _ := term.Span(oslo)
	y, m, d := start.Date()
	since := time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // as the database reads dates
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(timeOfTerm, actor.Owner, id, term.String()).QueryRow(func(row pgx.Row) error {
			return row.Scan(&reply.MinutesSetAside, &reply.CoveredHours, &reply.UsedByMany)
		})
		school.QueuePolicies(b, actor.Owner, id, &policies)
		queueLive(b, id, now, since, reply)
	})
	if err != nil {
		return nil, err
	}
	policy := school.DefaultPolicy(time.Time{})
	for _, p := range policies { // the newest first
		if !p.Since.After(now) {
			policy = p
			break
		}
	}
	reply.Policy = policy.Encode()
	reply.Used = words.Say(actor.Language, "culture.used.few")
	if reply.UsedByMany {
		reply.Used = words.Say(actor.Language, "culture.used.many")
	}
	return reply, nil
}
