// Package guard decides what may be said of a group so that nothing can be worked
// out about one of its people: not from a figure, not from the difference of two,
// not by a reader with two accomplices who tell what they know of themselves.
//
// It is pure: counts in, bands out. It has no settings. What is in its words:
//
//	figure  a yes or no of each person in a half-year, counted (P1)
//	among   the people of another figure, among whom it is counted (P2)
//	band    what is told of a count: the number, or an end
//	group   people of whom bands are told: a team, the rest of a school, a school
//
// The arithmetic. "The count lies in B", said of n people, is safe against c
// accomplices exactly when max B >= c+1 and min B <= n-c-1. With c = 2 an end needs
// four counts (0 to 3), both ends and one number between them need n >= 8.
//
// The rules, by their numbers in the design, and where they are:
//
//	P1   persons, never visits: a [Count] counts people
//	P2   a figure whose people are those of another one is told only if the band
//	     of that one says that they are 8 or more; its ends go by that band's
//	     lower limit (rules.close)
//	P3   shown or not goes by sizes: 8 or more, and of a school's people 0 or 8 or
//	     more left over by its teams (Plan)
//	P4   ends are closed: "3 or fewer", "all but 3 or fewer"; a tenth in a large
//	     group (rules.ends)
//	P7   the words few, some, most have ends of a quarter
//	P12  what is part of another figure is counted among it (manifest), so that
//	     the difference of the two has closed ends as well
//	P14  at most 12 figures on a sheet (manifest)
//
// People are those who came by a session of their own on three days and were in the roster
// for 30 ([SignInDays], [RosterDays]). Whoever makes accounts would make groups otherwise:
// an account that counts is an accomplice, and the arithmetic bears two of these in all.
//
// One thing goes beyond the sizes of P3. Of a school of 16 where 12 did something,
// and its team of 8 where 4 did, the other 8 all did, although both groups are
// large enough. So nothing is told of a whole besides what is told of its parts: a
// school that shows teams has the sum of their bands and of the rest's, an owner
// the sum of its schools' (School, Owner). A sum of bands tells nothing that the
// bands do not. So a school need not be hidden because another one of its owner's is
// small: the small one's people count in the sum with all that they could be, from
// none to everybody, and nothing can be taken away from it to find them. Teams have the figures that count among everybody, and no others:
// among those of a team who visited there are hardly ever 8.
//
// The other rules are about what is done with a sheet, and stand in package
// culture: fixed half-years, once, late and frozen (P5, P6), no questions to be
// asked (P8), the same for all (P9), people who stayed (P10), hours (P11), the
// pulse (P13).
//
// The solver in the tests holds all of it against every way to split schools of 3
// to 12 people, against samples of larger ones and of owners, and against
// histories of half-years, and finds a leak as soon as a rule is left out.
package guard
