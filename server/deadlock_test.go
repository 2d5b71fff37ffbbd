package server_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/town"
)

// deadlocks counts statements that ended because two transactions waited for each
// other. The callers see none of them: a change that lost is carried out anew, a second
// later.
type deadlocks struct {
	n    atomic.Int64
	last atomic.Value // where the last one was, as a text
}

func (d *deadlocks) saw(sql string, err error) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == pgerrcode.DeadlockDetected {
		d.n.Add(1)
		d.last.Store(fmt.Sprintf("%s\n%s\n%s", strings.Join(strings.Fields(sql), " "), pg.Detail, pg.Where))
	}
}

func (d *deadlocks) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (d *deadlocks) TraceQueryEnd(_ context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	d.saw("", q.Err)
}
func (d *deadlocks) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (d *deadlocks) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	d.saw(q.SQL, q.Err)
}
func (d *deadlocks) TraceBatchEnd(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchEndData) {
	d.saw("", q.Err)
}

// mutual are two visits that two people pay each other.
type mutual struct{ there, back *town.Visit }

// couple lets two people move to town and ask each other for a visit.
func couple(w *town.Town, n int) mutual {
	one, other := w.Settle(fmt.Sprintf("Ene %d", n), "Par", "TEACHER"), w.Settle(fmt.Sprintf("Andre %d", n), "Par", "TEACHER")
	r := w.Proposal(one, other)
	start, end := w.Lesson(time.Hour)
	r.Id, r.StartTime, r.EndTime = town.NewID().String(), start, end
	r.CoTaught, r.Mutual, r.MutualFocusQuestion = true, true, "Når tier jeg?"
	p := town.Try(one.ProposeObservation(one.Ctx(), r)).OK(w.T)
	return mutual{
		&town.Visit{Town: w, ID: r.Id, Observer: one, Observed: other},
		&town.Visit{Town: w, ID: p.GetMutualObservation().GetId(), Observer: other, Observed: one},
	}
}

func (m mutual) each(do func(*town.Visit)) { do(m.there); do(m.back) }

// meetings are how far two such visits have come when two calls meet at them.
var meetings = []struct {
	name string
	come func(mutual)
}{
	{"proposed", func(m mutual) { m.there.SetFocus() }},
	{"agreed", func(m mutual) { m.there.Agree() }},
	{"observed", func(m mutual) { m.there.Agree(); m.each(func(v *town.Visit) { v.Observe() }) }},
	{"read", func(m mutual) {
		m.there.Agree()
		m.each(func(v *town.Visit) { v.Observe().Give().Open() })
	}},
	{"answered", func(m mutual) {
		m.there.Agree()
		m.each(func(v *town.Visit) { v.Observe().Give().Open().Answer(v.Question) })
	}},
}

// ofVisit fills a request about a visit in the name of one of the two: every field that
// names something of it, and for the rest what is good enough.
func ofVisit(m protoreflect.MethodDescriptor, v *town.Visit, by *town.Person) proto.Message {
	if m.Name() == "GiveFeedback" {
		return v.Gift()
	}
	r := town.NewMessage(m.Input())
	start, end := v.Lesson(3 * time.Hour)
	fields := map[string]any{
		"request_id": town.Req(), "observation_id": v.ID, "note_id": v.Note, "question_id": v.Question, "about_id": v.Question,
		"start_time": start, "end_time": end, "focus_question": town.Focus, "summary": "Om det.", "talked_at": timestamppb.New(v.Clock.Now()),
		"duration": town.Talk(10), "text": "Fire hender.", "kind": protoreflect.EnumNumber(1), "learning": protoreflect.EnumNumber(1),
		"resolution": protoreflect.EnumNumber(1), "draft": &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}},
	}
	for name, value := range fields {
		f := m.Input().Fields().ByName(protoreflect.Name(name))
		if f == nil {
			continue
		}
		switch x := value.(type) {
		case string:
			if x != "" && f.Kind() == protoreflect.StringKind {
				r.ProtoReflect().Set(f, protoreflect.ValueOfString(x))
			}
		case protoreflect.EnumNumber:
			if f.Kind() == protoreflect.EnumKind {
				r.ProtoReflect().Set(f, protoreflect.ValueOfEnum(x))
			}
		case proto.Message:
			if f.Kind() == protoreflect.MessageKind && f.Message().FullName() == x.ProtoReflect().Descriptor().FullName() {
				r.ProtoReflect().Set(f, protoreflect.ValueOfMessage(x.ProtoReflect()))
			}
		}
	}
	return r
}

