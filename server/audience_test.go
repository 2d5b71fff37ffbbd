package server_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/postgres/pgtest"
	"undring/tables"
	"undring/town"
)

// ofWords lists the tables that store who reads them, with the audience that is declared.
func ofWords(t *testing.T) map[string]tables.Audience {
	t.Helper()
	of := map[string]tables.Audience{}
	for _, table := range allTables() {
		for _, w := range table.Words {
			switch {
			case w.Of == tables.TheSchools || w.Read == tables.Registered:
			case w.Read == "":
				t.Errorf("%s.%s: tables.go does not say who reads it (Read)", table.Name, w.Columns)
			case of[table.Name] != "" && of[table.Name] != w.Read:
				t.Errorf("%s declares two audiences, and a row has one: %s and %s", table.Name, of[table.Name], w.Read)
			default:
				of[table.Name] = w.Read
			}
		}
	}
	return of
}

// Who reads what is written stands in the row: each table of words has the column, its
// default is what the room declares, nothing is born wider or grows, and a policy that
// restricts stands behind. A new table of words gets all of this, or fails here.
func TestEachTableOfWordsStoresWhoReadsIt(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	of := ofWords(t)
	for name, read := range of {
		for what, sql := range map[string]string{
			"column 'audience audience not null default' as tables.go declares it": `select 'there' from pg_attribute a join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
				where a.attrelid = '%[1]s'::regclass and a.attname = 'audience' and a.attnotnull and format_type(a.atttypid, null) = 'audience'
				and pg_get_expr(d.adbin, d.adrelid) = '''%[2]s''::audience'`,
			"policy audience_holds, as restrictive for select to undring_app": `select 'there' from pg_policy p where p.polrelid = '%[1]s'::regclass
				and p.polname = 'audience_holds' and not p.polpermissive and p.polcmd = 'r'`,
			"trigger audience_born before insert": `select 'there' from pg_trigger where tgrelid = '%[1]s'::regclass and tgname = 'audience_born'
				and pg_get_triggerdef(oid) like '%%BEFORE INSERT%%' and pg_get_triggerdef(oid) like '%%new.audience > %%audience_stands()'`,
			"trigger audience_stands before update of audience": `select 'there' from pg_trigger where tgrelid = '%[1]s'::regclass and tgname = 'audience_stands'
				and pg_get_triggerdef(oid) like '%%BEFORE UPDATE OF audience%%' and pg_get_triggerdef(oid) like '%%(new.audience > old.audience)%%audience_stands()'`,
		} {
			if len(town.Column(t, db, fmt.Sprintf(sql, name, read))) != 1 {
				t.Errorf("%s has no %s: see migrations/00053_audience.sql", name, what)
			}
		}
	}
	if len(of) < 13 {
		t.Errorf("this test sees %d tables of words alone", len(of))
	}
}

// A policy that somebody adds later lets nobody read what was written for fewer, no
// column grows, and whoever runs as the owner of the tables can't let it.
func TestNoSettingWidensAnAudience(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 0).Agree().Observe().Give().Open()
	v.Answer(v.Exchange(w.Ola).GetQuestions()[0].GetId())
	v.TakeAway(w.Ola)
	v.TakeAway(w.Kari)
	w.OpenLesson(w.Kari, 24*60*60*1e9)
	app, of, seen := w.DB.App(t), ofWords(t), 0
	for name, read := range of {
		w.SQL("create policy a_later_setting on " + name + " for select to undring_app using (true)")
		if read != tables.BySchool {
			n := 0
			err := asSomebody(app, w.Owner.String(), w.Nils.ID, "select 1 from "+name, func(pgx.Rows) error { n++; return nil })
			if err != nil || n > 0 {
				t.Errorf("a later policy lets an outsider read %d rows of %s (%v)", n, name, err)
			}
		}
		if town.One[int](w, "select count(*) from "+name) == 0 {
			continue
		}
		seen++
		for _, role := range []string{"undring_app", "undring_owner"} {
			err := pgx.BeginFunc(ctx, w.DB.Owner, func(tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, "select set_config('undring.owner', $1, true), set_config('undring.person', $2, true)", w.Owner.String(), w.Kari.ID); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "set local role "+role); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, "update "+name+" set audience = 'SCHOOL' where owner_id = $1", w.Owner)
				return err
			})
			if wide := town.One[int](w, "select count(*) from "+name+" where audience > '"+string(read)+"'"); wide > 0 || err == nil && read != tables.BySchool {
				t.Errorf("%s widens %d rows of %s (%v)", role, wide, name, err)
			}
		}
	}
	if seen < 7 {
		t.Errorf("the walk has filled %d tables of words alone", seen)
	}
	// What the writer alone reads is not the other's, even of the two.
	if n := 0; asSomebody(app, w.Owner.String(), w.Ola.ID, "select 1 from takeaway where person_id = '"+w.Kari.ID+"'", func(pgx.Rows) error { n++; return nil }) != nil || n > 0 {
		t.Errorf("a later policy lets the other one read %d take-aways", n)
	}
}

// What was written is shown with who reads it, as stored: in every message of the
// contract that carries words of a visit.
func TestWhatWasWrittenSaysWhoReadsIt(t *testing.T) {
	t.Parallel()
	w := town.New(t)
	v := w.Propose(w.Kari, w.Ola, 0).Agree().Observe()
	note, err := w.Kari.SaveNote(w.Kari.Ctx(), &pb.SaveNoteRequest{ObservationId: v.ID, RequestId: uuid.NewString(), Kind: pb.NoteKind_NOTE_KIND_SAW, Text: "Two hands went up."})
	if err != nil || note.GetNote().GetAudience() != pb.Audience_AUDIENCE_WRITER_UNTIL_GIVEN {
		t.Errorf("a note that was just written is read by %v (%v)", note.GetNote().GetAudience(), err)
	}
	v.Give().Open()
	v.Answer(v.Exchange(w.Ola).GetQuestions()[0].GetId())
	v.TakeAway(w.Ola)
	e := v.Exchange(w.Ola)
	got := []pb.Audience{
		v.Get(w.Kari).GetAudience(), e.GetPoints()[0].GetAudience(), e.GetQuestions()[0].GetAudience(), e.GetOwnView().GetAudience(),
		e.GetSharedNotes()[0].GetNote().GetAudience(), e.GetTakeaway().GetAudience(),
	}
	want := []pb.Audience{
		pb.Audience_AUDIENCE_TWO, pb.Audience_AUDIENCE_TWO, pb.Audience_AUDIENCE_TWO, pb.Audience_AUDIENCE_TWO,
		pb.Audience_AUDIENCE_WRITER_UNTIL_GIVEN, pb.Audience_AUDIENCE_WRITER,
	}
	if !slices.Equal(got, want) {
		t.Errorf("card, point, question, own view, shared note, take-away are read by %v, and were written for %v", got, want)
	}
	// What is stored counts, and not what holds for what is written today.
	w.SQL("update own_view set audience = 'WRITER'")
	if a := v.Exchange(w.Ola).GetOwnView().GetAudience(); a != pb.Audience_AUDIENCE_WRITER {
		t.Errorf("own lines that were stored as the writer's are told as read by %v", a)
	}
}
