// Package migrations holds the schema: numbered SQL, applied in order, forward
// only. It is the second statement of every rule; the first is in Go, and tests
// compare the two.
package migrations

import "embed"

// FS holds the migrations.
//
//go:embed *.sql
var FS embed.FS
