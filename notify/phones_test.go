package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"undring/notify"
	"undring/town"
)

var shownHere = notify.Shown{Title: "Undring", Text: "Et besøk er avtalt.", To: "/v/x", Tag: "x", Language: "nb", Unread: 3}

// pemOf is a key as its maker hands it out.
func pemOf(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// What goes to Android phones, at the wire: signed for by the service account, once for many, with
// what is shown and nothing besides. What Firebase answers is understood.
func TestFCMAtTheWire(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tokens, status, answer := 0, 200, `{}`
	var got map[string]any
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		tokens++
		claims := jwt.MapClaims{}
		if _, err := jwt.ParseWithClaims(r.FormValue("assertion"), claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithValidMethods([]string{"RS256"})); err != nil {
			t.Errorf("the service account signs nothing: %v", err)
		}
		if claims["iss"] != "undring@skole.example" || !strings.Contains(fmt.Sprint(claims["scope"]), "firebase.messaging") {
			t.Errorf("it asks for %v", claims)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "abc", "token_type": "Bearer", "expires_in": 3600}`)
	})
	mux.HandleFunc("POST /v1/projects/skole/messages:send", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer abc" {
			t.Errorf("a push is sent by %q", r.Header.Get("Authorization"))
		}
		raw, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	account, err := json.Marshal(map[string]string{"type": "service_account", "project_id": "skole", "client_email": "undring@skole.example",
		"private_key": string(pemOf(t, key)), "private_key_id": "1", "token_uri": s.URL + "/token"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := notify.NewFCM(account, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	to, id := notify.Device{Address: "phone"}, town.NewID()
	if err := f.Push(t.Context(), to, id, shownHere); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"message":{"android":{"collapse_key":"x","notification":{"notification_count":3,"tag":"x"},"ttl":"86400s"},"data":{"message":"` + id.String() + `","to":"/v/x"},"notification":{"body":"Et besøk er avtalt.","title":"Undring"},"token":"phone"}}`
	if string(raw) != want {
		t.Errorf("Firebase gets\n%s, want\n%s", raw, want)
	}
	for _, c := range []struct {
		status       int
		answer, want string
	}{
		{404, `{"error":{"status":"NOT_FOUND","details":[{"errorCode":"UNREGISTERED"}]}}`, "undelivered: ADDRESS_GONE"},
		{404, `no such project`, "undelivered: REFUSED"}, {503, ``, "undelivered: REFUSED"}, {429, ``, "undelivered: REFUSED"}, {400, `{}`, "undelivered: REFUSED_EVER"},
	} {
		status, answer = c.status, c.answer
		if err := f.Push(t.Context(), to, id, shownHere); err == nil || err.Error() != c.want {
			t.Errorf("Firebase's %d %s means %v, want %s", c.status, c.answer, err, c.want)
		}
	}
	if tokens != 1 {
		t.Errorf("for six pushes, Google was asked for %d tokens", tokens)
	}
}

// What goes to Apple's phones, at the wire: by HTTP/2, signed for with the team's key, with the id of the
// message, by which Apple knows it again.
func TestAPNsAtTheWire(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := 200, ``
	var got *http.Request
	var body string
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got, body = r, string(raw)
		w.WriteHeader(status)
		fmt.Fprint(w, answer)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	now := town.Tuesday
	a, err := notify.NewAPNs(notify.AppleKey{PEM: pemOf(t, key), ID: "K1", Team: "T1", Topic: "no.undring", Server: s.URL, Transport: s.Client().Transport, ReadTheTime: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	to, id := notify.Device{Address: "abcdef"}, town.NewID()
	if err := a.Push(t.Context(), to, id, shownHere); err != nil {
		t.Fatal(err)
	}
	first := got.Header.Get("Authorization")
	token, err := jwt.Parse(strings.TrimPrefix(first, "bearer "), func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithValidMethods([]string{"ES256"}))
	if err != nil || token.Header["kid"] != "K1" || token.Claims.(jwt.MapClaims)["iss"] != "T1" {
		t.Errorf("the server proves %v to Apple: %v", token, err)
	}
	if got.ProtoMajor != 2 || got.URL.Path != "/3/device/abcdef" || got.Header.Get("Apns-Id") != id.String() || got.Header.Get("Apns-Topic") != "no.undring" ||
		got.Header.Get("Apns-Push-Type") != "alert" || got.Header.Get("Apns-Collapse-Id") != "x" || got.Header.Get("Apns-Expiration") == "" {
		t.Errorf("Apple is asked by HTTP/%d for %s with %v", got.ProtoMajor, got.URL.Path, got.Header)
	}
	if want := `{"aps":{"alert":{"body":"Et besøk er avtalt.","title":"Undring"},"badge":3,"thread-id":"x"},"to":"/v/x"}`; body != want {
		t.Errorf("Apple gets\n%s, want\n%s", body, want)
	}
	now = now.Add(30 * time.Minute)
	if err := a.Push(t.Context(), to, id, shownHere); err != nil || got.Header.Get("Authorization") != first {
		t.Errorf("half an hour later, the token is another one: %v", err)
	}
	now = now.Add(15 * time.Minute)
	if err := a.Push(t.Context(), to, id, shownHere); err != nil || got.Header.Get("Authorization") == first {
		t.Errorf("after three quarters of an hour, the token is the same: %v", err)
	}
	for _, c := range []struct {
		status       int
		answer, want string
	}{
		{410, `{"reason":"Unregistered"}`, "undelivered: ADDRESS_GONE"}, {400, `{"reason":"BadDeviceToken"}`, "undelivered: ADDRESS_GONE"},
		{400, `{"reason":"PayloadTooLarge"}`, "undelivered: REFUSED_EVER"}, {429, ``, "undelivered: REFUSED"}, {500, ``, "undelivered: REFUSED"}, {403, `{"reason":"InvalidProviderToken"}`, "undelivered: REFUSED"},
	} {
		status, answer = c.status, c.answer
		if err := a.Push(t.Context(), to, id, shownHere); err == nil || err.Error() != c.want {
			t.Errorf("Apple's %d %s means %v, want %s", c.status, c.answer, err, c.want)
		}
	}
}
