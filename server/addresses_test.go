package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/notify"
	"undring/server"
	"undring/session"
	"undring/town"
)

// served are the addresses of the web port, by how they stand in server.go, and what of each is
// asked for here. {calendar} and {mail} are links of somebody's.
var served = map[string][]string{
	`"GET /.well-known/jwks.json"`:        {"/.well-known/jwks.json"},
	`pb.SyncService_Watch_FullMethodName`: {pb.SyncService_Watch_FullMethodName},
	`"GET "+notify.FeedPath+"{link}"`:     {"{calendar}", notify.FeedPath + "none", notify.FeedPath},
	`"GET "+notify.OutPath+"{link}"`:      {"{mail}", notify.OutPath + "none"},
	`"POST "+notify.OutPath+"{link}"`:     {"{mail}", notify.OutPath + "none"},
	`"/"`: {"/", "/sign-in", "/assets/gone.js", "//", "/a/../b", "/.git/config", "/undring.v1.Nothing/Is", "/undring.v1.SchoolService/",
		"/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"},
}

// addressed is a town that is looked at by its web port, behind a proxy that has TLS or has not.
type addressed struct {
	*town.Town
	web   http.Handler
	links map[string]string // Kari's
}

func newAddressed(t *testing.T) addressed {
	t.Helper()
	w := town.New(t)
	s, _ := w.ServeWith(w.Owner, nil, func(o *server.Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} })
	feed, err := url.Parse(town.Try(w.Kari.GetCalendarFeed(w.Kari.Ctx(), &pb.GetCalendarFeedRequest{})).OK(t).GetAddress())
	if err != nil {
		t.Fatal(err)
	}
	// The same in mail: another purpose, all kinds of mail, signed anew.
	raw, err := bare(feed.Path)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := session.NewKeys(w.Clock.Now, w.Key)
	if err != nil {
		t.Fatal(err)
	}
	raw = raw[:len(raw)-sha256.Size]
	raw[0], raw[len(raw)-1] = 2, 1
	mark := hmac.New(sha256.New, keys.LinkSecrets()[0])
	mark.Write(raw)
	return addressed{Town: w, web: s.Web(), links: map[string]string{
		"{calendar}": feed.Path, "{mail}": notify.OutPath + base64.RawURLEncoding.EncodeToString(mark.Sum(raw))}}
}

// bare are the bytes of a link.
func bare(at string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimSuffix(path.Base(at), ".ics"))
}

// ask asks for an address, over TLS or not.
func (a addressed) ask(method, at, body string, tls bool, headers ...string) (*http.Response, string) {
	a.T.Helper()
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(at, "?")
	r.RequestURI, r.RemoteAddr = at, "10.0.0.1:1234"
	r.Header.Set("Content-Type", "application/json")
	if tls {
		r.Header.Set("X-Forwarded-Proto", "https")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	out := httptest.NewRecorder()
	a.web.ServeHTTP(out, r)
	said, err := io.ReadAll(out.Result().Body)
	if err != nil {
		a.T.Fatal(err)
	}
	return out.Result(), string(said)
}

// addressOf is where a call stands on the web port.
func addressOf(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// Every answer of every address of the web port, good or bad, by every method, says that it is
// not to be taken for something else and not to be kept; browsers that came by TLS are to come
// by it alone; and no answer to somebody without a token names anybody.
func TestEveryAddressOfTheWebPortGuardsItsAnswers(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("server.go")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, m := range regexp.MustCompile(`(?m)^\tweb\.Handle\((.+?), `).FindAllStringSubmatch(string(source), -1) {
		there = append(there, m[1])
	}
	slices.Sort(there)
	if known := slices.Sorted(maps.Keys(served)); !slices.Equal(there, known) {
		t.Fatalf("the web port serves\n%q, and asked for are\n%q", there, known)
	}
	a := newAddressed(t)
	var addresses []string
	for _, at := range served {
		addresses = append(addresses, at...)
	}
	for _, m := range allMethods() {
		addresses = append(addresses, addressOf(m))
	}
	token := strings.TrimPrefix(shown(a.Kari.Ctx()), "Bearer ")
	broken := [][]string{nil, {"Authorization", "Bearer x.y.z"}, {"Content-Encoding", "gzip"}, {"Content-Type", "application/grpc-web+proto"},
		{"Content-Type", "text/plain"}, {"Accept-Encoding", "br, gzip"}}
	seen := map[int]int{}
	for _, address := range addresses {
		at := address
		if link, is := a.links[address]; is {
			at = link
		}
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, "BREW"} {
			for n, headers := range broken {
				tls := n%2 == 0
				reply, said := a.ask(method, at, "{}", tls, headers...)
				h := reply.Header
				seen[reply.StatusCode]++
				where := method + " " + address + " " + strings.Join(headers, ": ")
				if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
					t.Errorf("%s: %d, %v", where, reply.StatusCode, h)
				}
				if (h.Get("Strict-Transport-Security") != "") != tls {
					t.Errorf("%s: by TLS %t, and told %q", where, tls, h.Get("Strict-Transport-Security"))
				}
				want := "no-store"
				switch {
				case address == "/.well-known/jwks.json" && reply.StatusCode == http.StatusOK:
					want = "public"
				case strings.HasPrefix(at, notify.FeedPath) && reply.StatusCode < 500 && h.Get("Cache-Control") != "no-store":
					want = "private, no-cache" // by who asks for it, and only until they ask anew
				}
				if !strings.Contains(h.Get("Cache-Control"), want) {
					t.Errorf("%s: %d may be kept: %q", where, reply.StatusCode, h.Get("Cache-Control"))
				}
				if reply.StatusCode == http.StatusInternalServerError {
					t.Errorf("%s: %d %s", where, reply.StatusCode, said)
				}
				if open := strings.Contains(address, "GetSignInOptions") || strings.HasSuffix(address, "/SignIn"); open {
					continue // they name invented people, in a demo alone
				}
				for _, secret := range []string{"Kari", "Ola", "fjordvik.example", a.Kari.ID, token} {
					if strings.Contains(said, secret) {
						t.Errorf("%s says %q: %s", where, secret, said)
					}
				}
			}
		}
	}
	for _, code := range []int{http.StatusOK, http.StatusNotFound, http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnsupportedMediaType} {
		if seen[code] == 0 {
			t.Errorf("no answer was a %d: %v", code, seen)
		}
	}
}

