package wire

import (
	"fmt"

	"github.com/google/uuid"

	"undring/refusal"
)

// ID reads the id in a field of a request; INVALID_FIELD where it is not a UUID.
func ID(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, refusal.Invalidf(field, "must be a UUID")
	}
	return id, nil
}

// OptionalID reads the id in a field that may be empty.
func OptionalID(field, text string) (uuid.NullUUID, error) {
	if text == "" {
		return uuid.NullUUID{}, nil
	}
	id, err := ID(field, text)
	return uuid.NullUUID{UUID: id, Valid: err == nil}, err
}

// IDOr reads the id that a phone has given to what it makes; where it gave none, the
// server makes one.
func IDOr(field, text string, newID func() uuid.UUID) (uuid.UUID, error) {
	if text == "" {
		return newID(), nil
	}
	return ID(field, text)
}

// IDs reads a list of ids, and names the first one that is not a UUID by its
// place in the field.
func IDs(field string, texts []string) ([]uuid.UUID, error) {
	var out []uuid.UUID
	for i, text := range texts {
		id, err := ID(fmt.Sprintf("%s[%d]", field, i), text)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// EncodeID writes an id that may be absent; the contract's word for that is the
// empty string.
func EncodeID(id uuid.NullUUID) string {
	if !id.Valid {
		return ""
	}
	return id.UUID.String()
}

// EncodeIDs writes a list of ids.
func EncodeIDs(ids []uuid.UUID) []string {
	var out []string
	for _, id := range ids {
		out = append(out, id.String())
	}
	return out
}
