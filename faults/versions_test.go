//go:build fleet

package faults_test

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "undring/gen/undring/v1"
)

// G17, R45: during an upgrade the program as it was before the newest migration, and
// this one, serve the same database under load. A request that was sent to one and is
// sent again to the other is done once, and the older one stops without failing a
// call that it had accepted.
func TestG17TwoVersionsRunSideBySide(t *testing.T) {
	w := newWorld(t)
	old := w.beside()
	old.program = earlier(t)
	old.startServer()
	first := old.write(true)
	old.pause(first, rand.New(rand.NewPCG(1, 1)))
	w.startServer()
	second := w.write(false)
	w.pause(second, rand.New(rand.NewPCG(1, 2)))
	for range 20 {
		again(t, first, old, w)
		again(t, first, w, old)
	}
	time.Sleep(3 * time.Second)
	if err := old.endServer(syscall.SIGTERM); err != nil {
		t.Errorf("the older server ended with %v", err)
	}
	first.finish()
	time.Sleep(time.Second)
	second.finish()
	first.check()
	second.check()
	w.nothingLeft(first)
}

// again sends a request to one program and then to another: the same answer.
func again(t *testing.T, ws *writers, one, other *world) {
	t.Helper()
	const teacher = 390 // the writers' are the first ones
	visit := one.size.Visit(one.size.Visits - one.size.Teachers + teacher).String()
	id := uuid.Must(uuid.NewV7()).String()
	request := &pb.SaveNoteRequest{RequestId: uuid.NewString(), Id: id, ObservationId: visit, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: note}
	for _, w := range []*world{one, other} {
		conn := w.dial()
		err := ws.send(pb.NewObservationServiceClient(conn), teacher, request)
		conn.Close()
		if err != nil {
			t.Errorf("a note sent to one version and then to the other: %v", err)
		}
	}
	ws.count.Add(1)
	ws.add(&ws.acked, written{id: uuid.MustParse(id), at: time.Now(), tries: 1})
}

// earlier builds the program as it was before the newest migration came, without the
// phone app.
func earlier(t *testing.T) string {
	t.Helper()
	migrations, err := filepath.Glob("../migrations/[0-9]*.sql")
	if err != nil || len(migrations) == 0 {
		t.Fatalf("the migrations: %v", err)
	}
	newest := migrations[len(migrations)-1]
	added := strings.TrimSpace(run(t, "git", "log", "-1", "--format=%H", "--diff-filter=A", "--", newest))
	if added == "" {
		t.Fatalf("git does not know when %s came: the history is needed, not only the newest commit", newest)
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "source.tar")
	run(t, "git", "-C", "..", "archive", "--output="+source, added+"^")
	run(t, "tar", "-C", dir, "-xf", source)
	program := filepath.Join(dir, "program")
	run(t, "go", "build", "-C", dir, "-o", program, "./cmd/undring")
	return program
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, failure.String())
	}
	return string(out)
}
