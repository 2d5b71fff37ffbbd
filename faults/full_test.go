package faults_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/session"
	"undring/town"
)

// noFullDisk is the environment's word that the tests of a full disk are left out.
const noFullDisk = "UNDRING_NO_FULL_DISK"

// disk is a small file system of its own, in memory, at a folder of the cluster's.
type disk struct {
	t  *testing.T
	at string
}

// newDisk mounts one of so many bytes. Only who may mount can try a full disk for real: root on
// Linux, as a fresh machine runs .ci/run. Where that can't be, the test fails and says how it is
// left out: with UNDRING_NO_FULL_DISK=1, which somebody chooses and reads again in the output. The
// answers themselves are tried without (TestAFullDiskIsSaidInWordsAndByHealth).
func newDisk(t *testing.T, at string, size string) disk {
	t.Helper()
	if os.Getenv(noFullDisk) == "1" { // where nobody may mount; .ci/run takes the word out of its environment
		t.Skip("left out, as " + noFullDisk + "=1 asks: no full disk is tried")
	}
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Fatal("a disk of its own can be mounted by root on Linux alone; to leave this test out, say " + noFullDisk + "=1")
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	var before syscall.Stat_t
	if err := syscall.Stat(at, &before); err != nil {
		t.Fatal(err)
	}
	switch err := syscall.Mount("undring-test", at, "tmpfs", 0, "size="+size+",mode=700"); {
	case errors.Is(err, syscall.EPERM):
		t.Fatal("this machine lets nobody mount a disk, and no full disk was tried; to leave this test out, say " + noFullDisk + "=1")
	case err != nil:
		t.Fatalf("mounting a disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
			t.Errorf("taking the disk away: %v", err)
		}
	})
	if err := os.Chown(at, int(before.Uid), int(before.Gid)); err != nil {
		t.Fatal(err)
	}
	return disk{t, at}
}

func (d disk) ballast() string { return filepath.Join(d.at, "ballast") }

// fill takes all the room that is left.
func (d disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for _, piece := range []int{1 << 20, 4 << 10} {
		for err == nil {
			_, err = f.Write(make([]byte, piece))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			d.t.Fatalf("filling the disk: %v", err)
		}
		err = nil
	}
}

// free gives it back, as whoever runs a server does who has heard of it.
func (d disk) free() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}

// healthz is what the admin port says.
func (w *world) healthz() (int, string) {
	client := http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	r, err := client.Get("http://" + w.admin + "/healthz")
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	said, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(said)
}

// eventually waits for what has to come.
func (w *world) eventually(what string, within time.Duration, is func() bool) {
	w.t.Helper()
	for until := time.Now().Add(within); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			raw, _ := os.ReadFile(filepath.Join(w.dir, "log"))
			w.t.Fatalf("%s: not within %s\n%s", what, within, raw[max(0, len(raw)-2000):])
		}
	}
}

// as is a call in the name of the n-th teacher.
func (w *world) as(n int, language string) context.Context {
	w.t.Helper()
	token, _, err := w.keys.Sign(session.Holder{Owner: w.size.Owner, Person: w.size.Teacher(n), Session: w.size.Session(n)})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	w.t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token, "accept-language", language)
}

