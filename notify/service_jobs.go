package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"undring/postgres"
)

// Look is the job that looks after one person. Its arguments are ids alone. It is enqueued by
// the database, in the transaction of the change that calls for it (look_after).
type Look struct {
	Owner  uuid.UUID `json:"owner"`
	Person uuid.UUID `json:"person"`
}

// Kind is the name of the job.
func (Look) Kind() string { return "look" }

type looker struct {
	river.WorkerDefaults[Look]
	s *Service
}

// Work looks after the person.
func (l looker) Work(ctx context.Context, job *river.Job[Look]) error {
	return l.s.Look(ctx, job.Args.Owner, job.Args.Person)
}

const (
	// lookers is how many people one server looks after at a time, at most, and cooldown after
	// how long it asks for more: eighty a second. What is due for everybody at seven may take some
	// minutes, in which calls go on as ever; connections bound it further.
	lookers  = 8
	cooldown = 100 * time.Millisecond
	// connections are those of the jobs' own: what they take of the database is bounded by them.
	connections = 3
	// jobTime is how long one job may take: reading a person's steps takes milliseconds, and a
	// mail server may be slow.
	jobTime = time.Minute
	// stuck is after how long a job is done anew whose server did not say that it was: it has died. By then
	// nobody has its message in hand.
	stuck = 2 * lease
	// poll is how often a server asks whether anything is due.
	poll = time.Second
	// keptJobs is how long a job that is done is kept to be looked at.
	keptJobs = time.Hour
)

// Work does what is due, until ctx ends, and beside any number of other servers. What is
// under way when it ends is finished, or done anew by another one.
func (s *Service) Work(ctx context.Context) error {
	beside, err := s.o.DB.Beside(ctx, connections)
	if err != nil {
		return fmt.Errorf("opening connections for the jobs: %w", err)
	}
	defer beside.Close()
	// A copy with connections of its own, so that a burst of jobs can't take those of calls.
	worker := *s
	worker.o.DB = beside
	client, err := worker.client()
	if err != nil {
		return err
	}
	// The jobs don't end with ctx: they are given StopTime to finish what they have begun.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the jobs: %w", err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.o.StopTime)
	defer cancel()
	if err := client.Stop(stop); err != nil {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = client.StopAndCancel(ending) // what it did not finish is done anew
	}
	return nil
}

func (s *Service) client() (*river.Client[pgx.Tx], error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, looker{s: s})
	river.AddWorker(workers, deliverer{s: s})
	config := &river.Config{
		Schema: "river", Workers: workers, Logger: s.o.Log,
		Queues: map[string]river.QueueConfig{"look": {MaxWorkers: lookers}, "deliver": {MaxWorkers: deliverers}},
		// Listening would hold a connection, and does not pass through PgBouncer.
		PollOnly: true, FetchPollInterval: poll, FetchCooldown: cooldown,
		JobTimeout: jobTime, RescueStuckJobsAfter: stuck, CompletedJobRetentionPeriod: keptJobs,
	}
	if s.o.Poll > 0 {
		config.FetchPollInterval, config.FetchCooldown = s.o.Poll, s.o.Poll
	}
	if s.o.Moved {
		config.Test.Time = movedClock(s.o.Now)
		// River judges by the machine's clock which jobs are stuck. By the moved one they began as much
		// earlier as that one is behind: all of them would be, also those under way.
		config.RescueStuckJobsAfter += max(0, time.Since(s.o.Now()))
	}
	client, err := river.NewClient(riverpgxv5.New(s.o.DB.Bare()), config)
	if err != nil {
		return nil, fmt.Errorf("preparing the jobs: %w", err)
	}
	return client, nil
}

// movedClock is a clock that is not the machine's: the demo's, and those of tests.
type movedClock func() time.Time

// Now is the time by this clock.
func (c movedClock) Now() time.Time { return c() }

// NowOrNil is the same, for the database, which would take its own.
func (c movedClock) NowOrNil() *time.Time { t := c(); return &t }

