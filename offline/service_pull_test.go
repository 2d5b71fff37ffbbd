package offline_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// mirror is what a phone knows that does nothing but apply what it pulls.
type mirror struct {
	*town.Person
	cursor string
	locale string
	things map[string]*pb.Change // by kind and id
	pulls  int
	page   int32
}

func newMirror(p *town.Person) *mirror { return &mirror{Person: p, things: map[string]*pb.Change{}} }

// keyOf names a thing, and says whether it is gone.
func keyOf(c *pb.Change) (key string, gone bool) {
	switch what := c.GetWhat().(type) {
	case *pb.Change_Observation:
		return "OBSERVATION " + what.Observation.GetId(), false
	case *pb.Change_Note:
		return "NOTE " + what.Note.GetId(), false
	case *pb.Change_Exchange:
		return "EXCHANGE " + what.Exchange.GetObservationId(), false
	case *pb.Change_Draft:
		return "DRAFT " + what.Draft.GetObservationId(), false
	case *pb.Change_Round:
		return "ROUND " + what.Round.GetId(), false
	case *pb.Change_School:
		return "SCHOOL " + what.School.GetSchool().GetId(), false
	case *pb.Change_Me:
		return "ME " + what.Me.GetPerson().GetId(), false
	case *pb.Change_Moment:
		return "MOMENT " + what.Moment.GetId(), false
	case *pb.Change_Commons:
		return "COMMONS " + what.Commons.GetSchoolId(), false
	case *pb.Change_Notification:
		return "NOTIFICATION " + what.Notification.GetId(), false
	case *pb.Change_Preferences:
		return "PREFERENCES", false // one's own, and there is one
	case *pb.Change_Gone:
		return strings.TrimPrefix(what.Gone.GetThing().String(), "THING_") + " " + what.Gone.GetId(), true
	}
	panic(fmt.Sprint("a change of nothing: ", c))
}

// pull pulls to the end.
func (m *mirror) pull() *mirror {
	m.Town.T.Helper()
	m.Town.Settled()
	spoken := false
	for {
		r := town.Try(m.Pull(m.Ctx(), &pb.PullRequest{Cursor: m.cursor, PageSize: m.page})).OK(m.Town.T)
		m.pulls++
		if r.GetStartOver() {
			clear(m.things)
		}
		for _, c := range r.GetChanges() {
			key, gone := keyOf(c)
			if m.things[key] = c; gone {
				delete(m.things, key)
			}
			if me := c.GetMe(); me != nil && m.locale != me.GetLocale() {
				spoken = m.locale != "" // all texts are others now
				m.locale = me.GetLocale()
			}
		}
		m.cursor = r.GetNextCursor()
		if spoken {
			m.cursor, spoken = "", false
			clear(m.things)
			continue
		}
		if !r.GetMore() {
			return m
		}
		if m.pulls > 10_000 {
			m.Town.T.Fatal("pulling does not end")
		}
	}
}

