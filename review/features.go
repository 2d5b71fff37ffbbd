package review

// What the model knows a text by: features, which a text has or has not. They are
// rows of words, rows of what words are about (see concepts.go), rows of letters of
// words that are about nothing known, and what the rules say of each sentence. A
// feature is known by a hash alone, so that the model needs no list of words.
//
// web/src/review/features.ts gives the same features; shared cases hold the two
// equal.

// featureBits is how many bits tell features apart. With some 7,000 features in
// the model, one of forty others is taken for one of them: fewer than the typing
// errors in a text.
const featureBits = 18

// Group is a kind of features; the training trusts some more than others.
type Group uint8

// The groups of features.
const (
	ByRule    Group = iota // what the rules say
	ByWord                 // one word of a sentence that asks, or a row of them
	ByLetters              // four letters of a word about nothing known
	ByConcept              // what words are about, and rows of it
	ByContext              // a sentence that does not ask
)

// hash is FNV-1a over numbers instead of bytes: 32 bits, the same everywhere.
type hash uint32

// with mixes a number in. It is FNV's step: fast, the same on the phone, and needs no
// table.
func (h hash) with(n uint32) hash { return (h ^ hash(n)) * 16777619 }

// feature mixes the bits once more, since FNV's high ones are poor after few steps.
func (h hash) feature() uint32 {
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	return uint32(h >> (32 - featureBits))
}

// space begins the hash of one kind of row, so that rows of different kinds differ.
func space(n uint32) hash { return hash(2166136261).with(n) }

// The spaces. Their numbers are part of the model: a new one gets a new number.
const (
	spaceShape = iota + 1
	spaceShapeKind
	spacePattern
	spacePatternShape
	spacePatternKind
	spaceSentenceKind
	spaceKind
	spaceKindMark
	spaceLast
	spaceLength
	spaceWord
	spacePair
	spaceTriple
	spaceSkip
	spaceLetters
	spaceFine
	spaceFineSkip
	spaceFineTriple
	spaceTight
	spaceFirst
	spaceFinal
	spaceStart
	spaceStartFine
	spaceCoarse
	spaceCoarseRow
	spaceCoarseFirst
	spaceCoarseFinal
	spaceContextWord
	spaceContextPair
	spaceContextFine
	spaceContextFinePair
	spaceStartAny
	spaceStartField
	spaceFieldPair
	spaceFieldCount
	spaceAcross
)

// Marks that stand in rows where no word does.
const (
	beginOfRow = 1
	endOfRow   = 2
	endMarked  = 3 // a question mark ends it
	unknown    = 4 // a word about nothing known
)

// wordHash is the hash of a word's letters.
func wordHash(w string) uint32 {
	h := hash(2166136261)
	for _, r := range w {
		h = h.with(uint32(r))
	}
	return uint32(h)
}

// token is a word as the features see it.
type token struct {
	text         string
	word         uint32
	fine, coarse uint32 // 0: about nothing known
}

// tokens looks each word up once, since every feature asks for the same.
func (s *sentence) tokens(r *ruleset) []token {
	out := make([]token, len(s.words))
	for i, w := range s.words {
		t := &out[i]
		t.text, t.word = w, wordHash(w)
		if c := r.concepts.of(w); c != nil {
			t.fine, t.coarse = c.fine, c.coarse
		}
	}
	return out
}

// emitter gives features out as they are found; the same one may come twice.
type emitter struct {
	family uint32 // words of different languages are different words
	emit   func(feature uint32, g Group)
}

// put emits a feature.
func (e *emitter) put(h hash, g Group) { e.emit(h.feature(), g) }

// Features gives the features of a text, each as often as it is found, in a fixed
// order. The training reads texts by it; [Question] reads them by the same steps.
func Features(s string, lang Language, emit func(feature uint32, g Group)) {
	t := read(s)
	r := t.detect(rulesFor(lang))
	p := t.parse(r)
	p.features(r, emit)
}

