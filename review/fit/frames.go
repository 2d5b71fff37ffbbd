package fit

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"undring/review"
)

// Frames are ways of asking, each written once with what may stand in its places:
// [this|that] is either, {name} one of the list that "@name = …" gives. They teach
// the model that a frame means the same whatever is put into it. A file of them is
// of one language, which is the end of its name.

// PerFrame is how many texts are made of one frame at most.
const PerFrame = 20

// ReadFrames makes texts of the frames in files of a pattern of names: the same
// ones each time.
func ReadFrames(pattern string) ([]Text, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var out []Text
	for _, file := range files {
		texts, err := framesOf(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, texts...)
	}
	return out, nil
}

// framesOf makes texts out of a file of frames, sentences with gaps. Its random choices are
// fixed, so that the model is the same to the byte each time.
func framesOf(file string) ([]Text, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := filepath.Base(file)
	w := &writer{
		lists:    map[string][]string{},
		random:   rand.New(rand.NewPCG(11, 13)),
		language: review.Language(strings.TrimSuffix(name[strings.LastIndexByte(name, '-')+1:], ".txt")),
	}
	kinds := map[string]review.Kind{}
	for _, k := range review.Kinds() {
		kinds[k.String()] = k
	}
	var out []Text
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if list, isList := strings.CutPrefix(line, "@"); isList {
			slot, values, _ := strings.Cut(list, " = ")
			w.lists[slot] = strings.Split(values, "|")
			continue
		}
		kind, frame, _ := strings.Cut(line, "\t")
		if line == "" {
			continue
		}
		if kinds[kind] == 0 {
			return nil, fmt.Errorf("%q is no kind", kind)
		}
		for _, text := range w.texts(frame) {
			out = append(out, Text{w.language, kinds[kind], text, name})
		}
	}
	return out, lines.Err()
}

// Made says whether a text was made of a frame: nothing is measured by those, and
// they are never left out.
func (t *Text) Made() bool { return strings.HasPrefix(t.File, "frames-") }

// writer makes texts of frames.
type writer struct {
	lists    map[string][]string
	random   *rand.Rand
	language review.Language
}

// texts fills a frame several times, each time in other words. A frame with few gaps gives
// fewer texts than it might: the same text twice would only weigh double.
func (w *writer) texts(frame string) []string {
	var out []string
	for range 3 * PerFrame {
		text := w.careless(w.fill(frame))
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
		if len(out) == PerFrame {
			break
		}
	}
	return out
}

// fill puts something into each place of a frame, and sets capitals.
func (w *writer) fill(s string) string {
	for {
		open := strings.IndexAny(s, "[{")
		if open < 0 {
			break
		}
		closing := map[byte]string{'[': "]", '{': "}"}[s[open]]
		length := strings.Index(s[open:], closing)
		if length < 0 {
			panic("fit: a place of a frame is not closed: " + s)
		}
		inner := s[open+1 : open+length]
		choices := w.lists[inner]
		if closing == "]" {
			choices = strings.Split(inner, "|")
		}
		if len(choices) == 0 {
			panic("fit: no list is called " + inner)
		}
		s = s[:open] + choices[w.random.IntN(len(choices))] + s[open+length+1:]
	}
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer(" ?", "?", " ,", ",", " .", ".", ".?", "?").Replace(s)
}

// careless writes a text as people do: with something before it, without its mark,
// without capitals, with a picture behind it.
func (w *writer) careless(s string) string {
	if n := w.random.IntN(20); n < 13 {
		s = capitals(s)
	}
	before := w.lists["pre"]
	for w.random.IntN(10) < 3 && len(before) > 0 {
		s = before[w.random.IntN(len(before))] + " " + s
	}
	if w.random.IntN(9) == 0 {
		s = strings.TrimSuffix(s, "?")
	}
	if w.random.IntN(12) == 0 {
		s = strings.ToLower(s)
	}
	if w.random.IntN(20) == 0 {
		s += []string{" 🙂", " 😊", " 😅", " 🙈", " 👏"}[w.random.IntN(5)]
	}
	return s
}

// capitals writes each first letter of a sentence large, as a phone does by itself.
func capitals(s string) string {
	begin := true
	return strings.Map(func(r rune) rune {
		if begin && unicode.IsLetter(r) {
			r = unicode.ToUpper(r)
		}
		begin = begin && !unicode.IsLetter(r) || strings.ContainsRune(".?!", r)
		return r
	}, s)
}
