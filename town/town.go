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
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	pb "undring/gen/undring/v1"
	"undring/postgres"
	"undring/postgres/pgtest"
	"undring/server"
	"undring/session"
	"undring/tracing"
	"undring/tracing/tracingtest"
)

// Clock is the time of a town: it stands until somebody moves it. The server's clock and
// the test's are the same, so that a test waits for nothing. Safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the town's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set moves the town's time, forwards or back.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Town is a server with a school, for one test: teachers Kari, Ola and Nils,
// leaders Liv and Leif, and an administrator, Arne. Log is what the server has logged so
// far, and Seen its traces; nil: none.
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
	// People are all who signed in on a phone here, with each phone once.
	People []*Person
}

// Person is somebody with a phone. The clients are embedded, so that
// w.Kari.SaveNote(w.Kari.Ctx(), …) reads as what happens.
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
	pb.FocusServiceClient
	pb.LearningServiceClient
	pb.SyncServiceClient
	pb.CultureServiceClient
	pb.PrivacyServiceClient
	pb.AdminServiceClient
	pb.NotificationServiceClient
}

// Tuesday is when a town begins: an ordinary school day, at nine in Oslo.
var Tuesday = time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)

// New is a town as most tests need it.
func New(t testing.TB) *Town { return NewWith(t, postgres.Options{MaxConns: 8}) }

// NewBy is a town whose people come from a provider.
func NewBy(t testing.TB, p *session.Provider) *Town {
	return newTownOf(t, postgres.Options{MaxConns: 8}, p)
}

// NewWith is a town with options for its database, such as a single connection.
func NewWith(t testing.TB, o postgres.Options) *Town { return newTownOf(t, o) }

// NewTraced is one whose traces go to a collector. Stopped, its tracing has sent
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

// newTownOf is a town, with providers or without.
func newTownOf(t testing.TB, o postgres.Options, providers ...*session.Provider) *Town {
	t.Helper()
	w := &Town{T: t}
	w.found(o, providers...)
	return w
}

// settled is what every town begins with: a database that a first town has filled, and
// who lives there. Founding one takes three times as long as copying it.
var settled struct {
	sync.Mutex
	is     bool
	key    ed25519.PrivateKey
	owner  uuid.UUID
	school uuid.UUID
	people []Person
}

// settledTown is the template's name in the cluster of the test binary.
const settledTown = "undring_town"

// settle founds the first town of a test binary and keeps it as a template.
func settle(t testing.TB) {
	t.Helper()
	settled.Lock()
	defer settled.Unlock()
	if settled.is {
		return
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &Town{T: t, DB: pgtest.New(t), Log: new(bytes.Buffer), Clock: &Clock{at: Tuesday}, Owner: NewID(), School: NewID(), Key: key}
	_, w.Conn = w.Serve(w.Owner, nil)
	w.SQL("insert into school_owner values ($1, 'Fjordvik kommune')", w.Owner)
	w.SQL("insert into school (owner_id, id, name, created_at) values ($1, $2, 'Fjordvik skole', $3)", w.Owner, w.School, Tuesday)
	for _, who := range []struct{ given, family, role string }{
		{"Kari", "Berg", "TEACHER"}, {"Ola", "Dahl", "TEACHER"}, {"Nils", "Eide", "TEACHER"},
		{"Liv", "Foss", "LEADER"}, {"Leif", "Gran", "LEADER"}, {"Arne", "Hagen", "ADMINISTRATOR"},
	} {
		settled.people = append(settled.people, *w.Settle(who.given, who.family, who.role))
	}
	w.DB.Keep(t, settledTown)
	settled.key, settled.owner, settled.school, settled.is = w.Key, w.Owner, w.School, true
}

// found makes the town's database, its server and its first people. People's tokens are
// copied with the database: signing six people in again would take longer than most tests.
func (w *Town) found(o postgres.Options, providers ...*session.Provider) {
	t := w.T
	t.Helper()
	settle(t)
	w.DB, w.Log, w.Clock = pgtest.From(t, settledTown, o), new(bytes.Buffer), &Clock{at: Tuesday}
	w.Key, w.Owner, w.School = settled.key, settled.owner, settled.school
	for _, p := range providers {
		p.Owner = w.Owner
	}
	w.Server, w.Conn = w.Serve(w.Owner, providers)
	for i, who := range []**Person{&w.Kari, &w.Ola, &w.Nils, &w.Liv, &w.Leif, &w.Arne} {
		p := settled.people[i]
		*who = w.phone(w.Conn, p.ID, p.Name)
		(*who).Token, (*who).until = p.Token, p.until
	}
}

// Serve runs a server of the town's, which lets people of one owner in.
func (w *Town) Serve(owner uuid.UUID, providers []*session.Provider) (*server.Server, *grpc.ClientConn) {
	w.T.Helper()
	return w.ServeWith(owner, providers, func(*server.Options) {})
}

// ServeWith runs a server with other options than the town's.
func (w *Town) ServeWith(owner uuid.UUID, providers []*session.Provider, change func(*server.Options)) (*server.Server, *grpc.ClientConn) {
	w.T.Helper()
	o := server.Options{
		Providers: providers, Tracing: w.Seen,
		DB: w.DB.DB, Culture: w.DB.Open(w.T, w.DB.CultureURL), Metrics: w.DB.Open(w.T, w.DB.MetricsURL), Now: w.Clock.Now, ClockMoved: true, JobPoll: 5 * time.Millisecond, NewID: NewID, Keys: []ed25519.PrivateKey{w.Key}, Demo: owner,
		Log: slog.New(slog.NewJSONHandler(&locked{w: w.Log}, nil)),
	}
	change(&o)
	s, err := server.New(o)
	if err != nil {
		w.T.Fatalf("putting the server together: %v", err)
	}
	// In memory: no port can be taken, and no packet is lost.
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

// Notice brings somebody a notice, of a proposal, and gives its id.
func (w *Town) Notice(to *Person) string {
	w.T.Helper()
	by := w.Ola
	if to == by {
		by = w.Nils
	}
	w.Propose(by, to, 3*time.Hour)
	w.Look(to)
	return Try(to.ListNotifications(to.Ctx(), &pb.ListNotificationsRequest{})).OK(w.T).GetNotifications()[0].GetId()
}

// Look does the job that looks after somebody. At once, where the server would wait for its
// time.
func (w *Town) Look(to *Person) {
	w.T.Helper()
	if err := w.Server.Look(w.T.Context(), w.Owner, uuid.MustParse(to.ID)); err != nil {
		w.T.Fatalf("looking after %s: %v", to.Name, err)
	}
}

// Settle lets somebody move to town, a year ago.
func (w *Town) Settle(given, family, role string) *Person {
	return w.SettleAt(w.Conn, w.Owner, w.School, given, family, role)
}

// SettleAt lets somebody move to a school, by a server that lets them in.
func (w *Town) SettleAt(conn *grpc.ClientConn, owner, school uuid.UUID, given, family, role string) *Person {
	id := NewID()
	w.SQL("insert into person (owner_id, id, given_name, family_name, email, created_at) values ($1, $2, $3, $4, lower($3) || '@fjordvik.example', $5)",
		owner, id, given, family, Tuesday)
	w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, $4, $5)",
		owner, school, id, role, Tuesday.AddDate(-1, 0, 0))
	// They have used the app before.
	w.SQL("insert into sign_in_days (owner_id, person_id, days) values ($1, $2, 3)", owner, id)
	return w.Phone(conn, id, given)
}

