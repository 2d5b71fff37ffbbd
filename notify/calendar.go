package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"undring/words"
)

// InCalendar is how long a lesson stays in its people's calendars after it began, called off
// or not: a calendar program that looks in seldom has to hear of it.
const InCalendar = 90 * 24 * time.Hour

// Appointment is a visit as it stands in the calendar of one of its two.
type Appointment struct {
	Visit    uuid.UUID
	School   uuid.UUID
	With     uuid.UUID // the other one
	Visiting bool      // the person is the observer
	Start    time.Time
	End      time.Time
	// Zero, where none was agreed.
	Talk Span
	Off  bool // called off, or nobody went
	// Version counts what happened to it, and Changed says when it last did.
	Version int
	Changed time.Time
}

// Span is a time with its end.
type Span struct{ Start, End time.Time }

// Reader is whose calendar it is, and what may stand in it. No word of a visit ever does, the
// place of the lesson among them.
type Reader struct {
	Person   uuid.UUID
	Language string
	Address  string               // of the app; empty: not known
	Names    map[uuid.UUID]string // of the other ones, where the person chose that they are shown
}

// entry is one line of a calendar: a lesson, or the talk about it.
type entry struct {
	what  string // visit or talk
	of    Appointment
	title string
	Span
}

// entries are what an appointment puts into a calendar. The talk is one of its own: it takes
// both people's hours, often not right after the lesson.
// The title says which role, and not with whom: a calendar is seen by those who share it.
// Where the person has chosen names, it says that, too.
func (r Reader) entries(a Appointment) []entry {
	role := "observed"
	if a.Visiting {
		role = "observer"
	}
	title := func(what string) string {
		text := words.Say(r.Language, "ical."+what)
		if name := plainName(r.Names[a.With]); name != "" {
			text = words.Say(r.Language, "ical."+what+".with", name)
		}
		if a.Off {
			text = words.Say(r.Language, "ical.off", text)
		}
		return text
	}
	return []entry{
		{"visit", a, title("visit." + role), Span{a.Start, a.End}},
		{"talk", a, title("talk"), a.Talk},
	}
}

// plainName is a name on one line: one with a line break in it would write lines of its own.
func plainName(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(c rune) bool { return c < ' ' || c == 0x7f || c == ' ' }), " ")
}

// uid names an entry for as long as there is one, in this person's calendars alone. The other
// one's has another name, so that whoever keeps the calendars of both does not learn from it that
// they belong together. The app makes the same one for a single visit (web/src/parts/ics.ts).
func (r Reader) uid(e entry) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"undring", e.what, e.of.Visit.String(), r.Person.String()}, " ")))
	return hex.EncodeToString(sum[:16]) + "@undring"
}

// put writes an entry. The times are UTC: each is one moment, and every program shows it by its
// reader's clock.
// What is off stays in as cancelled: a program that never hears of it would keep showing it.
func (r Reader) put(e entry, into *ics.Calendar, stamp time.Time) *ics.VEvent {
	v := into.AddEvent(r.uid(e))
	v.SetDtStampTime(stamp)
	v.SetModifiedAt(e.of.Changed)
	v.SetSequence(e.of.Version)
	v.SetStartAt(e.Start)
	v.SetEndAt(e.End)
	v.SetSummary(e.title)
	v.SetDescription(words.Say(r.Language, "ical.lead"))
	// Private, so that a shared calendar shows others a taken hour and no title.
	v.SetClass(ics.ClassificationPrivate)
	if r.Address != "" {
		v.SetURL(r.Address + "/")
	}
	if e.of.Off {
		v.SetStatus(ics.ObjectStatusCancelled)
		v.SetTimeTransparency(ics.TransparencyTransparent)
	} else {
		v.SetStatus(ics.ObjectStatusConfirmed)
		v.SetTimeTransparency(ics.TransparencyOpaque)
	}
	return v
}

// newCalendar begins a calendar of Undring's.
func newCalendar(method ics.Method) *ics.Calendar {
	c := &ics.Calendar{}
	c.SetVersion("2.0")
	c.SetProductId("-//Undring//Undring//NB")
	c.SetCalscale("GREGORIAN")
	c.SetMethod(method)
	return c
}

// comeAgain is after how long a calendar program may look in again. Most have a mind of their own.
const comeAgain = "PT1H"

// Feed writes the calendar of a person: the earliest first, the same bytes as long as nothing
// changes.
func (r Reader) Feed(all []Appointment) string {
	c := newCalendar(ics.MethodPublish)
	c.SetXWRCalName(words.Say(r.Language, "ical.name"))
	c.SetRefreshInterval(comeAgain, ics.WithValue("DURATION"))
	c.SetXPublishedTTL(comeAgain)
	// Sorted here, since an ETag is made of the bytes: they may not depend on how it was read.
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Appointment) int {
		if n := a.Start.Compare(b.Start); n != 0 {
			return n
		}
		return strings.Compare(a.Visit.String(), b.Visit.String())
	})
	for _, a := range all {
		for _, e := range r.entries(a) {
			// The stamp is the time of the last change and not now, or the bytes would differ each time.
			r.put(e, c, a.Changed)
		}
	}
	return c.Serialize(ics.WithNewLine("\r\n"))
}

// Invitation is a calendar's part of a mail: what puts one entry into its reader's calendar,
// moves it there, or takes it out again (RFC 5546, RFC 6047).
type Invitation struct {
	// ContentType is that of the part, which names the method as the content does: programs
	// pass over one where they differ. The mail adds the letters' code, UTF-8.
	ContentType string
	Content     string
}

// unasked says that no answer is waited for: the two have agreed already.
type unasked struct{}

// KeyValue is the parameter.
func (unasked) KeyValue(...any) (string, []string) { return "RSVP", []string{"FALSE"} }

// Mails are the addresses that an invitation goes between.
type Mails struct {
	From string // the server's own, which is the organizer: nobody's answer is wanted
	To   string
}

// Invitations are the parts for the lesson and for the talk about it, each a part of its own:
// Outlook takes one entry of a part. A later version of the appointment moves it, and one that is
// off takes it out. The other one's address does not stand in it. Made again of the same version,
// it is the same.
func (r Reader) Invitations(a Appointment, m Mails) []Invitation {
	method, why := ics.MethodRequest, "REQUEST"
	if a.Off {
		method, why = ics.MethodCancel, "CANCEL"
	}
	var out []Invitation
	for _, e := range r.entries(a) {
		c := newCalendar(method)
		v := r.put(e, c, a.Changed)
		// Outlook shows an invitation only where there is an organizer and its reader among the
		// attendees; both are named for that, as accepted.
		v.SetOrganizer("mailto:"+m.From, ics.WithCN(words.Say(r.Language, "ical.name")))
		v.AddAttendee("mailto:"+m.To, ics.CalendarUserTypeIndividual, ics.ParticipationRoleReqParticipant, ics.ParticipationStatusAccepted, unasked{})
		out = append(out, Invitation{"text/calendar; method=" + why, c.Serialize(ics.WithNewLine("\r\n"))})
	}
	return out
}
