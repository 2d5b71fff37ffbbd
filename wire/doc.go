// Package wire turns what the contract carries into what a room works with, and
// back: ids, times, enums, pages of a list. Every room does it in these words, so
// that the same mistake is refused in the same way everywhere.
//
// A function named for a value reads it ([ID], [Time], [Name], [ReadPageToken]);
// its counterpart begins with Encode ([EncodeID], [EncodeTime]) or is named for the
// contract's own ([Enum], [PageToken]).
package wire
