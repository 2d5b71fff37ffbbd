package notify

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/google/uuid"

	"undring/outwards"
)

// The kinds of device, as they are stored.
const (
	WebPushDevice = "WEB_PUSH"
	FCMDevice     = "FCM"
	APNsDevice    = "APNS"
)

const (
	// pushTime is how long one push may take.
	pushTime = 20 * time.Second
	// worth is for how long a push is worth showing: by then there is another moment.
	worth = 24 * time.Hour
	// mostAnswer is how much of a push service's answer is read.
	mostAnswer = 4 << 10
)

// WebPush sends to browsers, by the services of their makers (RFC 8030). What is sent is encrypted for
// the browser (RFC 8291), and padded: its length tells nothing.
type WebPush struct {
	private, public string
	key             []byte
	contact         string
	client          *http.Client
}

// NewWebPush makes it, with the key by which browsers know the server (VAPID, on P-256) and
// an address at which the makers of browsers reach whoever runs it: of mail, or https. loopback
// lets it send to this machine, as a demo may.
func NewWebPush(key *ecdsa.PrivateKey, contact string, loopback bool) (*WebPush, error) {
	private, err := key.Bytes()
	if err != nil {
		return nil, fmt.Errorf("the key of Web Push: %w", err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("the key of Web Push: %w", err)
	}
	return &WebPush{
		private: base64.RawURLEncoding.EncodeToString(private), public: base64.RawURLEncoding.EncodeToString(public),
		key: public, contact: contact, client: outwards.Client(outwards.Limits{Whole: pushTime, Idle: deliverers, Loopback: loopback}),
	}, nil
}

// Key is the server's public key, which a browser asks for: 65 bytes.
func (p *WebPush) Key() []byte { return p.key }

// Push sends what a browser shows. One that is shown already, or waits to be, is replaced by it.
func (p *WebPush) Push(ctx context.Context, to Device, _ uuid.UUID, s Shown) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing a push: %w", err)
	}
	// 24 bytes, since a topic has 32 characters at most (RFC 8030, 5.4).
	topic := sha256.Sum256([]byte(s.Tag)) // the push service need not know what it is about
	answer, err := webpush.SendNotificationWithContext(ctx, text, &webpush.Subscription{
		Endpoint: to.Address,
		Keys:     webpush.Keys{Auth: base64.StdEncoding.EncodeToString(to.Auth), P256dh: base64.StdEncoding.EncodeToString(to.P256DH)},
	}, &webpush.Options{
		HTTPClient: p.client, Subscriber: p.contact, Topic: base64.RawURLEncoding.EncodeToString(topic[:24]), TTL: int(worth / time.Second),
		Urgency: webpush.UrgencyNormal, VAPIDPublicKey: p.public, VAPIDPrivateKey: p.private,
	})
	switch {
	case errors.Is(err, outwards.ErrInside):
		return undelivered{reason: oddAddress, forGood: true, gone: true}
	case err != nil:
		return undelivered{reason: unreachable}
	}
	defer answer.Body.Close()
	return outcomeOfStatus(answer.StatusCode)
}

// outcomeOfStatus says what the answer of a push service means.
// What is not known is taken to be for good: trying eight times would not change it.
func outcomeOfStatus(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return undelivered{reason: addressGone, forGood: true, gone: true}
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500,
		status == http.StatusUnauthorized, status == http.StatusForbidden: // our clock or our key, which somebody mends
		return undelivered{reason: refusedNow}
	default:
		return undelivered{reason: refusedEver, forGood: true}
	}
}
