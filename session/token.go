package session

import (
	"crypto/ed25519"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"undring/refusal"
)

// AccessTime is how long an access token is good for: a school day.
const AccessTime = 10 * time.Hour

const (
	issuer   = "undring"
	audience = "undring"
)

// Keys makes and reads access tokens.
type Keys struct {
	private ed25519.PrivateKey
	now     func() time.Time
}

// NewKeys takes the installation's own key.
func NewKeys(private ed25519.PrivateKey, now func() time.Time) Keys {
	return Keys{private: private, now: now}
}

type claims struct {
	jwt.RegisteredClaims
	Owner uuid.UUID `json:"own"`
}

// Holder is whom a token names.
type Holder struct {
	Owner  uuid.UUID
	Person uuid.UUID
}

// Sign makes an access token and says when it runs out.
func (k Keys) Sign(h Holder) (string, time.Time, error) {
	now := k.now()
	until := now.Add(AccessTime)
	token, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: h.Person.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(until),
		},
		Owner: h.Owner,
	}).SignedString(k.private)
	return token, until, err
}

// Read says whom a token names. One that has run out: TOKEN_EXPIRED; one that
// this installation did not make, or that is none: NOT_SIGNED_IN.
func (k Keys) Read(token string) (Holder, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return k.private.Public(), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(k.now))
	if errors.Is(err, jwt.ErrTokenExpired) {
		return Holder{}, refusal.New(refusal.TokenExpired)
	}
	if err != nil {
		return Holder{}, &refusal.Refusal{Reason: refusal.NotSignedIn, Err: err}
	}
	person, err := uuid.Parse(c.Subject)
	if err != nil {
		return Holder{}, refusal.New(refusal.NotSignedIn)
	}
	return Holder{Owner: c.Owner, Person: person}, nil
}
