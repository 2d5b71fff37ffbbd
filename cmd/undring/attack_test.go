package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"undring/attack"
)

// G27: a demo that thinks it has 1 GB of memory is sent the worst, by a hundred
// connections on both ports. It lives, stays within its memory, and somebody else is
// served, and soon. UNDRING_ATTACK sets for how long, such as 10m.
func TestG27OthersAreServedThroughAnAttack(t *testing.T) {
	span := 12 * time.Second
	if v := os.Getenv("UNDRING_ATTACK"); v != "" {
		var err error
		if span, err = time.ParseDuration(v); err != nil {
			t.Fatal(err)
		}
	}
	rpc, web := free(t), free(t)
	dir, err := os.MkdirTemp("", "undring-attack-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // as root, the database has a user of its own
		t.Fatal(err)
	}
	demo := exec.Command("undring", "demo")
	demo.Env = append(os.Environ(), "UNDRING_MEMORY=1GiB", "UNDRING_DATA_DIR="+filepath.Join(dir, "data"), "UNDRING_DATABASE_URL=",
		"UNDRING_GRPC_ADDR="+rpc, "UNDRING_WEB_ADDR="+web, "UNDRING_ADMIN_ADDR="+free(t))
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	demo.Stdout, demo.Stderr = out, out
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- demo.Wait() }()
	t.Cleanup(func() {
		_ = demo.Process.Signal(syscall.SIGTERM)
		<-ended
	})
	ready := func() bool {
		raw, _ := os.ReadFile(out.Name())
		return strings.Contains(string(raw), "Stop with Ctrl-C")
	}
	for begun := time.Now(); !ready(); time.Sleep(100 * time.Millisecond) {
		select {
		case err := <-ended:
			raw, _ := os.ReadFile(out.Name())
			ended <- err
			t.Fatalf("the demo ended: %v\n%s", err, raw)
		default:
		}
		if time.Since(begun) > 2*time.Minute {
			t.Fatal("the demo does not begin")
		}
	}
	o := attack.Options{GRPC: rpc, Web: web, Span: 2 * time.Second, Memory: func() int64 { return resident(demo.Process.Pid) }}
	calm, err := attack.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Span, o.Connections = span, 100
	r, err := attack.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("calm: p99 %s; attacked: %d calls of others', p99 %s, slowest %s, %d refused; %d MiB at most; tried: %v",
		calm.P99, r.Served, r.P99, r.Slowest, r.Refused, r.Memory>>20, r.Tried)
	for _, k := range attack.Kinds() {
		if r.Tried[k.Name] == 0 {
			t.Errorf("%s was not tried", k.Name)
		}
	}
	if limit := max(time.Second, 4*calm.P99); r.P99 > limit { // on a busy machine calm calls take long, too
		t.Errorf("p99 of others' calls is %s, more than %s", r.P99, limit)
	}
	if r.Served < 20 || r.Refused*100 > r.Served {
		t.Errorf("%d calls of others' were served and %d refused", r.Served, r.Refused)
	}
	if r.Memory == 0 || r.Memory > 800<<20 {
		t.Errorf("the server held %d MiB", r.Memory>>20)
	}
	select {
	case err := <-ended:
		ended <- err
		t.Errorf("the server ended: %v", err)
	default:
	}
}

func TestOnlyACopyOnThisMachineIsAttacked(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{"127.0.0.1:7080": true, "[::1]:7080": true, "10.0.0.1:7080": false, "undring.example.no:443": false, "0.0.0.0:1": false, "localhost": false} {
		if err := attack.Loopback(address); (err == nil) != fine {
			t.Errorf("%s: %v", address, err)
		}
	}
}
