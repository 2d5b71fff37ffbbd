package review

// Score gives the model's sums for a text and the number of features in them.
func Score(s string, lang Language) (sum [kinds]int64, n int64) {
	t := read(s)
	r := t.detect(rulesFor(lang))
	return theModel().score(t.parse(r), r)
}
