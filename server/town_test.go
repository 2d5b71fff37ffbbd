package server_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/server"
	"undring/session"
	"undring/tracing"
	"undring/tracing/tracingtest"
)

// clock is the time of a town: it stands until somebody moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// town is a server with a school, for one test: teachers Kari, Ola and Nils,
// leaders Liv and Leif, and an administrator, Arne.
type town struct {
	t      testing.TB
	db     *pgtest.Instance
	server *server.Server
	log    *bytes.Buffer
	clock  *clock
	owner  uuid.UUID
	school uuid.UUID

	key  ed25519.PrivateKey
	conn *grpc.ClientConn
	seen *tracing.Tracing
	mark func(any) // is shown each request as it goes out; nil: nobody

	kari, ola, nils, liv, leif, arne *person
}

// person is somebody with a phone.
type person struct {
	id    string
	name  string
	token string
	until time.Time // the token is good for so long
	town  *town
	conn  *grpc.ClientConn
	pb.SessionServiceClient
	pb.SchoolServiceClient
	pb.ObservationServiceClient
	pb.FeedbackServiceClient
	pb.LearningServiceClient
	pb.SyncServiceClient
	pb.CultureServiceClient
}

// tuesday is when a town begins: an ordinary school day, at nine in Oslo.
var tuesday = time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)

func newTown(t testing.TB) *town { return newTownWith(t, postgres.Options{MaxConns: 8}) }

// newTownBy is a town whose people come from a provider.
func newTownBy(t testing.TB, p *session.Provider) *town {
	return newTownOf(t, postgres.Options{MaxConns: 8}, p)
}

func newTownWith(t testing.TB, o postgres.Options) *town { return newTownOf(t, o) }

// newTracedTown is one whose traces go to a collector. Stopped, its tracing has sent
// all.
func newTracedTown(t testing.TB, c *tracingtest.Collector) *town {
	t.Helper()
	endpoint := func(string) string { return c.URL }
	seen, err := tracing.Start(t.Context(), endpoint, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seen.Stop)
	w := &town{t: t, seen: seen}
	w.found(postgres.Options{MaxConns: 8, Tracer: seen.Statements()})
	return w
}

func newTownOf(t testing.TB, o postgres.Options, providers ...*session.Provider) *town {
	t.Helper()
	w := &town{t: t}
	w.found(o, providers...)
	return w
}

// found makes the town's database, its server and its first people.
func (w *town) found(o postgres.Options, providers ...*session.Provider) {
	t := w.t
	t.Helper()
	w.db, w.log, w.clock, w.owner, w.school = pgtest.NewWith(t, o), new(bytes.Buffer), &clock{at: tuesday}, newID(), newID()
	var err error
	if _, w.key, err = ed25519.GenerateKey(nil); err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		p.Owner = w.owner
	}
	w.server, w.conn = w.serve(w.owner, providers)
	w.sql("insert into school_owner values ($1, 'Fjordvik kommune')", w.owner)
	w.sql("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Fjordvik skole', $3)", w.owner, w.school, tuesday)
	w.kari = w.settle("Kari", "Berg", "TEACHER")
	w.ola = w.settle("Ola", "Dahl", "TEACHER")
	w.nils = w.settle("Nils", "Eide", "TEACHER")
	w.liv = w.settle("Liv", "Foss", "LEADER")
	w.leif = w.settle("Leif", "Gran", "LEADER")
	w.arne = w.settle("Arne", "Hagen", "ADMINISTRATOR")
}

// serve runs a server of the town's, which lets people of one owner in.
func (w *town) serve(owner uuid.UUID, providers []*session.Provider) (*server.Server, *grpc.ClientConn) {
	w.t.Helper()
	s, err := server.New(server.Options{
		Providers: providers, Tracing: w.seen,
		DB: w.db.DB, Culture: w.db.Open(w.t, w.db.CultureURL), Metrics: w.db.Open(w.t, w.db.MetricsURL), Now: w.clock.now, NewID: newID, Keys: []ed25519.PrivateKey{w.key}, Demo: owner,
		Log: slog.New(slog.NewJSONHandler(&locked{w: w.log}, nil)),
	})
	if err != nil {
		w.t.Fatalf("putting the server together: %v", err)
	}
	listener := bufconn.Listen(64 << 10)
	go func() { _ = s.GRPC().Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///town", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithUnaryInterceptor(func(ctx context.Context, name string, req, reply any, conn *grpc.ClientConn, send grpc.UnaryInvoker, o ...grpc.CallOption) error {
			if w.mark != nil {
				w.mark(req)
			}
			return send(ctx, name, req, reply, conn, o...)
		}))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		conn.Close()
		s.GRPC().Stop()
	})
	return s, conn
}

// settle lets somebody move to town, a year ago.
func (w *town) settle(given, family, role string) *person {
	return w.settleAt(w.conn, w.owner, w.school, given, family, role)
}

