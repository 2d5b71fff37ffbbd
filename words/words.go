// Package words holds every text that the service says to people, in bokmål,
// nynorsk and English.
//
// A language is one file: a flat list of keys and texts. A new language is one
// more file, and its tag in languages. A test holds the files against each other
// and against what can be refused and what can be to do. What people write is
// never in here.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed nb.json nn.json en.json
var files embed.FS

// languages in the order of preference; the first is spoken to those who name
// none that is there.
var languages = []string{"nb", "nn", "en"}

var (
	texts    = map[string]map[string]string{}
	printers = map[string]*message.Printer{}
	matcher  language.Matcher
)

// init reads the catalogues. They are part of the program, so that one that can't be read is a
// fault of the build and ends it.
func init() {
	cat := catalog.NewBuilder(catalog.Fallback(language.MustParse(languages[0])))
	var tags []language.Tag
	for _, l := range languages {
		raw, err := files.ReadFile(l + ".json")
		if err != nil {
			panic(err) // it is embedded
		}
		keys := map[string]string{}
		if err := json.Unmarshal(raw, &keys); err != nil {
			panic(fmt.Sprintf("words: %s.json: %v", l, err))
		}
		tag := language.MustParse(l)
		for key, text := range keys {
			if err := cat.SetString(tag, key, text); err != nil {
				panic(fmt.Sprintf("words: %s.json: %s: %v", l, key, err))
			}
		}
		texts[l] = keys
		tags = append(tags, tag)
	}
	for i, l := range languages {
		printers[l] = message.NewPrinter(tags[i], message.Catalog(cat))
	}
	matcher = language.NewMatcher(tags)
}

// Languages lists the languages, the preferred one first.
func Languages() []string { return slices.Clone(languages) }

// Match picks the best of the languages for the value of an Accept-Language header. Whoever
// names none that is there reads bokmål.
func Match(accept string) string {
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return languages[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return languages[0]
	}
	return languages[i]
}

// Say says a text in a language, with its places filled in. An unknown language is read as
// bokmål. An unknown key is said as a sentence that admits it: a key is for programs, and
// nobody is to read one. A test holds the keys that the program names against the files.
func Say(lang, key string, args ...any) string {
	p, known := printers[lang]
	if !known {
		p, lang = printers[languages[0]], languages[0]
	}
	text, known := texts[lang][key]
	if !known { // a key is for programs: nobody is to read one
		return texts[lang]["text.missing"]
	}
	if len(args) == 0 && !strings.ContainsRune(text, '%') {
		return text // nothing to fill in: a list of visits says 150 of these
	}
	return p.Sprintf(key, args...)
}

// Of says a text in a language, and, where there are words for the code in
// particular, those.
func Of(lang, key, code string) string {
	if _, known := texts[languages[0]][key+"."+code]; known && code != "" {
		return Say(lang, key+"."+code)
	}
	return Say(lang, key)
}

// Keys lists the keys of a language, sorted.
func Keys(lang string) []string {
	out := make([]string, 0, len(texts[lang]))
	for k := range texts[lang] {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// At adds to a sentence where in a file it holds, by file, line and column, and whom to
// ask: of those that the facts of a refusal have.
func At(lang, sentence string, facts map[string]string) string {
	var at []string
	if facts["file"] != "" {
		at = append(at, facts["file"])
	}
	for _, what := range []string{"line", "column"} {
		if facts[what] != "" {
			at = append(at, Say(lang, "place."+what, facts[what]))
		}
	}
	if len(at) > 0 {
		sentence += " (" + strings.Join(at, ", ") + ")"
	}
	if facts["contact"] != "" {
		sentence += " " + Say(lang, "ask.contact", facts["contact"])
	}
	return sentence
}
