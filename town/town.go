package town

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
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
type Clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// town is a server with a school, for one test: teachers Kari, Ola and Nils,
// leaders Liv and Leif, and an administrator, Arne.
type Town struct {
	T      testing.TB
	DB     *pgtest.Instance
	Server *server.Server
	Log    *bytes.Buffer
	Clock  *Clock
	Owner  uuid.UUID
	School uuid.UUID

	Key  ed25519.PrivateKey
	Conn *grpc.ClientConn
	Seen *tracing.Tracing
	Mark func(any) // is shown each request as it goes out; nil: nobody

	Kari, Ola, Nils, Liv, Leif, Arne *Person
}

// person is somebody with a phone.
type Person struct {
	ID    string
	Name  string
	Token string
	until time.Time // the token is good for so long
	Town  *Town
	Conn  *grpc.ClientConn
	pb.SessionServiceClient
	pb.SchoolServiceClient
	pb.ObservationServiceClient
	pb.FeedbackServiceClient
	pb.LearningServiceClient
	pb.SyncServiceClient
	pb.CultureServiceClient
}

// tuesday is when a town begins: an ordinary school day, at nine in Oslo.
var Tuesday = time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)

func New(t testing.TB) *Town { return NewWith(t, postgres.Options{MaxConns: 8}) }

// newTownBy is a town whose people come from a provider.
func NewBy(t testing.TB, p *session.Provider) *Town {
	return newTownOf(t, postgres.Options{MaxConns: 8}, p)
}

func NewWith(t testing.TB, o postgres.Options) *Town { return newTownOf(t, o) }

// newTracedTown is one whose traces go to a collector. Stopped, its tracing has sent
// all.
func NewTraced(t testing.TB, c *tracingtest.Collector) *Town {
	t.Helper()
	endpoint := func(string) string { return c.URL }
	seen, err := tracing.Start(t.Context(), endpoint, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seen.Stop)
	w := &Town{T: t, Seen: seen}
	w.found(postgres.Options{MaxConns: 8, Tracer: seen.Statements()})
	return w
}

func newTownOf(t testing.TB, o postgres.Options, providers ...*session.Provider) *Town {
	t.Helper()
	w := &Town{T: t}
	w.found(o, providers...)
	return w
}

// found makes the town's database, its server and its first people.
func (w *Town) found(o postgres.Options, providers ...*session.Provider) {
	t := w.T
	t.Helper()
	w.DB, w.Log, w.Clock, w.Owner, w.School = pgtest.NewWith(t, o), new(bytes.Buffer), &Clock{at: Tuesday}, NewID(), NewID()
	var err error
	if _, w.Key, err = ed25519.GenerateKey(nil); err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		p.Owner = w.Owner
	}
	w.Server, w.Conn = w.Serve(w.Owner, providers)
	w.SQL("insert into school_owner values ($1, 'Fjordvik kommune')", w.Owner)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Fjordvik skole', $3)", w.Owner, w.School, Tuesday)
	w.Kari = w.Settle("Kari", "Berg", "TEACHER")
	w.Ola = w.Settle("Ola", "Dahl", "TEACHER")
	w.Nils = w.Settle("Nils", "Eide", "TEACHER")
	w.Liv = w.Settle("Liv", "Foss", "LEADER")
	w.Leif = w.Settle("Leif", "Gran", "LEADER")
	w.Arne = w.Settle("Arne", "Hagen", "ADMINISTRATOR")
}

