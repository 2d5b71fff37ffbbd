package server

import (
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"undring/intake"
	"undring/words"
)

// jsonCodec reads and writes JSON on the web port. A field that the contract
// does not know is a mistake, and is said to be one.
type jsonCodec struct{ *vanguard.JSONCodec }

// newJSONCodec reads and writes JSON. Empty fields are written, since those who read it by
// hand look for them; nesting is bounded as in the binary form.
func newJSONCodec(types vanguard.TypeResolver) vanguard.Codec {
	return jsonCodec{&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{Resolver: types, EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types, RecursionLimit: 2 * intake.MaxDepth},
	}}
}

// Unmarshal reads a message. Of what isn't one it keeps why, in a field that the contract
// does not have, so that the refusal goes through the chain as every other one does.
func (c jsonCodec) Unmarshal(raw []byte, m proto.Message) error {
	if err := c.JSONCodec.Unmarshal(raw, m); err != nil {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(unreadableJSON(err))
	}
	return nil
}

// whyUnreadable is the field that says why JSON could not be read. The largest number that
// a field can have, which no contract gives away.
const whyUnreadable = protowire.MaxValidNumber

// unreadableJSON carries the reason why a text could not be read to where it can be
// refused in the caller's language: in a field of the message that the contract does
// not have.
func unreadableJSON(err error) []byte {
	_, why, _ := strings.Cut(err.Error(), "proto:")
	why = strings.TrimSpace(why)
	why = strings.ToValidUTF8(why[:min(len(why), mostWhy)], "")
	return protowire.AppendString(protowire.AppendTag(nil, whyUnreadable, protowire.BytesType), why)
}

// mostWhy bounds what a refusal says of JSON that could not be read.
const mostWhy = 200

// whyNot is why JSON could not be read; "" for a message that could.
func whyNot(raw []byte) string {
	number, kind, n := protowire.ConsumeTag(raw)
	if number != whyUnreadable || kind != protowire.BytesType {
		return ""
	}
	why, _ := protowire.ConsumeString(raw[n:])
	return cmp.Or(why, "is not valid JSON for this message of the contract")
}

// noGzip stands where the transcoder would unpack what comes: that has been done.
type noGzip struct{ io.Reader }

// newNoGzip unpacks nothing: what came has been unpacked and bounded before.
func newNoGzip() connect.Decompressor { return new(noGzip) }

// newGzip packs replies.
func newGzip() connect.Compressor { return gzip.NewWriter(io.Discard) }

// errPacked shows that somebody has put the transcoder's own unpacking back: nothing should
// ever come to it.
var errPacked = errors.New("what comes has been unpacked")

// Reset refuses.
func (*noGzip) Reset(io.Reader) error { return errPacked }

// Read refuses.
func (*noGzip) Read([]byte) (int, error) { return 0, errPacked }

// Close has nothing to close.
func (*noGzip) Close() error { return nil }

// plainJSON lets anyone post JSON who does not know the Connect protocol, whose
// unary calls are just that with a header.
func plainJSON(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if r.Method == http.MethodPost && media == "application/json" && r.Header.Get("Connect-Protocol-Version") == "" {
			r.Header.Set("Connect-Protocol-Version", "1")
			r.Header.Set("Content-Type", media)
		}
		next.ServeHTTP(w, r)
	})
}

// inPlace serves a page that costs the database something, as one of a stranger's calls. A
// calendar is fetched by programs that have no token.
func (s *Server) inPlace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		place, ok := s.places.Take(1, s.payerOf(webContext(r), "").places("")...)
		if !ok {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		defer place.Back()
		next.ServeHTTP(w, r)
	})
}

// page is what the web port shows at its root. A program without a bundle says
// so, in the reader's language. It loads nothing and runs nothing, so it has the strictest
// policy there is.
func page(bundle http.Handler) http.Handler {
	if bundle != nil {
		return bundle
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		language := words.Match(r.Header.Get("Accept-Language"))
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		fmt.Fprintf(w, `<!doctype html><html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`+
			`<meta name="color-scheme" content="light dark"><title>%s</title>`+
			`<body style="font:1.1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem"><h1>%[2]s</h1><p>%[3]s</p></body></html>`,
			language, html.EscapeString(words.Say(language, "page.title")), html.EscapeString(words.Say(language, "page.no_bundle")))
	})
}
