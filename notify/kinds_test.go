package notify_test

import (
	"slices"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/town"
	"undring/words"
)

// Each kind of notice that comes at the end of something, or beside it: it is told to the one it waits for,
// in words of every language, and no more once that is done.
func TestWhatComesIsToldAndStopsByItself(t *testing.T) {
	t.Parallel()
	answered := func(w *town.Town) *town.Visit {
		v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()
		v.Answer(v.Question)
		return v
	}
	closed := func(w *town.Town) *town.Visit {
		v := answered(w)
		v.TakeAway(w.Kari)
		v.TakeAway(w.Ola)
		return v
	}
	later := func(w *town.Town, by time.Duration) { w.Clock.Set(w.Clock.Now().Add(by)) }
	for told, tc := range map[string]struct {
		// comes brings it about, and gives to whom it is told, and what ends it; nil: it is news, which
		// nothing ends once it is told.
		comes func(*testing.T, *town.Town) (to *town.Person, done func())
	}{
		"CHANGED EXPIRE": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			w.Propose(w.Kari, w.Ola, 24*time.Hour).Agree()
			later(w, 16*24*time.Hour)
			if err := w.Server.RunJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.Ola, nil
		}},
		"RETURN_VISIT CLOSE": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			closed(w)
			return w.Ola, nil
		}},
		"WISH REOPEN": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			v := closed(w)
			reopen := func(p *town.Person) {
				town.Try(p.ReopenObservation(p.Ctx(), &pb.ReopenObservationRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
			}
			reopen(w.Kari)
			return w.Ola, func() { reopen(w.Ola) }
		}},
		"WISH EXIT": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			v := w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()
			end := func(p *town.Person) {
				town.Try(p.EndWithoutExchange(p.Ctx(), &pb.EndWithoutExchangeRequest{ObservationId: v.ID, RequestId: town.Req()})).OK(t)
			}
			end(w.Kari)
			return w.Ola, func() { end(w.Ola) }
		}},
		"OPEN_LESSON OFFER": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			w.OpenLesson(w.Ola, 48*time.Hour)
			return w.Kari, nil
		}},
		"TAKEAWAY_DUE RECORD_TAKEAWAY": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			v := answered(w)
			return w.Kari, func() { v.TakeAway(w.Kari) }
		}},
		"ACTION_DUE REPORT_ACTION": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			v := answered(w)
			id := town.NewID().String()
			town.Try(w.Kari.RecordTakeaway(w.Kari.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x", Learning: pb.Learning_LEARNING_QUESTIONED_ASSUMPTION,
				Action: &pb.ActionDraft{Id: id, Text: "Vente.", DueDate: "2026-11-12"}})).OK(t)
			town.Try(w.Ola.AgreeAction(w.Ola.Ctx(), &pb.AgreeActionRequest{ActionId: id, RequestId: town.Req()})).OK(t)
			w.Clock.Set(time.Date(2026, 11, 13, 9, 0, 0, 0, oslo))
			return w.Kari, func() {
				town.Try(w.Kari.ReportAction(w.Kari.Ctx(), &pb.ReportActionRequest{ActionId: id, RequestId: town.Req(), Did: "Ventet.", Happened: "To nye.", Next: "Lenger.",
					Outcome: pb.ActionOutcome_ACTION_OUTCOME_KEPT, Learning: pb.Learning_LEARNING_ADJUSTED_PRACTICE})).OK(t)
			}
		}},
		"ACTION_DUE REPORT_ON_ROUND": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			id := w.Trying()
			later(w, 14*24*time.Hour)
			return w.Kari, func() { town.Try(w.Kari.ReportOnRound(w.Kari.Ctx(), w.Tell(id))).OK(t) }
		}},
		"ACTION_DUE DO_DECISION": {func(t *testing.T, w *town.Town) (*town.Person, func()) {
			d := w.Decision(w.Meeting(), w.Ola)
			town.Try(w.Kari.RecordDecision(w.Kari.Ctx(), d)).OK(t)
			later(w, 14*24*time.Hour)
			return w.Ola, func() {
				d.RequestId, d.Done = town.Req(), true
				town.Try(w.Ola.RecordDecision(w.Ola.Ctx(), d)).OK(t)
			}
		}},
	} {
		t.Run(told, func(t *testing.T) {
			t.Parallel()
			w := town.New(t)
			to, done := tc.comes(t, w)
			w.Look(to)
			if !slices.Contains(unread(w, to), told) {
				t.Fatalf("%s is told %q, want %s", to.Name, unread(w, to), told)
			}
			for _, n := range town.Try(to.ListNotifications(to.Ctx(), &pb.ListNotificationsRequest{})).OK(t).GetNotifications() {
				if n.GetText() == "" || n.GetObservationId()+n.GetOpenLessonId()+n.GetActionRoundId()+n.GetMeetingId() == "" {
					t.Errorf("a notice says nothing, or leads nowhere: %v", n)
				}
			}
			if done == nil {
				return
			}
			w.SQL("delete from river.river_job")
			done()
			// What the change calls for does the rest: the job is there, and finds nothing to tell.
			if n := town.One[int](w, "select count(*)::int from river.river_job where kind = 'look' and args->>'person' = $1 and scheduled_at <= $2", to.ID, w.Clock.Now()); n == 0 {
				t.Error("nobody looks again when it is done")
			}
			w.Look(to)
			if slices.Contains(unread(w, to), told) {
				t.Errorf("%s has done it, and is still told %q", to.Name, unread(w, to))
			}
		})
	}
}

// Everything that can be told has words in every language.
func TestEveryNoticeHasWords(t *testing.T) {
	t.Parallel()
	for _, language := range words.Languages() {
		keys := words.Keys(language)
		for _, k := range said() {
			if _, there := slices.BinarySearch(keys, k); !there {
				t.Errorf("%s has no words for %s", language, k)
			}
		}
	}
}

// What somebody took on in a meeting is asked for on its day, and once more; not before, not by the one it was
// taken from, and by mail it leads to the meeting.
func TestADecisionIsRememberedOnItsDay(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	meeting := w.Meeting()
	d := w.Decision(meeting, w.Nils)
	d.DueDate = "2026-11-12"
	town.Try(w.Kari.RecordDecision(w.Kari.Ctx(), d)).OK(t)
	d.RequestId, d.PersonId = town.Req(), w.Ola.ID // it is to be somebody else
	town.Try(w.Kari.RecordDecision(w.Kari.Ctx(), d)).OK(t)
	until(t, w, time.Date(2026, 11, 12, 6, 59, 0, 0, oslo))
	if all := office.all(); len(all) != 0 {
		t.Errorf("before its day, %d mails have gone out", len(all))
	}
	for _, at := range []time.Time{time.Date(2026, 11, 12, 7, 0, 0, 0, oslo), time.Date(2026, 11, 19, 7, 0, 0, 0, oslo), time.Date(2026, 12, 10, 7, 0, 0, 0, oslo)} {
		until(t, w, at)
	}
	all := office.all()
	if len(all) != 2 {
		t.Fatalf("of one decision %d mails went out, want one on its day and one five school days later", len(all))
	}
	for _, l := range all {
		if l.To != "ola@fjordvik.example" || l.subject() != words.Say("nb", "mail.subject.action") || !contains(l.Plain, words.Say("nb", "notice.ACTION_DUE.DO_DECISION"), address+"/#/meetings?m="+meeting) || contains(l.Plain, d.GetText()) {
			t.Errorf("a mail to %s under %q:\n%s", l.To, l.subject(), l.Plain)
		}
	}
}
