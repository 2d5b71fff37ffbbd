package postgres_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"undring/postgres/pgtest"
)

var update = flag.Bool("update", false, "write docs/schema.sql anew")

const schemaHead = `-- The schema as it stands after all migrations. It is generated (make schema) and here
-- to be read: what makes it is migrations/. Tables come in the order in which they were
-- made, each with its columns, its rules, who may do what with it, and, where its rows
-- belong to the schema, these; functions come last. A constraint that bears the name of
-- a reason of refusal/reasons.go refuses with it.
`

// Each statement of these reads one part of the catalogue, in the order in which it was
// made.
const (
	tables = `
		select c.oid::int8, c.relname, c.relrowsecurity and c.relforcerowsecurity
		from pg_class c
		where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname <> 'goose_db_version'
		order by c.oid`

	columns = `
		select '    ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
			|| case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid, true) || ') stored'
				when a.attidentity <> '' then ' generated always as identity'
				when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid, true) else '' end
			|| case when a.attnotnull then ' not null' else '' end
		from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
		where a.attrelid = $1::int8::oid and a.attnum > 0 and not a.attisdropped
		order by a.attnum`

	constraints = `
		select '    constraint ' || conname || ' ' || pg_get_constraintdef(oid, true)
		from pg_constraint
		where conrelid = $1::int8::oid and contype in ('p', 'u', 'f', 'c', 'x')
		order by position(contype in 'puxfc'), conname`

	indexes = `
		select pg_get_indexdef(x.indexrelid, 0, true) || ';'
		from pg_index x join pg_class c on c.oid = x.indexrelid
		where x.indrelid = $1::int8::oid and not exists (select from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
		order by c.relname`

	policies = `
		select format('create policy %s on %s%s for %s to %s', p.polname, p.polrelid::regclass, case when p.polpermissive then '' else ' as restrictive' end,
				case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
				(select string_agg(case r when 0 then 'public' else pg_get_userbyid(r) end, ', ') from unnest(p.polroles) r))
			|| coalesce(' using (' || pg_get_expr(p.polqual, p.polrelid, true) || ')', '')
			|| coalesce(' with check (' || pg_get_expr(p.polwithcheck, p.polrelid, true) || ')', '') || ';'
		from pg_policy p
		where p.polrelid = $1::int8::oid
		order by p.polname`

	grants = `
		with granted as (
			select a.grantee, lower(a.privilege_type) as may, '' as columns
			from pg_class c cross join aclexplode(c.relacl) a
			where c.oid = $1::int8::oid and a.grantee <> c.relowner
			union all
			select a.grantee, lower(a.privilege_type), ' (' || string_agg(t.attname, ', ' order by t.attnum) || ')'
			from pg_attribute t cross join aclexplode(t.attacl) a
			where t.attrelid = $1::int8::oid and t.attnum > 0
			group by a.grantee, a.privilege_type)
		select format('grant %s on %s to %s;', string_agg(may || columns, ', ' order by may, columns), $1::int8::oid::regclass,
			case grantee when 0 then 'public' else pg_get_userbyid(grantee) end)
		from granted
		group by grantee
		order by 1`

	triggers = `
		select pg_get_triggerdef(oid, true) || ';'
		from pg_trigger
		where tgrelid = $1::int8::oid and not tgisinternal
		order by tgname`

	functions = `
		select rtrim(pg_get_functiondef(p.oid), E'\n') || ';'
			|| coalesce(E'\n' || (select string_agg(format('grant execute on function %s to %s;', p.oid::regprocedure,
				case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee) end), E'\n' order by a.grantee)
				from aclexplode(p.proacl) a where a.grantee <> p.proowner), '') || E'\n'
		from pg_proc p
		where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
			and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') -- of an extension
		order by p.proname, p.oid::regprocedure::text`
)

// drawSchema writes the schema of a database that has been migrated.
func drawSchema(t *testing.T, db *pgtest.Instance) string {
	t.Helper()
	list := func(sql string, args ...any) []string {
		t.Helper()
		rows, err := db.Owner.Query(context.Background(), sql, args...)
		if err != nil {
			t.Fatal(err)
		}
		out, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return out
	}
	var page strings.Builder
	page.WriteString(schemaHead)
	var oid int64
	var name string
	var bound bool
	rows, err := db.Owner.Query(context.Background(), tables)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pgx.ForEachRow(rows, []any{&oid, &name, &bound}, func() error {
		fmt.Fprintf(&page, "\ncreate table %s (\n%s\n);\n", name, strings.Join(append(list(columns, oid), list(constraints, oid)...), ",\n"))
		for _, part := range []string{indexes, triggers} {
			for _, line := range list(part, oid) {
				fmt.Fprintln(&page, line)
			}
		}
		if bound {
			fmt.Fprintf(&page, "alter table %s enable row level security, force row level security;\n", name)
		}
		for _, part := range []string{policies, grants} {
			for _, line := range list(part, oid) {
				fmt.Fprintln(&page, line)
			}
		}
		for _, row := range list("select t::text from " + pgx.Identifier{name}.Sanitize() + " t order by t::text collate \"C\"") {
			fmt.Fprintf(&page, "-- row: %s\n", strings.ReplaceAll(row, "\n", " "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	page.WriteString("\n" + strings.Join(list(functions), "\n"))
	return page.String()
}

// docs/schema.sql is what the migrations come to.
func TestTheSchemaIsDrawn(t *testing.T) {
	t.Parallel()
	const file = "../docs/schema.sql"
	now := drawSchema(t, pgtest.New(t))
	if *update {
		if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != now {
		t.Errorf("%s is stale: run make schema, and commit it (%v)", file, err)
	}
}
