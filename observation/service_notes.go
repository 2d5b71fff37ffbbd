package observation

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/once"
	"undring/refusal"
	"undring/review"
	"undring/school"
	"undring/wire"
)

// SaveNote writes or rewrites a note. A new note has revision 0. Most notes are new and
// written one after the other in one lesson: where the server has just seen a note of the same
// lesson, it writes the next one without reading first, and the database's own checks refuse
// what the rule would have refused.
func (s *Service) SaveNote(ctx context.Context, req *pb.SaveNoteRequest) (*pb.SaveNoteResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	note, err := s.decodeNote(req)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	call := once.Call{As: actor.As(), RPC: "SaveNote", Request: req, Now: now}
	return once.New(call, once.About(func(*noting) uuid.UUID { return note.Visit }),
		func(b *pgx.Batch, c *noting) {
			QueueLock(b, actor.Owner, actor.Person, note.Visit)
			QueueVisit(b, actor.Owner, actor.Person, note.Visit, &c.visit)
			queueNote(b, actor.Owner, actor.Person, note.ID, &c.there)
			b.Queue(countNotes, actor.Owner, note.Visit, actor.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&c.count) })
		},
		func(w once.Writer, c *noting) error {
			c.Change = NewChange(w, actor.Owner, actor.Person, now, &c.visit)
			c.note = note
			if err := c.saveNote(&c.note, c.there, c.count, req.GetRevision()); err != nil {
				return err
			}
			// The next notes of this lesson can be tried without reading first.
			s.lessons.begin(note.Visit)
			return nil
		},
		func(c *noting) *pb.SaveNoteResponse {
			// The words come back from the request: stored twice, they would have to be erased
			// twice.
			kept := EncodeNote(&c.note)
			kept.Text, kept.Tag = "", ""
			return &pb.SaveNoteResponse{Note: kept}
		},
	).Straight(req.GetRevision() == 0 && s.lessons.on(note.Visit), func(w once.Writer, c *noting) {
		c.note = note
		c.note.begin(now)
		c.note.insertInLesson(w, actor.Owner, actor.Person)
	}).Strip(ctx, s.db, func(r *pb.SaveNoteResponse) {
		r.Note.Text, r.Note.Tag = req.GetText(), req.GetTag()
		r.Hints = encodeHints(review.Note(note.Kind == Saw, note.Text, review.Language(actor.Language)))
	}, once.Gone[noting](refusal.New(refusal.NotThere))) // gone with its visit
}

// noting is a change of a note.
type noting struct {
	change
	note  Note
	there *Note // as it was; nil: it is new
	count int   // of the visit's notes
}

// DeleteNote takes a note away for good. NOTES_CLOSED once the feedback is given, because that
// rests on the notes.
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
	call := once.Call{As: actor.As(), RPC: "DeleteNote", Request: req, Now: now}
	return once.New(call, once.AboutNothing,
		func(b *pgx.Batch, c *noting) {
			// The visit's lock comes first, as in every change of a visit: whether notes are
			// open is read behind it.
			b.Queue(lockVisitOfNote, actor.Owner, id, actor.Person)
			queueNote(b, actor.Owner, actor.Person, id, &c.there)
			b.Queue(visitOfNote, actor.Owner, id, actor.Person).Query(oneVisit(&c.visit))
		},
		func(w once.Writer, c *noting) error {
			c.Change = NewChange(w, actor.Owner, actor.Person, now, &c.visit)
			return c.deleteNote(id, c.there, req.GetRevision())
		},
		func(*noting) *pb.DeleteNoteResponse { return &pb.DeleteNoteResponse{} },
	).Remember(ctx, s.db, once.Same[noting]())
}

// ListNotes lists the notes that the caller may read, by the visit's clock. The observer reads
// all of theirs; the observed reads those that are shared, once the feedback is opened. An
// empty list may be one that has no notes yet, or a visit of other people's: only then is the
// visit read besides, to tell the two apart.
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
	sent := school.Reading{Visits: []uuid.UUID{visit}, Notes: true}
	err = sent.Read(ctx, s.db, s.readings, actor, s.moment(), func(b *pgx.Batch) {
		QueueNotes(b, actor.Owner, actor.Person, visit, after.At, after.ID, page+1, &notes)
	})
	if err == nil && len(notes) == 0 { // none yet, or no visit of the caller's
		_, err = s.read(ctx, actor, visit)
	}
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListNotesResponse)
	notes, reply.NextPageToken = wire.Page(notes, page, func(last *Note) any { return place{last.ObservedAt, last.ID} })
	for i := range notes {
		reply.Notes = append(reply.Notes, EncodeNote(&notes[i]))
	}
	return reply, nil
}

// decodeNote reads a note. Its time is the lesson's clock as the phone knows it;
// whether that can be right is the rule's to say.
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
		Revision: n.Revision, Shared: n.Shared, UpdateTime: wire.EncodeTime(n.Updated), Audience: wire.Enum[pb.Audience](n.Readers),
	}
}

// encodeHints writes what the review noticed in a note. Hints stand beside a note and
// stop nothing.
func encodeHints(hints []review.Hint) []*pb.Hint {
	var out []*pb.Hint
	for _, h := range hints {
		out = append(out, &pb.Hint{Id: h.ID, Text: h.Text})
	}
	return out
}
