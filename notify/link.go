package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"
)

// A link opens something of one person's, their calendar, for whoever has it. It is signed,
// and nothing of it is stored; a generation makes older ones void.
type link struct {
	what       byte
	owner      uuid.UUID
	person     uuid.UUID
	generation uint32 // for mail: a bit for each of [Kinds], in their order, which stays
}

// What a link is for. It is signed with the rest, so that a link for one thing opens no
// other.
const (
	forCalendar byte = 1
	forMail     byte = 2
)

// linkBytes is how long a link is before its signature.
const linkBytes = 1 + 16 + 16 + 4

// mark is the signature of a link: as long as makes guessing hopeless.
func (l link) mark(secret []byte) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write(l.bytes())
	return h.Sum(nil)
}

// bytes are of one length, without separators: nothing can be moved from one field to another
// with the signature still right.
func (l link) bytes() []byte {
	b := append([]byte{l.what}, l.owner[:]...)
	b = append(b, l.person[:]...)
	return binary.BigEndian.AppendUint32(b, l.generation)
}

// text is the link as it stands in an address.
func (l link) text(secret []byte) string {
	return base64.RawURLEncoding.EncodeToString(append(l.bytes(), l.mark(secret)...))
}

// readLink reads a link; false: it is none of ours, or for something else. Any of the
// secrets may have made it.
// Strict base64: the same link must not be readable in two spellings. The comparison takes
// the same time wherever two signatures differ.
func readLink(text string, what byte, secrets [][]byte) (link, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != linkBytes+sha256.Size || raw[0] != what {
		return link{}, false
	}
	l := link{what: raw[0], owner: uuid.UUID(raw[1:17]), person: uuid.UUID(raw[17:33]), generation: binary.BigEndian.Uint32(raw[33:37])}
	for _, secret := range secrets {
		if hmac.Equal(l.mark(secret), raw[linkBytes:]) {
			return l, true
		}
	}
	return link{}, false
}
