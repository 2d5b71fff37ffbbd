package attack

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "undring/gen/undring/v1"
)

// lending is a server whose tokens are good for one sign-in of their holder only, and whose
// calls take a while.
type lending struct {
	pb.UnimplementedSessionServiceServer
	pb.UnimplementedObservationServiceServer
	mu     sync.Mutex
	newest map[string]string // by person
	made   int
	shut   atomic.Bool  // nobody is let in
	hang   atomic.Bool  // nobody is answered
	done   atomic.Int64 // calls that were carried out to their end
}

func (l *lending) GetSignInOptions(context.Context, *pb.GetSignInOptionsRequest) (*pb.GetSignInOptionsResponse, error) {
	teacher, admin := []pb.Role{pb.Role_ROLE_TEACHER}, []pb.Role{pb.Role_ROLE_ADMINISTRATOR}
	return &pb.GetSignInOptionsResponse{DemoPeople: []*pb.DemoPerson{{Id: "a", Roles: teacher}, {Id: "b", Roles: teacher}, {Id: "c", Roles: admin}}}, nil
}

func (l *lending) SignIn(_ context.Context, r *pb.SignInRequest) (*pb.SignInResponse, error) {
	if l.shut.Load() {
		return nil, status.Error(codes.ResourceExhausted, "busy")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	token := fmt.Sprint(r.GetDemoPerson(), l.made)
	l.newest[r.GetDemoPerson()] = token
	return &pb.SignInResponse{AccessToken: token}, nil
}

func (l *lending) ListObservations(ctx context.Context, _ *pb.ListObservationsRequest) (*pb.ListObservationsResponse, error) {
	if l.hang.Load() {
		<-ctx.Done()
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(50 * time.Millisecond):
	}
	l.done.Add(1)
	md, _ := metadata.FromIncomingContext(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, token := range l.newest {
		if md.Get("authorization")[0] == "Bearer "+token {
			return &pb.ListObservationsResponse{}, nil
		}
	}
	return nil, status.Error(codes.Unauthenticated, "the token has expired")
}

// lend starts it.
func lend(t *testing.T) (*lending, *target) {
	t.Helper()
	l := &lending{newest: map[string]string{}}
	s := grpc.NewServer()
	pb.RegisterSessionServiceServer(s, l)
	pb.RegisterObservationServiceServer(s, l)
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(at) }()
	t.Cleanup(s.Stop)
	to := &target{Options: Options{GRPC: at.Addr().String()}}
	if to.conn, err = dial(to.GRPC); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { to.conn.Close() })
	if err := to.signIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l, to
}

// An attack that is longer than a token is good for goes on as somebody who is signed in, and so
// does whoever means no harm; also where the server lets nobody in for a while.
func TestAnAttackOutlivesItsTokens(t *testing.T) {
	t.Parallel()
	l, to := lend(t)
	first := to.who.Load()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l.shut.Store(true)
	var staying sync.WaitGroup
	staying.Go(func() { to.staySignedIn(ctx, 10*time.Millisecond) })
	time.Sleep(50 * time.Millisecond)
	if to.who.Load() != first {
		t.Error("who was not let in has another token")
	}
	l.shut.Store(false)
	for until := time.Now().Add(10 * time.Second); to.who.Load() == first && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
	stop()
	staying.Wait()
	last := to.who.Load()
	if last == first || last.teacher == first.teacher || last.admin == first.admin || last.honest == first.honest {
		t.Fatalf("the tokens are %v, and were %v", last, first)
	}
	if _, err := pb.NewObservationServiceClient(to.conn).ListObservations(by(t.Context(), last.honest), &pb.ListObservationsRequest{}); err != nil {
		t.Errorf("with the new token: %v", err)
	}
}

// A flood waits until the server has answered all of it. One that hung up would end its calls
// before they cost anything, and count as a try.
func TestAFloodWaitsForItsAnswers(t *testing.T) {
	t.Parallel()
	l, to := lend(t)
	const calls = 8
	to.flood(t.Context(), pb.ObservationService_ListObservations_FullMethodName, to.who.Load().teacher, nil, calls, false)
	if n := l.done.Load(); n != calls {
		t.Errorf("%d of %d calls were carried out", n, calls)
	}
	// A server that never answers does not hold it for longer than its time.
	l.hang.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		to.flood(ctx, pb.ObservationService_ListObservations_FullMethodName, "", nil, 1, false)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the flood goes on after its time")
	}
}
