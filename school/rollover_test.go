package school_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// Teams go into a new school year: first one reads what would happen, then it is done, and
// undone. Roles stay.
func TestTeamsRollOver(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewYear()
	roll := func(by *town.Person, r *pb.RollOverRequest) town.Outcome[*pb.RollOverResponse] {
		r.RequestId = town.Req()
		return town.Try(by.RollOver(by.Ctx(), r))
	}
	// state is who is in which team, by its name, and what they are.
	state := func() string {
		t.Helper()
		return strings.Join(town.Column(t, w.DB, `select p.given_name || ' ' || coalesce((select string_agg(t.name, '+' order by t.name) from team_member m join team t using (owner_id, school_id)
			where t.id = m.team_id and m.person_id = p.id), '-') || ' ' || (select string_agg(role, '+' order by role) from membership m where m.person_id = p.id and active)
			from person p where exists (select from membership m where m.person_id = p.id and active) order by 1`), "; ")
	}
	before := state()
	r.DryRun = true
	told := roll(w.Arne, r).OK(t)
	if len(told.GetTeams()) != 2 || told.GetTeams()[0].GetWas() != "5. trinn" || told.GetTeams()[0].GetName() != "6. trinn" {
		t.Errorf("the teams: %v", told.GetTeams())
	}
	if len(told.GetPeople()) != 1 || !slices.Equal(told.GetPeople()[0].GetTo(), []string{"5. trinn"}) || !strings.HasPrefix(told.GetPeople()[0].GetName(), "Kari") {
		t.Errorf("the people: %v", told.GetPeople())
	}
	if after := state(); after != before {
		t.Errorf("a dry run changed %s to %s", before, after)
	}
	r.DryRun, r.Approved = false, "0123456789abcdef"
	roll(w.Arne, r).Refused(t, codes.Aborted, "STALE_REVISION")
	roll(w.Liv, r).Refused(t, codes.PermissionDenied, "ROLE_REQUIRED")
	r.Approved = told.GetDifference()
	roll(w.Arne, r).OK(t)
	after := state()
	if !strings.Contains(after, "Fem 6. trinn TEACHER") || !strings.Contains(after, "Sju 5. trinn TEACHER") || !strings.Contains(after, "Kari 5. trinn TEACHER") {
		t.Errorf("after it: %s", after)
	}
	acts := town.Try(w.Arne.ListAdministrativeActs(w.Arne.Ctx(), &pb.ListAdministrativeActsRequest{})).OK(t).GetActs()
	if acts[0].GetKind() != pb.AdministrativeActKind_ADMINISTRATIVE_ACT_KIND_ROLLED_OVER || acts[0].GetPeople() != 1 {
		t.Errorf("the record: %v", acts[0])
	}
	if mine := town.Try(w.Kari.ListAdministrativeActs(w.Kari.Ctx(), &pb.ListAdministrativeActsRequest{})).OK(t).GetActs(); len(mine) == 0 || mine[0].GetId() != acts[0].GetId() {
		t.Errorf("Kari does not read of it: %v", mine)
	}
	imports := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(t).GetImports()
	if !imports[0].GetCanUndo() || imports[0].GetFormat() != pb.RosterFormat_ROSTER_FORMAT_UNSPECIFIED || imports[0].GetUpdated() != 1 {
		t.Errorf("the log: %v", imports[0])
	}
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: imports[0].GetId()})).OK(t)
	if undone := state(); undone != before {
		t.Errorf("undone: %s, before: %s", undone, before)
	}
}

// What does not fit is refused, and nothing is changed.
func TestARollOverThatDoesNotFit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	r := w.NewYear()
	five, six := r.GetNames()[0].GetTeamId(), r.GetNames()[1].GetTeamId()
	for _, tc := range []struct {
		names  []*pb.TeamName
		moves  []*pb.TeamMove
		code   codes.Code
		reason string
	}{
		{[]*pb.TeamName{{TeamId: five, Name: "6. TRINN"}}, nil, codes.InvalidArgument, "INVALID_FIELD"},
		{[]*pb.TeamName{{TeamId: five, Name: " \t"}}, nil, codes.InvalidArgument, "INVALID_FIELD"},
		{[]*pb.TeamName{{TeamId: town.Req(), Name: "x"}}, nil, codes.NotFound, "NOT_FOUND"},
		{nil, []*pb.TeamMove{{PersonId: town.Req(), TeamIds: []string{five}}}, codes.NotFound, "NOT_FOUND"},
		{nil, []*pb.TeamMove{{PersonId: w.Kari.ID, TeamIds: []string{town.Req()}}}, codes.NotFound, "NOT_FOUND"},
	} {
		got := town.Try(w.Arne.RollOver(w.Arne.Ctx(), &pb.RollOverRequest{RequestId: town.Req(), SchoolId: w.School.String(), Names: tc.names, Moves: tc.moves}))
		got.Refused(t, tc.code, tc.reason)
	}
	// A name that a team of later has taken stays there when a roll-over is undone.
	town.Try(w.Arne.RollOver(w.Arne.Ctx(), &pb.RollOverRequest{RequestId: town.Req(), SchoolId: w.School.String(),
		Names: []*pb.TeamName{{TeamId: five, Name: "6. trinn"}, {TeamId: six, Name: "7. trinn"}}})).OK(t)
	id := town.Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(t).GetImports()[0].GetId()
	w.SQL("insert into team (owner_id, school_id, id, name) values ($1, $2, gen_random_uuid(), '5. trinn')", w.Owner, w.School)
	town.Try(w.Arne.UndoImport(w.Arne.Ctx(), &pb.UndoImportRequest{RequestId: town.Req(), ImportId: id})).OK(t)
	names := town.Column(t, w.DB, "select name from team where id in ('"+five+"', '"+six+"') order by name")
	if !slices.Equal(names, []string{"6. trinn", "7. trinn"}) {
		t.Errorf("undone, they are called %v", names)
	}
}
