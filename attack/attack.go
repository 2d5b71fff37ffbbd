// Package attack sends a running copy of Undring the worst that was ever tried against
// it, on both ports and from many connections, and measures how others are served
// meanwhile. It is for copies on this machine alone: it knows no other address.
//
// What it sends stands in [Kinds]: each is a way in which a little that was sent once
// cost a lot.
package attack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
)

// Limits of an attack, whatever is asked for. They keep a slip on the command line from
// making the machine itself the thing that is measured.
const (
	MostConnections = 200
	LongestSpan     = 15 * time.Minute
	// honestEvery is how often somebody else makes a call, on each port. Twenty a second
	// are enough for a p99 and far fewer than the attack itself makes.
	honestEvery = 50 * time.Millisecond
	// patience is how long one try may take. A try that is never answered, as some are
	// meant to be, has to end so that the next kind gets its turn.
	patience = 5 * time.Second
	// signInEvery is how often everybody signs in anew: a token lasts ten minutes, and an
	// attack may last longer. Long before that, as a server under attack may take its time to
	// let somebody in. signInAgain is the pause after a sign-in that was refused.
	signInEvery = 4 * time.Minute
	signInAgain = time.Second
)

// Options say what is attacked, and how hard.
type Options struct {
	// GRPC and Web are the ports, each a loopback address such as 127.0.0.1:7070. The
	// copy is a demo: the attack signs in as people of it.
	GRPC, Web string
	// Connections is how many attack at once, at most [MostConnections], and Span for
	// how long, at most [LongestSpan].
	Connections int
	Span        time.Duration
	// Only is the one kind that is tried; empty: all, in turn.
	Only string
	// Memory says how much memory the server holds now, in bytes; nil: it is not measured.
	Memory func() int64
}

// Report is what an attack found. It says nothing of the tries themselves but how often
// each was made: that they are refused is right, and how they fare is not measured.
type Report struct {
	Tried map[string]int64 // of each kind, how often
	// p99 and the slowest are of served calls alone; a refusal is counted apart, since a
	// server that refuses everybody at once would otherwise look fast.
	Served  int           // of others' calls
	Refused int           // of others' calls, for whatever reason
	P99     time.Duration // of others' calls that were served
	Slowest time.Duration
	Memory  int64 // the most that the server held, in bytes; 0: not measured
}

// target is what is attacked, by whom. The connection is the honest one's; those that
// attack open their own, so that it is the server and not one connection that is under
// load.
type target struct {
	Options
	conn *grpc.ClientConn
	who  atomic.Pointer[tokens]
}

// tokens are those of people who have signed in: two who attack, and one who means no harm.
type tokens struct{ teacher, admin, honest string }

// ErrNotHere refuses to attack anything but a copy on this machine.
var ErrNotHere = errors.New("only a copy on this machine is attacked: give a loopback address")

// Loopback refuses an address that is not of this machine. A name is refused as well, even
// localhost: what it stands for may change between this check and the attack.
func Loopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q: %w", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return ErrNotHere
	}
	return nil
}

// Run attacks, and returns what it found. Its error is that it could not begin. Connections
// and span are cut to the limits without an error.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := errors.Join(Loopback(o.GRPC), Loopback(o.Web)); err != nil {
		return nil, err
	}
	o.Connections, o.Span = min(o.Connections, MostConnections), min(o.Span, LongestSpan)
	t := &target{Options: o}
	var err error
	if t.conn, err = dial(t.GRPC); err != nil {
		return nil, err
	}
	defer t.conn.Close()
	if err := t.signIn(ctx); err != nil {
		return nil, fmt.Errorf("signing in at the demo: %w", err)
	}
	kinds := Kinds()
	if o.Only != "" {
		kinds = slices.DeleteFunc(kinds, func(k Kind) bool { return k.Name != o.Only })
		if len(kinds) == 0 {
			return nil, fmt.Errorf("no kind of attack is called %q", o.Only)
		}
	}
	ctx, stop := context.WithTimeout(ctx, o.Span)
	defer stop()
	tried := make([]atomic.Int64, len(kinds))
	var all sync.WaitGroup
	all.Go(func() { t.staySignedIn(ctx, signInEvery) })
	for i := range o.Connections {
		all.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				// Each begins with another kind, so that all kinds are under way at any
				// moment.
				k := n % len(kinds)
				tried[k].Add(1)
				soon, cancel := context.WithTimeout(ctx, patience)
				kinds[k].try(soon, t) // that it is refused is what is hoped for
				cancel()
			}
		})
	}
	r := t.watch(ctx)
	all.Wait()
	r.Tried = map[string]int64{}
	for i, k := range kinds {
		r.Tried[k.Name] = tried[i].Load()
	}
	return r, nil
}