// settleAt lets somebody move to a school, by a server that lets them in.
func (w *town) settleAt(conn *grpc.ClientConn, owner, school uuid.UUID, given, family, role string) *person {
	id := newID()
	w.sql("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, $3, $4, lower($3) || '@fjordvik.example', $5)",
		owner, id, given, family, tuesday)
	w.sql("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, $4, $5)",
		owner, school, id, role, tuesday.AddDate(-1, 0, 0))
	return w.phone(conn, id, given)
}

func (w *town) phone(conn *grpc.ClientConn, id uuid.UUID, name string) *person {
	p := &person{id: id.String(), name: name, town: w, conn: conn,
		SessionServiceClient: pb.NewSessionServiceClient(conn), SchoolServiceClient: pb.NewSchoolServiceClient(conn),
		ObservationServiceClient: pb.NewObservationServiceClient(conn), FeedbackServiceClient: pb.NewFeedbackServiceClient(conn),
		LearningServiceClient: pb.NewLearningServiceClient(conn), SyncServiceClient: pb.NewSyncServiceClient(conn),
		CultureServiceClient: pb.NewCultureServiceClient(conn)}
	p.signIn()
	return p
}

func (p *person) signIn() {
	in, err := p.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.id}})
	if err != nil {
		p.town.t.Fatalf("%s signs in: %v", p.name, err)
	}
	p.token, p.until = in.GetAccessToken(), in.GetAccessTokenExpireTime().AsTime()
}

