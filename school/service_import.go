package school

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/school/roster"
	"undring/wire"
	"undring/words"
)

// ImportRoster takes in people from a school's own register. That the caller
// keeps a roster has been checked at the door.
func (s *Service) ImportRoster(ctx context.Context, req *pb.ImportRosterRequest) (*pb.ImportRosterResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	i, err := s.decodeImport(req)
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "ImportRoster", Request: req, Now: i.Now}
	var told Difference // of one that the brake holds, too
	reply, err := once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *importing) { r.read(b, i, actor.Owner) },
		func(w once.Writer, r *importing) error {
			err := r.decide(i, actor.As())
			told = r.Difference
			if err != nil {
				return err
			}
			for _, piece := range r.pieces {
				w.Queue(piece.sql, piece.args...)
			}
			return nil
		},
		func(r *importing) *pb.ImportRosterResponse { return encodeImport(r.Difference, actor.Language) },
	).Remember(ctx, s.db, once.Gone[importing](refusal.New(refusal.NotThere)))
	if err == nil && !i.DryRun {
		s.tellMoved(actor.Person) // who may keep schools now that were not there before
	}
	// What was refused leaves nothing behind; that the brake has held something, the
	// other administrators are to read.
	if refusal.ReasonOf(err) == refusal.ApprovalNeeded {
		// In a transaction of its own, since the one that was refused is rolled back.
		if unsaid := i.RecordHeld(ctx, s.db, actor.As(), told); unsaid != nil {
			return nil, fmt.Errorf("recording an import that was held: %w", unsaid)
		}
	}
	return reply, err
}

// decodeImport reads the request and the whole file.
func (s *Service) decodeImport(req *pb.ImportRosterRequest) (i Import, err error) {
	// Goes into the log, so that one can tell later which file it was.
	hash := sha256.Sum256(req.GetContent())
	i = Import{DryRun: req.GetDryRun(), Approved: req.GetApproved(), Now: s.moment(), NewID: s.newID, FileHash: hash[:], Same: map[string]uuid.UUID{}}
	format := roster.Format(req.GetFormat())
	switch {
	// OneRoster names its schools itself; a simple list does not.
	case format == roster.SimpleCSV:
		if i.School, err = uuid.Parse(req.GetSchoolId()); err != nil {
			return i, refusal.Invalidf("school_id", "is needed with SIMPLE_CSV")
		}
	case req.GetSchoolId() != "":
		return i, refusal.Invalidf("school_id", "is for SIMPLE_CSV only")
	}
	for _, a := range req.GetAnswers() {
		// An empty there_id is the answer "somebody new", and becomes the nil UUID.
		there, err := wire.OptionalID("answers.there_id", a.GetThereId())
		if err != nil {
			return i, err
		}
		i.Same[a.GetSourcedId()] = there.UUID
	}
	// What the administrator has said of job titles that the roster doesn't know by itself.
	titles := map[string]roster.Role{}
	for _, t := range req.GetTitles() {
		titles[t.GetTitle()] = roster.Role(wire.Name(t.GetRole()))
	}
	// Read before there is a transaction: no lock waits while a large file is parsed.
	i.Set, err = roster.Read(req.GetContent(), format, roster.Options{Now: i.Now, Titles: titles})
	return i, err
}

// maxChanges is how many changes are listed: more than anybody looks through.
// The counts above the list are whole.
const maxChanges = 1_000

// encodeImport is the difference as an administrator reads it, with each reason in words.
func encodeImport(d Difference, language string) *pb.ImportRosterResponse {
	out := &pb.ImportRosterResponse{
		Created: int32(d.Created), Updated: int32(d.Updated), Deactivated: int32(d.Deactivated),
		Unchanged: int32(d.Unchanged), Skipped: int32(d.Skipped), MoreRowErrors: int32(d.More),
		Difference: d.ID, Ended: int32(d.Ended), Of: int32(d.Of),
	}
	for _, e := range d.Errors {
		out.RowErrors = append(out.RowErrors, &pb.RosterRowError{
			File: e.File, Line: int32(e.Line), Reason: string(e.Reason), Applied: e.Applied, Title: e.Title, Count: int32(e.Count),
			// The reason for programs, the description for the one who reads.
			Description: words.Say(language, "roster."+string(e.Reason)),
		})
	}
	for _, c := range d.Changes[:min(len(d.Changes), maxChanges)] {
		out.Changes = append(out.Changes, &pb.RosterChange{Kind: wire.Enum[pb.RosterChangeKind](c.Kind), Name: c.Name, Email: c.Email})
	}
	out.MoreChanges = int32(len(d.Changes) - len(out.Changes))
	for _, q := range d.Questions {
		out.Questions = append(out.Questions, &pb.RosterQuestion{SourcedId: q.SourcedID, File: q.File, Line: int32(q.Line), Name: q.Name, Email: q.Email,
			OfSchool: q.OfSchool, ThereId: q.There.String(), ThereName: q.ThereName, ThereEmail: q.ThereEmail})
	}
	out.Brakes = encodeBrakes(d.Brakes)
	return out
}