// looking is what is read for a person.
type looking struct {
	choice  Choice
	kept    []Notice
	steps   []Step
	years   Years
	devices []Device
}

// Look tells a person what is due by now, and says when to look again. It may be done as
// often as one likes: what was told is not told again.
func (s *Service) Look(ctx context.Context, owner, person uuid.UUID) error {
	as, now := postgres.As{Owner: owner, Person: person}, s.moment()
	return s.o.DB.Do(ctx, as, func(ctx context.Context, tx *postgres.Tx) error {
		l, err := s.read(ctx, tx, as, now)
		if err != nil {
			return fmt.Errorf("reading what is to be told: %w", err)
		}
		p := MakePlan(now, l.steps, l.kept, l.choice, l.years, s.o.NewID)
		var kept []uuid.UUID // of what goes out, those that were in the list before
		for _, n := range p.Out {
			if i := slices.IndexFunc(p.New, func(o Notice) bool { return o.ID == n.ID }); i >= 0 {
				p.New[i].Told = now
			} else {
				kept = append(kept, n.ID)
			}
		}
		for _, n := range p.New {
			n.insert(tx, owner, person)
		}
		// Both: not to be told, and not to be read either.
		if len(p.Over) > 0 {
			ids := idsOf(p.Over)
			tx.Queue(noticesTold, owner, person, ids, now)
			tx.Queue(noticesRead, owner, person, ids, now)
		}
		if len(kept) > 0 {
			// Told counts from when the message is made; what became of it is the message's affair.
			tx.Queue(noticesTold, owner, person, kept, now)
		}
		if len(p.Out) > 0 {
			s.putOut(tx, as, p.Out, l.choice, l.devices, now)
		}
		// Without a next time no job waits. A change that concerns the person enqueues one.
		if !p.Next.IsZero() {
			tx.Queue(lookAt, p.Next)
		}
		return nil
	})
}

// read asks for a person's steps first, and then for the years of the schools that they are
// at.
func (s *Service) read(ctx context.Context, tx *postgres.Tx, as postgres.As, now time.Time) (l looking, err error) {
	var steps func() []Step
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(lockPerson, as.Person)
		queueChoice(b, as.Owner, as.Person, &l.choice)
		// Read begins anew where the transaction lost a race.
		l.kept = nil
		b.Queue(noticesSince, as.Owner, as.Person, now.Add(-Kept)).Query(eachNotice(func(n Notice) { l.kept = append(l.kept, n) }))
		queueDevices(b, as.Owner, as.Person, &l.devices)
		steps = s.o.Steps(b, as, now)
	})
	if err != nil {
		return l, err
	}
	l.steps = steps()
	schools := map[uuid.UUID]bool{}
	for _, step := range l.steps {
		schools[step.School] = true
	}
	var years func() Years
	err = tx.Ask(ctx, func(b *pgx.Batch) { years = s.o.Years(b, as, schools, now) })
	if err != nil {
		return l, err
	}
	l.years = years()
	return l, nil
}

const (
	// forgetMost is how many notices are forgotten in one transaction, and forgetRounds how
	// many of these one call of Forget makes: the rest waits for the next one.
	forgetMost   = 1000
	forgetRounds = 1000
)

// Forget takes notices and messages of an owner away that are older than [Kept], and counts of
// what did not go out that are older than a month.
// One that fails doesn't keep the others from being done.
func (s *Service) Forget(ctx context.Context, owner uuid.UUID) error {
	as, before := postgres.As{Owner: owner}, s.moment().Add(-Kept)
	return errors.Join(
		s.o.DB.Sweep(ctx, as, forgetRounds, forgetMost, forgetMessages, owner, before),
		s.o.DB.Sweep(ctx, as, forgetRounds, forgetMost, forgetFailures, owner, s.moment().AddDate(0, 0, -failureDays)),
		s.o.DB.Sweep(ctx, as, forgetRounds, forgetMost, forgetNotices, owner, before))
}
