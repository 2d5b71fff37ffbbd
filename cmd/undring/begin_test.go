package main

import (
	"regexp"
	"strings"
	"testing"
)

// An owner begins with one command: it prints a link by which its first administrator signs
// in, and says all that is missing at once.
func TestAnOwnerBeginsWithALink(t *testing.T) {
	t.Parallel()
	s := newShell(t)
	out, odd, status := s.run("begin", "--owner-name", "Bergsli kommune", "--school", "Bergsli skole", "--name", `Siv "Lille" Lund, rektor`, "--email", "siv.lund@bergsli.example",
		"--at", "https://undring.bergsli.example/")
	if status != 0 || !regexp.MustCompile(`(?m)^https://undring\.bergsli\.example/#/sign-in\?code=[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$`).MatchString(out) {
		t.Fatalf("status %d, %s%s", status, out, odd)
	}
	_, odd, status = s.run("begin", "--name", "Siv")
	for _, flag := range []string{"--owner-name", "--school", "--email", "--at"} {
		if status == 0 || !strings.Contains(odd, flag) {
			t.Errorf("that %s is missing is not said: %d, %s", flag, status, odd)
		}
	}
}
