package offline_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// What phones ask most: is there anything new?
func BenchmarkPullOfNothingNew(b *testing.B) {
	w := town.New(b)
	termOf(w, 20)
	m := newMirror(w.Kari).pull()
	ctx := m.Ctx()
	defer processorTime(b)()
	for b.Loop() {
		if r := town.Try(m.Pull(ctx, &pb.PullRequest{Cursor: m.cursor})).OK(b); len(r.GetChanges()) != 0 {
			b.Fatalf("there is something new: %v", r)
		}
	}
}

// A new phone of a teacher with a term of visits and their notes.
func BenchmarkFirstPullOfATerm(b *testing.B) {
	w := town.New(b)
	termOf(w, 20)
	w.Settled()
	ctx := w.Kari.Ctx()
	defer processorTime(b)()
	for b.Loop() {
		r := town.Try(w.Kari.Pull(ctx, &pb.PullRequest{})).OK(b)
		if r.GetMore() || len(r.GetChanges()) < 20+20*20 {
			b.Fatalf("%d changes came, and more: %t", len(r.GetChanges()), r.GetMore())
		}
		b.ReportMetric(float64(len(r.GetChanges())), "changes/op")
		b.ReportMetric(float64(proto.Size(r)), "bytes/op")
	}
}

// What a lesson without a network leaves.
func BenchmarkPushOf100Notes(b *testing.B) {
	w := town.New(b)
	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
	ctx := w.Kari.Ctx()
	for b.Loop() {
		b.StopTimer()
		w.SQL("delete from note where observer_id = $1", w.Kari.ID) // a visit holds 500
		var notes []proto.Message
		for range 100 {
			notes = append(notes, &pb.SaveNoteRequest{Id: town.NewID().String(), RequestId: town.Req(), ObservationId: v.ID, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: strings.Repeat("Fire elever svarte. ", 30)})
		}
		r := town.Batch(notes...)
		b.StartTimer()
		for _, result := range push(w.Kari, ctx, r) {
			if result.GetOutcome() != done {
				b.Fatalf("not done: %v", result)
			}
		}
	}
}

// processorTime reports what server and client take of the processor together,
// the database besides: on a machine that others use too, the time that passes
// tells of them.
func processorTime(b *testing.B) func() {
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begun := spent()
	return func() { b.ReportMetric(float64((spent()-begun).Microseconds())/float64(b.N), "cpu-µs/op") }
}

// termOf lets Kari visit Ola so many times, with twenty notes each, all of them
// shared, and to the end.
func termOf(w *town.Town, visits int) {
	w.T.Helper()
	for range visits {
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
		r := v.Gift()
		r.SharedNoteIds = []string{v.Note}
		for range 19 {
			r.SharedNoteIds = append(r.SharedNoteIds, v.Save(pb.NoteKind_NOTE_KIND_SAW, strings.Repeat("Fire elever svarte. ", 10)))
		}
		town.Try(w.Kari.GiveFeedback(w.Kari.Ctx(), r)).OK(w.T)
		v.Open().Answer(v.Question)
		v.TakeAway(w.Kari)
		town.WantState(w.T, v.TakeAway(w.Ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
		w.Clock.Set(w.Clock.Now().AddDate(0, 0, 1))
	}
}
