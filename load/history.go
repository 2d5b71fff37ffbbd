package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Line is one run in the history. One run is one line, and none is ever changed, so that
// histories merge line by line.
type Line struct {
	At      time.Time `json:"at"`
	Commit  string    `json:"commit"`
	Machine string    `json:"machine"`
	Notes   int       `json:"notes"`
	// SharedBuffers is what the database kept in memory; empty: 128MB.
	SharedBuffers string `json:"shared_buffers,omitempty"`
	Rows          []Row  `json:"rows"`
}

// Keep adds a run to the history in a file: one line of JSON each, the newest last. It is
// one append, so that two runs that end at once do not write into each other's lines.
func Keep(file string, l Line) error {
	l.Machine = machine()
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keeping the result: %w", err)
	}
	_, err = f.Write(append(raw, '\n'))
	return errors.Join(err, f.Close())
}

// machine describes where this runs, as far as it can be found out, and how busy
// others kept it meanwhile. Without it a curve that falls can't be told from another
// machine, or from a busy one.
func machine() string {
	model := runtime.GOARCH
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	busy := ""
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		busy = ", load " + strings.Fields(string(raw))[0]
	}
	return fmt.Sprintf("%d × %s, %s%s", runtime.NumCPU(), model, runtime.Version(), busy)
}
