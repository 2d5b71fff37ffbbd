package server_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "undring/gen/undring/v1"
	"undring/town"
)

// stages are the states of a visit between which it matters who may write what, each
// with the letter that stands for it in docs/writes.md.
var stages = []struct {
	letter, name string
	make         func(*town.Town)
}{
	{"p", "proposed", func(w *town.Town) { w.Propose(w.Kari, w.Ola, time.Hour) }},
	{"a", "agreed", func(w *town.Town) { w.Propose(w.Kari, w.Ola, time.Hour).Agree() }},
	{"o", "observed", func(w *town.Town) { drafted(w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe()) }},
	{"g", "given", func(w *town.Town) { w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give() }},
	{"r", "read", func(w *town.Town) { talkedOver(w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open()) }},
	{"n", "answered", func(w *town.Town) {
		v := talkedOver(w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open())
		v.Answer(v.Question)
		tryOut(v)
	}},
	{"c", "closed", func(w *town.Town) {
		v := talkedOver(w.Propose(w.Kari, w.Ola, time.Hour).Agree().Observe().Give().Open())
		v.Answer(v.Question)
		tryOut(v)
		v.TakeAway(w.Ola)
	}},
}

func drafted(v *town.Visit) *town.Visit {
	town.Try(v.Observer.SaveFeedbackDraft(v.Observer.Ctx(), &pb.SaveFeedbackDraftRequest{ObservationId: v.ID, RequestId: town.Req(),
		Draft: &pb.FeedbackDraft{Points: []*pb.LooseText{{Text: "Da"}}}})).OK(v.T)
	return v
}

// talkedOver is a visit in which everything was said that hangs on given feedback.
func talkedOver(v *town.Visit) *town.Visit {
	o := v.Observed
	town.Try(o.CorrectNote(o.Ctx(), &pb.CorrectNoteRequest{NoteId: v.Note, RequestId: town.Req(), Text: "Fem."})).OK(v.T)
	town.Try(o.Reply(o.Ctx(), &pb.ReplyRequest{AboutId: v.Question, RequestId: town.Req(), Text: "Ja."})).OK(v.T)
	town.Try(o.RecordConversation(o.Ctx(), &pb.RecordConversationRequest{ObservationId: v.ID, RequestId: town.Req(),
		TalkedAt: timestamppb.New(v.Clock.Now()), Duration: town.Talk(10), Summary: "Om det."})).OK(v.T)
	return v
}

// tryOut has the observer take something away that they want to try.
func tryOut(v *town.Visit) {
	town.Try(v.Observer.RecordTakeaway(v.Observer.Ctx(), &pb.RecordTakeawayRequest{ObservationId: v.ID, RequestId: town.Req(), Text: "x",
		Learning: pb.Learning_LEARNING_NOTHING_NEW, Action: &pb.ActionDraft{Text: "Vente.", Lesson: "tirsdag"}})).OK(v.T)
}