// aboutVisits are the changing calls that name a visit, or something of one.
func aboutVisits() (out []protoreflect.MethodDescriptor) {
	for _, m := range town.Mutating() {
		for _, name := range []protoreflect.Name{"observation_id", "note_id", "question_id", "about_id"} {
			if m.Input().Fields().ByName(name) != nil && !m.IsStreamingServer() {
				out = append(out, m)
				break
			}
		}
	}
	return out
}

// hunted is a town whose database counts deadlocks and finds them at once.
func hunted(t *testing.T) (*town.Town, *deadlocks) {
	t.Helper()
	d := new(deadlocks)
	w := town.NewWith(t, postgres.Options{MaxConns: 8, Tracer: d})
	w.SQL("alter system set deadlock_timeout = '20ms'") // of the tests' own cluster
	w.SQL("select pg_reload_conf()")
	return w, d
}

// atOnce makes calls at the same moment. What they are answered does not matter.
func atOnce(calls ...func() error) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for _, call := range calls {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			_ = call()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func calling(m protoreflect.MethodDescriptor, v *town.Visit, by *town.Person) func() error {
	ctx, req := by.Ctx(), ofVisit(m, v, by)
	return func() error { return town.Invoke(ctx, by.Conn, m, req, town.NewMessage(m.Output())) }
}

// Whatever two people do at the same moment at a visit that they share, or at the two of
// a mutual one, neither waits for the other's lock in a circle: every pair of changing
// calls that somebody may make then, in both orders. The order of locks stands in
// docs/developing.md.
func TestNoTwoCallsAboutAVisitWaitForEachOther(t *testing.T) {
	t.Parallel()
	for _, at := range meetings {
		t.Run(at.name, func(t *testing.T) {
			t.Parallel()
			w, d := hunted(t)
			n := 0
			meet := func() mutual {
				n++
				w.Clock.Set(w.Clock.Now().Add(time.Minute)) // attempts to sign in are counted
				m := couple(w, n)
				at.come(m)
				return m
			}
			// Only calls that go through write anything; the others lock a visit at most.
			type act struct {
				m        protoreflect.MethodDescriptor
				observer bool
			}
			var acts []act
			for _, m := range aboutVisits() {
				for _, observer := range []bool{true, false} {
					v := meet().there
					by := v.Observed
					if observer {
						by = v.Observer
					}
					if calling(m, v, by)() == nil {
						acts = append(acts, act{m, observer})
					}
				}
			}
			if len(acts) < 4 {
				t.Fatalf("%d calls go through at visits that are %s: the test looks past them", len(acts), at.name)
			}
			by := func(v *town.Visit, a act) *town.Person {
				if a.observer {
					return v.Observer
				}
				return v.Observed
			}
			pairs := 0
			for i, a := range acts {
				for _, b := range acts[i:] {
					m := meet()
					before := d.n.Load()
					if a.observer != b.observer { // at one visit, by each of the two
						atOnce(calling(a.m, m.there, by(m.there, a)), calling(b.m, m.there, by(m.there, b)))
					} else { // at both, by each of the two
						atOnce(calling(a.m, m.there, by(m.there, a)), calling(b.m, m.back, by(m.back, b)),
							calling(b.m, m.there, by(m.there, b)), calling(a.m, m.back, by(m.back, a)))
					}
					pairs++
					if d.n.Load() > before {
						t.Errorf("at visits that are %s, %s and %s wait for each other: %v", at.name, a.m.Name(), b.m.Name(), d.last.Load())
					}
				}
			}
			t.Logf("%s: %d calls, %d pairs", at.name, len(acts), pairs)
		})
	}
}

// Two who have asked each other for the same hour say yes at the same moment: each
// takes both people's time.
func TestTwoWhoAcceptEachOtherDontWaitForEachOther(t *testing.T) {
	t.Parallel()
	w, d := hunted(t)
	for n := range 25 {
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		one, other := w.Settle(fmt.Sprintf("Ene %d", n), "Kryss", "TEACHER"), w.Settle(fmt.Sprintf("Andre %d", n), "Kryss", "TEACHER")
		there, back := w.Propose(one, other, time.Hour).SetFocus(), w.Propose(other, one, time.Hour).SetFocus()
		atOnce(
			func() error { return there.Accept(other).Err },
			func() error { return back.Accept(one).Err },
		)
		if agreed := town.One[int](w, "select count(*) from visit where state = 'AGREED' and observer_id in ($1, $2)", one.ID, other.ID); agreed != 1 {
			t.Errorf("round %d: %d of two visits at the same hour are agreed, want one", n, agreed)
		}
	}
	if n := d.n.Load(); n > 0 {
		t.Errorf("%d deadlocks in 25 rounds of two who accept each other", n)
	}
}

// soft is a test that a story may fail in without ending it.
type soft struct{ testing.TB }

func (soft) Fatalf(string, ...any) { panic(soft{}) }
func (soft) Fatal(...any)          { panic(soft{}) }

// leading goes through a story that may come to nothing.
func leading(w *town.Town, story func(*town.Town) town.Call) (c town.Call, ok bool) {
	t := w.T
	w.T = soft{t}
	defer func() {
		w.T = t
		if p := recover(); p != nil {
			if _, fails := p.(soft); !fails {
				panic(p)
			}
		}
	}()
	return story(w), true
}

// apart are calls that are left out here: an action hangs on a visit, and whoever is
// erased makes no other call.
var apart = map[string]bool{"ReportAction": true, "AgreeAction": true, "EraseMe": true}

// All the calls that are about no visit, each where its story leads, at the same moment.
func TestNoTwoCallsOfASchoolWaitForEachOther(t *testing.T) {
	t.Parallel()
	visits := map[string]bool{}
	for _, m := range aboutVisits() {
		visits[string(m.FullName())] = true
	}
	w, d := hunted(t)
	stories := town.Stories()
	for round := range 6 {
		led := map[string]town.Call{}
		for _, m := range town.Mutating() {
			name := string(m.FullName())
			story := stories[name]
			if story == nil || visits[name] || m.IsStreamingServer() || apart[string(m.Name())] {
				continue
			}
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
			// What another one's story left behind may stand in its way.
			if call, ok := leading(w, story); ok {
				led[name] = call
			}
		}
		var calls []func() error
		for name, call := range led {
			ctx := call.By.Ctx()
			calls = append(calls, func() error { _, err := call.Invoke(ctx, name); return err })
		}
		if len(calls) < 10 {
			t.Fatalf("round %d: %d calls can be made: the test looks past them", round, len(calls))
		}
		// Twice each, as when two of a kind meet.
		atOnce(append(calls, calls...)...)
	}
	if n := d.n.Load(); n > 0 {
		t.Errorf("%d deadlocks, the last one at %v", n, d.last.Load())
	}
}

// While two say yes to each other for the same hour, an administrator takes in that both teach then. Whoever comes
// first, nobody waits in a circle, and no lesson stands unmarked beside a visit that takes its hour.
func TestATimetableAndAYesDontWaitForEachOther(t *testing.T) {
	t.Parallel()
	w, d := hunted(t)
	const clash = `select count(*) from booking l join booking v on v.owner_id = l.owner_id and v.person_id = l.person_id and v.span && l.span
		where l.kind = 2 and not l.beside and v.kind = 1 and v.blocks_lesson`
	agreed := map[int]int{}
	for n := range 40 {
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		one, other := w.Settle(fmt.Sprintf("Ene %d", n), "Time", "TEACHER"), w.Settle(fmt.Sprintf("Andre %d", n), "Time", "TEACHER")
		there, back := w.Propose(one, other, time.Hour).SetFocus(), w.Propose(other, one, time.Hour).SetFocus()
		start := town.One[time.Time](w, "select start_at at time zone 'Europe/Oslo' from visit where id = $1", there.ID)
		file := "email;date;start;end\n"
		for _, p := range []*town.Person{other, one} {
			email := town.One[string](w, "select email from person where id = $1", p.ID)
			file += fmt.Sprintf("%s;%s;%s;%s\n", email, start.Format(time.DateOnly), start.Format("15:04"), start.Add(45*time.Minute).Format("15:04"))
		}
		atOnce(
			func() error { return there.Accept(other).Err },
			func() error { return back.Accept(one).Err },
			func() error {
				time.Sleep(time.Duration(n) * time.Millisecond / 2) // at another moment of theirs each time
				r := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Content: []byte(file), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV}
				_, err := w.Arne.ImportLessons(w.Arne.Ctx(), r)
				if err != nil {
					t.Errorf("round %d: %v", n, err)
				}
				return err
			},
		)
		agreed[town.One[int](w, "select count(*) from visit where state = 'AGREED' and observer_id in ($1, $2)", one.ID, other.ID)]++
		if lessons := town.One[int](w, clash); lessons > 0 {
			t.Fatalf("round %d: %d lessons at the hour of a visit are not marked", n, lessons)
		}
	}
	if n := d.n.Load(); n > 0 {
		t.Errorf("%d deadlocks in 40 rounds", n)
	}
	if agreed[0]+agreed[1] != 40 {
		t.Errorf("visits that were agreed, by round: %v; want none or one", agreed)
	}
}
