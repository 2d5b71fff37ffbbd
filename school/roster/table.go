package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"undring/intake"
)

// table is one CSV file.
type table struct {
	name    string
	columns map[string]int // by what the reader calls them, in small letters
	rows    []row
}

type row struct {
	line   int
	fields []string
}

// get is a field by its column's name, as it is kept: see [clean]. Empty where there
// is none.
func (t *table) get(r row, column string) string {
	i, there := t.columns[strings.ToLower(column)]
	if !there || i >= len(r.fields) {
		return ""
	}
	field := clean(r.fields[i])
	if spreadsheetErrors[strings.ToUpper(field)] {
		return ""
	}
	return field
}

// spreadsheetErrors are what a spreadsheet writes where a formula has found nothing, in
// English and in Norwegian: no team is called so.
var spreadsheetErrors = map[string]bool{"#N/A": true, "#REF!": true, "#VALUE!": true, "#NAME?": true, "#DIV/0!": true, "#NULL!": true, "#NUM!": true,
	"#I/T": true, "#VERDI!": true, "#NAVN?": true, "#NULL": true, "#SPILL!": true, "#OVERFLYT!": true}

// has is true where the heading names a column.
func (t *table) has(column string) bool {
	_, there := t.columns[strings.ToLower(column)]
	return there
}

// titleLines is how many lines may stand above the heading: a title, a date, blanks.
const titleLines = 20

// dialect says how the heading of a file is found.
type dialect struct {
	columns   func([]string) map[string]int
	isHeading func(map[string]int) bool
	// letters reads a file's, as UTF-8, or reports false.
	letters func([]byte) ([]byte, bool)
}

// parse reads a CSV file. What can't be a table at all is refused; rows that can't be
// parsed, or hold a field too long, are odd and left out, with those of whom they
// speak.
func (s *Set) parse(name string, content []byte, rowsLeft *int, d dialect) (*table, error) {
	content, ok := d.letters(content)
	if !ok {
		return nil, refuseAt("NOT_UTF8", name, lineOfBroken(content))
	}
	content = intake.Unwrapped(content)
	if err := isText(name, content); err != nil {
		return nil, err
	}
	if err := few(name, content); err != nil {
		return nil, err
	}
	t, skipped, comma, err := findHeading(name, content, d)
	if err != nil {
		return nil, err
	}
	start := 0 // where the rows begin
	for range skipped {
		start += bytes.IndexByte(content[start:], '\n') + 1
	}
	r := csv.NewReader(bytes.NewReader(content[start:]))
	r.FieldsPerRecord, r.Comma, r.ReuseRecord = -1, comma, false
	r.TrimLeadingSpace = comma != '\t' // which it would take for a blank
	heading, err := r.Read()
	if err != nil {
		return nil, refuseAt("NO_HEADER", name, skipped+1)
	}
	for from := r.InputOffset(); ; from = r.InputOffset() {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if *rowsLeft--; *rowsLeft < 0 {
			return nil, invalid("TOO_MANY_ROWS", nil)
		}
		raw := content[start+int(from) : start+int(r.InputOffset())]
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			if bytes.IndexByte(bytes.TrimSpace(raw), '\n') >= 0 {
				return nil, refuseAt("OPEN_QUOTE", name, skipped+broken.StartLine)
			}
			s.odd(name, skipped+broken.StartLine, MalformedRow, false)
			s.speaksOf(tokens(string(raw))...)
			continue
		}
		if err != nil {
			return nil, invalid("UNREADABLE", err)
		}
		line, _ := r.FieldPos(0)
		line += skipped
		if blank(fields) {
			continue
		}
		if swallowed(fields, raw, comma, len(heading)) {
			return nil, refuseAt("OPEN_QUOTE", name, line)
		}
		if reason := oddShape(fields, len(heading)); reason != "" {
			s.odd(name, line, reason, false)
			s.speaksOf(tokens(string(raw))...)
			continue
		}
		t.rows = append(t.rows, row{line: line, fields: fields})
	}
}

