// Package intake looks at what comes in before anything is made of it: how large it
// is once unpacked, how deep, and how many there are of what the contract limits.
//
// What it costs to refuse is held against what was sent: a message of n bytes on the
// wire is never more than [Unfold] allows of it, is at most [MaxDepth] deep, and no
// list in it is longer than its limit, before a single part of it is allocated.
package intake

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// Limits of what is unpacked. Text packs to a third, a roster to a tenth; what packs
// to a hundredth is not a text that anybody wrote.
const (
	packedFree = 64 << 10 // bytes that a message may have however few were sent
	packedMost = 100      // times what was sent, beyond that
)

// Errors of what is packed.
var (
	// ErrTooLarge says that there is more than may be.
	ErrTooLarge = errors.New("more than may be sent")
	// ErrNotPacked says that something was said to be packed that is not.
	ErrNotPacked = errors.New("is not packed as it says")
)

// Unfold is how many bytes may come out of so many that were sent, of at most so many
// in all.
func Unfold(sent, most int) int { return min(most, packedFree+packedMost*sent) }

// Unpack reads what was packed by gzip, at most so many bytes of it. hold is asked
// before room is made for so many more, and may refuse them with an error.
func Unpack(packed []byte, most int, hold func(more int) error) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, ErrNotPacked
	}
	return Read(z, Unfold(len(packed), most), hold)
}

// step is how much room is made at a time at least.
const step = 8 << 10

// Read reads to the end, at most so many bytes.
func Read(r io.Reader, most int, hold func(more int) error) ([]byte, error) {
	var out []byte
	for {
		if len(out) == cap(out) {
			more := min(max(step, cap(out)), most+1-cap(out))
			if more <= 0 {
				return nil, ErrTooLarge
			}
			if err := hold(more); err != nil {
				return nil, err
			}
			out = append(make([]byte, 0, cap(out)+more), out...)
		}
		n, err := r.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out) > most:
			return nil, ErrTooLarge
		case err == io.EOF:
			if len(out) < cap(out)/2 {
				out = bytes.Clone(out) // a phone that watches keeps it for hours
			}
			return out, nil
		case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), isCorrupt(err):
			return nil, ErrNotPacked
		case err != nil:
			return nil, err
		}
	}
}
