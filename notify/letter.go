package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"undring/words"
)

// addressee is whom a message goes to.
type addressee struct {
	Email    string // empty: none is known
	Language string // nb, nn or en
}

// telling is a notice as it stands when it is sent: with the school's clock, and with
// the other one's name where the person chose that it is said.
type telling struct {
	Notice
	zone *time.Location
	name string
}

// Letter is a mail before it is put in an envelope.
type Letter struct {
	Subject     string
	Thread      string // names what the mail belongs to; empty: nothing by itself
	Plain, HTML string
	Invitations []Invitation // what a visit that is agreed, moved or off is to calendars
}

// line is one notice as it is said in a mail.
type line struct {
	Text string // what it says
	When string // the lesson, or by when
	Link string // the screen; empty: the server does not know its address
}

// says is what a notice says. The other one's name stands in it only where the person
// chose that.
func (n telling) says(language string) string {
	text := words.Say(language, n.words())
	if n.name != "" {
		return words.Say(language, "mail.with", text, n.name)
	}
	return text
}

// What is due says by when; all else, of which lesson it is.
func (n telling) line(language, address string) line {
	l := line{Text: n.says(language)}
	switch n.Kind {
	case FeedbackDue, AnswerDue, TakeawayDue:
		l.When = words.Say(language, "mail.due", moment(n.Due.In(n.zone), language))
	default:
		if !n.Start.IsZero() {
			l.When = words.Say(language, "mail.lesson", moment(n.Start.In(n.zone), language))
		}
	}
	if address != "" {
		l.Link = address + "/#" + n.Screen()
	}
	return l
}

// Screen is the screen of the app that a notice leads to.
// Addresses within the app, behind the #: a mail's link opens the app, and the app finds the
// screen, so that no server sees in its log which visit somebody has looked at.
func (s Step) Screen() string {
	switch s.Kind {
	case OpenLesson:
		return "/open"
	case ActionDue:
		switch s.Todo {
		case ReportOnRound:
			return "/trying"
		case DoDecision:
			return "/meetings?m=" + s.Subject.String()
		}
		return "/actions"
	default:
		return "/v/" + s.Subject.String()
	}
}

// moment says a time in the order that the language has: tirsdag 10. november kl. 11.15.
func moment(t time.Time, language string) string {
	return words.Say(language, "time.moment", words.Say(language, fmt.Sprintf("day.%d", t.Weekday())), day(t, language), t.Format(words.Say(language, "time.clock")))
}

func day(t time.Time, language string) string {
	return words.Say(language, "time.day", strconv.Itoa(t.Day()), words.Say(language, fmt.Sprintf("month.%d", t.Month())))
}

// wayOut is one kind of mail, and the address at which it is chosen off.
type wayOut struct{ Text, Link string }

// page is what a mail is drawn from.
type page struct {
	Language, Title, Hello, Open, Why, Choose, Settings string
	Lines                                               []line
	Out                                                 []wayOut
}

// sender is what a mail needs to know of the server.
type sender struct {
	address     string               // where people reach it; empty: not known
	unsubscribe func(...Kind) string // the address at which kinds are chosen off
	thread      func(uuid.UUID) string
}

// write writes a mail of some notices, of which there is at least one. What it is about
// stands in the subject only where it is one thing, and then it is its day and nobody's name: a
// subject is read on locked screens.
func write(notices []telling, language string, by sender) (Letter, error) {
	say := func(key string, args ...any) string { return words.Say(language, key, args...) }
	p := page{Language: language, Hello: say("mail.hello"), Open: say("mail.open"), Why: say("mail.why"), Choose: say("mail.choose")}
	if by.address != "" {
		p.Settings = by.address + "/#/told"
	}
	subjects := map[uuid.UUID]bool{}
	for _, n := range notices {
		p.Lines = append(p.Lines, n.line(language, by.address))
		subjects[n.Subject] = true
	}
	for _, k := range kindsOf(notices) {
		if by.address != "" {
			p.Out = append(p.Out, wayOut{say("mail.stop", say("kind."+string(k))), by.unsubscribe(k)})
		}
	}
	out := Letter{Subject: say("mail.subject.many", len(notices))}
	if n := notices[0]; len(subjects) == 1 {
		// All mails of a visit have one subject, so that a mail program keeps them together.
		out.Thread = by.thread(n.Subject)
		switch {
		case n.Kind == OpenLesson:
			out.Subject = say("mail.subject.lesson")
		case n.Kind == ActionDue:
			out.Subject = say("mail.subject.action")
		case n.Start.IsZero():
			out.Subject = say("mail.subject.visit")
		default:
			out.Subject = say("mail.subject.visit_on", day(n.Start.In(n.zone), language))
		}
	}
	p.Title = out.Subject
	out.Plain = p.plain()
	var b strings.Builder
	if err := asHTML.Execute(&b, p); err != nil {
		return out, fmt.Errorf("writing a mail: %w", err)
	}
	out.HTML = b.String()
	return out, nil
}

// threadOf names what belongs together in one person's mail. It is not the visit's id: with that, whoever
// runs the mail server would see who has a visit with whom.
// The secret makes it hopeless to try ids; the person makes it another one for each of the two.
func threadOf(secret []byte, person, subject uuid.UUID) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("thread"))
	h.Write(person[:])
	h.Write(subject[:])
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// kindsOf are the kinds of some notices, each once, in the order in which they come.
func kindsOf(notices []telling) []Kind {
	var kinds []Kind
	for _, n := range notices {
		if !slices.Contains(kinds, n.Kind) {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// plain is the same without HTML: "-- " on a line of its own begins what mail programs take
// for a signature (RFC 3676), which a reply leaves out.
func (p page) plain() string {
	var b strings.Builder
	b.WriteString(p.Hello + "\n\n")
	for _, l := range p.Lines {
		b.WriteString("• " + l.Text + "\n")
		for _, more := range []string{l.When, l.Link} {
			if more != "" {
				b.WriteString("  " + more + "\n")
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("-- \n" + p.Why + "\n")
	if p.Settings != "" {
		b.WriteString(p.Choose + ": " + p.Settings + "\n")
	}
	for _, o := range p.Out {
		b.WriteString(o.Text + ": " + o.Link + "\n")
	}
	return b.String()
}

// No picture, and no address but the server's own: nothing tells anybody that it was read.
var asHTML = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{.Title}}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:1em auto;padding:0 1em">
<p>{{.Hello}}</p>
{{range .Lines}}<p style="margin:0 0 1.2em">{{.Text}}{{if .When}}<br>{{.When}}{{end}}{{if .Link}}<br><a href="{{.Link}}">{{$.Open}}</a>{{end}}</p>
{{end}}<hr style="border:0;border-top:1px solid">
<p style="font-size:14px">{{.Why}}{{if .Settings}} <a href="{{.Settings}}">{{.Choose}}</a>.{{end}}</p>
{{range .Out}}<p style="font-size:14px;margin:0"><a href="{{.Link}}">{{.Text}}</a></p>
{{end}}</body></html>
`))
