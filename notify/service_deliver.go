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

	"undring/postgres"
	"undring/school"
)

// Deliver is the job that sends one message. Its arguments are ids alone. It is enqueued in
// the transaction that makes the message.
type Deliver struct {
	Owner   uuid.UUID `json:"owner"`
	Person  uuid.UUID `json:"person"`
	Message uuid.UUID `json:"message"`
}

// Kind is the name of the job.
func (Deliver) Kind() string { return "deliver" }

type deliverer struct {
	river.WorkerDefaults[Deliver]
	s *Service
}

// Work sends the message.
func (d deliverer) Work(ctx context.Context, job *river.Job[Deliver]) error {
	inHand, err := d.s.Deliver(ctx, job.Args)
	if inHand {
		return river.JobSnooze(lease)
	}
	return err
}

const (
	// deliverers is how many messages one server sends at a time: most of that time it waits for
	// somebody else's server.
	deliverers = 16
	// mostTries is how often a message is tried, and firstRetry how long after the first
	// time; each time it waits twice as long, so that all tries together take an hour.
	mostTries  = 8
	firstRetry = 30 * time.Second
	// lease is for how long a message is one server's. One that did not say by then what
	// became of it is dead, and another one sends it.
	lease = 2 * jobTime
	// settleTime is how long it may take to write down what became of a message, also where the
	// server is told to stop meanwhile.
	settleTime = 5 * time.Second
)

// outgoing is a message: some notices, by one channel, to one device.
type outgoing struct {
	ID      uuid.UUID
	Channel Channel
	Device  uuid.NullUUID
	Notices []uuid.UUID
	State   string
	Tries   int // this one among them
}

// What may become of a message.
const (
	waiting = "WAITING"
	sending = "SENDING" // a server has it in hand
	sent    = "SENT"
	failed  = "FAILED"  // it was tried as often as it is
	dropped = "DROPPED" // there was nothing left to say, or nobody to say it to
)

const (
	// Notices go in by their ids: what is said of them is made when it is sent, in the words and
	// with the choice that hold then.
	insertMessage = `
		insert into message (owner_id, person_id, id, channel, device_id, notice_ids, at)
		values ($1, $2, $3, $4, $5, $6, $7)`

	// Straight into the table of the jobs, so that a message and its job are one transaction. The
	// 20 attempts are of the job, which fails where the database does; how often a message is
	// tried is [mostTries].
	enqueueMessage = `
		insert into river.river_job (kind, queue, args, max_attempts, scheduled_at)
		values ('deliver', 'deliver', jsonb_build_object('owner', $1::uuid, 'person', $2::uuid, 'message', $3::uuid), 20, $4)`

	// A server takes a message in hand, unless it is settled, or another one has it. One that was
	// claimed longer ago than the lease is taken over from a server that has died. Both parts of
	// the statement see the row as it was before, so the attempt is added once more.
	claimMessage = `
		with taken as (
			update message set state = 'SENDING', claimed_at = $4, attempts = attempts + 1
			where owner_id = $1 and person_id = $2 and id = $3 and (state = 'WAITING' or state = 'SENDING' and claimed_at <= $5)
			returning id, attempts)
		select m.id, m.attempts + (select count(*) from taken), m.channel, m.device_id, m.notice_ids, case when exists (select from taken) then 'TAKEN' else m.state end
		from message m
		where m.owner_id = $1 and m.person_id = $2 and m.id = $3`

	// Only while it is being sent: a server that took too long, and lost it to another one,
	// settles nothing.
	settleMessage = `
		update message set state = $4, reason = $5, attempts = $6, settled_at = $7
		where owner_id = $1 and person_id = $2 and id = $3 and state = 'SENDING'`

	dropDeviceByID = `delete from device where owner_id = $1 and person_id = $2 and id = $3`

	forgetMessages = `
		with gone as (
			delete from message m using (select person_id, id from message where owner_id = $1 and at < $2 limit $3) old
			where m.owner_id = $1 and m.person_id = old.person_id and m.id = old.id
			returning 1)
		select count(*) from gone`
)

