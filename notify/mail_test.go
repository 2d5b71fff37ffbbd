package notify_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	pb "undring/gen/undring/v1"
	"undring/town"
	"undring/words"
)

// afternoon is when what came since the morning goes out, on the day on which a town begins.
var afternoon = time.Date(2026, 11, 10, 15, 0, 0, 0, oslo)

// until moves the town's time, and waits until what is due by then is done. What came before is
// looked at before: it came then, and not after the moment at which it goes out.
func until(t *testing.T, w *town.Town, when time.Time) {
	t.Helper()
	settled(t, w)
	w.Clock.Set(when)
	settled(t, w)
}

// A proposal goes out as one mail, in the afternoon and not before, in the person's language,
// with a way there and a way out, and nothing in it of the visit or of who it is with.
func TestWhatComesGoesOutByMail(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	s := sends(t, w, 2, office.by)
	w.SQL("update person set locale = 'nn' where id = $1", w.Ola.ID)
	v := w.Propose(w.Kari, w.Ola, 24*time.Hour)
	until(t, w, afternoon.Add(-time.Second))
	if n := len(office.all()); n != 0 {
		t.Fatalf("%d mails have gone out before their moment", n)
	}
	until(t, w, afternoon)
	until(t, w, afternoon.Add(time.Minute))
	all := office.all()
	if len(all) != 1 || all[0].To != "ola@fjordvik.example" {
		t.Fatalf("of one thing to tell Ola, %d mails went out: %v", len(all), all)
	}
	l := all[0]
	for what, is := range map[string]bool{
		"its subject":                l.subject() == "Undring: besøk 11. november",
		"what it says":               strings.Contains(l.Plain, "• "+words.Say("nn", "notice.PROPOSAL.SET_FOCUS")+"\n  Timen: onsdag 11. november kl. 09.00\n  "+address+"/#/v/"+v.ID+"\n"),
		"the same in HTML":           strings.Contains(html.UnescapeString(l.HTML), words.Say("nn", "notice.PROPOSAL.SET_FOCUS")+"<br>Timen: onsdag 11. november kl. 09.00<br><a href=\""+address+"/#/v/"+v.ID+"\">Opne i Undring</a>"),
		"its language":               strings.Contains(l.HTML, `<html lang="nn">`),
		"that no program answers it": l.Header.Get("Auto-Submitted") == "auto-generated",
		"who it is from":             l.Header.Get("From") == `"Undring" <undring@fjordvik.example>`,
		"that one click ends it":     l.Header.Get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click",
	} {
		if !is {
			t.Errorf("a mail lacks %s:\n%s", what, l.Raw)
		}
	}
	for _, word := range []string{"Kari", "Berg", "Rom 204", "<img", "cid:", "Dahl"} {
		if strings.Contains(l.Plain+l.HTML+l.subject(), word) {
			t.Errorf("a mail says %q:\n%s", word, l.Raw)
		}
	}
	for _, link := range regexp.MustCompile(`https?://[^\s"<>]+`).FindAllString(l.Plain+l.HTML, -1) {
		if !strings.HasPrefix(link, address+"/") {
			t.Errorf("a mail leads away from the server: %s", link)
		}
	}
	outIsOut(t, w, s.Web(), office, l)
}

// outIsOut goes by the way out of a mail, as a mail program does.
func outIsOut(t *testing.T, w *town.Town, web http.Handler, office *postOffice, l letter) {
	t.Helper()
	out := strings.Trim(l.Header.Get("List-Unsubscribe"), "<>")
	if !strings.HasPrefix(out, address+"/unsubscribe/") || !strings.Contains(l.Plain, words.Say("nn", "mail.stop", words.Say("nn", "kind.PROPOSAL"))+": "+out) {
		t.Fatalf("the way out of a mail is %s", out)
	}
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		got := httptest.NewRecorder()
		web.ServeHTTP(got, r)
		return got
	}
	off := func() bool {
		for _, c := range town.Try(w.Ola.GetPreferences(w.Ola.Ctx(), &pb.GetPreferencesRequest{})).OK(t).GetPreferences().GetChoices() {
			if c.GetKind() == pb.NotificationKind_NOTIFICATION_KIND_PROPOSAL && c.GetChannel() == pb.NotificationChannel_NOTIFICATION_CHANNEL_EMAIL {
				return !c.GetWanted()
			}
		}
		return false
	}
	path := strings.TrimPrefix(out, address)
	if got := ask("GET", path, ""); got.Code != 200 || off() || !strings.Contains(got.Body.String(), words.Say("nn", "mail.out.ask")) {
		t.Errorf("who looks at the way out gets %d, and has gone: %t\n%s", got.Code, off(), got.Body)
	}
	if got := ask("POST", path, "List-Unsubscribe=One-Click"); got.Code != 200 || !off() {
		t.Errorf("a mail program's click is answered with %d, and has an effect: %t", got.Code, off())
	}
	if got := ask("POST", path+"?on", ""); got.Code != 200 || off() {
		t.Errorf("taken back, it is answered with %d, and mail stays off: %t", got.Code, off())
	}
	ask("POST", path, "List-Unsubscribe=One-Click")
	for _, forged := range []string{path[:len(path)-2] + "AA", "/unsubscribe/x", strings.Replace(path, "/unsubscribe/A", "/unsubscribe/B", 1)} {
		if got := ask("POST", forged, "List-Unsubscribe=One-Click"); got.Code != 404 {
			t.Errorf("a link that nobody made is answered with %d", got.Code)
		}
	}
	w.Propose(w.Nils, w.Ola, 48*time.Hour)
	before := len(office.all())
	until(t, w, afternoon.AddDate(0, 0, 1))
	if n := len(office.all()) - before; n != 0 {
		t.Errorf("who wants no mail of proposals got %d", n)
	}
}

