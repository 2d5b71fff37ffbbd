package observation

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/school"
)

// PhoneVisits reads the caller's visits among some, as their phone keeps them.
func PhoneVisits(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, now time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]*Visit{}
	QueueVisits(b, actor.Owner, actor.Person, ids, func(v Visit) { found[v.ID] = &v })
	return func(id uuid.UUID) (*pb.Change, error) {
		v := found[id]
		if v == nil {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Observation{Observation: Encode(v, actor.Language, now)}}, nil
	}
}

// PhoneNotes reads the notes among some that the caller wrote.
func PhoneNotes(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]*Note{}
	b.Queue(ownNotes, actor.Owner, ids, actor.Person).Query(func(rows pgx.Rows) error {
		return eachNote(rows, func(n Note) { found[n.ID] = &n })
	})
	return func(id uuid.UUID) (*pb.Change, error) {
		n := found[id]
		if n == nil {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Note{Note: EncodeNote(n)}}, nil
	}
}

// PhoneRounds reads the caller's rounds among some.
func PhoneRounds(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, _ time.Time) func(uuid.UUID) (*pb.Change, error) {
	found := map[uuid.UUID]*Round{}
	b.Queue(roundsByID, actor.Owner, ids, actor.Person).Query(func(rows pgx.Rows) error {
		return eachRound(rows, func(r Round) { found[r.ID] = &r })
	})
	return func(id uuid.UUID) (*pb.Change, error) {
		r := found[id]
		if r == nil {
			return nil, nil
		}
		return &pb.Change{What: &pb.Change_Round{Round: encodeRound(r)}}, nil
	}
}
