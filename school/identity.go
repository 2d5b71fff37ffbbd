package school

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/once"
	"undring/postgres"
	"undring/refusal"
	"undring/school/roster"
)

// IdentityKind is what lets somebody be taken for a person in another way than before.
// Each waits for [IdentityWait], which leaves the person time to say no. A changed address stands
// in their row at once; until the wait is over nobody is let in by it without a wait of their own.
type IdentityKind string

// The kinds.
const (
	AddressChanged IdentityKind = "ADDRESS" // the roster has another address
	LinkWaits      IdentityKind = "LINK"    // somebody signs in at a provider as the person for the first time
	Relink         IdentityKind = "RELINK"  // an administrator lets another sign-in take the place of theirs
	Merge          IdentityKind = "MERGE"   // an administrator makes two people one
)

// IdentityChange is one that concerns somebody.
type IdentityChange struct {
	ID        uuid.UUID
	Kind      IdentityKind
	Was, Said string // addresses
	Issuer    string
	OtherName string // of a merge: the one of the two who is not asking
	AskedBy   string // empty: a roster, or whoever signs in
	Created   time.Time
	Effective time.Time
	Outcome   string // empty: open
}

const (
	// Open ones come first. One that the person has agreed to is theirs to answer no more, and is
	// left out while it is open, waiting for the other of a merge.
	changesOfPerson = `
		select c.id, c.kind, c.was, c.said, c.issuer,
			coalesce((select trim(p.given_name || ' ' || p.family_name) from person p
				where p.owner_id = c.owner_id and p.id = case when c.person_id = $2 then c.other_id else c.person_id end), ''),
			coalesce((select trim(p.given_name || ' ' || p.family_name) from person p where p.owner_id = c.owner_id and p.id = c.asked_by), ''),
			c.created_at, c.effective_at, coalesce(c.outcome, '')
		from identity_change c
		where c.owner_id = $1 and (c.person_id = $2 or c.other_id = $2) and (c.outcome is null or c.ended_at > $3)
			and not (c.outcome is null and (c.agreed and c.person_id = $2 or c.other_agreed and c.other_id = $2))
		order by c.outcome is not null, c.created_at desc, c.id
		limit 50`

	// These go through functions of the database, since the caller may neither read the other
	// person's row nor reach into the tables of every room. The tenant is a parameter without
	// use there: each statement of a room names it, and a test looks for that.
	answerChange = `select answer_identity_change($2, $3, $4) where $1::uuid is not null`

	beginMerge = `select begin_merge($2, $3, $4, $5, $6) where $1::uuid is not null`

	undoMerge = `select undo_merge($2, $3) where $1::uuid is not null`

	carryOutChanges = `select carry_out_identity_changes($2) where $1::uuid is not null`

	// Empty: it waits.
	mergeState = `select coalesce(outcome, '') from identity_change where owner_id = $1 and id = $2`

	nameOf = `select trim(given_name || ' ' || family_name) from person where owner_id = $1 and id = $2`

	reachedAt = `select email, locale from person where owner_id = $1 and id = $2 and active`

	personThere = `select exists (select from person where owner_id = $1 and id = $2)`

	// One that is open already stays as it is (the index identity_change_open): asking again
	// neither shortens the wait nor begins it anew.
	insertChange = `
		insert into identity_change (owner_id, id, person_id, kind, issuer, subject, asked_by, created_at, effective_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict do nothing`

	// Whom an address names: one person with access. A name of sign-in goes before an
	// address where the provider says names. Two rows at most: whether one has it, or several.
	// The collation "C" is that of the index person_by_address.
	candidates = `
		select p.id, has_proven(p.id), exists (
			select from identity_change c
			where c.owner_id = p.owner_id and c.person_id = p.id and c.kind = 'ADDRESS' and c.outcome is null
				and ($3 < c.effective_at or seen_since(p.id, c.created_at)))
		from person p
		where p.owner_id = $1 and p.active and (
			lower(p.email collate "C") = $2 and p.email <> '' and not ($4 and exists (
				select from person q where q.owner_id = p.owner_id and q.login = $2 and q.login <> '' and q.active))
			or $4 and p.login = $2 and p.login <> '')
		limit 2`

	lastLink = `
		select id, person_id, created_at, effective_at, agreed, coalesce(outcome, ''), seen_since(person_id, created_at)
		from identity_change
		where owner_id = $1 and kind = 'LINK' and issuer = $2 and subject = $3
		order by created_at desc
		limit 1`

	// It counts once agreed to, or after the wait if the person was not seen on a device of
	// theirs meanwhile: somebody who is in has no need of another sign-in, and can say so.
	openRelink = `
		select id, agreed or ($3 >= effective_at and not seen_since(person_id, created_at))
		from identity_change
		where owner_id = $1 and kind = 'RELINK' and person_id = $2 and outcome is null`

	changeDone = `update identity_change set outcome = 'DONE', ended_at = $3 where owner_id = $1 and id = $2 and outcome is null`
)

// ObjectionTime is how long a no to a sign-in counts: the same is not asked again sooner.
// As long as a request is remembered: a month.
const ObjectionTime = 30 * 24 * time.Hour

