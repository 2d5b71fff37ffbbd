// Package demo makes the school that `undring demo` shows: Fjordvik skole, whose
// thirty teachers, four teams, two leaders, one administrator and one who represents
// the teachers are invented.
//
// Its visits are made by the very calls that people make, at times that have
// passed, so that nothing in it is a visit that the rules would not allow. There
// is one in every state. Teachers of the first two teams, the second leader and
// the administrator have none that is open: whoever tries something out, does it
// as one of them.
package demo
