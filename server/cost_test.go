package server_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// What a request costs at most: so many bytes of memory for each that was sent, and some
// that every call costs, its client's included. What is unpacked is a hundred times what
// was sent at most, and 256 KiB.
const (
	costOfByte = 150
	costOfCall = 3 << 20
)

// wasteful are messages of a type that cost most for what they weigh: so many of each
// field that there may be, empty, and one that nobody knows.
func wasteful(md protoreflect.MessageDescriptor, size int) map[string][]byte {
	out := map[string][]byte{"unknown": filler(size, false)}
	for i := range md.Fields().Len() {
		field := md.Fields().Get(i)
		if field.Kind() != protoreflect.MessageKind && field.Kind() != protoreflect.StringKind {
			continue
		}
		one := protowire.AppendBytes(protowire.AppendTag(nil, field.Number(), protowire.BytesType), nil)
		out[string(field.Name())] = bytes.Repeat(one, size/len(one))
	}
	return out
}

// G27: of every call of the contract, whatever is sent costs what it weighs.
func TestG27EveryCallCostsWhatItWeighs(t *testing.T) {
	w, rpc, web := listening(t)
	ctx := w.Arne.Ctx() // who may send most
	overGRPC := doors(t, rpc, web)[0]
	measure := func(ctx context.Context, method string, raw []byte, packed bool) int64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		overGRPC.send(t, ctx, method, raw, packed) // refused or not
		runtime.ReadMemStats(&after)
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	tried := 0
	for _, m := range allMethods() {
		if m.IsStreamingServer() {
			continue
		}
		method := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
		for name, raw := range wasteful(m.Input(), 240<<10) {
			for _, packed := range []bool{false, true} {
				sent := len(raw)
				if packed {
					sent = len(gzipped(t, raw))
				}
				unpacked := min(len(raw), 256<<10, 64<<10+100*sent)
				cost, most := measure(ctx, method, raw, packed), int64(costOfCall+costOfByte*unpacked)
				if tried++; cost > most {
					t.Errorf("%s: %d bytes of %s (packed %t: %d) cost %d KiB, at most %d", method, len(raw), name, packed, sent, cost>>10, most>>10)
				}
			}
		}
	}
	if tried < 200 {
		t.Errorf("%d requests were tried", tried)
	}
	t.Logf("%d requests", tried)
}
