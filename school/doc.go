// Package school holds the people of a school owner: schools, teams, who is
// what where, the school's calendar and what its staff have agreed on.
//
// It is also where the one who acts is known: an [Actor] is made of an access
// token by package session, travels in the context to a room's service, and is
// an argument from there on.
//
// The tenant is the school owner, a municipality or county. Nothing crosses it.
// One person can be a teacher at two schools and a leader at one of them.
//
// A school day ends at 16:00 by the school's clock ([DayEnd]). What is due is
// due at the end of a school day; days without school do not count.
package school
