package privacy

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "undring/gen/undring/v1"
	"undring/tables"
	"undring/words"
)

// frame is the page around what is shown: it asks nothing of the network and runs no
// script, so that it can be read anywhere, in ten years, too.
var frame = template.Must(template.New("page").Parse(`{{define "head"}}<!doctype html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}h2{margin-top:3rem;border-top:1px solid;padding-top:1rem}
dt{font-weight:600;margin-top:.5rem}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}small{opacity:.75}:root{color-scheme:light dark}</style></head><body>
<h1>{{.Title}}</h1>{{range .Lead}}<p>{{.}}</p>{{end}}
{{end}}{{define "section"}}<h2>{{.}}</h2>
{{end}}{{define "row"}}<h3>{{.Title}}{{if .By}} <small>{{.By}}</small>{{end}}</h3><dl>{{range .Lines}}<dt>{{.Label}}</dt><dd>{{.Text}}</dd>{{end}}</dl>
{{end}}{{define "tail"}}</body></html>
{{end}}`))

// line is one text of a row.
type line struct{ Label, Text string }

// shown is a row as people read it.
type shown struct {
	Title, By string
	Lines     []line
}

// page writes everything as a page in the person's language: visit by visit, and then
// what belongs to no visit.
// Names are asked once each and kept in names, for the whole page: a colleague stands in many
// visits.
func (e export) page(w io.Writer) error {
	lang, names := e.actor.Language, map[string]string{}
	say := func(key string, args ...any) string { return words.Say(lang, "export."+key, args...) }
	err := frame.ExecuteTemplate(w, "head", map[string]any{"Language": lang, "Title": say("title"),
		"Lead": []string{say("lead", e.now.Format("2006-01-02")), say("left_out")}})
	if err != nil {
		return err
	}
	visits, err := e.visits()
	if err != nil {
		return err
	}
	of := e.visitTables()
	// All that a visit holds has to be there before it can be shown whole, so visits are read some
	// at a time; tables without visits are small.
	for some := range slices.Chunk(visits, visitsAtOnce) {
		if err := e.someVisits(w, of, some, names); err != nil {
			return err
		}
	}
	for _, t := range e.tables {
		// Rows of a visit stood with their visit; tables without words are in the files alone.
		if t.Mine == "" || t.CopyOf() != "" || len(shownAsWords(t)) == 0 {
			continue
		}
		if err := frame.ExecuteTemplate(w, "section", words.Say(lang, "export.table."+t.Name)); err != nil {
			return err
		}
		err := e.each(t.Copy(), []any{e.actor.Owner, e.actor.Person}, t, func(r row) error {
			return e.show(w, t, r, names)
		})
		if err != nil {
			return err
		}
	}
	return frame.ExecuteTemplate(w, "tail", nil)
}

