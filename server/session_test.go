package server_test

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
)

// device is a phone with a key of its own, or without one.
type device struct {
	*person
	key     ed25519.PrivateKey
	access  string
	refresh string
}

func (p *person) newDevice(t *testing.T, withKey bool) *device {
	t.Helper()
	d := &device{person: p}
	r := &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.id}, DeviceName: "telefon"}
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
	in := try(p.SignIn(context.Background(), r)).ok(t)
	d.access, d.refresh = in.GetAccessToken(), in.GetRefreshToken()
	return d
}

func (d *device) ctx() context.Context {
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+d.access)
}

// trade trades a refresh token, signed where the device has a key.
func (d *device) trade(token string) outcome[*pb.RefreshSessionResponse] {
	r := &pb.RefreshSessionRequest{RefreshToken: token}
	if d.key != nil {
		r.DeviceSignature = ed25519.Sign(d.key, []byte("undring-refresh:"+token))
	}
	return try(d.RefreshSession(context.Background(), r))
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
		w := newTown(t)
		phone := w.kari.newDevice(t, false)
		stolen := phone.refresh
		next := phone.trade(stolen).ok(t)
		if next.GetRefreshToken() == stolen || !next.GetAccessTokenExpireTime().AsTime().Equal(w.clock.now().Add(10*time.Minute)) {
			t.Errorf("%v", next)
		}
		w.clock.set(w.clock.now().Add(5 * time.Second))
		phone.trade(stolen).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		phone.trade(next.GetRefreshToken()).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		try(phone.GetMe(phone.ctx(), &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		if reason := onlyEnded(t, w.kari); reason != pb.SessionEnd_SESSION_END_REUSED {
			t.Errorf("Kari is told %s", reason)
		}
	})
	t.Run("with one", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		phone := w.kari.newDevice(t, true)
		first := phone.refresh
		next := phone.trade(first).ok(t)
		w.clock.set(w.clock.now().Add(60 * time.Second))
		again := phone.trade(first).ok(t) // the reply was lost
		if again.GetRefreshToken() != next.GetRefreshToken() {
			t.Error("the repetition got another token")
		}
		last := phone.trade(again.GetRefreshToken()).ok(t)
		w.clock.set(w.clock.now().Add(61 * time.Second))
		phone.trade(again.GetRefreshToken()).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		phone.trade(last.GetRefreshToken()).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	})
	t.Run("by who has the token but not the device", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		phone := w.kari.newDevice(t, true)
		_, thief, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		(&device{person: w.kari, key: thief}).trade(phone.refresh).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
		if reason := onlyEnded(t, w.kari); reason != pb.SessionEnd_SESSION_END_REUSED {
			t.Errorf("Kari is told %s", reason)
		}
	})
	t.Run("a hundred at once: one wins", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		phone := w.kari.newDevice(t, false)
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
	t.Run("what is no token ends nothing", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		phone := w.kari.newDevice(t, false)
		for _, token := range []string{"x", phone.access, phone.refresh[:len(phone.refresh)-2] + "AA", strings.Repeat("A", 113)} {
			phone.trade(token).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
		}
		phone.trade(phone.refresh).ok(t)
	})
	t.Run("after 90 days it is over", func(t *testing.T) {
		t.Parallel()
		w := newTown(t)
		phone := w.kari.newDevice(t, true)
		for range 9 {
			w.clock.set(w.clock.now().Add(10 * 24 * time.Hour).Add(-time.Minute))
			phone.refresh = phone.trade(phone.refresh).ok(t).GetRefreshToken()
		}
		w.clock.set(w.clock.now().Add(10 * time.Minute))
		phone.trade(phone.refresh).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	})
}

// onlyEnded is why the one session of somebody's that has ended did.
func onlyEnded(t *testing.T, p *person) pb.SessionEnd {
	t.Helper()
	var ended []pb.SessionEnd
	for _, s := range try(p.ListSessions(p.ctx(), &pb.ListSessionsRequest{})).ok(t).GetSessions() {
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
	w := newTown(t)
	lost, other := w.kari.newDevice(t, true), w.kari.newDevice(t, true)
	if err := lost.me(); err != nil {
		t.Fatal(err)
	}
	var id string
	for _, s := range try(other.ListSessions(lost.ctx(), &pb.ListSessionsRequest{})).ok(t).GetSessions() {
		if s.GetCurrent() {
			id = s.GetId()
		}
		if s.GetOrigin() != pb.SessionOrigin_SESSION_ORIGIN_DEMO {
			t.Errorf("%v", s)
		}
	}
	try(w.ola.RevokeSession(w.ola.ctx(), &pb.RevokeSessionRequest{RequestId: req(), SessionId: id})).refused(t, codes.NotFound, "NOT_FOUND")
	try(other.RevokeSession(other.ctx(), &pb.RevokeSessionRequest{RequestId: req(), SessionId: id})).ok(t)
	try(lost.GetMe(lost.ctx(), &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	lost.trade(lost.refresh).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
	if err := other.me(); err != nil {
		t.Errorf("the other phone: %v", err)
	}
	if reason := onlyEnded(t, w.kari); reason != pb.SessionEnd_SESSION_END_REVOKED {
		t.Errorf("Kari is told %s", reason)
	}

	// At another server, which remembers who called a moment ago.
	w.sql("update session set ended_at = $1, end_reason = 'REVOKED' where ended_at is null and person_id = $2", w.clock.now(), w.kari.id)
	if err := other.me(); err != nil {
		t.Errorf("it is remembered: %v", err)
	}
	w.clock.set(w.clock.now().Add(10 * time.Second))
	try(other.GetMe(other.ctx(), &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "SESSION_REVOKED")
}

// R39: who leaves is out within 10 s, though their token lives on; and whoever
// gets another role has it within the same time.
func TestRightsChangeWithinTenSeconds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	phone := w.nils.newDevice(t, true)
	try(w.nils.ImportRoster(phone.ctx(), &pb.ImportRosterRequest{})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	w.sql("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'ADMINISTRATOR', $4)", w.owner, w.school, w.nils.id, tuesday)
	w.clock.set(w.clock.now().Add(10 * time.Second))
	try(w.nils.ImportRoster(phone.ctx(), &pb.ImportRosterRequest{})).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	w.sql("update person set active = false where id = $1", w.nils.id)
	w.clock.set(w.clock.now().Add(10 * time.Second))
	try(w.nils.GetMe(phone.ctx(), &pb.GetMeRequest{})).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	phone.trade(phone.refresh).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	try(w.nils.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: w.nils.id}})).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
}

func (w *town) byCode(code string) outcome[*pb.SignInResponse] {
	return try(w.kari.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_InvitationCode{InvitationCode: code}, DeviceName: "ny telefon"}))
}