// signIn finds who attacks, and who does not. The honest one is another teacher than the
// attacker, so that limits by person do not fall on both.
func (t *target) signIn(ctx context.Context) error {
	sessions := pb.NewSessionServiceClient(t.conn)
	options, err := sessions.GetSignInOptions(ctx, &pb.GetSignInOptionsRequest{})
	if err != nil {
		return err
	}
	as := func(role pb.Role, nth int) (string, error) {
		for _, p := range options.GetDemoPeople() {
			if !slices.Contains(p.GetRoles(), role) {
				continue
			}
			if nth--; nth >= 0 {
				continue
			}
			in, err := sessions.SignIn(ctx, &pb.SignInRequest{Proof: &pb.SignInRequest_DemoPerson{DemoPerson: p.GetId()}, DeviceName: "attack"})
			return in.GetAccessToken(), err
		}
		return "", fmt.Errorf("the demo has nobody with %s", role)
	}
	var who tokens
	var wrong [3]error
	who.teacher, wrong[0] = as(pb.Role_ROLE_TEACHER, 0)
	who.admin, wrong[1] = as(pb.Role_ROLE_ADMINISTRATOR, 0)
	who.honest, wrong[2] = as(pb.Role_ROLE_TEACHER, 1)
	if err := errors.Join(wrong[:]...); err != nil {
		return err
	}
	t.who.Store(&who)
	return nil
}

// staySignedIn signs everybody in anew each time that so long has passed, until ctx ends.
// Without it an attack that outlives a token is refused at the door, and so is whoever means
// no harm.
func (t *target) staySignedIn(ctx context.Context, every time.Duration) {
	for wait := every; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if wait = every; t.signIn(ctx) != nil {
			wait = min(every, signInAgain)
		}
	}
}

// dial opens a connection of its own, not encrypted: an attack goes to loopback alone.
func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

// by puts somebody's access token into the headers of a call.
func by(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// watch makes the calls of somebody else, on both ports, until the attack is over. One
// after the other, by gRPC and by the web port: what it waits for is what a person would
// wait for.
func (t *target) watch(ctx context.Context) *Report {
	r := new(Report)
	var took []time.Duration
	observations := pb.NewObservationServiceClient(t.conn)
	client := &http.Client{Timeout: patience}
	tick := time.NewTicker(honestEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		begun := time.Now()
		_, err := observations.ListObservations(by(ctx, t.who.Load().honest), &pb.ListObservationsRequest{})
		took = t.note(ctx, r, took, begun, err)
		begun = time.Now()
		err = t.askOnTheWeb(ctx, client)
		took = t.note(ctx, r, took, begun, err)
		if t.Memory != nil {
			// Asked at each turn, since the peak is what ends a process, and it may be
			// short.
			r.Memory = max(r.Memory, t.Memory())
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	slices.Sort(took)
	if r.Served = len(took); r.Served > 0 {
		r.P99, r.Slowest = took[r.Served*99/100], took[r.Served-1]
	}
	return r
}

// note counts one honest call: how long it took, or that it was refused. A call that the end
// of the attack has cut off says nothing of the server and is left out.
func (t *target) note(ctx context.Context, r *Report, took []time.Duration, begun time.Time, err error) []time.Duration {
	switch {
	case ctx.Err() != nil: // cut off by the end
	case err != nil:
		r.Refused++
	default:
		took = append(took, time.Since(begun))
	}
	return took
}
