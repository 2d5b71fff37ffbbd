//go:build !linux

package postgres

import "syscall"

// attributes of a child of the cluster. Other systems than Linux know no signal
// at a parent's death: there the cluster stops with [Private.Stop], and what a
// killed program leaves behind is taken over at the next start.
func attributes(as *account) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if as != nil {
		a.Credential = &syscall.Credential{Uid: uint32(as.uid), Gid: uint32(as.gid)}
	}
	return a
}
