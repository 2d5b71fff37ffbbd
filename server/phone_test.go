package server_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/postgres/pgtest"
	"undring/server"
	"undring/town"
)

// Server and phone know the same deeds and the same kinds of things: the file holds
// what the server carries out and tells; web/src/things/things.test.ts compares the
// phone's descriptions with it.
func TestTheSharedCasesOfWhatPhonesKnowAreTheServers(t *testing.T) {
	t.Parallel()
	const file = "../web/src/things/contract.json"
	known := struct {
		Deeds  []protoreflect.FullName `json:"deeds"`
		Things map[string]int          `json:"things"` // by the field of a change
	}{slices.Sorted(maps.Keys(server.PhoneCalls())), map[string]int{}}
	what := new(pb.Change).ProtoReflect().Descriptor().Oneofs().ByName("what").Fields()
	for i := range what.Len() {
		if f := what.Get(i); f.Name() != "gone" {
			known.Things[string(f.Name())] = int(f.Number())
		}
	}
	now, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	now = append(now, '\n')
	if *update {
		if err := os.WriteFile(file, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err := os.ReadFile(file); err != nil || !bytes.Equal(kept, now) {
		t.Errorf("%s is stale: make cases, then describe on the phone what is new (%v)", file, err)
	}
}

// A kind of thing has one name and one number: in a change, where it is said to be
// gone, and in the database's feed.
func TestAKindOfThingHasOneName(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	feed := strings.Join(town.Column(t, db, `select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'feed'::regclass and contype = 'c'`), " ")
	what := new(pb.Change).ProtoReflect().Descriptor().Oneofs().ByName("what").Fields()
	for number, name := range pb.Thing_name {
		if number == 0 {
			continue
		}
		short := strings.TrimPrefix(name, "THING_")
		if f := what.ByName(protoreflect.Name(strings.ToLower(short))); f == nil || int32(f.Number()) != number {
			t.Errorf("%s is %v of a change, and number %d where it is gone", short, f, number)
		}
		if !strings.Contains(feed, "'"+short+"'") {
			t.Errorf("the database's feed has no %s", short)
		}
	}
	if kinds, inFeed := what.Len()-1, strings.Count(feed, "'"); inFeed != 2*kinds || len(pb.Thing_name)-1 != kinds {
		t.Errorf("%d kinds in a change, %d where they are gone, and the feed has %s", kinds, len(pb.Thing_name)-1, feed)
	}
}
