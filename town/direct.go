package town

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Write is what the application role could write past the services, as a person: a statement and
// its arguments. By it a test sees whether the database stands behind a rule (G7, G9).
type Write struct {
	SQL  string
	Args []any
}

// Directly writes as a person, past all Go code, in one transaction. Deferred constraints are
// checked before the commit, so that what they say comes back as an error of a statement.
func (v *Visit) Directly(p *Person, writes ...Write) error {
	ctx := context.Background()
	conn := v.DB.App(v.T)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", v.Owner.String(), p.ID)
		for _, w := range writes {
			if err == nil {
				_, err = tx.Exec(ctx, w.SQL, w.Args...)
			}
		}
		if err == nil { // what waits for the commit
			_, err = tx.Exec(ctx, "set constraints all immediate")
		}
		return err
	})
}
