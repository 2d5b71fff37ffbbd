package load

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/notify"
	"undring/postgres"
	"undring/server"
)

// Morning is what came of telling many people what is due at one moment, while others call.
type Morning struct {
	People        int           // who were told
	Mails, Pushes int           // by which way
	Took          time.Duration // from the moment until the last one had gone out
	// CPU is the processor time of each of them, of server and database together, and of who takes
	// the mails and pushes; Database is the database's part of it.
	CPU, Database time.Duration
	// Without and Beside are calls as often a second: while nobody is told, before and after,
	// and while they all are.
	Without, Beside Row
}

const (
	// morningRounds is how many visits each teacher pays where a morning is measured: as many as
	// still ask something of somebody, and the calls look through.
	morningRounds = 4
	// pushed is which of so many people in a row are reached by push; the others are by mail.
	pushed = 2
	// longestMorning is after how long it is given up.
	longestMorning = 30 * time.Minute
)

// RunMorning makes schools of so many teachers, for each of whom something is due at seven, and
// lets the clock strike seven while people call, half as often as the server bears.
func RunMorning(ctx context.Context, cluster *postgres.Private, people int, o Options) (Morning, error) {
	size := OfNotes(o.Notes, uuid.MustParse("0197f0a0-0000-7000-8000-000000000002"), time.Now().UTC().Truncate(time.Second))
	size.Teachers, size.Schools, size.Visits = people, people/25, morningRounds*people
	seven := schoolMorning(size.Now)
	database := fmt.Sprintf("morning_%d_%s", people, size.Now.Format("20060102"))
	culture, err := prepare(ctx, cluster, database, size, o.Out)
	if err != nil {
		return Morning{}, err
	}
	defer culture.Close()
	superuser := cluster.URL(database, "postgres")
	post, err := newReceivers()
	if err != nil {
		return Morning{}, err
	}
	defer post.close()
	if err := post.let(ctx, superuser, size, seven); err != nil {
		return Morning{}, err
	}
	// Two minutes before, of which calls alone take a part, and what is left goes by.
	ahead := time.Until(seven.Add(-2*o.Span - 20*time.Second))
	now := func() time.Time { return time.Now().Add(ahead) }
	outside, err := post.outside()
	if err != nil {
		return Morning{}, err
	}
	address, keys, stop, err := serveDatabase(ctx, cluster, database, server.Options{Culture: culture, Now: now, ClockMoved: true, Outside: outside}, o.Admin)
	if err != nil {
		return Morning{}, err
	}
	defer stop()
	clients, hangUp, err := connectAll(address, size, keys, o.Clients[0])
	if err != nil {
		return Morning{}, err
	}
	defer hangUp()
	return tell(ctx, clients, superuser, cluster.PID(), post, seven, now, o)
}

// tell measures calls before the moment, while people are told, and after.
func tell(ctx context.Context, clients []*client, superuser string, postmaster int, post *receivers, seven time.Time, now func() time.Time, o Options) (Morning, error) {
	full, err := drive(ctx, clients, schoolDay, 10*time.Second, 0)
	if err != nil {
		return Morning{}, err
	}
	rate := full.rate() / 2
	var m Morning
	var alone, beside meanwhile
	if err := alone.drive(ctx, clients, postmaster, o.Span, rate); err != nil {
		return m, err
	}
	time.Sleep(seven.Sub(now()))
	begun := time.Now()
	ends := make(chan error, 1)
	var took time.Duration
	go func() {
		err := allOut(ctx, superuser, seven)
		took = time.Since(begun)
		ends <- err
	}()
	for over := false; !over; {
		if err := beside.drive(ctx, clients, postmaster, 5*time.Second, rate); err != nil {
			return m, err
		}
		select {
		case err := <-ends:
			if over = true; err != nil {
				return m, err
			}
		default:
		}
	}
	if err := alone.drive(ctx, clients, postmaster, o.Span, rate); err != nil {
		return m, err
	}
	m.Took, m.Mails, m.Pushes = took, int(post.mails.Load()), int(post.pushes.Load())
	if m.People, err = told(ctx, superuser); err != nil {
		return m, err
	}
	m.Without, m.Beside = alone.row("a school day, nobody is told", len(clients)), beside.row(fmt.Sprintf("the same, %d are told", m.People), len(clients))
	each := time.Duration(max(m.People, 1))
	m.CPU = (beside.used - time.Duration(float64(alone.used)*beside.span.Seconds()/alone.span.Seconds())) / each
	m.Database = (beside.database - time.Duration(float64(alone.database)*beside.span.Seconds()/alone.span.Seconds())) / each
	return m, nil
}