// No address carries what somebody wrote, or what lets them in. A call takes neither its message
// nor a token from its address, so that none need stand in the log of a proxy; and a link holds
// two ids and a signature, which open one thing and no call.
func TestNoAddressCarriesWordsOrTokens(t *testing.T) {
	t.Parallel()
	a := newAddressed(t)
	token := strings.TrimPrefix(shown(a.Kari.Ctx()), "Bearer ")
	stories := town.Stories()
	for _, m := range allMethods() {
		query := url.Values{"connect": {"v1"}, "encoding": {"json"}, "message": {"{}"}}
		headers := []string{"Authorization", "Bearer " + token}
		if m.Name() == "SaveNote" || m.Name() == "ProposeObservation" || m.Name() == "SubmitNeed" { // with all that they need
			c := stories[string(m.FullName())](a.Town)
			raw, err := protojson.Marshal(c.Req)
			if err != nil {
				t.Fatal(err)
			}
			query.Set("message", string(raw))
			headers[1] = shown(c.By.Ctx())
		}
		before := town.One[int](a.Town, "select count(*)::int from request")
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut} {
			if reply, said := a.ask(method, addressOf(m)+"?"+query.Encode(), "", false, headers...); reply.StatusCode < 400 {
				t.Errorf("%s takes its message from its address by %s: %d %s", m.FullName(), method, reply.StatusCode, said)
			}
		}
		if now := town.One[int](a.Town, "select count(*)::int from request"); now != before {
			t.Errorf("%s was carried out by its address", m.FullName())
		}
		if m.Name() == "GetSignInOptions" || m.Parent().Name() == "Health" { // open to everybody
			continue
		}
		if reply, said := a.ask(http.MethodPost, addressOf(m)+"?access_token="+token+"&authorization=Bearer%20"+token, "{}", false); reply.StatusCode < 400 {
			t.Errorf("%s lets somebody in by the address: %d %s", m.FullName(), reply.StatusCode, said)
		}
	}
	for name, link := range a.links {
		raw, err := bare(link)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Kari", "kari", "Berg", "@", token} {
			if strings.Contains(link, word) || len(word) > 1 && strings.Contains(string(raw), word) {
				t.Errorf("the %s link carries %q: %s", name, word, link)
			}
		}
		reply, said := a.ask(http.MethodPost, "/undring.v1.SessionService/GetMe", "{}", false, "Authorization", "Bearer "+path.Base(link))
		if reply.StatusCode != http.StatusUnauthorized {
			t.Errorf("the %s link lets somebody in: %d %s", name, reply.StatusCode, said)
		}
	}
}
