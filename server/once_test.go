package server_test

import (
	"sync"
	"testing"
	"time"
	"undring/town"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// G2: every call that changes something, sent eight times at once and once more
// later, has one effect and one reply; its id with another content is refused.
func TestEveryChangeHappensOnce(t *testing.T) {
	t.Parallel()
	told := town.Stories()
	for _, m := range town.Mutating() {
		name := string(m.FullName())
		if name == "undring.v1.SessionService.SignIn" || name == "undring.v1.SessionService.RefreshSession" {
			continue // a session each time, on purpose; and a token counts once by itself
		}
		if name == "undring.v1.PrivacyService.EraseMe" {
			continue // there is nobody left to repeat it: TestG24
		}
		if name == "undring.v1.SyncService.Push" {
			continue // a batch of calls, each of which counts once: TestAPushCountsOnce
		}
		story, there := told[name]
		if !there {
			t.Errorf("no story for %s", name)
			continue
		}
		t.Run(string(m.Name()), func(t *testing.T) {
			t.Parallel()
			once := town.New(t)
			c := story(once)
			c.Send(t, name)
			want := town.One[string](once, town.Rows)

			w := town.New(t)
			c = story(w)
			replies := make([]proto.Message, 8)
			errs := make([]error, 8)
			ctx := c.By.Ctx()
			var all sync.WaitGroup
			for i := range replies {
				all.Go(func() {
					for until := time.Now().Add(20 * time.Second); ; { // a busy machine: it comes back, as a phone does
						replies[i], errs[i] = c.Invoke(ctx, name)
						if status.Code(errs[i]) != codes.ResourceExhausted || time.Now().After(until) {
							return
						}
					}
				})
			}
			all.Wait()
			for i := range replies {
				if errs[i] != nil {
					t.Fatalf("sending %d: %v", i, errs[i])
				}
				if !proto.Equal(replies[0], replies[i]) {
					t.Errorf("reply %d differs:\n%v\n%v", i, replies[0], replies[i])
				}
			}
			if got := town.One[string](w, town.Rows); got != want {
				t.Errorf("stored after eight: %s, after one: %s", got, want)
			}
			was := w.Written()
			nothingWritten := func(by string) {
				t.Helper()
				for table, last := range w.Written() {
					if last != was[table] {
						t.Errorf("%s wrote into %s", by, table)
					}
				}
			}
			if again := c.Send(t, name); !proto.Equal(replies[0], again) {
				t.Errorf("the reply to a repetition differs:\n%v\n%v", replies[0], again)
			}
			nothingWritten("a repetition")
			other := proto.Clone(c.Req)
			if changeSomething(other) {
				_, err := c.Invoke(ctx, name)
				if err != nil {
					t.Fatal(err)
				}
				c.Req = other
				reply, err := c.Invoke(ctx, name)
				town.Try(reply, err).Refused(t, codes.AlreadyExists, "REQUEST_ID_REUSED")
				nothingWritten("what was refused for its id")
			}
		})
	}
}

// changeSomething changes a text or a flag of a request; false where it has none.
func changeSomething(m proto.Message) bool {
	fields := m.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch f.Name() {
		case "take_back", "dry_run":
			m.ProtoReflect().Set(f, protoBool(!m.ProtoReflect().Get(f).Bool()))
			return true
		case "place", "text", "summary", "focus_question":
			if f.Kind().String() == "string" {
				m.ProtoReflect().Set(f, protoString("noe annet"))
				return true
			}
		}
	}
	return false
}
