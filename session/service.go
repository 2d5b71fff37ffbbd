package session

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/wire"
)

const (
	// SessionTime is how long a session lasts at most, however often it is
	// refreshed (OWASP ASVS 5.0, 10.4.8).
	SessionTime = 90 * 24 * time.Hour
	// KeptTime is for how long after its time the row of a session is kept, whenever it was
	// ended: by it one can still tell that somebody has shown who they are.
	KeptTime = 30 * 24 * time.Hour
	// Grace is how long a device that signs may repeat the refresh token before
	// the last one: the reply may have been lost.
	Grace = time.Minute
)

// Options say who is let in.
type Options struct {
	// The role undring_app, which row level security binds; the clock comes from outside,
	// so that tests and the demo can move it.
	DB    *postgres.DB
	Now   func() time.Time
	NewID func() uuid.UUID
	// Servers that run side by side share them: each has to read what another has signed.
	Keys      Keys
	Providers []*Provider
	Demo      uuid.UUID // the owner whose people anyone may be; the nil UUID: none
	Log       *slog.Logger
}

// Service serves the SessionService of the contract, and says who calls.
type Service struct {
	pb.UnimplementedSessionServiceServer
	Options
	memory memory
}

// NewService makes the service.
func NewService(o Options) *Service { return &Service{Options: o} }

// moment is the time of a change. To the microsecond, as the database keeps it: a session
// read back compares equal with the one written.
func (s *Service) moment() time.Time { return wire.Moment(s.Now()) }

// as is the identity in whose name the database is asked. Row level security sees owner and
// person from it, so that even a statement without a condition finds no other person's
// sessions.
func (h Holder) as() postgres.As { return postgres.As{Owner: h.Owner, Person: h.Person} }

// holder is the session that a call is made with.
func holder(a school.Actor) Holder {
	return Holder{Owner: a.Owner, Person: a.Person, Session: a.Session}
}

// Actor says who calls with a token. Refuses with NOT_SIGNED_IN, TOKEN_EXPIRED,
// and SESSION_REVOKED at most [Remembered] after the session has ended.
func (s *Service) Actor(ctx context.Context, token string) (school.Actor, error) {
	// The signature is checked first, and it costs no database: whoever sends made-up
	// tokens must not be able to make the server ask.
	h, until, err := s.memory.holder(s.Keys, token, s.Now())
	if err != nil {
		return school.Actor{}, err
	}
	p, err := s.person(ctx, h)
	if err != nil {
		return school.Actor{}, err
	}
	return school.Actor{Owner: h.Owner, Person: h.Person, Session: h.Session, Until: until, Memberships: p.Memberships, Language: p.Locale}, nil
}

// Holds refuses what is not a token of ours, or has run out, as [Service.Actor] does.
// It asks nobody, so it can't tell whether the session is open. It serves where a cheap
// answer has to come before anything is read: who may send a large message at all.
func (s *Service) Holds(token string) error {
	_, err := s.Holder(token)
	return err
}

// Holder says whom a token of ours stands for; it refuses as [Service.Holds] does.
func (s *Service) Holder(token string) (Holder, error) {
	h, _, err := s.memory.holder(s.Keys, token, s.Now())
	return h, err
}

// person finds the one who holds a session that is open. Both questions go in one round
// trip. The person is asked for as well as the session, since somebody whose last place has
// ended is out at once, although nobody has ended the session.
func (s *Service) person(ctx context.Context, h Holder) (Person, error) {
	now := s.moment()
	if p, known := s.memory.find(h, now); known {
		return p, nil
	}
	var people []Person
	var sessions []Session
	err := s.DB.Read(ctx, h.as(), func(b *pgx.Batch) {
		queuePerson(b, h, &people)
		b.Queue(sessionByID, h.Owner, h.Session, h.Person).Query(eachSession(&sessions))
	})
	if err != nil {
		return Person{}, err
	}
	// A session that is gone and a person without a place answer alike: a token from long
	// ago shows nothing about who still works there.
	if len(people) == 0 || len(sessions) == 0 {
		return Person{}, refusal.New(refusal.NotSignedIn)
	}
	if !sessions[0].open(now) {
		return Person{}, refusal.New(refusal.SessionRevoked)
	}
	s.memory.keep(h, people[0], now)
	return people[0], nil
}

// open says whether a session still counts.
func (s *Session) open(now time.Time) bool { return s.Ended.IsZero() && now.Before(s.Expires) }