func (w *town) sql(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Owner.Exec(context.Background(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// one reads one value from above.
func one[T any](w *town, sql string, args ...any) T {
	w.t.Helper()
	rows, err := w.db.Owner.Query(context.Background(), sql, args...)
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// ctx is a call of the person's, who signs in again when their time is over. Not
// for several goroutines.
func (p *person) ctx() context.Context {
	if !p.town.clock.now().Before(p.until) {
		p.signIn()
	}
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+p.token)
}

func (p *person) in(language string) context.Context {
	return metadata.AppendToOutgoingContext(p.ctx(), "accept-language", language)
}

type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
func req() string      { return uuid.NewString() }

// outcome is what came of a call.
type outcome[T any] struct {
	reply T
	err   error
}

func try[T any](reply T, err error) outcome[T] { return outcome[T]{reply, err} }

// ok is the reply, which has to come.
func (o outcome[T]) ok(t testing.TB) T {
	t.Helper()
	if o.err != nil {
		t.Fatalf("refused: %s, missing %v: %v", reasonOf(o.err), missingOf(o.err), o.err)
	}
	return o.reply
}

// refused is the refusal, which has to come, by its reason.
func (o outcome[T]) refused(t testing.TB, code codes.Code, reason string) error {
	t.Helper()
	if status.Code(o.err) != code || reasonOf(o.err) != reason {
		t.Fatalf("got %s / %q (%v), want %s / %s", status.Code(o.err), reasonOf(o.err), o.err, code, reason)
	}
	return o.err
}

// reasonOf is the reason of a refusal as a client reads it.
func reasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// missingOf lists the types of what a refusal says is missing.
func missingOf(err error) []string {
	var out []string
	for _, d := range status.Convert(err).Details() {
		if f, ok := d.(*errdetails.PreconditionFailure); ok {
			for _, v := range f.GetViolations() {
				out = append(out, v.GetType())
			}
		}
	}
	return out
}

// lesson is a lesson so long after the clock, of 45 minutes.
func (w *town) lesson(after time.Duration) (*timestamppb.Timestamp, *timestamppb.Timestamp) {
	start := w.clock.now().Add(after)
	return timestamppb.New(start), timestamppb.New(start.Add(45 * time.Minute))
}

// visit is a visit that a test follows.
type visit struct {
	*town
	id                 string
	observer, observed *person
	note, question     string // a note of what was seen; a wondering question
}

func (w *town) propose(observer, observed *person, after time.Duration) *visit {
	w.t.Helper()
	v := &visit{town: w, id: newID().String(), observer: observer, observed: observed}
	start, end := w.lesson(after)
	try(observer.ProposeObservation(observer.ctx(), &pb.ProposeObservationRequest{
		Id: v.id, RequestId: req(), SchoolId: w.school.String(), ObserverId: observer.id, ObservedId: observed.id,
		StartTime: start, EndTime: end, Place: "Rom 204",
	})).ok(w.t)
	return v
}

func (v *visit) setFocus() *visit {
	v.t.Helper()
	try(v.observed.SetFocus(v.observed.ctx(), &pb.SetFocusRequest{
		ObservationId: v.id, RequestId: req(), FocusQuestion: focus, Intention: "Mindre lærerprat gir flere stemmer.",
	})).ok(v.t)
	return v
}

// agree has the card written and the visit agreed to.
func (v *visit) agree() *visit {
	v.t.Helper()
	v.setFocus()
	try(v.observed.AcceptObservation(v.observed.ctx(), &pb.AcceptObservationRequest{ObservationId: v.id, RequestId: req()})).ok(v.t)
	return v
}

// observe moves the clock to the lesson and notes what is seen.
func (v *visit) observe() *visit {
	v.t.Helper()
	o := v.get(v.observer)
	v.clock.set(o.GetStartTime().AsTime().Add(10 * time.Minute))
	v.note = v.save(pb.NoteKind_NOTE_KIND_SAW, "Fire elever svarte; de samme to ganger.")
	return v
}

func (v *visit) save(kind pb.NoteKind, text string) string {
	v.t.Helper()
	return try(v.observer.SaveNote(v.observer.ctx(), &pb.SaveNoteRequest{
		RequestId: req(), ObservationId: v.id, Kind: kind, Text: text,
	})).ok(v.t).GetNote().GetId()
}

func (v *visit) gift() *pb.GiveFeedbackRequest {
	v.question = newID().String()
	return &pb.GiveFeedbackRequest{
		ObservationId: v.id, RequestId: req(),
		Points:    []*pb.FeedbackPointDraft{{Text: "Da du ventet, kom to nye hender.", NoteIds: []string{v.note}}},
		Questions: []*pb.QuestionDraft{{Id: v.question, Text: wondering}},
	}
}

func (v *visit) give() *visit {
	v.t.Helper()
	try(v.observer.GiveFeedback(v.observer.ctx(), v.gift())).ok(v.t)
	return v
}

func (v *visit) open() *visit {
	v.t.Helper()
	try(v.observed.RecordOwnView(v.observed.ctx(), &pb.RecordOwnViewRequest{
		ObservationId: v.id, RequestId: req(), View: &pb.RecordOwnViewRequest_Text{Text: "Roligere enn jeg trodde."},
	})).ok(v.t)
	return v
}

func (v *visit) answer(question string) *pb.Observation {
	v.t.Helper()
	return try(v.observed.AnswerQuestion(v.observed.ctx(), &pb.AnswerQuestionRequest{
		QuestionId: question, RequestId: req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Jeg ser det annerledes."},
	})).ok(v.t).GetObservation()
}

func (v *visit) takeAway(p *person) *pb.Observation {
	v.t.Helper()
	return try(p.RecordTakeaway(p.ctx(), &pb.RecordTakeawayRequest{
		ObservationId: v.id, RequestId: req(), Text: "Å vente lenger.", Borrowed: "Stillheten.", Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE,
	})).ok(v.t).GetObservation()
}

func (v *visit) get(p *person) *pb.Observation {
	v.t.Helper()
	return try(p.GetObservation(p.ctx(), &pb.GetObservationRequest{ObservationId: v.id})).ok(v.t).GetObservation()
}

func (v *visit) exchange(p *person) *pb.Exchange {
	v.t.Helper()
	return try(p.GetExchange(p.ctx(), &pb.GetExchangeRequest{ObservationId: v.id})).ok(v.t).GetExchange()
}

func wantState(t testing.TB, o *pb.Observation, want pb.ObservationState) {
	t.Helper()
	if o.GetState() != want {
		t.Fatalf("the visit is %s, want %s", o.GetState(), want)
	}
}

func talk(minutes int) *durationpb.Duration {
	return durationpb.New(time.Duration(minutes) * time.Minute)
}

const (
	wondering = "Hva tror du skjedde med samtalen da du satte deg ned sammen med dem?"
	focus     = "Hvem får ordet i klassen min?"
)

func cancelOf(v *visit) *pb.CancelObservationRequest {
	return &pb.CancelObservationRequest{ObservationId: v.id, RequestId: req()}
}

// proposeLate is a proposal of Kari's that waits for Ola as observer, its card
// written.
func (w *town) proposeLate() *visit {
	w.t.Helper()
	v := &visit{town: w, id: newID().String(), observer: w.ola, observed: w.kari}
	start, end := w.lesson(30 * time.Hour)
	try(w.kari.ProposeObservation(w.kari.ctx(), &pb.ProposeObservationRequest{
		Id: v.id, RequestId: req(), SchoolId: w.school.String(), ObserverId: w.ola.id, ObservedId: w.kari.id,
		StartTime: start, EndTime: end, FocusQuestion: focus,
	})).ok(w.t)
	return v
}

func (w *town) visitsOf(p *person) []*pb.Observation {
	w.t.Helper()
	return try(p.ListObservations(p.ctx(), &pb.ListObservationsRequest{})).ok(w.t).GetObservations()
}

func (v *visit) decline() (*pb.DeclineObservationResponse, error) {
	return v.observed.DeclineObservation(v.observed.ctx(), &pb.DeclineObservationRequest{ObservationId: v.id, RequestId: req()})
}