// besides is what there is at a school without a visit: Kari's, where it is a teacher's.
func besides(w *town.Town) {
	k := w.Kari
	town.Try(k.SavePrompt(k.Ctx(), w.NewPrompt(town.NewID().String()))).OK(w.T)
	town.Try(k.StartRound(k.Ctx(), &pb.StartRoundRequest{RequestId: town.Req(), SchoolId: w.School.String(), MemberIds: []string{w.Kari.ID, w.Ola.ID, w.Nils.ID}})).OK(w.T)
	town.Try(k.KeepFromSuggestions(k.Ctx(), &pb.KeepFromSuggestionsRequest{PersonId: w.Nils.ID, RequestId: town.Req()})).OK(w.T)
	start, end := w.Lesson(100 * time.Hour)
	town.Try(k.SetAvailability(k.Ctx(), &pb.SetAvailabilityRequest{RequestId: town.Req(), Slots: []*pb.TimeSlot{{StartTime: start, EndTime: end}}})).OK(w.T)
	w.OpenLesson(k, 200*time.Hour)
	b := town.Try(w.Liv.SetTimeBudget(w.Liv.Ctx(), w.Budget())).OK(w.T).GetTimeBudget()
	town.Try(k.BookTime(k.Ctx(), &pb.BookTimeRequest{RequestId: town.Req(), HoursId: b.GetHours()[0].GetId()})).OK(w.T)
	town.Try(k.SubmitPulse(k.Ctx(), w.Pulse())).OK(w.T)
	town.Try(w.Liv.UpdateExchangePolicy(w.Liv.Ctx(), &pb.UpdateExchangePolicyRequest{RequestId: town.Req(), SchoolId: w.School.String(), Gate: new(bool), Reason: "prøve"})).OK(w.T)
	town.Try(w.Arne.CreateInvitation(w.Arne.Ctx(), &pb.CreateInvitationRequest{RequestId: town.Req(), PersonId: w.Nils.ID})).OK(w.T)
	town.Try(w.Arne.RelinkPerson(w.Arne.Ctx(), &pb.RelinkPersonRequest{RequestId: town.Req(), PersonId: w.Kari.ID})).OK(w.T)
	town.Try(w.Arne.ImportHolidays(w.Arne.Ctx(), &pb.ImportHolidaysRequest{RequestId: town.Req(), SchoolId: w.School.String(), Format: pb.CalendarFormat_CALENDAR_FORMAT_CSV,
		Content: []byte("from,to\n2026-12-05,2026-12-09\n")})).OK(w.T)
	w.Imported()
	besidesTogether(w)
	w.SQL("insert into sign_in_link (owner_id, issuer, subject, person_id, created_at) values ($1, 'https://idp.example', 's', $2, now())", w.Owner, w.Kari.ID)
}

// besidesTogether is what the school works on together: Kari's, where it is a teacher's, and
// of what two do together hers and Ola's. The learning is written past the server, since it comes of
// a visit that has closed; so is the need in the box, which is opened the next day.
func besidesTogether(w *town.Town) {
	k := w.Kari
	need := w.Need(k)
	town.Try(k.SupportNeed(k.Ctx(), &pb.SupportNeedRequest{NeedId: w.Need(w.Ola), RequestId: town.Req(), Story: "Hos oss også."})).OK(w.T)
	town.Try(w.Liv.AnswerNeed(w.Liv.Ctx(), &pb.AnswerNeedRequest{NeedId: need, RequestId: town.Req(), Status: pb.NeedStatus_NEED_STATUS_CONSIDERED, Answer: "Vi ser på det.", Revision: 1})).OK(w.T)
	town.Try(k.SubmitNeed(k.Ctx(), &pb.SubmitNeedRequest{RequestId: town.Req(), SchoolId: w.School.String(), Text: "uten navn", Anonymous: true})).OK(w.T)
	town.Try(k.SpeakInHearing(k.Ctx(), &pb.SpeakInHearingRequest{FocusAreaId: w.Heard(), RequestId: town.Req(), Text: "Det trenger vi."})).OK(w.T)
	town.Try(k.ReportOnRound(k.Ctx(), w.Tell(w.Trying()))).OK(w.T)
	town.Try(k.RecordDecision(k.Ctx(), w.Decision(w.Meeting(), k))).OK(w.T)
	town.Try(k.SetMeetingNorms(k.Ctx(), &pb.SetMeetingNormsRequest{RequestId: town.Req(), SchoolId: w.School.String(), Norms: []string{"Alle får ordet."}, AgreedWith: "personalmøtet"})).OK(w.T)
	learned := town.NewID()
	w.SQL(`insert into learning (owner_id, id, school_id, from_visit, writer_id, other_id, text, source, mark, published, day)
		values ($1, $2, $3, gen_random_uuid(), $4, $5, 'Vent.', '', 'WORKED_HERE', true, '2026-11-10')`, w.Owner, learned, w.School, k.ID, w.Ola.ID)
	town.Try(w.Nils.RespondToLearning(w.Nils.Ctx(), &pb.RespondToLearningRequest{LearningId: learned.String(), RequestId: town.Req(), Kind: pb.LearningResponseKind_LEARNING_RESPONSE_KIND_TRIED, Text: "Fire nye."})).OK(w.T)
	town.Try(w.Nils.ThankForLearning(w.Nils.Ctx(), &pb.ThankForLearningRequest{LearningId: learned.String(), RequestId: town.Req()})).OK(w.T)
}

