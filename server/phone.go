package server

import (
	"context"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"undring/feedback"
	"undring/focus"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/notify"
	"undring/observation"
	"undring/offline"
	"undring/school"
	"undring/session"
)

// room is what phones know of a room: they carry its calls that change something
// over a time without a network, and receive its things when they pull. A thing belongs to
// one room, and so to one line of [onPhones].
type room struct {
	calls  protoreflect.ServiceDescriptor // nil: none waits on a phone
	things map[pb.Thing]offline.Shelf
}

// mostExchanges bounds the words of one answer to a pull: an exchange is the largest thing
// that is sent whole. A phone that is new pulls again until there is no more, so a smaller
// page costs a round trip and no words.
const mostExchanges = 100

// mostCommons is the same for what schools work on, each of which is sent whole. Each is
// the whole of one school, and few people have ten.
const mostCommons = 10

// onPhones are the rooms that phones know. Each call and each thing in here has its
// description in web/src/things.
var onPhones = []room{
	{pb.File_undring_v1_observation_proto.Services().ByName("ObservationService"), map[pb.Thing]offline.Shelf{
		pb.Thing_THING_OBSERVATION: {Read: observation.PhoneVisits, OfVisits: true},
		pb.Thing_THING_NOTE:        {Read: observation.PhoneNotes},
		pb.Thing_THING_MOMENT:      {Read: observation.PhoneMoments},
		pb.Thing_THING_ROUND:       {Read: observation.PhoneRounds},
	}},
	{pb.File_undring_v1_feedback_proto.Services().ByName("FeedbackService"), map[pb.Thing]offline.Shelf{
		pb.Thing_THING_EXCHANGE: {Read: feedback.PhoneExchanges, OfVisits: true, Most: mostExchanges},
		pb.Thing_THING_DRAFT:    {Read: feedback.PhoneDrafts},
	}},
	{pb.File_undring_v1_learning_proto.Services().ByName("LearningService"), nil},
	{pb.File_undring_v1_focus_proto.Services().ByName("FocusService"), map[pb.Thing]offline.Shelf{
		pb.Thing_THING_COMMONS: {Read: phoneCommons, Most: mostCommons},
	}},
	{pb.File_undring_v1_notification_proto.Services().ByName("NotificationService"), map[pb.Thing]offline.Shelf{
		pb.Thing_THING_NOTIFICATION: {Read: notify.PhoneNotices},
		pb.Thing_THING_PREFERENCES:  {Read: notify.PhonePreferences},
	}},
	{nil, map[pb.Thing]offline.Shelf{
		pb.Thing_THING_ME:     {Read: session.PhoneMe},
		pb.Thing_THING_SCHOOL: {Read: phoneSchools},
	}},
}

// PhoneCalls are the calls that wait on a phone for a network, by the names of
// their requests. Push takes these and no others; what has to be answered at once, such as
// signing in, is not among them.
func PhoneCalls() map[protoreflect.FullName]string {
	var services []protoreflect.ServiceDescriptor
	for _, r := range onPhones {
		if r.calls != nil {
			services = append(services, r.calls)
		}
	}
	return offline.CallsOf(services...)
}

// newPhones puts the room together that phones live by: it knows no other, and
// is handed what it needs of them. Package offline imports none of the rooms: it would
// otherwise depend on every one of them.
func (s *Server) newPhones(secrets [][]byte, readings school.Readings) (*offline.Service, error) {
	shelves := map[pb.Thing]offline.Shelf{}
	for _, r := range onPhones {
		maps.Copy(shelves, r.things)
	}
	return offline.NewService(offline.Options{
		DB: s.o.DB, Now: s.o.Now, Secrets: secrets, Log: s.o.Log,
		Invoke: s.invoke, Ended: s.sessions.Ended,
		Refuse: func(ctx context.Context, refusal error) error {
			language := languageOf(ctx)
			if actor, err := school.ActorFrom(ctx); err == nil {
				language = actor.Language
			}
			return answer(refusal, language, "")
		},
		Calls: PhoneCalls(), Shelves: shelves, Readings: readings,
	})
}

// phoneSchools reads the caller's schools: what each is made of, and its prompts. All in
// the batch of the pull: whoever belongs to a school is read in the same flight, so that a
// place that has just ended shows.
func phoneSchools(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, now time.Time) func(uuid.UUID) (*pb.Change, error) {
	as := session.QueueActor(b, actor)
	schools := school.PhoneSchools(b, actor, ids, now)
	prompts := feedback.PhonePrompts(b, actor, ids)
	lessons := observation.PhoneLessons(b, actor, ids, now)
	return func(id uuid.UUID) (*pb.Change, error) {
		if !as.Belongs(id) {
			return nil, nil
		}
		kept := schools(*as, id)
		if as.Serves(id) {
			kept.Prompts, kept.OpenLessons = prompts(*as, id), lessons(*as, id)
		}
		return &pb.Change{What: &pb.Change_School{School: kept}}, nil
	}
}

// phoneCommons reads what the caller's schools work on together: to whoever only
// represents others there, nothing.
func phoneCommons(b *pgx.Batch, actor school.Actor, ids []uuid.UUID, now time.Time) func(uuid.UUID) (*pb.Change, error) {
	as := session.QueueActor(b, actor)
	needs, areas := focus.PhoneNeeds(b, actor, ids, now), focus.PhoneAreas(b, actor, ids, now)
	learnings, rounds := learning.PhoneLearnings(b, actor, ids, now), learning.PhoneRounds(b, actor, ids, now)
	meetings := learning.PhoneMeetings(b, actor, ids, now)
	return func(id uuid.UUID) (*pb.Change, error) {
		if !as.Serves(id) {
			return nil, nil
		}
		met, norms := meetings(id)
		return &pb.Change{What: &pb.Change_Commons{Commons: &pb.Commons{
			SchoolId: id.String(), Needs: needs(id), FocusAreas: areas(id), Learnings: learnings(id), ActionRounds: rounds(id),
			Meetings: met, MeetingNorms: norms,
		}}}, nil
	}
}

// invoke makes a call as whoever the context belongs to, by the very chain that a
// call from outside goes through, with a line in the log of its own. So a request pushed in
// a batch is judged exactly as one that came by itself, limits and access included.
func (s *Server) invoke(ctx context.Context, method string, req proto.Message) (proto.Message, error) {
	// What the call says in its header is not the batch's.
	ctx = grpc.NewContextWithServerTransportStream(ctx, nil)
	reply, err := s.calls[method](ctx, req, s.chain)
	if err != nil {
		return nil, err
	}
	return reply.(proto.Message), nil
}

// chain is what every call goes through, the outer end first. It is a function and not
// grpc's list of interceptors, so that a call from inside can go through it as well.
func (s *Server) chain(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	for _, link := range []grpc.UnaryServerInterceptor{s.check, s.identify, s.limitTime, s.share, s.account} {
		next := handle
		handle = func(ctx context.Context, req any) (any, error) { return link(ctx, req, info, next) }
	}
	return handle(ctx, req)
}
