package review

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

//go:embed rules/*.json
var ruleFiles embed.FS

// The letters of a text are told by fixed tables, not by the language's own
// library: those of Go and of a browser follow different editions of Unicode, and
// server and phone must read one text as the same words for years to come.

// composed gives the letter that a small letter and a mark after it make, as NFC
// does; some keyboards and files write å as two characters.
var composed = loadComposed()

// loadComposed reads which letter and mark make which letter: the same one may be
// written in two ways, and phones differ in which they write.
func loadComposed() map[[2]rune]rune {
	var file struct{ Compose map[string]string }
	raw, err := ruleFiles.ReadFile("rules/letters.json")
	if err == nil {
		err = json.Unmarshal(raw, &file)
	}
	if err != nil {
		panic(fmt.Sprint("review: rules/letters.json: ", err)) // it is embedded, and a test reads it
	}
	out := map[[2]rune]rune{}
	for mark, pairs := range file.Compose {
		m, _ := utf8.DecodeRuneInString(mark)
		for pair := range strings.FieldsSeq(pairs) {
			base, n := utf8.DecodeRuneInString(pair)
			whole, _ := utf8.DecodeRuneInString(pair[n:])
			out[[2]rune{base, m}] = whole
		}
	}
	return out
}

// isMark says whether a character is an accent that belongs to the letter before.
func isMark(r rune) bool { return r >= 0x300 && r <= 0x36f }

// isDigit says whether a character is one of the ten digits of ASCII.
func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// isLetter says whether a character is part of a word. Beyond the Latin letters
// whole blocks are taken, since no rule looks into their words.
// Complex because it is a table of ranges, written as conditions so that the phone's
// copy can be compared line by line.
func isLetter(r rune) bool {
	switch {
	case r < 0x80:
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	case r < 0x250:
		return r >= 0xc0 && r != '×' && r != '÷' || r == 'ª' || r == 'µ' || r == 'º'
	case r < 0x2000:
		return !isMark(r) && (r < 0x2b0 || r >= 0x370)
	}
	return r == 0x212a || r == 0x212b || r >= 0x2c00 && r < 0x2e00 || r >= 0x3040 && r < 0xd800 || r >= 0xf900 && r < 0xfe00
}

// lower gives the small letter of a capital, whatever the language of the phone.
// Complex because it is the same table for capital letters.
func lower(r rune) rune {
	switch {
	case r >= 'A' && r <= 'Z', r >= 0xc0 && r <= 0xde && r != '×', r >= 0x391 && r <= 0x3a9, r >= 0x410 && r <= 0x42f:
		return r + 0x20
	case r < 0x100:
		return r
	case r == 0x130 || r == 0x131: // the dotted and the dotless i of Turkish
		return 'i'
	case r == 0x178:
		return 0xff
	case r == 0x212a:
		return 'k'
	case r == 0x212b:
		return 'å'
	case r >= 0x400 && r <= 0x40f:
		return r + 0x50
	case r >= 0x139 && r <= 0x148 || r >= 0x179 && r <= 0x17e || r >= 0x1cd && r <= 0x1dc:
		return r + r&1
	case r < 0x178 && r != 0x138 && r != 0x149, r >= 0x1de && r <= 0x21f && r != 0x1f0, r >= 0x1e00 && r <= 0x1e95, r >= 0x1ea0 && r <= 0x1eff:
		return r | 1
	}
	return r
}

// isUpper says whether a character is a capital.
func isUpper(r rune) bool { return lower(r) != r }

// isPicture says whether a character is an emoji or a sign of the kind: people end
// sentences by them.
func isPicture(r rune) bool {
	return r >= 0x2190 && r <= 0x2bff || r >= 0x1f000 && r <= 0x1faff
}

// isSilent says whether a character only changes the look of the one before.
func isSilent(r rune) bool {
	return r == 0xad || r == 0x200b || r == 0x200c || r == 0x200d || r == 0x20e3 || r >= 0xfe00 && r <= 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff
}
