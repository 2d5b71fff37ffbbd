package server_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"undring/postgres/pgtest"
	"undring/server"
	"undring/tables"
	"undring/town"
)

// readers may name tables of others in their SQL, each for a reason.
var readers = map[string]string{
	"culture": "counts what the rooms have written, once a week, by grants of its own that read no text",
	"demo":    "fills and looks through a school to try Undring in",
	"load":    "fills a database of a given size in seconds, and measures",
}

// owners says of each table which room it belongs to.
func owners(t *testing.T) map[string]string {
	t.Helper()
	of := map[string]string{}
	for _, r := range server.Rooms() {
		for _, table := range r.Tables {
			if other, twice := of[table.Name]; twice {
				t.Errorf("%s and %s both declare %s", other, r.Room, table.Name)
			}
			of[table.Name] = r.Room
		}
	}
	return of
}

func allTables() []tables.Table { return server.Tables() }

// Each table has a room, and each column that can hold words is declared: as words,
// with whose they are and when they go, or as holding none.
func TestEachTextColumnIsDeclared(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const ours = `from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relkind = 'r' and n.nspname in ('public', 'published') and c.relname <> 'goose_db_version' `
	var declared, named []string
	for _, table := range allTables() {
		named = append(named, table.Name)
		for _, column := range table.Columns() {
			declared = append(declared, table.Name+"."+column)
		}
		for _, column := range strings.Fields(table.Facts) {
			if len(town.Column(t, db, "select a.attname "+ours+"and c.relname = '"+table.Name+"' and a.attname = '"+column+"' and not a.attnotnull")) != 1 {
				t.Errorf("%s has no column %s that can be empty", table.Name, column)
			}
		}
	}
	slices.Sort(declared)
	slices.Sort(named)
	if diff := cmp.Diff(named, sorted(town.Column(t, db, "select distinct c.relname "+ours))); diff != "" {
		t.Errorf("tables (-declared +database):\n%s", diff)
	}
	columns := sorted(town.Column(t, db, "select c.relname || '.' || a.attname "+ours+
		"and format_type(a.atttypid, null) ~ '^(text|bytea|json|jsonb|character|xml|tsvector|name|citext)'"))
	if diff := cmp.Diff(declared, columns); diff != "" {
		t.Errorf("columns that can hold words (-declared +database):\n%s", diff)
	}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// Words that are said in a visit go with it: whatever can be found by a visit says how.
func TestWhatBelongsToAVisitGoesWithIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ofVisit := town.Column(t, db, `select distinct c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid where c.relkind = 'r' and n.nspname = 'public' and a.attname = 'visit_id'`)
	for _, table := range allTables() {
		if !slices.Contains(ofVisit, table.Name) {
			continue
		}
		for _, w := range table.Words {
			if w.Go != tables.WithVisit || table.Visit == "" {
				t.Errorf("%s.%s belongs to a visit, and goes %s", table.Name, w.Columns, w.Go)
			}
		}
	}
}

// The functions in the database that take words away are those that the declarations
// make. Where they differ, a migration has to bring the newer one.
func TestTheDatabaseErasesWhatIsDeclared(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for name, want := range map[string]string{"erase_words": tables.Erase(allTables()), "end_words": tables.End(allTables()),
		"take_out": tables.TakeOut(allTables()), "owner_rows": tables.OwnerRows(allTables()), "erase_person_in": tables.ErasePersonIn(allTables()), "erase_person_apart": tables.ErasePersonApart(allTables())} {
		got := town.Column(t, db, "select prosrc from pg_proc where proname = '"+name+"'")
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s (-declared +database):\n%s\nwanted:\n%s", name, cmp.Diff([]string{want}, got), want)
		}
	}
}

// No sample of people's words is kept for the planner, where no erasure would reach it: a
// migration that brings a column of words says "set statistics 0" of it.
func TestWordsOfPeopleAreNotSampled(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	unsampled := town.Column(t, db, "select a.attrelid::regclass || '.' || a.attname from pg_attribute a where a.attstattarget = 0")
	for _, table := range allTables() {
		for _, w := range table.Words {
			for _, column := range strings.Fields(w.Columns) {
				if w.Of != tables.TheSchools && w.Form != tables.OneOfList && !slices.Contains(unsampled, table.Name+"."+column) {
					t.Errorf("alter table %s alter %s set statistics 0: samples of what people wrote would outlive its erasure", table.Name, column)
				}
			}
		}
	}
}

// afterTable is a word that a table's name comes after in SQL.
var afterTable = regexp.MustCompile(`(?i)\b(?:from|join|into|update|using|table)\s+(?:only\s+)?(?:public\.|published\.)?([a-z_]+)`)

// Each table is named in the SQL of its room alone.
func TestEachTableIsNamedByOneRoom(t *testing.T) {
	t.Parallel()
	of, seen := owners(t), map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../gen/") {
			if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == "pgtest" || d.Name() == "town") {
				return fs.SkipDir // the tests' own look from above
			}
			return err
		}
		room := strings.Split(filepath.ToSlash(path), "/")[1]
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			for _, m := range afterTable.FindAllStringSubmatch(literal.Value, -1) {
				owner, ours := of[m[1]]
				if !ours || !looksLikeSQL(literal.Value) {
					continue
				}
				seen[m[1]] = seen[m[1]] || owner == room
				if _, may := readers[room]; owner != room && !may {
					t.Errorf("%s names %s, which is a table of %s: ask that room", path, m[1], owner)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 25 {
		t.Errorf("of %d tables this test sees %d: it looks past the SQL", len(of), len(seen))
	}
}

func looksLikeSQL(literal string) bool {
	return regexp.MustCompile(`(?is)\bselect\b|\binsert into\b|\bupdate\b.+\bset\b|\bdelete from\b|\bjoin\b|\bwhere\b|\bfrom\b.+\bon\b`).MatchString(literal)
}
