package notify_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	pb "undring/gen/undring/v1"
	"undring/notify"
	"undring/server"
	"undring/town"
)

// browser is one that has asked for pushes, with its maker's push service.
type browser struct {
	t      testing.TB
	key    *ecdh.PrivateKey
	auth   []byte
	server *httptest.Server

	mu     sync.Mutex
	says   int // what the push service answers
	came   []notify.Shown
	bodies []int
	sent   []http.Header
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, key: key, auth: make([]byte, 16), says: http.StatusCreated}
	_, _ = rand.Read(b.auth)
	b.server = httptest.NewServer(b)
	t.Cleanup(b.server.Close)
	return b
}

// ServeHTTP takes a push, and opens it as the browser would.
func (b *browser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent, b.bodies = append(b.sent, r.Header), append(b.bodies, len(raw))
	if b.says == http.StatusCreated {
		text, err := b.open(raw)
		var s notify.Shown
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			b.t.Errorf("a browser can't read a push: %v", err)
		}
		b.came = append(b.came, s)
	}
	w.WriteHeader(b.says)
}

// open decrypts by RFC 8291 and RFC 8188, with the standard library alone.
func (b *browser) open(raw []byte) ([]byte, error) {
	if len(raw) < 21+65 || raw[20] != 65 {
		return nil, errors.New("no header")
	}
	salt, theirs, sealed := raw[:16], raw[21:86], raw[86:]
	other, err := ecdh.P256().NewPublicKey(theirs)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(other)
	if err != nil {
		return nil, err
	}
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, "WebPush: info\x00"+string(b.key.PublicKey().Bytes())+string(theirs), 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	end := strings.LastIndexByte(strings.TrimRight(string(text), "\x00"), 2)
	if end < 0 {
		return nil, errors.New("no end")
	}
	return text[:end], nil
}

// answer makes the push service answer something from now on.
func (b *browser) answer(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.says = status
}

// shown is what the browser has shown so far.
func (b *browser) shown() []notify.Shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.came)
}

// of registers the browser for somebody.
func (b *browser) of(p *town.Person) {
	b.t.Helper()
	town.Try(p.RegisterDevice(p.Ctx(), &pb.RegisterDeviceRequest{RequestId: town.Req(), Address: &pb.RegisterDeviceRequest_WebPush{WebPush: &pb.WebPushSubscription{
		Endpoint: b.server.URL + "/" + p.ID, P256Dh: b.key.PublicKey().Bytes(), Auth: b.auth,
	}}})).OK(b.t)
}

// pushes lets a server send pushes to browsers.
func pushes(t testing.TB) (func(*server.Options), *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p, err := notify.NewWebPush(key, "undring@fjordvik.example", true)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *server.Options) { o.Outside.Pushers = map[string]notify.Pusher{notify.WebPushDevice: p} }, key
}

// A push reaches each browser once, can be read by that browser alone, says nothing of the visit and nobody's
// name, and comes from a server that proves who it is. Mail is not sent besides.
func TestWhatComesGoesOutByPush(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office, phone, computer := newPostOffice(t), newBrowser(t), newBrowser(t)
	by, key := pushes(t)
	sends(t, w, 2, office.by, by)
	phone.of(w.Ola)
	computer.of(w.Ola)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour)
	until(t, w, afternoon.Add(-time.Second))
	if n := len(phone.shown()); n != 0 {
		t.Fatalf("%d pushes have gone out before their moment", n)
	}
	until(t, w, afternoon)
	want := notify.Shown{Title: "Undring", Text: "Et forslag om besøk venter på besøkskortet ditt.", To: "/v/" + v.ID, Tag: v.ID, Language: "nb", Unread: 1}
	for name, b := range map[string]*browser{"the phone": phone, "the computer": computer} {
		if got := b.shown(); len(got) != 1 || got[0] != want {
			t.Errorf("%s has shown %+v, want once %+v", name, got, want)
		}
	}
	if n := len(office.all()); n != 0 {
		t.Errorf("whom a push reaches also gets %d mails", n)
	}
	h := phone.sent[0]
	token := strings.TrimPrefix(strings.Split(h.Get("Authorization"), ",")[0], "vapid t=")
	claims := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(phone.server.URL)); err != nil {
		t.Errorf("the server proves nothing to the push service: %v", err)
	}
	if h.Get("Content-Encoding") != "aes128gcm" || h.Get("TTL") != "86400" || strings.Contains(h.Get("Topic"), v.ID) || len(h.Get("Topic")) != 32 {
		t.Errorf("a push goes by %v", h)
	}
	if phone.bodies[0] != computer.bodies[0] || phone.bodies[0] < 4000 {
		t.Errorf("pushes have lengths %v, which tell something", append(phone.bodies, computer.bodies...))
	}
}