// Invitations: once, for a week, for whom they were made; and nobody becomes
// somebody else by one.
func TestInvitations(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	invite := func(id string) *pb.CreateInvitationResponse {
		t.Helper()
		return try(w.arne.CreateInvitation(w.arne.ctx(), &pb.CreateInvitationRequest{RequestId: req(), PersonId: id})).ok(t)
	}
	newcomer := func(name string) string {
		id := newID()
		w.sql("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, $3, 'Ny', lower($3) || '@fjordvik.example', $4)", w.owner, id, name, tuesday)
		w.sql("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $4)", w.owner, w.school, id, tuesday)
		return id.String()
	}
	try(w.kari.CreateInvitation(w.kari.ctx(), &pb.CreateInvitationRequest{RequestId: req(), PersonId: w.ola.id})).refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	try(w.arne.CreateInvitation(w.arne.ctx(), &pb.CreateInvitationRequest{RequestId: req(), PersonId: newID().String()})).refused(t, codes.NotFound, "NOT_FOUND")

	tuva := newcomer("Tuva")
	first := invite(tuva)
	second := invite(tuva) // takes the place of the first
	w.byCode(first.GetCode()).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	w.byCode("0000-0000-0000").refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	carelessly := " " + strings.ToUpper(strings.ReplaceAll(second.GetCode(), "-", " ")) + " "
	in := w.byCode(strings.ReplaceAll(carelessly, "0", "O")).ok(t)
	if in.GetPerson().GetId() != tuva {
		t.Errorf("the code lets in %v", in.GetPerson())
	}
	w.byCode(second.GetCode()).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN") // used up
	if n := one[int](w, "select count(*)::int from request where rpc = 'CreateInvitation' and position(convert_to($1, 'UTF8') in reply) > 0", second.GetCode()); n != 0 {
		t.Error("the code is kept in the memory of requests")
	}

	late := invite(newcomer("Siv"))
	w.clock.set(w.clock.now().Add(7 * 24 * time.Hour))
	w.byCode(late.GetCode()).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")

	// T7: Kari signs in already. The code waits, and is void when she is seen.
	phone := w.kari.newDevice(t, true)
	code := invite(w.kari.id)
	if wait := code.GetValidFromTime().AsTime().Sub(w.clock.now()); wait != 72*time.Hour {
		t.Errorf("the code counts after %v", wait)
	}
	w.byCode(code.GetCode()).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	w.clock.set(w.clock.now().Add(71 * time.Hour))
	phone.trade(phone.refresh).ok(t)
	w.clock.set(w.clock.now().Add(2 * time.Hour))
	w.byCode(code.GetCode()).refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")

	// Ola has lost his phone, and nobody sees him meanwhile.
	code = invite(w.ola.id)
	w.clock.set(w.clock.now().Add(73 * time.Hour))
	if in := w.byCode(code.GetCode()).ok(t); in.GetPerson().GetId() != w.ola.id {
		t.Errorf("the code lets in %v", in.GetPerson())
	}
}

func TestEveryoneChoosesTheirLanguage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	try(w.kari.UpdateMe(w.kari.ctx(), &pb.UpdateMeRequest{RequestId: req(), Locale: "de"})).refused(t, codes.InvalidArgument, "INVALID_FIELD")
	try(w.kari.UpdateMe(w.kari.ctx(), &pb.UpdateMeRequest{RequestId: req(), Locale: "nn"})).ok(t)
	me := try(w.kari.GetMe(w.kari.ctx(), &pb.GetMeRequest{})).ok(t)
	if me.GetLocale() != "nn" {
		t.Errorf("Kari reads %s", me.GetLocale())
	}
	err := try(w.kari.ListPeople(w.kari.ctx(), &pb.ListPeopleRequest{SchoolId: newID().String()})).refused(t, codes.NotFound, "NOT_FOUND")
	for _, detail := range status.Convert(err).Details() {
		if m, ok := detail.(*errdetails.LocalizedMessage); ok && m.GetLocale() != "nn" {
			t.Errorf("and is told %v", m)
		}
	}
}
