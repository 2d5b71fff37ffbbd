package wire

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	pb "undring/gen/undring/v1"
)

// Contract is every file of the contract, by its name. The files are found and not
// listed: a service that a list forgot would go untested, and no test would miss it.
func Contract() []protoreflect.FileDescriptor {
	var out []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFilesByPackage(pb.File_undring_v1_sync_proto.Package(), func(f protoreflect.FileDescriptor) bool {
		out = append(out, f)
		return true
	})
	slices.SortFunc(out, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	return out
}