// The other one's name is said where the person chose it, and nowhere else.
func TestANameIsSaidWhereItIsChosen(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office, phone := newPostOffice(t), newBrowser(t)
	by, _ := pushes(t)
	sends(t, w, 1, office.by, by)
	phone.of(w.Ola)
	choose := func(p *town.Person) {
		town.Try(p.SetPreferences(p.Ctx(), &pb.SetPreferencesRequest{RequestId: town.Req(), Preferences: &pb.NotificationPreferences{
			QuietFromMinutes: 17 * 60, QuietToMinutes: 7 * 60, QuietFreeDays: true, ShowName: true,
		}})).OK(t)
	}
	choose(w.Ola)
	choose(w.Nils)
	w.Propose(w.Kari, w.Ola, 24*time.Hour)
	w.Propose(w.Kari, w.Nils, 48*time.Hour)
	until(t, w, afternoon)
	if got := phone.shown(); len(got) != 1 || !strings.Contains(got[0].Text, "Kari Berg") {
		t.Errorf("who wants to read the name is shown %+v", got)
	}
	if got := office.all(); len(got) != 1 || !strings.Contains(got[0].Plain, "Kari Berg") || strings.Contains(got[0].subject(), "Kari") {
		t.Errorf("who wants to read the name gets %+v", got)
	}
}

// A browser that is no more is forgotten, and whom no other reaches gets a mail instead; the service
// that is busy is asked again.
func TestADeadSubscriptionIsDropped(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office, gone, busy := newPostOffice(t), newBrowser(t), newBrowser(t)
	by, _ := pushes(t)
	sends(t, w, 2, office.by, by)
	gone.of(w.Ola)
	busy.of(w.Nils)
	gone.answer(http.StatusGone)
	busy.answer(http.StatusTooManyRequests)
	w.Propose(w.Kari, w.Ola, 72*time.Hour)
	w.Propose(w.Kari, w.Nils, 96*time.Hour)
	until(t, w, afternoon)
	if n := town.One[int](w, "select count(*)::int from device where person_id = $1", w.Ola.ID); n != 0 {
		t.Error("a browser that is no more is kept")
	}
	if got := office.all(); len(got) != 1 || got[0].To != "ola@fjordvik.example" {
		t.Errorf("whose browser is no more gets %d mails: %v", len(got), got)
	}
	busy.answer(http.StatusCreated)
	until(t, w, afternoon.Add(time.Minute))
	until(t, w, afternoon.Add(2*time.Minute))
	if n := len(busy.shown()); n != 1 {
		t.Errorf("what a busy push service did not take was shown %d times", n)
	}
	if got := town.One[string](w, "select string_agg(reason || ' ' || retried || ' ' || given_up, ', ' order by reason) from delivery_failure where channel = 'PUSH'"); got != "ADDRESS_GONE 0 1, REFUSED 1 0" {
		t.Errorf("what was not delivered is counted as %q", got)
	}
}

// Whoever signs out is reached there no more, and a browser that another person signs in at is theirs.
func TestABrowserIsWhosSignedInThere(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	b := newBrowser(t)
	by, _ := pushes(t)
	sends(t, w, 1, by)
	b.of(w.Ola)
	town.Try(w.Nils.RegisterDevice(w.Nils.Ctx(), &pb.RegisterDeviceRequest{RequestId: town.Req(), Address: &pb.RegisterDeviceRequest_WebPush{WebPush: &pb.WebPushSubscription{
		Endpoint: b.server.URL + "/" + w.Ola.ID, P256Dh: b.key.PublicKey().Bytes(), Auth: b.auth,
	}}})).OK(t)
	w.Propose(w.Kari, w.Ola, 24*time.Hour)
	w.Propose(w.Kari, w.Nils, 48*time.Hour)
	until(t, w, afternoon)
	if got := b.shown(); len(got) != 1 || got[0].Text != "Et forslag om besøk venter på besøkskortet ditt." {
		t.Errorf("a browser that was handed on has shown %+v", got)
	}
	if n := town.One[int](w, "select count(*)::int from message where person_id = $1", w.Ola.ID); n != 0 {
		t.Errorf("who handed it on is sent %d messages", n)
	}
}

// No subscription makes the server reach into its own network, whatever it is called by.
func TestAPushStaysOutside(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p, err := notify.NewWebPush(key, "undring@fjordvik.example", false)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	for _, at := range []string{b.server.URL, strings.Replace(b.server.URL, "127.0.0.1", "localhost", 1), strings.Replace(b.server.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		err := p.Push(t.Context(), notify.Device{Address: at, P256DH: b.key.PublicKey().Bytes(), Auth: b.auth}, town.NewID(), notify.Shown{Tag: "x"})
		if err == nil || len(b.shown()) != 0 {
			t.Errorf("a push to %s is answered with %v", at, err)
		}
	}
	if got := base64.RawURLEncoding.EncodeToString(p.Key()); len(p.Key()) != 65 || got == "" {
		t.Errorf("the key that browsers ask for is %q", got)
	}
}