// serve runs a server of the town's, which lets people of one owner in.
func (w *Town) Serve(owner uuid.UUID, providers []*session.Provider) (*server.Server, *grpc.ClientConn) {
	w.T.Helper()
	s, err := server.New(server.Options{
		Providers: providers, Tracing: w.Seen,
		DB: w.DB.DB, Culture: w.DB.Open(w.T, w.DB.CultureURL), Metrics: w.DB.Open(w.T, w.DB.MetricsURL), Now: w.Clock.Now, NewID: NewID, Keys: []ed25519.PrivateKey{w.Key}, Demo: owner,
		Log: slog.New(slog.NewJSONHandler(&locked{w: w.Log}, nil)),
	})
	if err != nil {
		w.T.Fatalf("putting the server together: %v", err)
	}
	listener := bufconn.Listen(64 << 10)
	go func() { _ = s.GRPC().Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///town", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithUnaryInterceptor(func(ctx context.Context, name string, req, reply any, conn *grpc.ClientConn, send grpc.UnaryInvoker, o ...grpc.CallOption) error {
			if w.Mark != nil {
				w.Mark(req)
			}
			return send(ctx, name, req, reply, conn, o...)
		}))
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		conn.Close()
		s.GRPC().Stop()
	})
	return s, conn
}

// settle lets somebody move to town, a year ago.
func (w *Town) Settle(given, family, role string) *Person {
	return w.SettleAt(w.Conn, w.Owner, w.School, given, family, role)
}

// settleAt lets somebody move to a school, by a server that lets them in.
func (w *Town) SettleAt(conn *grpc.ClientConn, owner, school uuid.UUID, given, family, role string) *Person {
	id := NewID()
	w.SQL("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, $3, $4, lower($3) || '@fjordvik.example', $5)",
		owner, id, given, family, Tuesday)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, $4, $5)",
		owner, school, id, role, Tuesday.AddDate(-1, 0, 0))
	return w.Phone(conn, id, given)
}

func (w *Town) Phone(conn *grpc.ClientConn, id uuid.UUID, name string) *Person {
	p := &Person{ID: id.String(), Name: name, Town: w, Conn: conn,
		SessionServiceClient: pb.NewSessionServiceClient(conn), SchoolServiceClient: pb.NewSchoolServiceClient(conn),
		ObservationServiceClient: pb.NewObservationServiceClient(conn), FeedbackServiceClient: pb.NewFeedbackServiceClient(conn),
		LearningServiceClient: pb.NewLearningServiceClient(conn), SyncServiceClient: pb.NewSyncServiceClient(conn),
		CultureServiceClient: pb.NewCultureServiceClient(conn)}
	p.SignInAnew()
	return p
}

func (p *Person) SignInAnew() {
	in, err := p.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.ID}})
	if err != nil {
		p.Town.T.Fatalf("%s signs in: %v", p.Name, err)
	}
	p.Token, p.until = in.GetAccessToken(), in.GetAccessTokenExpireTime().AsTime()
}

func (w *Town) SQL(sql string, args ...any) {
	w.T.Helper()
	if _, err := w.DB.Owner.Exec(context.Background(), sql, args...); err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
}

// one reads one value from above.
func One[T any](w *Town, sql string, args ...any) T {
	w.T.Helper()
	rows, err := w.DB.Owner.Query(context.Background(), sql, args...)
	if err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
	return v
}

// ctx is a call of the person's, who signs in again when their time is over. Not
// for several goroutines.
func (p *Person) Ctx() context.Context {
	if !p.Town.Clock.Now().Before(p.until) {
		p.SignInAnew()
	}
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+p.Token)
}