// All mails of one visit hang together; those of two people, or of two visits, do not.
func TestMailsOfAVisitAreOneThread(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	v := w.Propose(w.Kari, w.Ola, 72*time.Hour)
	until(t, w, afternoon)
	v.Agree()
	until(t, w, afternoon.Add(16*time.Hour)) // the next morning
	town.Try(w.Ola.CancelObservation(w.Ola.Ctx(), town.CancelOf(v))).OK(t)
	until(t, w, afternoon.Add(24*time.Hour))
	threads := map[string][]string{}
	ids := map[string]bool{}
	for _, l := range office.all() {
		head := l.Header.Get("References")
		if head == "" || head != l.Header.Get("In-Reply-To") || strings.Contains(head, v.ID) {
			t.Errorf("a mail's thread is %q, in reply to %q, of the visit %s", head, l.Header.Get("In-Reply-To"), v.ID)
		}
		threads[l.To+" "+head] = append(threads[l.To+" "+head], l.subject())
		ids[l.Header.Get("Message-Id")] = true
	}
	if len(threads) != 2 || len(ids) != 3 {
		t.Fatalf("three mails of a visit to its two make %d threads and have %d ids: %v", len(threads), len(ids), threads)
	}
	for _, subjects := range threads {
		if subjects[0] != subjects[len(subjects)-1] {
			t.Errorf("mails of one visit have several subjects: %q", subjects)
		}
	}
}

// What is done by the time that a mail goes out is not said, also where the mail server was away
// meanwhile.
func TestWhatIsDoneIsNotSaid(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	office.answer(refuse(451))
	v := w.Propose(w.Kari, w.Ola, 72*time.Hour)
	until(t, w, afternoon)
	if n := town.One[int](w, "select attempts from message where state = 'WAITING' and reason = 'REFUSED'"); n != 1 {
		t.Fatalf("a mail that was not taken has been tried %d times", n)
	}
	v.Agree()
	office.answer(nil)
	until(t, w, afternoon.Add(time.Minute))
	for _, l := range office.all() {
		if l.To == "ola@fjordvik.example" {
			t.Errorf("Ola has answered, and still gets a mail:\n%s", l.Plain)
		}
	}
	if got := town.One[string](w, "select string_agg(state, ' ') from message where person_id = $1", w.Ola.ID); got != "DROPPED" {
		t.Errorf("the mail to Ola, who has answered, is %s", got)
	}
}

