package observation

import (
	"context"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/review"
	"undring/school"
	"undring/wire"
)

// SaveNote writes or rewrites a note.
func (s *Service) SaveNote(ctx context.Context, req *pb.SaveNoteRequest) (*pb.SaveNoteResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	note, err := s.decodeNote(req)
	if err != nil {
		return nil, err
	}
	hints := encodeHints(review.Note(note.Kind == Saw, note.Text, review.Language(actor.Language)))
	now := s.moment()
	call := once.Call{As: as(actor), RPC: "SaveNote", Request: req, Now: now, Refill: func(first proto.Message) {
		r := first.(*pb.SaveNoteResponse)
		r.Note.Text, r.Note.Tag, r.Hints = req.GetText(), req.GetTag(), hints
	}}
	respond := func(tx *once.Tx, n *Note) *pb.SaveNoteResponse {
		tx.About(n.Visit)
		reply := &pb.SaveNoteResponse{Note: EncodeNote(n), Hints: hints}
		stripped := EncodeNote(n)
		stripped.Text, stripped.Tag = "", ""
		tx.Keep(&pb.SaveNoteResponse{Note: stripped})
		return reply
	}
	if req.GetRevision() == 0 && s.lessons.on(note.Visit) {
		n := note
		reply, done, err := once.Straight(ctx, s.db, call, func(tx *once.Tx) *pb.SaveNoteResponse {
			n.begin(now)
			n.insertInLesson(tx, actor.Owner, actor.Person)
			return respond(tx, &n)
		})
		if done || err != nil {
			return reply, err
		}
	}
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.SaveNoteResponse, error) {
		c := &change{w: tx, owner: actor.Owner, person: actor.Person, now: now}
		n, count := note, 0
		var there *Note
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			QueueLock(b, actor.Owner, actor.Person, n.Visit)
			QueueVisit(b, actor.Owner, actor.Person, n.Visit, &c.visit)
			queueNote(b, actor.Owner, actor.Person, n.ID, &there)
			b.Queue(countNotes, actor.Owner, n.Visit, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&count) })
		})
		if err != nil {
			return nil, err
		}
		if err := c.saveNote(&n, there, count, req.GetRevision()); err != nil {
			return nil, err
		}
		s.lessons.begin(n.Visit)
		return respond(tx, &n), nil
	}, func(context.Context) (*pb.SaveNoteResponse, error) {
		return nil, refusal.New(refusal.NotThere) // gone with its visit
	})
}

// DeleteNote takes a note away for good.
func (s *Service) DeleteNote(ctx context.Context, req *pb.DeleteNoteRequest) (*pb.DeleteNoteResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	id, err := wire.ID("note_id", req.GetNoteId())
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: as(actor), RPC: "DeleteNote", Request: req, Now: now}
	return once.Do(ctx, s.db, call, func(ctx context.Context, tx *once.Tx) (*pb.DeleteNoteResponse, error) {
		var v Visit
		var there *Note
		found := false
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(lockVisitOfNote, actor.Owner, id, actor.Person)
			queueNote(b, actor.Owner, actor.Person, id, &there)
			b.Queue(visitOfNote, actor.Owner, id, actor.Person).Query(func(rows pgx.Rows) error {
				return eachVisit(rows, func(there Visit) { v, found = there, true })
			})
		})
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, refusal.New(refusal.NotThere)
		}
		if err := v.mayNote(actor.Person, now); err != nil {
			return nil, err
		}
		if r := req.GetRevision(); r != 0 && there != nil && r != there.Revision {
			return nil, stale(there.Revision)
		}
		tx.Queue(deleteNote, actor.Owner, id)
		return &pb.DeleteNoteResponse{}, nil
	}, func(context.Context) (*pb.DeleteNoteResponse, error) { return &pb.DeleteNoteResponse{}, nil })
}

// ListNotes lists the notes that the caller may read, by the visit's clock.
func (s *Service) ListNotes(ctx context.Context, req *pb.ListNotesRequest) (*pb.ListNotesResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	visit, err := wire.ID("observation_id", req.GetObservationId())
	if err != nil {
		return nil, err
	}
	after, err := wire.ReadPageToken(req.GetPageToken(), place{At: longAgo})
	if err != nil {
		return nil, err
	}
	page := wire.PageSize(req.GetPageSize())
	var notes []Note
	err = s.db.Read(ctx, as(actor), func(b *pgx.Batch) {
		QueueNotes(b, actor.Owner, actor.Person, visit, after.At, after.ID, page+1, &notes)
	})
	if err == nil && len(notes) == 0 { // none yet, or no visit of the caller's
		_, err = s.read(ctx, actor, visit)
	}
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListNotesResponse)
	if len(notes) > page {
		notes = notes[:page]
		reply.NextPageToken = wire.PageToken(place{notes[page-1].ObservedAt, notes[page-1].ID})
	}
	for i := range notes {
		reply.Notes = append(reply.Notes, EncodeNote(&notes[i]))
	}
	return reply, nil
}

func (s *Service) decodeNote(req *pb.SaveNoteRequest) (Note, error) {
	n := Note{
		Kind: Kind(wire.Name(req.GetKind())), Text: req.GetText(), Tag: req.GetTag(),
		ObservedAt: wire.Time(req.GetObservedAt()), AboutFocus: req.GetAboutFocus(),
	}
	var err error
	if n.ID, err = wire.IDOr("id", req.GetId(), s.newID); err != nil {
		return n, err
	}
	n.Visit, err = wire.ID("observation_id", req.GetObservationId())
	return n, err
}

// EncodeNote writes a note for the contract.
func EncodeNote(n *Note) *pb.Note {
	return &pb.Note{
		Id: n.ID.String(), ObservationId: n.Visit.String(), Kind: wire.Enum[pb.NoteKind](n.Kind),
		Text: n.Text, ObservedAt: wire.EncodeTime(n.ObservedAt), Tag: n.Tag, AboutFocus: n.AboutFocus,
		Revision: n.Revision, Shared: n.Shared, UpdateTime: wire.EncodeTime(n.Updated),
	}
}

func encodeHints(hints []review.Hint) []*pb.Hint {
	var out []*pb.Hint
	for _, h := range hints {
		out = append(out, &pb.Hint{Id: h.ID, Text: h.Text})
	}
	return out
}
