package server

import (
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"undring/words"
)

// jsonCodec reads and writes JSON on the web port. A field that the contract
// does not know is a mistake, and is said to be one.
type jsonCodec struct{ *vanguard.JSONCodec }

func newJSONCodec(types vanguard.TypeResolver) vanguard.Codec {
	return jsonCodec{&vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{Resolver: types, EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types},
	}}
}

// Unmarshal reads a message. What is none is the caller's mistake.
func (c jsonCodec) Unmarshal(raw []byte, m proto.Message) error {
	if err := c.JSONCodec.Unmarshal(raw, m); err != nil {
		return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("INVALID_FIELD; request: %w", err))
	}
	return nil
}

// boundedGzip reads what came compressed, as much of it as a request may have; by
// itself the transcoder takes whatever comes out.
type boundedGzip struct {
	gzip.Reader
	left int
}

func newBoundedGzip() connect.Decompressor { return new(boundedGzip) }

func newGzip() connect.Compressor { return gzip.NewWriter(io.Discard) }

// Reset begins with another request.
func (g *boundedGzip) Reset(r io.Reader) error {
	g.left = maxRoster
	return g.Reader.Reset(r)
}

// Read gives what fits, and then an error.
func (g *boundedGzip) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	if g.left -= n; g.left < 0 {
		return 0, connect.NewError(connect.CodeResourceExhausted, fmt.Errorf("more than %d bytes", maxRoster))
	}
	return n, err
}

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

// page is what the web port shows at its root. A program without a bundle says
// so, in the reader's language.
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
