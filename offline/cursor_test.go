package offline_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// changesEnv is how many changes are committed at least, in three rounds; the
// full size is 75,000:
//
//	UNDRING_CHANGES=75000 go test ./server -run G4 -v
const changesEnv = "UNDRING_CHANGES"

// naive goes by the sequence, as a cursor must not.
type naive struct {
	name, where string
	seq         int64
	seen        map[string]bool
}

func (n *naive) look(t *testing.T, pool *pgxpool.Pool, person uuid.UUID) {
	t.Helper()
	rows, err := pool.Query(context.Background(), "select subject_id, seq from feed where person_id = $1 and thing = 'ROUND' and seq > $2 and "+n.where+" order by seq", person, n.seq)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id, &n.seq); err != nil {
			t.Fatal(err)
		}
		n.seen["ROUND "+id.String()] = true
	}
}

// G4 (R9): writers commit in random order, long transactions among them, while
// phones pull. What was pulled is all that was committed. Two readers that go by
// the sequence run beside them, one of them behind the oldest open transaction,
// and have to be seen to skip: else the writers are too tame for the test to mean
// anything.
func TestG4ACursorNeverSkipsAChange(t *testing.T) {
	t.Parallel()
	const writers, rounds = 16, 3
	changes := numberOf(t, changesEnv, 3_000)
	w := town.New(t)
	config := w.DB.Owner.Config()
	config.MaxConns = writers + 2
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	kari, ctx := uuid.MustParse(w.Kari.ID), w.Kari.Ctx()
	naives := []*naive{
		{name: "the sequence alone", where: "true", seen: map[string]bool{}},
		{name: "the sequence behind xmin", where: "xid < pg_snapshot_xmin(pg_current_snapshot())", seen: map[string]bool{}},
	}
	pulled, cursor := map[string]bool{}, ""
	pull := func() (more bool) {
		reply := town.Try(w.Kari.Pull(ctx, &pb.PullRequest{Cursor: cursor, PageSize: 50})).OK(t)
		for _, c := range reply.GetChanges() {
			if key, _ := keyOf(c); c.GetRound() != nil {
				pulled[key] = true
			}
		}
		cursor = reply.GetNextCursor()
		return reply.GetMore()
	}
	var committed sync.Map
	var count atomic.Int64
	for round := range rounds {
		enough := int64(changes * (round + 1) / rounds)
		var writing sync.WaitGroup
		for i := range writers {
			writing.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
				for count.Load() < enough {
					if err := writeRounds(pool, w, kari, r, &committed, &count); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		stopped := make(chan struct{})
		go func() { writing.Wait(); close(stopped) }()
		for going := true; going; {
			select {
			case <-stopped:
				going = false
			default:
			}
			pull()
			for _, n := range naives {
				n.look(t, pool, kari)
			}
		}
	}
	w.Settled()
	for pull() {
	}
	for _, n := range naives {
		n.look(t, pool, kari)
	}
	if skipped := missing(&committed, pulled); int64(len(pulled)) != count.Load() || skipped > 0 {
		t.Errorf("%d changes were committed, %d pulled, %d skipped", count.Load(), len(pulled), skipped)
	}
	t.Logf("%d committed, %d pulled", count.Load(), len(pulled))
	for _, n := range naives {
		skipped := missing(&committed, n.seen)
		if skipped == 0 {
			t.Errorf("going by %s skipped nothing: the writers are too tame", n.name)
		}
		t.Logf("by %s: %d skipped", n.name, skipped)
	}
}

// missing counts what was committed and not seen.
func missing(committed *sync.Map, seen map[string]bool) (n int) {
	committed.Range(func(key, _ any) bool {
		if !seen[key.(string)] {
			n++
		}
		return true
	})
	return n
}

// writeRounds writes up to five rounds of Kari's in one transaction, which takes
// its time, and one in eight of which is given up.
func writeRounds(pool *pgxpool.Pool, w *town.Town, kari uuid.UUID, r *rand.Rand, committed *sync.Map, count *atomic.Int64) error {
	ctx := context.Background()
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }() // after a commit there is nothing to roll back
	pause := func() {
		switch n := r.IntN(100); {
		case n < 2:
			time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		case n < 40:
			time.Sleep(time.Duration(r.IntN(3000)) * time.Microsecond)
		}
	}
	var ids []string
	for range 1 + r.IntN(5) {
		id := town.NewID()
		if _, err := tx.Exec(ctx, `insert into round (owner_id, id, school_id, first_id, second_id, joined_ids, created_at)
			values ($1, $2, $3, $4, $5, array[$4::uuid], now())`, w.Owner, id, w.School, kari, w.Ola.ID); err != nil {
			return err
		}
		ids = append(ids, "ROUND "+id.String())
		pause()
	}
	if r.IntN(8) == 0 {
		return tx.Rollback(ctx)
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	for _, id := range ids {
		committed.Store(id, true)
	}
	count.Add(int64(len(ids)))
	return nil
}

// R10: a transaction that stays open delays what comes after it, and skips
// nothing.
func TestAnOpenTransactionOnlyDelays(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	phone := newMirror(w.Ola).pull()
	tx, err := w.DB.Owner.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(context.Background(), "update school set name = 'Fjordvik nye skole' where id = $1", w.School); err != nil {
		t.Fatal(err)
	}
	v := w.Propose(w.Kari, w.Ola, time.Hour)
	r := town.Try(phone.Pull(phone.Ctx(), &pb.PullRequest{Cursor: phone.cursor})).OK(t)
	if len(r.GetChanges()) != 0 {
		t.Errorf("pulled past an open transaction: %v", r)
	}
	if err := tx.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(w.Clock.Now().Add(11 * time.Second))
	phone.pull().sameAsDirect(t)
	if phone.things["OBSERVATION "+v.ID] == nil {
		t.Error("the proposal is not there")
	}
}

// R11 and the edges of a cursor: of another history, of somebody else, too old,
// no cursor at all: everything anew, and never stuck.
func TestACursorThatIsNoUseStartsOver(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.Propose(w.Kari, w.Ola, time.Hour)
	phone, other := newMirror(w.Kari).pull(), newMirror(w.Ola).pull()
	all := len(phone.things)
	startsOver := func(name, cursor string, want bool) {
		t.Helper()
		w.Kari.SignInAnew()
		r := town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{Cursor: cursor})).OK(t)
		if r.GetStartOver() != want || len(r.GetChanges()) == all != (want || cursor == "") {
			t.Errorf("%s: starts over: %t, with %d changes of %d", name, r.GetStartOver(), len(r.GetChanges()), all)
		}
	}
	startsOver("one's own", phone.cursor, false)
	startsOver("none yet", "", false)
	startsOver("a colleague's", other.cursor, true)
	startsOver("nonsense", "nonsense", true)
	startsOver("cut", phone.cursor[:len(phone.cursor)-1], true)
	startsOver("changed", "B"+phone.cursor[1:], true)
	now := w.Clock.Now()
	w.Clock.Set(now.AddDate(0, 0, 178))
	startsOver("178 days old", phone.cursor, false)
	w.Clock.Set(now.AddDate(0, 0, 180))
	startsOver("180 days old", phone.cursor, true)
	w.Clock.Set(now)
	w.Kari.SignInAnew()
	phone.pull()
	startsOver("fresh", phone.cursor, false)
	// The database was restored: it has another history.
	w.SQL("create or replace function feed_epoch() returns text language sql stable as $$ select 'another' $$")
	startsOver("of another history", phone.cursor, true)
	phone.pull().sameAsDirect(t)
}

