// Package culture shows a school how its feedback culture is doing, in figures of groups
// that can't be turned on a person; and asks its staff, by the pulse.
//
// Leaders ask why feedback does not happen; teachers fear being watched. One sheet
// answers the first and makes the second impossible. What may be told of a group,
// package guard decides; this package counts, publishes once, and reads out.
//
// # The figures
//
// Each counts people who were at the school for the whole half-year and came by a
// session of their own on three days at least, with a yes or no. There is room for twelve (P14):
//
//	VISITED      visited a colleague
//	GAVE         of those: gave feedback with a wondering question
//	HOSTED       was visited
//	ANSWERED     of those: answered; the drop from visit to answer is read first
//	IN_TIME      of those who gave: mostly kept the times that were agreed on
//	ASKED_BACK   of those visited: asked a question back
//	ADJUSTED     of those visited: adjusted what they do
//	QUESTIONED   of those visited: came to question an assumption; of equal weight
//	CARRIED_OUT  of those visited: told how an action went that they committed to
//	REACHED      of those who visited: somebody of another team
//	ON_AREA      of those who visited: in a visit on a focus area of the plan
//	LEADERS      of the leaders: took part in a visit among leaders
//
// Left out, and why: "asked a wondering question" is GAVE, since nobody gives
// feedback without one; "visits both ways" names pairs in a small school; honest
// exits would be told of the two who took one; "gave and received" was held back wherever
// fewer than 8 are known to have given, and each half of it is there. The pulse has a page of its own: its answers belong to nobody, so that no figure of
// the sheet can be held against them.
//
// # From steps to sheets
//
// On the first day of a half-year its people, teams and schools are written down
// ([Service.Sweep]). The steps of visits are folded into facts, two rows for a
// visit, in the order in which they were committed and only up to the oldest open
// transaction, so that none is skipped and none counted twice. A visit that was
// withdrawn has no facts. What leaves no step (asking back, take-aways, actions) is
// looked up for those visits when the sheet is made. Fourteen days after the end
// of the half-year, sheets of all schools are made in one transaction, and the
// facts are gone. Nothing reads a word that somebody wrote in a visit: the role
// undring_culture can't.
//
// A half-year that had begun before Undring came is counted from what is known:
// whoever is there when it comes. Its sheet says so.
//
// The rules about what is done with a sheet: half-years alone ([school.Term], P5);
// made once and never again, held by the primary key and a trigger (P6); no
// question but whose and when (P8); the same bytes for all who read (P9); people
// who stayed, in the team of the first day (P10); hours as the leader set them
// aside, and whether eight people used them (P11).
//
// # The pulse
//
// Five statements, the same for teachers and leaders, once a half-year (P13). An
// answer is sealed by the server with a key that is not in the database, and
// written beside the fact that its writer has answered, in one transaction.
// request_id is remembered without the answers. When the round has closed, all
// seals are opened at once, counted, and deleted; the counts are published as
// bands by the guard.
//
// What is left to see: whoever reads the database's disk or its write-ahead log can
// tell which seal belongs to whom, and can't open it; whoever has the server's key
// besides could, until the round closes, and afterwards from a backup. Whoever runs
// both is named in the school owner's agreement. A person who answers at two
// schools answers once.
package culture