// writers are in whose names it is tried to write past the server.
func writers(w *town.Town) map[string]string {
	return map[string]string{"observer": w.Kari.ID, "observed": w.Ola.ID, "teacher": w.Nils.ID, "leader": w.Liv.ID, "administrator": w.Arne.ID, "house": uuid.Nil.String()}
}

var writerNames = []string{"observer", "observed", "teacher", "leader", "administrator", "house"}

// column is one of the application's tables, as the catalogue has it.
type column struct {
	Table, Column, Type, Values string
	Null, Key                   bool
	MayInsert, MayUpdate        bool
}

const columnsOfAll = `
	select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as "type",
		coalesce((select string_agg(m[1], ' ') from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), '''([A-Z_a-z]+)''::text', 'g') m
			where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]), '') as "values",
		not a.attnotnull as "null",
		exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as "key",
		has_column_privilege('undring_app', c.oid, a.attnum, 'INSERT') as may_insert,
		has_column_privilege('undring_app', c.oid, a.attnum, 'UPDATE') as may_update
	from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
	where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'goose_db_version'
	order by c.relname, a.attnum`

// others are values that a column could be given besides the one that it has, as SQL.
func (c column) others(people []string) (out []string) {
	switch {
	case c.Values != "":
		for _, v := range strings.Fields(c.Values) {
			out = append(out, "'"+v+"'")
		}
	case c.Type == "uuid":
		for _, p := range people {
			out = append(out, "'"+p+"'")
		}
		out = append(out, "gen_random_uuid()")
	case c.Type == "text":
		out = []string{"'x'", "''"}
	case c.Type == "boolean":
		out = []string{"true", "false"}
	case c.Type == "integer" || c.Type == "smallint" || c.Type == "bigint":
		out = []string{c.Column + " + 1", "0", "1"}
	case strings.HasPrefix(c.Type, "timestamp") || c.Type == "date":
		out = []string{c.Column + " + interval '1 day'", c.Column + " - interval '1 day'", "now()"}
	case c.Type == "uuid[]":
		out = []string{"array['" + people[1] + "'::uuid]", "'{}'"}
	case c.Type == "bytea":
		out = []string{`'\x00'`}
	}
	if c.Null {
		out = append(out, "null")
	}
	return out
}

// attempt is one statement, by somebody, past the server. It comes to nothing.
type attempt struct {
	conn          *pgx.Conn
	owner, person string
	before, sql   string // before runs as the superuser, without triggers
}

// goes says whether the database lets it through.
func (a attempt) goes(ctx context.Context) (bool, error) {
	tx, err := a.conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // it was never to stay
	var b pgx.Batch
	if a.before != "" {
		b.Queue("set local session_replication_role = replica")
		b.Queue(a.before)
		b.Queue("set local session_replication_role = origin")
	}
	b.Queue("set local role undring_app")
	b.Queue("select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", a.owner, a.person)
	rows := int64(0)
	b.Queue(a.sql).Exec(func(t pgconn.CommandTag) error { rows = t.RowsAffected(); return nil })
	b.Queue("set constraints all immediate")
	err = tx.SendBatch(ctx, &b).Close()
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil && rows > 0, err
}

// rowsTried are how many rows of a table it is tried at; where rows are persons' own, one
// of each person.
const rowsTried = 4

// what was found: line, writer, letters.
type written struct {
	mu sync.Mutex
	of map[string]map[string]string
	// tried are the tables of which there were rows; of the others only rights are known.
	tried map[string]bool
}

// there says that a table had rows.
func (f *written) there(table string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried[table] = true
}

func (f *written) add(line, writer, letter string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of[line] == nil {
		f.of[line] = map[string]string{}
	}
	if writer != "" && !strings.Contains(f.of[line][writer], letter) {
		f.of[line][writer] += letter
	}
}

