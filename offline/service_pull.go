package offline

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/school"
	"undring/wire"
)

// Limits of an answer.
const (
	defaultPage = 500
	// mostBytes keeps an answer below what clients take by default, 4 MiB.
	mostBytes = 3 << 20
)

// Pull tells what has changed for the caller behind their cursor. It is one
// flight when nothing has, and two else: the feed, and all that it names.
func (s *Service) Pull(ctx context.Context, req *pb.PullRequest) (*pb.PullResponse, error) {
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	page := int(req.GetPageSize())
	if page == 0 {
		page = defaultPage
	}
	p := &pull{actor: actor, now: s.moment(), page: page}
	if err := s.readFeed(ctx, p, req.GetCursor()); err != nil {
		return nil, err
	}
	reply := &pb.PullResponse{StartOver: p.startOver, ServerTime: wire.EncodeTime(p.now)}
	if err := s.readThings(ctx, p, reply); err != nil {
		return nil, err
	}
	p.cursor.At = p.now
	reply.NextCursor = p.cursor.token(s.Secrets[0], actor.Owner, actor.Person)
	return reply, nil
}

// pull is one pull under way.
type pull struct {
	actor     school.Actor
	now       time.Time
	page      int
	cursor    Cursor // up to where the answer goes
	startOver bool
	entries   []entry
}

// readFeed reads a page of the feed and one row more, from the beginning where
// the cursor can't be gone on from.
func (s *Service) readFeed(ctx context.Context, p *pull, token string) error {
	cursor, epoch, ok := readCursor(token, s.Secrets, p.actor.Owner, p.actor.Person)
	if !ok {
		cursor = Cursor{}
	}
	read := func(behind Moment) error {
		p.entries = nil
		return s.DB.Read(ctx, p.actor.As(), func(b *pgx.Batch) {
			queueEpoch(b, &p.cursor.Epoch)
			queueFeed(b, p.actor.Owner, p.actor.Person, behind, behind == Moment{}, p.page+1, &p.entries)
		})
	}
	if err := read(cursor.Moment); err != nil {
		return err
	}
	p.cursor.Moment = cursor.Moment
	p.startOver = token != "" && !(ok && cursor.goesOn(epoch, p.cursor.Epoch, p.now))
	// Only now is it known that the cursor belongs to another database, or is too old: what was
	// read behind it is of no use.
	if p.startOver && cursor.Moment != (Moment{}) {
		p.cursor.Moment = Moment{}
		return read(Moment{})
	}
	return nil
}

// readThings reads all that the entries name, in one flight, and tells of it in
// their order, as far as one answer goes.
func (s *Service) readThings(ctx context.Context, p *pull, reply *pb.PullResponse) error {
	p.entries, reply.More = s.cut(p.entries, p.page)
	if len(p.entries) == 0 {
		return nil
	}
	ids := map[pb.Thing][]uuid.UUID{}
	for _, e := range p.entries {
		if !e.gone {
			ids[thingOf(e)] = append(ids[thingOf(e)], e.subject)
		}
	}
	sent := school.Reading{}
	for thing, some := range ids {
		if s.Shelves[thing].OfVisits {
			sent.Visits = append(sent.Visits, some...)
		}
	}
	find := map[pb.Thing]func(uuid.UUID) (*pb.Change, error){}
	err := sent.Read(ctx, s.DB, s.Readings, p.actor, p.now, func(b *pgx.Batch) {
		// The flight may be flown again: nothing of a first attempt may be left.
		clear(find)
		for thing, some := range ids {
			find[thing] = s.Shelves[thing].Read(b, p.actor, some, p.now)
		}
	})
	if err != nil {
		return err
	}
	size := 0
	for _, e := range p.entries {
		var change *pb.Change
		if !e.gone {
			if change, err = find[thingOf(e)](e.subject); err != nil {
				return err
			}
		}
		// Not there for the caller any more, whatever the feed says: it names things, and what
		// may be read the room decides.
		if change == nil {
			change = &pb.Change{What: &pb.Change_Gone{Gone: &pb.Gone{Thing: thingOf(e), Id: e.subject.String()}}}
		}
		// At least one, however large: an answer that gets nowhere would be pulled for ever.
		if size += proto.Size(change); size > mostBytes && len(reply.Changes) > 0 {
			reply.More = true
			return nil
		}
		reply.Changes = append(reply.Changes, change)
		p.cursor.Moment = e.Moment
	}
	return nil
}

// cut takes the entries of one answer, and says whether there are more: the page is
// full, or it holds the most of a kind of thing that is large.
func (s *Service) cut(entries []entry, page int) ([]entry, bool) {
	of := map[pb.Thing]int{}
	for i, e := range entries {
		thing := thingOf(e)
		of[thing]++
		if most := s.Shelves[thing].Most; i == page || most > 0 && of[thing] > most {
			return entries[:i], true
		}
	}
	return entries, false
}

// thingOf is the kind of thing that an entry of the feed is about.
func thingOf(e entry) pb.Thing { return wire.Enum[pb.Thing](e.thing) }
