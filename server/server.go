package server

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"connectrpc.com/vanguard"
	"connectrpc.com/vanguard/vanguardgrpc"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"undring/culture"
	"undring/desk"
	"undring/fair"
	"undring/feedback"
	"undring/focus"
	pb "undring/gen/undring/v1"
	"undring/learning"
	"undring/notify"
	"undring/observation"
	"undring/offline"
	"undring/postgres"
	"undring/privacy"
	"undring/school"
	"undring/session"
	"undring/tracing"
)

// Limits of the server. Each bounds what one caller can hold of it.
const (
	// deadline is how long a call may take when its caller does not say, and at
	// most.
	deadline = 10 * time.Second
	// rosterTime is the same for a roster: 20,000 people take some seconds.
	rosterTime = 30 * time.Second
	// comeBack is how long to wait before the jobs are begun anew.
	comeBack = 5 * time.Second
	// stopTime is how long calls under way may take to end when the server
	// stops.
	stopTime = 10 * time.Second
)

// Options say what a server is made of. Everything comes from outside, so that a test has
// its own clock, database and keys, and a demo differs from a school's server by its
// options alone.
type Options struct {
	DB *postgres.DB
	// Culture and Metrics are the database for the roles undring_culture and
	// undring_metrics: what counts, and what reads the published sheets.
	Culture *postgres.DB
	Metrics *postgres.DB
	Now     func() time.Time
	// Outside is where mail and pushes go.
	Outside notify.Outside
	// ClockMoved says that Now is not the machine's clock: a demo's, or a test's.
	ClockMoved bool
	// JobPoll is how often the jobs ask for what is due; 0: each second.
	JobPoll time.Duration
	NewID   func() uuid.UUID
	// Keys sign tokens: the first one does, the others did before it and still
	// count.
	Keys []ed25519.PrivateKey
	// Providers are where people may come from.
	Providers []*session.Provider
	// Demo is the school owner whose invented people anyone may be; the nil UUID
	// for a server that is not a demo.
	Demo uuid.UUID
	// Proxies are those whose word is taken on where a call comes from.
	Proxies []netip.Prefix
	Log     *slog.Logger
	// Tracing receives a span for each call; nil: calls are not traced. Spans of
	// statements come from DB.
	Tracing *tracing.Tracing
	// Page is served at the root of the web port.
	Page http.Handler
}

// Server serves the contract. The rooms are made once and know nothing of it; only what it
// calls itself is kept here.
type Server struct {
	o        Options
	grpc     *grpc.Server
	web      http.Handler
	health   *health.Server
	calls    map[string]insideCall
	visits   *observation.Service
	sessions *session.Service
	people   *school.Service
	focus    *focus.Service
	phones   *offline.Service
	privacy  *privacy.Service
	culture  *culture.Service
	notices  *notify.Service
	attempts session.Attempts
	metrics  *metrics
	// What there is not enough of for everybody to have as much as they like.
	bytes, places, imports, unsent fair.Pool
}

