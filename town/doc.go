// Package town is a school to play in, for tests: a server with a real database
// behind it, teachers, leaders and an administrator with their phones, and visits
// that go as far as a test wants.
//
// A test begins with [New]. Time stands until the test moves the town's clock, and every
// call passes the whole chain of the server. [Try] says what a call came to:
//
//	w := town.New(t)
//	v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
//	town.Try(w.Kari.GiveFeedback(w.Kari.Ctx(), v.Gift())).OK(t)
//
// Tests alone import it: those of the rooms ("package feedback_test") and those of package
// server.
package town
