package session_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// device is a phone with a key of its own, or without one.
type device struct {
	*town.Person
	key     ed25519.PrivateKey
	access  string
	refresh string
}

func newDevice(p *town.Person, t *testing.T, withKey bool) *device {
	t.Helper()
	d := &device{Person: p}
	r := &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.ID}, DeviceName: "telefon"}
	if withKey {
		public, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		spki, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		d.key, r.DevicePublicKey = key, spki
	}
	in := town.Try(p.SignIn(context.Background(), r)).OK(t)
	d.access, d.refresh = in.GetAccessToken(), in.GetRefreshToken()
	return d
}

func (d *device) ctx() context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+d.access)
}

// trade trades a refresh token, signed where the device has a key.
func (d *device) trade(token string) town.Outcome[*pb.RefreshSessionResponse] {
	r := &pb.RefreshSessionRequest{RefreshToken: token}
	if d.key != nil {
		r.DeviceSignature = ed25519.Sign(d.key, []byte("undring-refresh:"+token))
	}
	return town.Try(d.RefreshSession(context.Background(), r))
}

func (d *device) me() error {
	_, err := d.GetMe(d.ctx(), &pb.GetMeRequest{})
	return err
}

// G20 (R37): a refresh token that is used twice ends its session and its owner is
// told; but a device that signs may repeat the last one for 60 s.
func TestG20AStolenRefreshTokenIsNoticed(t *testing.T) {
	t.Parallel()
	t.Run("without a device key", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, false)
		stolen := phone.refresh
		next := phone.trade(stolen).OK(t)
		if next.GetRefreshToken() == stolen || !next.GetAccessTokenExpireTime().AsTime().Equal(w.Clock.Now().Add(10*time.Minute)) {
			t.Errorf("%v", next)
		}
		w.Clock.Set(w.Clock.Now().Add(5 * time.Second))
		phone.trade(stolen).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		phone.trade(next.GetRefreshToken()).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		town.Try(phone.GetMe(phone.ctx(), &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		if reason := onlyEnded(t, w.Kari); reason != pb.SessionEnd_SESSION_END_REUSED {
			t.Errorf("Kari is told %s", reason)
		}
	})
	t.Run("with one", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, true)
		first := phone.refresh
		next := phone.trade(first).OK(t)
		w.Clock.Set(w.Clock.Now().Add(60 * time.Second))
		again := phone.trade(first).OK(t) // the reply was lost
		if again.GetRefreshToken() != next.GetRefreshToken() {
			t.Error("the repetition got another token")
		}
		last := phone.trade(again.GetRefreshToken()).OK(t)
		w.Clock.Set(w.Clock.Now().Add(61 * time.Second))
		phone.trade(again.GetRefreshToken()).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		phone.trade(last.GetRefreshToken()).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	})
	t.Run("by who has the token but not the device", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, true)
		_, thief, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		(&device{Person: w.Kari, key: thief}).trade(phone.refresh).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		if reason := onlyEnded(t, w.Kari); reason != pb.SessionEnd_SESSION_END_REUSED {
			t.Errorf("Kari is told %s", reason)
		}
	})
	t.Run("a hundred at once: one wins", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, false)
		var won atomic.Int32
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := phone.RefreshSession(context.Background(), &pb.RefreshSessionRequest{RefreshToken: phone.refresh}); err == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
	t.Run("what is not a token ends nothing", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, false)
		turned := strings.Map(func(r rune) rune { // whatever stood at the end
			if r == 'A' {
				return 'B'
			}
			return 'A'
		}, phone.refresh[len(phone.refresh)-4:])
		for _, token := range []string{"x", phone.access, phone.refresh[:len(phone.refresh)-4] + turned, strings.Repeat("A", 113)} {
			phone.trade(token).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
		}
		phone.trade(phone.refresh).OK(t)
	})
	t.Run("after 90 days it is over", func(t *testing.T) {
		t.Parallel()
		w := town.New(t)
		phone := newDevice(w.Kari, t, true)
		for range 9 {
			w.Clock.Set(w.Clock.Now().Add(10 * 24 * time.Hour).Add(-time.Minute))
			phone.refresh = phone.trade(phone.refresh).OK(t).GetRefreshToken()
		}
		w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
		phone.trade(phone.refresh).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	})
}