func (p *Person) In(language string) context.Context {
	return metadata.AppendToOutgoingContext(p.Ctx(), "accept-language", language)
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

func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
func Req() string      { return uuid.NewString() }

// outcome is what came of a call.
type Outcome[T any] struct {
	Reply T
	Err   error
}

func Try[T any](reply T, err error) Outcome[T] { return Outcome[T]{reply, err} }

// ok is the reply, which has to come.
func (o Outcome[T]) OK(t testing.TB) T {
	t.Helper()
	if o.Err != nil {
		t.Fatalf("refused: %s, missing %v: %v", ReasonOf(o.Err), MissingOf(o.Err), o.Err)
	}
	return o.Reply
}

// refused is the refusal, which has to come, by its reason.
func (o Outcome[T]) Refused(t testing.TB, code codes.Code, reason string) error {
	t.Helper()
	if status.Code(o.Err) != code || ReasonOf(o.Err) != reason {
		t.Fatalf("got %s / %q (%v), want %s / %s", status.Code(o.Err), ReasonOf(o.Err), o.Err, code, reason)
	}
	return o.Err
}

// reasonOf is the reason of a refusal as a client reads it.
func ReasonOf(err error) string {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

// missingOf lists the types of what a refusal says is missing.
func MissingOf(err error) []string {
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
func (w *Town) Lesson(after time.Duration) (*timestamppb.Timestamp, *timestamppb.Timestamp) {
	start := w.Clock.Now().Add(after)
	return timestamppb.New(start), timestamppb.New(start.Add(45 * time.Minute))
}

// visit is a visit that a test follows.
type Visit struct {
	*Town
	ID                 string
	Observer, Observed *Person
	Note, Question     string // a note of what was seen; a wondering question
}

func (w *Town) Propose(observer, observed *Person, after time.Duration) *Visit {
	w.T.Helper()
	v := &Visit{Town: w, ID: NewID().String(), Observer: observer, Observed: observed}
	start, end := w.Lesson(after)
	Try(observer.ProposeObservation(observer.Ctx(), &pb.ProposeObservationRequest{
		Id: v.ID, RequestId: Req(), SchoolId: w.School.String(), ObserverId: observer.ID, ObservedId: observed.ID,
		StartTime: start, EndTime: end, Place: "Rom 204",
	})).OK(w.T)
	return v
}

func (v *Visit) SetFocus() *Visit {
	v.T.Helper()
	Try(v.Observed.SetFocus(v.Observed.Ctx(), &pb.SetFocusRequest{
		ObservationId: v.ID, RequestId: Req(), FocusQuestion: Focus, Intention: "Mindre lærerprat gir flere stemmer.",
	})).OK(v.T)
	return v
}

// agree has the card written and the visit agreed to.
func (v *Visit) Agree() *Visit {
	v.T.Helper()
	v.SetFocus()
	Try(v.Observed.AcceptObservation(v.Observed.Ctx(), &pb.AcceptObservationRequest{ObservationId: v.ID, RequestId: Req()})).OK(v.T)
	return v
}

// observe moves the clock to the lesson and notes what is seen.
func (v *Visit) Observe() *Visit {
	v.T.Helper()
	o := v.Get(v.Observer)
	v.Clock.Set(o.GetStartTime().AsTime().Add(10 * time.Minute))
	v.Note = v.Save(pb.NoteKind_NOTE_KIND_SAW, "Fire elever svarte; de samme to ganger.")
	return v
}

func (v *Visit) Save(kind pb.NoteKind, text string) string {
	v.T.Helper()
	return Try(v.Observer.SaveNote(v.Observer.Ctx(), &pb.SaveNoteRequest{
		RequestId: Req(), ObservationId: v.ID, Kind: kind, Text: text,
	})).OK(v.T).GetNote().GetId()
}

func (v *Visit) Gift() *pb.GiveFeedbackRequest {
	v.Question = NewID().String()
	return &pb.GiveFeedbackRequest{
		ObservationId: v.ID, RequestId: Req(),
		Points:    []*pb.FeedbackPointDraft{{Text: "Da du ventet, kom to nye hender.", NoteIds: []string{v.Note}}},
		Questions: []*pb.QuestionDraft{{Id: v.Question, Text: Wondering}},
	}
}

func (v *Visit) Give() *Visit {
	v.T.Helper()
	Try(v.Observer.GiveFeedback(v.Observer.Ctx(), v.Gift())).OK(v.T)
	return v
}

// TryGive hands feedback over that may be refused.
func (v *Visit) TryGive(r *pb.GiveFeedbackRequest) Outcome[*pb.GiveFeedbackResponse] {
	return Try(v.Observer.GiveFeedback(v.Observer.Ctx(), r))
}

func (v *Visit) Open() *Visit {
	v.T.Helper()
	Try(v.Observed.RecordOwnView(v.Observed.Ctx(), &pb.RecordOwnViewRequest{
		ObservationId: v.ID, RequestId: Req(), View: &pb.RecordOwnViewRequest_Text{Text: "Roligere enn jeg trodde."},
	})).OK(v.T)
	return v
}

func (v *Visit) Answer(question string) *pb.Observation {
	v.T.Helper()
	return Try(v.Observed.AnswerQuestion(v.Observed.Ctx(), &pb.AnswerQuestionRequest{
		QuestionId: question, RequestId: Req(), Answer: &pb.AnswerQuestionRequest_Text{Text: "Jeg ser det annerledes."},
	})).OK(v.T).GetObservation()
}

func (v *Visit) TakeAway(p *Person) *pb.Observation {
	v.T.Helper()
	return Try(p.RecordTakeaway(p.Ctx(), &pb.RecordTakeawayRequest{
		ObservationId: v.ID, RequestId: Req(), Text: "Å vente lenger.", Borrowed: "Stillheten.", Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE,
	})).OK(v.T).GetObservation()
}

func (v *Visit) Get(p *Person) *pb.Observation {
	v.T.Helper()
	return Try(p.GetObservation(p.Ctx(), &pb.GetObservationRequest{ObservationId: v.ID})).OK(v.T).GetObservation()
}

func (v *Visit) Exchange(p *Person) *pb.Exchange {
	v.T.Helper()
	return Try(p.GetExchange(p.Ctx(), &pb.GetExchangeRequest{ObservationId: v.ID})).OK(v.T).GetExchange()
}

func WantState(t testing.TB, o *pb.Observation, want pb.ObservationState) {
	t.Helper()
	if o.GetState() != want {
		t.Fatalf("the visit is %s, want %s", o.GetState(), want)
	}
}

func Talk(minutes int) *durationpb.Duration {
	return durationpb.New(time.Duration(minutes) * time.Minute)
}

const (
	Wondering = "Hva tror du skjedde med samtalen da du satte deg ned sammen med dem?"
	Focus     = "Hvem får ordet i klassen min?"
)

func CancelOf(v *Visit) *pb.CancelObservationRequest {
	return &pb.CancelObservationRequest{ObservationId: v.ID, RequestId: Req()}
}

// proposeLate is a proposal of Kari's that waits for Ola as observer, its card
// written.
func (w *Town) ProposeLate() *Visit {
	w.T.Helper()
	v := &Visit{Town: w, ID: NewID().String(), Observer: w.Ola, Observed: w.Kari}
	start, end := w.Lesson(30 * time.Hour)
	Try(w.Kari.ProposeObservation(w.Kari.Ctx(), &pb.ProposeObservationRequest{
		Id: v.ID, RequestId: Req(), SchoolId: w.School.String(), ObserverId: w.Ola.ID, ObservedId: w.Kari.ID,
		StartTime: start, EndTime: end, FocusQuestion: Focus,
	})).OK(w.T)
	return v
}

func (w *Town) VisitsOf(p *Person) []*pb.Observation {
	w.T.Helper()
	return Try(p.ListObservations(p.Ctx(), &pb.ListObservationsRequest{})).OK(w.T).GetObservations()
}

func (v *Visit) Decline() (*pb.DeclineObservationResponse, error) {
	return v.Observed.DeclineObservation(v.Observed.Ctx(), &pb.DeclineObservationRequest{ObservationId: v.ID, RequestId: Req()})
}

func (w *Town) Metrics() string {
	scraped := httptest.NewRecorder()
	w.Server.Admin().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return scraped.Body.String()
}

func Column(t *testing.T, db *pgtest.Instance, sql string) []string {
	t.Helper()
	rows, err := db.Owner.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}