// Way is how somebody stands towards a way to sign in that they have not come by yet.
type Way struct {
	Person uuid.UUID // whose it may become; the nil UUID: nobody's
	// Several have the address, so it names nobody.
	Several bool
	// Waits: it counts from Until on, or when the person says yes.
	Waits bool
	Until time.Time
	// Refused: the person has said that it is not they.
	Refused bool
}

// FirstWay finds to whom a subject of a provider belongs that has not come before: by an address,
// or by a name of sign-in where the provider says names. Whoever has shown who they are
// before has 72 hours to say no, or says yes; being seen meanwhile, they have to. It
// writes what it finds out; the link itself is the caller's to make, where the way
// neither waits nor is refused.
// Complex because each place at which somebody can stand on the way to a link (linked, refused,
// waiting, or let through by an administrator) ends differently.
func FirstWay(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, issuer, subject, address string, byName bool, now time.Time, newID func() uuid.UUID) (Way, error) {
	last, err := readLink(ctx, tx, owner, issuer, subject)
	if err != nil {
		return Way{}, err
	}
	switch {
	case last.there && last.outcome == "":
		w := Way{Person: last.person, Until: last.until, Waits: !last.agreed && (now.Before(last.until) || last.seen)}
		if !w.Waits {
			// It has counted; the row is closed, and the link that the caller makes takes its place.
			tx.Queue(changeDone, owner, last.id, now)
		}
		return w, nil
	// Or a no would have to be said again at every attempt.
	case last.there && last.outcome == "VOID" && now.Sub(last.created) < ObjectionTime:
		return Way{Refused: true}, nil
	}
	// Whoever has never shown who they are (no session but a demo's, no link) is let in at once:
	// there is nobody yet whom another one could push aside.
	w, proven, err := findByAddress(ctx, tx, owner, roster.FoldAddress(address), byName, now)
	if err != nil || w.Person == uuid.Nil || !proven {
		return w, err
	}
	relink, counts, err := readRelink(ctx, tx, owner, w.Person, now)
	if counts {
		tx.Queue(changeDone, owner, relink, now)
		return w, err
	}
	w.Waits, w.Until = true, now.Add(IdentityWait)
	tx.Queue(insertChange, owner, newID(), w.Person, LinkWaits, issuer, subject, nil, now, w.Until)
	return w, err
}

// LookWay finds what [FirstWay] would, and writes nothing.
// For the desk, where an administrator tries a sign-in: trying must not begin a wait, or use
// one up.
func LookWay(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, issuer, subject, address string, byName bool, now time.Time) (Way, error) {
	last, err := readLink(ctx, tx, owner, issuer, subject)
	switch {
	case err != nil:
		return Way{}, err
	case last.there && last.outcome == "":
		return Way{Person: last.person, Until: last.until, Waits: !last.agreed && (now.Before(last.until) || last.seen)}, nil
	case last.there && last.outcome == "VOID" && now.Sub(last.created) < ObjectionTime:
		return Way{Refused: true}, nil
	}
	w, proven, err := findByAddress(ctx, tx, owner, roster.FoldAddress(address), byName, now)
	if err != nil || w.Person == uuid.Nil || !proven {
		return w, err
	}
	if _, counts, err := readRelink(ctx, tx, owner, w.Person, now); err != nil || counts {
		return w, err
	}
	w.Waits, w.Until = true, now.Add(IdentityWait)
	return w, nil
}

// readRelink finds an administrator's open wish to let another sign-in take the place of
// somebody's, and whether it counts: it has been agreed to, or has waited for long enough.
func readRelink(ctx context.Context, tx *postgres.Tx, owner, person uuid.UUID, now time.Time) (relink uuid.UUID, counts bool, err error) {
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(openRelink, owner, person, now).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if err := rows.Scan(&relink, &counts); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	return relink, counts, err
}

// QueueName reads what somebody is called.
// Empty for somebody who was erased; an error where no such person is.
func QueueName(b *pgx.Batch, owner, person uuid.UUID, into *string) {
	b.Queue(nameOf, owner, person).QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}

// QueueReached reads where somebody is reached by mail, and in which language. Of somebody who is
// active no more nothing is read.
func QueueReached(b *pgx.Batch, owner, person uuid.UUID, email, locale *string) {
	b.Queue(reachedAt, owner, person).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := rows.Scan(email, locale); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// link is what became of the last wait of a subject at a provider; there is false where it
// has never come.
type link struct {
	there, agreed, seen bool
	id, person          uuid.UUID
	created, until      time.Time
	outcome             string
}

// readLink reads the last link of a subject at a provider, whatever became of it: one that
// somebody has said no to must not begin again by itself.
func readLink(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, issuer, subject string) (link, error) {
	var l link
	err := tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(lastLink, owner, issuer, subject).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				l.there = true
				if err := rows.Scan(&l.id, &l.person, &l.created, &l.until, &l.agreed, &l.outcome, &l.seen); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	})
	return l, err
}

