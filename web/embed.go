// Package web holds the phone app, as built into dist by `make web`, and hands it
// to browsers.
package web

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// The folder is there in every checkout, with a file that says so; the app is
// once it has been built.
//
//go:embed all:dist
var dist embed.FS

// contentPolicy is what a page of the app may load and run: what came from this server, and
// nothing else. A text that somebody wrote thus stays text, even where a screen made a mistake.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler hands out the app; nil when this program was built without it.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil
	}
	return handler(files)
}

// handler serves the app's files: what has a hash in its name for a year, everything else only
// after asking whether it has changed. Nil where the app was not built.
func handler(files fs.FS) http.Handler {
	if !there(files, "index.html") {
		return nil
	}
	tags := tagsOf(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		switch {
		case there(files, name) && !hidden(name):
		case path.Ext(name) != "": // a file of another version, not a page
			http.NotFound(w, r)
			return
		default: // every page is the one page
			name = "index.html"
		}
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", caching(name))
		h.Set("Content-Type", mediaType(name))
		h.Set("Vary", "Accept-Encoding")
		copied := packed(files, name, r.Header.Get("Accept-Encoding"), h)
		h.Set("ETag", tags[copied])
		http.ServeFileFS(w, r, files, copied)
	})
}

// tagsOf names the content of each file: what is asked for anew each time and has
// not changed is not sent again. A file that is built in has no time.
func tagsOf(files fs.FS) map[string]string {
	tags := map[string]string{}
	_ = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err == nil {
			tags[name] = fmt.Sprintf(`"%x"`, sha256.Sum256(content))
		}
		return err
	})
	return tags
}

// caching keeps for ever what has its content in its name; the rest is asked for
// anew each time.
func caching(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// mediaType is a file's type. Those that browsers insist on are named here: the machine's own
// table may not know them.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".webmanifest":
		return "application/manifest+json"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// packed is the smallest copy of a file that the browser reads.
func packed(files fs.FS, name, accepted string, h http.Header) string {
	for _, c := range []struct{ coding, ending string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if accepts(accepted, c.coding) && there(files, name+c.ending) {
			h.Set("Content-Encoding", c.coding)
			return name + c.ending
		}
	}
	return name
}

// accepts is true where a browser takes a coding; weight 0 means that it does not.
func accepts(header, coding string) bool {
	for each := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(each), ";")
		if name == coding && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// hidden says whether a file does not belong to the app: copies, and what begins with a dot.
func hidden(name string) bool {
	return strings.HasPrefix(path.Base(name), ".") || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz")
}

// there is true for a file, and false for a folder: folders are not listed.
func there(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && !info.IsDir()
}