// taken is what a message is that is now this server's to send.
const taken = "TAKEN"

// putOut queues what goes out of a plan: one mail, and one message to each device.
func (s *Service) putOut(tx *postgres.Tx, as postgres.As, out []Notice, c Choice, devices []Device, now time.Time) {
	// Push first: whether any device is reached decides what is left for mail.
	devices = s.reached(devices)
	for _, by := range Channels() {
		var wanted []uuid.UUID
		for _, n := range out {
			if c.Wants(n.Kind, by, len(devices) > 0) {
				wanted = append(wanted, n.ID)
			}
		}
		switch {
		case len(wanted) == 0:
		case by == Mail && s.o.Mail != nil:
			s.enqueue(tx, as, outgoing{Channel: by, Notices: wanted}, now)
		case by == Push:
			for _, d := range devices {
				s.enqueue(tx, as, outgoing{Channel: by, Device: uuid.NullUUID{UUID: d.ID, Valid: true}, Notices: wanted}, now)
			}
		}
	}
}

// The job goes out at once, and only once the transaction is there.
func (s *Service) enqueue(tx *postgres.Tx, as postgres.As, m outgoing, now time.Time) {
	id := s.o.NewID()
	tx.Queue(insertMessage, as.Owner, as.Person, id, m.Channel, m.Device, m.Notices, now)
	tx.Queue(enqueueMessage, as.Owner, as.Person, id, now)
}

// delivery is what is read for one message.
type delivery struct {
	outgoing
	tellings []telling
	choice   Choice
	reader   addressee
	device   *Device
	others   int // devices besides this one
	unread   int // of all the person's notices
	urgent   bool
	next     time.Time // when the person may be interrupted; zero: now

	booked []Appointment        // those that a mail tells of: agreed, moved, or off
	names  map[uuid.UUID]string // of the other ones, where the person chose that they are said
}

// Deliver sends a message, where there is still something to be said. inHand: another server is
// about to, or has died with it. It fails where the database does; that a message did not go out
// is no failure of the job, which is enqueued anew for later.
//
// The message is taken in hand in one transaction, sent, and settled in another. A
// server that is killed between sending and settling leaves a message that has gone out and that nobody
// knows of: after the lease another server sends it anew. That is the one way for a message to go
// out twice, and then it has the same Message-ID, Topic or apns-id, by which programs know it as
// the one they have.
func (s *Service) Deliver(ctx context.Context, d Deliver) (inHand bool, err error) {
	as, now := postgres.As{Owner: d.Owner, Person: d.Person}, s.moment()
	r, err := s.claim(ctx, as, d.Message, now)
	switch {
	case err != nil:
		return false, fmt.Errorf("taking a message in hand: %w", err)
	case r.State == sending, r.State == waiting:
		return true, nil
	case r.State != taken: // it is settled, or gone
		return false, nil
	case len(r.tellings) == 0 || r.reader.Language == "":
		return false, s.settle(ctx, as, r, outcome{state: dropped})
	case !r.urgent && !r.next.IsZero(): // quiet hours have begun meanwhile
		// It was not tried, so the claim that counted it is taken back.
		r.Tries--
		return false, s.settle(ctx, as, r, outcome{state: waiting, again: r.next})
	}
	// No transaction is open here: a slow mail server holds no connection of the database.
	state, err := s.send(ctx, as, r, now)
	return false, s.settle(ctx, as, r, outcomeOf(state, err, r.Tries, now))
}

// outcome is what became of a message.
type outcome struct {
	state  string
	reason string    // why it did not go out
	again  time.Time // when to try again, where it waits
	gone   bool      // the device is no more
}