// RefreshSession trades a refresh token for new tokens. The row is locked, so that two tabs
// of one device that refresh at once take turns. The refresh token carries the whole
// identity: no access token is needed, as it has run out by then (G20).
func (s *Service) RefreshSession(ctx context.Context, req *pb.RefreshSessionRequest) (*pb.RefreshSessionResponse, error) {
	t, err := s.Keys.readRefresh(req.GetRefreshToken())
	if err != nil {
		return nil, err
	}
	h, now := t.Holder, s.moment()
	ended := false
	err = s.DB.Do(ctx, h.as(), func(ctx context.Context, tx *postgres.Tx) error {
		var people []Person
		var sessions []Session
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(lockSession, h.Owner, h.Session, h.Person).Query(eachSession(&sessions))
			queuePerson(b, h, &people)
		})
		switch {
		case err != nil:
			return err
		case len(people) == 0 || len(sessions) == 0:
			return refusal.New(refusal.NotSignedIn)
		case !sessions[0].open(now):
			return refusal.New(refusal.SessionRevoked)
		}
		next, ok := sessions[0].refresh(t.generation, req, now)
		// The end has to be committed, so the refusal is made after the transaction:
		// returned from here, it would roll the end back, and the stolen token would live
		// on.
		if ended = !ok; ended {
			tx.Queue(endSession, h.Owner, h.Session, h.Person, now, "REUSED")
			return nil
		}
		// A repetition writes nothing: a new time here would begin the minute of [Grace]
		// anew, and a copied token could be repeated for ever.
		if next != sessions[0].Generation {
			if day := 24 * time.Hour; !sessions[0].Refreshed.Truncate(day).Equal(now.Truncate(day)) { // once a day
				tx.Queue(countApp, appOf(ctx), now)
			}
			tx.Queue(refreshSession, h.Owner, h.Session, h.Person, next, now)
			school.SeenAgain(tx, h.Owner, h.Person, now)
		}
		t.generation = next
		return nil
	})
	if err != nil {
		return nil, err
	}
	if ended {
		s.memory.forget(h.Session)
		s.Log.LogAttrs(ctx, slog.LevelWarn, "a refresh token was used by somebody else or twice: the session has ended")
		return nil, refusal.New(refusal.SessionRevoked)
	}
	token, until, err := s.Keys.Sign(h)
	if err != nil {
		return nil, err
	}
	return &pb.RefreshSessionResponse{AccessToken: token, AccessTokenExpireTime: wire.EncodeTime(until), RefreshToken: s.Keys.makeRefresh(t)}, nil
}

// refresh says which generation of refresh token comes after this one, or that
// this one may be in other hands. Without a key of the device, a repetition is the same as
// a theft, seen from here, so only a device that signs is given [Grace]. A signature that
// fails ends the session too: the token is in other hands than the key.
func (s *Session) refresh(shown uint32, req *pb.RefreshSessionRequest, now time.Time) (next uint32, ok bool) {
	if s.DeviceKey != nil && !signed(s.DeviceKey, req.GetRefreshToken(), req.GetDeviceSignature()) {
		return 0, false
	}
	switch {
	case shown == s.Generation:
		return s.Generation + 1, true
	case s.DeviceKey != nil && shown+1 == s.Generation && now.Sub(s.Refreshed) <= Grace:
		return s.Generation, true
	}
	return 0, false
}

// ListSessions lists the caller's sessions. At most 100, those that ended in the last 30
// days included, so that a session that was ended for reuse is seen by its owner (G20).
// Addresses are not kept, so none is shown.
func (s *Service) ListSessions(ctx context.Context, _ *pb.ListSessionsRequest) (*pb.ListSessionsResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	var sessions []Session
	err = s.DB.Read(ctx, holder(actor).as(), func(b *pgx.Batch) {
		b.Queue(sessionsOfPerson, actor.Owner, actor.Person, s.moment()).Query(eachSession(&sessions))
	})
	reply := new(pb.ListSessionsResponse)
	for _, one := range sessions {
		out := &pb.Session{
			Id: one.ID.String(), DeviceName: one.Device, Current: one.ID == actor.Session,
			Origin:     wire.Enum[pb.SessionOrigin](one.OpenedBy),
			CreateTime: wire.EncodeTime(one.Created), RefreshTime: wire.EncodeTime(one.Refreshed), ExpireTime: wire.EncodeTime(one.Expires),
		}
		if !one.Ended.IsZero() {
			out.EndTime, out.End = wire.EncodeTime(one.Ended), wire.Enum[pb.SessionEnd](one.EndReason)
		}
		reply.Sessions = append(reply.Sessions, out)
	}
	return reply, err
}