// note writes one, as the first teacher.
func (w *world) note(rpc pb.ObservationServiceClient) error {
	_, err := rpc.SaveNote(w.as(0, "nn"), &pb.SaveNoteRequest{
		RequestId: uuid.NewString(), Id: uuid.Must(uuid.NewV7()).String(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: note,
		ObservationId: w.size.Visit(w.size.Visits - w.size.Teachers).String()})
	return err
}

// saysWhy holds that a refusal is worth coming back for and has words in the reader's language,
// and none of the database's.
func saysWhy(t *testing.T, err error) {
	t.Helper()
	if code := status.Code(err); code != codes.ResourceExhausted && code != codes.Unavailable {
		t.Errorf("on a full disk a change is answered with %v", err)
	}
	words, later := town.Told(err)
	if !strings.HasPrefix(words, "nn ") || !later || strings.Contains(err.Error(), "space left") {
		t.Errorf("words %q, come back later %t: %v", words, later, err)
	}
}

// The disk of the tables is full, and sixteen people write. Whoever is refused hears why, in
// their language, and when to come back; what is there is read; health says it, and balancers
// keep the server. With room again it goes on, and nothing that was acknowledged is lost.
func TestAFullDiskOfTheTables(t *testing.T) {
	w := bareWorld(t)
	w.found()
	_ = w.cluster.Stop()
	base := filepath.Join(w.dir, "pg", "cluster", "base")
	aside := base + "-aside"
	if err := os.Rename(base, aside); err != nil {
		t.Fatal(err)
	}
	d := newDisk(t, base, "96m")
	if out, err := exec.Command("cp", "-a", aside+"/.", base).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(aside)
	if err != nil {
		t.Fatal(err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		if err := os.Chown(base, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	w.startDatabase()
	t.Cleanup(func() { w.endServer(syscall.SIGKILL); _ = w.cluster.Stop() }) // before the disk goes
	w.startServer()
	conn := w.dial()
	defer conn.Close()
	rpc := pb.NewObservationServiceClient(conn)
	if code, said := w.healthz(); code != http.StatusOK {
		t.Fatalf("before: %d %s", code, said)
	}
	// Who reads the words of a visit stands in the list of its two, so the first reading of an hour
	// is written down, and as little possible as any change; the others are.
	read := func(nth int) error {
		_, err := rpc.ListObservations(w.as(nth, "nn"), &pb.ListObservationsRequest{})
		return err
	}
	last := w.size.Teachers - 1
	if err := read(last); err != nil {
		t.Fatal(err)
	}
	ws := w.write(false)
	w.eventually("people write", 30*time.Second, func() bool { return ws.count.Load() > 200 })
	d.fill()
	w.eventually("health says that there is no room", time.Minute, func() bool { code, _ := w.healthz(); return code == http.StatusInsufficientStorage })
	var refused error
	w.eventually("a change is refused", 30*time.Second, func() bool { refused = w.note(rpc); return refused != nil })
	saysWhy(t, refused)
	if err := read(last); err != nil {
		t.Errorf("while it is full, what was read before can't be read: %v", err)
	}
	if _, err := pb.NewSessionServiceClient(conn).GetMe(w.as(last-1, "nn"), &pb.GetMeRequest{}); err != nil {
		t.Errorf("while it is full, what is in no list can't be read: %v", err)
	}
	if err := read(last - 1); err != nil {
		saysWhy(t, err)
	}
	w.waitUntilServing() // for balancers it stays as good as any other
	d.free()
	freed := time.Now()
	before := ws.count.Load()
	w.eventually("people write again", 30*time.Second, func() bool { return ws.count.Load() > before+100 })
	if code, said := w.healthz(); code != http.StatusOK {
		t.Errorf("with room again: %d %s", code, said)
	}
	t.Logf("with room again it went on after %s at most", time.Since(freed).Round(time.Millisecond))
	ws.finish()
	ws.check()
}

// The one disk that everything lies on is full, the log of what was written as well: then
// PostgreSQL ends itself. People hear that it was not saved, health says that the database is
// away, the demo's database is started again and again, and goes on once there is room, with all
// that was acknowledged.
func TestAFullDiskEndsTheDatabaseAndItIsStartedAgain(t *testing.T) {
	w := bareWorld(t)
	d := newDisk(t, filepath.Join(w.dir, "pg"), "320m")
	w.found()
	t.Cleanup(func() { w.endServer(syscall.SIGKILL); _ = w.cluster.Stop() }) // before the disk goes
	w.sql("checkpoint")
	w.startServer()
	kept, letGo := context.WithCancel(context.Background())
	var keeping sync.WaitGroup
	keeping.Go(func() { w.cluster.Keep(kept, slog.New(slog.DiscardHandler)) })
	t.Cleanup(func() { letGo(); keeping.Wait() })
	first := w.cluster.PID()
	conn := w.dial()
	defer conn.Close()
	rpc := pb.NewObservationServiceClient(conn)
	ws := w.write(false)
	w.eventually("people write", 30*time.Second, func() bool { return ws.count.Load() > 200 })
	d.fill()
	// Tables can't grow first, and the log goes on in its current file. Whatever fills that
	// needs another one.
	w.eventually("the database ends", time.Minute, func() bool {
		if conn, err := pgx.Connect(context.Background(), w.superuser()); err == nil {
			_, _ = conn.Exec(context.Background(), "select pg_logical_emit_message(true, 'test', repeat('x', 8000000))")
			_ = conn.Close(context.Background())
		}
		code, _ := w.healthz()
		return code == http.StatusServiceUnavailable
	})
	var refused error
	w.eventually("a change is refused", 30*time.Second, func() bool { refused = w.note(rpc); return refused != nil })
	saysWhy(t, refused)
	w.eventually("the postmaster has ended", time.Minute, func() bool { return state(first) == "" })
	d.free()
	before := ws.count.Load()
	w.eventually("people write again", 90*time.Second, func() bool { return ws.count.Load() > before+100 })
	w.eventually("health is good", 10*time.Second, func() bool { code, _ := w.healthz(); return code == http.StatusOK })
	if w.cluster.PID() == first {
		t.Error("the database was not started again")
	}
	ws.finish()
	ws.check()
}