// onlyEnded is why the one session of somebody's that has ended did.
func onlyEnded(t *testing.T, p *town.Person) pb.SessionEnd {
	t.Helper()
	var ended []pb.SessionEnd
	for _, s := range town.Try(p.ListSessions(p.Ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions() {
		if s.GetEndTime() != nil {
			ended = append(ended, s.GetEnd())
		}
	}
	if len(ended) != 1 {
		t.Fatalf("%d sessions have ended, want 1", len(ended))
	}
	return ended[0]
}

// G21: whoever loses a phone ends its session from another one; it is out at once
// here, and within 10 s at every other server.
func TestG21ALostPhoneIsShutOut(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	lost, other := newDevice(w.Kari, t, true), newDevice(w.Kari, t, true)
	if err := lost.me(); err != nil {
		t.Fatal(err)
	}
	var id string
	for _, s := range town.Try(other.ListSessions(lost.ctx(), &pb.ListSessionsRequest{})).OK(t).GetSessions() {
		if s.GetCurrent() {
			id = s.GetId()
		}
		if s.GetOrigin() != pb.SessionOrigin_SESSION_ORIGIN_DEMO {
			t.Errorf("%v", s)
		}
	}
	town.Try(w.Ola.RevokeSession(w.Ola.Ctx(), &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: id})).Refused(t, codes.NotFound, "NOT_FOUND")
	town.Try(other.RevokeSession(other.ctx(), &pb.RevokeSessionRequest{RequestId: town.Req(), SessionId: id})).OK(t)
	town.Try(lost.GetMe(lost.ctx(), &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	lost.trade(lost.refresh).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	if err := other.me(); err != nil {
		t.Errorf("the other phone: %v", err)
	}
	if reason := onlyEnded(t, w.Kari); reason != pb.SessionEnd_SESSION_END_REVOKED {
		t.Errorf("Kari is told %s", reason)
	}

	// At another server, which remembers who called a moment ago.
	w.SQL("update session set ended_at = $1, end_reason = 'REVOKED' where ended_at is null and person_id = $2", w.Clock.Now(), w.Kari.ID)
	if err := other.me(); err != nil {
		t.Errorf("it is remembered: %v", err)
	}
	w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
	town.Try(other.GetMe(other.ctx(), &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "SESSION_REVOKED")
}

// R39: who leaves is out within 10 s, though their token lives on; and whoever
// gets another role has it within the same time.
func TestRightsChangeWithinTenSeconds(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	phone := newDevice(w.Nils, t, true)
	town.Try(w.Nils.ImportRoster(phone.ctx(), &pb.ImportRosterRequest{})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'ADMINISTRATOR', $4)", w.Owner, w.School, w.Nils.ID, town.Tuesday)
	w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
	town.Try(w.Nils.ImportRoster(phone.ctx(), &pb.ImportRosterRequest{})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	w.SQL("update person set active = false where id = $1", w.Nils.ID)
	w.Clock.Set(w.Clock.Now().Add(10 * time.Second))
	town.Try(w.Nils.GetMe(phone.ctx(), &pb.GetMeRequest{})).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	phone.trade(phone.refresh).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	town.Try(w.Nils.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.Nils.ID}})).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}

func TestEveryoneChoosesTheirLanguage(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	town.Try(w.Kari.UpdateMe(w.Kari.Ctx(), &pb.UpdateMeRequest{RequestId: town.Req(), Locale: "de"})).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	town.Try(w.Kari.UpdateMe(w.Kari.Ctx(), &pb.UpdateMeRequest{RequestId: town.Req(), Locale: "nn"})).OK(t)
	me := town.Try(w.Kari.GetMe(w.Kari.Ctx(), &pb.GetMeRequest{})).OK(t)
	if me.GetLocale() != "nn" {
		t.Errorf("Kari reads %s", me.GetLocale())
	}
	err := town.Try(w.Kari.ListPeople(w.Kari.Ctx(), &pb.ListPeopleRequest{SchoolId: town.NewID().String()})).Refused(t, codes.NotFound, "NOT_FOUND")
	for _, detail := range status.Convert(err).Details() {
		if m, ok := detail.(*errdetails.LocalizedMessage); ok && m.GetLocale() != "nn" {
			t.Errorf("and is told %v", m)
		}
	}
}