// direct reads all that the person may see by the calls that read.
func direct(p *town.Person) map[string]*pb.Change {
	t := p.Town.T
	t.Helper()
	out := map[string]*pb.Change{}
	put := func(c *pb.Change) {
		key, _ := keyOf(c)
		out[key] = c
	}
	me := town.Try(p.GetMe(p.Ctx(), &pb.GetMeRequest{})).OK(t)
	put(&pb.Change{What: &pb.Change_Me{Me: &pb.Me{Person: me.GetPerson(), Memberships: me.GetMemberships(), Locale: me.GetLocale(),
		IdentityChanges: waiting(town.Try(p.ListIdentityChanges(p.Ctx(), &pb.ListIdentityChangesRequest{})).OK(t).GetChanges())}}})
	for _, m := range me.GetMemberships() {
		s := &pb.SchoolOnPhone{School: town.Try(p.GetSchool(p.Ctx(), &pb.GetSchoolRequest{SchoolId: m.GetSchoolId()})).OK(t).GetSchool()}
		s.People = town.Try(p.ListPeople(p.Ctx(), &pb.ListPeopleRequest{SchoolId: m.GetSchoolId(), PageSize: 200})).OK(t).GetPeople()
		s.Teams = town.Try(p.ListTeams(p.Ctx(), &pb.ListTeamsRequest{SchoolId: m.GetSchoolId()})).OK(t).GetTeams()
		s.OpenLessons = town.Try(p.ListOpenLessons(p.Ctx(), &pb.ListOpenLessonsRequest{SchoolId: m.GetSchoolId()})).OK(t).GetOpenLessons()
		for n := 1; n < len(pb.PromptMoment_name); n++ {
			moment := pb.PromptMoment(n)
			s.Prompts = append(s.Prompts, &pb.PromptsOfMoment{Moment: moment, Prompts: town.Try(p.ListPrompts(p.Ctx(), &pb.ListPromptsRequest{Moment: moment})).OK(t).GetPrompts()})
		}
		// Who has left is in no list; a phone keeps the name of those whom its visits are with.
		for _, o := range town.Try(p.ListObservations(p.Ctx(), &pb.ListObservationsRequest{PageSize: 200})).OK(t).GetObservations() {
			for _, id := range []string{o.GetObserverId(), o.GetObservedId()} {
				if o.GetSchoolId() == m.GetSchoolId() && !slices.ContainsFunc(s.People, func(o *pb.Person) bool { return o.GetId() == id }) {
					s.People = append(s.People, &pb.Person{Id: id, Name: town.One[string](p.Town, "select given_name || ' ' || family_name from person where id = $1", id)})
				}
			}
		}
		put(&pb.Change{What: &pb.Change_School{School: s}})
		commons := &pb.Commons{
			SchoolId:     m.GetSchoolId(),
			Learnings:    town.Try(p.ListLearnings(p.Ctx(), &pb.ListLearningsRequest{SchoolId: m.GetSchoolId()})).OK(t).GetLearnings(),
			ActionRounds: town.Try(p.ListActionRounds(p.Ctx(), &pb.ListActionRoundsRequest{SchoolId: m.GetSchoolId()})).OK(t).GetRounds(),
			Needs:        town.Try(p.ListNeeds(p.Ctx(), &pb.ListNeedsRequest{SchoolId: m.GetSchoolId(), PageSize: 100})).OK(t).GetNeeds(),
			FocusAreas:   town.Try(p.ListFocusAreas(p.Ctx(), &pb.ListFocusAreasRequest{SchoolId: m.GetSchoolId()})).OK(t).GetFocusAreas(),
		}
		// Meetings and the norms of each have no list, as a phone has them all: each is read by itself.
		meetings := town.One[[]string](p.Town, "select coalesce(array_agg(id::text order by start_at desc, id desc), '{}') from meeting where school_id = $1", m.GetSchoolId())
		for _, id := range meetings {
			a := town.Try(p.GetMeetingAgenda(p.Ctx(), &pb.GetMeetingAgendaRequest{MeetingId: id})).OK(t)
			commons.Meetings = append(commons.Meetings, a.GetMeeting())
			if a.GetNorms() != nil && !slices.ContainsFunc(commons.MeetingNorms, func(n *pb.MeetingNorms) bool { return n.GetTeamId() == a.GetNorms().GetTeamId() }) {
				commons.MeetingNorms = append(commons.MeetingNorms, a.GetNorms())
			}
		}
		if len(meetings) == 0 { // nobody reads norms where nobody meets
			for _, c := range newMirror(p).pull().things {
				if c.GetCommons().GetSchoolId() == m.GetSchoolId() {
					commons.MeetingNorms = c.GetCommons().GetMeetingNorms()
				}
			}
		}
		put(&pb.Change{What: &pb.Change_Commons{Commons: commons}})
	}
	for _, n := range town.Try(p.ListNotifications(p.Ctx(), &pb.ListNotificationsRequest{PageSize: 200})).OK(t).GetNotifications() {
		put(&pb.Change{What: &pb.Change_Notification{Notification: n}})
	}
	// Before somebody has chosen, a phone goes by the defaults and is told of none.
	if chosen := town.Try(p.GetPreferences(p.Ctx(), &pb.GetPreferencesRequest{})).OK(t).GetPreferences(); chosen.GetRevision() > 0 {
		put(&pb.Change{What: &pb.Change_Preferences{Preferences: chosen}})
	}
	for _, r := range town.Try(p.ListRounds(p.Ctx(), &pb.ListRoundsRequest{})).OK(t).GetRounds() {
		put(&pb.Change{What: &pb.Change_Round{Round: r}})
	}
	for _, o := range town.Try(p.ListObservations(p.Ctx(), &pb.ListObservationsRequest{PageSize: 200})).OK(t).GetObservations() {
		put(&pb.Change{What: &pb.Change_Observation{Observation: o}})
		e := town.Try(p.GetExchange(p.Ctx(), &pb.GetExchangeRequest{ObservationId: o.GetId()})).OK(t).GetExchange()
		bare := &pb.Exchange{ObservationId: e.GetObservationId(), Opened: e.GetOpened(), FocusQuestion: e.GetFocusQuestion(), Intention: e.GetIntention()}
		if o.GetState() >= pb.ObservationState_OBSERVATION_STATE_FEEDBACK_GIVEN && o.GetState() <= pb.ObservationState_OBSERVATION_STATE_CLOSED || !proto.Equal(e, bare) {
			put(&pb.Change{What: &pb.Change_Exchange{Exchange: e}})
		}
		if o.GetObserverId() != p.ID {
			continue
		}
		for _, n := range town.Try(p.ListNotes(p.Ctx(), &pb.ListNotesRequest{ObservationId: o.GetId(), PageSize: 200})).OK(t).GetNotes() {
			put(&pb.Change{What: &pb.Change_Note{Note: n}})
		}
		if d := town.Try(p.GetFeedbackDraft(p.Ctx(), &pb.GetFeedbackDraftRequest{ObservationId: o.GetId()})).OK(t).GetDraft(); d.GetRevision() > 0 {
			put(&pb.Change{What: &pb.Change_Draft{Draft: &pb.DraftOfObservation{ObservationId: o.GetId(), Draft: d}}})
		}
	}
	return out
}