// findByAddress finds whom an address names, and whether they have shown who they are
// before, or have an address that does not count yet.
// The address is folded already. An empty one names nobody: a register may leave it out.
func findByAddress(ctx context.Context, tx *postgres.Tx, owner uuid.UUID, address string, byName bool, now time.Time) (w Way, proven bool, err error) {
	if address == "" {
		return w, false, nil
	}
	n := 0
	err = tx.Ask(ctx, func(b *pgx.Batch) {
		b.Queue(candidates, owner, address, now, byName).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				n++
				var before, waits bool
				if err := rows.Scan(&w.Person, &before, &waits); err != nil {
					return err
				}
				// Whose address was changed a moment ago is treated as somebody who could be pushed aside,
				// whether or not they have signed in: it is the new address that might be wrong.
				proven = before || waits
			}
			return rows.Err()
		})
	})
	// Better nobody than the wrong one.
	if n > 1 {
		return Way{Several: true}, false, err
	}
	return w, proven, err
}

// relinking is an administrator's wish to let another sign-in take the place of
// somebody's.
type relinking struct {
	there bool
	until time.Time
}

// read asks whether there is such a person.
func (r *relinking) read(b *pgx.Batch, owner, person uuid.UUID) {
	b.Queue(personThere, owner, person).QueryRow(func(row pgx.Row) error { return row.Scan(&r.there) })
}

// decide begins the wait. Nothing changes before it is over, so there is nothing to undo when
// the person says no.
func (r *relinking) decide(w once.Writer, owner, person, id uuid.UUID, by uuid.NullUUID, now time.Time) error {
	if !r.there {
		return refusal.New(refusal.NotThere)
	}
	// Issuer and subject are empty: which sign-in comes, nobody knows yet.
	r.until = now.Add(IdentityWait)
	w.Queue(insertChange, owner, id, person, Relink, "", "", by, now, r.until)
	return nil
}

// RelinkPerson lets another sign-in take the place of somebody's, in the name of the
// house; see the call of the same name.
func RelinkPerson(ctx context.Context, db *postgres.DB, owner, person, id uuid.UUID, now time.Time) (until time.Time, err error) {
	err = db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		r := new(relinking)
		if err := tx.Ask(ctx, func(b *pgx.Batch) { r.read(b, owner, person) }); err != nil {
			return err
		}
		err := r.decide(tx, owner, person, id, uuid.NullUUID{}, now)
		until = r.until
		return err
	})
	return until, err
}

// MergePeople makes two people one in the name of the house, or begins to; it tells
// whether it is done. See the call of the same name.
func MergePeople(ctx context.Context, db *postgres.DB, owner, keep, gone, id uuid.UUID, now time.Time) (done bool, err error) {
	err = db.Do(ctx, postgres.As{Owner: owner}, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Ask(ctx, func(b *pgx.Batch) {
			b.Queue(LockRoster, owner)
			b.Queue(beginMerge, owner, id, keep, gone, now, now.Add(IdentityWait))
			// In the same flight behind the function that begins it, and so with its outcome.
			b.Queue(mergeState, owner, id).QueryRow(func(row pgx.Row) error {
				var outcome string
				err := row.Scan(&outcome)
				done = outcome == "DONE"
				return err
			})
		})
	})
	return done, err
}

// UndoMerge puts two people apart again, in the name of the house.
// One that still waits is ended by it. WRONG_STATE where it was refused or undone, or nothing is
// kept of what the two were.
func UndoMerge(ctx context.Context, db *postgres.DB, owner, change uuid.UUID, now time.Time) error {
	return db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(LockRoster, owner)
		tx.Queue(undoMerge, owner, change, now)
		return nil
	})
}

// CarryOut does what waits about who is who, once its time has come, and forgets what
// undoing an old import would need. A job.
// Under the lock of the roster, as an import is: both change who several people are.
func (s *Service) CarryOut(ctx context.Context, owner uuid.UUID) error {
	return s.db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(LockRoster, owner)
		tx.Queue(carryOutChanges, owner, s.moment())
		return nil
	})
}

// ForgetImports takes away what people were before an import that can no longer be
// undone ([UndoTime]).
func (s *Service) ForgetImports(ctx context.Context, owner uuid.UUID) error {
	return s.db.Do(ctx, postgres.As{Owner: owner}, func(_ context.Context, tx *postgres.Tx) error {
		tx.Queue(forgetOldBefore, owner, s.moment().Add(-UndoTime))
		return nil
	})
}

// PersonOf finds the one active person of an address or of a name of sign-in. For the
// house. Refuses with NOT_FOUND where there is none, or several.
// Several with one address name nobody, as when somebody signs in.
func PersonOf(ctx context.Context, db *postgres.DB, owner uuid.UUID, address string) (uuid.UUID, error) {
	var people []uuid.UUID
	err := db.Read(ctx, postgres.As{Owner: owner}, func(b *pgx.Batch) {
		b.Queue(peopleByEmail, owner, roster.FoldAddress(address)).Query(func(rows pgx.Rows) (err error) {
			people, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	})
	if err == nil && len(people) != 1 {
		err = refusal.New(refusal.NotThere)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return people[0], nil
}