// Phone is a phone of somebody's, who signs in on it.
func (w *Town) Phone(conn *grpc.ClientConn, id uuid.UUID, name string) *Person {
	p := w.phone(conn, id.String(), name)
	p.SignInAnew()
	w.People = append(w.People, p)
	return p
}

// phone is a phone that nobody has signed in on.
func (w *Town) phone(conn *grpc.ClientConn, id, name string) *Person {
	return &Person{ID: id, Name: name, Town: w, Conn: conn,
		SessionServiceClient: pb.NewSessionServiceClient(conn), SchoolServiceClient: pb.NewSchoolServiceClient(conn),
		ObservationServiceClient: pb.NewObservationServiceClient(conn), FeedbackServiceClient: pb.NewFeedbackServiceClient(conn), FocusServiceClient: pb.NewFocusServiceClient(conn),
		LearningServiceClient: pb.NewLearningServiceClient(conn), SyncServiceClient: pb.NewSyncServiceClient(conn),
		CultureServiceClient: pb.NewCultureServiceClient(conn), PrivacyServiceClient: pb.NewPrivacyServiceClient(conn),
		AdminServiceClient: pb.NewAdminServiceClient(conn), NotificationServiceClient: pb.NewNotificationServiceClient(conn)}
}

// SignInAnew gets a new session and its access token. It is one for what is the person's own,
// so that every call can be tried with it; what others may not do, tests of that say.
func (p *Person) SignInAnew() {
	in, err := p.SignIn(context.Background(), &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.ID}, ForOwnData: true})
	if err != nil {
		p.Town.T.Fatalf("%s signs in: %v", p.Name, err)
	}
	p.Token, p.until = in.GetAccessToken(), in.GetAccessTokenExpireTime().AsTime()
}

// SQL writes from above, past every rule and role: what a test can't bring about by calls.
// As the owner of the tables, which no policy binds.
func (w *Town) SQL(sql string, args ...any) {
	w.T.Helper()
	if _, err := w.DB.Owner.Exec(context.Background(), sql, args...); err != nil {
		w.T.Fatalf("%s: %v", sql, err)
	}
}

// One reads one value from above.
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

// Ctx is a call of the person's, who signs in again when their time is over. Not
// for several goroutines.
func (p *Person) Ctx() context.Context {
	if !p.Town.Clock.Now().Before(p.until) {
		p.SignInAnew()
	}
	return metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+p.Token)
}

// In is a call of the person's whose answers are in a language.
func (p *Person) In(language string) context.Context {
	return metadata.AppendToOutgoingContext(p.Ctx(), "accept-language", language)
}

// locked writes the log under a lock, since calls are logged from many goroutines.
type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// NewID is an id as phones make them.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// Req is a request id.
func Req() string { return uuid.NewString() }

// Metrics is what the server reports to Prometheus.
func (w *Town) Metrics() string {
	scraped := httptest.NewRecorder()
	w.Server.Admin().ServeHTTP(scraped, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return scraped.Body.String()
}

// Column reads a column of text from above.
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

// Settled waits until everything that has been written can be pulled: until no
// transaction of the cluster is open that is older, those of other tests among them.
func (w *Town) Settled() {
	w.T.Helper()
	const settled = "select coalesce(max(xid) < pg_snapshot_xmin(pg_current_snapshot()), true) from feed"
	for begun := time.Now(); !One[bool](w, settled); time.Sleep(2 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			w.T.Fatal("a transaction has been open for 30 s")
		}
	}
}
