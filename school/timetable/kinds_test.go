package timetable_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"undring/school/timetable"
)

// wrapped puts lines between the BEGIN and the END of a calendar.
func wrapped(lines string) []byte {
	return []byte("BEGIN:VCALENDAR\n" + lines + "\nEND:VCALENDAR\n")
}

// one is an event with these lines.
func one(lines string) string { return "BEGIN:VEVENT\n" + lines + "\nEND:VEVENT\n" }

const ownZone = "BEGIN:VTIMEZONE\nTZID:%s\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\n" +
	"BEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0300\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n"

func told(zone string) string { return strings.Replace(ownZone, "%s", zone, 1) }

// at is a lesson at half past eight on 11 January 2027, by the clock of a zone.
func at(zone string) string {
	return one("UID:1\nDTSTART;TZID=" + zone + ":20270111T083000\nDURATION:PT45M")
}

// Other files of the kinds that the field has sent: lessons (2027, UTC), and what is
// named.
func TestKindsOfTimetables(t *testing.T) {
	t.Parallel()
	const half = "01-11 07:30-08:15"
	weekly := "UID:1\nDTSTART;TZID=Europe/Oslo:20270111T083000\nDTEND;TZID=Europe/Oslo:20270111T091500\nRRULE:FREQ=WEEKLY;COUNT=3"
	for name, tc := range map[string]struct {
		content string
		want    string
		odd     string
	}{
		"a Windows zone of the other side of the world": {at("AUS Eastern Standard Time"), "01-10 21:30-22:15", ""},
		"numbered by Exchange":                          {at("W. Europe Standard Time 1"), half, ""},
		"Microsoft's UTC":                               {at(`"tzone://Microsoft/Utc"`), "01-11 08:30-09:15", ""},
		"a path before the zone":                        {at("/mozilla.org/20050126_1/Europe/Oslo"), half, ""},
		"a zone of three parts":                         {at("America/Argentina/Buenos_Aires"), "01-11 11:30-12:15", ""},
		"in small letters":                              {strings.ToLower(at("Europe/Oslo")), half, ""},
		"in small letters, of several words":            {at("america/port_of_spain"), "01-11 12:30-13:15", ""},
		"an offset for a zone":                          {at(`"UTC+02:00"`), "01-11 06:30-07:15", ""},
		"a zone that nobody knows":                      {at("Kaukasus"), "", "event 1 UNKNOWN_ZONE"},
		"told by the file alone, with commas":           {told("(UTC+02:00) Kiev, Riga") + at(`"(UTC+02:00) Kiev, Riga"`), "01-11 06:30-07:15", ""},
		"a length of centuries":                         {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:P9999W99999D"), "", "event 1 BROKEN_TIME"},
		"told after the event, in summer": {one("UID:1\nDTSTART;TZID=Vår:20270611T083000\nDURATION:PT45M") + told("Vår"),
			"06-11 05:30-06:15", ""},
		"a known place beside a name of its own": {strings.Replace(told("Vår"), "TZID:Vår", "TZID:Vår\nX-LIC-LOCATION:Europe/Oslo", 1) + at("Vår"), half, ""},
		"a zone that is told by halves":          {"BEGIN:VTIMEZONE\nTZID:Vår\nEND:VTIMEZONE\n" + at("Vår"), "", "event 1 UNKNOWN_ZONE"},
		"UTC each week, of a calendar with a clock of its own": {"X-WR-TIMEZONE:Europe/Oslo\n" +
			one("UID:1\nDTSTART:20270319T073000Z\nDURATION:PT45M\nRRULE:FREQ=WEEKLY;COUNT=3"), "03-19 07:30-08:15, 03-26 07:30-08:15, 04-02 06:30-07:15", ""},
		"two calendars with clocks of their own": {"X-WR-TIMEZONE:Europe/London\n" + one("UID:1\nDTSTART:20270111T083000\nDURATION:PT45M") +
			"END:VCALENDAR\nBEGIN:VCALENDAR\nX-WR-TIMEZONE:GTB Standard Time\n" + one("UID:2\nDTSTART:20270111T083000\nDURATION:PT45M"), "01-11 06:30-07:15, 01-11 08:30-09:15", ""},
		"called off by its name alone":              {one("UID:1\nSUMMARY:Avlyst: Norsk 5A\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"called off by Google":                      {one("UID:1\nSUMMARY:Canceled event: Norsk 5A\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"called off in capitals":                    {one("UID:1\nSUMMARY:AVLYST Norsk 5A\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"called off in brackets":                    {one("UID:1\nSUMMARY:Norsk 5A (avlyst)\nDTSTART:20270111T073000Z\nDURATION:PT45M") + one("UID:2\nSUMMARY:[Cancelled] Norsk 5A\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED, event 2 CANCELLED"},
		"called off, as a thing":                    {one("UID:1\nSUMMARY:Avlyst hendelse: Norsk\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"a Z behind times that have no zone":        {one("UID:1\nDTSTART:20270111T083000\nDTEND:20270111T091500\nRRULE:FREQ=WEEKLY;UNTIL=20270125T083000Z\nEXDATE:20270118T083000Z"), half + ", 01-25 07:30-08:15", ""},
		"the same, of one that was moved":           {one("UID:1\nDTSTART:20270111T083000\nDTEND:20270111T091500\nRRULE:FREQ=WEEKLY;COUNT=2") + one("UID:1\nRECURRENCE-ID:20270118T083000Z\nDTSTART:20270119T103000\nDTEND:20270119T111500"), half + ", 01-19 09:30-10:15", ""},
		"a Z that is meant":                         {one("UID:1\nDTSTART:20270111T083000\nDTEND:20270111T091500\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE:20270118T073000Z"), half + ", 01-25 07:30-08:15", ""},
		"no times at all":                           {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M\nRRULE:FREQ=WEEKLY;COUNT=0"), "", "event 1 RULE_NOT_FOLLOWED"},
		"a zone's name for people, in summer":       {one("UID:1\nDTSTART;TZID=\"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\":20270611T083000\nDURATION:PT45M"), "06-11 06:30-07:15", ""},
		"an older one":                              {one("UID:1\nDTSTART;TZID=\"(GMT+01.00) Amsterdam / Berlin / Bern\":20270611T083000\nDURATION:PT45M"), "06-11 06:30-07:15", ""},
		"a town for a zone":                         {at("Oslo"), half, ""},
		"a zone with a note":                        {at("Europe/Oslo (CET)"), half, ""},
		"an offset in three digits":                 {strings.NewReplacer("+0300", "+300", "+0200", "+200").Replace(told("Vår")) + at("Vår"), "01-11 06:30-07:15", ""},
		"Microsoft's name for a zone that was made": {told("tzone://Microsoft/Custom") + at(`"tzone://Microsoft/Custom"`), "01-11 06:30-07:15", ""},
		"Apple's time without a zone":               {one("UID:1\nDTSTART;X-VOBJ-FLOATINGTIME-ALLOWED=TRUE:20270111T083000\nDURATION:PT45M"), half, ""},
		"called off by Outlook":                     {one("UID:1\nSUMMARY:Canceled: Norsk 5A\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"a name that begins alike":                  {one("UID:1\nSUMMARY:Avlysning som sjanger\nDTSTART:20270111T073000Z\nDURATION:PT45M"), half, ""},
		"a zone in odd quotation marks":             {one("UID:1\nDTSTART;TZID='Europe/Oslo':20270111T083000\nDURATION:PT45M"), half, ""},
		"dates with hyphens":                        {one("UID:1\nDTSTART;TZID=Europe/Oslo:2027-01-11T08:30:00\nDTEND;TZID=Europe/Oslo:2027-01-11T09:15:00"), half, ""},
		"a meeting of an old program":               {one("UID:1\nDTSTART:20270111T083000+0100\nDTEND:20270111T091500+0100"), "", "event 1 BROKEN_TIME"},
		"a length that goes back":                   {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:-PT45M"), "", "event 1 BROKEN_TIME"},
		"several left out in one line, in UTC":      {one(weekly + "\nEXDATE:20270111T073000Z,20270118T073000Z"), "01-25 07:30-08:15", ""},
		"left out as a midnight":                    {one(weekly + "\nEXDATE;TZID=Europe/Oslo:20270118T000000"), half + ", 01-25 07:30-08:15", ""},
		"more dates, written as dates":              {one(weekly + "\nRDATE;VALUE=DATE:20270128"), half + ", 01-18 07:30-08:15, 01-25 07:30-08:15, 01-28 07:30-08:15", ""},
		"more dates, as periods":                    {one(weekly + "\nRDATE;VALUE=PERIOD:20270128T073000Z/PT2H,20270129T073000Z/20270129T090000Z"), half + ", 01-18 07:30-08:15, 01-25 07:30-08:15, 01-28 07:30-09:30, 01-29 07:30-09:00", ""},
		"UNTIL at the hour, without a zone":         {one("UID:1\nDTSTART;TZID=Europe/Oslo:20270111T083000\nDURATION:PT45M\nRRULE:FREQ=DAILY;UNTIL=20270112T083000"), half + ", 01-12 07:30-08:15", ""},
		"a rule with blanks, in small letters":      {one("UID:1\nDTSTART;TZID=Europe/Oslo:20270111T083000\nDURATION:PT45M\nRRULE:freq=weekly; byday=mo, we;count=3;"), half + ", 01-13 07:30-08:15, 01-18 07:30-08:15", ""},
		"each weekday of January":                   {one("UID:1\nDTSTART:20270128T073000Z\nDURATION:PT45M\nRRULE:FREQ=DAILY;BYMONTH=1;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270301"), "01-28 07:30-08:15, 01-29 07:30-08:15", ""},
		"two rules":                                 {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M\nRRULE:FREQ=WEEKLY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=2"), half + ", 01-12 07:30-08:15, 01-18 07:30-08:15", ""},
		"a rule by the minute":                      {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M\nRRULE:FREQ=MINUTELY"), "", "event 1 RULE_NOT_FOLLOWED"},
		"an old rule of what was":                   {one(weekly + "\nEXRULE:FREQ=WEEKLY;INTERVAL=2"), "01-18 07:30-08:15", ""},
		"a repetition that is cancelled":            {one(weekly) + one("UID:1\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Europe/Oslo:20270118T083000\nDTSTART;TZID=Europe/Oslo:20270118T083000\nDURATION:PT45M"), half + ", 01-25 07:30-08:15", "event 2 CANCELLED"},
		"moved by its date":                         {one(weekly) + one("UID:1\nRECURRENCE-ID;VALUE=DATE:20270118\nDTSTART:20270119T100000Z\nDURATION:PT45M"), half + ", 01-19 10:00-10:45, 01-25 07:30-08:15", ""},
		"moved before what it repeats":              {one("UID:1\nRECURRENCE-ID:20270118T073000Z\nDTSTART:20270119T100000Z\nDURATION:PT45M") + one(weekly), half + ", 01-19 10:00-10:45, 01-25 07:30-08:15", ""},
		"this one moved, and all after it":          {one(weekly) + one("UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270118T073000Z\nDTSTART:20270119T073000Z\nDURATION:PT90M"), half + ", 01-19 07:30-09:00, 01-26 07:30-09:00", ""},
		"this one and all after it cancelled":       {one(weekly) + one("UID:1\nSTATUS:CANCELLED\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270118T073000Z\nDTSTART:20270118T073000Z\nDURATION:PT45M"), half, "event 2 CANCELLED"},
		"written anew":                              {one("UID:1\nSEQUENCE:1\nDTSTART:20270111T073000Z\nDURATION:PT45M") + one("UID:1\nSEQUENCE:0\nDTSTART:20270112T073000Z\nDURATION:PT45M"), half, ""},
		"two events of one name":                    {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M") + one("UID:1\nDTSTART:20270112T073000Z\nDURATION:PT45M"), half + ", 01-12 07:30-08:15", ""},
		"a calendar that cancels":                   {"METHOD:CANCEL\n" + one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "", "event 1 CANCELLED"},
		"marked as free by Outlook alone":           {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M\nX-MICROSOFT-CDO-BUSYSTATUS:FREE"), "", "event 1 FREE_TIME"},
		"a day, by the school's midnight in UTC":    {one("UID:1\nDTSTART:20270110T230000Z\nDTEND:20270111T230000Z"), "", "event 1 WHOLE_DAY"},
		"folded with tabs, in the middle of a time": {one("UID:1\nDTSTART:20270111T\n\t073000Z\nDURATION:P\n T45M"), half, ""},
		"lines that end by CR":                      {strings.ReplaceAll(one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M"), "\n", "\r"), half, ""},
		"an END that is missing":                    {"BEGIN:VEVENT\nUID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M\n" + one("UID:2\nDTSTART:20270112T073000Z\nDURATION:PT45M"), half + ", 01-12 07:30-08:15", "event 1 BROKEN_LINE"},
		"an END too many":                           {one("UID:1\nDTSTART:20270111T073000Z\nDURATION:PT45M") + "END:VEVENT\n", half, "line 7 BROKEN_LINE"},
		"a description that is broken in two":       {one("UID:1\nDESCRIPTION:Ta med\nkalkulator og bok\nDTSTART:20270111T073000Z\nDURATION:PT45M"), half, "event 1 BROKEN_LINE"},
		"names of a program's own":                  {one("UID:1\nX_FELT 1:a\nDTSTART:20270111T073000Z\nDURATION:PT45M"), half, ""},
		"a task is no lesson": {"BEGIN:VTODO\nUID:1\nDTSTART:20270111T073000Z\nDUE:20270111T081500Z\nEND:VTODO\n" +
			one("UID:2\nDTSTART:20270111T073000Z\nDURATION:PT45M"), half, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lessons, read, err := timetable.Lessons(t.Context(), wrapped(strings.TrimSuffix(tc.content, "\n")), timetable.ICalendar, here(t, everyDay), autumn)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(spell(lessons), ", "); got != tc.want || spellOdd(read.Odd) != tc.odd {
				t.Errorf("lessons %q, odd %q\nwant    %q, odd %q", got, spellOdd(read.Odd), tc.want, tc.odd)
			}
		})
	}
}

// Other tables of lessons of the kinds that the field has sent.
func TestKindsOfTables(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ content, want, odd string }{
		"Norwegian headings":              {"E-postadresse;Ukedag;Starttid;Sluttid;Fra dato;Til dato\nk@x.no;Tirsdag;kl. 8.30;9.15;4. januar 2027;10.01.27\n", "01-05 07:30-08:15", ""},
		"hours are fra and til":           {"E-post;Dato;Fra;Til\nk@x.no;11.1.2027;0830;0915\n", "01-11 07:30-08:15", ""},
		"tabs, and a line for Excel":      {"sep=\t\nepost\tdag\tstart\tslutt\tfrå\ttil\nk@x.no\tmåndagar\t8:30\t9:15\t2027-01-04\t2027-01-11\n", "01-04 07:30-08:15, 01-11 07:30-08:15", ""},
		"blanks that don't break":         {"email,date,start,end\nk@x.no,\u00a011.01.2027\u00a0,08:30\u00a0,09:15\n", "01-11 07:30-08:15", ""},
		"dates of a database":             {"email,date,start,end\nk@x.no,2027-01-11 00:00:00,08:30,09:15\n", "01-11 07:30-08:15", ""},
		"odd weeks":                       {"email,weekday,start,end,from,until,uker\nk@x.no,1,08:30,09:15,2027-01-04,2027-01-31,oddetallsuker\n", "01-04 07:30-08:15, 01-18 07:30-08:15", ""},
		"even weeks, in nynorsk":          {"email,weekday,start,end,from,until,veker\nk@x.no,1,08:30,09:15,2027-01-04,2027-01-31,Partal\n", "01-11 07:30-08:15, 01-25 07:30-08:15", ""},
		"weeks by number":                 {"email,weekday,start,end,from,until,uke\nk@x.no,1,08:30,09:15,2026-12-14,2027-01-31,\"uke 52–1, 3\"\n", "01-04 07:30-08:15, 01-18 07:30-08:15, 12-21 07:30-08:15, 12-28 07:30-08:15", ""},
		"weeks that are none":             {"email,weekday,start,end,from,until,weeks\nk@x.no,1,08:30,09:15,2027-01-04,2027-01-31,54\nk@x.no,1,08:30,09:15,2027-01-04,2027-01-31,annenhver\n", "", "line 2 BROKEN_WEEKS, line 3 BROKEN_WEEKS"},
		"a weekday that never comes":      {"email,weekday,start,end,from,until\nk@x.no,fre,08:30,09:15,2027-01-04,2027-01-05\n", "", "line 2 NO_DAY"},
		"rows that are empty":             {"email,date,start,end\n,,,\nk@x.no,2027-01-11,08:30,09:15\n \n", "01-11 07:30-08:15", ""},
		"25 o'clock, and 61 minutes":      {"email,date,start,end\nk@x.no,2027-01-11,25:00,26:00\nk@x.no,2027-01-11,0861,0915\n", "", "line 2 BROKEN_TIME, line 3 BROKEN_TIME"},
		"two who teach together":          {"email,date,start,end\n\"k@x.no; O@x.no\",2027-01-11,08:30,09:15\n", "01-11 07:30-08:15, 01-11 07:30-08:15", ""},
		"an address with a name":          {"email,date,start,end\nKari Berg <k@x.no>,2027-01-11,08:30,09:15\n", "01-11 07:30-08:15", ""},
		"letters of a Mac":                {"email,weekday,start,end,from,until\nk@x.no,ma\u030andag,08:30,09:15,2027-01-04,2027-01-10\n", "01-04 07:30-08:15", ""},
		"the weekday before the date":     {"email,date,start,end\nk@x.no,mandag 11. januar 2027,08:30,09:15\nk@x.no,tys. 12.01.2027,08:30,09:15\n", "01-11 07:30-08:15, 01-12 07:30-08:15", ""},
		"dates and hours of another land": {"email,date,start,end\nk@x.no,1/13/2027,8:30 AM,9:15 AM\nk@x.no,01/11/2027,08:30,09:15\n", "", "line 2 BROKEN_DATE, line 3 BROKEN_DATE"},
		"hours of another land":           {"email,date,start,end\nk@x.no,2027-01-11,8:30 AM,12:15 p.m.\nk@x.no,2027-01-12,13:30 PM,2 PM\n", "01-11 07:30-11:15", "line 3 BROKEN_TIME"},
		"numbers of a spreadsheet":        {"email,date,start,end\nk@x.no,46398,0.354166667,0.385416667\n", "", "line 2 BROKEN_TIME"},
		"weeks A and B":                   {"email,weekday,start,end,from,until,uke\nk@x.no,1,08:30,09:15,2027-01-04,2027-01-31,A\n", "", "line 2 BROKEN_WEEKS"},
		"hours in one column":             {"E-post;Dato;Tid\nk@x.no;11.01.2027;08:30-09:15\nk@x.no;12.01.2027;kl. 08.30 – 09.15\nk@x.no;13.01.2027;0830 til 0915\nk@x.no;14.01.2027;08:30\n", "01-11 07:30-08:15, 01-12 07:30-08:15, 01-13 07:30-08:15", "line 5 BROKEN_TIME"},
		"hours in one, days in two":       {"E-post;Ukedag;Klokkeslett;Fra dato;Til dato\nk@x.no;man;08.30-09.15;04.01.2027;10.01.2027\n", "01-04 07:30-08:15", ""},
		"a title above":                   {"Timeplan våren 2027\n;;;\nE-post;Dato;Start;Slutt\nk@x.no;11.01.2027;08:30;09:15\nk@x.no;snart;08:30;09:15\n", "01-11 07:30-08:15", "line 5 BROKEN_DATE"},
		"bars between the columns":        {"E-post|Dato|Start|Slutt\nk@x.no|11.01.2027|08:30|09:15\n", "01-11 07:30-08:15", ""},
		"each row in quotation marks":     {"\"email,date,start,end\"\n\"\"\"k@x.no\"\",2027-01-11,08:30,09:15\"\n", "01-11 07:30-08:15", ""},
		"a blank before a quoted field":   {"email, date, start, end\n\"k@x.no\", \"2027-01-11\", \"08:30\", \"09:15\"\n", "01-11 07:30-08:15", ""},
		"a directory's address":           {"email,date,start,end\nSMTP:k@x.no,2027-01-11,08:30,09:15\n", "01-11 07:30-08:15", ""},
		"months in short":                 {"email,date,start,end\nk@x.no,11.jan.27,08:30,09:15\nk@x.no,12-Jan-27,08:30,09:15\nk@x.no,13. jan. 2027,08:30,09:15\nk@x.no,14-foo-27,08:30,09:15\n", "01-11 07:30-08:15, 01-12 07:30-08:15, 01-13 07:30-08:15", "line 5 BROKEN_DATE"},
		"days of a spreadsheet":           {"email,date,start,end\nk@x.no,46398,08:30,09:15\nk@x.no,2027-01-12T00:00:00+01:00,08:30,09:15\n", "01-11 07:30-08:15, 01-12 07:30-08:15", ""},
		"Outlook's own columns":           {"\"Emne\",\"Startdato\",\"Starttidspunkt\",\"Sluttdato\",\"Sluttidspunkt\",\"E-post\"\n\"Norsk\",\"11.1.2027\",\"08:30:00\",\"11.1.2027\",\"09:15:00\",\"k@x.no\"\n", "01-11 07:30-08:15", ""},
		"a Saturday":                      {"email,weekday,start,end,from,until\nk@x.no,lørdag,08:30,09:15,2027-01-04,2027-01-31\n", "", "line 2 BROKEN_WEEKDAY"},
		"a day of the week in a language": {"email,weekday,start,end,from,until\nk@x.no,Thu.,08:30,09:15,2027-01-04,2027-01-10\nk@x.no,tys.,08:30,09:15,2027-01-04,2027-01-10\n", "01-05 07:30-08:15, 01-07 07:30-08:15", ""},
	} {
		lessons, read, err := timetable.Lessons(t.Context(), []byte(tc.content), timetable.CSV, here(t, everyDay), autumn)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := strings.Join(spell(lessons), ", "); got != tc.want || spellOdd(read.Odd) != tc.odd {
			t.Errorf("%s: lessons %q, odd %q\nwant    %q, odd %q", name, got, spellOdd(read.Odd), tc.want, tc.odd)
		}
	}
}

// Other calendars of days without school, of the kinds that the field has sent.
func TestKindsOfDaysWithoutSchool(t *testing.T) {
	t.Parallel()
	day := func(lines string) string { return string(wrapped(strings.TrimSuffix(one("UID:1\n"+lines), "\n"))) }
	week := strings.Fields(strings.ReplaceAll("2027-02-22 2027-02-23 2027-02-24 2027-02-25 2027-02-26", "2027-", ""))
	for name, tc := range map[string]struct {
		content string
		want    []string
		odd     string
	}{
		"a length in days":                   {day("DTSTART;VALUE=DATE:20270222\nDURATION:P5D"), week, ""},
		"a length in weeks":                  {day("DTSTART;VALUE=DATE:20270222\nDURATION:P1W"), week, ""},
		"until a minute before":              {day("DTSTART;TZID=Europe/Oslo:20270222T000000\nDTEND;TZID=Europe/Oslo:20270226T235900"), week, ""},
		"midnights of the school's":          {day("DTSTART:20270221T230000Z\nDTEND:20270226T230000Z"), week, ""},
		"from midnight, with a length":       {day("DTSTART:20270222T000000\nDURATION:PT120H"), week, ""},
		"each day of a week":                 {day("DTSTART;VALUE=DATE:20270222\nRRULE:FREQ=DAILY;COUNT=7"), week, ""},
		"dates of their own":                 {day("DTSTART;VALUE=DATE:20270222\nRDATE;VALUE=DATE:20270223,20270224\nRDATE;VALUE=DATE:20270225,20270226"), week, ""},
		"each year since 1814":               {day("SUMMARY:Grunnlovsdag\nDTSTART;VALUE=DATE:18140517\nRRULE:FREQ=YEARLY"), []string{"05-17"}, ""},
		"free to those whose it is":          {day("SUMMARY:Vinterferie\nTRANSP:TRANSPARENT\nDTSTART;VALUE=DATE:20270222\nDTEND;VALUE=DATE:20270227"), week, ""},
		"called off":                         {day("STATUS:CANCELLED\nDTSTART;VALUE=DATE:20270222"), nil, "event 1 CANCELLED"},
		"an observance in English":           {day("SUMMARY:Father's Day\nDESCRIPTION:Observance\\nTo hide observances\\, go to settings\nDTSTART;VALUE=DATE:20261109"), nil, "event 1 NO_HOLIDAY"},
		"an observance by its category":      {day("SUMMARY:Noe\nCATEGORIES:Merkedag\nDTSTART;VALUE=DATE:20261109"), nil, "event 1 NO_HOLIDAY"},
		"an observance by its name":          {day("SUMMARY:Samefolkets dag\nDTSTART;VALUE=DATE:20270208"), nil, "event 1 NO_HOLIDAY"},
		"a holiday by its description":       {day("SUMMARY:Kvinnedagen\nDESCRIPTION:Public holiday\nDTSTART;VALUE=DATE:20270308"), []string{"03-08"}, ""},
		"a week by its number":               {day("SUMMARY:Uke 8\nDTSTART;VALUE=DATE:20270222\nDTEND;VALUE=DATE:20270301"), nil, "event 1 NO_HOLIDAY"},
		"the first day of school":            {day("SUMMARY:Første skoledag etter ferien\nDTSTART;VALUE=DATE:20270301"), nil, "event 1 NO_HOLIDAY"},
		"an exam":                            {day("SUMMARY:Eksamen norsk\nDTSTART;VALUE=DATE:20270525"), nil, "event 1 NO_HOLIDAY"},
		"a meeting of parents":               {day("SUMMARY:Foreldremøte 8. trinn\nDTSTART;VALUE=DATE:20270525"), nil, "event 1 NO_HOLIDAY"},
		"a short day":                        {day("SUMMARY:Kort skoledag\nDTSTART;VALUE=DATE:20270525"), nil, "event 1 NO_HOLIDAY"},
		"a day of its own that is free":      {day("SUMMARY:Aktivitetsdag for lærarane - elevane har fri\nDTSTART;VALUE=DATE:20270525"), []string{"05-25"}, ""},
		"who plans":                          {day("SUMMARY:Planleggingsdag\nDTSTART;VALUE=DATE:20270104"), []string{"01-04"}, ""},
		"days of school, in a column":        {"Dato;Status\n22.02.2027;Fri\n23.02.2027;Skole\n24.02.2027;Skuledag\n", []string{"02-22"}, ""},
		"asked the other way round":          {"Dato;Elevfri;Kommentar\n22.02.2027;Ja;Siste skoledag før fri\n23.02.2027;Nei;\n24.02.2027;;\n", []string{"02-22"}, ""},
		"a municipality's for all":           {"Dato;Skole;Navn\n22.02.2027;Alle skoler;Vinterferie\n23.02.2027;alle;Vinterferie\n24.02.2027;Storfjord;Vinterferie\n", []string{"02-22", "02-23"}, "line 4 OTHER_SCHOOL"},
		"the first day of school, in a list": {"Dato;Navn\n17.08.2026;Første skoledag\n21.12.2026;Siste skoledag før jul\n22.02.2027;Vinterferie\n", []string{"02-22"}, "line 2 NO_HOLIDAY, line 3 NO_HOLIDAY"},
		"from and to without blanks":         {"Dato;Ferie\n22.02.2027-26.02.2027;Vinterferie\n", week, ""},
		"a month and a year for both":        {"Dato;Ferie\n22.–26.02.2027;Vinterferie\n", week, ""},
		"a year for both":                    {"Dato;Ferie\n22.02.-26.02.2027;Vinterferie\n", week, ""},
		"weekdays before the dates":          {"Fra;Til;Navn\nmandag 22.02.2027;fredag 26. februar 2027;Vinterferie\n", week, ""},
		"no year":                            {"Fra;Til;Navn\n22.02;26.02;Vinterferie\n", nil, "line 2 BROKEN_DATE"},
		"a year of school":                   {"Fra;Til;Navn\n17.08.2026;18.06.2027;Skoleåret\n", nil, "line 2 TOO_LONG"},
		"a Saturday":                         {day("DTSTART;VALUE=DATE:20270227"), nil, "event 1 WEEKEND"},
		"an end before the start":            {day("DTSTART;VALUE=DATE:20270226\nDTEND;VALUE=DATE:20270222"), nil, "event 1 BACKWARDS"},
		"fra og til i ett felt":              {"Dato;Ferie\n22.02.2027 - 26.02.2027;Vinterferie\n", week, ""},
		"fra og med, til og med":             {"Navn;Fra og med;Til og med\nVinterferie;22. februar 2027;26. februar 2027\n", week, ""},
		"a span with one month":              {"Hva;Dato\nVinterferie;22. - 26. februar 2027\n", week, ""},
		"a span with months in short":        {"Hva;Dato\nVinterferie;22.feb–26.feb.2027\n", week, ""},
		"a span with years in short":         {"Hva;Dato\nVinterferie;22.02-26.02.27\n", week, ""},
		"a span over the New Year":           {"Hva;Dato\nJuleferie;31. desember – 1. januar 2027\n", []string{"12-31", "01-01"}, ""},
		"the weekday in a column of its own": {"Dag;Dato;Hva\nMandag;22.02.2027;Vinterferie\n", []string{"02-22"}, ""},
		"a title above":                      {"Skoleruta 2026/27\n\nHva;Dato\nFri;22.02.2027\nFri;snart\n", []string{"02-22"}, "line 5 BROKEN_DATE"},
		"each row in quotation marks":        {"\"Hva,Dato\"\n\"Fri,22.02.2027\"\n", []string{"02-22"}, ""},
		"bars between the columns":           {"Hva|Dato\nFri|22.02.2027\n", []string{"02-22"}, ""},
		"several schools, in tabs":           {"Dato\tSkule\tElevdag\n22.02.2027\tNesset skule\tnei\n23.02.2027\tNESSET  SKOLE\tJa\n23.02.2027\tStorfjord\tNei\n24.02.2027\tStorfjord\tNei\n", []string{"02-22"}, "line 4 OTHER_SCHOOL"},
	} {
		format := timetable.CSV
		if strings.HasPrefix(tc.content, "BEGIN") {
			format = timetable.ICalendar
		}
		days, read, err := timetable.Days(t.Context(), []byte(tc.content), format, here(t, everyDay), autumn)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, d := range days {
			got = append(got, d.Date.Format("01-02"))
		}
		if !slices.Equal(got, tc.want) || spellOdd(read.Odd) != tc.odd {
			t.Errorf("%s: days %v, odd %q\nwant %v, odd %q", name, got, spellOdd(read.Odd), tc.want, tc.odd)
		}
	}
}

// G12: what no file of a school has is bounded all the same: rules that never find
// a day, and more of them than there is work for.
func TestG12RulesAreBounded(t *testing.T) {
	t.Parallel()
	var events []string
	for range 4_000 {
		events = append(events, "DTSTART:20270111T073000Z\nDURATION:PT45M\nRRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30")
	}
	began := time.Now()
	lessons, read, err := timetable.Lessons(t.Context(), calendar(events...), timetable.ICalendar, here(t, everyDay), autumn)
	if err != nil || len(lessons) != 1_000 || len(read.Odd)+read.More != 3_000 || read.Odd[0].Reason != timetable.RuleNotFollowed {
		t.Errorf("%d lessons, %d and %d odd, %v", len(lessons), len(read.Odd), read.More, err)
	}
	// A thousand such rules, each followed to the year 9999, take minutes.
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}
