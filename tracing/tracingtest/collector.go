// Package tracingtest runs a collector of traces for a test.
package tracingtest

import (
	"context"
	"encoding/hex"
	"net"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/prototext"
)

// Collector speaks OTLP/gRPC, and keeps what it is sent.
type Collector struct {
	// URL is where it listens, for OTEL_EXPORTER_OTLP_ENDPOINT.
	URL string

	collector.UnimplementedTraceServiceServer
	hang bool
	came chan struct{} // has room for one: something has come

	mu   sync.Mutex
	sent []*traces.ResourceSpans
}

// New is a collector, which ends with the test.
func New(t testing.TB) *Collector { return start(t, false) }

// NewHanging is one that takes what it is sent, and never answers.
func NewHanging(t testing.TB) *Collector { return start(t, true) }

func start(t testing.TB, hang bool) *Collector {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &Collector{URL: "http://" + l.Addr().String(), hang: hang, came: make(chan struct{}, 1)}
	s := grpc.NewServer()
	collector.RegisterTraceServiceServer(s, c)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	return c
}

// Export is what OTLP calls.
func (c *Collector) Export(ctx context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	c.sent = append(c.sent, r.GetResourceSpans()...)
	c.mu.Unlock()
	select {
	case c.came <- struct{}{}:
	default:
	}
	if c.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return new(collector.ExportTraceServiceResponse), nil
}

// Came hears, once for one or several, that something was sent.
func (c *Collector) Came() <-chan struct{} { return c.came }

// Traces are the spans that were sent, by the id of their trace.
func (c *Collector) Traces() map[string][]*traces.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string][]*traces.Span{}
	for _, r := range c.sent {
		for _, s := range r.GetScopeSpans() {
			for _, span := range s.GetSpans() {
				id := hex.EncodeToString(span.GetTraceId())
				out[id] = append(out[id], span)
			}
		}
	}
	return out
}

// Text is all that was sent, in the words that it was sent in.
func (c *Collector) Text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []byte
	for _, r := range c.sent {
		out = append(out, prototext.Format(r)...)
	}
	return string(out)
}
