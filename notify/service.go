package notify

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
	"undring/words"
)

// Outside is what leads out of the server.
type Outside struct {
	// Mail is where mail goes; nil: none goes out.
	Mail *SMTP
	// Pushers send to devices, by their kind, such as [WebPushDevice]. To a kind that is missing nothing
	// is sent.
	Pushers map[string]Pusher
	// Address is where people reach the web port, such as https://undring.example.no; empty: not
	// known. Then mail has no links.
	Address string
}

// Options are what the room is told by package server: it knows no other.
type Options struct {
	DB    *postgres.DB
	Now   func() time.Time
	NewID func() uuid.UUID
	Log   *slog.Logger
	// Steps queues the reading of what waits for a person, and returns what gives it
	// once the batch is back.
	Steps func(b *pgx.Batch, as postgres.As, now time.Time) func() []Step
	// Years queues the reading of the years of those among some schools that the person is
	// at now.
	Years func(b *pgx.Batch, as postgres.As, schools map[uuid.UUID]bool, now time.Time) func() Years
	// Appointments queues the reading of a person's visits for their calendar, whose lesson
	// begins after a time.
	Appointments func(b *pgx.Batch, as postgres.As, after time.Time, take func(Appointment))
	Outside
	// Count counts what became of a message, by its channel.
	Count func(channel, state string)
	// Secrets make links, see [link]: the first one does, all of them count.
	Secrets [][]byte
	// Loopback lets push go to this machine: a demo's.
	Loopback bool
	// Moved says that Now is not the machine's clock.
	Moved bool
	// Poll is how often to ask for what is due; 0: each second.
	Poll time.Duration
	// StopTime is how long what is under way may take to end.
	StopTime time.Duration
}

// Service serves the NotificationService of the contract, and works off what is due.
type Service struct {
	pb.UnimplementedNotificationServiceServer
	o     Options
	feeds *feedCount
}

// NewService makes the service.
func NewService(o Options) *Service { return &Service{o: o, feeds: new(feedCount)} }

// moment is the time of a change.
func (s *Service) moment() time.Time { return wire.Moment(s.o.Now()) }

// place is where a page of the list ends.
type place struct {
	At int64 // microseconds
	ID uuid.UUID
}

// ListNotifications lists the caller's notices, the newest first.
func (s *Service) ListNotifications(ctx context.Context, req *pb.ListNotificationsRequest) (*pb.ListNotificationsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), place{At: math.MaxInt64 / 1000, ID: uuid.Max})
	if err != nil {
		return nil, err
	}
	size := wire.PageSize(req.GetPageSize())
	reply := new(pb.ListNotificationsResponse)
	var found []Notice
	err = s.o.DB.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(pageOfNotices, actor.Owner, actor.Person, timeAt(after.At), after.ID, size+1).Query(eachNotice(func(n Notice) { found = append(found, n) }))
		// The count is of all, whatever the page: it is what the app shows beside its bell.
		b.Queue(unreadNotices, actor.Owner, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&reply.UnreadCount) })
	})
	if err != nil {
		return nil, err
	}
	found, reply.NextPageToken = wire.Page(found, size, func(last *Notice) any { return place{last.At.UnixMicro(), last.ID} })
	for _, n := range found {
		reply.Notifications = append(reply.Notifications, encode(n, actor.Language))
	}
	return reply, nil
}

// latest lies behind every notice: the times of the contract end with year 9999.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// A token may carry any number; one beyond the contract's years would be an error of the
// database instead of an empty page.
func timeAt(micros int64) time.Time {
	if t := time.UnixMicro(micros).UTC(); t.Before(latest) {
		return t
	}
	return latest
}

// MarkRead marks notices of the caller's as read.
func (s *Service) MarkRead(ctx context.Context, req *pb.MarkReadRequest) (*pb.MarkReadResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := wire.IDs("notification_ids", req.GetNotificationIds())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "MarkRead", Request: req, Now: now}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			// Ids that are not the caller's match nothing, and say nothing about whose they are.
			w.Queue(noticesRead, actor.Owner, actor.Person, ids, now)
			return nil
		},
		func(*struct{}) *pb.MarkReadResponse { return &pb.MarkReadResponse{} },
	).Remember(ctx, s.o.DB, once.Same[struct{}]())
}

// GetPreferences reads how the caller wants to be told.
func (s *Service) GetPreferences(ctx context.Context, _ *pb.GetPreferencesRequest) (*pb.GetPreferencesResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var c Choice
	var reader addressee
	err = s.o.DB.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueChoice(b, actor.Owner, actor.Person, &c)
		school.QueueReached(b, actor.Owner, actor.Person, &reader.Email, &reader.Language)
	})
	if err != nil {
		return nil, err
	}
	// Mail and the key say what can reach the caller here, so that the app offers nothing else.
	reply := &pb.GetPreferencesResponse{Preferences: encodeChoice(c), Mail: s.o.Mail != nil && reader.Email != ""}
	if p, there := s.o.Pushers[WebPushDevice].(*WebPush); there {
		reply.WebPushKey = p.Key()
	}
	return reply, nil
}

