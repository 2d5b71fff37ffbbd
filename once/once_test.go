package once_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/refusal"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var noon = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

// house is a database with one school owner, and what a change of it is counted by:
// the name of the owner is written, and grows with each writing.
type house struct {
	*pgtest.Instance
	as postgres.As
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{Instance: pgtest.New(t), as: postgres.As{Owner: uuid.New(), Person: uuid.New()}}
	if _, err := h.Owner.Exec(t.Context(), "insert into school_owner (owner_id, name) values ($1, 'x')", h.as.Owner); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Owner.Exec(t.Context(), "create table tally (words text); grant select, insert on tally to undring_app"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) call(req *pb.ReplyRequest) once.Call {
	return once.Call{As: h.as, RPC: "Reply", Request: req, Now: noon}
}

func (h *house) count(t *testing.T) (n int) {
	t.Helper()
	if err := h.Owner.QueryRow(t.Context(), "select count(*) from tally").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (h *house) remembered(t *testing.T) (kept []byte) {
	t.Helper()
	if err := h.Owner.QueryRow(t.Context(), "select reply from request where owner_id = $1", h.as.Owner).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// tally is what the changes of these tests read: how often words were written.
type tally struct{ before, after int }

const (
	writeWords = "insert into tally values ($1)"
	countWords = "select count(*) from tally"
)

func count(into *int) func(pgx.Row) error {
	return func(row pgx.Row) error { return row.Scan(into) }
}

func reading(b *pgx.Batch, s *tally) { b.Queue(countWords).QueryRow(count(&s.before)) }

func request(text string) *pb.ReplyRequest {
	return &pb.ReplyRequest{RequestId: uuid.NewString(), Text: text}
}

// reply says in a question's id how many were there before.
func reply(n int) *pb.ReplyResponse {
	return &pb.ReplyResponse{Observation: &pb.Observation{Place: strings.Repeat("i", n)}}
}

func replied(r *pb.ReplyResponse) int { return len(r.GetObservation().GetPlace()) }

func (h *house) change(req *pb.ReplyRequest) *once.Change[tally, *pb.ReplyResponse] {
	return once.New(h.call(req), once.AboutNothing, reading,
		func(w once.Writer, _ *tally) error { w.Queue(writeWords, req.GetText()); return nil },
		func(s *tally) *pb.ReplyResponse { return reply(s.before) })
}

func gone() once.Again[tally] { return once.Gone[tally](refusal.New(refusal.NotThere)) }

// What is remembered as it is comes again as it was, whatever has happened since.
func TestARepetitionGetsTheFirstReply(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, other := request("a"), request("b")
	for i, want := range []struct {
		req  *pb.ReplyRequest
		n    int
		rows int
	}{{first, 0, 1}, {other, 1, 2}, {first, 0, 2}, {other, 1, 2}} {
		r, err := h.change(want.req).Remember(t.Context(), h.DB, gone())
		if err != nil || replied(r) != want.n || h.count(t) != want.rows {
			t.Errorf("call %d: %v, %v, %d rows; want %d, %d rows", i, r, err, h.count(t), want.n, want.rows)
		}
	}
	first.Text = "c"
	if _, err := h.change(first).Remember(t.Context(), h.DB, gone()); refusal.ReasonOf(err) != refusal.RequestIDReused {
		t.Errorf("the same id with another content: %v", err)
	}
}

// Where the reply is remembered no more, a repetition gets what the change said it
// would.
func TestWhatARepetitionGetsWithoutAMemory(t *testing.T) {
	t.Parallel()
	reread := once.Read(func(b *pgx.Batch, s *tally) { b.Queue(countWords).QueryRow(count(&s.before)) })
	for name, c := range map[string]struct {
		again once.Again[tally]
		want  int
		why   refusal.Reason
	}{
		"read":   {reread, 1, ""},
		"same":   {once.Same[tally](), 0, ""},
		"gone":   {gone(), 0, refusal.NotThere},
		"writes": {once.Read(func(b *pgx.Batch, _ *tally) { b.Queue(writeWords, "again") }), -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			req := request("a")
			if _, err := h.change(req).Remember(t.Context(), h.DB, c.again); err != nil {
				t.Fatal(err)
			}
			if _, err := h.Owner.Exec(t.Context(), "update request set reply = null"); err != nil {
				t.Fatal(err)
			}
			r, err := h.change(req).Remember(t.Context(), h.DB, c.again)
			switch {
			case c.want < 0:
				if err == nil || !strings.Contains(err.Error(), "writes while it reads") {
					t.Errorf("got %v, %v", r, err)
				}
			case refusal.ReasonOf(err) != c.why, c.why == "" && (err != nil || replied(r) != c.want):
				t.Errorf("got %v, %v; want %d, %s", r, err, c.want, c.why)
			}
			if h.count(t) != 1 {
				t.Errorf("%d rows", h.count(t))
			}
		})
	}
}

// What the request brings along is in both replies, and not in the memory; and it is
// worked out for what is sent alone.
func TestAStrippedReplyIsFilledEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	req, filled := request("secret words"), 0
	for range 2 {
		r, err := h.change(req).Strip(t.Context(), h.DB, func(r *pb.ReplyResponse) {
			r.Observation.Id = req.GetText()
			filled++
		}, gone())
		if err != nil || r.GetObservation().GetId() != "secret words" {
			t.Errorf("got %v, %v", r, err)
		}
	}
	if filled != 2 || strings.Contains(string(h.remembered(t)), "secret") {
		t.Errorf("filled %d times; remembered %q", filled, h.remembered(t))
	}
	_, err := once.New(h.call(request("x")), once.AboutNothing, reading,
		func(once.Writer, *tally) error { return refusal.New(refusal.WrongState) },
		func(*tally) *pb.ReplyResponse { t.Error("a reply was made for a refusal"); return reply(0) },
	).Strip(t.Context(), h.DB, func(*pb.ReplyResponse) { t.Error("a refusal was filled") }, gone())
	if refusal.ReasonOf(err) != refusal.WrongState {
		t.Error(err)
	}
}

// A reply that is read anew may see what the change has written, and nothing of it is
// remembered.
func TestAReplyThatIsReadAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	req := request("a")
	for range 2 {
		r, err := once.New(h.call(req), once.AboutNothing, once.ReadNothing,
			func(w once.Writer, s *tally) error {
				w.Queue(writeWords, req.GetText())
				once.Behind(w, func(b *pgx.Batch) { b.Queue(countWords).QueryRow(count(&s.after)) })
				return nil
			},
			func(s *tally) *pb.ReplyResponse { return reply(s.after) },
		).ReadAnew(t.Context(), h.DB, once.Read(func(b *pgx.Batch, s *tally) { b.Queue(countWords).QueryRow(count(&s.after)) }))
		if err != nil || replied(r) != 1 {
			t.Errorf("got %v, %v", r, err)
		}
	}
	if kept := h.remembered(t); kept != nil {
		t.Errorf("remembered %q", kept)
	}
}

