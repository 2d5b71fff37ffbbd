package notify

import (
	"context"
	"crypto/ecdh"
	"strings"
	"time"

	"github.com/google/uuid"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/outwards"
	"undring/refusal"
	"undring/school"
)

// Device is where a person is reached.
type Device struct {
	ID      uuid.UUID
	Kind    string // WEB_PUSH, FCM or APNS
	Address string // the push service's, or the phone's token
	P256DH  []byte // of a browser
	Auth    []byte
}

// MostDevices is how many devices a person is reached at.
// The oldest makes way, since a browser that was thrown away never says so.
const MostDevices = 10

const (
	// A function, since the row may be somebody else's: a shared tablet reaches who is signed in
	// on it now, and nobody else any more.
	releaseDevice = `select release_device($1, $2)`

	insertDevice = `
		insert into device (owner_id, person_id, id, session_id, kind, address, p256dh, auth, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

	dropOldDevices = `
		delete from device where owner_id = $1 and person_id = $2 and id in (
			select id from device where owner_id = $1 and person_id = $2 order by created_at desc, id desc offset $3)`

	dropDevice = `delete from device where owner_id = $1 and person_id = $2 and kind = $3 and address = $4`
)

// RegisterDevice lets notices reach a device of the caller's.
func (s *Service) RegisterDevice(ctx context.Context, req *pb.RegisterDeviceRequest) (*pb.RegisterDeviceResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	d, err := s.decodeDevice(req)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "RegisterDevice", Request: req, Now: now}
	return once.New(call, once.AboutNothing, once.ReadNothing[struct{}],
		func(w once.Writer, _ *struct{}) error {
			if req.GetTakeBack() {
				w.Queue(dropDevice, actor.Owner, actor.Person, d.Kind, d.Address)
				return nil
			}
			d.insert(w, actor, now)
			return nil
		},
		func(*struct{}) *pb.RegisterDeviceResponse { return &pb.RegisterDeviceResponse{} },
	).Remember(ctx, s.o.DB, once.Same[struct{}]())
}

// insert keeps the device for the caller's session, whoever's it was before.
// It hangs on the session by a foreign key: signed out, it goes.
func (d Device) insert(w once.Writer, actor school.Actor, now time.Time) {
	w.Queue(releaseDevice, d.Kind, d.Address)
	w.Queue(insertDevice, actor.Owner, actor.Person, d.ID, actor.Session, d.Kind, d.Address, d.P256DH, d.Auth, now)
	w.Queue(dropOldDevices, actor.Owner, actor.Person, MostDevices)
}

func (s *Service) decodeDevice(req *pb.RegisterDeviceRequest) (Device, error) {
	d := Device{ID: s.o.NewID()}
	switch a := req.GetAddress().(type) {
	case *pb.RegisterDeviceRequest_WebPush:
		d.Kind, d.Address, d.P256DH, d.Auth = WebPushDevice, a.WebPush.GetEndpoint(), a.WebPush.GetP256Dh(), a.WebPush.GetAuth()
		// Looked at now and not at the first push, when nobody is there to be told.
		if _, err := ecdh.P256().NewPublicKey(d.P256DH); err != nil {
			return d, refusal.Invalidf("web_push.p256dh", "is not a point of P-256")
		}
		if odd := outwards.Check(d.Address, s.o.Loopback); odd != "" {
			return d, refusal.Invalidf("web_push.endpoint", "%s", odd)
		}
		return d, nil
	case *pb.RegisterDeviceRequest_FcmToken:
		d.Kind, d.Address = FCMDevice, a.FcmToken
	case *pb.RegisterDeviceRequest_ApnsToken:
		d.Kind, d.Address = APNsDevice, strings.ToLower(a.ApnsToken)
	}
	return d, nil
}
