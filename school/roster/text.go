package roster

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// blanks that count as letters, and marks that show nothing: a name made of them
// would be read as none.
const unseen = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"

// clean is a text as it is kept: composed (NFC), without what can't be seen or
// steers a terminal, runs of blanks as one, none around it.
// Most names are plain ASCII, for which neither map nor composing is needed.
func clean(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if !plain {
		s = norm.NFC.String(strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return ' '
			case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co), strings.ContainsRune(unseen, r):
				return -1
			}
			return r
		}, s))
	}
	return strings.Join(strings.Fields(s), " ")
}

// garbled says whether a name has lost its letters on the way: a sign that stands for one that
// could not be read, or the two that a letter of UTF-8 becomes where somebody has taken it for
// Windows-1252 ("KÃ¥re"). In no name an Ã or a Â stands before a sign.
func garbled(s string) bool {
	var last rune
	for _, r := range s {
		if r == unicode.ReplacementChar || (last == 'Ã' || last == 'Â') && !unicode.IsLetter(r) && !strings.ContainsRune(" -'’.,", r) {
			return true
		}
		last = r
	}
	return false
}

// Clean is a name as it is kept, wherever it comes from: see [clean].
func Clean(s string) string { return clean(s) }

// Fold is a name as names are compared: composed, in small letters, runs of blanks
// as one. Teams, schools and people's names are compared so, addresses are not: see
// [FoldAddress].
func Fold(s string) string { return clean(strings.ToLower(clean(s))) }

// singletons are the signs that composing would turn into ASCII: the Kelvin sign into
// a K, the Greek question mark into a semicolon, a spacing accent into a grave.
const singletons = "\u212a\u037e\u1fef"

// FoldAddress is an address as addresses are compared, byte for byte, when a roster is
// read and when somebody signs in: without what can't be seen and without blanks,
// composed (NFC), in small letters. What is not ASCII never becomes ASCII by it: the
// Kelvin sign U+212A does not become k, a dotted I not i, a full-width a not a.
// Otherwise whoever can register the address with the odd letter at a provider could be
// taken for the one with the plain one.
func FoldAddress(s string) string {
	var b strings.Builder
	rest := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co) || strings.ContainsRune(unseen, r) {
			return -1
		}
		return r
	}, s)
	for rest != "" {
		at := strings.IndexAny(rest, singletons)
		part := rest
		if at >= 0 {
			part = rest[:at]
		}
		for _, r := range norm.NFC.String(part) {
			// A letter that would become ASCII by being made small stays as it is.
			if low := unicode.ToLower(r); r < unicode.MaxASCII || low > unicode.MaxASCII {
				r = low
			}
			b.WriteRune(r)
		}
		if at < 0 {
			break
		}
		sign := strings.IndexFunc(rest[at:], func(r rune) bool { return !strings.ContainsRune(singletons, r) })
		if sign < 0 {
			sign = len(rest) - at
		}
		b.WriteString(rest[at : at+sign])
		rest = rest[at+sign:]
	}
	return b.String()
}

// address reads an address as people and programs write it: alone, as
// "Liv Foss <liv@nesset.example>" or "Liv Foss (liv@nesset.example)", with a word about it
// behind, as a mailto link or as a directory's "SMTP:liv@nesset.example". It reports false for
// what is not an address.
func address(s string) (string, bool) {
	s = clean(s)
	if i, j := strings.LastIndexByte(s, '<'), strings.LastIndexByte(s, '>'); i >= 0 && j > i {
		s = s[i+1 : j]
	} else if before, inside, found := strings.Cut(strings.TrimSuffix(s, ")"), "("); found {
		if s = before; strings.Contains(inside, "@") {
			s = inside
		}
	}
	for _, kind := range []string{"mailto:", "smtp:"} {
		if len(s) > len(kind) && strings.EqualFold(s[:len(kind)], kind) {
			s = s[len(kind):]
		}
	}
	s = FoldAddress(strings.TrimRight(s, " ;,."))
	return s, isEmail(s)
}

// isEmail is true for an address alone, without a name before it. 320 is the most that RFC
// 3696 allows.
func isEmail(s string) bool {
	if len(s) > 320 {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// maxName is what is kept of a name, in characters.
const maxName = 200

// clip keeps a name within what is kept of names.
func clip(s string) string {
	if len(s) <= maxName {
		return s
	}
	if r := []rune(s); len(r) > maxName {
		return strings.TrimSpace(string(r[:maxName]))
	}
	return s
}

// split takes a full name apart: "Lie Berg, Kari" has the surname first; otherwise the
// last word is the surname.
// Norwegian surnames are one word for most, and middle names go with the given name. It is
// shown together again, so a wrong cut harms little but the order of a list.
func split(name string) (given, family string) {
	if before, after, found := strings.Cut(name, ","); found && !strings.Contains(after, ",") {
		before, after = strings.TrimSpace(before), strings.TrimSpace(after)
		if before != "" && after != "" {
			return after, before
		}
	}
	if i := strings.LastIndexByte(name, ' '); i > 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
