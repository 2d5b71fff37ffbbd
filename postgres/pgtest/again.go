package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"undring/postgres"
)

// A test's database is used again where that costs less than a new one: a copy is 700
// files, and each of its connections reads the catalogue and plans every statement anew. What
// a test wrote goes, and what the template holds comes back. A database whose catalogue was
// changed, or that grew, is dropped.

// free are databases that tests have given back, by the template that they are copies of.
var free = struct {
	sync.Mutex
	of map[string][]*Instance
}{of: map[string][]*Instance{}}

// take is a database that was given back, or nil. One whose pool has these options comes first.
func take(base string, o postgres.Options) *Instance {
	free.Lock()
	defer free.Unlock()
	all := free.of[base]
	if len(all) == 0 {
		return nil
	}
	at := len(all) - 1
	for i, one := range all {
		if one.DB != nil && one.options == o {
			at = i
		}
	}
	one := all[at]
	free.of[base] = append(all[:at], all[at+1:]...)
	return one
}

// beginning is how a copy of a template looks before anybody has used it.
type beginning struct {
	once      sync.Once
	reset     string // the statements that make it look like that again
	catalogue string
	err       error
}

var beginnings = struct {
	sync.Mutex
	of map[string]*beginning
}{of: map[string]*beginning{}}

// beginningOf reads how a template's copies begin, from the first of them.
func beginningOf(ctx context.Context, base string, fresh *pgxpool.Pool) *beginning {
	beginnings.Lock()
	b := beginnings.of[base]
	if b == nil {
		b = new(beginning)
		beginnings.of[base] = b
	}
	beginnings.Unlock()
	b.once.Do(func() {
		if b.err = fresh.QueryRow(ctx, catalogue).Scan(&b.catalogue); b.err == nil {
			b.reset, b.err = resetTo(ctx, fresh)
		}
	})
	return b
}

// catalogue tells one catalogue from another: each change of an object leaves a row that is
// younger, or one less. What vacuum and analyze write there changes no row's age.
const catalogue = `
	select string_agg(x.n || '/' || x.youngest, ' ' order by x.of)
	from (
		select 'class' of, count(*) n, max(xmin::text::bigint) youngest from pg_class
		union all select 'attribute', count(*), max(xmin::text::bigint) from pg_attribute
		union all select 'default', count(*), max(xmin::text::bigint) from pg_attrdef
		union all select 'constraint', count(*), max(xmin::text::bigint) from pg_constraint
		union all select 'function', count(*), max(xmin::text::bigint) from pg_proc
		union all select 'trigger', count(*), max(xmin::text::bigint) from pg_trigger
		union all select 'policy', count(*), max(xmin::text::bigint) from pg_policy
		union all select 'rule', count(*), max(xmin::text::bigint) from pg_rewrite
		union all select 'type', count(*), max(xmin::text::bigint) from pg_type
		union all select 'schema', count(*), max(xmin::text::bigint) from pg_namespace
		union all select 'extension', count(*), max(xmin::text::bigint) from pg_extension
		union all select 'setting', count(*), 0 from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())
	) x`

// ours are the schemas that hold rows of the application's.
const ours = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%'`

// resetTo writes the statements that leave in each table what it holds now, and nothing else.
func resetTo(ctx context.Context, fresh *pgxpool.Pool) (string, error) {
	type table struct{ Name, Columns string }
	rows, err := fresh.Query(ctx, `
		select format('%I.%I', n.nspname, c.relname), string_agg(quote_ident(a.attname), ', ' order by a.attnum)
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
		where c.relkind = 'r' and `+ours+`
		group by 1 order by 1`)
	if err != nil {
		return "", err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("set local lock_timeout = '2s'; set local session_replication_role = replica;\n") // neither triggers nor foreign keys
	for _, t := range tables {
		fmt.Fprintf(&out, "delete from %s;\n", t.Name)
	}
	for _, t := range tables {
		var held *string
		if err := fresh.QueryRow(ctx, "select jsonb_agg(to_jsonb(x))::text from "+t.Name+" x").Scan(&held); err != nil {
			return "", err
		}
		if held != nil {
			fmt.Fprintf(&out, "insert into %s (%s) overriding system value select %s from jsonb_populate_recordset(null::%s, '%s');\n",
				t.Name, t.Columns, t.Columns, t.Name, strings.ReplaceAll(*held, "'", "''"))
		}
	}
	var sequences *string
	err = fresh.QueryRow(ctx, `
		select string_agg(format('select setval(%L, %s, %L);', format('%I.%I', n.nspname, c.relname),
			coalesce(pg_sequence_last_value(c.oid), s.seqstart), pg_sequence_last_value(c.oid) is not null), E'\n')
		from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
		where `+ours).Scan(&sequences)
	if sequences != nil {
		out.WriteString(*sequences)
	}
	return out.String(), err
}

// most is how large the tables of a database may be that is used again, in bytes.
const most = 24 << 20

var errUsed = errors.New("the database can't be used again")

// again makes the database look as its template does.
func (i *Instance) again(ctx context.Context) error {
	b := beginningOf(ctx, i.base, i.Owner)
	if b.err != nil {
		return b.err
	}
	for _, conn := range i.Owner.AcquireAllIdle(ctx) { // a test may have set something
		_, err := conn.Exec(ctx, "reset all")
		conn.Release()
		if err != nil {
			return err
		}
	}
	return pgx.BeginFunc(ctx, i.Owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, b.reset); err != nil {
			return err
		}
		var now string
		var size int64
		if err := tx.QueryRow(ctx, catalogue).Scan(&now); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, "select sum(pg_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and "+ours).Scan(&size)
		if err == nil && (now != b.catalogue || size > most) {
			return errUsed
		}
		return err
	})
}

// giveBack ends a test's use of its database: another one uses it, or it goes.
func (i *Instance) giveBack(t testing.TB) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if t.Failed() || i.DB.Bare().Ping(ctx) != nil || i.DB.Stat().AcquiredConns() > 0 || i.again(ctx) != nil {
		i.drop(t)
		return
	}
	next := *i                   // whoever still holds this one changes nothing of the next one's
	if i.options.Tracer != nil { // it would go on telling that test
		i.DB.Close()
		next.DB = nil
	}
	free.Lock()
	defer free.Unlock()
	free.of[i.base] = append(free.of[i.base], &next)
}
