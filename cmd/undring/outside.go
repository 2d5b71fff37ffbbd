package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"undring/notify"
)

// readOutside reads what leads out of the server: mail, and pushes to people's devices. Each may be missing;
// what is half there is told, all of it at once. loopback lets pushes go to this machine.
func readOutside(getenv func(string) string, readFile func(string) ([]byte, error), loopback bool) (notify.Outside, []error) {
	o := notify.Outside{Address: strings.TrimRight(getenv("UNDRING_URL"), "/"), Pushers: map[string]notify.Pusher{}}
	var wrong []error
	if u, err := url.Parse(o.Address); o.Address != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		wrong = append(wrong, errors.New("UNDRING_URL is not an address such as https://undring.example.no"))
	}
	var err error
	if o.Mail, err = readMail(getenv, o.Address); err != nil {
		wrong = append(wrong, err)
	}
	contact := o.Address
	if o.Mail != nil {
		contact = o.Mail.From()
	}
	for _, to := range []struct {
		kind, setting string
		read          func(text string) (notify.Pusher, error)
	}{
		{notify.WebPushDevice, "UNDRING_VAPID_KEY", func(text string) (notify.Pusher, error) { return readWebPush(text, readFile, contact, loopback) }},
		{notify.FCMDevice, "UNDRING_FCM_KEY", func(name string) (notify.Pusher, error) { return readFCM(name, readFile, getenv) }},
		{notify.APNsDevice, "UNDRING_APNS_KEY", func(name string) (notify.Pusher, error) { return readAPNs(name, readFile, getenv) }},
	} {
		text := getenv(to.setting)
		if text == "" {
			continue
		}
		// Only one that works is put in: a nil one in the map would be taken for a way to devices.
		if p, err := to.read(text); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", to.setting, err))
		} else {
			o.Pushers[to.kind] = p
		}
	}
	return o, wrong
}

// readMail reads the mail server; nil where there is none. Mail without an address of the app
// would have no links, and nobody could leave it by one.
func readMail(getenv func(string) string, address string) (*notify.SMTP, error) {
	at, from := getenv("UNDRING_SMTP_URL"), getenv("UNDRING_SMTP_FROM")
	switch {
	case at == "":
		return nil, nil
	case from == "":
		return nil, errors.New("UNDRING_SMTP_FROM is not set: whom mail comes from, such as Undring <undring@skole.no>")
	case address == "":
		return nil, errors.New("UNDRING_URL is not set: where people reach the service, for the links in mail, such as https://undring.example.no")
	}
	return notify.NewSMTP(at, from)
}

// readWebPush reads the key by which browsers know the server. contact is whom the makers of
// browsers are told: an address of mail, or one with https (RFC 8292, 2.1).
func readWebPush(text string, readFile func(string) ([]byte, error), contact string, loopback bool) (notify.Pusher, error) {
	key, err := readVAPID(text, readFile)
	switch {
	case err != nil:
		return nil, err
	case !strings.Contains(contact, "@") && !strings.HasPrefix(contact, "https:"):
		return nil, errors.New("neither UNDRING_SMTP_FROM is set nor a UNDRING_URL with https: the makers of browsers want to know whom to reach")
	}
	return notify.NewWebPush(key, contact, loopback)
}

// readFCM reads the service account of Firebase, by which Android phones are reached.
func readFCM(name string, readFile func(string) ([]byte, error), getenv func(string) string) (notify.Pusher, error) {
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return notify.NewFCM(raw, getenv("UNDRING_FCM_URL"))
}

// readAPNs reads Apple's key, and for which app it is.
func readAPNs(name string, readFile func(string) ([]byte, error), getenv func(string) string) (notify.Pusher, error) {
	raw, err := readFile(name)
	if err != nil {
		return nil, err
	}
	return notify.NewAPNs(notify.AppleKey{
		PEM: raw, ID: getenv("UNDRING_APNS_KEY_ID"), Team: getenv("UNDRING_APNS_TEAM"), Topic: getenv("UNDRING_APNS_TOPIC"),
		Server: getenv("UNDRING_APNS_URL"), ReadTheTime: time.Now,
	})
}

// vapidBytes is how long a private key of P-256 is.
const vapidBytes = 32

// readVAPID reads the key by which browsers know the server: the name of a PEM file, or the 32 bytes in
// base64, as other programs for Web Push print it.
func readVAPID(text string, readFile func(string) ([]byte, error)) (*ecdsa.PrivateKey, error) {
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil && len(raw) == vapidBytes {
		return ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	}
	raw, err := readFile(text)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("the key file is not in PEM format")
	}
	if block.Type == "EC PARAMETERS" { // openssl writes them before the key
		block, _ = pem.Decode(raw[strings.Index(string(raw), "-----END EC PARAMETERS-----")+len("-----END EC PARAMETERS-----"):])
	}
	var parsed any
	if block != nil {
		if parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			parsed, err = x509.ParseECPrivateKey(block.Bytes)
		}
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key is not one of P-256: make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`")
	}
	return key, nil
}

// demoOutside is what leads out of the demo: Web Push by a key that is made at its first start and kept,
// and mail where somebody says so. Where nobody says where the demo is reached, it is at its own address.
func demoOutside(web string) (notify.Outside, error) {
	getenv := func(key string) string {
		switch v := os.Getenv(key); {
		case v != "":
			return v
		case key == "UNDRING_URL":
			return "http://" + web
		case key == "UNDRING_SMTP_FROM":
			return "Undring <undring@localhost.example>"
		default:
			return ""
		}
	}
	o, wrong := readOutside(getenv, os.ReadFile, true)
	if len(wrong) > 0 || o.Pushers[notify.WebPushDevice] != nil {
		return o, errors.Join(wrong...)
	}
	key, err := demoVAPID()
	if err == nil {
		o.Pushers[notify.WebPushDevice], err = notify.NewWebPush(key, "undring@localhost.example", true)
	}
	return o, err
}

// demoVAPID is the demo's own key, so that browsers which asked once are reached after a restart.
func demoVAPID() (*ecdsa.PrivateKey, error) {
	dir, err := dataDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "demo-vapid.pem")
	if key, err := readVAPID(path, os.ReadFile); err == nil || !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("the demo's key for Web Push: %w", err)
	}
	return key, nil
}

// demoClock is the demo's time: the machine's, moved by UNDRING_DEMO_CLOCK, such as +840h.
func demoClock(getenv func(string) string) (now func() time.Time, moved bool, err error) {
	text := getenv("UNDRING_DEMO_CLOCK")
	if text == "" {
		return time.Now, false, nil
	}
	by, err := time.ParseDuration(text)
	if err != nil {
		return nil, false, fmt.Errorf("UNDRING_DEMO_CLOCK is not a span of time such as +840h")
	}
	return func() time.Time { return time.Now().Add(by) }, true, nil
}
