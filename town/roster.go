package town

import (
	"strings"

	pb "undring/gen/undring/v1"
)

// List imports a simple CSV as Arne does: rows of name, address, role and team.
func (w *Town) List(school string, rows ...string) Outcome[*pb.ImportRosterResponse] {
	return Try(w.Arne.ImportRoster(w.Arne.Ctx(), &pb.ImportRosterRequest{RequestId: Req(), SchoolId: school, Format: pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV,
		Content: []byte("name,email,role,team\n" + strings.Join(rows, "\n") + "\n")}))
}

// Imported takes in a teacher, and is the import's id in the log. The newest is listed
// first.
func (w *Town) Imported() string {
	w.T.Helper()
	w.List(w.School.String(), "Ada Lie,ada@x.example,teacher,").OK(w.T)
	return Try(w.Arne.ListImports(w.Arne.Ctx(), &pb.ListImportsRequest{})).OK(w.T).GetImports()[0].GetId()
}

// Twins are two of the roster who are one, under names that nobody else has. keep and gone
// are their ids; other tests' twins in the same town do not meet these.
func (w *Town) Twins() (keep, gone string) {
	w.T.Helper()
	one, other := "E"+NewID().String(), "S"+NewID().String()
	w.List(w.School.String(), one+" Rud,"+one+"@x.example,teacher,", other+" Bø,"+other+"@x.example,teacher,").OK(w.T)
	id := func(email string) string {
		return One[string](w, "select id::text from person where email = lower($1)", email+"@x.example")
	}
	return id(one), id(other)
}

// NewYear is the request that takes two teams into a new school year: the fifth grade's is the
// sixth's then, and Kari goes on to the first one.
func (w *Town) NewYear() *pb.RollOverRequest {
	w.T.Helper()
	w.List(w.School.String(), "Fem Ås,fem@x.example,teacher,5. trinn", "Sju Ås,sju@x.example,teacher,6. trinn").OK(w.T)
	ids := map[string]string{}
	for _, t := range Try(w.Arne.ListTeams(w.Arne.Ctx(), &pb.ListTeamsRequest{SchoolId: w.School.String()})).OK(w.T).GetTeams() {
		ids[t.GetName()] = t.GetId()
	}
	return &pb.RollOverRequest{RequestId: Req(), SchoolId: w.School.String(),
		Names: []*pb.TeamName{{TeamId: ids["5. trinn"], Name: "6. trinn"}, {TeamId: ids["6. trinn"], Name: "5. trinn"}},
		Moves: []*pb.TeamMove{{PersonId: w.Kari.ID, TeamIds: []string{ids["6. trinn"]}}}}
}
