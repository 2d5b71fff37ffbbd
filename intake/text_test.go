package intake_test

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"undring/intake"
)

// What programs write is read, in whichever of the encodings that say what they are, or can be
// nothing else; what could be two things is not guessed at.
func TestTheLettersOfAFile(t *testing.T) {
	t.Parallel()
	const text = "navn;rolle\nKåre Ærøy – «Bø»;Lærer\nMáret Šárá;rektor\n"
	for name, tc := range map[string]struct {
		by          encoding.Encoding // nil: as it stands
		text        string
		marked, any bool
	}{
		"UTF-8":                    {nil, text, true, true},
		"UTF-8 with a mark":        {unicode.UTF8BOM, text, true, true},
		"no letters but ASCII's":   {nil, "navn;rolle\n", true, true},
		"nothing":                  {nil, "", true, true},
		"UTF-16, of Windows":       {unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text, true, true},
		"UTF-16, of others":        {unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text, true, true},
		"UTF-16 and beyond":        {unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "Kåre 😀\n", true, true},
		"UTF-16 with a half sign":  {nil, "\xff\xfeK\x00\x00\xd8a\x00", false, false},
		"UTF-16 cut off":           {nil, "\xff\xfeK\x00a", false, false},
		"UTF-16 without a mark":    {unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "Kåre\n", false, false},
		"UTF-32":                   {utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "Kåre\n", false, false},
		"Windows":                  {charmap.Windows1252, text, false, true},
		"a Mac of old":             {charmap.Macintosh, "Kåre Ærøy\n", false, false},
		"a Mac of old, with one é": {charmap.Macintosh, "André\n", false, false},
		"DOS":                      {charmap.CodePage850, "Kåre Ærøy\n", false, false},
		"DOS, with one æ":          {charmap.CodePage850, "Nærø\n", false, false},
		"UTF-8 with a broken byte": {nil, "Kåre \xc3r\xf8y\n", false, false},
		"bytes that are nothing":   {nil, "\xe5\x81", false, false},
	} {
		content := []byte(tc.text)
		if tc.by != nil {
			var err error
			if content, err = tc.by.NewEncoder().Bytes(content); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for which, read := range map[string]func([]byte) ([]byte, bool){"marked": intake.Marked, "any": intake.Text} {
			want := tc.any
			if which == "marked" {
				want = tc.marked
			}
			got, ok := read(content)
			if ok != want || ok && string(got) != tc.text {
				t.Errorf("%s, %s: %q, %t; want %t", name, which, got, ok, want)
			}
		}
	}
}
