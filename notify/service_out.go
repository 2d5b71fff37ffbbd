package notify

import (
	"context"
	"html/template"
	"net/http"
	"slices"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/school"
	"undring/words"
)

// OutPath is where mail is chosen off, on the web port.
const OutPath = "/unsubscribe/"

// unsubscribeAddress is where somebody chooses mail of some kinds off, signed in or not.
// The kinds stand in the link as bits, so that it needs no row and works for as long as the
// secret does.
func (s *Service) unsubscribeAddress(as postgres.As, kinds []Kind) string {
	l := link{what: forMail, owner: as.Owner, person: as.Person}
	for _, k := range kinds {
		l.generation |= 1 << slices.Index(Kinds(), k)
	}
	return s.o.Address + OutPath + l.text(s.o.Secrets[0])
}

// kinds are those that a link chooses off.
func (l link) kinds() []Kind {
	var kinds []Kind
	for i, k := range Kinds() {
		if l.generation&(1<<i) != 0 {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Unsubscribe is the way out of a kind of mail, signed in or not. Looking at it changes
// nothing, since programs look at every address in a mail; a click on its one button does,
// or a mail program that asks for it (RFC 8058). The same page takes it back (?on).
func (s *Service) Unsubscribe() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l, ours := readLink(r.PathValue("link"), forMail, s.o.Secrets)
		if !ours {
			http.NotFound(w, r)
			return
		}
		as, on := postgres.As{Owner: l.owner, Person: l.person}, r.URL.Query().Has("on")
		var reader addressee
		var err error
		if r.Method == http.MethodPost {
			reader, err = s.chooseMail(r.Context(), as, l.kinds(), on)
		} else {
			err = s.o.DB.Read(r.Context(), as, func(b *pgx.Batch) { school.QueueReached(b, as.Owner, as.Person, &reader.Email, &reader.Language) })
		}
		if err != nil {
			w.Header().Set("Retry-After", "10")
			// No words: without the database the reader's language is not known.
			http.Error(w, "", http.StatusServiceUnavailable)
			return
		}
		secretPage(w)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = outPage.Execute(w, outWords(reader.Language, l.kinds(), r.Method == http.MethodPost, on))
	})
}

// secretPage keeps a page behind a secret address to itself: it is neither stored nor told on.
func secretPage(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
}

// chooseMail chooses mail of some kinds on or off. Done again, it changes nothing.
func (s *Service) chooseMail(ctx context.Context, as postgres.As, kinds []Kind, on bool) (reader addressee, err error) {
	err = s.o.DB.Do(ctx, as, func(ctx context.Context, tx *postgres.Tx) error {
		var c Choice
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(lockPerson, as.Person)
			queueChoice(b, as.Owner, as.Person, &c)
			school.QueueReached(b, as.Owner, as.Person, &reader.Email, &reader.Language)
		})
		if err != nil || reader.Language == "" { // of somebody who is no longer active, nothing is written
			return err
		}
		before := c.codes()
		for _, k := range kinds {
			c.choose(k, Mail, on)
		}
		if slices.Equal(before, c.codes()) {
			return nil
		}
		c.Revision++
		c.save(tx, as.Owner, as.Person, s.moment())
		return nil
	})
	return reader, err
}

// outSaid is what the page says.
type outSaid struct {
	Language, Title, Do, To string
	Kinds                   []string
}

// Somebody who is active no more has no language; the page is then in the first one.
func outWords(language string, kinds []Kind, done, on bool) outSaid {
	state := "ask"
	switch {
	case done && on:
		state = "on"
	case done:
		state = "off"
	}
	said := outSaid{Language: language, Title: words.Say(language, "mail.out."+state), Do: words.Say(language, "mail.out.do")}
	if state == "off" {
		said.Do, said.To = words.Say(language, "mail.out.back"), "?on"
	}
	for _, k := range kinds {
		said.Kinds = append(said.Kinds, words.Say(language, "kind."+string(k)))
	}
	return said
}

// The form goes to the page's own address, which is secret: it stands nowhere in it.
var outPage = template.Must(template.New("out").Parse(`<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{.Title}}</title>
<style>:root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;max-width:30em;margin:2em auto;padding:0 1em}button{font:inherit;padding:.7em 1.4em;min-height:48px}</style></head>
<body><main><h1>{{.Title}}</h1><ul>{{range .Kinds}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="{{if .To}}{{.To}}{{else}}?{{end}}"><button>{{.Do}}</button></form></main></body></html>
`))