// What is gone is told for 180 days, and then forgotten.
func TestTombstonesAreSwept(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	phone := newMirror(w.Kari).pull()
	town.Try(w.Kari.DeleteNote(w.Kari.Ctx(), &pb.DeleteNoteRequest{NoteId: v.Note, RequestId: town.Req()})).OK(t)
	phone.pull().sameAsDirect(t)
	const gone = "select count(*) from feed where gone"
	sweep := func(at time.Time, want int) {
		t.Helper()
		w.Clock.Set(at)
		if err := w.Server.RunJobs(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := town.One[int](w, gone); n != want {
			t.Errorf("%d are remembered, want %d", n, want)
		}
	}
	from := town.One[time.Time](w, "select max(at) from feed")
	sweep(from.AddDate(0, 0, 179), 1)
	sweep(from.AddDate(0, 0, 181), 0)
	// Rows of a database that had counted further are counted anew.
	w.SQL("update feed set xid = '9000000000' where thing = 'OBSERVATION'")
	if err := w.Server.RunJobs(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := town.One[int](w, "select count(*) from feed where xid = '9000000000'"); n != 0 {
		t.Errorf("%d rows lie in a future that may never come", n)
	}
}

// Rules that were agreed on ahead reach phones when they come into force.
func TestRulesThatComeIntoForceAreTold(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	gate := false
	w.Clock.Set(time.Now())
	from := w.Clock.Now().Add(time.Hour)
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), Gate: &gate,
		EffectiveTime: timestamppb.New(from), AgreedWith: "alle"})).OK(t)
	phone := newMirror(w.Kari).pull()
	w.Clock.Set(from.Add(time.Minute))
	for range 2 {
		if err := w.Server.RunJobs(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	phone.pull().sameAsDirect(t)
}
