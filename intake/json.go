package intake

import (
	"compress/flate"
	"errors"
	"io"
)

// Deep says whether JSON is deeper than any message of the contract. It reads it once;
// whether it is valid JSON is found out by whoever decodes it.
func Deep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > 2*MaxDepth { // a list of messages is two levels of JSON
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// isCorrupt says whether an error means that the bytes are broken, and not that they
// are too many.
func isCorrupt(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF)
}
