package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// What a request that is packed may cost in time of the processor, its sender's part
// included: some for every call, and so much for each byte that may come out of it.
// Nested messages took four seconds once, and two million empty ones two.
const (
	timeOfCall = 400 * time.Millisecond
	timeOfByte = 2 * time.Microsecond
)

// unpackedMost is what a message that unpacks to so much is made of before it is refused.
const unpackedMost = 2 << 20

// processor is how long this process has worked so far, on all its processors.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// deep is how deep an Any lies in an Any at most, so that it may be sent without being packed.
const deep = 4_000

// worst are the messages of a type, as JSON or as it stands in the contract, that cost
// most for what they weigh once packed: nothing but blanks, each list with as many empty
// entries as there is room for, and an Any in an Any as deep as it goes. They are made
// from the descriptor, so that what is added to the contract is tried, too.
func worst(md protoreflect.MessageDescriptor, json bool) map[string][]byte {
	out := map[string][]byte{"blanks": bytes.Repeat([]byte(" "), unpackedMost)}
	if !json {
		out["blanks"] = filler(unpackedMost, false)
	}
	for i := range md.Fields().Len() {
		field := md.Fields().Get(i)
		if !field.IsList() {
			continue
		}
		name, entry := string(field.Name()), "{}"
		if field.Message() == nil {
			entry = `""`
		}
		if json {
			out["many "+name] = []byte(`{"` + name + `":[` + strings.Repeat(entry+",", unpackedMost/3) + entry + "]}")
		} else {
			one := protowire.AppendBytes(protowire.AppendTag(nil, field.Number(), protowire.BytesType), nil)
			out["many "+name] = bytes.Repeat(one, unpackedMost/len(one))
		}
		if field.Message() == nil {
			continue
		}
		for j := range field.Message().Fields().Len() {
			inner := field.Message().Fields().Get(j)
			if inner.Message() == nil || inner.Message().FullName() != "google.protobuf.Any" {
				continue
			}
			if json {
				out["nested"] = []byte(`{"` + name + `":[{"` + string(inner.Name()) + `":` + nestedJSON(deep) + "}]}")
			} else {
				out["nested"] = wrap(field.Number(), wrap(inner.Number(), nestedAny(deep)))
			}
		}
	}
	return out
}

// wrap is a field with a message in it.
func wrap(number protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), message)
}

// nestedJSON is an Any in an Any, so many deep.
func nestedJSON(deep int) string {
	return strings.Repeat(`{"@type":"type.googleapis.com/google.protobuf.Any","value":`, deep) + "{}" + strings.Repeat("}", deep)
}

// nestedAny is the same as it goes over the gRPC port.
func nestedAny(deep int) []byte {
	var inner []byte
	for range deep {
		outer := wrap(1, []byte("type.googleapis.com/google.protobuf.Any"))
		inner = append(outer, wrap(2, inner)...)
	}
	return inner
}

// G27: of every call, on both ports, by a stranger or a teacher: what is packed costs what
// may come out of it, in memory and in time, however much would. The test finds each of the
// ways in which a little cost a lot, when its cure is taken out: see docs/security.md.
func TestG27WhatIsPackedCostsWhatItWeighs(t *testing.T) {
	w, rpc, web := listening(t)
	overGRPC := doors(t, rpc, web)[0]
	client := &http.Client{Timeout: time.Minute}
	post := func(ctx context.Context, method string, body []byte, packed bool) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web+method, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if packed {
			r.Header.Set("Content-Encoding", "gzip")
		}
		r.Header.Set("Authorization", shown(ctx))
		reply, err := client.Do(r)
		if err != nil {
			return // cut off
		}
		defer reply.Body.Close()
		_, _ = io.Copy(io.Discard, reply.Body)
	}
	teacher := w.Kari.Ctx()
	tried := 0
	for _, m := range allMethods() {
		if m.IsStreamingServer() {
			continue
		}
		method := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
		for _, json := range []bool{true, false} {
			for name, raw := range worst(m.Input(), json) {
				// What is deep costs most where nothing has to be unpacked first.
				packed, sent := name != "nested", raw
				if packed {
					sent = gzipped(t, raw)
				}
				unpacked := min(256<<10, 64<<10+100*len(sent))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				began := processor(t)
				mine := int64(0) // what the sender makes itself, to send it
				if json {
					post(teacher, method, sent, packed)
				} else {
					overGRPC.send(t, teacher, method, raw, packed)
					mine = int64(2 * len(raw))
				}
				took := processor(t) - began
				runtime.ReadMemStats(&after)
				cost, most := int64(after.TotalAlloc-before.TotalAlloc)-mine, int64(costOfCall+costOfByte*unpacked)
				if tried++; cost > most {
					t.Errorf("%s, JSON %t: %d bytes of %s cost %d KiB, at most %d", method, json, len(sent), name, cost>>10, most>>10)
				}
				if limit := timeOfCall + time.Duration(unpacked)*timeOfByte; took > limit {
					t.Errorf("%s, JSON %t: %d bytes of %s took %s, at most %s", method, json, len(sent), name, took, limit)
				}
			}
		}
	}
	if tried < 200 {
		t.Errorf("%d requests were tried", tried)
	}
	t.Logf("%d requests", tried)
}

// G27: answers that nobody takes cost what one person may leave lying, however often they
// ask: some hundred bytes are sent for each.
func TestG27AnswersThatNobodyTakesAreBounded(t *testing.T) {
	w, rpc, _ := listening(t)
	rows := make([]string, 2_000)
	for i := range rows {
		rows[i] = fmt.Sprintf("%s Nr%d,k%d@x.example,teacher,", strings.Repeat("Kari ", 30), i, i)
	}
	w.List(w.School.String(), rows...).OK(t)
	w.Settled()
	first := town.Try(w.Kari.Pull(w.Kari.Ctx(), &pb.PullRequest{PageSize: 2_000})).OK(t)
	size := 0
	for _, c := range first.GetChanges() {
		size += len(c.String())
	}
	const calls, connections = 60, 5
	if size*calls*connections < 100<<20 {
		t.Fatalf("an answer has %d KiB: too few to try with", size>>10)
	}
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what a pool keeps outlives one collection
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := held()
	message := append([]byte{0, 0, 0, 0, 3}, 0x10, 0xd0, 0x0f) // page_size: 2000
	for range connections {
		_, f := hostile(t, rpc)
		for i := range calls {
			id := uint32(1 + 2*i)
			if f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true,
				BlockFragment: headersOf(t, pb.SyncService_Pull_FullMethodName, [2]string{"authorization", shown(w.Kari.Ctx())})}) != nil || f.WriteData(id, true, message) != nil {
				break
			}
			time.Sleep(20 * time.Millisecond) // or more are under way than one person's may be
		}
	}
	most := held() - before
	t.Logf("%d answers of %d KiB that nobody took held %d MiB", calls*connections, size>>10, most>>20)
	if most > 96<<20 {
		t.Errorf("answers that nobody took held %d MiB: more than one person's 24, and what making them takes", most>>20)
	}
}