// The database's own answer to who may write what: every column of every table, at
// insert and at update, and every table at delete, tried as the application's role in
// the name of six people and in each state of a visit. docs/writes.md is what is
// allowed, written once: a column that is new has no line there, and a guard that is
// gone makes another.
func TestG18EveryColumnIsWrittenByThoseWhoMay(t *testing.T) {
	t.Parallel()
	found := &written{of: map[string]map[string]string{}, tried: map[string]bool{}}
	t.Run("stages", func(t *testing.T) {
		for _, s := range stages {
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				w := town.New(t)
				s.make(w)
				besides(w)
				tryAll(t, w, s.letter, found)
			})
		}
	})
	if t.Failed() {
		return
	}
	page := found.page()
	if *update {
		if err := os.WriteFile("../docs/writes.md", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile("../docs/writes.md")
	if err != nil || string(raw) != page {
		t.Errorf("docs/writes.md is not what the database allows: make access, and look at each line that differs (%v)\n%s", err, differing(string(raw), page))
	}
}

// differing are the lines that one text has and the other has not.
func differing(was, is string) string {
	old, now := strings.Split(was, "\n"), strings.Split(is, "\n")
	var out []string
	for _, l := range old {
		if !slices.Contains(now, l) {
			out = append(out, "- "+l)
		}
	}
	for _, l := range now {
		if !slices.Contains(old, l) {
			out = append(out, "+ "+l)
		}
	}
	return strings.Join(out, "\n")
}

func tryAll(t *testing.T, w *town.Town, letter string, found *written) {
	ctx := context.Background()
	pooled, err := w.DB.Owner.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer pooled.Release()
	conn := pooled.Conn()
	rows, err := conn.Query(ctx, columnsOfAll)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	people := []string{w.Kari.ID, w.Ola.ID, w.Nils.ID}
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(c column) bool { return c.Table != all[0].Table })
		if n < 0 {
			n = len(all)
		}
		x := tableTried{t: t, w: w, conn: conn, columns: all[:n], people: people, letter: letter, found: found}
		x.run(ctx)
		all = all[n:]
	}
}

// tableTried are the attempts at one table.
type tableTried struct {
	t       *testing.T
	w       *town.Town
	conn    *pgx.Conn
	columns []column
	people  []string
	letter  string
	found   *written
}

func (x tableTried) name() string { return x.columns[0].Table }

func (x tableTried) goes(ctx context.Context, writer, before, sql string) bool {
	ok, err := attempt{x.conn, x.w.Owner.String(), writers(x.w)[writer], before, sql}.goes(ctx)
	if err != nil {
		x.t.Fatalf("%s: %v", sql, err)
	}
	return ok
}

// wheres find some rows of the table, each by its key.
func (x tableTried) wheres() []string {
	var key []string
	distinct := ""
	for _, c := range x.columns {
		if c.Key {
			key = append(key, fmt.Sprintf("format('%s = %%L', %s)", c.Column, c.Column))
		}
		if c.Column == "person_id" {
			distinct = "distinct on (person_id) "
		}
	}
	if len(key) == 0 { // no column is one
		key = []string{"format('ctid = %L', ctid)"}
	}
	sql := fmt.Sprintf("select %s%s from %s", distinct, strings.Join(key, " || ' and ' || "), x.name())
	if distinct == "" {
		sql += fmt.Sprintf(" order by 1 limit %d", rowsTried)
	}
	return town.Column(x.t, x.w.DB, sql)
}

func (x tableTried) run(ctx context.Context) {
	wheres := x.wheres()
	if len(wheres) > 0 {
		x.found.there(x.name())
	}
	for _, c := range x.columns {
		for _, op := range []string{"insert", "update"} {
			x.found.add(x.name()+"."+c.Column+" "+op, "", "")
		}
	}
	x.found.add(x.name()+" delete", "", "")
	x.found.add(x.name()+" insert", "", "")
	for _, writer := range writerNames {
		for _, where := range wheres {
			x.updates(ctx, writer, where)
			x.inserts(ctx, writer, where)
			if x.goes(ctx, writer, "", "delete from "+x.name()+" where "+where) {
				x.found.add(x.name()+" delete", writer, x.letter)
			}
		}
	}
}

