package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/session"
)

// G1: while the machine that has to confirm each commit does not answer, nothing is
// acknowledged, however often it is asked: the change is written here and would be
// gone after a fail-over. Once it answers, the next try is acknowledged.
func TestG1NothingIsAcknowledgedWithoutTheStandby(t *testing.T) {
	w := newWorld(t)
	w.startServer()
	conn := w.dial()
	defer conn.Close()
	save := func(request *pb.SaveNoteRequest, within time.Duration) error {
		token, _, err := w.keys.Sign(session.Holder{Owner: w.size.Owner, Person: w.size.Teacher(0), Session: w.size.Session(0)})
		if err != nil {
			t.Fatal(err)
		}
		ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+token)
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		_, err = pb.NewObservationServiceClient(conn).SaveNote(ctx, request)
		return err
	}
	request := &pb.SaveNoteRequest{RequestId: uuid.NewString(), Id: uuid.Must(uuid.NewV7()).String(),
		ObservationId: w.size.Visit(w.size.Visits - w.size.Teachers).String(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: note}
	w.sql("alter system set synchronous_standby_names = 'away'")
	w.sql("select pg_reload_conf()")
	for range 4 {
		if save(request, 2*time.Second) == nil {
			t.Fatal("a note was acknowledged that one machine has")
		}
	}
	db, err := postgres.Open(context.Background(), w.cluster.URL(database, "undring_app"), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err = db.Do(ctx, postgres.As{Owner: w.size.Owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue("select pg_logical_emit_message(true, 'test', '')")
		return nil
	})
	if err == nil {
		t.Error("a commit that nobody confirmed counts as done")
	}
	w.sql("alter system reset synchronous_standby_names")
	w.sql("select pg_reload_conf()")
	if err := save(request, 5*time.Second); err != nil {
		t.Errorf("the standby is there again: %v", err)
	}
}