// New puts a server together. It refuses to when a call has no rule of access. Nothing
// listens yet and no job runs: that is [Server.Serve].
func New(o Options) (*Server, error) {
	s := &Server{o: o, health: health.NewServer()}
	keys, err := session.NewKeys(o.Now, o.Keys...)
	if err != nil {
		return nil, fmt.Errorf("preparing the keys: %w", err)
	}
	// Counting and publishing have roles of their own in the database, and grants that keep them
	// apart: there is no figure without them.
	if o.Culture == nil || o.Metrics == nil {
		return nil, errors.New("the culture report needs the database for undring_culture and undring_metrics")
	}
	s.culture = culture.NewService(culture.Options{DB: o.DB, Culture: o.Culture, Metrics: o.Metrics, Now: o.Now, Secrets: keys.PulseSecrets(), Log: o.Log})
	s.sessions = session.NewService(session.Options{
		DB: o.DB, Now: o.Now, NewID: o.NewID, Keys: keys, Providers: o.Providers, Demo: o.Demo, Log: o.Log,
	})
	if s.metrics, err = newMetrics(o.DB); err != nil {
		return nil, fmt.Errorf("preparing the metrics: %w", err)
	}
	// The metrics come first: a call that the chain refuses counts as well.
	s.grpc = grpc.NewServer(append(append(limits(), traces(o.Tracing)...),
		grpc.ForceServerCodecV2(countingCodec()),
		grpc.InTapHandle(s.meet),
		grpc.ChainUnaryInterceptor(s.metrics.calls.UnaryServerInterceptor(), s.chain),
		grpc.ChainStreamInterceptor(s.metrics.calls.StreamServerInterceptor(), s.accountStream),
	)...)
	s.calls = map[string]insideCall{}
	contract := strict{s.grpc, s}
	pb.RegisterSessionServiceServer(contract, s.sessions)
	s.people = school.NewService(o.DB, o.Now, o.NewID, keys.InvitationSecrets())
	// What is remembered of who somebody is has to go when they are moved.
	s.people.WhenMoved(s.sessions.ForgetPerson)
	if o.Demo != uuid.Nil {
		s.people.ReachThisMachine()
	}
	pb.RegisterSchoolServiceServer(contract, s.people)
	s.visits = observation.NewService(o.DB, o.Now, o.NewID)
	pb.RegisterObservationServiceServer(contract, s.visits)
	s.focus = focus.NewService(o.DB, o.Now, o.NewID)
	pb.RegisterFocusServiceServer(contract, s.focus)
	exchanges := feedback.NewService(o.DB, o.Now, o.NewID)
	pb.RegisterFeedbackServiceServer(contract, exchanges)
	// One memory for all that send words: what one has written down, no other writes again.
	readings := privacy.NewReadings()
	s.visits.NoteReadings(readings)
	exchanges.NoteReadings(readings)
	s.privacy = privacy.NewService(privacy.Options{DB: o.DB, Now: o.Now, NewID: o.NewID, Tables: Tables(), Gone: s.sessions.ForgetPerson})
	pb.RegisterPrivacyServiceServer(contract, s.privacy)
	pb.RegisterAdminServiceServer(contract, desk.NewService(o.DB, s.people, s.sessions, o.Now))
	pb.RegisterLearningServiceServer(contract, learning.NewService(o.DB, o.Now, o.NewID))
	s.notices = notify.NewService(notify.Options{
		DB: o.DB, Now: o.Now, NewID: o.NewID, Log: o.Log, Steps: steps, Years: years, Appointments: appointments,
		Outside: o.Outside, Count: s.metrics.countMessage,
		Secrets: keys.LinkSecrets(), Loopback: o.Demo != uuid.Nil, Moved: o.ClockMoved, Poll: o.JobPoll, StopTime: stopTime,
	})
	pb.RegisterNotificationServiceServer(contract, s.notices)
	if s.phones, err = s.newPhones(keys.CursorSecrets(), readings); err != nil {
		return nil, fmt.Errorf("preparing what phones live by: %w", err)
	}
	if err := s.metrics.tell(s.phones, s.culture); err != nil {
		return nil, fmt.Errorf("preparing the metrics: %w", err)
	}
	pb.RegisterSyncServiceServer(contract, s.phones)
	pb.RegisterCultureServiceServer(contract, s.culture)
	healthpb.RegisterHealthServer(contract, s.health)
	// Whoever tries Undring out may look around; elsewhere the public port does not describe
	// itself.
	if o.Demo != uuid.Nil {
		reflection.Register(s.grpc)
	}
	if err := everyCallHasARule(s.grpc); err != nil {
		return nil, err
	}
	s.metrics.calls.InitializeMetrics(s.grpc)
	if err := s.openWeb(keys); err != nil {
		return nil, err
	}
	return s, nil
}

