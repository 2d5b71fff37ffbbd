package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// chunk is how many visits, with all that hangs on them, one transaction writes. A
// transaction of everything would keep the whole of it in the write-ahead log, and show no
// progress.
const chunk = 5_000

// Fill writes an owner's schools, people and visits of all states into a migrated
// database, by a connection of the superuser's that serves for nothing else: keys
// and triggers are off on it (the rows are valid by the way that they are made,
// and a test proves it). The same size makes the same rows. Tell hears how many
// visits are written.
func Fill(ctx context.Context, conn *pgx.Conn, s Size, tell func(visits int)) error {
	staffs := s.staffs()
	teachers := 0
	for _, n := range staffs {
		teachers += int(n)
	}
	if teachers != s.Teachers {
		return fmt.Errorf("%d teachers are too few for %d schools: at least %d each", s.Teachers, s.Schools, smallest)
	}
	rounds := s.rounds()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		// Keys and triggers cost more than the rows. Losing the last moments in a crash
		// does no harm, as a half-filled database is refused at the next run.
		{"set session_replication_role = replica", nil},
		{"set synchronous_commit = off", nil},
		{generatedID, nil},
		{generatedStaff, []any{staffs}},
		{generatedPaths, nil},
		{generatedWeeks, []any{s.mondays(rounds)}},
	} {
		if _, err := conn.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("preparing to fill: %w", err)
		}
	}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, sql := range []string{fillOwner, fillSchools, fillPeople, fillMemberships, fillTeams, fillTeamMembers, fillSessions, fillSignInDays} {
			args := []any{pgx.NamedArgs{"owner": s.Owner, "now": s.Now, "since": s.since(), "teachers": s.Teachers, "schools": s.Schools}}
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("filling in people: %w", err)
	}
	for from := 0; from < s.Visits; from += chunk {
		until := min(from+chunk, s.Visits)
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, sql := range []string{chosenVisits, fillVisits, fillEvents, fillBookings, fillNotes, fillRequests,
				fillPoints, fillQuestions, fillOwnViews, fillTakeaways} {
				args := pgx.NamedArgs{"owner": s.Owner, "now": s.Now, "teachers": s.Teachers, "rounds": rounds,
					"from": from, "until": until, "notes": s.NotesEach}
				if _, err := tx.Exec(ctx, sql, args); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("filling in visits from number %d: %w", from, err)
		}
		tell(until)
	}
	return settle(ctx, conn)
}

// settle does what a measurement would otherwise pay for. Without statistics the
// first plans are wrong, and a checkpoint in the middle of a measurement slows it down.
func settle(ctx context.Context, conn *pgx.Conn) error {
	for _, sql := range []string{"vacuum (analyze)", "checkpoint"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("after filling: %w", err)
		}
	}
	return nil
}
