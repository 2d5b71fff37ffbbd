package session

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"undring/refusal"
)

const (
	// AccessTime is how long an access token is good for. Short, because a token can't be
	// taken back: until it has run out, only the session's end stops it (G19).
	AccessTime = 10 * time.Minute
	// Skew is how far the clocks of two servers may be apart. A token thus counts for
	// eleven minutes at most.
	Skew = time.Minute
)

const (
	issuer   = "undring"
	audience = "undring"
	// tokenType keeps an access token apart from every other JWT (RFC 9068, 2.1).
	tokenType = "at+jwt"
)

// Holder is whom a token stands for, and the session that it belongs to. All three are read
// from the token and asked together from the database, where a row has to have all three.
type Holder struct {
	Owner   uuid.UUID
	Person  uuid.UUID
	Session uuid.UUID
}

// Keys make tokens, and read what they say. Everything is derived from the private keys of
// one file, so an administrator keeps and exchanges one thing. Only [NewKeys] makes them.
type Keys struct {
	now      func() time.Time
	first    ed25519.PrivateKey
	firstID  string
	verify   map[string]ed25519.PublicKey // by key id
	refresh  [][]byte                     // secrets of refresh tokens; the first makes them
	inviting [][]byte
	cursors  [][]byte // secrets of cursors, like those of refresh tokens
	sealing  [][]byte // secrets of the pulse; the first seals
	links    [][]byte
}

// NewKeys takes the keys of a server. The first one signs; the others are those
// that it took the place of, and still count. What is signed by none of them is
// no token.
func NewKeys(now func() time.Time, private ...ed25519.PrivateKey) (Keys, error) {
	k := Keys{now: now, verify: map[string]ed25519.PublicKey{}}
	if len(private) == 0 {
		return k, errors.New("no key to sign with")
	}
	for i, key := range private {
		if len(key) != ed25519.PrivateKeySize {
			return k, errors.New("a key is not an Ed25519 key")
		}
		public := key.Public().(ed25519.PublicKey)
		// The key's id follows from the key: servers that share keys agree on it without
		// being told.
		sum := sha256.Sum256(public)
		id := base64.RawURLEncoding.EncodeToString(sum[:12])
		k.verify[id] = public
		// Each use has a secret of its own by its label: one that leaks gives away none of
		// the others, and not the key.
		secret, err := hkdf.Key(sha256.New, key.Seed(), nil, "undring refresh token", sha256.Size)
		if err != nil {
			return k, fmt.Errorf("deriving the secret of refresh tokens: %w", err)
		}
		k.refresh = append(k.refresh, secret)
		if secret, err = hkdf.Key(sha256.New, key.Seed(), nil, "undring cursor", sha256.Size); err != nil {
			return k, fmt.Errorf("deriving the secret of cursors: %w", err)
		}
		k.cursors = append(k.cursors, secret)
		sealing, err := hkdf.Key(sha256.New, key.Seed(), nil, "undring pulse", sha256.Size)
		if err != nil {
			return k, fmt.Errorf("deriving the secret of the pulse: %w", err)
		}
		k.sealing = append(k.sealing, sealing)
		link, err := hkdf.Key(sha256.New, key.Seed(), nil, "undring link", sha256.Size)
		if err != nil {
			return k, fmt.Errorf("deriving the secret of links: %w", err)
		}
		k.links = append(k.links, link)
		inviting, err := hkdf.Key(sha256.New, key.Seed(), nil, "undring invitation code", sha256.Size)
		if err != nil {
			return k, fmt.Errorf("deriving the secret of invitations: %w", err)
		}
		k.inviting = append(k.inviting, inviting)
		if i == 0 {
			k.first, k.firstID = key, id
		}
	}
	return k, nil
}

// InvitationSecrets are what codes of invitations are made with: the first one makes them, the
// others did before it. With one a code can be made again from its id: a repeated request gets
// the same code, though the database holds none (G2).
func (k Keys) InvitationSecrets() [][]byte { return k.inviting }

// CursorSecrets are what cursors of phones are sealed with: the first one seals,
// all of them count.
func (k Keys) CursorSecrets() [][]byte { return k.cursors }

// LinkSecrets are what the addresses of calendars and in mails are made with: the first one makes,
// all of them count.
func (k Keys) LinkSecrets() [][]byte { return k.links }

// PulseSecrets are what answers to the pulse are sealed with: the first one seals,
// the others did before it.
func (k Keys) PulseSecrets() [][]byte { return k.sealing }

// claims is what an access token says besides the standard's: the owner and the session.
// Neither role nor name is among them, so a token is never out of date about what its
// holder may do.
type claims struct {
	jwt.RegisteredClaims
	Owner   uuid.UUID `json:"own"`
	Session uuid.UUID `json:"sid"`
}

// Sign makes an access token, and returns until when it is good. Always by the first key:
// the others only check what they signed before.
func (k Keys) Sign(h Holder) (string, time.Time, error) {
	now := k.now()
	until := now.Add(AccessTime)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: h.Person.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(until),
		},
		Owner: h.Owner, Session: h.Session,
	})
	t.Header["typ"], t.Header["kid"] = tokenType, k.firstID
	token, err := t.SignedString(k.first)
	return token, until, err
}

