package server

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
)

// What one caller can hold of the server. Each bound was tried with callers who
// mean harm (limits_test.go).
const (
	// maxStreams is how many calls one connection has under way at once. A phone
	// has two or three.
	maxStreams = 100
	// maxHeaders is how many bytes of headers a call has at most; a token takes
	// half a kilobyte.
	maxHeaders = 16 << 10
	// introduction is how long a connection may take until it speaks HTTP/2 or
	// has sent its headers.
	introduction = 5 * time.Second
	// longestRequest is how long a request over the web port may take to come in.
	longestRequest = 30 * time.Second
	// idle is how long a connection without a call is kept, and age how long one
	// is kept at all: then it comes anew, perhaps to another server. Its calls
	// have grace to end.
	idle  = 15 * time.Minute
	age   = 30 * time.Minute
	grace = 30 * time.Second
	// mostConnections are open at once, and mostFromOne of one address: a school
	// sits behind one.
	mostConnections = 20_000
	mostFromOne     = 12_000
	// strangersMost is how many bytes a connection may send until one of its calls
	// shows a token of ours. Signing in takes some kilobytes.
	strangersMost = 256 << 10
	// window is how much of a call may come before its message is read: grpc would let
	// it grow with what a connection sends.
	window = 64 << 10
	// readBuffer is what each connection holds to read into. Most are phones that
	// wait, so what is written goes through buffers that are shared.
	readBuffer = 2 << 10
	// workers answer calls without a goroutine, and its stack, of their own; more
	// calls than that get one.
	workers = 64
)

// limits bounds what one connection can hold of the server. Each number is explained
// where it stands. The gRPC port is open to the network, so they hold before anybody has
// signed in (G15).
func limits() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(strangersBody), // of what is not a service of the contract; see receive
		grpc.InitialWindowSize(window),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.ConnectionTimeout(introduction),
		grpc.NumStreamWorkers(workers),
		grpc.ReadBufferSize(readBuffer),
		// A phone behind a mobile network has to ping to keep its way open; more often than
		// each 20 seconds is a flood.
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: time.Minute, Timeout: 20 * time.Second,
			MaxConnectionIdle: idle, MaxConnectionAge: age, MaxConnectionAgeGrace: grace,
		}),
	}
}

// crowd takes so many connections at once, and so many of one address; the rest
// are closed at once. A place is taken before a byte is read, as a connection that says
// nothing costs a goroutine and a buffer all the same.
type crowd struct {
	net.Listener
	most, fromOne int

	strangers int // bytes that one may send without showing a token; 0: no matter

	mu   sync.Mutex
	all  int
	from map[string]int
}

// limitCrowd lets so many connections in, from one host and in all. strangers is how many
// bytes each may send until one of its calls shows a token; 0: that is counted elsewhere.
func limitCrowd(l net.Listener, strangers int) net.Listener {
	return &crowd{Listener: l, most: mostConnections, fromOne: mostFromOne, strangers: strangers, from: map[string]int{}}
}

// Accept waits for a connection that there is room for.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host := hostOf(conn.RemoteAddr())
		if !c.enter(host) {
			conn.Close()
			continue
		}
		return newMember(conn, c, host), nil
	}
}

// enter counts a connection in, or says that there is no room for it. By the address at the
// other end: what a proxy says of whom it calls for is known only once a request was read.
func (c *crowd) enter(host string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all >= c.most || c.from[host] >= c.fromOne {
		return false
	}
	c.all++
	c.from[host]++
	return true
}

// leave counts it out again, and forgets a host that has no other.
func (c *crowd) leave(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.from[host]--; c.from[host] == 0 {
		delete(c.from, host)
	}
}

// member is a connection that counts until it is closed. It is found again by its address
// (see [seat]), since grpc hands a call no other trace of its connection.
type member struct {
	net.Conn
	raw   syscall.RawConn // nil: no socket
	crowd *crowd
	host  string
	left  sync.Once
	// Only what reads the connection reads and writes these.
	sent  int  // bytes
	known bool // one of its calls has shown a token of ours
	// open are its calls under way that came before any showed a token.
	open atomic.Int32
}

// seat is where a connection comes from, by which a call finds it again.
type seat struct {
	net.Addr
	member *member
}

// RemoteAddr is where the other end is, and leads back to the connection.
func (m *member) RemoteAddr() net.Addr { return seat{m.Conn.RemoteAddr(), m} }

// errStranger ends a connection whose calls show no token.
var errStranger = errors.New("too much from somebody who has shown no token")

// hear counts what was read. From the moment at which one call has shown a token, what
// comes is counted by person and call instead.
func (m *member) hear(n int) error {
	if m.known || m.crowd.strangers == 0 {
		return nil
	}
	if m.sent += n; m.sent > m.crowd.strangers {
		return errStranger
	}
	return nil
}

// newMember is a connection that is counted out when it is closed.
func newMember(conn net.Conn, c *crowd, host string) *member {
	m := &member{Conn: conn, crowd: c, host: host}
	if socket, ok := conn.(syscall.Conn); ok {
		m.raw, _ = socket.SyscallConn() // nil where it fails
	}
	return m
}

// ReadOnReady is what grpc reads by, where a connection has it: it waits for
// something to read without a buffer, which a phone that watches would hold for
// hours. Of a bare socket grpc knows how to; around one it has to be told.
func (m *member) ReadOnReady(size int, pool mem.BufferPool) (*[]byte, int, error) {
	var buf *[]byte
	var n int
	var failed error
	read := func(fd uintptr) bool {
		buf = pool.Get(size)
		if n, failed = syscall.Read(int(fd), *buf); failed == syscall.EAGAIN {
			pool.Put(buf)
			return false
		}
		return true
	}
	var err error
	// A TLS connection or one in a test has no socket to wait on, and reads with a buffer.
	if m.raw != nil {
		err = m.raw.Read(read)
	} else {
		buf = pool.Get(size)
		n, failed = m.Read(*buf)
	}
	switch {
	case err != nil: // closed, and no buffer is held
		return nil, 0, err
	case failed == nil && n == 0:
		failed = io.EOF
	case failed == nil:
		if failed = m.hear(n); failed != nil {
			n = 0
		}
	}
	if failed != nil && n <= 0 {
		pool.Put(buf)
		return nil, 0, failed
	}
	return buf, n, failed
}

// Write gives whoever reads [unsentTime] for each piece: whoever takes nothing holds what
// waits for them. A write of HTTP/2 has no deadline of its own: a reader who takes nothing
// would hold a goroutine for as long as the connection lives.
func (m *member) Write(p []byte) (int, error) {
	_ = m.Conn.SetWriteDeadline(time.Now().Add(unsentTime)) // where it fails, so does the write
	return m.Conn.Write(p)
}

// Close gives the place to somebody else. grpc and http may each close it, and it is
// counted out once.
func (m *member) Close() error {
	m.left.Do(func() { m.crowd.leave(m.host) })
	return m.Conn.Close()
}

// hostOf is where a connection comes from. One that has no port, a socket of this
// machine, is its own host.
func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}
