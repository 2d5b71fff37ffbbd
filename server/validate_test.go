package server

import (
	"regexp"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "undring/gen/undring/v1"
)

// Whatever a field is called by that holds a name, it is one of those that are cleaned.
func TestEveryNameThatIsSentIsCleaned(t *testing.T) {
	t.Parallel()
	called := regexp.MustCompile(`(name|title|place)$`)
	const dirty = "a\u202e\u200bb\x1b"
	found := 0
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		fields := mt.Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			if f.ParentFile().Package() != "undring.v1" || f.Kind() != protoreflect.StringKind || f.IsList() || !called.MatchString(string(f.Name())) {
				continue
			}
			found++
			m := mt.New()
			m.Set(f, protoreflect.ValueOfString(dirty))
			unkeepable(m.Interface(), false)
			if got := m.Get(f).String(); got != "ab" {
				t.Errorf("%s keeps %q of %q: name it in validate.go", f.FullName(), got, dirty)
			}
		}
		return true
	})
	if found < 6 {
		t.Errorf("%d fields hold names: the test looks past them", found)
	}
}
