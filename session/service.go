package session

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
	"undring/wire"
)

const (
	// SessionTime is how long a session lasts at most, however often it is
	// refreshed (OWASP ASVS 5.0, 10.4.8).
	SessionTime = 90 * 24 * time.Hour
	// Grace is how long a device that signs may repeat the refresh token before
	// the last one: the reply may have been lost.
	Grace = time.Minute
)

// Options say who is let in.
type Options struct {
	DB        *postgres.DB
	Now       func() time.Time
	NewID     func() uuid.UUID
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

// moment is the time of a change.
func (s *Service) moment() time.Time { return wire.Moment(s.Now()) }

// as is the identity in whose name the database is asked.
func (h Holder) as() postgres.As { return postgres.As{Owner: h.Owner, Person: h.Person} }

// holder is the session that a call is made with.
func holder(a school.Actor) Holder {
	return Holder{Owner: a.Owner, Person: a.Person, Session: a.Session}
}

// Actor says who calls with a token. Refuses with NOT_SIGNED_IN, TOKEN_EXPIRED,
// and SESSION_REVOKED at most [Remembered] after the session has ended.
func (s *Service) Actor(ctx context.Context, token string) (school.Actor, error) {
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
// It asks nobody, so it can't tell whether the session is open.
func (s *Service) Holds(token string) error {
	_, err := s.Holder(token)
	return err
}

// Holder tells whom a token of ours stands for; it refuses as [Service.Holds] does.
func (s *Service) Holder(token string) (Holder, error) {
	h, _, err := s.memory.holder(s.Keys, token, s.Now())
	return h, err
}

// person finds the one who holds a session that is open.
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

// GetSignInOptions lists the ways to sign in at this server.
func (s *Service) GetSignInOptions(ctx context.Context, _ *pb.GetSignInOptionsRequest) (*pb.GetSignInOptionsResponse, error) {
	reply := &pb.GetSignInOptionsResponse{Invitations: true}
	reply.Providers = make([]*pb.SignInProvider, len(s.Providers))
	soon, cancel := context.WithTimeout(ctx, optionsTime)
	defer cancel()
	var all sync.WaitGroup
	for i, p := range s.Providers {
		all.Go(func() { reply.Providers[i] = p.encode(soon, s.Now()) })
	}
	all.Wait()
	if s.Demo == uuid.Nil {
		return reply, nil
	}
	var people []Person
	err := s.DB.Read(ctx, postgres.As{Owner: s.Demo}, func(b *pgx.Batch) {
		school.QueueMembers(b, s.Demo, &people)
	})
	for _, p := range people {
		reply.DemoPeople = append(reply.DemoPeople, &pb.DemoPerson{Id: p.ID.String(), Name: p.Name, Roles: roles(p)})
	}
	return reply, err
}

// SignIn opens a session for whoever proves who they are.
func (s *Service) SignIn(ctx context.Context, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	if key := req.GetDevicePublicKey(); len(key) > 0 && !isDeviceKey(key) {
		return nil, refusal.Invalidf("device_public_key", "must be a P-256 or Ed25519 key as SPKI in DER")
	}
	switch proof := req.GetProof().(type) {
	case *pb.SignInRequest_DemoPerson:
		id, err := uuid.Parse(proof.DemoPerson)
		if err != nil || s.Demo == uuid.Nil {
			return nil, refusal.New(refusal.NotSignedIn)
		}
		return s.open(ctx, Holder{Owner: s.Demo, Person: id}, "DEMO", req, nil)
	case *pb.SignInRequest_AuthorizationCode:
		return s.byProvider(ctx, proof.AuthorizationCode, req)
	case *pb.SignInRequest_InvitationCode:
		return s.byInvitation(ctx, proof.InvitationCode, req)
	}
	return nil, refusal.New(refusal.NotSignedIn)
}

// byProvider signs in whoever comes back from a provider with a code. That the roster
// does not know them is logged and not told: the answer is the same as for a wrong
// code, so that nobody learns who has an account.
func (s *Service) byProvider(ctx context.Context, code *pb.AuthorizationCode, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	i := slices.IndexFunc(s.Providers, func(p *Provider) bool { return p.ID == code.GetProviderId() })
	if i < 0 {
		return nil, refusal.Invalidf("authorization_code.provider_id", "is not one of this server's providers")
	}
	p := s.Providers[i]
	who, err := p.identify(ctx, code, s.Now)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "sign-in by a provider failed", slog.String("provider", p.ID), slog.String("why", why(err)))
		return nil, err
	}
	way, err := s.linked(ctx, p, who)
	if err != nil {
		return nil, err
	}
	if err := way.refuse(p); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "sign-in by a provider failed", slog.String("provider", p.ID), slog.String("why", why(err)))
		return nil, err
	}
	in, err := s.open(ctx, Holder{Owner: p.Owner, Person: way.Person}, "PROVIDER", req, nil)
	if refusal.ReasonOf(err) == refusal.NotSignedIn {
		err = unknown(p, "NOT_IN_ROSTER", "the person has no access any more")
	}
	return in, err
}

// way is how whoever comes from a provider stands.
type way struct{ school.Way }

// refuse says why nobody gets in by it; nil: somebody does.
func (w way) refuse(p *Provider) error {
	switch {
	case w.Refused:
		return unknown(p, "SAID_NO", "the person has said that it is not they")
	case w.Several:
		return unknown(p, "ADDRESS_OF_SEVERAL", "several of the roster have the address")
	case w.Person == uuid.Nil:
		return unknown(p, "NOT_IN_ROSTER", "the roster knows nobody by what the provider says of them")
	case w.Waits:
		r := unknown(p, "WAITS", "the person has signed in otherwise before, and has not said yes")
		r.Meta["until_time"] = w.Until.Format(time.RFC3339)
		return r
	}
	return nil
}

