// Package faults holds the tests that kill, stop and starve the real program: the
// server as a process of its own on a cluster that writes to the disk as it would
// in service. They take long, so each has a size for everyday and a knob:
//
//	UNDRING_KILLS=200 go test ./faults -run G1What -timeout 40m    kills of each kind
//	UNDRING_UNSAFE=1 go test ./faults -run G1What                with synchronous_commit off: it must fail
//	UNDRING_NO_FULL_DISK=1 go test ./faults                      without a full disk, where nobody may mount one
//
// What needs programs of its own, PgBouncer, Patroni and etcd, is behind the tag
// fleet; there the knobs count leaders killed, and turn synchronous_mode off:
//
//	go test -tags fleet -timeout 10m ./faults -run 'PgBouncer|Failover'
package faults