// SetPreferences sets how the caller wants to be told.
func (s *Service) SetPreferences(ctx context.Context, req *pb.SetPreferencesRequest) (*pb.SetPreferencesResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	wished, err := decodeChoice(req.GetPreferences(), now)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "SetPreferences", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *Choice) {
			// The lock of the person's job: a choice is not made between its reading and its telling.
			b.Queue(lockPerson, actor.Person)
			queueChoice(b, actor.Owner, actor.Person, c)
		},
		func(w once.Writer, c *Choice) error {
			if c.Revision != wished.Revision {
				return refusal.ChangedSince(c.Revision)
			}
			*c = wished
			c.Revision++
			c.save(w, actor.Owner, actor.Person, now)
			return nil
		},
		func(c *Choice) *pb.SetPreferencesResponse {
			return &pb.SetPreferencesResponse{Preferences: encodeChoice(*c)}
		},
	).Remember(ctx, s.o.DB, once.Same[Choice]())
}

// decodeChoice reads the caller's choices.
// Kinds and channels are enums that the chain has checked.
func decodeChoice(p *pb.NotificationPreferences, now time.Time) (Choice, error) {
	c := Choice{
		Revision: p.GetRevision(), QuietFrom: int(p.GetQuietFromMinutes()), QuietTo: int(p.GetQuietToMinutes()), QuietFreeDays: p.GetQuietFreeDays(),
		Digest: p.GetDigest(), PauseInHolidays: p.GetPauseInHolidays(), ShowName: p.GetShowName(),
	}
	for _, choice := range p.GetChoices() {
		c.choose(Kind(wire.Name(choice.GetKind())), Channel(wire.Name(choice.GetChannel())), choice.GetWanted())
	}
	if until := p.GetPausedUntil(); until != "" {
		var err error
		if c.PausedUntil, err = wire.Date("preferences.paused_until", until); err != nil {
			return c, err
		}
	}
	return c, c.check(now)
}

// encodeChoice writes them: what was chosen, and nothing of what everybody begins with.
func encodeChoice(c Choice) *pb.NotificationPreferences {
	out := &pb.NotificationPreferences{
		Revision: c.Revision, QuietFromMinutes: int32(c.QuietFrom), QuietToMinutes: int32(c.QuietTo), QuietFreeDays: c.QuietFreeDays,
		Digest: c.Digest, PauseInHolidays: c.PauseInHolidays, ShowName: c.ShowName,
	}
	for _, k := range Kinds() {
		for _, by := range Channels() {
			if wanted, chosen := c.Chosen[k][by]; chosen {
				out.Choices = append(out.Choices, &pb.NotificationChoice{
					Kind: wire.Enum[pb.NotificationKind](k), Channel: wire.Enum[pb.NotificationChannel](by), Wanted: wanted,
				})
			}
		}
	}
	if !c.PausedUntil.IsZero() {
		out.PausedUntil = c.PausedUntil.Format(time.DateOnly)
	}
	return out
}

// encode writes a notice for the contract.
func encode(n Notice, language string) *pb.Notification {
	out := &pb.Notification{
		Id: n.ID.String(), Kind: wire.Enum[pb.NotificationKind](n.Kind), What: n.Todo, SchoolId: n.School.String(),
		CreateTime: wire.EncodeTime(n.At), Read: !n.Read.IsZero(), Text: words.Say(language, n.words()), Reminder: n.Nth > 0,
	}
	switch {
	case n.Kind == OpenLesson:
		out.OpenLessonId = n.Subject.String()
	case n.Todo == ReportOnRound:
		out.ActionRoundId = n.Subject.String()
	case n.Todo == DoDecision:
		out.MeetingId = n.Subject.String()
	default:
		out.ObservationId = n.Subject.String()
	}
	if !n.Kind.IsNews() {
		out.DueTime = wire.EncodeTime(n.Due)
	}
	if !n.Start.IsZero() {
		out.StartTime = wire.EncodeTime(n.Start)
	}
	return out
}

// PhoneNotices reads the caller's notices among some, as their phone keeps them.
// What is not there any more is nil, which tells the phone to forget it.
func PhoneNotices(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]Notice{}
	b.Queue(noticesByID, actor.Owner, actor.Person, ids).Query(eachNotice(func(n Notice) { found[n.ID] = n }))
	return func(id uuid.UUID) (*pb.Change, error) {
		n, there := found[id]
		if !there {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Notification{Notification: encode(n, actor.Language)}}, nil
	}
}

// PhonePreferences reads the caller's choices.
func PhonePreferences(b *pgx.Batch, actor school.Actor, _ []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	var c Choice
	queueChoice(b, actor.Owner, actor.Person, &c)
	return func(uuid.UUID) (*pb.Change, error) {
		return &pb.Change{What: &pb.Change_Preferences{Preferences: encodeChoice(c)}}, nil
	}
}
