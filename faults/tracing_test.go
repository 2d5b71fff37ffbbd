package faults_test

import (
	"syscall"
	"testing"
	"time"

	"undring/tracing"
	"undring/tracing/tracingtest"
)

// Where a collector is named, traces of calls come to it; whether it takes them,
// is not there, or takes them and never answers, no call fails, and the server stops
// in time.
func TestACollectorHoldsNothingUp(t *testing.T) {
	w := newWorld(t)
	well, hanging := tracingtest.New(t), tracingtest.NewHanging(t)
	for _, c := range []struct {
		name, url string
		comes     <-chan struct{}
	}{
		{"takes them", well.URL, well.Came()},
		{"hangs", hanging.URL, hanging.Came()},
		{"is not there", "http://" + free(t), nil},
	} {
		w.env = []string{tracing.Endpoint + "=" + c.url, "OTEL_BSP_SCHEDULE_DELAY=100"}
		w.startServer()
		ws := w.write(true)
		for until := time.Now().Add(20 * time.Second); ws.count.Load() < 20*crowd; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("a collector %s: %d calls answered in 20 s", c.name, ws.count.Load())
			}
		}
		if c.comes != nil {
			select {
			case <-c.comes:
			case <-time.After(10 * time.Second):
				t.Errorf("a collector %s: no trace came", c.name)
			}
		}
		ws.finish()
		if len(ws.failed)+len(ws.wrong) > 0 {
			t.Errorf("a collector %s: %d calls failed, %v", c.name, len(ws.failed), ws.wrong)
		}
		begun := time.Now()
		if err := w.endServer(syscall.SIGTERM); err != nil {
			t.Errorf("a collector %s: the server ended with %v", c.name, err)
		}
		took := time.Since(begun)
		t.Logf("a collector %s: %d calls answered, the stop took %s", c.name, len(ws.acked), took)
		if took > 5*time.Second {
			t.Errorf("a collector %s: the stop took %s", c.name, took)
		}
	}
	for id, spans := range well.Traces() {
		if len(spans) > 3 {
			t.Logf("%d traces, one of them, %s, of %d spans", len(well.Traces()), id, len(spans))
			return
		}
	}
	t.Error("no trace tells of statements")
}
