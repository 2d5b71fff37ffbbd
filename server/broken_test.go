package server_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"undring/town"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wire sends bytes as they are.
type wire struct{}

func (wire) Name() string { return "proto" }
func (wire) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}
func (wire) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// broken is a message with something wrong: whole bytes cut and turned, or single
// fields that hold what nobody writes.
func broken(r *rand.Rand, whole proto.Message) []byte {
	m := proto.Clone(whole)
	for range r.IntN(4) {
		scramble(r, m.ProtoReflect(), 0)
	}
	raw, err := proto.Marshal(m)
	if err != nil { // a text that is not UTF-8: say it in the original's bytes
		raw, _ = proto.Marshal(whole)
		raw = protowire.AppendTag(raw, protowire.Number(1+r.IntN(5)), protowire.BytesType)
		raw = protowire.AppendBytes(raw, []byte{0xff, 0xfe, 'a'})
	}
	switch r.IntN(4) {
	case 0:
		if len(raw) > 0 {
			raw = raw[:r.IntN(len(raw))]
		}
	case 1:
		for range 1 + r.IntN(8) {
			if len(raw) > 0 {
				raw[r.IntN(len(raw))] ^= 1 << r.IntN(8)
			}
		}
	}
	return raw
}

// scramble sets one field, at any depth, to something odd.
func scramble(r *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	if fields.Len() == 0 {
		return
	}
	f := fields.Get(r.IntN(fields.Len()))
	switch {
	case f.IsMap():
	case f.IsList():
		list := m.Mutable(f).List()
		for range r.IntN(100) {
			v := list.NewElement()
			if f.Message() == nil {
				v = odd(r, f)
			} else if depth < 4 {
				scramble(r, v.Message(), depth+1)
			}
			list.Append(v)
		}
	case f.Message() != nil:
		if depth < 4 {
			scramble(r, m.Mutable(f).Message(), depth+1)
		}
	default:
		m.Set(f, odd(r, f))
	}
}

func odd(r *rand.Rand, f protoreflect.FieldDescriptor) protoreflect.Value {
	numbers := []int64{0, 1, -1, 7, 1 << 31, -1 << 31, 1<<31 - 1, 1<<63 - 1, -1 << 63}
	n := numbers[r.IntN(len(numbers))]
	texts := []string{"", " ", "\x00", "\xff\xfe", "å", "😀", "\u202e", "'; drop table visit; --", "00000000-0000-0000-0000-000000000000",
		town.Req(), "%s%n", "{{", "../..", strings.Repeat("å", 5_000), strings.Repeat("e\u0301", 999)}
	text := texts[r.IntN(len(texts))]
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n != 0)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(n)
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(n))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(n))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(n))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(text))
	}
	return protoreflect.ValueOfString(text)
}

// G12: whatever is sent to whichever call, by one who may make it or by one who
// may not, the answer is a proper status: never INTERNAL, never UNKNOWN.
func TestG12NoMessageMakesACallFall(t *testing.T) {
	t.Parallel()
	const perCall = 300
	told := town.Stories()
	for name, story := range readings() {
		told[name] = story
	}
	for _, m := range allMethods() {
		t.Run(string(m.Name()), func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			whole, by := proto.Message(town.NewMessage(m.Input())), w.Kari
			if story := told[string(m.FullName())]; story != nil {
				c := story(w)
				whole, by = c.Req, c.By
			}
			seed := fnv.New64()
			seed.Write([]byte(m.FullName()))
			r := rand.New(rand.NewPCG(seed.Sum64(), 1))
			var refused int
			for i := range perCall {
				raw, reply := broken(r, whole), []byte(nil)
				p := by
				if m.Name() == "SignIn" { // who tries too often waits
					w.Clock.Set(w.Clock.Now().Add(time.Minute))
				}
				if i%3 == 2 {
					p = w.Nils
				}
				err := town.Invoke(p.Ctx(), w.Conn, m, &raw, &reply, grpc.ForceCodecV2(wire{}))
				switch code := status.Code(err); {
				case code == codes.Internal || code == codes.Unknown:
					t.Fatalf("message %d, %x: %v\n%s", i, raw[:min(len(raw), 500)], err, lastLine(w.Log.String()))
				case code == codes.Unauthenticated && m.Name() == "RevokeSession": // their own session was ended
					p.SignInAnew()
				case err != nil:
					refused++
				}
			}
			if refused == 0 && m.Input().Fields().Len() > 1 {
				t.Error("nothing was refused: the messages are not broken enough")
			}
		})
	}
}

func lastLine(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[len(lines)-1]
}

// Bytes that are no message are refused by name, in the reader's language.
func TestWhatIsNoMessageIsSaidSo(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	raw, reply := []byte{0x0a, 0xff}, []byte(nil)
	err := w.Conn.Invoke(w.Kari.In("nn"), "/undring.v1.ObservationService/GetObservation", &raw, &reply, grpc.ForceCodecV2(wire{}))
	town.Try(reply, err).Refused(t, codes.InvalidArgument, "INVALID_FIELD")
	err = w.Conn.Invoke(context.Background(), "/undring.v1.ObservationService/GetObservation", &raw, &reply, grpc.ForceCodecV2(wire{}))
	town.Try(reply, err).Refused(t, codes.Unauthenticated, "NOT_SIGNED_IN")
	if want := fmt.Sprint(codes.InvalidArgument); !strings.Contains(w.Log.String(), want) {
		t.Errorf("the log has no line with %s", want)
	}
}
