package offline

import (
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// What has changed for a person behind a moment, the oldest first. What is
	// gone is of no use to whoever has nothing yet. In "order by", a bare xid would be
	// the column of the answer, which no index is in the order of.
	feedBehind = `
		select thing, subject_id, gone, xid::text::bigint, seq
		from feed
		where owner_id = $1 and person_id = $2 and (xid, seq) > ($3::text::xid8, $4)
			and xid < pg_snapshot_xmin(pg_current_snapshot())
			and not (gone and $5)
		order by feed.xid, feed.seq
		limit $6`

	epochOfFeed = `select feed_epoch()`

	// Up to where the feed can be pulled, and where it ends: between them lies what
	// a transaction that is open holds back.
	endOfFeed = `select pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint from pg_current_snapshot() s`

	feedsSince = `select owner_id, person_id from feeds_since($1::text::xid8)`

	sweepFeed = `select sweep_feed($1, $2, $3)`
)

// entry is one row of the feed.
type entry struct {
	thing   string
	subject uuid.UUID
	gone    bool
	Moment
}

// queueFeed queues a page of somebody's feed behind a moment.
func queueFeed(b *pgx.Batch, owner, person uuid.UUID, behind Moment, fromStart bool, most int, into *[]entry) {
	b.Queue(feedBehind, owner, person, xidText(behind.XID), behind.Seq, fromStart, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var e entry
			var xid int64
			if err := rows.Scan(&e.thing, &e.subject, &e.gone, &xid, &e.Seq); err != nil {
				return err
			}
			e.XID = uint64(xid)
			*into = append(*into, e)
		}
		return rows.Err()
	})
}

// queueEpoch queues the question for which copy of the database this is. A cursor of
// another one starts over, because transactions are counted anew there.
func queueEpoch(b *pgx.Batch, into *string) {
	b.Queue(epochOfFeed).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// party is somebody of an owner.
type party struct{ owner, person uuid.UUID }

// queueSince asks whose feed has changed since a transaction, up to which the
// answer goes, and where the feed ends; 0: from now on.
func queueSince(b *pgx.Batch, since uint64, upTo, end *uint64, who *[]party) {
	b.Queue(endOfFeed).QueryRow(func(row pgx.Row) error { return row.Scan(upTo, end) })
	if since == 0 {
		return
	}
	b.Queue(feedsSince, xidText(since)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var p party
			if err := rows.Scan(&p.owner, &p.person); err != nil {
				return err
			}
			*who = append(*who, p)
		}
		return rows.Err()
	})
}

// xidText writes a transaction's number as PostgreSQL's xid8 reads it; its integers
// are signed.
func xidText(xid uint64) string { return strconv.FormatUint(xid, 10) }
