// Package postgres is the only door to the database.
//
// # A transaction as a person
//
// Every statement runs as someone. [DB.Read] and [DB.Do] set the tenant and the
// person for one transaction, in the same flight as the first statements, and
// row level security does the rest. Nothing of it is left on the connection.
//
// A read is one round trip: identity, statements and commit go out together.
// A change is two: what it asks first ([Tx.Ask]: lock, facts) and what it writes
// ([Tx.Queue]), which goes out with the commit. Between the two the rule speaks,
// in Go. So the rule sees what is locked, and nothing is half done.
//
// A caller who hangs up does not cost the connection: the running statement is
// cancelled by request, and the rollback has a time of its own.
//
// # A second machine
//
// Where a synchronous standby confirms each commit, done means confirmed: a commit
// whose caller hung up is not called done, and who finds that a change was made
// before and says so waits for the standby first ([Tx.Settle]).
//
// # Refusals
//
// An error of class 23 (integrity constraint violation) becomes the refusal
// that the constraint is named after. Details of the error, which hold values of
// rows, go nowhere.
//
// # Overload
//
// A bounded gate stands before the pool: so many run, so many wait, and not for
// long; the rest are told to come back (OVERLOADED).
//
// # The default database
//
// [StartPrivate] runs a cluster of one's own from the PostgreSQL programs on the
// machine: unix socket, no port, no password, ending with the program that
// started it. [Migrate] makes the schema; [CheckSafe] says what makes a database
// unfit for real use.
package postgres
