package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// table is one CSV file.
type table struct {
	name    string
	columns map[string]int
	rows    []row
}

type row struct {
	line   int
	fields []string
}

// get is a field by its column's name, without blanks around it; empty where
// there is none.
func (t *table) get(r row, column string) string {
	i, there := t.columns[strings.ToLower(column)]
	if !there || i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

func (t *table) has(column string) bool {
	_, there := t.columns[strings.ToLower(column)]
	return there
}

var bom = []byte("\xef\xbb\xbf")

// parse reads a CSV file. Rows that can't be parsed, or hold a field too long,
// are odd and left out.
func (s *Set) parse(name string, content []byte, rowsLeft *int) (*table, error) {
	content = bytes.TrimPrefix(content, bom)
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")), bytes.HasPrefix(content, []byte("\xfe\xff")), !utf8.Valid(content):
		return nil, invalid("NOT_UTF8", nil)
	case bytes.IndexByte(content, 0) >= 0:
		return nil, invalid("NOT_TEXT", nil)
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	r.Comma = separator(content)
	header, err := r.Read()
	if err != nil {
		return nil, invalid("NO_HEADER", err)
	}
	t := &table{name: name, columns: make(map[string]int, len(header))}
	for i, column := range header {
		t.columns[strings.ToLower(strings.TrimSpace(column))] = i
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if *rowsLeft--; *rowsLeft < 0 {
			return nil, invalid("TOO_MANY_ROWS", nil)
		}
		var broken *csv.ParseError
		switch {
		case errors.As(err, &broken):
			s.odd(name, broken.StartLine, MalformedRow, false)
			continue
		case err != nil:
			return nil, invalid("UNREADABLE", err)
		}
		line, _ := r.FieldPos(0)
		if tooLong(fields) {
			s.odd(name, line, FieldTooLong, false)
			continue
		}
		t.rows = append(t.rows, row{line: line, fields: fields})
	}
}

// separator is a comma, or the semicolon that a Norwegian spreadsheet writes.
func separator(content []byte) rune {
	header, _, _ := bytes.Cut(content, []byte("\n"))
	if bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
		return ';'
	}
	return ','
}

func tooLong(fields []string) bool {
	for _, f := range fields {
		if len(f) > MaxField {
			return true
		}
	}
	return false
}
