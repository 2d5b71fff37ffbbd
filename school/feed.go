package school

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/outwards"
	"undring/postgres"
	"undring/refusal"
	"undring/school/timetable"
	"undring/wire"
)

const (
	// An address that takes the place of another one forgets what was read of that.
	setFeed = `
		insert into timetable_feed (owner_id, person_id, school_id, address, set_at) values ($1, $2, $3, $4, $5)
		on conflict (owner_id, person_id) do update set school_id = excluded.school_id, address = excluded.address, set_at = excluded.set_at,
			read_at = null, outcome = 'WAITING', lessons = 0, left_out = 0, odd = '[]', more = 0`

	readFeedAgain = `update timetable_feed set set_at = $3, outcome = 'WAITING' where owner_id = $1 and person_id = $2`

	removeFeed = `delete from timetable_feed where owner_id = $1 and person_id = $2`

	// A function of the room of visits, whose the lessons are: what a file says holds again.
	leaveAddress = `select leave_address()`

	lessonsKept = `select lessons_kept()`

	feedOf = `
		select school_id, address, set_at, read_at, outcome, lessons, left_out, odd, more from timetable_feed
		where owner_id = $1 and person_id = $2`

	// Takes one in hand that is due: not tried since the night, or asked for and not read
	// since. Of two servers each gets another one.
	claimFeed = `
		update timetable_feed f set tried_at = $2
		where f.owner_id = $1 and f.person_id = (
			select t.person_id from timetable_feed t
			where t.owner_id = $1 and holds_a_place(t.person_id)
				and (t.tried_at is null or t.tried_at < $3 or t.outcome = 'WAITING' and t.tried_at < $4)
			order by t.tried_at nulls first limit 1 for update skip locked)
		returning person_id, school_id, address`

	// Only of the address that was read: another one may have taken its place meanwhile.
	feedRead = `
		update timetable_feed set outcome = $4, read_at = coalesce($5, read_at), lessons = $6, left_out = $7, odd = $8, more = $9
		where owner_id = $1 and person_id = $2 and address = $3`

	// Held while its lessons are written: taken away meanwhile, it brings none.
	holdFeed = `select true from timetable_feed where owner_id = $1 and person_id = $2 and address = $3 for update`

	feedFailed = `update timetable_feed set outcome = $4 where owner_id = $1 and person_id = $2 and address = $3`
)

const (
	// feedTime is how long one address may take, its redirects and its body included.
	feedTime = 20 * time.Second
	// feedRedirects are followed: calendars in a cloud send on once or twice.
	feedRedirects = 3
	// maxFeed is how much is read of one, unpacked: as much as of a file.
	maxFeed = 4 << 20
	// feedsAtOnce is how many are read before the next owner has its turn.
	feedsAtOnce = 50
	// feedPause is between two tries of one address, however often its person asks.
	feedPause = time.Minute
	// feedHour is when the night's reading begins, by the clock of Greenwich.
	feedHour = 2
	// feedOdd is how many parts that were not understood are kept.
	feedOdd = 20
)

// FeedOutcome is what came of reading an address.
type FeedOutcome string

// Every outcome. What stood before stands on with all but FeedRead.
const (
	FeedWaits       FeedOutcome = "WAITING"
	FeedRead        FeedOutcome = "READ"
	FeedUnreachable FeedOutcome = "UNREACHABLE"
	FeedRefused     FeedOutcome = "REFUSED"     // the address answers, and hands nothing out
	FeedTooLarge    FeedOutcome = "TOO_LARGE"   // more than 4 MiB
	FeedNoCalendar  FeedOutcome = "NO_CALENDAR" // what came is no calendar, or an empty one
	FeedInside      FeedOutcome = "INSIDE"      // it leads inside of a network
)

// feed is somebody's address, and what came of it.
type feed struct {
	School  uuid.UUID
	Address string
	Set     time.Time
	Read    *time.Time // nil: never
	Outcome FeedOutcome
	Lessons int
	LeftOut int
	Odd     []timetable.Odd
	More    int
	Kept    int // lessons of a file beneath it
	is      bool
}

