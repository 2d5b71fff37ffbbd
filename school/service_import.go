package school

import (
	"context"
	"crypto/sha256"
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
	call := once.Call{As: as(actor), RPC: "ImportRoster", Request: req, Now: i.Now}
	reply, err := once.New(call, once.AboutNothing,
		func(b *pgx.Batch, r *importing) { r.read(b, i, actor.Owner) },
		func(w once.Writer, r *importing) error {
			if err := r.decide(i, as(actor)); err != nil {
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
	return reply, err
}

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
		there, err := wire.OptionalID("answers.there_id", a.GetThereId())
		if err != nil {
			return i, err
		}
		i.Same[a.GetSourcedId()] = there.UUID
	}
	titles := map[string]roster.Role{}
	for _, t := range req.GetTitles() {
		titles[t.GetTitle()] = roster.Role(wire.Name(t.GetRole()))
	}
	// Read before there is a transaction: no lock waits while a large file is parsed.
	i.Set, err = roster.Read(req.GetContent(), format, roster.Options{Now: i.Now, Titles: titles})
	return i, err
}

// maxChanges is how many changes are listed: more than anybody looks through.
const maxChanges = 1_000

func encodeImport(d Difference, language string) *pb.ImportRosterResponse {
	out := &pb.ImportRosterResponse{
		Created: int32(d.Created), Updated: int32(d.Updated), Deactivated: int32(d.Deactivated),
		Unchanged: int32(d.Unchanged), Skipped: int32(d.Skipped), MoreRowErrors: int32(d.More),
		Difference: d.ID, Ended: int32(d.Ended), Of: int32(d.Of),
	}
	for _, e := range d.Errors {
		out.RowErrors = append(out.RowErrors, &pb.RosterRowError{
			File: e.File, Line: int32(e.Line), Reason: string(e.Reason), Applied: e.Applied, Title: e.Title, Count: int32(e.Count),
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
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		// One more than the page tells whether there is another page, without counting.
		queueImports(b, actor.Owner, now, after.At, after.ID, page+1, &entries)
	})
	reply := new(pb.ListImportsResponse)
	if len(entries) > page {
		entries = entries[:page]
		reply.NextPageToken = wire.PageToken(importPlace{entries[page-1].At, entries[page-1].ID})
	}
	for _, e := range entries {
		reply.Imports = append(reply.Imports, e.encode())
	}
	return reply, err
}

func (e ImportEntry) encode() *pb.RosterImport {
	format := pb.RosterFormat_ROSTER_FORMAT_ONEROSTER_ZIP
	if e.Source == "csv" {
		format = pb.RosterFormat_ROSTER_FORMAT_SIMPLE_CSV
	}
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
	call := once.Call{As: as(actor), RPC: "UndoImport", Request: req, Now: s.moment()}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, u *undoing) { u.read(b, actor.Owner, id, call.Now) },
		func(w once.Writer, u *undoing) error { return u.decide(w, as(actor), id, call.Now) },
		func(*undoing) *pb.UndoImportResponse { return &pb.UndoImportResponse{} },
	).Remember(ctx, s.db, once.Same[undoing]())
}
