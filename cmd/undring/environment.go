package main

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"github.com/jackc/pgx/v5"

	"undring/postgres"
)

// databaseName is the database in the private cluster. The cluster holds nothing else.
const databaseName = "undring"

// getenv reads a setting, or what holds where it is not set. Set to nothing counts as not set:
// units and containers often hand on empty variables.
func getenv(key, otherwise string) string {
	if v := os.Getenv(key); v != "" {
		return v
	}
	return otherwise
}

// collectAt is how much garbage there may be for each byte that lives, in percent.
// Little lives in a server; collecting half as often saves a tenth of its time. Go's own is
// 100.
const collectAt = 400

// init sets the collector's pace before anything is allocated. GOGC, where it is set, counts.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}

// dataDir is where this installation keeps what is its own. It makes no folder: whoever
// writes there does, with the rights that it needs.
func dataDir() (string, error) {
	if dir := os.Getenv("UNDRING_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	// Root starts PostgreSQL as another user, who has to reach the folder.
	if os.Geteuid() == 0 { // a home of root's would shut out the database's user
		return "/var/lib/undring", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "undring"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data folder: set UNDRING_DATA_DIR: %w", err)
	}
	return filepath.Join(home, ".local", "share", "undring"), nil
}

// addresses are those of the database, each for one of the server's roles. The roles may do
// different things, and each connection is made as one of them; nothing ever changes its
// role.
type addresses struct{ app, culture, metrics string }

// derived are the addresses for the other roles where one is given for undring_app:
// the same with another name. ok is false for another role: which database a name stands
// for is then for whoever runs the server to say, and a guess could give the leaders' pages
// too much.
func derived(app string) (at addresses, ok bool) {
	u, err := url.Parse(app)
	if err != nil {
		return addresses{app: app}, false
	}
	query := u.Query()
	// libpq takes the name either before the host or in the query.
	inQuery := query.Get("user") == "undring_app" // where the address has a socket, and so no host
	if !inQuery && u.User.Username() != "undring_app" {
		return addresses{app: app}, false
	}
	as := func(role string) string {
		// A copy of the address with the same password, where there is one.
		other := *u
		if inQuery {
			query.Set("user", role)
			other.RawQuery = query.Encode()
		} else if password, given := u.User.Password(); given {
			other.User = url.UserPassword(role, password)
		} else {
			other.User = url.User(role)
		}
		return other.String()
	}
	return addresses{app: app, culture: as("undring_culture"), metrics: as("undring_metrics")}, true
}

// pools are the open database, for each of the server's roles. All three or none: the
// server needs each.
type pools struct{ app, culture, metrics *postgres.DB }

// openPools opens the database for each role. The leaders' path has connections of
// its own, which can read nothing but what is published. A tracer sees the statements
// of all; nil: nobody does.
func openPools(ctx context.Context, at addresses, tracer pgx.QueryTracer) (p pools, err error) {
	for _, o := range []struct {
		into **postgres.DB
		role string
		url  string
		most int
		// 0 is the pool's own number. The jobs that count need two, and leaders' pages four, which
		// no other load can take from them.
	}{{&p.app, "undring_app", at.app, 0}, {&p.culture, "undring_culture", at.culture, 2}, {&p.metrics, "undring_metrics", at.metrics, 4}} {
		if *o.into, err = postgres.Open(ctx, o.url, postgres.Options{MaxConns: o.most, Tracer: tracer}); err != nil {
			p.close()
			return pools{}, fmt.Errorf("as %s: %w", o.role, err)
		}
	}
	return p, nil
}

// close ends all pools. Some may be missing, where opening them was broken off half-way.
func (p pools) close() {
	for _, db := range []*postgres.DB{p.app, p.culture, p.metrics} {
		if db != nil {
			db.Close()
		}
	}
}

// private runs the private database, or joins the one that another undring runs,
// and brings its schema up to date. It gives the addresses for the server's roles. The
// address of a cluster that runs already is found in its folder, so commands join the demo
// while it runs.
func private(ctx context.Context, log *slog.Logger) (at addresses, stop func(), err error) {
	dir, err := dataDir()
	if err != nil {
		return at, nil, err
	}
	cluster := postgres.JoinPrivate(ctx, filepath.Join(dir, "postgres"))
	if cluster == nil {
		cluster, err = postgres.StartPrivate(ctx, postgres.PrivateOptions{Dir: filepath.Join(dir, "postgres"), Log: log})
		if err != nil {
			return at, nil, err
		}
	}
	// Somebody who tries Undring has nobody who looks after its database. It goes on while
	// the server stops: the last calls still need the database.
	kept, letGo := context.WithCancel(context.WithoutCancel(ctx))
	var keeping sync.WaitGroup
	keeping.Go(func() { cluster.Keep(kept, log) })
	stop = func() {
		letGo()
		if err := cluster.Stop(); err != nil {
			log.Error("stopping the database", "error", err.Error())
		}
		keeping.Wait()
	}
	if err := cluster.CreateDatabase(ctx, databaseName); err != nil {
		stop()
		return at, nil, err
	}
	if err := postgres.Migrate(ctx, cluster.URL(databaseName, "postgres")); err != nil {
		stop()
		return at, nil, err
	}
	return addresses{
		app:     cluster.URL(databaseName, "undring_app"),
		culture: cluster.URL(databaseName, "undring_culture"),
		metrics: cluster.URL(databaseName, "undring_metrics"),
	}, stop, nil
}

// listen opens the three ports, or says which is taken. All on loopback unless told
// otherwise: nothing is reached from outside by accident.
func listen() (rpc, web, admin net.Listener, err error) {
	// After the first that failed no other is tried, so that its error is the one that is
	// reported.
	open := func(key, otherwise string) net.Listener {
		if err != nil {
			return nil
		}
		// The setting is named in the error, as whoever reads it has to change that one.
		var l net.Listener
		if l, err = net.Listen("tcp", getenv(key, otherwise)); err != nil {
			err = fmt.Errorf("%w; choose another address in %s", err, key)
		}
		return l
	}
	rpc = open("UNDRING_GRPC_ADDR", "127.0.0.1:7070")
	web = open("UNDRING_WEB_ADDR", "127.0.0.1:7080")
	admin = open("UNDRING_ADMIN_ADDR", "127.0.0.1:7090")
	if err != nil {
		for _, l := range []net.Listener{rpc, web, admin} {
			if l != nil {
				l.Close()
			}
		}
	}
	return rpc, web, admin, err
}

// demoKey is the demo's own key, made at its first start and kept, so that whoever is signed in
// stays so over a restart. Nobody but the user may read it.
func demoKey() (ed25519.PrivateKey, error) {
	dir, err := dataDir()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "demo-key.pem")
	// A key that is there and can't be read is an error: a new one in its place would sign
	// everybody out.
	raw, err := os.ReadFile(path)
	if err == nil {
		return parseKey(raw)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the demo's key: %w", err)
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	raw = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return nil, fmt.Errorf("the demo's key: %w", err)
	}
	return key, nil
}

// parseKey reads the key that signs access tokens. Only Ed25519 is taken: with one algorithm
// there is nothing to confuse (G19).
func parseKey(raw []byte) (ed25519.PrivateKey, error) {
	// Whatever follows the first block is not read.
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("the key file is not in PEM format")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("the key is not an Ed25519 key: make one with `openssl genpkey -algorithm ed25519`")
	}
	return key, nil
}
