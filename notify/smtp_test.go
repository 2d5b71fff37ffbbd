package notify_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"undring/notify"
	"undring/server"
	"undring/town"
)

// postOffice is a real mail server: what it has taken lies in it.
type postOffice struct {
	t    testing.TB
	port int
	mu   sync.Mutex
	came []letter
	say  func(to string) error // what it answers to a recipient; nil: it takes everything
}

// letter is a mail as it came.
type letter struct {
	To          string
	Header      mail.Header
	Plain, HTML string
	Calendars   []string // of each part that is one: the method of its type, and behind it what it holds
	Raw         string
}

func newPostOffice(t testing.TB) *postOffice {
	t.Helper()
	o := &postOffice{t: t}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.port = l.Addr().(*net.TCPAddr).Port
	s := smtp.NewServer(o)
	s.Domain, s.ReadTimeout, s.WriteTimeout = "post.example", 20*time.Second, 20*time.Second
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	return o
}

// NewSession greets whoever hands a mail in.
func (o *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &handingIn{o: o}, nil
}

type handingIn struct {
	o  *postOffice
	to string
}

func (h *handingIn) Mail(string, *smtp.MailOptions) error { return nil }
func (h *handingIn) Reset()                               {}
func (h *handingIn) Logout() error                        { return nil }

func (h *handingIn) Rcpt(to string, _ *smtp.RcptOptions) error {
	h.to = to
	h.o.mu.Lock()
	say := h.o.say
	h.o.mu.Unlock()
	if say != nil {
		return say(to)
	}
	return nil
}

func (h *handingIn) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := open(raw)
	if err != nil {
		return err
	}
	l.To = h.to
	h.o.mu.Lock()
	defer h.o.mu.Unlock()
	h.o.came = append(h.o.came, l)
	return nil
}

// open reads a mail with a library of its own.
func open(raw []byte) (letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return letter{}, err
	}
	l := letter{Header: m.Header, Raw: string(raw)}
	err = l.read(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return l, err
}

// read reads a part of a mail, and the parts of that.
func (l *letter) read(contentType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("a part of %s: %w", contentType, err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err == nil {
				err = l.read(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			}
			if err != nil {
				return err
			}
		}
	}
	if encoding == "base64" {
		body = base64.NewDecoder(base64.StdEncoding, body)
	} else {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	switch kind {
	case "text/html":
		l.HTML = string(text)
	case "text/calendar":
		l.Calendars = append(l.Calendars, params["method"]+"\n"+string(text))
	default:
		l.Plain = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return err
}

// subject is the subject as people read it.
func (l letter) subject() string {
	text, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject"))
	if err != nil {
		return err.Error()
	}
	return text
}

// all is everything that has come, in the order in which it did.
func (o *postOffice) all() []letter {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]letter(nil), o.came...)
}

// answer makes the mail server answer something to a recipient from now on.
func (o *postOffice) answer(say func(to string) error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.say = say
}

// refuse is an answer of a mail server.
func refuse(code int) func(string) error {
	return func(string) error {
		return &smtp.SMTPError{Code: code, Message: "Kari Berg <kari@fjordvik.example> is not here"}
	}
}

// address is where people reach the servers of these tests.
const address = "https://undring.fjordvik.example"

// by lets a server send mail by the post office.
func (o *postOffice) by(opts *server.Options) {
	o.t.Helper()
	m, err := notify.NewSMTP(fmt.Sprintf("smtp://127.0.0.1:%d", o.port), "Undring <undring@fjordvik.example>")
	if err != nil {
		o.t.Fatal(err)
	}
	opts.Outside.Mail, opts.Outside.Address = m, address
}

// sends lets some servers do what is due, and returns one of them.
func sends(t *testing.T, w *town.Town, servers int, change ...func(*server.Options)) *server.Server {
	t.Helper()
	var one *server.Server
	for range servers {
		one, _ = w.ServeWith(w.Owner, nil, func(o *server.Options) {
			for _, c := range change {
				c(o)
			}
		})
		work(t, one)
	}
	return one
}