// features gives the features of a parsed text.
func (p *parsed) features(r *ruleset, emit func(uint32, Group)) {
	if len(p.sentences) == 0 {
		return
	}
	e := &emitter{family: r.concepts.family, emit: emit}
	var told, asked fields
	for i := range p.sentences {
		s := &p.sentences[i]
		tokens := s.tokens(r)
		e.put(space(spaceSentenceKind).with(uint32(s.kind)), ByRule)
		if !s.asks && (p.asks || i < len(p.sentences)-1) {
			e.context(tokens)
			told.add(tokens)
			continue
		}
		asked.add(tokens)
		e.rules(s)
		e.words(tokens, s.mark)
		e.starts(tokens, s.starts)
		e.fine(tokens, s.mark)
		e.coarse(tokens, s.mark)
		e.opening(tokens, s.starts)
	}
	e.walk(&told, &asked)
	last := &p.sentences[len(p.sentences)-1]
	e.put(space(spaceKind).with(uint32(p.kind)), ByRule)
	e.put(space(spaceKindMark).with(uint32(p.kind)).with(bit(last.mark, 0)), ByRule)
	e.put(space(spaceLast).with(bit(last.mark, 0)|bit(last.shout, 1)|bit(p.asks, 2)), ByRule)
	e.put(space(spaceLength).with(uint32(min(len(p.sentences), 4))).with(uint32(min(len(last.words)/4, 6))), ByRule)
}

// bit is a truth as a number at a place, so that several fit into one feature.
func bit(v bool, n int) uint32 {
	if v {
		return 1 << n
	}
	return 0
}

// rules gives what the rules found in a sentence: its shape, which of them spoke,
// and each beside the kind that they came to together.
func (e *emitter) rules(s *judged) {
	shape := bit(s.opens, 0) | bit(s.verb, 1) | bit(s.mark, 2) | bit(s.hasWh, 3)
	e.put(space(spaceShape).with(shape), ByRule)
	e.put(space(spaceShapeKind).with(shape).with(uint32(s.kind)), ByRule)
	for i := range patternNames {
		if s.spoke>>i&1 == 0 {
			continue
		}
		e.put(space(spacePattern).with(uint32(i)), ByRule)
		e.put(space(spacePatternShape).with(uint32(i)).with(shape), ByRule)
		e.put(space(spacePatternKind).with(uint32(i)).with(uint32(s.kind)), ByRule)
	}
}

// words gives the words of a sentence that asks, rows of two and three, and pairs
// with one between.
func (e *emitter) words(tokens []token, mark bool) {
	at := func(i int) uint32 {
		switch {
		case i < 0:
			return beginOfRow
		case i < len(tokens):
			return tokens[i].word
		case mark:
			return endMarked
		}
		return endOfRow
	}
	for i := -1; i < len(tokens); i++ {
		if i >= 0 {
			e.put(space(spaceWord).with(e.family).with(tokens[i].word), ByWord)
			if tokens[i].fine == 0 {
				e.letters(tokens[i].text)
			}
		}
		pair := space(spacePair).with(e.family).with(at(i)).with(at(i + 1))
		e.put(pair, ByWord)
		e.put(pair.with(spaceTriple).with(at(i+2)), ByWord)
		e.put(space(spaceSkip).with(e.family).with(at(i)).with(at(i+2)), ByWord)
	}
}

// letters gives the rows of four letters of a word, its begin and end among them:
// they see through inflections and typing errors.
func (e *emitter) letters(w string) {
	row := [4]uint32{0, 0, 0, beginOfRow}
	n := 1
	step := func(c uint32) {
		row[0], row[1], row[2], row[3] = row[1], row[2], row[3], c
		if n++; n >= 4 {
			e.put(space(spaceLetters).with(e.family).with(row[0]).with(row[1]).with(row[2]).with(row[3]), ByLetters)
		}
	}
	for _, r := range w {
		step(uint32(r))
	}
	step(endOfRow)
}

// maxStarts is how many clauses of a sentence have features for how they begin.
const maxStarts = 4

// starts gives how clauses begin: the first one to four words, and what they are
// about.
func (e *emitter) starts(tokens []token, starts []int) {
	for n, i := range starts[:min(len(starts), maxStarts)] {
		later := bit(n > 0, 0)
		words := space(spaceStart).with(e.family).with(later)
		fine := space(spaceStartFine).with(later)
		for _, t := range tokens[i:min(i+4, len(tokens))] {
			words, fine = words.with(t.word), fine.with(t.fine)
			e.put(words, ByConcept)
			e.put(fine, ByConcept)
		}
	}
}

// fine gives what the words are about, word by word: rows without the words that
// are about nothing known, and rows with a gap for each of those.
func (e *emitter) fine(tokens []token, mark bool) {
	var room [32]uint32
	row := room[:0]
	for i, t := range tokens {
		if t.fine != 0 {
			row = append(row, t.fine)
		}
		tight := space(spaceTight)
		for j := i; j < min(i+3, len(tokens)); j++ {
			c := tokens[j].fine
			if c == 0 {
				c = unknown
			}
			if tight = tight.with(c); j > i {
				e.put(tight, ByConcept)
			}
		}
	}
	for i, c := range row {
		e.put(space(spaceFine).with(c), ByConcept)
		for j := i + 1; j < min(i+6, len(row)); j++ {
			e.put(space(spaceFineSkip).with(c).with(row[j]), ByConcept)
		}
		if i+2 < len(row) {
			e.put(space(spaceFineTriple).with(c).with(row[i+1]).with(row[i+2]), ByConcept)
		}
	}
	if len(row) > 0 {
		e.put(space(spaceFirst).with(row[0]).with(bit(mark, 0)), ByConcept)
		e.put(space(spaceFinal).with(row[len(row)-1]).with(bit(mark, 0)), ByConcept)
	}
}

