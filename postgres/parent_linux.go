package postgres

import "syscall"

// attributes of a child of the cluster: its user, and the signal that ends it
// when this process dies, even by kill -9. SIGINT is PostgreSQL's fast shutdown.
func attributes(as *account) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT, Setpgid: true}
	if as != nil {
		a.Credential = &syscall.Credential{Uid: uint32(as.uid), Gid: uint32(as.gid)}
	}
	return a
}
