package school

import "github.com/google/uuid"

// place is where a page of people ends, by name.
type place struct {
	Family, Given string
	ID            uuid.UUID
}
