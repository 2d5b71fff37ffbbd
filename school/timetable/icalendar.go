package timetable

import (
	"bytes"
	"strings"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"undring/intake"
)

// Limits of an iCalendar file: what a busy calendar of some years has.
const (
	maxEvents     = 5_000
	maxComponents = 20_000 // alarms and zones among them
	maxContent    = maxEvents * 1000
	maxNesting    = 8
	maxLines      = 200_000  // each costs a property
	maxParameters = 50       // of one line
	maxLine       = 64 << 10 // bytes of one, with what is folded into it
)

// property is a line of a component: NAME;PARAMETER=VALUE:VALUE. The names are in
// capitals, whatever the file has.
type property struct {
	name   string
	params map[string][]string
	value  string
}

// text is the value without the backslashes that a text has in a file.
func (p *property) text() string {
	if p == nil {
		return ""
	}
	return strings.TrimSpace(p.value)
}

// component is what stands between a BEGIN and its END.
type component struct {
	name  string
	line  int // of the file
	event int // its number among the events of the file, from 1; 0 outside of events
	props []property
	parts []*component
}

// first is the first property of a name; nil where there is none. A property that
// is there twice, against the standard, counts once.
func (c *component) first(name string) *property {
	for i := range c.props {
		if c.props[i].name == name {
			return &c.props[i]
		}
	}
	return nil
}

// all are the properties of one name; some, such as EXDATE, may be repeated.
func (c *component) all(name string) []property {
	var out []property
	for _, p := range c.props {
		if p.name == name {
			out = append(out, p)
		}
	}
	return out
}

// parameters is how many parameters, and values of them, stand before a line's value.
func parameters(line string) int {
	n, quoted := 0, false
	for i := range len(line) {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == ';' || c == ',':
			n++
		case c == ':' && !quoted:
			return n
		}
	}
	return n
}

// calendars reads the calendars of a file. The library that reads whole files
// gives up at the first line that it does not understand, and programs write such
// lines; it reads each line here, and what can't be read is named.
func (f *file) calendars(content []byte) ([]*component, error) {
	if len(content) > maxContent {
		return nil, invalid("TOO_LARGE", nil)
	}
	text, err := unfolded(content)
	if err != nil {
		return nil, err
	}
	upper := strings.ToUpper(text)
	if !strings.Contains(upper, "BEGIN:VCALENDAR") {
		return nil, invalid("NO_ICALENDAR", nil)
	}
	if strings.Count(upper, "BEGIN:VEVENT") > maxEvents || strings.Count(upper, "BEGIN:") > maxComponents {
		return nil, invalid("TOO_LARGE", nil)
	}
	if !shortLines(text) {
		return nil, invalid("TOO_LARGE", nil)
	}
	tree := reading{file: f, open: []*component{{}}}
	for line := range strings.SplitSeq(text, "\n") {
		tree.number++
		// Each line that went on has left a mark, so that lines keep their numbers.
		goesOn := strings.Count(line, folded)
		tree.take(strings.TrimSpace(strings.ReplaceAll(line, folded, "")))
		tree.number += goesOn
	}
	if len(tree.open) > 1 {
		return nil, invalid("UNREADABLE", nil) // it was cut off: who knows what is missing
	}
	return tree.open[0].parts, nil
}

// shortLines says whether there are no more lines than are taken, and none is longer.
func shortLines(text string) bool {
	lines := 0
	for line := range strings.SplitSeq(text, "\n") {
		if lines++; len(line) > maxLine || lines > maxLines {
			return false
		}
	}
	return true
}

// folded marks where a line went on in the next one. No calendar has it in it.
const folded = "\x00"

// unfolded joins the lines that go on in the next one. That is done with bytes: a
// program may break a line inside a letter (RFC 5545, 3.1). So it is only then that one knows
// whether a calendar is UTF-8, as the standard has it, or in the letters of Windows.
func unfolded(content []byte) (string, error) {
	content, _ = intake.Marked(content)
	joined := join(content)
	if utf8.Valid(bytes.ReplaceAll(joined, []byte(folded), nil)) {
		return string(joined), nil
	}
	content, ok := intake.Text(content)
	if !ok {
		return "", invalid("NOT_UTF8", nil)
	}
	return string(join(content)), nil
}

// join joins what goes on in the next line, and leaves a mark where it did.
func join(content []byte) []byte {
	content = bytes.ReplaceAll(content, []byte(folded), nil)
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n"))
	content = bytes.ReplaceAll(content, []byte("\n "), []byte(folded))
	return bytes.ReplaceAll(content, []byte("\n\t"), []byte(folded))
}

// reading is how far a file has been read.
type reading struct {
	*file
	open   []*component // from the file itself to the innermost
	number int          // of the line
	events int
}

// take reads one unfolded line. One that can't be read is named, and the rest is read on.
func (r *reading) take(line string) {
	inner := r.open[len(r.open)-1]
	if line == "" {
		return
	}
	p, ok := readProperty(line)
	switch {
	case !ok:
		r.sayOf(inner.event, r.number, BrokenLine, line)
	case p.name == "BEGIN":
		r.begin(strings.ToUpper(p.text()))
	case p.name == "END":
		r.end(strings.ToUpper(p.text()), line)
	default:
		inner.props = append(inner.props, p)
	}
}

// begin opens a component within the innermost one that is open.
func (r *reading) begin(name string) {
	// An event in an event, or a calendar in a calendar: the END of the one before
	// is missing.
	for i, c := range r.open {
		if c.name == name && (name == "VEVENT" || name == "VCALENDAR") {
			r.sayOf(c.event, r.number, BrokenLine, "BEGIN:"+name)
			r.open = r.open[:i]
			break
		}
	}
	if len(r.open) > maxNesting {
		r.sayOf(r.open[len(r.open)-1].event, r.number, BrokenLine, "BEGIN:"+name)
		return
	}
	outer := r.open[len(r.open)-1]
	c := &component{name: name, line: r.number, event: outer.event}
	if name == "VEVENT" {
		r.events++
		c.event = r.events
	}
	outer.parts = append(outer.parts, c)
	r.open = append(r.open, c)
}

// end closes a component and all within it that somebody forgot to close.
func (r *reading) end(name, line string) {
	for i := len(r.open) - 1; i > 0; i-- {
		if r.open[i].name == name {
			r.open = r.open[:i]
			return
		}
	}
	r.sayOf(r.open[len(r.open)-1].event, r.number, BrokenLine, line)
}

// readProperty reads a line; false for what can't be one.
func readProperty(line string) (property, bool) {
	// The library copies what is left of a line for each parameter, and for each value
	// of one.
	if parameters(line) > maxParameters {
		return property{}, false
	}
	read, err := ics.ParseProperty(ics.ContentLine(line))
	if err != nil || read == nil || !strings.HasPrefix(line, read.IANAToken) {
		// Names of a program's own have all kinds of characters in them.
		private := len(line) > 1 && strings.EqualFold(line[:1], "x") && strings.Contains(line, ":")
		return property{}, private
	}
	p := property{name: strings.ToUpper(read.IANAToken), value: read.Value, params: make(map[string][]string, len(read.ICalParameters))}
	for name, values := range read.ICalParameters {
		p.params[strings.ToUpper(name)] = values
	}
	return p, true
}
