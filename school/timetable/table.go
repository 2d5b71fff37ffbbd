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
	"unicode/utf8"

	"undring/intake"
)

// What the columns are called, in bokmål, nynorsk and English, in small letters
// and without anything that is no letter.
var (
	lessonColumns = map[string][]string{
		"email":   {"email", "emailaddress", "mail", "epost", "epostadresse", "eposten", "lærersepost", "lærarepost", "lærerepost", "teacheremail"},
		"date":    {"date", "dato", "dag og dato"},
		"weekday": {"weekday", "ukedag", "vekedag", "dag", "dagen", "day", "dayofweek"},
		"start":   {"start", "starttime", "starttid", "startkl", "begin", "begynner", "byrjar", "fraklokka", "frakl", "fråkl", "klokkafra", "tidfra", "tidfrå", "kl", "startklokkeslett"},
		"end":     {"end", "endtime", "slutt", "sluttid", "slutttid", "sluttkl", "slutter", "sluttar", "tilkl", "klokkatil", "tilklokka", "tidtil"},
		"from":    {"from", "fra", "frå", "fradato", "frådato", "startdato", "gjelderfra", "gjeldfrå", "startdate", "fromdate"},
		"until":   {"until", "til", "tildato", "sluttdato", "gjeldertil", "gjeldtil", "to", "enddate", "untildate", "todate"},
		"weeks":   {"weeks", "week", "uke", "uker", "veke", "veker", "uketype", "vekerytme", "ukerytme"},
	}
	holidayColumns = map[string][]string{
		"from":   {"from", "fra", "frå", "fradato", "frådato", "startdato", "start", "first", "date", "dato", "dag", "startdate", "begin", "fom", "fraogmed"},
		"to":     {"to", "til", "tildato", "sluttdato", "slutt", "last", "until", "enddate", "end", "tom", "tilogmed"},
		"name":   {"name", "navn", "namn", "kommentar", "beskrivelse", "skildring", "hva", "kva", "tittel", "title", "ferie", "fridag", "merknad", "description", "comment"},
		"school": {"skole", "skule", "school", "skolenavn", "skulenamn", "schoolname", "enhet", "eining"},
		"pupils": {"elevdag", "elevdagar", "elevdager", "skoledag", "skuledag", "schoolday", "pupilday"},
	}
)

var notALetter = regexp.MustCompile(`[^\p{L}]+`)

func plain(heading string) string {
	return notALetter.ReplaceAllString(strings.ToLower(heading), "")
}

// row is one row of a CSV.
type row struct {
	line    int
	columns map[string]int
	fields  []string
}

func (r row) has(column string) bool { _, there := r.columns[column]; return there }

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
	r, err := f.reader(content)
	if err != nil {
		return err
	}
	heading, err := r.Read()
	if len(heading) > 0 && strings.HasPrefix(strings.ToLower(heading[0]), "sep=") {
		heading, err = r.Read()
	}
	if err != nil {
		return invalid("NO_HEADING", err)
	}
	columns := columnsOf(heading, names)
	for _, name := range needed {
		if _, there := columns[name]; !there {
			return invalid("NO_COLUMN_"+strings.ToUpper(name), nil)
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
			f.say(parse.Line, MalformedRow)
			continue
		}
		if err != nil {
			return invalid("UNREADABLE", err)
		}
		if strings.TrimSpace(strings.Join(fields, "")) == "" {
			continue // a spreadsheet writes what was once a row
		}
		line, _ := r.FieldPos(0)
		each(row{line, columns, fields})
	}
}

func (f *file) reader(content []byte) (*csv.Reader, error) {
	if len(content) > maxFile {
		return nil, invalid("TOO_LARGE", nil)
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		return nil, invalid("NOT_UTF8", nil)
	}
	if !bytes.Contains(content, []byte("\n")) {
		content = bytes.ReplaceAll(content, []byte("\r"), []byte("\n")) // an old spreadsheet's
	}
	if intake.Cells(content) != nil {
		return nil, invalid("TOO_LARGE", nil)
	}
	heading, rest, _ := bytes.Cut(content, []byte("\n"))
	if len(heading) > 4 && strings.EqualFold(string(heading[:4]), "sep=") {
		heading, _, _ = bytes.Cut(rest, []byte("\n"))
	}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	for _, mark := range ";\t" {
		if bytes.Count(heading, []byte(string(mark))) > bytes.Count(heading, []byte(string(r.Comma))) {
			r.Comma = mark
		}
	}
	return r, nil
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
	// "fra" and "til" are hours where nothing else is.
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
	dayOfMonth = regexp.MustCompile(`^(\d{1,2})\.? (\p{L}{3})\p{L}*\.? (\d{4})$`)
	withATime  = regexp.MustCompile(`[ T]00[:.]00([:.]00(\.0+)?)?Z?$`)
)

// readDate reads a date as people and spreadsheets write it here: the day before
// the month.
func readDate(text string) (time.Time, bool) {
	text = withATime.ReplaceAllString(text, "")
	if m := dayOfMonth.FindStringSubmatch(text); m != nil {
		if month := months[strings.ToLower(m[2])]; month > 0 {
			text = m[1] + "." + month.String()[:3] + "." + m[3]
		}
	}
	for _, layout := range []string{time.DateOnly, "2.1.2006", "20060102", "2006/1/2", "2006.1.2", "2. 1. 2006", "2-1-2006", "2.Jan.2006", "2.1.06"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() <= 2100 {
			return t, true
		}
	}
	return time.Time{}, false
}

var timeOfDay = regexp.MustCompile(`(?i)^(?:kl\.? ?)?(\d{1,2})[:.h]?(\d{2})(?:[:.]00)?$`)

// readTime reads a time of day, as minutes after midnight: 08:30, 8.30, 0830, 830.
func readTime(text string) (int, bool) {
	m := timeOfDay.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(m[1]) // digits, and two of them
	minutes, _ := strconv.Atoi(m[2])
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
		in[to] = true
		for w := from; w != to; w = w%53 + 1 { // from 50 to 2 goes over the New Year
			in[w] = true
		}
	}
	return func(t time.Time) bool { return in[week(t)] }, len(in) > 0
}

func readWeek(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 1 && n <= 53
}

func week(t time.Time) int { _, w := t.ISOWeek(); return w }