// outcomeOf says what becomes of a message that was sent, as often as it was by now.
func outcomeOf(state string, err error, tries int, now time.Time) outcome {
	why := undelivered{reason: unreachable}
	switch known := errors.As(err, &why); {
	case err == nil:
		return outcome{state: state}
	// An error that is none of ours counts as unreachable, and is tried again.
	case known && (why.gone || why.forGood), tries >= mostTries:
		return outcome{state: failed, reason: why.reason, gone: why.gone}
	default:
		// 30 seconds, a minute, two … 32 minutes before the eighth and last try.
		return outcome{state: waiting, reason: why.reason, again: now.Add(firstRetry << (tries - 1))}
	}
}

// settle writes down what became of a message. A device that is no more is forgotten, and
// whom no other reaches gets by mail what it was to show.
func (s *Service) settle(ctx context.Context, as postgres.As, r delivery, o outcome) error {
	// A message that has gone out has to be written down, or it goes out again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	now := s.moment()
	s.o.Count(string(r.Channel), o.state)
	return s.o.DB.Do(ctx, as, func(_ context.Context, tx *postgres.Tx) error {
		at := &now
		if o.state == waiting {
			at = nil
			tx.Queue(enqueueMessage, as.Owner, as.Person, r.ID, o.again)
		}
		tx.Queue(settleMessage, as.Owner, as.Person, r.ID, o.state, o.reason, r.Tries, at)
		if o.state != failed || r.Channel != Push {
			return nil
		}
		if o.gone {
			tx.Queue(dropDeviceByID, as.Owner, as.Person, r.Device)
		}
		if wanted := r.forMail(); r.others == 0 && s.o.Mail != nil && len(wanted) > 0 {
			s.enqueue(tx, as, outgoing{Channel: Mail, Notices: wanted}, now)
		}
		return nil
	})
}

// forMail are the notices that were not to go by mail, since a push would reach the person, and
// are to, now that none does.
func (r delivery) forMail() []uuid.UUID {
	var wanted []uuid.UUID
	for _, n := range r.tellings {
		if r.choice.Wants(n.Kind, Mail, false) && !r.choice.Wants(n.Kind, Mail, true) {
			wanted = append(wanted, n.ID)
		}
	}
	return wanted
}

// claim takes a message in hand and looks again at what it is about: what was read
// meanwhile, is done with, or is no longer wanted by this channel is left out of it.
// The claim and the reading are one flight; which of the rest is needed is known only once it
// is back, so everything is asked for and left unread where the message is another's.
func (s *Service) claim(ctx context.Context, as postgres.As, id uuid.UUID, now time.Time) (r delivery, err error) {
	err = s.o.DB.Do(ctx, as, func(ctx context.Context, tx *postgres.Tx) error {
		r = delivery{}
		var devices []Device
		var kept []Notice
		var steps func() []Step
		err := tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(claimMessage, as.Owner, as.Person, id, now, now.Add(-lease)).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					if err := rows.Scan(&r.ID, &r.Tries, &r.Channel, &r.Device, &r.Notices, &r.State); err != nil {
						return err
					}
				}
				return rows.Err()
			})
			queueChoice(b, as.Owner, as.Person, &r.choice)
			b.Queue(noticesOfMessage, as.Owner, as.Person, id).Query(eachNotice(func(n Notice) { kept = append(kept, n) }))
			b.Queue(unreadNotices, as.Owner, as.Person).QueryRow(func(row pgx.Row) error { return row.Scan(&r.unread) })
			queueDevices(b, as.Owner, as.Person, &devices)
			school.QueueReached(b, as.Owner, as.Person, &r.reader.Email, &r.reader.Language)
			steps = s.o.Steps(b, as, now)
		})
		if err != nil || r.State != taken {
			return err
		}
		for _, d := range s.reached(devices) {
			if d.ID == r.Device.UUID {
				r.device = &d
			} else {
				r.others++
			}
		}
		return s.lookAgain(ctx, tx, as, &r, kept, steps(), now)
	})
	return r, err
}

