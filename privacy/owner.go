package privacy

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/tables"
)

const (
	ownerRows    = `select owner_rows($1)`
	countRows    = `select count(*) from owner_rows($1)`
	nameOfOwner  = `select coalesce((select o ->> 'name' from owner_rows('school_owner') o), '')`
	endOwnerStep = `select end_owner_step($1, $2)`

	// endMost is how many rows one step of an owner's end takes: each step is a transaction
	// that stays within 100 ms.
	endMost = 200
)

// OwnerSize says how much there is of an owner, before it ends.
type OwnerSize struct {
	Name            string // empty: there is no such owner
	People, Schools int
}

// SizeOfOwner looks at an owner in the name of the house.
func SizeOfOwner(ctx context.Context, db *postgres.DB, owner uuid.UUID) (OwnerSize, error) {
	var s OwnerSize
	err := db.Read(ctx, postgres.As{Owner: owner}, func(b *pgx.Batch) {
		b.Queue(nameOfOwner).QueryRow(func(row pgx.Row) error { return row.Scan(&s.Name) })
		b.Queue(countRows, "person").QueryRow(func(row pgx.Row) error { return row.Scan(&s.People) })
		b.Queue(countRows, "school").QueryRow(func(row pgx.Row) error { return row.Scan(&s.Schools) })
	})
	return s, err
}

// ExportOwner writes a zip with what is a school owner's own, taken at one moment: schools,
// people and their places, teams, rules, calendars, plans, published figures and learnings,
// and what administrators did. What is written in a visit, and who visits whom, is not in
// it: only the two of a visit read that, and each takes a copy of their own. What is left
// out is named, table by table.
func ExportOwner(ctx context.Context, db *postgres.DB, all []tables.Table, owner uuid.UUID, now time.Time, w io.Writer) error {
	z := zip.NewWriter(w)
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: "data/" + name + ".json", Method: zip.Deflate, Modified: now})
	}
	err := db.Snapshot(ctx, postgres.As{Owner: owner}, func(ask func(func(*pgx.Batch)) error) error {
		for _, t := range all {
			if t.Owned == "" {
				continue
			}
			file, err := create(t.Name)
			if err != nil {
				return err
			}
			if err := writeRows(file, t, ask, ownerRows, t.Name); err != nil {
				return fmt.Errorf("writing the rows of %s: %w", t.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	about, err := create("about")
	if err != nil {
		return err
	}
	if err := aboutOwner(about, all, owner, now); err != nil {
		return err
	}
	return z.Close()
}

// aboutOwner says what an owner's export holds, and what not, and why.
func aboutOwner(w io.Writer, all []tables.Table, owner uuid.UUID, now time.Time) error {
	type table struct {
		Held    bool     `json:"held"`
		Without []string `json:"without,omitempty"`
		Why     string   `json:"why,omitempty"`
	}
	of := map[string]table{}
	for _, t := range all {
		of[t.Name] = table{Held: true, Without: t.NotOwned()}
		if t.Owned == "" {
			of[t.Name] = table{Why: "of people, not of the owner: each takes a copy of their own in the app"}
		}
	}
	j := json.NewEncoder(w)
	j.SetIndent("", "  ")
	return j.Encode(map[string]any{"owner_id": owner, "time": now, "tables": of})
}

// EndOwner takes away all that there is of a school owner, in steps that hold no lock for
// long; stepped hears when each has been done. It can be killed anywhere and goes on where it was. First
// nobody can sign in any more.
func EndOwner(ctx context.Context, db *postgres.DB, owner uuid.UUID, now time.Time, stepped func()) error {
	for more := true; more; {
		err := db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue(endOwnerStep, now, endMost).QueryRow(func(row pgx.Row) error { return row.Scan(&more) })
			})
		})
		if err != nil {
			return err
		}
		stepped()
	}
	return nil
}