// openWeb makes the handler of the web port: the same calls for browsers, and the addresses that
// no client of the contract asks for. It comes once every service is registered, since the
// transcoder finds its calls there.
func (s *Server) openWeb(keys session.Keys) error {
	// JSON is read by the transcoder, not by a codec of grpc's: that would answer
	// what is not JSON with INTERNAL, and not with INVALID_ARGUMENT.
	rpc, err := vanguardgrpc.NewTranscoder(s.grpc,
		vanguard.WithUnknownHandler(page(s.o.Page)), vanguard.WithCodec(newJSONCodec),
		vanguard.WithCompression(gzip.Name, newGzip, newNoGzip),
		vanguard.WithDefaultServiceOptions(vanguard.WithMaxMessageBufferBytes(maxRoster)))
	if err != nil {
		return fmt.Errorf("preparing the web port: %w", err)
	}
	web := http.NewServeMux()
	web.Handle("GET /.well-known/jwks.json", keys)
	web.Handle(pb.SyncService_Watch_FullMethodName, s.watch())
	web.Handle("GET "+notify.FeedPath+"{link}", s.inPlace(s.notices.Calendar()))
	web.Handle("GET "+notify.OutPath+"{link}", s.inPlace(s.notices.Unsubscribe()))
	web.Handle("POST "+notify.OutPath+"{link}", s.inPlace(s.notices.Unsubscribe()))
	web.Handle("/", plainJSON(rpc))
	s.web = s.takeIn(web)
	return nil
}

// GRPC is the server of the gRPC port.
func (s *Server) GRPC() *grpc.Server { return s.grpc }

// Web is the handler of the web port: the same calls as gRPC-Web, Connect and
// JSON, and the page.
func (s *Server) Web() http.Handler { return s.web }

// Serve listens until ctx ends. Then it reports itself as not serving, takes no
// new call, lets those under way end for a bounded time, and returns nil. If a listener
// fails, it ends in the same way and returns why (G17).
func (s *Server) Serve(ctx context.Context, rpc, web, admin net.Listener) error {
	webServer := &http.Server{Handler: s.web, ConnContext: seated, ReadHeaderTimeout: introduction, ReadTimeout: longestRequest, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: maxHeaders, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams}}
	adminServer := &http.Server{Handler: s.Admin(), ReadHeaderTimeout: introduction, Protocols: adminProtocols()}
	failed := make(chan error, 3)
	go func() { failed <- s.grpc.Serve(limitCrowd(rpc, strangersMost)) }()
	go func() { failed <- webServer.Serve(limitCrowd(web, 0)) }()
	go func() { failed <- adminServer.Serve(admin) }()
	working, stopWorking := context.WithCancel(ctx)
	worked := make(chan struct{})
	go func() { s.work(working); close(worked) }()
	noticed := make(chan struct{})
	go func() { s.Notify(working); close(noticed) }()
	watched := make(chan struct{})
	go func() { s.watchDatabase(working); close(watched) }()

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("listening: %w", err)
	}
	stopWorking()
	<-watched
	s.health.Shutdown()
	// The context is over already: what is left to do has a time of its own.
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	s.phones.Stop() // their streams would never end by themselves
	// A call that came over the web port is grpc's too, all but Watch; its connection is
	// http's. Before grpc's: calls of the web port run on the grpc server, and need it
	// until they are answered.
	_ = webServer.Shutdown(stop)
	_ = adminServer.Shutdown(stop)
	graceful := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(graceful) }()
	select {
	case <-graceful:
	case <-stop.Done():
		s.grpc.Stop()
		<-graceful
	}
	<-worked
	<-noticed
	return err
}

// Look sends one person what is due by now, see [notify.Service.Look]. For tests, which
// would otherwise wait for the time at which it is due.
func (s *Server) Look(ctx context.Context, owner, person uuid.UUID) error {
	return s.notices.Look(ctx, owner, person)
}

// Notify sends people what is due, until ctx ends. A server that can't, for want of its
// database, tries again: calls are served meanwhile.
func (s *Server) Notify(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.notices.Work(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		s.o.Log.LogAttrs(ctx, slog.LevelError, "a job failed", slog.String("job", "notify"), slog.String("error", err.Error()))
		select {
		case <-ctx.Done():
		case <-time.After(comeBack):
		}
	}
}
