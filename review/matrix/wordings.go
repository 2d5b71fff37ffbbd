package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"undring/review"
	"undring/review/fit"
)

// drawn is how many wordings of each language are rated.
const drawn = 20

// wordings prints better wordings to be rated, drawn by a seed from what the review
// suggests for the texts it was trained by: language, text and wording.
func wordings() error {
	texts, err := fit.Training("review")
	if err != nil {
		return err
	}
	texts = slices.DeleteFunc(texts, func(t fit.Text) bool { return t.Made() })
	random := rand.New(rand.NewPCG(60, 60))
	random.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
	count := map[review.Language]int{}
	for _, t := range texts {
		if count[t.Language] == drawn {
			continue
		}
		j := review.Question(t.Text, t.Language)
		if len(j.Suggestions) == 0 {
			continue
		}
		count[t.Language]++
		fmt.Printf("%s\t%s\t%s\t%s\n", t.Language, j.Kind, t.Text, j.Suggestions[random.IntN(len(j.Suggestions))])
	}
	return nil
}
