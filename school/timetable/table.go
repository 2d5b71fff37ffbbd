package timetable

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"undring/intake"
)

// What the columns are called, in bokmål, nynorsk and English, in small letters
// and without anything that is no letter.
var (
	lessonColumns = map[string][]string{
		"email":   {"email", "emailaddress", "mail", "epost", "epostadresse", "eposten", "lærersepost", "lærarepost", "lærerepost", "teacheremail"},
		"date":    {"date", "dato", "dag og dato"},
		"weekday": {"weekday", "ukedag", "vekedag", "dag", "dagen", "day", "dayofweek"},
		"start":   {"start", "starttime", "starttid", "startkl", "begin", "begynner", "byrjar", "fraklokka", "frakl", "fråkl", "klokkafra", "tidfra", "tidfrå", "kl", "startklokkeslett", "starttidspunkt"},
		"end":     {"end", "endtime", "slutt", "sluttid", "slutttid", "sluttkl", "slutter", "sluttar", "tilkl", "klokkatil", "tilklokka", "tidtil", "sluttidspunkt", "slutttidspunkt"},
		"hours":   {"tid", "klokkeslett", "tidspunkt", "tidsrom", "tidene"}, // from and to in one
		"from":    {"from", "fra", "frå", "fradato", "frådato", "startdato", "gjelderfra", "gjeldfrå", "startdate", "fromdate"},
		"until":   {"until", "til", "tildato", "sluttdato", "gjeldertil", "gjeldtil", "to", "enddate", "untildate", "todate"},
		"weeks":   {"weeks", "week", "uke", "uker", "veke", "veker", "uketype", "vekerytme", "ukerytme"},
	}
	holidayColumns = map[string][]string{
		"from":   {"from", "fra", "frå", "fradato", "frådato", "startdato", "start", "first", "date", "dato", "startdate", "begin", "fom", "fraogmed"},
		"to":     {"to", "til", "tildato", "sluttdato", "slutt", "last", "until", "enddate", "end", "tom", "tilogmed"},
		"day":    {"dag", "day"}, // the date where nothing else is, and a weekday beside one
		"name":   {"name", "navn", "namn", "kommentar", "beskrivelse", "skildring", "hva", "kva", "tittel", "title", "ferie", "fridag", "merknad", "description", "comment"},
		"school": {"skole", "skule", "school", "skolenavn", "skulenamn", "schoolname", "enhet", "eining"},
		"pupils": {"elevdag", "elevdagar", "elevdager", "skoledag", "skuledag", "schoolday", "pupilday"},
		"free":   {"elevfri", "eleverfri", "elevanefri", "elevenefri", "skolefri", "skulefri", "ferie eller fri"},
		"kind":   {"status", "type", "dagtype", "dagstype", "kategori", "daytype", "category"},
	}
)

var notALetter = regexp.MustCompile(`[^\p{L}]+`)

// plain is a heading by its letters alone: *Første dag* and *forste_dag* are written in many
// ways.
func plain(heading string) string {
	return notALetter.ReplaceAllString(strings.ToLower(heading), "")
}

// row is one row of a CSV.
type row struct {
	line    int
	columns map[string]int
	fields  []string
}

// has is true where the heading names a column.
func (r row) has(column string) bool { _, there := r.columns[column]; return there }

// get is a field without the spaces around it, the unbreakable ones included.
func (r row) get(column string) string {
	if i, there := r.columns[column]; there && i < len(r.fields) {
		return strings.TrimSpace(strings.ReplaceAll(r.fields[i], "\u00a0", " "))
	}
	return ""
}

// maxFile is how many bytes of a CSV are read: what the contract lets through.
const maxFile = 8 << 20

// rows reads a CSV with a heading, separated by commas, tabs or, as Norwegian
// spreadsheets write it, by semicolons. Of the columns, those of needed must be
// there.
func (f *file) rows(content []byte, names map[string][]string, needed []string, each func(row)) error {
	r, above, err := f.reader(content, names, needed)
	if err != nil {
		return err
	}
	heading, err := r.Read()
	if err != nil {
		return invalid("NO_HEADING", err)
	}
	columns := columnsOf(heading, names)
	if name := missing(columns, needed); name != "" {
		return invalid("NO_COLUMN_"+strings.ToUpper(name), nil)
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		parse := (*csv.ParseError)(nil)
		if errors.As(err, &parse) && parse.Line > parse.StartLine || slices.ContainsFunc(fields, func(f string) bool { return swallows(f, r.Comma, len(heading)) }) {
			// A quotation mark that is never closed, or by the next one only: what lies between
			// would be lost unseen.
			return invalid("OPEN_QUOTE", err)
		}
		if parse != nil {
			f.say(above+parse.Line, MalformedRow)
			continue
		}
		if err != nil {
			return invalid("UNREADABLE", err)
		}
		if strings.TrimSpace(strings.Join(fields, "")) == "" {
			continue // a spreadsheet writes what was once a row
		}
		line, _ := r.FieldPos(0)
		each(row{above + line, columns, fields})
	}
}