func (x tableTried) updates(ctx context.Context, writer, where string) {
	for _, c := range x.columns {
		if !c.MayUpdate {
			continue
		}
		for _, value := range c.others(x.people) {
			if x.goes(ctx, writer, "", fmt.Sprintf("update %s set %s = %s where %s and %s is distinct from %s", x.name(), c.Column, value, where, c.Column, cast(value, c))) {
				x.found.add(x.name()+"."+c.Column+" update", writer, x.letter)
				break
			}
		}
	}
}

func cast(value string, c column) string { return "(" + value + ")::" + c.Type }

// inserts tries to write a row anew, as it is and with one column changed. The row
// itself is taken away first, past all triggers.
func (x tableTried) inserts(ctx context.Context, writer, where string) {
	var may []string
	for _, c := range x.columns {
		if c.MayInsert {
			may = append(may, c.Column)
		}
	}
	if len(may) == 0 {
		return
	}
	row := town.Column(x.t, x.w.DB, "select row_to_json(t)::text from "+x.name()+" t where "+where)[0]
	const literal = "$json$"
	write := func(changed, value string) string {
		var values []string
		for _, m := range may {
			if m == changed {
				m = value
			}
			values = append(values, m)
		}
		return fmt.Sprintf("insert into %s (%s) select %s from json_populate_record(null::%s, %s%s%s)",
			x.name(), strings.Join(may, ", "), strings.Join(values, ", "), x.name(), literal, row, literal)
	}
	gone := "delete from " + x.name() + " where " + where
	if !x.goes(ctx, writer, gone, write("", "")) {
		return
	}
	x.found.add(x.name()+" insert", writer, x.letter)
	for _, c := range x.columns {
		if !c.MayInsert {
			continue
		}
		for _, value := range c.others(x.people) {
			sql := write(c.Column, cast(value, c)) + fmt.Sprintf(" where %s is distinct from %s", c.Column, cast(value, c))
			if x.goes(ctx, writer, gone, sql) {
				x.found.add(x.name()+"."+c.Column+" insert", writer, x.letter)
				break
			}
		}
	}
}

// page is docs/writes.md.
func (f *written) page() string {
	var lines []string
	for l := range f.of {
		lines = append(lines, l)
	}
	sort.Strings(lines)
	var b strings.Builder
	b.WriteString(writesHead)
	table := ""
	for _, l := range lines {
		what, op, _ := strings.Cut(l, " ")
		name, col, _ := strings.Cut(what, ".")
		if name != table {
			table = name
			fmt.Fprintf(&b, "\n## %s\n", name)
			if !f.tried[name] {
				b.WriteString("\nNo row of it was there to try. Who adds one to `besides` in `server/writes_test.go` measures it.\n")
			}
			fmt.Fprintf(&b, "\n| column | at | %s |\n|---|---|%s\n", strings.Join(writerNames, " | "), strings.Repeat("---|", len(writerNames)))
		}
		if col == "" {
			col = "*row*"
		}
		cells := ""
		for _, writer := range writerNames {
			cells += " " + inOrderOfStages(f.of[l][writer]) + " |"
		}
		fmt.Fprintf(&b, "| %s | %s |%s\n", col, op, cells)
	}
	return b.String()
}

func inOrderOfStages(letters string) string {
	out := ""
	for _, s := range stages {
		if strings.Contains(letters, s.letter) {
			out += s.letter
		}
	}
	if len(out) == len(stages) {
		return "always"
	}
	return out
}

const writesHead = `# Who may write what, past the server

Measured by ` + "`go test ./server -run G18`" + `, which writes to the database itself as the application's role, in the
name of six people; ` + "`make access`" + ` draws this page anew. The server asks more than this: here is what the database
refuses by itself when a rule of the server's is wrong. An empty cell is a refusal, whatever the value.

*update*: a value other than the one that is there goes through. *insert*: a row that is there already can be written
anew with another value in the column. *row* at insert: as it is. *row* at delete: it can be taken away.

Letters are the states of a visit between observer and observed in which it goes through: **p**roposed, **a**greed,
**o**bserved, **g**iven, **r**ead by the observed, a**n**swered, **c**losed; *always*: all of them, and whatever has no
visit. The *teacher* is neither of the two. The *house* is the server where nobody asks it to: its nightly work.

A new column has no line here and fails the test. A line that says more than it did is a guard that is missing: mend the
guard, do not draw the page.
`
