package school

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"undring/refusal"
)

// Pages of a list: so many when nobody says, and at most.
const (
	defaultPage = 50
	maxPage     = 200
)

// PageSize is how many entries a page has that was asked for with a number; 0:
// nobody said.
func PageSize(asked int32) int {
	if asked <= 0 {
		return defaultPage
	}
	return min(int(asked), maxPage)
}

// place is where a page of people ends. It stays where it is whoever joins or
// leaves meanwhile.
type place struct {
	Family, Given, ID string
}

func (p place) token() string {
	raw, err := json.Marshal(p)
	if err != nil {
		panic(err) // three strings
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readPlace(token string) (place, error) {
	p := place{ID: "00000000-0000-0000-0000-000000000000"}
	if token == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err == nil {
		_, err = uuid.Parse(p.ID)
	}
	if err != nil || strings.ContainsRune(p.Family+p.Given, 0) { // which no row can hold
		return p, refusal.Invalidf("page_token", "is none that this server gave")
	}
	return p, nil
}