// encodeBrakes names what held the import.
func encodeBrakes(brakes []Brake) []pb.RosterBrake {
	var out []pb.RosterBrake
	for _, b := range brakes {
		out = append(out, wire.Enum[pb.RosterBrake](b))
	}
	return out
}

// importPlace is where a page of the log ends.
type importPlace struct {
	At time.Time
	ID uuid.UUID
}

// ListImports lists the log of imports. That the caller keeps a roster has been checked
// at the door.
func (s *Service) ListImports(ctx context.Context, req *pb.ListImportsRequest) (*pb.ListImportsResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	// Without a token the list begins behind everything: later than any import, at the greatest
	// id.
	after, err := wire.ReadPageToken(req.GetPageToken(), importPlace{now.AddDate(100, 0, 0), uuid.Max})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var entries []ImportEntry
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		queueImports(b, actor.Owner, now, after.At, after.ID, page+1, &entries)
	})
	reply := new(pb.ListImportsResponse)
	entries, reply.NextPageToken = wire.Page(entries, page, func(last *ImportEntry) any { return importPlace{last.At, last.ID} })
	for _, e := range entries {
		reply.Imports = append(reply.Imports, e.encode())
	}
	return reply, err
}

// encode is a line of the log of imports.
func (e ImportEntry) encode() *pb.RosterImport {
	format := pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP
	switch e.Source {
	case "csv":
		format = pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV
	case rolledOver:
		format = pb.RosterFormat_ROSTER_FORMAT_UNSPECIFIED
	}
	// UndoTime is empty for an import that stands.
	return &pb.RosterImport{Id: e.ID.String(), Time: wire.EncodeTime(e.At), ImportedByName: e.ByName, Format: format, SchoolId: wire.EncodeID(e.School),
		Difference: e.Difference, Created: int32(e.Created), Updated: int32(e.Updated), Deactivated: int32(e.Deactivated), Unchanged: int32(e.Unchanged),
		OddRows: int32(e.OddRows), Questions: int32(e.Questions), Brakes: encodeBrakes(e.Brakes), Held: e.Held, CanUndo: e.CanUndo, UndoTime: wire.EncodeTime(e.Undone)}
}

// UndoImport undoes the last import. That the caller keeps a roster has been checked
// at the door.
func (s *Service) UndoImport(ctx context.Context, req *pb.UndoImportRequest) (*pb.UndoImportResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("import_id", req.GetImportId())
	if err != nil {
		return nil, err
	}
	call := once.Call{As: actor.As(), RPC: "UndoImport", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, u *undoing) { u.read(b, actor.Owner, id, call.Now) },
		func(w once.Writer, u *undoing) error { return u.decide(w, actor.As(), id, call.Now) },
		func(*undoing) *pb.UndoImportResponse { return &pb.UndoImportResponse{} },
	).Remember(ctx, s.db, once.Same[undoing]())
}

// RollOver takes a school's teams into a new school year. That the caller keeps a roster has
// been checked at the door.
func (s *Service) RollOver(ctx context.Context, req *pb.RollOverRequest) (*pb.RollOverResponse, error) {
	actor, err := ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	school, err := wire.ID("school_id", req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	// What somebody may here goes by what they are here, whatever they keep elsewhere.
	if !actor.Is(Administrator, school) {
		return nil, refusal.New(refusal.RoleRequired).With("role", string(Administrator))
	}
	o := RollOver{School: school, DryRun: req.GetDryRun(), Approved: req.GetApproved(), Now: s.moment(), NewID: s.newID}
	for _, n := range req.GetNames() {
		team, err := wire.ID("names.team_id", n.GetTeamId())
		if err != nil {
			return nil, err
		}
		o.Names = append(o.Names, TeamName{team, n.GetName()})
	}
	for _, m := range req.GetMoves() {
		move := TeamMove{}
		if move.Person, err = wire.ID("moves.person_id", m.GetPersonId()); err != nil {
			return nil, err
		}
		for _, id := range m.GetTeamIds() {
			team, err := wire.ID("moves.team_ids", id)
			if err != nil {
				return nil, err
			}
			move.Teams = append(move.Teams, team)
		}
		o.Moves = append(o.Moves, move)
	}
	call := once.Call{As: actor.As(), RPC: "RollOver", Request: req, Now: o.Now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *rolling) { r.read(b, actor.Owner) },
		func(w once.Writer, r *rolling) error {
			if err := r.decide(o, actor.As()); err != nil {
				return err
			}
			r.write(w)
			return nil
		},
		func(r *rolling) *pb.RollOverResponse { return r.encode() },
	).Remember(ctx, s.db, once.Gone[rolling](refusal.New(refusal.NotThere)))
}

func (r RolledOver) encode() *pb.RollOverResponse {
	out := &pb.RollOverResponse{Difference: r.ID}
	for _, t := range r.Teams {
		out.Teams = append(out.Teams, &pb.RolledTeam{Was: t.Was, Name: t.Name})
	}
	for _, p := range r.People {
		out.People = append(out.People, &pb.RolledPerson{Name: p.Name, From: p.From, To: p.To})
	}
	return out
}
