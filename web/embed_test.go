package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// app is a small build: what begins with a dot and the copies are none of its files.
func app() fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		".keep": "kept", "index.html": "the page", "index.html.br": "page in br", "index.html.gz": "page in gzip",
		"sw.js": "the worker", "manifest.webmanifest": "{}", "icon.png": "icon",
		"assets/index-1a2b.js": "the app", "assets/index-1a2b.js.br": "app in br", "assets/index-1a2b.js.gz": "app in gzip",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

func ask(t *testing.T, method, path, accepted string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "http://undring.test/", nil)
	r.URL.Path = path // as it came, not made tidy
	r.Header.Set("Accept-Encoding", accepted)
	w := httptest.NewRecorder()
	handler(app()).ServeHTTP(w, r)
	return w.Result()
}

func TestTheAppIsHandedOut(t *testing.T) {
	t.Parallel()
	const forever, anew = "public, max-age=31536000, immutable", "no-cache"
	for _, tc := range []struct {
		name, path, accepted           string
		status                         int
		body, media, coding, cacheable string
	}{
		{"the page", "/", "", 200, "the page", "text/html; charset=utf-8", "", anew},
		{"the page in brotli", "/", "gzip, deflate, br", 200, "page in br", "text/html; charset=utf-8", "br", anew},
		{"the page in gzip", "/", "gzip", 200, "page in gzip", "text/html; charset=utf-8", "gzip", anew},
		{"brotli is not wanted", "/", "br;q=0, gzip;q=0.5", 200, "page in gzip", "text/html; charset=utf-8", "gzip", anew},
		{"nothing is wanted", "/", "br; q=0, gzip; q=0", 200, "the page", "text/html; charset=utf-8", "", anew},
		{"a place in the app", "/sign-in", "", 200, "the page", "text/html; charset=utf-8", "", anew},
		{"a folder is a place", "/assets/", "", 200, "the page", "text/html; charset=utf-8", "", anew},
		{"what has its content in its name", "/assets/index-1a2b.js", "br", 200, "app in br", "text/javascript; charset=utf-8", "br", forever},
		{"the worker", "/sw.js", "br", 200, "the worker", "text/javascript; charset=utf-8", "", anew},
		{"the manifest", "/manifest.webmanifest", "", 200, "{}", "application/manifest+json", "", anew},
		{"a picture", "/icon.png", "br", 200, "icon", "image/png", "", anew},
		{"a file of another version", "/assets/index-0000.js", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
		{"a copy", "/index.html.br", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
		{"what begins with a dot", "/.keep", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
		{"out of the folder", "/../embed.go", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
		{"out of a folder in it", "/assets/../../embed.go", "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
		{"out of it backwards", `/..\embed.go`, "", 404, "404 page not found\n", "text/plain; charset=utf-8", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, http.MethodGet, tc.path, tc.accepted)
			body, err := io.ReadAll(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			h := got.Header
			if got.StatusCode != tc.status || string(body) != tc.body || h.Get("Content-Type") != tc.media ||
				h.Get("Content-Encoding") != tc.coding || h.Get("Cache-Control") != tc.cacheable {
				t.Errorf("%d, %q, %v; want %+v", got.StatusCode, body, h, tc)
			}
			if tc.status != 200 {
				return
			}
			for _, part := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !strings.Contains(h.Get("Content-Security-Policy"), part) {
					t.Errorf("the policy lacks %s: %s", part, h.Get("Content-Security-Policy"))
				}
			}
			if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Referrer-Policy") != "no-referrer" || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%v", h)
			}
		})
	}
}

func TestThePageIsAskedForByItsHeadAndChangedByNobody(t *testing.T) {
	t.Parallel()
	head := ask(t, http.MethodHead, "/", "br")
	body, _ := io.ReadAll(head.Body)
	if head.StatusCode != 200 || len(body) != 0 || head.Header.Get("Content-Encoding") != "br" {
		t.Errorf("HEAD: %d, %q, %v", head.StatusCode, body, head.Header)
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if got := ask(t, method, "/", ""); got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", method, got.StatusCode)
		}
	}
}

func TestWhatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	tags := map[string]bool{}
	for _, accepted := range []string{"", "gzip", "br"} {
		tag := ask(t, http.MethodGet, "/", accepted).Header.Get("ETag")
		if tag == "" || tags[tag] {
			t.Errorf("the copy for %q has the tag %q; want one of its own", accepted, tag)
		}
		tags[tag] = true
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", accepted)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		handler(app()).ServeHTTP(w, r)
		if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("asked for %q with its tag: %d, %q", accepted, w.Code, w.Body)
		}
	}
}

func TestWithoutABuildThereIsNoApp(t *testing.T) {
	t.Parallel()
	if handler(fstest.MapFS{".keep": &fstest.MapFile{}}) != nil {
		t.Error("a program without the app hands something out")
	}
}
