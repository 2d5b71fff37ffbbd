package server_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
	"undring/town"
)

// breaker puts a statement that fails behind the n-th statement that is sent from
// now on; with also, another one before it.
type breaker struct {
	left atomic.Int64 // statements until it breaks; below 1: it does not
	also string
}

func (b *breaker) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	sent := data.Batch.QueuedQueries
	left := b.left.Add(-int64(len(sent)))
	at := left + int64(len(sent))
	if at < 1 || left > 0 {
		return ctx
	}
	broken := new(pgx.Batch)
	if b.also != "" {
		broken.Queue(b.also)
	}
	broken.Queue("select 1/0")
	data.Batch.QueuedQueries = append(sent[:at:at], append(broken.QueuedQueries, sent[at:]...)...)
	return ctx
}
func (b *breaker) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (b *breaker) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}
func (b *breaker) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (b *breaker) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// everything is all that is stored, the memory of requests included.
const everything = town.Rows + ` || ' ' || (select count(*) from request)`

// mostStatements is more than any change sends.
const mostStatements = 60

// G6, R5: every call that changes something, broken off behind each statement that
// it sends, leaves what was before it or what is after it, never anything between;
// and sent again, it is done.
func TestG6AFaultBehindEachStatementLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	told := town.Stories()
	for _, m := range town.Mutating() {
		name := string(m.FullName())
		if name == "undring.v1.PrivacyService.EraseMe" {
			continue // goes in steps, on purpose; a job goes on where it was broken off: TestG24
		}
		story, there := told[name]
		if !there {
			continue // sign-in and refresh; TestEveryChangeHappensOnce misses a story
		}
		t.Run(string(m.Name()), func(t *testing.T) {
			t.Parallel()
			b := new(breaker)
			w := town.NewWith(t, postgres.Options{MaxConns: 1, Tracer: b})
			c := story(w)
			_ = w.VisitsOf(c.By) // they are known: no statement of the call asks who calls
			before := town.One[string](w, everything)
			var between []string
			n := int64(1)
			for ; n < mostStatements; n++ {
				b.left.Store(n)
				_, err := c.Invoke(c.By.Ctx(), name)
				unbroken := b.left.Swap(0) > 0
				state := town.One[string](w, everything)
				if unbroken {
					if err != nil {
						t.Fatalf("sent again: %v", err)
					}
					break
				}
				if state != before {
					between = append(between, state)
				}
			}
			if n == mostStatements || n < 3 {
				t.Fatalf("broken %d times: the breaker does not work", n)
			}
			after := town.One[string](w, everything)
			if after == before {
				t.Errorf("the call leaves no trace: this test can't see it")
			}
			for _, state := range between {
				if state != after {
					t.Errorf("a fault left\n%s\nbefore it was\n%s\nafter the call it is\n%s", state, before, after)
				}
			}
		})
	}
}

// The test above sees a change that is committed halfway.
func TestAChangeInTwoTransactionsIsSeen(t *testing.T) {
	t.Parallel()
	const name = "undring.v1.FeedbackService.GiveFeedback"
	whole := town.New(t)
	unbroken := town.Stories()[name](whole)
	before := town.One[string](whole, everything)
	unbroken.Send(t, name)
	after := town.One[string](whole, everything)

	b := &breaker{also: "commit"}
	w := town.NewWith(t, postgres.Options{MaxConns: 1, Tracer: b})
	c := town.Stories()[name](w)
	_ = w.VisitsOf(c.By)
	seen := map[string]bool{}
	for n := int64(1); n < 20; n++ {
		b.left.Store(n)
		_, _ = c.Invoke(c.By.Ctx(), name)
		b.left.Store(0)
		seen[town.One[string](w, everything)] = true
	}
	delete(seen, before)
	delete(seen, after)
	if len(seen) == 0 {
		t.Error("every state was before or after")
	}
}
