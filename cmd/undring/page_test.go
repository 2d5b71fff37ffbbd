package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "undring/gen/undring/v1"
	"undring/session"
	"undring/session/providertest"
)

var blocks = regexp.MustCompile("(?s)\n```(sh|json)\n(.*?)```")

// page reads docs/running.md: what is to be run, and the files that it shows.
func page(t *testing.T) (commands string, shown []string) {
	t.Helper()
	raw, err := os.ReadFile("../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks.FindAllStringSubmatch(string(raw), -1) {
		if b[1] == "sh" {
			commands += b[2]
		} else {
			shown = append(shown, b[2])
		}
	}
	return commands, shown
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A new administrator follows docs/running.md from an empty database, word for
// word: three schools, a provider, a first visit that is agreed. Then somebody of
// the roster signs in at the provider.
func TestThePageAboutRunningIsTrue(t *testing.T) {
	t.Parallel()
	db, dir := newCluster(t), t.TempDir()
	issuer, redirect := providertest.New(t)
	grpcAt, webAt, adminAt := free(t), free(t), free(t)
	zip, err := os.ReadFile("../../school/roster/testdata/onerosterv1p1-full.zip")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "oneroster.zip"), zip, 0o600); err != nil {
		t.Fatal(err)
	}
	commands, _ := page(t)
	said := func(s string) string { return "'" + s + "'" } // a URL with & in it
	commands = strings.NewReplacer(
		"postgres://postgres@db.example.no/postgres", said(db.URL("postgres", "postgres")),
		"postgres://postgres@db.example.no/undring", said(db.URL("undring", "postgres")),
		"postgres://undring_app:a-long-one@db.example.no/undring", said(db.URL("undring", "undring_app")),
		"127.0.0.1:7080", webAt, "127.0.0.1:7090", adminAt,
		"https://login.example.no/", issuer, "https://undring.example.no/sign-in", redirect,
		"nina@sundet.example", providertest.Address,
	).Replace(commands)

	soon, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	run := exec.CommandContext(soon, "bash", "-euo", "pipefail", "-c", commands)
	run.Dir = dir
	run.Env = append(os.Environ(), "UNDRING_GRPC_ADDR="+grpcAt, "UNDRING_WEB_ADDR="+webAt, "UNDRING_ADMIN_ADDR="+adminAt)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its server ends with the test
	// A file, and not a pipe: the server goes on holding it.
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	run.Stdout, run.Stderr = out, out
	told := func() string {
		raw, _ := os.ReadFile(out.Name())
		return string(raw)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-run.Process.Pid, syscall.SIGTERM) })
	if err := run.Wait(); err != nil {
		t.Fatalf("following the page: %v\n%s", err, told())
	}
	for _, want := range []string{"people: 2 created", "people: 4 created", "people: 1 created, 1 updated", "OBSERVATION_STATE_AGREED"} {
		if !strings.Contains(told(), want) {
			t.Errorf("the page does not lead to %q:\n%s", want, told())
		}
	}

	conn, err := grpc.NewClient(grpcAt, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	sessions := pb.NewSessionServiceClient(conn)
	options, err := sessions.GetSignInOptions(ctx, &pb.GetSignInOptionsRequest{})
	if err != nil || len(options.GetProviders()) != 1 || len(options.GetDemoPeople()) != 0 {
		t.Fatalf("the ways to sign in: %v, %v", options, err)
	}
	code := providertest.SignIn(t, options.GetProviders()[0], redirect)
	in, err := sessions.SignIn(ctx, &pb.SignInRequest{Proof: &pb.SignInRequest_AuthorizationCode{AuthorizationCode: code}})
	if err != nil || in.GetPerson().GetName() != "Nina Lie" {
		t.Fatalf("signing in at the provider: %v, %v", in.GetPerson(), err)
	}
	me, err := sessions.GetMe(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+in.GetAccessToken()), &pb.GetMeRequest{})
	if err != nil || len(me.GetMemberships()) != 1 || me.GetMemberships()[0].GetSchoolName() != "Sundet skole" {
		t.Errorf("Nina is %v, %v", me, err)
	}
}

// What the page shows as a file is one that serve takes.
func TestThePageShowsFilesThatAreGood(t *testing.T) {
	t.Parallel()
	_, shown := page(t)
	if len(shown) != 1 {
		t.Fatalf("%d files are shown, want 1", len(shown))
	}
	var providers []*session.Provider
	decoder := json.NewDecoder(strings.NewReader(shown[0]))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&providers); err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		if err := p.Check(); err != nil {
			t.Error(err)
		}
	}
}