// RevokeSession ends one of the caller's sessions.
func (s *Service) RevokeSession(ctx context.Context, req *pb.RevokeSessionRequest) (*pb.RevokeSessionResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	// An empty id is the session that calls: a phone signs out without knowing its
	// session's id.
	which, reason := actor.Session, "SIGNED_OUT"
	if req.GetSessionId() != "" {
		if which, err = wire.ID("session_id", req.GetSessionId()); err != nil {
			return nil, err
		}
	}
	if which != actor.Session {
		reason = "REVOKED"
	}
	call := once.Call{As: holder(actor).as(), RPC: "RevokeSession", Request: req, Now: s.moment()}
	reply, err := once.New(call, once.AboutNothing,
		func(b *pgx.Batch, sessions *[]Session) {
			b.Queue(lockSession, actor.Owner, which, actor.Person).Query(eachSession(sessions))
		},
		func(w once.Writer, sessions *[]Session) error {
			if len(*sessions) == 0 {
				return refusal.New(refusal.NotThere)
			}
			// Ended already: nothing is written, and the first reason stays.
			w.Queue(endSession, actor.Owner, which, actor.Person, call.Now, reason)
			return nil
		},
		func(*[]Session) *pb.RevokeSessionResponse { return &pb.RevokeSessionResponse{} },
	).Remember(ctx, s.DB, once.Same[[]Session]())
	if err == nil {
		// This server's own memory alone; other servers find out within [Remembered] (G21).
		s.memory.forget(which)
	}
	return reply, err
}

// GetMe says who the caller is, and where they belong.
func (s *Service) GetMe(ctx context.Context, _ *pb.GetMeRequest) (*pb.GetMeResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.person(ctx, holder(actor))
	if err != nil {
		return nil, err
	}
	return &pb.GetMeResponse{Person: encode(p), Memberships: encodeMemberships(p), Locale: p.Locale}, nil
}

// UpdateMe changes what the caller decides about themselves. The language is the only
// thing: name and address are the roster's.
func (s *Service) UpdateMe(ctx context.Context, req *pb.UpdateMeRequest) (*pb.UpdateMeResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	h := holder(actor)
	p, err := s.person(ctx, h)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: h.as(), RPC: "UpdateMe", Request: req, Now: s.moment()}
	reply, err := once.New(call, once.AboutNothing, once.ReadNothing,
		func(w once.Writer, _ *struct{}) error {
			// The function takes the person from the identity of the transaction: this room
			// may not write the school's tables.
			w.Queue("select set_locale($1)", req.GetLocale())
			return nil
		},
		func(*struct{}) *pb.UpdateMeResponse {
			return &pb.UpdateMeResponse{Person: encode(p), Locale: req.GetLocale()}
		},
	).Remember(ctx, s.DB, once.Same[struct{}]())
	// The language is remembered with the person: the next refusal has to speak the new
	// one.
	s.memory.forget(h.Session)
	return reply, err
}

// Expire forgets the sessions of an owner that are long over. A job calls it, one owner at
// a time: so a failure at one owner keeps no other from being tidied.
func (s *Service) Expire(ctx context.Context, owner uuid.UUID) error {
	return s.DB.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(removeOldSessions, owner, s.moment().Add(-KeptTime))
		tx.Queue(forgetApps, owner, s.moment().AddDate(0, 0, -appDays))
		return nil
	})
}

// encodeMemberships writes at which schools somebody is what.
func encodeMemberships(p Person) []*pb.Membership {
	var out []*pb.Membership
	for _, m := range p.Memberships {
		out = append(out, &pb.Membership{SchoolId: m.School.String(), SchoolName: m.SchoolName, Role: school.EncodeRole(m.Role)})
	}
	return out
}

// encode writes somebody for themselves. Active without being asked: only people who hold a
// place are found at all.
func encode(p Person) *pb.Person {
	return &pb.Person{Id: p.ID.String(), Name: p.Name, Email: p.Email, Active: true, Roles: roles(p)}
}

// roles lists what somebody is at any school, each role once.
func roles(p Person) []pb.Role {
	var out []pb.Role
	for _, m := range p.Memberships {
		if r := school.EncodeRole(m.Role); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
