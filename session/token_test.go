package session

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"undring/refusal"
)

var noon = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

func newKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newKeys(t testing.TB, now func() time.Time, private ...ed25519.PrivateKey) Keys {
	t.Helper()
	k, err := NewKeys(now, private...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

// G19 (R35): a token is only what it says. One fault each; whatever is wrong, the
// reason tells no more than that it is no token, or that its time is over.
func TestG19ATokenIsOnlyWhatItSays(t *testing.T) {
	t.Parallel()
	key, other := newKey(t), newKey(t)
	keys := newKeys(t, at(noon), key)
	h := Holder{Owner: uuid.New(), Person: uuid.New(), Session: uuid.New()}
	good, until, err := keys.Sign(h)
	if err != nil || !until.Equal(noon.Add(10*time.Minute)) {
		t.Fatalf("%v, good until %v", err, until)
	}
	if got, _, err := keys.Read(good); err != nil || got != h {
		t.Fatalf("%+v, %v", got, err)
	}
	header := map[string]any{"alg": "EdDSA", "typ": tokenType, "kid": keys.firstID}
	body := map[string]any{"iss": issuer, "aud": audience, "sub": h.Person.String(), "own": h.Owner, "sid": h.Session,
		"iat": noon.Unix(), "exp": noon.Add(AccessTime).Unix()}
	with := func(m map[string]any, changes map[string]any) map[string]any {
		out := maps.Clone(m)
		for k, v := range changes {
			if v == nil {
				delete(out, k)
			} else {
				out[k] = v
			}
		}
		return out
	}
	// write puts a token together by hand: a library would not write what is
	// tried here.
	write := func(header, body map[string]any, sign func(string) []byte) string {
		part := func(v any) string {
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return base64.RawURLEncoding.EncodeToString(raw)
		}
		said := part(header) + "." + part(body)
		return said + "." + base64.RawURLEncoding.EncodeToString(sign(said))
	}
	by := func(k ed25519.PrivateKey) func(string) []byte {
		return func(said string) []byte { return ed25519.Sign(k, []byte(said)) }
	}
	hs := func(secret []byte) func(string) []byte {
		return func(said string) []byte {
			sig, err := jwt.SigningMethodHS256.Sign(said, secret)
			if err != nil {
				t.Fatal(err)
			}
			return sig
		}
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	jwk := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(other.Public().(ed25519.PublicKey))}
	after := func(d time.Duration) int64 { return noon.Add(d).Unix() }
	for name, tc := range map[string]struct {
		header, body map[string]any
		sign         func(string) []byte
		want         refusal.Reason // empty: accepted
	}{
		"as it should be":                        {nil, nil, nil, ""},
		"alg none":                               {map[string]any{"alg": "none"}, nil, func(string) []byte { return nil }, refusal.NotSignedIn},
		"alg None":                               {map[string]any{"alg": "None"}, nil, func(string) []byte { return nil }, refusal.NotSignedIn},
		"no signature":                           {nil, nil, func(string) []byte { return nil }, refusal.NotSignedIn},
		"HS256 with our public key":              {map[string]any{"alg": "HS256"}, nil, hs(key.Public().(ed25519.PublicKey)), refusal.NotSignedIn},
		"HS256 with our public key as SPKI":      {map[string]any{"alg": "HS256"}, nil, hs(spki), refusal.NotSignedIn},
		"alg says HS256, signed by the key":      {map[string]any{"alg": "HS256"}, nil, by(key), refusal.NotSignedIn},
		"alg ES256":                              {map[string]any{"alg": "ES256"}, nil, by(key), refusal.NotSignedIn},
		"alg left out":                           {map[string]any{"alg": nil}, nil, by(key), refusal.NotSignedIn},
		"another key under our id":               {nil, nil, by(other), refusal.NotSignedIn},
		"an unknown key id":                      {map[string]any{"kid": "x"}, nil, by(key), refusal.NotSignedIn},
		"no key id":                              {map[string]any{"kid": nil}, nil, by(key), refusal.NotSignedIn},
		"a key id that is a path":                {map[string]any{"kid": "../../dev/null"}, nil, hs(nil), refusal.NotSignedIn},
		"a key id that is SQL":                   {map[string]any{"kid": "' or 1=1 --"}, nil, by(key), refusal.NotSignedIn},
		"a key of its own":                       {map[string]any{"jwk": jwk}, nil, by(other), refusal.NotSignedIn},
		"an address of keys":                     {map[string]any{"jku": "https://evil.example/keys"}, nil, by(other), refusal.NotSignedIn},
		"a certificate":                          {map[string]any{"x5u": "https://evil.example/cert"}, nil, by(other), refusal.NotSignedIn},
		"a critical header":                      {map[string]any{"crit": []string{"b64"}, "b64": false}, nil, by(key), refusal.NotSignedIn},
		"typ JWT":                                {map[string]any{"typ": "JWT"}, nil, by(key), refusal.NotSignedIn},
		"no typ":                                 {map[string]any{"typ": nil}, nil, by(key), refusal.NotSignedIn},
		"another issuer":                         {nil, map[string]any{"iss": "https://evil.example"}, nil, refusal.NotSignedIn},
		"no issuer":                              {nil, map[string]any{"iss": nil}, nil, refusal.NotSignedIn},
		"another audience":                       {nil, map[string]any{"aud": "other"}, nil, refusal.NotSignedIn},
		"no audience":                            {nil, map[string]any{"aud": nil}, nil, refusal.NotSignedIn},
		"an ID token":                            {map[string]any{"typ": "JWT"}, map[string]any{"nonce": "n", "aud": "client"}, nil, refusal.NotSignedIn},
		"no end":                                 {nil, map[string]any{"exp": nil}, nil, refusal.NotSignedIn},
		"over by 59 s: a clock may differ":       {nil, map[string]any{"exp": after(-59 * time.Second)}, nil, ""},
		"over by 61 s":                           {nil, map[string]any{"exp": after(-61 * time.Second)}, nil, refusal.TokenExpired},
		"over, of another audience":              {nil, map[string]any{"exp": after(-time.Hour), "aud": "other"}, nil, refusal.NotSignedIn},
		"not before in 60 s: a clock may differ": {nil, map[string]any{"nbf": after(60 * time.Second)}, nil, ""},
		"not before in 61 s":                     {nil, map[string]any{"nbf": after(61 * time.Second)}, nil, refusal.NotSignedIn},
		"made in 61 s":                           {nil, map[string]any{"iat": after(61 * time.Second)}, nil, refusal.NotSignedIn},
		"nobody":                                 {nil, map[string]any{"sub": ""}, nil, refusal.NotSignedIn},
		"no owner":                               {nil, map[string]any{"own": nil}, nil, refusal.NotSignedIn},
		"no session":                             {nil, map[string]any{"sid": nil}, nil, refusal.NotSignedIn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.sign == nil {
				tc.sign = by(key)
			}
			got, _, err := keys.Read(write(with(header, tc.header), with(body, tc.body), tc.sign))
			if refusal.ReasonOf(err) != tc.want || (tc.want == "") != (got == h) {
				t.Errorf("%v (%s), want %q", err, refusal.ReasonOf(err), tc.want)
			}
		})
	}
	if _, _, err := keys.Read(good[:len(good)-4] + "AAAA"); refusal.ReasonOf(err) != refusal.NotSignedIn {
		t.Errorf("with another signature: %v", err)
	}
}

// G19 (R36): keys are swapped while tokens are in use.
func TestG19KeysAreSwappedWhileInUse(t *testing.T) {
	t.Parallel()
	before, after := newKey(t), newKey(t)
	old, both, late := newKeys(t, at(noon), before), newKeys(t, at(noon), after, before), newKeys(t, at(noon), after)
	h := Holder{Owner: uuid.New(), Person: uuid.New(), Session: uuid.New()}
	sign := func(k Keys) string {
		token, _, err := k.Sign(h)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	for name, tc := range map[string]struct {
		by, reader Keys
		good       bool
	}{
		"an old one, read in the overlap":     {old, both, true},
		"a new one, read in the overlap":      {both, both, true},
		"a new one, read by an old server":    {both, old, false}, // so the new key is given to all as second first
		"a new one, once the old key is out":  {both, late, true},
		"an old one, once the old key is out": {old, late, false},
	} {
		if _, _, err := tc.reader.Read(sign(tc.by)); (err == nil) != tc.good {
			t.Errorf("%s: %v", name, err)
		}
		token := tc.by.makeRefresh(refreshToken{Holder: h, generation: 3})
		if got, err := tc.reader.readRefresh(token); (err == nil) != tc.good || err == nil && (got.Holder != h || got.generation != 3) {
			t.Errorf("%s, refreshing: %+v, %v", name, got, err)
		}
	}
	w := httptest.NewRecorder()
	both.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("the key set: %v, %s", err, w.Body)
	}
	for _, k := range set.Keys {
		public, err := base64.RawURLEncoding.DecodeString(k["x"])
		if err != nil || !ed25519.PublicKey(public).Equal(both.verify[k["kid"]]) || k["alg"] != "EdDSA" || k["d"] != "" {
			t.Errorf("%v", k)
		}
	}
}

func TestADeviceSigns(t *testing.T) {
	t.Parallel()
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed := newKey(t)
	spki := func(public any) []byte {
		raw, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	message := []byte(signedPrefix + "token")
	sum := sha256.Sum256(message)
	asn1, err := ecdsa.SignASN1(rand.Reader, p256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	r, s, err := ecdsa.Sign(rand.Reader, p256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	for name, tc := range map[string]struct {
		key       []byte
		signature []byte
		good      bool
	}{
		"P-256, ASN.1":     {spki(&p256.PublicKey), asn1, true},
		"P-256, WebCrypto": {spki(&p256.PublicKey), raw, true},
		"Ed25519":          {spki(ed.Public()), ed25519.Sign(ed, message), true},
		"another key":      {spki(newKey(t).Public()), ed25519.Sign(ed, message), false},
		"another token":    {spki(ed.Public()), ed25519.Sign(ed, []byte(signedPrefix+"other")), false},
		"no signature":     {spki(ed.Public()), nil, false},
		"zeros":            {spki(&p256.PublicKey), make([]byte, 64), false},
		"no key":           {nil, asn1, false},
	} {
		if got := signed(tc.key, "token", tc.signature); got != tc.good {
			t.Errorf("%s: %t", name, got)
		}
	}
	for name, key := range map[string][]byte{"P-384": spki(&p384.PublicKey), "nonsense": []byte("x"), "nothing": nil} {
		if isDeviceKey(key) {
			t.Errorf("%s is taken as a device's key", name)
		}
	}
}

// G12: whatever comes as a token.
func FuzzTokens(f *testing.F) {
	key := newKey(f)
	keys := newKeys(f, at(noon), key)
	h := Holder{Owner: uuid.New(), Person: uuid.New(), Session: uuid.New()}
	good, _, err := keys.Sign(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(keys.makeRefresh(refreshToken{Holder: h, generation: 1}))
	f.Add(strings.Repeat(".", 10))
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		if got, _, err := keys.Read(token); err == nil && got != h {
			t.Fatalf("%q stands for %+v", token, got)
		}
		if got, err := keys.readRefresh(token); err == nil && got.Holder != h {
			t.Fatalf("%q stands for %+v", token, got)
		}
		signed([]byte(token), token, []byte(token))
	})
}