// meanwhile is what came of calls in several spans, and the processor time that went by.
type meanwhile struct {
	sample
	used, database time.Duration // of everything; of it the database's
}

func (m *meanwhile) drive(ctx context.Context, clients []*client, postmaster int, span time.Duration, rate float64) error {
	own, database := ownTime(), clusterTime(postmaster)
	s, err := drive(ctx, clients, schoolDay, span, rate)
	if err != nil {
		return err
	}
	database = clusterTime(postmaster) - database
	m.calls, m.refused, m.span = append(m.calls, s.calls...), m.refused+s.refused, m.span+s.span
	m.used, m.database = m.used+ownTime()-own+database, m.database+database
	return nil
}

func (m *meanwhile) row(name string, clients int) Row {
	count := time.Duration(max(len(m.calls), 1))
	return Row{Operation: name, Clients: clients, Rate: m.rate(), P50: quantile(m.calls, 0.5), P99: quantile(m.calls, 0.99), Refused: m.refused, CPU: m.used / count, Database: m.database / count}
}

// String says it in a line, and the two rows below each other.
func (m Morning) String() string {
	return fmt.Sprintf("%d people were told in %s, %.0f a second: %d mails, %d pushes; each took %d µs of processor, of them the database's %d\n%s\n%s\nslower: p50 %.2f times, p99 %.2f times",
		m.People, m.Took.Round(100*time.Millisecond), float64(m.People)/m.Took.Seconds(), m.Mails, m.Pushes, m.CPU.Microseconds(), m.Database.Microseconds(),
		m.Without, m.Beside, float64(m.Beside.P50)/float64(max(m.Without.P50, 1)), float64(m.Beside.P99)/float64(max(m.Without.P99, 1)))
}

// schoolMorning is seven o'clock on the first day after a time that is no Saturday and no Sunday,
// by the schools' clock: a generated school has no holidays.
func schoolMorning(after time.Time) time.Time {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		zone = time.UTC
	}
	y, m, d := after.In(zone).Date()
	at := time.Date(y, m, d+1, 7, 0, 0, 0, zone)
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// dayBefore is the school day before a school day, at the hour at which things are due.
func dayBefore(seven time.Time) time.Time {
	at := time.Date(seven.Year(), seven.Month(), seven.Day()-1, 16, 0, 0, 0, seven.Location())
	for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// let lets everything that waits for somebody have been due on the school day before, so that seven
// is when they are reminded; and lets the first of [pushed] have a browser that wants to hear.
func (r *receivers) let(ctx context.Context, superuser string, size Size, seven time.Time) error {
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{"set session_replication_role = replica", nil}, // nobody hears of it before seven
		{"delete from notice where owner_id = $1", []any{size.Owner}},
		{"delete from message where owner_id = $1", []any{size.Owner}},
		{"delete from device where owner_id = $1", []any{size.Owner}},
		{"delete from river.river_job", nil},
		{`update visit set feedback_due_at = case when state = 'OBSERVED' then $2 else feedback_due_at end,
			answer_due_at = case when state = 'FEEDBACK_GIVEN' then $2 else answer_due_at end,
			takeaway_due_at = case when state = 'ANSWERED' then $2 else takeaway_due_at end
			where owner_id = $1 and state in ('OBSERVED', 'FEEDBACK_GIVEN', 'ANSWERED')`, []any{size.Owner, dayBefore(seven)}},
		{"update question set due_at = $2 where owner_id = $1 and state = 'OPEN'", []any{size.Owner, dayBefore(seven)}},
		{`insert into device (owner_id, person_id, id, session_id, kind, address, p256dh, auth, created_at)
			select s.owner_id, s.person_id, gen_random_uuid(), s.id, 'WEB_PUSH', $2 || '/' || s.person_id, $3, $4, s.created_at
			from session s join membership m on m.owner_id = s.owner_id and m.person_id = s.person_id
			where s.owner_id = $1 and m.role = 'TEACHER' and get_byte(uuid_send(s.person_id), 15) % $5 = 0`,
			[]any{size.Owner, r.push, key.PublicKey().Bytes(), make([]byte, 16), pushed}},
		{`insert into river.river_job (kind, queue, args, max_attempts, scheduled_at, unique_key, unique_states)
			select 'look', 'look', jsonb_build_object('owner', owner_id, 'person', person_id), 20, $2, uuid_send(owner_id) || uuid_send(person_id), b'00000001'
			from membership where owner_id = $1 and role = 'TEACHER'`, []any{size.Owner, seven}},
	} {
		if _, err := conn.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("preparing a morning: %w", err)
		}
	}
	return settle(ctx, conn)
}

