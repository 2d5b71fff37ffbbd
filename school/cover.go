package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/wire"
)

// coverAt asks the room of visits, whose the timetables are.
const coverAt = `select person_id, start_at, end_at, able from cover_at($1, $2)`

// ListCover says who could stand in for whom at the lessons of a day.
func (s *Service) ListCover(ctx context.Context, req *pb.ListCoverRequest) (*pb.ListCoverResponse, error) {
	actor, school, err := leads(ctx, req.GetSchoolId())
	if err != nil {
		return nil, err
	}
	day, err := wire.Date("date", req.GetDate())
	if err != nil {
		return nil, err
	}
	reply := new(pb.ListCoverResponse)
	err = s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(coverAt, school, day).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var person uuid.UUID
				var start, end time.Time
				var able []uuid.UUID
				if err := rows.Scan(&person, &start, &end, &able); err != nil {
					return err
				}
				reply.Lessons = append(reply.Lessons, &pb.LessonToCover{
					PersonId: person.String(), StartTime: wire.EncodeTime(start), EndTime: wire.EncodeTime(end), AbleIds: wire.EncodeIDs(able)})
			}
			return rows.Err()
		})
	})
	return reply, err
}
