// Package outwards reaches addresses that callers have named: a browser's push service, a
// teacher's timetable. It reaches the internet alone, and nothing inside of a network, where
// the server could read what the caller can't.
package outwards
