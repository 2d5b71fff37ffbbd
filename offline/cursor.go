package offline

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Horizon is how long it is remembered that something is gone. A cursor that is
// nearly as old may have missed it, and starts over.
const Horizon = 180 * 24 * time.Hour

// oldest is how old a cursor may be: a day less, for clocks that differ and
// transactions that were open.
const oldest = Horizon - 24*time.Hour

// Moment is a place in the feed: a transaction, and a row of it.
type Moment struct {
	XID uint64
	Seq int64
}

// Cursor is up to where somebody has pulled.
type Cursor struct {
	Moment
	Epoch string    // the history of the database that it counts in
	At    time.Time // when it was given, to the second
}

const (
	cursorVersion = 1
	epochSize     = 8
	cursorSaid    = 1 + epochSize + 8 + 8 + 8
	sealSize      = 16
)

// token writes the cursor of a person, sealed with a secret.
func (c Cursor) token(secret []byte, owner, person uuid.UUID) string {
	epoch := sha256.Sum256([]byte(c.Epoch))
	said := make([]byte, 0, cursorSaid+sealSize)
	said = append(said, cursorVersion)
	said = append(said, epoch[:epochSize]...)
	said = binary.BigEndian.AppendUint64(said, c.XID)
	said = binary.BigEndian.AppendUint64(said, uint64(c.Seq))
	said = binary.BigEndian.AppendUint64(said, uint64(c.At.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(said, seal(secret, owner, person, said)...))
}

// readCursor reads a person's own cursor. What is none, or has been written with
// none of the secrets, is not ok.
func readCursor(token string, secrets [][]byte, owner, person uuid.UUID) (c Cursor, epoch [epochSize]byte, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != cursorSaid+sealSize || raw[0] != cursorVersion {
		return c, epoch, false
	}
	said := raw[:cursorSaid]
	for _, secret := range secrets {
		ok = ok || hmac.Equal(seal(secret, owner, person, said), raw[cursorSaid:])
	}
	copy(epoch[:], said[1:])
	c.XID = binary.BigEndian.Uint64(said[1+epochSize:])
	c.Seq = int64(binary.BigEndian.Uint64(said[9+epochSize:]))
	c.At = time.Unix(int64(binary.BigEndian.Uint64(said[17+epochSize:])), 0)
	return c, epoch, ok
}

// goesOn says whether a pull can go on behind the cursor.
func (c Cursor) goesOn(epoch [epochSize]byte, here string, now time.Time) bool {
	sum := sha256.Sum256([]byte(here))
	return epoch == [epochSize]byte(sum[:epochSize]) && now.Sub(c.At) < oldest
}

// seal ties a cursor to the person whose feed it is in, so that a cursor of somebody
// else's is no use even to those who get hold of it. It is cut short: a cursor grants
// nothing, the seal only keeps nonsense out.
func seal(secret []byte, owner, person uuid.UUID, said []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(owner[:])
	mac.Write(person[:])
	mac.Write(said)
	return mac.Sum(nil)[:sealSize]
}