// coarse gives the fields that a sentence walks through, each once while it stays
// there, and how it begins and ends.
func (e *emitter) coarse(tokens []token, mark bool) {
	var room [32]uint32
	row := room[:0]
	for _, t := range tokens {
		if t.coarse != 0 && (len(row) == 0 || row[len(row)-1] != t.coarse) {
			row = append(row, t.coarse)
		}
	}
	for i, c := range row {
		e.put(space(spaceCoarse).with(c), ByConcept)
		h := space(spaceCoarseRow).with(c)
		for _, next := range row[i+1 : min(i+4, len(row))] {
			h = h.with(next)
			e.put(h, ByConcept)
		}
	}
	h := space(spaceCoarseFirst).with(bit(mark, 0))
	for _, c := range row[:min(5, len(row))] {
		h = h.with(c)
		e.put(h, ByConcept)
	}
	h = space(spaceCoarseFinal).with(bit(mark, 0))
	for i := len(row) - 1; i >= max(0, len(row)-4); i-- {
		h = h.with(row[i])
		e.put(h, ByConcept)
	}
}

// context gives the words of a sentence that asks nothing: what is told before a
// question colours it a little.
func (e *emitter) context(tokens []token) {
	word, fine := uint32(beginOfRow), uint32(beginOfRow)
	for _, t := range tokens {
		e.put(space(spaceContextWord).with(e.family).with(t.word), ByContext)
		e.put(space(spaceContextPair).with(e.family).with(word).with(t.word), ByContext)
		word = t.word
		if t.fine != 0 {
			e.put(space(spaceContextFine).with(t.fine), ByContext)
			e.put(space(spaceContextFinePair).with(fine).with(t.fine), ByContext)
			fine = t.fine
		}
	}
}

// maxFields is how many different fields of a text are looked at.
const maxFields = 12

// fields are the fields that words of some sentences are about, in the order in which they
// come first, with how many words each has.
type fields struct {
	of   [maxFields]uint32
	many [maxFields]uint32
	n    int
}

// add counts the words of a sentence.
func (f *fields) add(tokens []token) {
	for _, t := range tokens {
		if t.coarse == 0 {
			continue
		}
		i := 0
		for i < f.n && f.of[i] != t.coarse {
			i++
		}
		if i == f.n {
			if f.n == maxFields {
				continue
			}
			f.of[i], f.n = t.coarse, f.n+1
		}
		f.many[i]++
	}
}

// opening gives how a sentence opens beside everything that is in it, however far behind:
// "what" means another thing where somebody is hurt than where somebody is listened to.
func (e *emitter) opening(tokens []token, starts []int) {
	if len(starts) == 0 {
		return
	}
	from := starts[len(starts)-1]
	if len(starts) > 1 && len(tokens)-from < 3 {
		from = starts[0] // a tag has no opening of its own
	}
	first, second := uint32(unknown), uint32(unknown)
	if from < len(tokens) && tokens[from].fine != 0 {
		first = tokens[from].fine
	}
	if from+1 < len(tokens) && tokens[from+1].fine != 0 {
		second = tokens[from+1].fine
	}
	for _, t := range tokens {
		if t.fine != 0 {
			e.put(space(spaceStartAny).with(first).with(t.fine), ByConcept)
			e.put(space(spaceStartField).with(first).with(second).with(t.coarse), ByConcept)
		}
	}
}

// walk gives which fields the text is about together, how much each is in what it asks, and
// what it tells beside what it asks.
func (e *emitter) walk(told, asked *fields) {
	for i, c := range asked.of[:asked.n] {
		e.put(space(spaceFieldCount).with(c).with(min(asked.many[i], 4)), ByConcept)
		for _, other := range asked.of[:i] {
			e.put(space(spaceFieldPair).with(min(c, other)).with(max(c, other)), ByConcept)
		}
		for _, before := range told.of[:told.n] {
			e.put(space(spaceAcross).with(before).with(c), ByContext)
		}
	}
}