// lookAgain leaves in a message what is still to be said.
func (s *Service) lookAgain(ctx context.Context, tx *postgres.Tx, as postgres.As, r *delivery, kept []Notice, steps []Step, now time.Time) error {
	on := map[key]Step{}
	for _, step := range steps {
		on[step.key()] = step
	}
	kept = slices.DeleteFunc(kept, func(n Notice) bool {
		_, there := on[n.key()]
		return !there || !n.Read.IsZero() || !r.choice.Wants(n.Kind, r.Channel, s.hasPush(r))
	})
	if len(kept) == 0 {
		return nil
	}
	years, err := s.readAround(ctx, tx, as, r, kept, on, now)
	if err != nil {
		return err
	}
	r.say(kept, on, years, now)
	return nil
}

// readAround reads what it takes to say some notices: the years of their schools, names where
// the person chose them, and for a mail the visits that it puts into a calendar.
func (s *Service) readAround(ctx context.Context, tx *postgres.Tx, as postgres.As, r *delivery, kept []Notice, on map[key]Step, now time.Time) (Years, error) {
	schools, changed := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	var people []uuid.UUID
	for _, n := range kept {
		schools[n.School] = true
		people = append(people, on[n.key()].Other)
		if n.Kind == Changed {
			changed[n.Subject] = true
		}
	}
	r.names, r.booked = map[uuid.UUID]string{}, nil
	var years func() Years
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		years = s.o.Years(b, as, schools, now)
		if r.Channel == Mail && len(changed) > 0 {
			s.o.Appointments(b, as, now.Add(-InCalendar), func(a Appointment) {
				if changed[a.Visit] {
					r.booked = append(r.booked, a)
				}
			})
		}
		if r.choice.ShowName {
			school.QueueNames(b, as.Owner, people, r.names)
		}
	})
	if err != nil {
		return nil, err
	}
	return years(), nil
}

// say puts notices into the message, and finds out whether it may go out now: where any of
// the schools is open to the person, or else at the first moment of all (next).
func (r *delivery) say(kept []Notice, on map[key]Step, years Years, now time.Time) {
	open := false
	for _, n := range kept {
		year, works := years[n.School]
		if !works {
			continue // who has left hears nothing more
		}
		step := on[n.key()]
		n.End = step.End
		_, urgent := step.Tell(n.At, r.choice, year)
		r.urgent = r.urgent || urgent
		open = open || r.choice.Open(year, now)
		if next := r.choice.slot(year, now, false); r.next.IsZero() || next.Before(r.next) {
			r.next = next
		}
		r.tellings = append(r.tellings, telling{n, year.Calendar.Zone(), r.names[step.Other]})
	}
	if open {
		r.next = time.Time{}
	}
}

// hasPush says whether the person is reached by push.
func (s *Service) hasPush(r *delivery) bool { return r.device != nil || r.others > 0 }

// send sends a message by its channel, and says what became of it.
func (s *Service) send(ctx context.Context, as postgres.As, r delivery, now time.Time) (string, error) {
	if r.Channel == Push {
		return s.push(ctx, r)
	}
	if s.o.Mail == nil || r.reader.Email == "" {
		return dropped, nil
	}
	by := sender{
		address:     s.o.Address,
		unsubscribe: func(kinds ...Kind) string { return s.unsubscribeAddress(as, kinds) },
		thread:      func(subject uuid.UUID) string { return threadOf(s.o.Secrets[0], as.Person, subject) },
	}
	letter, err := write(r.tellings, r.reader.Language, by)
	if err != nil {
		return "", err
	}
	reader := Reader{Person: as.Person, Language: r.reader.Language, Address: s.o.Address, Names: r.names}
	for _, a := range r.booked {
		letter.Invitations = append(letter.Invitations, reader.Invitations(a, Mails{From: s.o.Mail.From(), To: r.reader.Email})...)
	}
	// Without an address there is no page to leave by, and no header that names one.
	out := ""
	if s.o.Address != "" {
		// One click leaves all the kinds of this mail; the links in it leave one each.
		out = by.unsubscribe(kindsOf(r.tellings)...)
	}
	return sent, s.o.Mail.send(ctx, r.ID, r.reader.Email, letter, out, now)
}
