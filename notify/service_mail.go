package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"
)

// SMTP is a mail server, and in whose name mail goes out by it.
type SMTP struct {
	host    string
	options []gomail.Option
	from    *mail.Address
	domain  string
}

// mailTime is how long one mail may take.
const mailTime = 30 * time.Second

// The ports of mail that programs hand in, and of the same with TLS from the beginning.
const (
	submission  = 587
	submissions = 465
)

// NewSMTP reads where mail goes: smtp://user:password@host:port, or smtps for TLS from the
// beginning; and the address that it comes from, such as "Undring <undring@skole.no>". With
// a password, TLS is a must, other than on this machine.
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("UNDRING_SMTP_URL is not an address such as smtp://user:password@host:587") // the error of url would show the password
	}
	m := &SMTP{host: u.Hostname()}
	if m.from, err = mail.ParseAddress(from); err != nil {
		return nil, errors.New("UNDRING_SMTP_FROM is not an address such as Undring <undring@skole.no>")
	}
	_, m.domain, _ = strings.Cut(m.from.Address, "@")
	port := submission
	if u.Scheme == "smtps" {
		port = submissions
		m.options = append(m.options, gomail.WithSSL())
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errors.New("UNDRING_SMTP_URL has a port that is no number")
		}
	}
	// Without a password nothing secret goes over the line but the mail, which a relay inside of
	// the house may take as it is.
	policy := gomail.TLSOpportunistic
	if u.User != nil {
		password, _ := u.User.Password()
		m.options = append(m.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
		if ip := net.ParseIP(m.host); m.host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			policy = gomail.TLSMandatory
		}
	}
	m.options = append(m.options, gomail.WithTLSPolicy(policy), gomail.WithPort(port), gomail.WithTimeout(mailTime), gomail.WithHELO(m.domain))
	// Tried here, so that a server with settings that can't work doesn't start.
	if _, err := gomail.NewClient(m.host, m.options...); err != nil {
		return nil, errors.New("UNDRING_SMTP_URL and UNDRING_SMTP_FROM are not settings that a mail can go out by")
	}
	return m, nil
}

// From is the address that mail comes from.
func (m *SMTP) From() string { return m.from.Address }

// An undelivered is why a message did not go out: a word that programs know, with no word of anybody's and
// no address.
type undelivered struct {
	reason  string
	forGood bool // sending it again would not mend it
	gone    bool // the device is no more: it is forgotten
}

// Error is the reason.
func (u undelivered) Error() string { return "undelivered: " + u.reason }

// Why a message did not go out.
const (
	unreachable = "UNREACHABLE"  // the channel's server does not answer
	refusedNow  = "REFUSED"      // it does not take it now
	refusedEver = "REFUSED_EVER" // it never will
	addressGone = "ADDRESS_GONE" // the address or the device is no more
	oddAddress  = "ADDRESS"      // the address can't be read
)

// send sends a letter. Its id is the same each time that it is sent: a mail which
// went out before the server was killed, and is sent anew since nobody knows that it did, is
// the same mail to whoever gets it.
func (m *SMTP) send(ctx context.Context, id uuid.UUID, to string, l Letter, unsubscribe string, now time.Time) error {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(to); err != nil {
		return undelivered{reason: oddAddress, forGood: true}
	}
	msg.Subject(l.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(id.String() + "@" + m.domain)
	if l.Thread != "" { // a mail that nobody got stands at the head of each thread
		head := "<" + l.Thread + "@" + m.domain + ">"
		msg.SetGenHeader(gomail.HeaderInReplyTo, head)
		msg.SetGenHeader(gomail.HeaderReferences, head)
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's absence answers it
	if unsubscribe != "" {
		msg.SetGenHeaderPreformatted(gomail.HeaderListUnsubscribe, "<"+unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, l.Plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	// A program that knows calendars shows the first one in the mail's place; the talk, and
	// what else there is, lies beside it.
	for i, part := range l.Invitations {
		if i == 0 {
			msg.AddAlternativeString(gomail.ContentType(part.ContentType), part.Content)
		} else if err := msg.AttachReader(fmt.Sprintf("undring-%d.ics", i), strings.NewReader(part.Content), gomail.WithFileContentType(gomail.ContentType(part.ContentType))); err != nil {
			return fmt.Errorf("attaching a calendar: %w", err)
		}
	}
	return m.hand(ctx, msg)
}

// hand hands a mail to the server. Nothing that the server says is told on: it may quote an address.
// A code of 500 and above is for good (RFC 5321, 4.2.1); the client's own word on what is
// temporary goes before it.
func (m *SMTP) hand(ctx context.Context, msg *gomail.Msg) error {
	// A connection for each mail: what is sent goes out in two moments of a day, and a server that
	// was restarted in between is no case of its own.
	client, err := gomail.NewClient(m.host, m.options...)
	if err != nil {
		return fmt.Errorf("the settings of the mail server: %w", undelivered{reason: unreachable})
	}
	err = client.DialAndSendWithContext(ctx, msg)
	var refused *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500:
		return undelivered{reason: refusedEver, forGood: true}
	case errors.As(err, &refused):
		return undelivered{reason: refusedNow}
	default:
		return undelivered{reason: unreachable}
	}
}