// isText refuses what no program would call a CSV file.
func isText(name string, content []byte) error {
	if bytes.IndexByte(content, 0) >= 0 {
		return refuseAt("NOT_TEXT", name, 0)
	}
	lines := bytes.Count(content, []byte("\n"))
	if bare := bytes.Count(content, []byte("\r")) - bytes.Count(content, []byte("\r\n")); bare > lines {
		return refuseAt("CR_ALONE", name, 0)
	}
	return nil
}

// lineOfBroken is the line of the first byte that is not UTF-8; 0 where all is well.
func lineOfBroken(content []byte) int {
	line := 1
	for len(content) > 0 {
		r, size := utf8.DecodeRune(content)
		if r == utf8.RuneError && size == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		content = content[size:]
	}
	return 0
}

// findHeading finds the line that names the columns, and tells how many stand above
// it. Where none does, the first that says something is taken for it, so that what is
// missing can be named.
func findHeading(name string, content []byte, d dialect) (t *table, skipped int, comma rune, err error) {
	rest, first := content, -1
	var firstFields []string
	var firstComma, told rune // told: by a line such as sep=;
	for n := 0; n < titleLines && len(rest) > 0; n++ {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		text := strings.TrimSpace(string(line))
		if sep, isSep := strings.CutPrefix(strings.ToLower(text), "sep="); isSep && n == 0 {
			told, _ = utf8.DecodeRuneInString(strings.TrimRight(sep, "\r"))
			if strings.TrimSpace(string(line)) == "sep=" { // a tab, which is blank
				told = '\t'
			}
			continue
		}
		c := told
		if c == 0 || !strings.ContainsRune("\t;,|", c) {
			c = separator(text)
		}
		fields := cells(text, c)
		if blank(fields) {
			continue
		}
		if columns := d.columns(fields); d.isHeading(columns) {
			return &table{name: name, columns: columns}, n, c, nil
		}
		if first < 0 {
			first, firstFields, firstComma = n, fields, c
		}
	}
	if first < 0 {
		return nil, 0, 0, refuseAt("NO_HEADER", name, 0)
	}
	return &table{name: name, columns: d.columns(firstFields)}, first, firstComma, nil
}

// cells takes one line apart; a heading has quotation marks at most around its titles.
func cells(line string, comma rune) []string {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = comma, true, -1
	fields, err := r.Read()
	if err != nil {
		return strings.Split(line, string(comma))
	}
	return fields
}

// separator is what stands between the columns of a line most often: a comma, the
// semicolon that a Norwegian spreadsheet writes, a tab.
func separator(line string) rune {
	best, most := ',', strings.Count(line, ",")
	for _, c := range ";\t|" {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// blank is true for rows of nothing but separators and invisible characters, which
// spreadsheets leave at the end of a list.
func blank(fields []string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" && clean(f) != "" {
			return false
		}
	}
	return true
}

// swallowed says whether a row that goes over several lines is one whose quotation
// mark was never closed, until another row's came along: it has too few columns, or
// whole rows inside a field.
func swallowed(fields []string, raw []byte, comma rune, columns int) bool {
	if bytes.IndexByte(bytes.TrimSpace(raw), '\n') < 0 {
		return false
	}
	if len(fields) != columns {
		return true
	}
	for _, f := range fields {
		if strings.Contains(f, "\n") && strings.Count(f, string(comma)) >= (columns+1)/2 {
			return true
		}
	}
	return false
}

// oddShape is what is wrong with a row as such; empty: nothing.
func oddShape(fields []string, columns int) Reason {
	for i, f := range fields {
		switch {
		case len(f) > MaxField:
			return FieldTooLong
		case strings.Contains(strings.TrimRight(f, "\r"), "\r"):
			return MalformedRow // ends by CR alone in the midst of others
		case i >= columns && strings.TrimSpace(f) != "":
			return TooManyFields
		}
	}
	return ""
}

// tokens are what may name somebody in a row that could not be read.
func tokens(raw string) []string {
	return strings.FieldsFunc(raw, func(r rune) bool { return strings.ContainsRune(",;\t\r\n\"<>", r) })
}
