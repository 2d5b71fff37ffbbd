package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// CheckSafe lists everything that makes the database at a URL unfit for
// people's words: settings that lose what was acknowledged, versions with known
// holes in row level security, a role that row level security does not bind.
func CheckSafe(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer conn.Close(ctx)
	var faults []error
	for _, setting := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
		var value string
		if err := conn.QueryRow(ctx, "select current_setting($1)", setting).Scan(&value); err != nil {
			return err
		}
		if value == "off" {
			faults = append(faults, fmt.Errorf("%s is off: what was acknowledged could be lost", setting))
		}
	}
	var checksums string
	if err := conn.QueryRow(ctx, "select current_setting('data_checksums')").Scan(&checksums); err != nil {
		return err
	}
	if checksums != "on" {
		faults = append(faults, errors.New("data_checksums is off: what a disk breaks would go unseen (pg_checksums --enable)"))
	}
	var number string
	if err := conn.QueryRow(ctx, "select current_setting('server_version_num')").Scan(&number); err != nil {
		return err
	}
	version, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	// Row level security leaks through statistics before these (CVE-2025-8713).
	oldest := map[int]int{15: 150014, 16: 160010, 17: 170006}
	if least, known := oldest[version/10000]; version < 150014 || known && version < least {
		faults = append(faults, fmt.Errorf("version %d has known holes in row level security: 15.14, 16.10 or 17.6 is needed", version))
	}
	var bypasses, owns bool
	err = conn.QueryRow(ctx, `
		select rolsuper or rolbypassrls, exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
			where n.nspname = 'public' and c.relkind = 'r' and pg_has_role(current_user, c.relowner, 'member'))
		from pg_roles where rolname = current_user`).Scan(&bypasses, &owns)
	if err != nil {
		return err
	}
	if bypasses {
		faults = append(faults, errors.New("the role is not bound by row level security: sign in as undring_app"))
	} else if owns {
		faults = append(faults, errors.New("the role owns the tables: sign in as undring_app"))
	}
	return errors.Join(faults...)
}

// CheckNarrow refuses a role that could read more than what is published: the
// leaders' path must not be able to.
func CheckNarrow(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reaching the database: %w", err)
	}
	defer conn.Close(ctx)
	var wide bool
	err = conn.QueryRow(ctx, "select has_schema_privilege('public', 'usage') or not has_schema_privilege('published', 'usage')").Scan(&wide)
	if err == nil && wide {
		err = errors.New("the role is not the one that reads what is published and nothing else: sign in as undring_metrics")
	}
	return err
}
