package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"undring/refusal"
)

// Pages of a list: how many entries when nobody says, and at most.
const (
	usualPage   = 50
	longestPage = 200
)

// PageSize is how many entries a page has for which a number was asked; 0: none was.
func PageSize(asked int32) int {
	if asked <= 0 {
		return usualPage
	}
	return min(int(asked), longestPage)
}

// PageToken says where a page ended: place is a struct of times, ids and texts by
// which the list is sorted, so that the next page goes on there whoever joins or
// leaves meanwhile. It panics where place can't be written as JSON.
func PageToken(place any) string {
	raw, err := json.Marshal(place)
	if err != nil {
		panic(err) // a mistake of the room's, whatever was asked
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Page cuts a list that was read with one entry more than size asks for: that one tells
// whether there is another page, without counting. It returns the page, and the token of the
// next one, empty at the end; place says by what the last entry is found again.
func Page[T any](read []T, size int, place func(last *T) any) (page []T, next string) {
	if len(read) <= size {
		return read, ""
	}
	return read[:size], PageToken(place(&read[size-1]))
}

// ReadPageToken reads a token that [PageToken] made of the same type of place. Without
// a token the list begins at start. INVALID_FIELD for any other text: what comes back
// can be asked of the database.
func ReadPageToken[P any](token string, start P) (P, error) {
	if token == "" {
		return start, nil
	}
	var place P
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields() // the token of another list
		err = d.Decode(&place)
	}
	// A NUL is the one character that no row can hold. In JSON it is always escaped;
	// two backslashes are one that was written.
	if err != nil || bytes.Contains(bytes.ReplaceAll(raw, []byte(`\\`), nil), []byte(`\u0000`)) {
		return start, refusal.Invalidf("page_token", "must be the next_page_token of an earlier page of this list")
	}
	return place, nil
}