// ReachThisMachine lets the addresses of timetables be this machine's: in a demo. Before the
// first call.
func (s *Service) ReachThisMachine() {
	s.loopback = true
	s.outside = outwards.Client(feedLimits(true))
}

func feedLimits(loopback bool) outwards.Limits {
	return outwards.Limits{Whole: feedTime, Redirects: feedRedirects, Loopback: loopback}
}

// SetTimetableFeed sets the address of the caller's own timetable, or takes it away.
func (s *Service) SetTimetableFeed(ctx context.Context, req *pb.SetTimetableFeedRequest) (*pb.SetTimetableFeedResponse, error) {
	actor, school, err := At(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	address := strings.TrimSpace(req.GetAddress())
	if rest, is := strings.CutPrefix(address, "webcal://"); is { // how calendars write it
		address = "https://" + rest
	}
	if address != "" && outwards.Check(address, s.loopback) != "" {
		return nil, refusal.Beyond("address", refusal.Address, 0)
	}
	call := once.Call{As: actor.As(), RPC: "SetTimetableFeed", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing, once.ReadNothing[feed],
		func(w once.Writer, f *feed) error {
			switch {
			case address != "":
				w.Queue(setFeed, actor.Owner, actor.Person, school, address, call.Now)
			case req.GetAgain():
				w.Queue(readFeedAgain, actor.Owner, actor.Person, call.Now)
			default:
				w.Queue(removeFeed, actor.Owner, actor.Person)
				w.Queue(leaveAddress)
			}
			once.Behind(w, func(b *pgx.Batch) { queueFeed(b, actor, f) })
			return nil
		},
		func(f *feed) *pb.SetTimetableFeedResponse {
			return &pb.SetTimetableFeedResponse{Feed: f.encode(actor.Language)}
		},
	).ReadAnew(ctx, s.db, once.Read(func(b *pgx.Batch, f *feed) { queueFeed(b, actor, f) }))
}

// GetTimetableFeed says what was read of the caller's address.
func (s *Service) GetTimetableFeed(ctx context.Context, _ *pb.GetTimetableFeedRequest) (*pb.GetTimetableFeedResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var f feed
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) { queueFeed(b, actor, &f) })
	return &pb.GetTimetableFeedResponse{Feed: f.encode(actor.Language)}, err
}

func queueFeed(b *pgx.Batch, actor Actor, into *feed) {
	b.Queue(feedOf, actor.Owner, actor.Person).Query(func(rows pgx.Rows) error {
		*into = feed{}
		for rows.Next() {
			into.is = true
			var odd []byte
			if err := rows.Scan(&into.School, &into.Address, &into.Set, &into.Read, &into.Outcome, &into.Lessons, &into.LeftOut, &odd, &into.More); err != nil {
				return err
			}
			if err := json.Unmarshal(odd, &into.Odd); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	b.Queue(lessonsKept).QueryRow(func(row pgx.Row) error { return row.Scan(&into.Kept) })
}

// encode writes it for the contract, without the address: it is a secret, and its person
// knows it by its host.
func (f *feed) encode(language string) *pb.TimetableFeed {
	if !f.is {
		return nil
	}
	out := &pb.TimetableFeed{
		SchoolId: f.School.String(), SetTime: wire.EncodeTime(f.Set), State: wire.Enum[pb.TimetableFeedState](f.Outcome),
		Lessons: int32(f.Lessons), LeftOut: int32(f.LeftOut), RowErrors: encodeOdd(f.Odd, language), MoreRowErrors: int32(f.More), Kept: int32(f.Kept),
	}
	if u, err := url.Parse(f.Address); err == nil {
		out.Host = u.Hostname()
	}
	if f.Read != nil {
		out.ReadTime = wire.EncodeTime(*f.Read)
	}
	return out
}

// ReadFeeds reads the timetables of an owner that are due: each once a night, and soon after
// its person has asked. A job calls it; what it leaves is read the next time.
func (s *Service) ReadFeeds(ctx context.Context, owner uuid.UUID) error {
	for range feedsAtOnce {
		as, f, err := s.claimFeed(ctx, owner)
		if err != nil || !f.is {
			return err
		}
		if err := s.readFeed(ctx, as, f); err != nil {
			return err
		}
	}
	return nil
}

// claimFeed takes the next one in hand.
func (s *Service) claimFeed(ctx context.Context, owner uuid.UUID) (as postgres.As, f feed, err error) {
	now := s.moment()
	err = s.db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		f = feed{}
		return tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(claimFeed, owner, now, lastNight(now), now.Add(-feedPause)).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					f.is, as.Owner = true, owner
					if err := rows.Scan(&as.Person, &f.School, &f.Address); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		})
	})
	return as, f, err
}