// A reply that the writes make is remembered with what they made.
func TestAReplyThatTheWritesMake(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	req := request("a")
	for range 2 {
		r, err := once.New(h.call(req), once.AboutNothing, once.ReadNothing,
			func(w once.Writer, s *tally) error {
				w.Queue("with w as (insert into tally values ('a'), ('b') returning 1) select count(*) from w").QueryRow(count(&s.after))
				return nil
			},
			func(s *tally) *pb.ReplyResponse { return reply(s.after) },
		).RememberWritten(t.Context(), h.DB, gone())
		if err != nil || replied(r) != 2 || h.count(t) != 2 {
			t.Errorf("got %v, %v, %d rows", r, err, h.count(t))
		}
	}
}

// Reading writes nothing: a statement that would fails the call, and so does every
// test of it.
func TestAChangeThatWritesWhileItReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	decided := false
	_, err := once.New(h.call(request("a")), once.AboutNothing,
		func(b *pgx.Batch, _ *tally) { b.Queue(writeWords, "too early") },
		func(once.Writer, *tally) error { decided = true; return nil },
		func(*tally) *pb.ReplyResponse { return reply(0) },
	).Remember(t.Context(), h.DB, gone())
	if err == nil || !strings.Contains(err.Error(), "writes while it reads") || decided || h.count(t) != 0 {
		t.Errorf("%v; decided: %v; %d rows", err, decided, h.count(t))
	}
}

// A refused change leaves nothing, and its id is not used up.
func TestARefusalIsNotRemembered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	req := request("a")
	_, err := once.New(h.call(req), once.AboutNothing, reading,
		func(w once.Writer, _ *tally) error {
			w.Queue(writeWords, "a")
			return refusal.New(refusal.WrongState)
		},
		func(*tally) *pb.ReplyResponse { return reply(0) },
	).Remember(t.Context(), h.DB, gone())
	if refusal.ReasonOf(err) != refusal.WrongState || h.count(t) != 0 {
		t.Errorf("%v, %d rows", err, h.count(t))
	}
	if _, err := h.change(req).Remember(t.Context(), h.DB, gone()); err != nil || h.count(t) != 1 {
		t.Errorf("%v, %d rows", err, h.count(t))
	}
}

