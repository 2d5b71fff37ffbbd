package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"undring/privacy"
	"undring/server"
	"undring/town"
)

// withTenant lists the tables that have rows of an owner's.
func withTenant(t *testing.T, w *town.Town, owner string) []string {
	t.Helper()
	var out []string
	for _, table := range town.Column(t, w.DB, `select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attname = 'owner_id' where c.relkind = 'r' and n.nspname in ('public', 'published')`) {
		if n := town.One[int](w, fmt.Sprintf("select count(*)::int from %s where owner_id = '%s'", table, owner)); n > 0 {
			out = append(out, table)
		}
	}
	return out
}

// An owner's export holds what is the owner's, and no word that only two read, nor who visits
// whom; its end leaves no row of any table, though it was interrupted, and touches nobody
// else's; published figures stand until then.
func TestAnOwnerTakesItsOwnAlongAndEnds(t *testing.T) {
	t.Parallel()
	w := play(t)
	ctx, now := t.Context(), w.Clock.Now()
	other, school := town.NewID(), town.NewID()
	w.SQL("insert into school_owner values ($1, 'Storfjord kommune')", other)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Storfjord skole', $3)", other, school, now)
	w.SQL(`insert into published.sheet (owner_id, term, page, cell_id, kind, name, shown, in_words, late, published_at) values ($1, '2026-1', 'SHEET', $1, 'OWNER', 'Fjordvik kommune', true, false, false, $2)`, w.Owner, now)

	var out bytes.Buffer
	if err := privacy.ExportOwner(ctx, w.DB.DB, server.Tables(), w.Owner, now, &out); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if found := w.written.found(string(files[f.Name])); len(found) > 0 {
			t.Errorf("the owner's export has in %s what people wrote: %v", f.Name, found)
		}
	}
	for _, want := range []string{"Fjordvik skole", "Kari", "Fjordvik kommune"} {
		if !bytes.Contains(out2(files), []byte(want)) {
			t.Errorf("%s is not in the owner's export", want)
		}
	}
	if bytes.Contains(out2(files), []byte("Storfjord")) {
		t.Error("another owner's is in the export")
	}

	stopped := errors.New("killed")
	steps := 0
	func() {
		ctx, kill := context.WithCancelCause(ctx)
		defer kill(nil)
		err := privacy.EndOwner(ctx, w.DB.DB, w.Owner, now, func() {
			if steps++; steps == 40 {
				kill(stopped)
			}
		})
		if err == nil {
			t.Errorf("the end was over within %d steps: this test interrupts nothing", steps)
		}
	}()
	if len(withTenant(t, w.Town, w.Owner.String())) == 0 || town.One[int](w.Town, "select count(*)::int from session where owner_id = $1", w.Owner) > 0 {
		t.Error("sessions have to go first")
	}
	if err := privacy.EndOwner(ctx, w.DB.DB, w.Owner, now, func() {}); err != nil {
		t.Fatal(err)
	}
	if left := withTenant(t, w.Town, w.Owner.String()); len(left) > 0 {
		t.Errorf("after the end there are rows in %v", left)
	}
	if left := withTenant(t, w.Town, other.String()); len(left) != 2 {
		t.Errorf("of the other owner there are rows in %v", left)
	}
}

func out2(files map[string][]byte) []byte {
	var all []byte
	for _, f := range files {
		all = append(all, f...)
	}
	return all
}
