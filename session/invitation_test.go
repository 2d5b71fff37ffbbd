package session_test

import (
	"context"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/server"
	"undring/town"
)

// Invitations: once, for a week, for whom they were made; and nobody becomes
// somebody else by one.
func TestInvitations(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	invite := func(id string) *pb.CreateInvitationResponse {
		t.Helper()
		return town.Try(w.Arne.CreateInvitation(w.Arne.Ctx(), &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: id})).OK(t)
	}
	newcomer := func(name string) string {
		id := town.NewID()
		w.SQL("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, $3, 'Ny', lower($3) || '@fjordvik.example', $4)", w.Owner, id, name, town.Tuesday)
		w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $4)", w.Owner, w.School, id, town.Tuesday)
		return id.String()
	}
	town.Try(w.Kari.CreateInvitation(w.Kari.Ctx(), &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: w.Ola.ID})).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	town.Try(w.Arne.CreateInvitation(w.Arne.Ctx(), &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: town.NewID().String()})).Refused(t, codes.NotFound, "NOT_FOUND")

	tuva := newcomer("Tuva")
	first := invite(tuva)
	second := invite(tuva) // takes the place of the first
	byCode(w, first.GetCode()).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	byCode(w, "0000-0000-0000").Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	carelessly := " " + strings.ToUpper(strings.ReplaceAll(second.GetCode(), "-", " ")) + " "
	in := byCode(w, strings.ReplaceAll(carelessly, "0", "O")).OK(t)
	if in.GetPerson().GetId() != tuva {
		t.Errorf("the code lets in %v", in.GetPerson())
	}
	byCode(w, second.GetCode()).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN") // used up
	if n := town.One[int](w, "select count(*)::int from request where rpc = 'CreateInvitation' and position(convert_to($1, 'UTF8') in reply) > 0", second.GetCode()); n != 0 {
		t.Error("the code is kept in the memory of requests")
	}

	late := invite(newcomer("Siv"))
	w.Clock.Set(w.Clock.Now().Add(7 * 24 * time.Hour))
	byCode(w, late.GetCode()).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")

	// T7: Kari signs in already. The code waits, and is void when she is seen.
	phone := newDevice(w.Kari, t, true)
	code := invite(w.Kari.ID)
	if wait := code.GetValidFromTime().AsTime().Sub(w.Clock.Now()); wait != 72*time.Hour {
		t.Errorf("the code counts after %v", wait)
	}
	byCode(w, code.GetCode()).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	w.Clock.Set(w.Clock.Now().Add(71 * time.Hour))
	phone.trade(phone.refresh).OK(t)
	w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
	byCode(w, code.GetCode()).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")

	// Ola has lost his phone, and nobody sees him meanwhile.
	code = invite(w.Ola.ID)
	w.Clock.Set(w.Clock.Now().Add(73 * time.Hour))
	if in := byCode(w, code.GetCode()).OK(t); in.GetPerson().GetId() != w.Ola.ID {
		t.Errorf("the code lets in %v", in.GetPerson())
	}
}

// A request that is sent again after the server's key has changed gets the code that counts, or
// hears that it has to be made anew; never a code that opens nothing.
func TestAnInvitationIsRepeatedAfterTheKeyHasChanged(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	_, newer, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	req := &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: w.Ola.ID}
	first := town.Try(w.Arne.CreateInvitation(w.Arne.Ctx(), req)).OK(t)
	by := func(keys ...ed25519.PrivateKey) *town.Person {
		_, conn := w.ServeWith(w.Owner, nil, func(o *server.Options) { o.Keys = keys })
		return w.Phone(conn, uuid.MustParse(w.Arne.ID), w.Arne.Name)
	}
	arne := by(newer, w.Key)
	if again := town.Try(arne.CreateInvitation(arne.Ctx(), req)).OK(t); !proto.Equal(again, first) {
		t.Errorf("with another key before it: %v, the first time %v", again, first)
	}
	w.Clock.Set(w.Clock.Now().Add(73 * time.Hour))
	if in := byCode(w, first.GetCode()).OK(t); in.GetPerson().GetId() != w.Ola.ID {
		t.Errorf("the code lets in %v", in.GetPerson())
	}
	arne = by(newer)
	town.Try(arne.CreateInvitation(arne.Ctx(), req)).Refused(t, codes.AlreadyExists, "REQUEST_ID_REUSED")
	req.RequestId = town.Req()
	town.Try(arne.CreateInvitation(arne.Ctx(), req)).OK(t)
}

func byCode(w *town.Town, code string) town.Outcome[*pb.SignInResponse] {
	return town.Try(w.Kari.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_InvitationCode{InvitationCode: code}, DeviceName: "ny telefon"}))
}