// Straight writes without reading; what the database refuses goes through the
// phases, and so does a repetition.
func TestAStraightChange(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	read := 0
	send := func(req *pb.ReplyRequest, sql string) (*pb.ReplyResponse, error) {
		return once.New(h.call(req), once.AboutNothing,
			func(b *pgx.Batch, s *tally) { read++; reading(b, s) },
			func(w once.Writer, _ *tally) error { w.Queue(writeWords, "phases"); return nil },
			func(s *tally) *pb.ReplyResponse { return reply(s.before) },
		).Straight(true, func(w once.Writer, s *tally) { s.before = 7; w.Queue(sql) }).Remember(t.Context(), h.DB, gone())
	}
	const works, refused = "insert into tally values ('straight')", "insert into tally select 1/0"
	straight := request("a")
	for i, c := range []struct {
		req           *pb.ReplyRequest
		sql           string
		n, rows, read int
	}{{straight, works, 7, 1, 0}, {straight, works, 7, 1, 1}, {request("b"), refused, 1, 2, 2}} {
		r, err := send(c.req, c.sql)
		if err != nil || replied(r) != c.n || h.count(t) != c.rows || read != c.read {
			t.Errorf("call %d: %v, %v, %d rows, read %d times", i, r, err, h.count(t), read)
		}
	}
}

// When a visit is withdrawn, the memory of its replies is found by it.
func TestWhatAChangeIsAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	visit := uuid.New()
	_, err := once.New(h.call(request("a")), once.About(func(*tally) uuid.UUID { return visit }), reading,
		func(once.Writer, *tally) error { return nil },
		func(*tally) *pb.ReplyResponse { return reply(0) },
	).Remember(t.Context(), h.DB, gone())
	var kept uuid.UUID
	if err == nil {
		err = h.Owner.QueryRow(t.Context(), "select visit_id from request").Scan(&kept)
	}
	if err != nil || kept != visit {
		t.Errorf("about %v, %v; want %v", kept, err, visit)
	}
}

// The compiler holds the phases: what would be wrong does not compile.
func TestTheWrongOrderDoesNotCompile(t *testing.T) {
	t.Parallel()
	const right = `package p
import ("context"; "github.com/google/uuid"; "github.com/jackc/pgx/v5"; pb "undring/gen/undring/v1"; "undring/once"; "undring/observation"; "undring/postgres")
type state struct{ n int }
func read(b *pgx.Batch, s *state) { b.Queue("select 1") }
func decide(w once.Writer, s *state) error { w.Queue("delete from note"); return nil }
func reply(s *state) *pb.ReplyResponse { return nil }
func send(ctx context.Context, db *postgres.DB, call once.Call) (*pb.ReplyResponse, error) {
	return once.New(call, once.AboutNothing, read, decide, reply).Remember(ctx, db, once.Same[state]())
}
func visit(c *observation.Change) error {
	w, err := c.May(observation.WriteCard)
	if err != nil { return err }
	w.Queue("update visit")
	return nil
}
var _ uuid.UUID
`
	for name, change := range map[string][2]string{
		"as it should be":                      {"", ""},
		"a repetition that gets nothing":       {"once.Same[state]()", "nil"},
		"a change that is not remembered":      {".Remember(ctx, db, once.Same[state]())", ""},
		"a decision that asks":                 {`w.Queue("delete from note")`, `w.Ask(nil, nil)`},
		"a decision before the reading":        {"read, decide, reply", "decide, read, reply"},
		"a change without a decision":          {"read, decide, reply", "read, reply"},
		"a change about nobody says what":      {"once.AboutNothing, ", ""},
		"a reading that is handed the writes":  {"func read(b *pgx.Batch,", "func read(b once.Writer,"},
		"a visit that is written before a May": {`w, err := c.May(observation.WriteCard)`, `w, err := c.writes, error(nil)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "p.go")
			if err := os.WriteFile(file, []byte(strings.Replace(right, change[0], change[1], 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "go", "vet", file).CombinedOutput()
			var exit *exec.ExitError
			switch {
			case change[0] == "" && err != nil:
				t.Errorf("%v\n%s", err, out)
			case change[0] != "" && (!errors.As(err, &exit) || !strings.Contains(string(out), "p.go:")):
				t.Errorf("it compiles: %v\n%s", err, out)
			}
		})
	}
}
