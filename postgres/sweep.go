package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Sweep does bounded work over and over until nothing of it is left. sql does at most as
// many things as its last argument says, which is most, and returns how many it did. Each
// time is a transaction of its own: no lock is held for long, and what is done stays done
// wherever the sweep ends. After so many rounds the rest waits for the next call.
func (d *DB) Sweep(ctx context.Context, as As, rounds, most int, sql string, args ...any) error {
	args = append(args, most)
	for range rounds {
		did := 0
		err := d.Do(ctx, as, func(ctx context.Context, tx *Tx) error {
			return tx.Ask(ctx, func(b *pgx.Batch) {
				b.Queue(sql, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&did) })
			})
		})
		if err != nil || did < most {
			return err
		}
	}
	return nil
}
