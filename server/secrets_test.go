package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// secret is something that a bystander must not be able to work out: a town in which it
// is so, and one in which it is not.
type secret struct {
	name    string
	make    func(*town.Town) // both towns
	keep    func(*town.Town) // one of them alone
	knowing []string         // who may know it, by name; the others are asked
}

var secrets = []secret{
	{name: "who visits whom", keep: func(w *town.Town) { w.Propose(w.Kari, w.Ola, 2*time.Hour).Agree() }, knowing: []string{"Kari", "Ola"}},
	{name: "who asked whom", keep: func(w *town.Town) { w.Propose(w.Kari, w.Ola, 2*time.Hour) }, knowing: []string{"Kari", "Ola"}},
	{name: "a mutual visit", keep: func(w *town.Town) {
		r := w.Proposal(w.Kari, w.Ola)
		r.CoTaught, r.Mutual, r.MutualFocusQuestion = true, true, "Når tier jeg?"
		id := town.Try(w.Kari.ProposeObservation(w.Kari.Ctx(), r)).OK(w.T).GetObservation().GetId()
		(&town.Visit{Town: w, ID: id, Observer: w.Kari, Observed: w.Ola}).Agree()
	}, knowing: []string{"Kari", "Ola"}},
	{name: "who is kept from suggestions", keep: func(w *town.Town) {
		town.Try(w.Kari.KeepFromSuggestions(w.Kari.Ctx(), &pb.KeepFromSuggestionsRequest{PersonId: w.Nils.ID, RequestId: town.Req()})).OK(w.T)
	}, knowing: []string{"Kari"}},
	{name: "how many have booked", make: func(w *town.Town) { book(w, w.Kari) }, keep: func(w *town.Town) { book(w, w.Ola) }, knowing: []string{"Kari", "Ola"}},
	{name: "who is late", make: func(w *town.Town) { w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open() },
		keep: func(w *town.Town) {
			w.SQL(fmt.Sprintf("select set_config('undring.owner', '%s', true), set_config('undring.person', '%s', true); alter table question disable trigger user; "+
				"update question set due_at = '2026-11-01'; alter table question enable trigger user", w.Owner, w.Ola.ID))
		}, knowing: []string{"Kari", "Ola"}},
	{name: "that a visit was withdrawn", make: func(w *town.Town) { w.Propose(w.Kari, w.Ola, time.Hour).Agree() },
		keep: func(w *town.Town) {
			id := town.One[string](w, "select id::text from visit where state = 'AGREED' limit 1")
			town.Try(w.Kari.WithdrawObservation(w.Kari.Ctx(), &pb.WithdrawObservationRequest{ObservationId: id, RequestId: town.Req()})).OK(w.T)
		}, knowing: []string{"Kari", "Ola"}},
}

func book(w *town.Town, p *town.Person) {
	seen := town.Try(w.Liv.GetTimeBudget(w.Liv.Ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "2026-2"})).OK(w.T)
	town.Try(p.BookTime(p.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: seen.GetTimeBudget().GetHours()[0].GetId()})).OK(w.T)
}

// told is what somebody was told.
func told(p *town.Person, what string, reply proto.Message, err error) string {
	text := status.Convert(err).Proto().String()
	if err == nil {
		text = prototext.MarshalOptions{}.Format(reply)
	}
	return p.Name + " " + what + ": " + plain(what, text)
}

// read is all that a bystander reads: each reading of the contract.
func read(w *town.Town, p *town.Person) (out []string) {
	for _, m := range allMethods() {
		if story := readings()[string(m.FullName())]; story == nil || changes(m) || m.IsStreamingServer() || m.Name() == "ListSessions" {
			continue
		}
		r := town.NewMessage(m.Input())
		for name, value := range map[string]string{"school_id": w.School.String(), "term": "2026-2", "text": "Hva la du merke til?"} {
			if f := m.Input().Fields().ByName(protoreflect.Name(name)); f != nil {
				r.ProtoReflect().Set(f, protoString(value))
			}
		}
		reply := town.NewMessage(m.Output())
		out = append(out, told(p, string(m.Name()), reply, town.Invoke(p.Ctx(), w.Conn, m, r, reply)))
	}
	return out
}

