package postgres

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Program finds one of PostgreSQL's programs, such as pgbench.
func Program(name string) (string, error) {
	folder, err := programs()
	return filepath.Join(folder, name), err
}

// programs finds the folder of the newest PostgreSQL programs on the machine.
func programs() (string, error) {
	var found string
	newest := 0
	look := func(folder string) {
		out, err := exec.Command(filepath.Join(folder, "postgres"), "--version").Output()
		if err != nil {
			return
		}
		fields := strings.Fields(string(out)) // postgres (PostgreSQL) 15.18 (Debian …)
		if len(fields) < 3 {
			return
		}
		major, _, _ := strings.Cut(fields[2], ".")
		if v, err := strconv.Atoi(major); err == nil && v >= oldestMajor && v > newest {
			newest, found = v, folder
		}
	}
	// What somebody names goes before what is found, even where it is older.
	if dir := os.Getenv("PGBIN"); dir != "" {
		look(dir)
	}
	if found == "" {
		for _, pattern := range []string{
			"/usr/lib/postgresql/*/bin",          // Debian
			"/usr/pgsql-*/bin",                   // Red Hat
			"/opt/homebrew/opt/postgresql@*/bin", // Homebrew, Apple silicon
			"/usr/local/opt/postgresql@*/bin",    // Homebrew, Intel
			"/Applications/Postgres.app/Contents/Versions/*/bin",
		} {
			folders, _ := filepath.Glob(pattern)
			for _, f := range folders {
				look(f)
			}
		}
	}
	if found == "" {
		if path, err := exec.LookPath("postgres"); err == nil {
			if real, err := filepath.EvalSymlinks(path); err == nil {
				look(filepath.Dir(real))
			}
		}
	}
	if found == "" {
		return "", fmt.Errorf("no PostgreSQL programs (version %d or newer) were found. Install them with:\n\n    %s\n\nor name their folder in PGBIN, or a running database in UNDRING_DATABASE_URL", oldestMajor, installCommand())
	}
	return found, nil
}

const oldestMajor = 15

// installCommand is what installs PostgreSQL on this system. It is shown, never run.
func installCommand() string {
	if runtime.GOOS == "darwin" {
		return "brew install postgresql@17"
	}
	if _, err := exec.LookPath("dnf"); err == nil {
		return "sudo dnf install postgresql-server postgresql-contrib"
	}
	return "sudo apt-get install postgresql"
}