// waiting are the changes of who somebody is that wait for their answer.
func waiting(all []*pb.IdentityChange) (out []*pb.IdentityChange) {
	for _, c := range all {
		if c.GetOutcome() == pb.IdentityChangeOutcome_IDENTITY_CHANGE_OUTCOME_UNSPECIFIED {
			out = append(out, c)
		}
	}
	return out
}

// sameAsDirect holds what a phone knows against what the calls that read tell.
func (m *mirror) sameAsDirect(t *testing.T) {
	t.Helper()
	want := direct(m.Person)
	byMoment := func(a, b *pb.PromptsOfMoment) bool { return a.GetMoment() < b.GetMoment() }
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if d := cmp.Diff(want[key], m.things[key], protocmp.Transform(), protocmp.SortRepeated(byMoment)); d != "" {
			t.Errorf("%s's phone, %s: - the calls, + the phone\n%s", m.Name, key, d)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.things)) {
		if want[key] == nil && !strings.HasPrefix(key, "MOMENT ") { // no call reads moments: a phone keeps them, and notes come of them
			t.Errorf("%s's phone still has %s: %v", m.Name, key, m.things[key])
		}
	}
}

// Whatever changes, a phone that pulls before and after knows just what the calls
// that read would tell; and so does one that begins anew.
func TestAPhoneKnowsWhatTheCallsTell(t *testing.T) {
	t.Parallel()
	for name, story := range town.Stories() {
		if name == "undring.v1.PrivacyService.EraseMe" {
			continue // there is nobody left to ask
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			c := story(w)
			var phones []*mirror
			for _, p := range []*town.Person{w.Kari, w.Ola, w.Arne} { // the two, and who keeps the roster
				m := newMirror(p)
				m.page = 3
				phones = append(phones, m.pull())
			}
			c.Send(t, name)
			if name == "undring.v1.AdminService.EndSessions" {
				w.Kari.SignInAnew() // her phone stays what it was, and asks for a new session
			}
			w.Clock.Set(w.Clock.Now().Add(11 * time.Second)) // what was remembered of people is forgotten
			for _, m := range phones {
				m.page = 0
				m.pull()
				m.sameAsDirect(t)
				anew := newMirror(m.Person).pull()
				if d := cmp.Diff(m.things, anew.things, protocmp.Transform()); d != "" {
					t.Errorf("%s's phone, - as it was, + anew:\n%s", m.Name, d)
				}
			}
		})
	}
}