// Read says whom an access token stands for, and until when it is good. One that has run
// out: TOKEN_EXPIRED; anything else than a token of ours: NOT_SIGNED_IN. One algorithm, one
// issuer, one audience and a time at which it ends are all required, so that neither "none"
// nor a token of another kind gets through (G19).
func (k Keys) Read(token string) (Holder, time.Time, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, k.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(Skew), jwt.WithTimeFunc(k.now))
	// A phone answers TOKEN_EXPIRED by refreshing, so it may only be said of a token that
	// would otherwise be ours.
	if errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) && !errors.Is(err, jwt.ErrTokenInvalidIssuer) {
		return Holder{}, time.Time{}, refusal.New(refusal.TokenExpired)
	}
	if err != nil {
		return Holder{}, time.Time{}, &refusal.Refusal{Reason: refusal.NotSignedIn, Err: errors.New("the access token is not one of ours")}
	}
	person, err := uuid.Parse(c.Subject)
	if err != nil || c.Owner == uuid.Nil || c.Session == uuid.Nil {
		return Holder{}, time.Time{}, refusal.New(refusal.NotSignedIn)
	}
	return Holder{Owner: c.Owner, Person: person, Session: c.Session}, c.ExpiresAt.Time, nil
}

// keyOf finds the key by its id among ours: nothing that a token says of keys
// besides is looked at. A token that brought its own key, or an address to fetch one from,
// would otherwise vouch for itself.
func (k Keys) keyOf(t *jwt.Token) (any, error) {
	if t.Header["typ"] != tokenType {
		return nil, errors.New("no access token")
	}
	if _, critical := t.Header["crit"]; critical {
		return nil, errors.New("a critical header that is not understood")
	}
	id, _ := t.Header["kid"].(string)
	key, known := k.verify[id]
	if !known {
		return nil, errors.New("an unknown key")
	}
	return key, nil
}

// refreshToken is what a refresh token says: its number within which session it
// is. The server keeps the number alone, so that nothing in the database is a
// token, and a lost reply can be given again.
type refreshToken struct {
	Holder
	generation uint32
}

const (
	// The version, three ids of 16 bytes, the generation in four, and the seal.
	refreshVersion = 1
	refreshSaid    = 1 + 3*16 + 4
	refreshSize    = refreshSaid + sha256.Size
)

// makeRefresh makes the refresh token of a generation, always the same. That it is the same
// each time is what lets a lost reply be given again without keeping it.
func (k Keys) makeRefresh(t refreshToken) string {
	said := t.bytes()
	return base64.RawURLEncoding.EncodeToString(append(said, seal(k.refresh[0], said)...))
}

// readRefresh reads what a refresh token says: NOT_SIGNED_IN for what is not one of ours.
func (k Keys) readRefresh(token string) (refreshToken, error) {
	none := refusal.New(refusal.NotSignedIn)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	// Strict: of several spellings of the same bytes one counts, so a token can't be
	// altered and still be itself.
	if err != nil || len(raw) != refreshSize || raw[0] != refreshVersion {
		return refreshToken{}, none
	}
	said, mac := raw[:refreshSaid], raw[refreshSaid:]
	// Older keys count too, or an exchange of keys would sign everybody out.
	for _, secret := range k.refresh {
		if !hmac.Equal(seal(secret, said), mac) {
			continue
		}
		var t refreshToken
		copy(t.Owner[:], said[1:])
		copy(t.Person[:], said[17:])
		copy(t.Session[:], said[33:])
		t.generation = binary.BigEndian.Uint32(said[49:])
		return t, nil
	}
	return refreshToken{}, none
}

// bytes writes what a refresh token says, in a fixed length: nothing in it is parsed
// before its seal was checked.
func (t refreshToken) bytes() []byte {
	said := make([]byte, 0, refreshSize)
	said = append(said, refreshVersion)
	said = append(said, t.Owner[:]...)
	said = append(said, t.Person[:]...)
	said = append(said, t.Session[:]...)
	return binary.BigEndian.AppendUint32(said, t.generation)
}

// seal makes what proves that a text is ours and unchanged.
func seal(secret, said []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(said)
	return mac.Sum(nil)
}

// ServeHTTP serves the public keys, as a JSON Web Key Set (RFC 7517, 8037). They are for whoever
// has to check a token and must not be able to make one.
func (k Keys) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	type key struct {
		Type      string `json:"kty"`
		Curve     string `json:"crv"`
		Use       string `json:"use"`
		Algorithm string `json:"alg"`
		ID        string `json:"kid"`
		X         string `json:"x"`
	}
	set := struct {
		Keys []key `json:"keys"`
	}{}
	for id, public := range k.verify {
		set.Keys = append(set.Keys, key{"OKP", "Ed25519", "sig", "EdDSA", id, base64.RawURLEncoding.EncodeToString(public)})
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_ = json.NewEncoder(w).Encode(set) // fails only where the caller has gone
}
