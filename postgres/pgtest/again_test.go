package pgtest

import (
	"context"
	"testing"

	"undring/postgres"
)

func TestMain(m *testing.M) { Main(m) }

func (i *Instance) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := i.Owner.Exec(context.Background(), sql); err != nil {
		t.Fatal(err)
	}
}

func (i *Instance) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := i.Owner.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What one test leaves behind, the next one does not find: neither rows nor settings, nor anything
// that it did to the schema, by which a database is not used again.
func TestADatabaseIsUsedAgainAsItBegan(t *testing.T) {
	var first, again, other string
	t.Run("writes", func(t *testing.T) {
		i := NewWith(t, postgres.Options{MaxConns: 3})
		first = i.name
		i.exec(t, "insert into school_owner values (gen_random_uuid(), 'Fjordvik kommune')")
		i.exec(t, "delete from visit_arrow where event = 'ACCEPT'")
		i.exec(t, "set timezone = 'Pacific/Auckland'")
		i.exec(t, "select nextval('river.river_job_id_seq')")
	})
	t.Run("finds nothing of it", func(t *testing.T) {
		i := NewWith(t, postgres.Options{MaxConns: 3})
		again = i.name
		if n := i.count(t, "select count(*) from school_owner"); n > 0 {
			t.Errorf("%d rows of another test", n)
		}
		if n := i.count(t, "select count(*) from visit_arrow where event = 'ACCEPT'"); n == 0 {
			t.Error("a row of the template is gone")
		}
		if n := i.count(t, "select count(*) from pg_settings where name = 'TimeZone' and setting = 'UTC'"); n == 0 {
			t.Error("a setting of another test")
		}
		if n := i.count(t, "select nextval('river.river_job_id_seq')"); n != 1 {
			t.Errorf("the first number is %d", n)
		}
		i.exec(t, "alter table visit drop constraint span__invalid_field")
	})
	t.Run("has a schema of its own", func(t *testing.T) {
		i := NewWith(t, postgres.Options{MaxConns: 3})
		other = i.name
		if n := i.count(t, "select count(*) from pg_constraint where conname = 'span__invalid_field'"); n != 1 {
			t.Error("a constraint that another test dropped is gone")
		}
	})
	if first != again || again == other {
		t.Errorf("used %s, %s and %s: the second is to be the first again, the third another", first, again, other)
	}
}
