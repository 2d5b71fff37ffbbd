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
	"undring/postgres"
	"undring/refusal"
	"undring/school"
	"undring/school/roster"
	"undring/wire"
)

// GetSignInOptions lists the ways to sign in at this server. It is open to strangers, so it
// asks all providers at the same time and waits for none longer than [optionsTime]. The
// people are listed in the demo alone; elsewhere a list of names would be a roster for
// anybody.
func (s *Service) GetSignInOptions(ctx context.Context, _ *pb.GetSignInOptionsRequest) (*pb.GetSignInOptionsResponse, error) {
	reply := &pb.GetSignInOptionsResponse{Invitations: true}
	reply.Providers = make([]*pb.SignInProvider, len(s.Providers))
	soon, cancel := context.WithTimeout(ctx, optionsTime)
	defer cancel()
	var all sync.WaitGroup
	for i, p := range s.Providers {
		// Each writes its own place: the order is that of the settings, whichever answers
		// first.
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

// SignIn opens a session for whoever proves who they are. The limit of tries ([Attempts])
// has been taken at the door. Every proof that fails is NOT_SIGNED_IN, so that a stranger
// can't tell a wrong code from an unknown person; only whoever has proven an identity at a
// provider is told more.
func (s *Service) SignIn(ctx context.Context, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	// Found out now: a key that nothing can be checked with would end the session at its
	// first refresh.
	if key := req.GetDevicePublicKey(); len(key) > 0 && !isDeviceKey(key) {
		return nil, refusal.Invalidf("device_public_key", "must be a P-256 or Ed25519 key as SPKI in DER")
	}
	switch proof := req.GetProof().(type) {
	case *pb.SignInRequest_DemoPerson:
		id, err := uuid.Parse(proof.DemoPerson)
		// Outside the demo this proof lets nobody in, whatever the id.
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

// byProvider signs in whoever comes back from a provider with a code. A code that proves nothing is
// answered by NOT_SIGNED_IN alone; whoever has proven who they are, and still is not let in, reads
// why (see unknown). Either way the log says what was wrong.
func (s *Service) byProvider(ctx context.Context, code *pb.AuthorizationCode, req *pb.SignInRequest) (*pb.SignInResponse, error) {
	// The provider decides the owner: what the phone says of a school is never asked.
	i := slices.IndexFunc(s.Providers, func(p *Provider) bool { return p.ID == code.GetProviderId() })
	if i < 0 {
		return nil, refusal.Invalidf("authorization_code.provider_id", "is not one of this server's providers")
	}
	p := s.Providers[i]
	who, err := p.identify(ctx, code, s.Now)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "sign-in by a provider failed", slog.String("provider", p.ID), slog.String("why", why(err)))
		s.countFailed(ctx, p, err)
		return nil, err
	}
	// For what is somebody's own the provider has to have asked them just now: a browser that
	// is still signed in there brings a code without them.
	if req.GetForOwnData() && who.asked != nil && s.moment().Sub(*who.asked) > school.OwnDataTime {
		return nil, refusal.New(refusal.SignInAgain)
	}
	way, err := s.linked(ctx, p, who)
	if err != nil {
		return nil, err
	}
	if err := way.refuse(p); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "sign-in by a provider failed", slog.String("provider", p.ID), slog.String("why", why(err)))
		s.countFailed(ctx, p, err)
		return nil, err
	}
	in, err := s.open(ctx, Holder{Owner: p.Owner, Person: way.Person}, "PROVIDER", req, nil)
	// The subject is linked, but its person has no place any more: whoever has proven
	// themselves may hear why, as with every other way that ends here.
	if refusal.ReasonOf(err) == refusal.NotSignedIn {
		err = unknown(p, "NOT_IN_ROSTER", "the person has no access any more")
	}
	return in, err
}

// way is how whoever comes from a provider stands. The rule is the school's room; what a
// refusal of it says, and to whom, is this room's.
type way struct{ school.Way }

// refuse says why nobody gets in by it; nil: somebody does. The order matters: a no that
// the person has said stands before everything else, and nobody waits for a person who was
// not found.
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

// unknown says to somebody who has shown who they are at a provider why Undring does not
// let them in, and whom to ask. Only whoever has proven an identity at the provider reads
// this, and it names nobody of the roster; the code picks the words that they read.
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
// [school.FirstWay] does. It runs in one transaction: two phones that come with the same
// new subject at once can't be linked to two people.
func (s *Service) linked(ctx context.Context, p *Provider, who identity) (way, error) {
	var found way
	now := s.moment()
	err := s.DB.Do(ctx, postgres.As{Owner: p.Owner}, func(ctx context.Context, tx *postgres.Tx) error {
		// The transaction may run again after a serialization failure: what the first try
		// found must not stay.
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
		// The former subject goes in the same transaction, so that at no moment two
		// subjects of one issuer let the same person in.
		if found.Person != uuid.Nil && !found.Waits {
			tx.Queue(forgetLink, p.Owner, who.issuer, found.Person)
			tx.Queue(insertLink, p.Owner, who.issuer, who.subject, found.Person, now)
		}
		return nil
	})
	return found, err
}

// byInvitation signs in by a code. The code is looked up by its hash: what the
// database holds lets nobody in. It reads with no owner, since the code alone says whose it
// is; the function that is asked answers for one hash only. The code is used up when the
// session opens, not here: of two who type it at once, one gets in.
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

// open begins a session. before is what must be in the same transaction. nil stands for a
// sign-in that shows the person on a device of theirs, which makes void an invitation that
// waits for just that.
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
		// Bytes of length 0 would be stored as a key, and no device could ever sign for it;
		// nil is stored as none.
		if len(req.GetDevicePublicKey()) > 0 {
			key = req.GetDevicePublicKey()
		}
		tx.Queue(countApp, appOf(ctx), now)
		tx.Queue(insertSession, h.Owner, h.Session, h.Person, roster.Clean(req.GetDeviceName()), key, by, now, now.Add(SessionTime), req.GetForOwnData())
		return nil
	})
	if err != nil {
		return nil, err
	}
	// The phone's first call follows at once, and then needs no look-up.
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
