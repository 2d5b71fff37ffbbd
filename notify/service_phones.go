package notify

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

// FCM sends to Android phones by Firebase Cloud Messaging (its HTTP v1).
type FCM struct {
	url    string
	tokens oauth2.TokenSource
	client *http.Client
}

const (
	fcmServer = "https://fcm.googleapis.com"
	fcmScope  = "https://www.googleapis.com/auth/firebase.messaging"
)

// NewFCM makes it from the key of a service account, as Firebase hands it out (JSON). server is
// Google's, where it is empty.
func NewFCM(account []byte, server string) (*FCM, error) {
	var of struct {
		Project string `json:"project_id"`
	}
	if err := json.Unmarshal(account, &of); err != nil || of.Project == "" {
		return nil, errors.New("the service account of Firebase has no project_id") // the error of json would quote the key
	}
	config, err := google.JWTConfigFromJSON(account, fcmScope)
	if err != nil {
		return nil, errors.New("the service account of Firebase can't be read")
	}
	if server == "" {
		server = fcmServer
	}
	client := &http.Client{Timeout: pushTime}
	return &FCM{
		url:    server + "/v1/projects/" + of.Project + "/messages:send",
		tokens: config.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client)),
		client: client,
	}, nil
}

// Push sends what a phone shows.
func (f *FCM) Push(ctx context.Context, to Device, id uuid.UUID, s Shown) error {
	// The library keeps it until it runs out, an hour, and fetches the next one.
	token, err := f.tokens.Token()
	if err != nil {
		return undelivered{reason: unreachable}
	}
	type fields = map[string]any
	body := fields{"message": fields{
		"token": to.Address, "notification": fields{"title": s.Title, "body": s.Text}, "data": fields{"to": s.To, "message": id.String()},
		"android": fields{"ttl": strconv.Itoa(int(worth/time.Second)) + "s", "collapse_key": s.Tag, "notification": fields{"tag": s.Tag, "notification_count": s.Unread}},
	}}
	status, answer, err := post(ctx, f.client, f.url, body, http.Header{"Authorization": {"Bearer " + token.AccessToken}})
	if err != nil {
		return err
	}
	var told struct {
		Error struct {
			Details []struct {
				Code string `json:"errorCode"`
			} `json:"details"`
		} `json:"error"`
	}
	_ = json.Unmarshal(answer, &told) // what can't be read tells nothing more than the status
	for _, d := range told.Error.Details {
		// The app was taken off the phone, or the token belongs to another project's app.
		if d.Code == "UNREGISTERED" || d.Code == "SENDER_ID_MISMATCH" {
			return undelivered{reason: addressGone, forGood: true, gone: true}
		}
	}
	if status == http.StatusNotFound { // of the project, and no phone's fault
		return undelivered{reason: refusedNow}
	}
	return outcomeOfStatus(status)
}

// APNs sends to Apple's phones, by HTTP/2.
type APNs struct {
	url, topic, team, keyID string
	key                     *ecdsa.PrivateKey
	now                     func() time.Time
	client                  *http.Client

	mu     sync.Mutex
	token  string
	signed time.Time
}

// AppleKey is what Apple hands out for sending, and for which app.
type AppleKey struct {
	PEM         []byte // the .p8 file
	ID          string
	Team        string
	Topic       string // the app's bundle id
	Server      string // empty: Apple's
	Transport   http.RoundTripper
	ReadTheTime func() time.Time
}

const appleServer = "https://api.push.apple.com"

// tokenAge is for how long one of our tokens is used: Apple wants a new one after 20
// to 60 minutes.
const tokenAge = 40 * time.Minute

// NewAPNs makes it.
func NewAPNs(k AppleKey) (*APNs, error) {
	block, _ := pem.Decode(k.PEM)
	if block == nil {
		return nil, errors.New("the key of Apple's is not in PEM format")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || k.ID == "" || k.Team == "" || k.Topic == "" {
		return nil, errors.New("of Apple's key all is needed: the .p8 file, its id, the team and the app's bundle id")
	}
	if k.Server == "" {
		k.Server = appleServer
	}
	return &APNs{url: k.Server + "/3/device/", topic: k.Topic, team: k.Team, keyID: k.ID, key: key, now: k.ReadTheTime,
		client: &http.Client{Timeout: pushTime, Transport: k.Transport}}, nil
}

// bearer is a token of ours for Apple.
// It is signed at most once in tokenAge: Apple refuses a sender who makes new ones all the time
// (TooManyProviderTokenUpdates).
func (a *APNs) bearer() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	// A negative age is a clock that was set back: the token could seem to be from the future.
	if age := now.Sub(a.signed); a.token != "" && age >= 0 && age < tokenAge {
		return a.token, nil
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": a.team, "iat": now.Unix()})
	t.Header["kid"] = a.keyID
	text, err := t.SignedString(a.key)
	if err != nil {
		return "", fmt.Errorf("signing for Apple: %w", err)
	}
	a.token, a.signed = text, now
	return text, nil
}

// Push sends what a phone shows.
func (a *APNs) Push(ctx context.Context, to Device, id uuid.UUID, s Shown) error {
	token, err := a.bearer()
	if err != nil {
		return err
	}
	type fields = map[string]any
	body := fields{"aps": fields{"alert": fields{"title": s.Title, "body": s.Text}, "badge": s.Unread, "thread-id": s.Tag}, "to": s.To}
	status, answer, err := post(ctx, a.client, a.url+to.Address, body, http.Header{
		"Authorization": {"bearer " + token}, "Apns-Topic": {a.topic}, "Apns-Push-Type": {"alert"}, "Apns-Id": {id.String()}, "Apns-Collapse-Id": {s.Tag},
		"Apns-Expiration": {strconv.FormatInt(a.now().Add(worth).Unix(), 10)},
	})
	if err != nil {
		return err
	}
	var told struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(answer, &told) // what can't be read tells nothing more than the status
	// 410 Unregistered is among the statuses; these two come as 400.
	if told.Reason == "BadDeviceToken" || told.Reason == "DeviceTokenNotForTopic" {
		return undelivered{reason: addressGone, forGood: true, gone: true}
	}
	return outcomeOfStatus(status)
}

// post sends JSON, and reads a bounded answer. What it fails with holds no address: a token of a phone's is
// one.
func post(ctx context.Context, client *http.Client, url string, body any, h http.Header) (int, []byte, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, nil, fmt.Errorf("writing a push: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return 0, nil, undelivered{reason: oddAddress, forGood: true, gone: true}
	}
	r.Header = h
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil, undelivered{reason: unreachable}
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return 0, nil, undelivered{reason: unreachable}
	}
	return answer.StatusCode, told, nil
}
