package culture

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"undring/culture/guard"
)

// statements of the pulse, in their order. The figures of teachers and of leaders
// stand at the same places.
var statements = []guard.Figure{guard.PulseSafe, guard.PulseUseful, guard.PulseChoice, guard.PulseHeard, guard.PulseTogether}

var leadersStatements = []guard.Figure{guard.LeadersPulseSafe, guard.LeadersPulseUseful, guard.LeadersPulseChoice, guard.LeadersPulseHeard, guard.LeadersPulseTogether}

// Ballot is what somebody answered.
type Ballot struct {
	School uuid.UUID
	Leader bool   // leads, and does not teach
	Agrees []bool // with each statement
}

// count adds a ballot to those of its school.
func (b Ballot) count(c *guard.Count) {
	response, list := guard.PulseResponse, statements
	if b.Leader {
		response, list = guard.LeadersPulseResponse, leadersStatements
	}
	c.Yes[response]++
	for i, agrees := range b.Agrees {
		if agrees {
			c.Yes[list[i]]++
		}
	}
}

// ballotSize is that of every ballot, so that a seal's length tells nothing.
const ballotSize = 16 + 1 + 1

// sealer seals the ballots of one round of an owner.
type sealer struct {
	aead  cipher.AEAD
	bound []byte
}

// newSealer derives the key of one round of one owner. A key for each round means that
// an answer of one can't be opened by, or laid into, another.
func newSealer(secret []byte, owner uuid.UUID, term string) (sealer, error) {
	key, err := hkdf.Key(sha256.New, secret, owner[:], "undring pulse "+term, 32)
	if err != nil {
		return sealer{}, fmt.Errorf("deriving the key of a round: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead: aead, bound: append(owner[:], term...)}, err
}

// seal closes a ballot; the same one never looks the same twice.
func (s sealer) seal(b Ballot) []byte {
	plain := make([]byte, ballotSize)
	copy(plain, b.School[:])
	if b.Leader {
		plain[16] = 1
	}
	for i, agrees := range b.Agrees {
		if agrees {
			plain[17] |= 1 << i
		}
	}
	return s.aead.Seal(nil, nil, plain, s.bound)
}

// open reads a ballot when the round is over. A length that does not fit is treated as
// a wrong key: both mean that the row is not ours.
func (s sealer) open(sealed []byte) (Ballot, error) {
	plain, err := s.aead.Open(nil, nil, sealed, s.bound)
	if err != nil || len(plain) != ballotSize {
		return Ballot{}, errors.New("a ballot that this key did not seal")
	}
	b := Ballot{School: uuid.UUID(plain[:16]), Leader: plain[16] == 1}
	for i := range statements {
		b.Agrees = append(b.Agrees, plain[17]&(1<<i) != 0)
	}
	return b, nil
}

// randomID is an id that says nothing of when it was made.
func randomID() uuid.UUID {
	var id uuid.UUID
	_, _ = rand.Read(id[:]) // never fails
	return id
}
