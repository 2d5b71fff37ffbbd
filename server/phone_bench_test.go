package server_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
)

// What phones ask most: is there anything new?
func BenchmarkPullOfNothingNew(b *testing.B) {
	w := newTown(b)
	w.termOf(20)
	m := w.kari.newMirror().pull()
	ctx := m.ctx()
	defer processorTime(b)()
	for b.Loop() {
		if r := try(m.Pull(ctx, &pb.PullRequest{Cursor: m.cursor})).ok(b); len(r.GetChanges()) != 0 {
			b.Fatalf("there is something new: %v", r)
		}
	}
}

// A new phone of a teacher with a term of visits and their notes.
func BenchmarkFirstPullOfATerm(b *testing.B) {
	w := newTown(b)
	w.termOf(20)
	w.settled()
	ctx := w.kari.ctx()
	defer processorTime(b)()
	for b.Loop() {
		r := try(w.kari.Pull(ctx, &pb.PullRequest{})).ok(b)
		if r.GetMore() || len(r.GetChanges()) < 20+20*20 {
			b.Fatalf("%d changes came, and more: %t", len(r.GetChanges()), r.GetMore())
		}
		b.ReportMetric(float64(len(r.GetChanges())), "changes/op")
		b.ReportMetric(float64(proto.Size(r)), "bytes/op")
	}
}

// What a lesson without a network leaves.
func BenchmarkPushOf100Notes(b *testing.B) {
	w := newTown(b)
	v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
	ctx := w.kari.ctx()
	for b.Loop() {
		b.StopTimer()
		w.sql("delete from note where observer_id = $1", w.kari.id) // a visit holds 500
		var notes []proto.Message
		for range 100 {
			notes = append(notes, &pb.SaveNoteRequest{Id: newID().String(), RequestId: req(), ObservationId: v.id, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: strings.Repeat("Fire elever svarte. ", 30)})
		}
		r := batch(notes...)
		b.StartTimer()
		for _, result := range w.kari.push(ctx, r) {
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
func (w *town) termOf(visits int) {
	w.t.Helper()
	for range visits {
		v := w.propose(w.kari, w.ola, time.Hour).agree().observe()
		r := v.gift()
		r.SharedNoteIds = []string{v.note}
		for range 19 {
			r.SharedNoteIds = append(r.SharedNoteIds, v.save(pb.NoteKind_NOTE_KIND_SAW, strings.Repeat("Fire elever svarte. ", 10)))
		}
		try(w.kari.GiveFeedback(w.kari.ctx(), r)).ok(w.t)
		v.open().answer(v.question)
		v.takeAway(w.kari)
		wantState(w.t, v.takeAway(w.ola), pb.ObservationState_OBSERVATION_STATE_CLOSED)
		w.clock.set(w.clock.now().AddDate(0, 0, 1))
	}
}