// tried is what comes of the changes that depend on hours, people and bookings of others.
func tried(w *town.Town, p *town.Person) (out []string) {
	say := func(what string, reply proto.Message, err error) { out = append(out, told(p, what, reply, err)) }
	clash := func(r *pb.ProposeObservationRequest) {
		reply, err := p.ProposeObservation(p.Ctx(), r)
		say("proposes", reply, err)
	}
	mine := w.Proposal(p, w.Leif)
	if p != w.Liv {
		mine = w.Proposal(p, w.Kari)
	}
	mine.Id = town.NewID().String()
	mine.StartTime, mine.EndTime = w.Lesson(72 * time.Hour)
	clash(mine) // an id that is taken from here on
	for _, other := range []*town.Person{w.Kari, w.Ola, w.Nils, w.Leif} {
		if other == p {
			continue
		}
		for _, id := range []string{mine.Id, ""} {
			for _, hours := range []time.Duration{2 * time.Hour, time.Hour} {
				r := w.Proposal(p, other)
				r.Id = id
				r.StartTime, r.EndTime = w.Lesson(hours)
				clash(r)
				r = w.Proposal(other, p)
				r.Id = id
				r.StartTime, r.EndTime = w.Lesson(hours)
				clash(r)
			}
		}
	}
	start, _ := w.Lesson(2 * time.Hour)
	at := start.AsTime().In(time.FixedZone("Oslo", 3600))
	for _, who := range []string{"kari", "ola"} {
		r := &pb.ImportLessonsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
			Content: fmt.Appendf(nil, "email;weekday;start;end;from;until\n%s@fjordvik.example;%d;%s;%s;2026-11-09;2026-11-27\n",
				who, at.Weekday(), at.Format("15:04"), at.Add(45*time.Minute).Format("15:04"))}
		for range 2 { // the second time tells how many the first one's were
			r.RequestId = town.Req()
			reply, err := p.ImportLessons(p.Ctx(), r)
			say("imports the lessons of "+who, reply, err)
		}
	}
	seen, err := p.GetTimeBudget(p.Ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "2026-2"})
	say("reads the hours", seen, err)
	for places := int32(1); places <= 3 && err == nil; places++ {
		b := seen.GetTimeBudget()
		b.Hours[0].Places = places
		reply, err := p.SetTimeBudget(p.Ctx(), &pb.SetTimeBudgetRequest{RequestId: town.Req(), SchoolId: w.School.String(), Term: "2026-2",
			Minutes: b.GetMinutes(), Revision: b.GetRevision(), Hours: b.GetHours()})
		say(fmt.Sprint("lowers the places to ", places), reply, err)
		seen, _ = p.GetTimeBudget(p.Ctx(), &pb.GetTimeBudgetRequest{SchoolId: w.School.String(), Term: "2026-2"})
	}
	return out
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// anyCursor is a place in the feed: it moves with every change of the owner's, whose ever.
var anyCursor = regexp.MustCompile(`(cursor|next_cursor):"[^"]*"`)

// plain is an answer without what differs from run to run: ids and places in the feed,
// the spaces that prototext strews in, and the order of suggestions, which goes by ids.
func plain(what, text string) string {
	parts := strings.Fields(anyCursor.ReplaceAllString(anyID.ReplaceAllString(text, "ID"), ""))
	if what == "SuggestPartners" {
		slices.Sort(parts)
	}
	return strings.Join(parts, " ")
}

// G31: for each secret, all that anybody who may not know it gets as answers is the same
// with and without it.
func TestG31SecretsDontShow(t *testing.T) {
	t.Parallel()
	for _, s := range secrets {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var answers [2][]string
			for i := range answers {
				w := town.New(t)
				hours := w.Budget()
				hours.Hours[0].Places = 4
				town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), hours)).OK(t)
				if s.make != nil {
					s.make(w)
				}
				if i == 1 {
					s.keep(w)
				}
				// Reading comes first: a feed tells what is older than all that is under way.
				for _, ask := range []func(*town.Town, *town.Person) []string{read, tried} {
					for _, p := range []*town.Person{w.Nils, w.Ola, w.Kari, w.Liv, w.Arne} {
						if !slices.Contains(s.knowing, p.Name) {
							answers[i] = append(answers[i], ask(w, p)...)
						}
					}
				}
			}
			if len(answers[0]) < 50 || len(answers[0]) != len(answers[1]) {
				t.Fatalf("%d answers without the secret, %d with it", len(answers[0]), len(answers[1]))
			}
			for i := range answers[0] {
				if answers[0][i] != answers[1][i] {
					t.Errorf("without the secret: %s\nwith it: %s", answers[0][i], answers[1][i])
				}
			}
		})
	}
}
