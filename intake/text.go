package intake

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The marks by which a file says how its letters are written.
var (
	markUTF8    = []byte("\xef\xbb\xbf")
	marksOfWide = [][]byte{[]byte("\xff\xfe"), []byte("\xfe\xff")}
)

// Marked is a text as UTF-8 without the mark before it, where it is that or UTF-16 with its
// mark, as a spreadsheet saves "Unicode text". It reports false for what is neither.
func Marked(content []byte) ([]byte, bool) {
	for _, mark := range marksOfWide {
		if bytes.HasPrefix(content, mark) {
			out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(content)
			whole := err == nil && len(content)%2 == 0 && !bytes.ContainsRune(out, utf8.RuneError)
			return out, whole && bytes.IndexByte(out, 0) < 0 // a mark of UTF-32 begins alike
		}
	}
	content = bytes.TrimPrefix(content, markUTF8)
	return content, utf8.Valid(content)
}

// Text is a text as [Marked] has it, and also where it is written in the letters of Windows
// (1252) beyond doubt: they are in it, and no byte is that another encoding would explain.
func Text(content []byte) ([]byte, bool) {
	out, ok := Marked(content)
	if ok || !windows(content) {
		return out, ok
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(content)
	return out, err == nil
}

// signs are what stands in texts of Windows beside its letters: blanks, quotation marks, dashes.
// The others are letters on old machines, an å on a Mac and an ø under DOS.
const signs = "\x80\x85\x91\x92\x93\x94\x96\x97\xa0\xa7\xab\xb0\xb4\xbb" + "\x8a\x8e\x9a\x9e" // and the letters Š Ž š ž

// windows says whether bytes are a text of Windows. One whose letters are UTF-8 but for a byte
// that was broken is none.
func windows(content []byte) bool {
	letters := false
	for _, mark := range marksOfWide {
		if bytes.HasPrefix(content, mark) {
			return false
		}
	}
	for len(content) > 0 {
		if r, size := utf8.DecodeRune(content); r != utf8.RuneError || size > 1 {
			if size > 1 || r == 0 {
				return false
			}
			content = content[1:]
			continue
		}
		c := content[0]
		content = content[1:]
		switch {
		case c >= 0xc0 && c != 0xd7 && c != 0xf7: // À to ÿ, without × and ÷
			letters = true
		case bytes.IndexByte([]byte(signs), c) < 0:
			return false
		}
	}
	return letters
}

// Unwrapped is a file of rows without the quotation marks around each of its rows, which a
// spreadsheet puts there where it took a row for one cell ("name,email,role"). Another file stays
// as it is.
func Unwrapped(content []byte) []byte {
	first, _, _ := bytes.Cut(bytes.TrimLeft(content, "\r\n "), []byte("\n"))
	if inner, is := oneCell(first); !is || !bytes.ContainsAny(inner, ",;\t|") {
		return content
	}
	var out bytes.Buffer
	for line := range bytes.Lines(content) {
		if inner, is := oneCell(line); is {
			line = append(bytes.ReplaceAll(inner, []byte(`""`), []byte(`"`)), '\n')
		}
		out.Write(line)
	}
	return out.Bytes()
}

// oneCell is what a line has in its quotation marks, where it is one cell and nothing else.
func oneCell(line []byte) ([]byte, bool) {
	line = bytes.TrimSpace(line)
	if len(line) < 2 || line[0] != '"' || line[len(line)-1] != '"' {
		return nil, false
	}
	inner := line[1 : len(line)-1]
	return inner, bytes.IndexByte(bytes.ReplaceAll(inner, []byte(`""`), nil), '"') < 0
}
