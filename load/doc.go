// Package load makes schools of any size, lets people work in them, and measures
// what the server bears against what PostgreSQL itself bears there.
//
// [Fill] writes the schools: sets of rows, written by a few statements, that are
// valid as if people had made them. [Run] measures the calls that make up a
// school day, and in the same run, interleaved, pgbench with the same rows on the
// same database; what counts is the ratio of the two, since absolute figures
// drift with the machine.
package load
