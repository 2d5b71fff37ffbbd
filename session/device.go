package session

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
)

// A device may keep a key to itself: whoever holds only a copy of a refresh
// token can't sign for it.

// signedPrefix keeps the signature from being one for anything else that the same key may
// be asked to sign.
const signedPrefix = "undring-refresh:"

// isDeviceKey says whether this is a public key of a kind that devices may have. The two
// kinds are those that browsers and phones keep where no program can copy them out: P-256
// by WebCrypto and by the chips of phones, Ed25519 by newer ones.
func isDeviceKey(spki []byte) bool {
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return false
	}
	switch k := key.(type) {
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return k.Curve == elliptic.P256()
	}
	return false
}

// signed says whether the device with this key has signed for the refresh token. A key that
// can't be read counts as one that has not signed: the caller then ends the session rather
// than trusting it.
func signed(spki []byte, token string, signature []byte) bool {
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return false
	}
	message := []byte(signedPrefix + token)
	switch k := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		if len(signature) == 64 { // r and s side by side, as WebCrypto writes them
			r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
			return ecdsa.Verify(k, sum[:], r, s)
		}
		return ecdsa.VerifyASN1(k, sum[:], signature)
	}
	return false
}
