package intake

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// MaxDepth is how deep a message may be, what is packed into an Any counted along. The
// deepest of the contract has six levels.
const MaxDepth = 16

// anyName is the message that carries another one, as the operations of a push do.
const anyName = "google.protobuf.Any"

// ErrNoMessage says that bytes are no message of the contract.
var ErrNoMessage = errors.New("is not a message of the contract")

// errTooDeep is what no message of the contract is, however it is packed.
var errTooDeep = fmt.Errorf("%w: it is too deep", ErrNoMessage)

// TooMany says that a list is longer than the contract lets it be.
type TooMany struct {
	Field string // its path without places, such as "operations.builds_on"
	Most  int
}

// Error names the list and its limit.
func (t *TooMany) Error() string { return fmt.Sprintf("%s has more than %d entries", t.Field, t.Most) }

// Scan goes through the bytes of a message without making anything of them, and counts the
// values in it. It stops at the first list that is too long (*[TooMany]), and at what is
// too deep or no such message ([ErrNoMessage]). Its time is that of reading the bytes once
// for each level; it allocates nothing for what is in a list.
func Scan(raw []byte, md protoreflect.MessageDescriptor) (values int, err error) {
	err = scan(raw, md, "", 1, &values)
	return values, err
}

// scan walks through a message as it came, before anything is made of it, and counts.
// It goes one level deeper for each message in it, up to a bound; what it does not
// know it skips, as protobuf does.
// Complex because every false shape that bytes can have is one condition, and it has
// to be read in one pass without copying.
func scan(raw []byte, md protoreflect.MessageDescriptor, path string, depth int, values *int) error {
	if depth > MaxDepth {
		return errTooDeep
	}
	lists := listsOf(md)
	var room [8]int // no message of the contract has more lists
	counts := room[:]
	if len(lists) > len(counts) {
		counts = make([]int, len(lists))
	}
	var packed [2][]byte
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 || kind == protowire.StartGroupType || kind == protowire.EndGroupType {
			return ErrNoMessage // the contract has no groups, and nobody else may nest what is not known
		}
		raw = raw[n:]
		if n = protowire.ConsumeFieldValue(number, kind, raw); n < 0 {
			return ErrNoMessage
		}
		value := raw[:n]
		raw = raw[n:]
		*values++
		if i := lists.find(number); i >= 0 {
			if counts[i]++; counts[i] > lists[i].most {
				return &TooMany{strings.TrimPrefix(path+"."+lists[i].name, "."), lists[i].most}
			}
		}
		if kind != protowire.BytesType {
			continue
		}
		value, _ = protowire.ConsumeBytes(value)
		if md.FullName() == anyName && number <= 2 {
			packed[number-1] = value // the last one counts
			continue
		}
		field := md.Fields().ByNumber(number)
		if field == nil || field.Message() == nil {
			continue
		}
		if err := scan(value, field.Message(), path+"."+string(field.Name()), depth+1, values); err != nil {
			return err
		}
	}
	if packed[0] == nil {
		return nil
	}
	inner, err := protoregistry.GlobalTypes.FindMessageByURL(string(packed[0]))
	if err != nil {
		return nil // what it is nobody will make anything of
	}
	err = scan(packed[1], inner.Descriptor(), path, depth+1, values)
	if errors.Is(err, ErrNoMessage) && !errors.Is(err, errTooDeep) {
		return nil // broken by itself: of the operations of a push, that one is refused and the others are not
	}
	return err
}

// list is a field of which there may be so many.
type list struct {
	number protowire.Number
	name   string
	most   int
}

type lists []list

// find looks for a list by its number. There are so few that a row is faster than a
// map.
func (l lists) find(number protowire.Number) int {
	for i := range l {
		if l[i].number == number {
			return i
		}
	}
	return -1
}

var known sync.Map // of a message's name: its lists

// listsOf are the fields of a message that the contract limits by their count.
func listsOf(md protoreflect.MessageDescriptor) lists {
	if found, there := known.Load(md.FullName()); there {
		return found.(lists)
	}
	var out lists
	for i := range md.Fields().Len() {
		field := md.Fields().Get(i)
		if most, limited := MostItems(field); limited && (!field.IsPacked() || field.Message() != nil) {
			out = append(out, list{field.Number(), string(field.Name()), most})
		}
	}
	known.Store(md.FullName(), out)
	return out
}

// MostItems is how long a list may be by the contract; false where it says nothing.
func MostItems(field protoreflect.FieldDescriptor) (int, bool) {
	rules, err := protovalidate.ResolveFieldRules(field)
	switch {
	case err != nil:
		return 0, false
	case rules.GetRepeated().HasMaxItems():
		return int(rules.GetRepeated().GetMaxItems()), true
	case rules.GetMap().HasMaxPairs():
		return int(rules.GetMap().GetMaxPairs()), true
	}
	return 0, false
}
