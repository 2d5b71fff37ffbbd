package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// A database whose disk is full says so at a write (here a trigger does, with the code of
// PostgreSQL's own): people hear that it was not saved and when to try again, in their
// language; what is there is still read; health says it until there is room.
func TestAFullDiskIsSaidInWordsAndByHealth(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	w.SQL(`create function public.no_room() returns trigger language plpgsql as $$
		begin raise exception using errcode = 'disk_full', message = 'could not extend file "base/1/2": No space left on device'; end $$`)
	w.SQL("grant execute on function public.no_room() to undring_app")
	w.SQL("create trigger no_room before insert on request for each row execute function public.no_room()")
	health := func() (int, string) {
		said := httptest.NewRecorder()
		w.Server.Admin().ServeHTTP(said, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return said.Code, said.Body.String()
	}
	keep := func() error {
		_, err := w.Kari.KeepFromSuggestions(w.Kari.In("nn"), &pb.KeepFromSuggestionsRequest{PersonId: w.Nils.ID, RequestId: town.Req()})
		return err
	}
	if code, said := health(); code != http.StatusOK {
		t.Errorf("before: %d %s", code, said)
	}
	err := keep()
	town.Try[*pb.KeepFromSuggestionsResponse](nil, err).Refused(t, codes.ResourceExhausted, "OVERLOADED")
	words, later := town.Told(err)
	if !strings.HasPrefix(words, "nn ") || !later || strings.Contains(err.Error(), "base/") {
		t.Errorf("words %q, come back later %t: %v", words, later, err)
	}
	town.Try(w.Kari.ListObservations(w.Kari.Ctx(), &pb.ListObservationsRequest{})).OK(t)
	if code, said := health(); code != http.StatusInsufficientStorage || !strings.Contains(said, "no room") {
		t.Errorf("while it is full: %d %s", code, said)
	}
	w.SQL("drop trigger no_room on request")
	if err := keep(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if code, said := health(); code != http.StatusOK {
		t.Errorf("with room again: %d %s", code, said)
	}
}