// swallows says whether a field has whole rows in it: it goes over lines, and has as many
// separators as half a row.
func swallows(field string, comma rune, columns int) bool {
	return strings.Contains(field, "\n") && strings.Count(field, string(comma)) >= (columns+1)/2
}

// missing is the first column that a table has to have and has not; "" where all are there.
// Hours may stand in two columns or in one.
func missing(columns map[string]int, needed []string) string {
	_, both := columns["hours"]
	for _, name := range needed {
		if _, there := columns[name]; !there && !(both && (name == "start" || name == "end")) {
			return name
		}
	}
	return ""
}

// titleLines is how many lines may stand above the heading: a title, a date, blanks.
const titleLines = 20

// reader opens a CSV at its heading, with the separator that the heading uses, and says how many
// lines stand above.
func (f *file) reader(content []byte, names map[string][]string, needed []string) (*csv.Reader, int, error) {
	if len(content) > maxFile {
		return nil, 0, invalid("TOO_LARGE", nil)
	}
	content, ok := intake.Text(content)
	if !ok {
		return nil, 0, invalid("NOT_UTF8", nil)
	}
	content = norm.NFC.Bytes(content) // a Mac writes the å of "måndag" as two
	if !bytes.Contains(content, []byte("\n")) {
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n")) // an old spreadsheet's
	}
	if intake.Cells(content) != nil {
		return nil, 0, invalid("TOO_LARGE", nil)
	}
	content = intake.Unwrapped(content)
	rest, above := content, 0
	for n := 0; n < titleLines && len(rest) > 0; n++ {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		for _, comma := range ",;\t|" {
			if missing(columnsOf(cells(line, comma), names), needed) == "" {
				return opened(rest, comma), n, nil
			}
		}
		if n == 0 && len(line) >= 4 && strings.EqualFold(string(line[:4]), "sep=") {
			content, above = after, 1
		}
		rest = after
	}
	// None has all that is needed: the first line tells what is missing.
	heading, _, _ := bytes.Cut(content, []byte("\n"))
	comma := ','
	for _, mark := range ";\t|" {
		if bytes.Count(heading, []byte(string(mark))) > bytes.Count(heading, []byte(string(comma))) {
			comma = mark
		}
	}
	return opened(content, comma), above, nil
}

// opened is a reader of rows. Rows of another length are read as far as they go: a spreadsheet
// leaves out empty cells. Blanks before a field are none of its, but for tabs, which would be
// taken for blanks.
func opened(content []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace = comma, -1, true, comma != '\t'
	return r
}

// cells takes one line apart; a heading has quotation marks at most around its titles.
func cells(line []byte, comma rune) []string {
	r := opened(line, comma)
	r.LazyQuotes = true
	fields, err := r.Read()
	if err != nil {
		return nil
	}
	return fields
}

// columnsOf finds out which column is what: the first that goes by one of its
// names.
func columnsOf(heading []string, names map[string][]string) map[string]int {
	columns := map[string]int{}
	for i, text := range heading {
		if i >= maxRowFields {
			break
		}
		for column, called := range names {
			if _, there := columns[column]; there {
				continue
			}
			for _, name := range called {
				if plain(text) == plain(name) {
					columns[column] = i
				}
			}
		}
	}
	if day, there := columns["day"]; there {
		if _, told := columns["from"]; !told {
			columns["from"] = day
		}
		delete(columns, "day")
	}
	if _, told := columns["hours"]; told {
		return columns
	}
	// "fra" and "til" are hours where nothing else is.
	// In a list of holidays "fra" is a date; there, neither weekday nor start is a column.
	for hours, dates := range map[string]string{"start": "from", "end": "until"} {
		i, there := columns[dates]
		if _, told := columns[hours]; there && !told && names["weekday"] != nil && names["start"] != nil {
			columns[hours] = i
			delete(columns, dates)
		}
	}
	return columns
}

var weekdays = map[time.Weekday][]string{
	time.Monday:    {"1", "ma", "man", "mandag", "må", "mån", "månd", "måndag", "mo", "mon", "monday"},
	time.Tuesday:   {"2", "ti", "tir", "tirs", "tirsdag", "ty", "tys", "tysdag", "tu", "tue", "tues", "tuesday"},
	time.Wednesday: {"3", "on", "ons", "onsdag", "we", "wed", "weds", "wednesday"},
	time.Thursday:  {"4", "to", "tor", "tors", "torsdag", "th", "thu", "thur", "thurs", "thursday"},
	time.Friday:    {"5", "fr", "fre", "fred", "fredag", "fri", "friday"},
}

// readWeekday reads a weekday in either written language or in English, short or long, one or
// many.
func readWeekday(text string) (time.Weekday, bool) {
	text = strings.Trim(strings.ToLower(text), " .:")
	if one, many := strings.CutSuffix(text, "ar"); many && strings.HasSuffix(one, "dag") {
		text = one // måndagar
	} else if one, many := strings.CutSuffix(text, "er"); many && strings.HasSuffix(one, "dag") {
		text = one // mandager
	} else if one, many := strings.CutSuffix(text, "days"); many {
		text = one + "day"
	}
	for day, names := range weekdays {
		for _, name := range names {
			if text == name {
				return day, true
			}
		}
	}
	return 0, false
}

