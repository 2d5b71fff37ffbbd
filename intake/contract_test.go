package intake_test

import (
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "undring/gen/undring/v1"
	"undring/intake"
)

// requests are the messages that somebody may send, and all that is in them.
func requests() map[protoreflect.FullName]protoreflect.MessageDescriptor {
	out := map[protoreflect.FullName]protoreflect.MessageDescriptor{}
	var add func(protoreflect.MessageDescriptor)
	add = func(md protoreflect.MessageDescriptor) {
		if out[md.FullName()] != nil {
			return
		}
		out[md.FullName()] = md
		for i := range md.Fields().Len() {
			if inner := md.Fields().Get(i).Message(); inner != nil {
				add(inner)
			}
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("undring.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				add(methods.Get(j).Input())
			}
		}
		return true
	})
	return out
}

// A list without a limit would be as long as its sender likes.
func TestEveryListOfARequestHasALimit(t *testing.T) {
	t.Parallel()
	found := 0
	for name, md := range requests() {
		for i := range md.Fields().Len() {
			field := md.Fields().Get(i)
			if !field.IsList() && !field.IsMap() {
				continue
			}
			found++
			if _, limited := intake.MostItems(field); !limited {
				t.Errorf("%s.%s has no max_items", name, field.Name())
			}
		}
	}
	if found < 5 {
		t.Fatalf("%d lists: the contract was not looked at", found)
	}
}