// unknown tells somebody who has shown who they are at a provider why Undring does not
// let them in, and whom to ask.
func unknown(p *Provider, code, why string) *refusal.Refusal {
	r := refusal.New(refusal.NotSignedIn).With("code", code)
	if p.Contact != "" {
		r.With("contact", p.Contact)
	}
	r.Err = errors.New(why)
	return r
}

// why is the reason underneath a refusal, for the log alone.
func why(err error) string {
	var r *refusal.Refusal
	if errors.As(err, &r) && r.Err != nil {
		return r.Err.Error()
	}
	return err.Error()
}

// linked finds the person whom a provider's subject stands for; the first time as
// [school.FirstWay] does.
func (s *Service) linked(ctx context.Context, p *Provider, who identity) (way, error) {
	var found way
	now := s.moment()
	err := s.DB.Do(ctx, postgres.As{Owner: p.Owner}, func(ctx context.Context, tx *postgres.Tx) error {
		found = way{}
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(linkOfSubject, p.Owner, who.issuer, who.subject).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					if err := rows.Scan(&found.Person); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		})
		if err != nil || found.Person != uuid.Nil {
			return err
		}
		if found.Way, err = school.FirstWay(ctx, tx, p.Owner, who.issuer, who.subject, who.address, p.Claim != "" && p.Claim != "email", now, s.NewID); err != nil {
			return err
		}
		if found.Person != uuid.Nil && !found.Waits {
			tx.Queue(forgetLink, p.Owner, who.issuer, found.Person)
			tx.Queue(insertLink, p.Owner, who.issuer, who.subject, found.Person, now)
		}
		return nil
	})
	return found, err
}

// byInvitation signs in by a code. The code is looked up by its hash: what the
// database holds lets nobody in.
func (s *Service) byInvitation(ctx context.Context, code string, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	var h Holder
	hash := school.HashInvitation(code)
	err := s.DB.Read(ctx, postgres.As{}, func(b *pgx.Batch) { school.QueueInvited(b, hash, &h.Owner, &h.Person) })
	if err != nil {
		return nil, err
	}
	if h.Person == uuid.Nil {
		return nil, refusal.New(refusal.NotSignedIn)
	}
	return s.open(ctx, h, "INVITATION", req, func(ctx context.Context, tx *postgres.Tx, now time.Time) error {
		return school.UseInvitation(ctx, tx, h.Owner, hash, now)
	})
}

// open begins a session. before is what must be in the same transaction.
func (s *Service) open(ctx context.Context, h Holder, by string, req *pb.SignInRequest,
	before func(context.Context, *postgres.Tx, time.Time) error) (*pb.SignInResponse, error) {
	now := s.moment()
	h.Session = s.NewID()
	var people []Person
	err := s.DB.Do(ctx, h.as(), func(ctx context.Context, tx *postgres.Tx) error {
		people = nil
		if err := tx.Ask(ctx, func(b *pgx.Batch) { queuePerson(b, h, &people) }); err != nil {
			return err
		}
		if len(people) == 0 {
			return refusal.New(refusal.NotSignedIn)
		}
		if before != nil {
			if err := before(ctx, tx, now); err != nil {
				return err
			}
		} else {
			school.SeenAgain(tx, h.Owner, h.Person, now)
		}
		var key []byte
		if len(req.GetDevicePublicKey()) > 0 {
			key = req.GetDevicePublicKey()
		}
		tx.Queue(insertSession, h.Owner, h.Session, h.Person, roster.Clean(req.GetDeviceName()), key, by, now, now.Add(SessionTime))
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.memory.keep(h, people[0], now)
	token, until, err := s.Keys.Sign(h)
	if err != nil {
		return nil, err
	}
	return &pb.SignInResponse{
		AccessToken: token, AccessTokenExpireTime: wire.EncodeTime(until), Person: encode(people[0]),
		RefreshToken: s.Keys.makeRefresh(refreshToken{Holder: h, generation: 1}),
	}, nil
}

// RefreshSession trades a refresh token for new tokens.
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
		if ended = !ok; ended {
			tx.Queue(endSession, h.Owner, h.Session, h.Person, now, "REUSED")
			return nil
		}
		if next != sessions[0].Generation {
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
// this one may be in other hands.
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

// ListSessions lists the caller's sessions.
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
			w.Queue(endSession, actor.Owner, which, actor.Person, call.Now, reason)
			return nil
		},
		func(*[]Session) *pb.RevokeSessionResponse { return &pb.RevokeSessionResponse{} },
	).Remember(ctx, s.DB, once.Same[[]Session]())
	if err == nil {
		s.memory.forget(which)
	}
	return reply, err
}

// GetMe tells who the caller is, and where they belong.
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

// UpdateMe changes what the caller decides about themselves.
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
			w.Queue("select set_locale($1)", req.GetLocale())
			return nil
		},
		func(*struct{}) *pb.UpdateMeResponse {
			return &pb.UpdateMeResponse{Person: encode(p), Locale: req.GetLocale()}
		},
	).Remember(ctx, s.DB, once.Same[struct{}]())
	s.memory.forget(h.Session)
	return reply, err
}

// Expire forgets the sessions of an owner that are long over.
func (s *Service) Expire(ctx context.Context, owner uuid.UUID) error {
	return s.DB.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(removeOldSessions, owner, s.moment())
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

// encode writes somebody for themselves.
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
