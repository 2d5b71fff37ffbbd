package postgres

import "github.com/jackc/pgx/v5/pgxpool"

// MigrateFrom is Migrate to the schema of another version of the program.
var MigrateFrom = migrate

// Pool lets a test look at connections as they lie in the pool.
func (d *DB) Pool() *pgxpool.Pool { return d.ordinary.pool }
