package postgres

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"undring/migrations"
)

//go:embed roles.sql
var roles string

// Migrate brings the schema of the database at a URL to the version of this
// program. The URL's role must be allowed to create roles and objects; what it
// makes is owned by undring_owner. Two that migrate at once apply once. Servers may
// run meanwhile: where somebody has held a table for long, it steps back for them and
// tries again, for a minute.
func Migrate(ctx context.Context, url string) error { return migrate(ctx, url, migrations.FS) }

// Whoever asks for a table after a migration has asked for all of it waits behind it,
// so a migration asks for a short time, and lets them through before it asks again.
const (
	lockTime  = "100ms"
	lockTries = 60
	lockPause = time.Second
)

// migrate makes the roles that are missing and brings the schema up, step by step; goose keeps
// in a table which steps were done.
func migrate(ctx context.Context, url string, from fs.FS) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("reading the database's URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer conn.Close(ctx)
	if err := makeRoles(ctx, conn); err != nil {
		return fmt.Errorf("making the roles: %w", err)
	}

	cfg.RuntimeParams["lock_timeout"] = lockTime
	db := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "set role undring_owner")
		return err
	}))
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, from, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if err := up(ctx, provider); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if _, err := db.ExecContext(ctx, "grant select on goose_db_version to undring_app"); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}

// roleTries is how often roles are made: each time that somebody came first, they have
// made what was missing.
const roleTries = 5

// makeRoles makes what is missing of the roles. They belong to the cluster, and no lock
// that whoever migrates may take is wider than a database: who migrates another database
// of it at the same time can come first, and then there is less to do.
func makeRoles(ctx context.Context, conn *pgx.Conn) error {
	for try := 1; ; try++ {
		_, err := conn.Exec(ctx, roles)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || try == roleTries {
			return err
		}
		switch pg.Code { // somebody came first; the last one is of two that change one row of a catalogue
		case pgerrcode.UniqueViolation, pgerrcode.DuplicateObject, pgerrcode.InternalError:
		default:
			return err
		}
	}
}

// up applies what is missing. What found a table taken has left nothing behind.
func up(ctx context.Context, provider *goose.Provider) error {
	for try := 1; ; try++ {
		_, err := provider.Up(ctx)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != pgerrcode.LockNotAvailable || try == lockTries {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

// CheckVersion refuses a database whose schema is not the one that this program
// was made for.
func CheckVersion(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close()
	var have sql.NullInt64
	err = db.QueryRowContext(ctx, "select max(version_id) from goose_db_version where is_applied").Scan(&have)
	if err != nil {
		return errors.New("the database has no schema yet: run `undring migrate`")
	}
	sources, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	want := int64(0)
	for _, s := range sources.ListSources() {
		want = max(want, s.Version)
	}
	if have.Int64 < want {
		return fmt.Errorf("the database has schema version %d, this program wants %d: run `undring migrate`", have.Int64, want)
	}
	return nil
}