var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "mai": 5, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
}

var (
	dayOfMonth = regexp.MustCompile(`^(\d{1,2})[. -]{1,2}(\p{L}{3})\p{L}*[. -]{1,2}(\d{4}|\d{2})$`) // 22. februar 2027, 22.feb.27, 22-Feb-27
	withATime  = regexp.MustCompile(`[ T]00[:.]00([:.]00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?$`)
)

// aSpreadsheets day is how many have passed since 30 December 1899, which is what a spreadsheet
// writes of a date whose format it has lost: from 2009 to 2119.
var aSpreadsheets = regexp.MustCompile(`^[4-7]\d{4}$`)

// readDate reads a date as people and spreadsheets write it here: the day before
// the month.
func readDate(text string) (time.Time, bool) {
	text = withATime.ReplaceAllString(text, "")
	if day, rest, found := strings.Cut(text, " "); found {
		if _, isDay := readWeekday(strings.TrimSuffix(day, ",")); isDay && len(day) > 1 && !strings.ContainsAny(day, "0123456789") {
			text = rest // mandag 22.02.2027
		}
	}
	if m := dayOfMonth.FindStringSubmatch(text); m != nil {
		if month := months[strings.ToLower(m[2])]; month > 0 {
			text = m[1] + "." + month.String()[:3] + "." + ("20" + m[3])[len(m[3])-2:]
		}
	}
	if aSpreadsheets.MatchString(text) {
		days, _ := strconv.Atoi(text)
		return time.Date(1899, 12, 30+days, 0, 0, 0, 0, time.UTC), true
	}
	// 2.1.06 is last, since a year in two figures could be anything that the others read rightly.
	for _, layout := range []string{time.DateOnly, "2.1.2006", "20060102", "2006/1/2", "2006.1.2", "2. 1. 2006", "2-1-2006", "2.Jan.2006", "2.1.06"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() <= 2100 {
			return t, true
		}
	}
	return time.Time{}, false
}

var timeOfDay = regexp.MustCompile(`(?i)^(?:kl\.? ?)?(\d{1,2})[:.h]?(\d{2})(?:[:.]00)?(?: ?([ap])\.?m\.?)?$`)

// readTime reads a time of day, as minutes after midnight: 08:30, 8.30, 0830, 830, 8:30 AM.
func readTime(text string) (int, bool) {
	m := timeOfDay.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(m[1]) // digits, and two of them
	minutes, _ := strconv.Atoi(m[2])
	if half := strings.ToLower(m[3]); half != "" {
		if hours == 0 || hours > 12 {
			return 0, false
		}
		if hours %= 12; half == "p" {
			hours += 12
		}
	}
	return hours*60 + minutes, hours < 24 && minutes < 60
}

// What a row has in the place of weeks by their numbers.
var (
	everyWeek = []string{"", "alle", "all", "every", "hver", "kvar"}
	evenWeeks = []string{"par", "partall", "partal", "like", "jevne", "jamne", "even"}
	oddWeeks  = []string{"odde", "oddetall", "oddetal", "ulike", "odd"}
	weekWord  = regexp.MustCompile(`^(uker?|veker?|weeks?) |s?(uker?|veker?| weeks?)$`)
)

// readWeeks reads in which weeks a lesson takes place: all, the odd or the even
// ones, or some by their numbers (ISO 8601), such as 2-8, 10.
func readWeeks(text string) (func(time.Time) bool, bool) {
	text = strings.TrimSpace(weekWord.ReplaceAllString(strings.TrimSpace(strings.ToLower(text)), ""))
	switch {
	case slices.Contains(everyWeek, text):
		return func(time.Time) bool { return true }, true
	case slices.Contains(evenWeeks, text):
		return func(t time.Time) bool { return week(t)%2 == 0 }, true
	case slices.Contains(oddWeeks, text):
		return func(t time.Time) bool { return week(t)%2 == 1 }, true
	}
	in := map[int]bool{}
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(",;+", r) }) {
		first, last, many := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		if !many {
			last = first
		}
		from, ok := readWeek(first)
		to, ok2 := readWeek(last)
		if !ok || !ok2 {
			return nil, false
		}
		// The loop stops before the last one, so that one week alone is no whole year.
		in[to] = true
		for w := from; w != to; w = w%53 + 1 { // from 50 to 2 goes over the New Year
			in[w] = true
		}
	}
	return func(t time.Time) bool { return in[week(t)] }, len(in) > 0
}

// readWeek reads the number of a week.
func readWeek(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 1 && n <= 53
}

// week is a day's week, by ISO 8601, as Norwegian calendars count.
func week(t time.Time) int { _, w := t.ISOWeek(); return w }
