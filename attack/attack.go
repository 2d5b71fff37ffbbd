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

// Limits of an attack, whatever is asked for.
const (
	MostConnections = 200
	LongestSpan     = 15 * time.Minute
	// honestEvery is how often somebody else makes a call, on each port.
	honestEvery = 50 * time.Millisecond
	// patience is how long one try may take.
	patience = 5 * time.Second
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
	// Memory tells how much memory the server holds now, in bytes; nil: nobody does.
	Memory func() int64
}

// Report is what an attack found.
type Report struct {
	Tried   map[string]int64 // of each kind, how often
	Served  int              // of others' calls
	Refused int              // of others' calls, for whatever reason
	P99     time.Duration    // of others' calls that were served
	Slowest time.Duration
	Memory  int64 // the most that the server held, in bytes; 0: not measured
}

// target is what is attacked, by whom.
type target struct {
	Options
	conn           *grpc.ClientConn
	teacher, admin string // tokens
	honest         string // of somebody who means no harm
}

// ErrNotHere refuses to attack anything but a copy on this machine.
var ErrNotHere = errors.New("only a copy on this machine is attacked: give a loopback address")

// Loopback refuses an address that is not of this machine.
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

// Run attacks, and tells what it found. Its error is that it could not begin.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := errors.Join(Loopback(o.GRPC), Loopback(o.Web)); err != nil {
		return nil, err
	}
	o.Connections, o.Span = min(o.Connections, MostConnections), min(o.Span, LongestSpan)
	t := &target{Options: o}
	if err := t.signIn(ctx); err != nil {
		return nil, fmt.Errorf("signing in at the demo: %w", err)
	}
	defer t.conn.Close()
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
	for i := range o.Connections {
		all.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
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

// signIn finds who attacks, and who does not.
func (t *target) signIn(ctx context.Context) error {
	var err error
	if t.conn, err = dial(t.GRPC); err != nil {
		return err
	}
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
	var wrong [3]error
	t.teacher, wrong[0] = as(pb.Role_ROLE_TEACHER, 0)
	t.admin, wrong[1] = as(pb.Role_ROLE_ADMINISTRATOR, 0)
	t.honest, wrong[2] = as(pb.Role_ROLE_TEACHER, 1)
	return errors.Join(wrong[:]...)
}

func dial(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func by(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// watch makes the calls of somebody else, on both ports, until the attack is over.
func (t *target) watch(ctx context.Context) *Report {
	r := new(Report)
	var took []time.Duration
	observations := pb.NewObservationServiceClient(t.conn)
	client := &http.Client{Timeout: patience}
	tick := time.NewTicker(honestEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		begun := time.Now()
		_, err := observations.ListObservations(by(ctx, t.honest), &pb.ListObservationsRequest{})
		took = t.note(ctx, r, took, begun, err)
		begun = time.Now()
		err = t.askOnTheWeb(ctx, client)
		took = t.note(ctx, r, took, begun, err)
		if t.Memory != nil {
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
