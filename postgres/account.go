package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that the cluster runs as; nil: this one.
type account struct{ uid, gid int }

// runAs is this user, except for root, whom PostgreSQL refuses.
func runAs() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil {
			return &account{uid, gid}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// own makes a folder that the cluster's user alone can reach.
func own(dir string, as *account) error {
	if as != nil { // folders made on the way let that user through
		if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil {
			return fmt.Errorf("the database's folder: %w", err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the database's folder: %w", err)
	}
	if as == nil {
		return nil
	}
	if err := os.Chown(dir, as.uid, as.gid); err != nil {
		return fmt.Errorf("the database's folder: %w", err)
	}
	// Every folder above has to let that user through.
	for d := filepath.Dir(dir); d != "/"; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil {
			return fmt.Errorf("the database's folder: %w", err)
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if ok && info.Mode().Perm()&0o001 == 0 && int(st.Uid) != as.uid && (int(st.Gid) != as.gid || info.Mode().Perm()&0o010 == 0) {
			return fmt.Errorf("the database runs as user %d and can't pass through %s: choose another UNDRING_DATA_DIR, such as /var/lib/undring", as.uid, d)
		}
	}
	return nil
}
