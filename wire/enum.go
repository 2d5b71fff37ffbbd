package wire

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// enum is any enum of the contract.
type enum interface {
	~int32
	protoreflect.Enum
}

// unspecified ends the name of every enum's zero, and what stands before it begins
// the name of each value: buf's lint holds the contract to that.
const unspecified = "UNSPECIFIED"

// prefix is what the names of an enum's values begin with.
func prefix(d protoreflect.EnumDescriptor) string {
	return strings.TrimSuffix(string(d.Values().ByNumber(0).Name()), unspecified)
}

// Enum finds the value that a room knows by its short name, in capitals or not: "SAW"
// and "saw" are NOTE_KIND_SAW. The zero value where no value has that name.
func Enum[E enum, S ~string](name S) E {
	var zero E
	d := zero.Descriptor()
	v := d.Values().ByName(protoreflect.Name(prefix(d) + strings.ToUpper(string(name))))
	if v == nil {
		return zero
	}
	return E(v.Number())
}

// Name is the short name of a value, in capitals: SAW for NOTE_KIND_SAW; empty for
// the zero value, and for a number that this version of the contract doesn't know.
func Name[E enum](e E) string {
	d := e.Descriptor()
	v := d.Values().ByNumber(protoreflect.EnumNumber(e))
	if v == nil || v.Number() == 0 {
		return ""
	}
	return strings.TrimPrefix(string(v.Name()), prefix(d))
}