// allOut waits until nothing is left that is due at seven.
func allOut(ctx context.Context, superuser string, seven time.Time) error {
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	// What a look found to come later is due in the afternoon.
	const left = `select exists (
		select from river.river_job where state in ('running', 'retryable') or state = 'available' and scheduled_at < $1)`
	for begun := time.Now(); time.Since(begun) < longestMorning; {
		time.Sleep(200 * time.Millisecond)
		waits := true
		if err := conn.QueryRow(ctx, left, seven.Add(time.Hour)).Scan(&waits); err != nil {
			return fmt.Errorf("looking who is left: %w", err)
		}
		if !waits {
			return nil
		}
	}
	return fmt.Errorf("not all were told within %s", longestMorning)
}

// told is how many people got a message.
func told(ctx context.Context, superuser string) (people int, err error) {
	conn, err := pgx.Connect(ctx, superuser)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, "select count(distinct person_id) from message where state = 'SENT'").Scan(&people)
	return people, err
}

// receivers are a mail server and a push service on this machine. They count what comes.
type receivers struct {
	mails, pushes atomic.Int64
	mail, push    string // where they are
	close         func()
}

func newReceivers() (*receivers, error) {
	r := new(receivers)
	mail, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	push, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, mail.Close())
	}
	r.mail, r.push = "smtp://"+mail.Addr().String(), "http://"+push.Addr().String()
	post := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return handed{&r.mails}, nil }))
	post.Domain = "post.example"
	pushes := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if n, err := io.Copy(io.Discard, q.Body); err != nil || n == 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.pushes.Add(1)
		w.WriteHeader(http.StatusCreated)
	})}
	go func() { _ = post.Serve(mail) }()
	go func() { _ = pushes.Serve(push) }()
	r.close = func() { _, _ = post.Close(), pushes.Close() }
	return r, nil
}

// outside is the way to them.
func (r *receivers) outside() (out notify.Outside, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return out, err
	}
	push, err := notify.NewWebPush(key, "undring@storvik.example", true)
	if err != nil {
		return out, err
	}
	out = notify.Outside{Address: "https://undring.storvik.example", Pushers: map[string]notify.Pusher{notify.WebPushDevice: push}}
	out.Mail, err = notify.NewSMTP(r.mail, "Undring <undring@storvik.example>")
	return out, err
}

// handed is one handing in of mail.
type handed struct{ mails *atomic.Int64 }

func (handed) Mail(string, *smtp.MailOptions) error { return nil }
func (handed) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (handed) Reset()                               {}
func (handed) Logout() error                        { return nil }

func (h handed) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	if err == nil {
		h.mails.Add(1)
	}
	return err
}
