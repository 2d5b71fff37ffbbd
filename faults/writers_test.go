package faults_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
	"undring/session"
)

var quickly = backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1.5, MaxDelay: 200 * time.Millisecond}

// retry is the pause after a failed try. Sixteen writers who ask again at once leave
// no processor to the database that comes back.
const retry = 100 * time.Millisecond

// written is a note that a writer sent.
type written struct {
	id    uuid.UUID
	at    time.Time // when the answer came
	tries int
	err   error // of the last try, when it was given up
}

// writers send notes as phones do: the same request again until it is answered.
type writers struct {
	w        *world
	stop     atomic.Bool
	giveUp   bool // a failed request is not sent again
	all      sync.WaitGroup
	mu       sync.Mutex
	acked    []written
	failed   []written
	wrong    []error            // answers that no fault explains
	why      map[codes.Code]int // how tries failed
	lastFail atomic.Int64       // time of the last failed try
	count    atomic.Int64       // of answers
}

// note is what the writers write: long enough to be half done.
var note = strings.Repeat("Fire elever svarte. ", 30)

// crowd is how many write at once; the newest visits of underway of ten teachers
// in a row are under way.
const crowd, underway = 16, 7

func (w *world) write(giveUp bool) *writers {
	ws := &writers{w: w, giveUp: giveUp, why: map[codes.Code]int{}}
	for i := range crowd {
		ws.all.Go(func() { ws.one(i) })
	}
	return ws
}

func (ws *writers) one(i int) {
	w := ws.w
	conn := w.dial()
	defer conn.Close()
	rpc := pb.NewObservationServiceClient(conn)
	teacher := i/underway*10 + i%underway
	for !ws.stop.Load() {
		visit := w.size.Visit(w.size.Visits - w.size.Teachers + teacher).String()
		id := uuid.Must(uuid.NewV7())
		request := &pb.SaveNoteRequest{RequestId: uuid.NewString(), Id: id.String(), ObservationId: visit, Kind: pb.NoteKind_NOTE_KIND_SAW, Text: note}
		n := written{id: id}
		for {
			n.tries++
			err := ws.send(rpc, teacher, request)
			if err == nil {
				n.at = time.Now()
				ws.count.Add(1)
				ws.add(&ws.acked, n)
				break
			}
			if strings.Contains(err.Error(), "500 notes") { // the visit is full: somebody else's turn
				teacher += 10 * ((crowd + underway - 1) / underway)
				if teacher >= w.size.Teachers {
					return
				}
				break
			}
			ws.lastFail.Store(time.Now().UnixNano())
			if !ws.fail(err) {
				return
			}
			if ws.giveUp {
				n.err = err
				ws.add(&ws.failed, n)
				break
			}
			if ws.stop.Load() && n.tries > 50 {
				return
			}
			time.Sleep(retry)
		}
	}
}

func (ws *writers) send(rpc pb.ObservationServiceClient, teacher int, request *pb.SaveNoteRequest) error {
	token, _, err := ws.w.keys.Sign(session.Holder{Owner: ws.w.size.Owner, Person: ws.w.size.Teacher(teacher), Session: ws.w.size.Session(teacher)})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token), 5*time.Second)
	defer cancel()
	reply, err := rpc.SaveNote(ctx, request)
	if err == nil && reply.GetNote().GetId() != request.GetId() {
		return fmt.Errorf("the answer is about another note: %s", reply.GetNote().GetId())
	}
	return err
}

// fail notes how a try failed; false: no fault explains it.
func (ws *writers) fail(err error) bool {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.why[status.Code(err)]++
	if explained(err) {
		return true
	}
	ws.wrong = append(ws.wrong, err)
	return false
}

// explained says whether a fault of server or database may answer like this.
func explained(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.ResourceExhausted, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return false
}

func (ws *writers) add(to *[]written, n written) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	*to = append(*to, n)
}

// finish lets every writer end its note, and tells what came of them all.
func (ws *writers) finish() {
	ws.stop.Store(true)
	ws.all.Wait()
}

// check holds what was acknowledged against what is there.
func (ws *writers) check() {
	w := ws.w
	w.t.Helper()
	for _, err := range ws.wrong[:min(len(ws.wrong), 5)] {
		w.t.Errorf("a wrong answer: %v", err)
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, w.superuser())
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		select n.id, n.text = $2 and n.revision = 1 and exists (select from request r where r.owner_id = n.owner_id and r.visit_id = n.visit_id and r.rpc = 'SaveNote')
		from note n where n.owner_id = $1 and n.text = $2`, w.size.Owner, note)
	if err != nil {
		w.t.Fatal(err)
	}
	there := map[uuid.UUID]bool{}
	var id uuid.UUID
	var whole bool
	if _, err = pgx.ForEachRow(rows, []any{&id, &whole}, func() error { there[id] = whole; return nil }); err != nil {
		w.t.Fatal(err)
	}
	lost, half, again := 0, 0, 0
	for _, n := range ws.acked {
		whole, found := there[n.id]
		switch {
		case !found:
			lost++
		case !whole:
			half++
		}
		if n.tries > 1 {
			again++
		}
	}
	var notes, requests int
	err = conn.QueryRow(ctx, `select (select count(*) from note where owner_id = $1 and text = $2),
		(select count(*) from request where owner_id = $1 and at > $3)`, w.size.Owner, note, w.size.Now).Scan(&notes, &requests)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("%d acknowledged, %d of them after more than one try; %d notes and %d requests are there; lost %d, half done %d",
		len(ws.acked), again, notes, requests, lost, half)
	if lost > 0 || half > 0 || notes != requests {
		w.t.Errorf("lost %d, half done %d of %d acknowledged; %d notes by %d requests", lost, half, len(ws.acked), notes, requests)
	}
	if len(ws.acked) < 100 {
		w.t.Errorf("%d acknowledged: the test saw no load", len(ws.acked))
	}
}