// visits lists the person's visits, the earliest first.
func (e export) visits() (ids []uuid.UUID, err error) {
	i := slices.IndexFunc(e.tables, func(t tables.Table) bool { return t.Name == "visit" })
	// In a test that has other tables.
	if i < 0 {
		return nil, nil
	}
	err = e.each(e.tables[i].Copy(), []any{e.actor.Owner, e.actor.Person}, e.tables[i], func(r row) error {
		id, err := uuid.Parse(r["id"].(string))
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// someVisits writes some visits whole: their rows are read in one flight, and put beside
// each other by visit.
func (e export) someVisits(w io.Writer, of []tables.Table, ids []uuid.UUID, names map[string]string) error {
	found := map[string]map[string][]row{} // by visit and table
	err := e.ask(func(b *pgx.Batch) {
		for _, t := range of {
			b.Queue(t.CopyOf(), e.actor.Owner, e.actor.Person, ids).Query(func(rows pgx.Rows) error {
				return eachRow(rows, t, func(r row) error {
					visit, _ := r[t.Visit].(string)
					if found[visit] == nil {
						found[visit] = map[string][]row{}
					}
					found[visit][t.Name] = append(found[visit][t.Name], r)
					return nil
				})
			})
		}
	})
	if err != nil {
		return err
	}
	// The card stands first, and what was made of it after it.
	slices.SortStableFunc(of, func(a, b tables.Table) int { return order(a.Name) - order(b.Name) })
	for _, id := range ids {
		rows := found[id.String()]
		// Without the visit's own row there is nothing to name the others by.
		if len(rows["visit"]) == 0 {
			continue
		}
		title, err := e.titleOf(rows["visit"][0], names)
		if err != nil {
			return err
		}
		if err := frame.ExecuteTemplate(w, "section", title); err != nil {
			return err
		}
		for _, t := range of {
			for _, r := range rows[t.Name] {
				if err := e.show(w, t, r, names); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// inOrder is how a visit is read.
var inOrder = []string{"visit", "note", "correction", "own_view", "draft", "feedback_point", "question", "reply", "conversation", "takeaway", "action"}

// order is the place of a table in a visit's reading; those that nobody has thought of come last.
func order(table string) int {
	if i := slices.Index(inOrder, table); i >= 0 {
		return i
	}
	return len(inOrder)
}

// titleOf names a visit by its day and the colleague.
func (e export) titleOf(visit row, names map[string]string) (string, error) {
	other, _ := visit["observer_id"].(string)
	key := "export.visited_by"
	if other == e.actor.Person.String() {
		other, _ = visit["observed_id"].(string)
		key = "export.visited"
	}
	name, err := e.name(other, names)
	day, _ := visit["start_at"].(string)
	if at, err := time.Parse(time.RFC3339Nano, day); err == nil {
		day = at.Format(time.DateOnly)
	}
	return words.Say(e.actor.Language, key, day, name), err
}

// name is somebody's name, asked once; "a former colleague" for whoever has none left.
func (e export) name(id string, names map[string]string) (string, error) {
	if id == "" {
		return "", nil
	}
	name, known := names[id]
	if known {
		return name, nil
	}
	err := e.ask(func(b *pgx.Batch) {
		b.Queue(nameOf, id).QueryRow(func(row pgx.Row) error { return row.Scan(&name) })
	})
	if name == "" {
		name = words.Say(e.actor.Language, "person.former")
	}
	names[id] = name
	return name, err
}

// show writes the words of a row, under who wrote them. One without words is not shown:
// it stands in the files.
func (e export) show(w io.Writer, t tables.Table, r row, names map[string]string) error {
	lang := e.actor.Language
	out := shown{Title: words.Say(lang, "export.table."+t.Name)}
	for _, column := range shownAsWords(t) {
		if text, _ := r[column].(string); text != "" {
			out.Lines = append(out.Lines, line{words.Say(lang, "export.column."+column), text})
		}
	}
	if len(out.Lines) == 0 {
		return nil
	}
	by := writer(t)
	// "id" is the table of people, of whom the one in it is the reader.
	if id, _ := r[by].(string); by != "" && by != "id" {
		name, err := e.name(id, names)
		if err != nil {
			return err
		}
		out.By = name
	}
	return frame.ExecuteTemplate(w, "row", out)
}

// writer is the column that names who wrote the first words of a row; empty: it says
// nothing of that.
// What is both's, or the school's, is shown without a name.
func writer(t tables.Table) string {
	for _, w := range t.Words {
		switch {
		case w.By != "":
			return w.By
		case w.Of == tables.Observers:
			return "observer_id"
		case w.Of == tables.Observeds:
			return "observed_id"
		}
	}
	return ""
}

// each reads the rows of a query one by one. Names are asked in between, so they are
// gathered in batches that memory holds: what belongs to no visit is little.
func (e export) each(sql string, args []any, t tables.Table, do func(row) error) error {
	var all []row
	err := e.ask(func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			return eachRow(rows, t, func(r row) error { all = append(all, r); return nil })
		})
	})
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := do(r); err != nil {
			return err
		}
	}
	return nil
}

// eachRow reads rows by column.
func eachRow(rows pgx.Rows, t tables.Table, do func(row) error) error {
	return eachRaw(rows, t, func(raw []byte) error {
		var r row
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		return do(r)
	})
}

// eachRaw reads rows as the JSON that the database makes of them, made readable.
// The database gives each row as one JSON value ([tables.Table.Copy]), without what is withheld.
func eachRaw(rows pgx.Rows, t tables.Table, do func([]byte) error) error {
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		raw, err := readable(t.Name, raw)
		if err != nil {
			return err
		}
		if err := do(raw); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readable turns what a row keeps as a message of the contract into text: a draft of
// feedback. Everything else is text already.
func readable(table string, raw []byte) ([]byte, error) {
	if table != "draft" {
		return raw, nil
	}
	var r map[string]any
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	// bytea comes as \x and digits.
	text, _ := r["body"].(string)
	body, err := hex.DecodeString(strings.TrimPrefix(text, `\x`))
	if err != nil {
		return nil, fmt.Errorf("reading a draft: %w", err)
	}
	draft := new(pb.FeedbackDraft)
	if err := proto.Unmarshal(body, draft); err != nil {
		return nil, fmt.Errorf("reading a draft: %w", err)
	}
	r["body"] = protojson.Format(draft)
	var out bytes.Buffer
	j := json.NewEncoder(&out)
	// Or words would be full of \u003c for those who read the file.
	j.SetEscapeHTML(false)
	err = j.Encode(r)
	return bytes.TrimSpace(out.Bytes()), err
}