// A mail server that is away for a while costs nothing but time; one that says no for good, or is away
// for longer than it is waited for, is counted, without a name.
func TestAMailIsTriedAgainWithALimit(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 2, office.by)
	fails := 3
	office.answer(func(to string) error {
		switch {
		case to == "nils@fjordvik.example":
			return refuse(550)(to)
		case to == "liv@fjordvik.example":
			return refuse(421)(to)
		case fails > 0:
			fails--
			return refuse(451)(to)
		}
		return nil
	})
	for _, p := range []*town.Person{w.Ola, w.Nils, w.Liv} {
		w.SQL("insert into membership (owner_id, school_id, person_id, role, since) values ($1, $2, $3, 'TEACHER', $4) on conflict do nothing", w.Owner, w.School, p.ID, town.Tuesday)
		w.Propose(w.Kari, p, 72*time.Hour)
		w.Clock.Set(w.Clock.Now().Add(time.Hour))
	}
	w.Clock.Set(afternoon)
	for i := range 100 { // an hour and a half, in steps of a minute
		until(t, w, afternoon.Add(time.Duration(i)*time.Minute))
	}
	got := town.One[string](w, "select string_agg(p.given_name || ' ' || m.state || ' ' || m.attempts || ' ' || m.reason, ', ' order by p.given_name) from message m join person p on p.id = m.person_id where m.channel = 'EMAIL'")
	if want := "Liv FAILED 8 REFUSED, Nils FAILED 1 REFUSED_EVER, Ola SENT 4 "; got != want {
		t.Errorf("mails became %q, want %q", got, want)
	}
	if n := len(office.all()); n != 1 {
		t.Errorf("%d mails have come, of one that could be delivered", n)
	}
	if got := town.One[string](w, "select string_agg(channel || ' ' || reason || ' ' || retried || ' ' || given_up, ', ' order by reason) from delivery_failure"); got != "EMAIL REFUSED 10 1, EMAIL REFUSED_EVER 0 1" {
		t.Errorf("what was not delivered is counted as %q", got)
	}
	for _, word := range []string{"fjordvik.example", "Kari", "is not here"} {
		if strings.Contains(w.Log.String(), word) {
			t.Errorf("the log says %q", word)
		}
	}
}

// Who is told in their quiet hours, since a mail was late, is told when those are over.
func TestAMailThatIsLateWaitsForTheMorning(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	office.answer(refuse(451))
	v := w.Propose(w.Kari, w.Ola, 72*time.Hour)
	until(t, w, afternoon)
	office.answer(nil)
	until(t, w, afternoon.Add(3*time.Hour))
	if n := len(office.all()); n != 0 {
		t.Errorf("at 18 o'clock, %d mails interrupt", n)
	}
	until(t, w, afternoon.Add(16*time.Hour-time.Second))
	if n := len(office.all()); n != 0 {
		t.Errorf("just before 7 o'clock, %d mails interrupt", n)
	}
	until(t, w, afternoon.Add(16*time.Hour))
	if n := len(office.all()); n != 1 {
		t.Errorf("at 7 o'clock, %d mails have come of the visit %s", n, v.ID)
	}
}

// Whoever is told by mail that a visit is agreed, moved or off can have that in their calendar by
// the mail itself: the lesson and the talk, under the names that the feed has for them.
func TestAMailPutsAVisitIntoACalendar(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	office := newPostOffice(t)
	sends(t, w, 1, office.by)
	v := w.Propose(w.Kari, w.Ola, 48*time.Hour)
	until(t, w, afternoon)
	if l := office.all()[0]; len(l.Calendars) != 0 {
		t.Errorf("a proposal goes into a calendar:\n%s", l.Calendars)
	}
	w.Clock.Set(afternoon.Add(time.Minute))
	v.Agree()
	morning := time.Date(2026, 11, 11, 7, 0, 0, 0, oslo)
	until(t, w, morning)
	w.Clock.Set(morning.Add(time.Hour))
	w.Ola.SignInAnew()
	w.Kari.SignInAnew()
	feed := events(t, calendarOf(w, addressOf(w, w.Kari), "").Body.String())
	town.Try(w.Ola.CancelObservation(w.Ola.Ctx(), town.CancelOf(v))).OK(t)
	until(t, w, morning.Add(8*time.Hour))
	var said []letter
	for _, l := range office.all() {
		if l.To == "kari@fjordvik.example" && len(l.Calendars) > 0 {
			said = append(said, l)
		}
	}
	if len(said) != 2 {
		t.Fatalf("Kari got %d mails with a calendar in them, wanted one that it is agreed and one that it is off", len(said))
	}
	for n, method := range []string{"REQUEST", "CANCEL"} {
		l := said[n]
		if len(l.Calendars) != 2 {
			t.Fatalf("%s: %d parts for the lesson and the talk", method, len(l.Calendars))
		}
		for i, part := range l.Calendars {
			type_, text, _ := strings.Cut(part, "\n")
			all := events(t, text)
			if type_ != method || !strings.Contains(text, "\r\nMETHOD:"+method+"\r\n") || len(all) != 1 {
				t.Errorf("%s: the part is of %s:\n%s", method, type_, text)
			}
			e := all[0]
			if e["UID"] != feed[i]["UID"] || e["ORGANIZER"] != "mailto:undring@fjordvik.example" || e["ATTENDEE"] != "mailto:kari@fjordvik.example" || e["DTSTART"] != feed[i]["DTSTART"] {
				t.Errorf("%s: it holds %v, and the feed %v", method, e, feed[i])
			}
			for _, word := range []string{"Ola", "Dahl", "Rom 204", v.ID} {
				if strings.Contains(text, word) {
					t.Errorf("%s: it tells %q", method, word)
				}
			}
		}
	}
}