// lastNight is when the night's reading last began.
func lastNight(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	begun := time.Date(y, m, d, feedHour, 0, 0, 0, time.UTC)
	if now.Before(begun) {
		begun = begun.AddDate(0, 0, -1)
	}
	return begun
}

// readFeed reads one, in its person's name, and writes down what came of it. What an address
// answers is its person's affair and no error of the job's; no error of it holds the address.
func (s *Service) readFeed(ctx context.Context, as postgres.As, f feed) error {
	content, outcome := s.fetch(ctx, f.Address)
	if ctx.Err() != nil {
		return ctx.Err() // the server ends: it is read again another night
	}
	if outcome != FeedRead {
		return s.db.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
			tx.Queue(feedFailed, as.Owner, as.Person, f.Address, outcome)
			return nil
		})
	}
	i := LessonsImport{School: f.School, Content: content, Format: timetable.ICalendar, Person: as.Person, Clear: true, Address: true, Now: s.moment()}
	err := s.db.Do(ctx, as, func(ctx context.Context, tx *postgres.Tx) error {
		there := false
		if err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(holdFeed, as.Owner, as.Person, f.Address).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					there = true
				}
				return rows.Err()
			})
		}); err != nil || !there {
			return err
		}
		taken, err := i.Run(ctx, tx, as)
		if err != nil {
			return err
		}
		named := taken.Read.Odd[:min(len(taken.Read.Odd), feedOdd)]
		odd, err := json.Marshal(append([]timetable.Odd{}, named...)) // never null
		if err != nil {
			return err
		}
		tx.Queue(feedRead, as.Owner, as.Person, f.Address, FeedRead, i.Now, taken.Lessons, taken.LeftOut, odd, taken.Read.More+len(taken.Read.Odd)-len(named))
		return nil
	})
	if refusal.ReasonOf(err) == refusal.CalendarInvalid {
		return s.db.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
			tx.Queue(feedFailed, as.Owner, as.Person, f.Address, FeedNoCalendar)
			return nil
		})
	}
	return err
}

// fetch asks an address for a calendar. An error of the client's holds the address, so none
// leaves here.
func (s *Service) fetch(ctx context.Context, address string) ([]byte, FeedOutcome) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, FeedUnreachable
	}
	r.Header.Set("Accept", "text/calendar, */*;q=0.1")
	r.Header.Set("User-Agent", "Undring")
	answer, err := s.outside.Do(r)
	switch {
	case errors.Is(err, outwards.ErrInside):
		return nil, FeedInside
	case err != nil:
		return nil, FeedUnreachable
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests:
		return nil, FeedUnreachable
	case answer.StatusCode != http.StatusOK:
		return nil, FeedRefused
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxFeed+1))
	switch {
	case err != nil:
		return nil, FeedUnreachable
	case len(content) > maxFeed:
		return nil, FeedTooLarge
	case len(content) == 0:
		return nil, FeedNoCalendar
	}
	return content, FeedRead
}
