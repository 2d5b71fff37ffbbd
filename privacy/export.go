package privacy

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "undring/gen/undring/v1"
	"undring/refusal"
	"undring/school"
	"undring/tables"
)

const (
	// exportTime is how long an export may take, with a slow network: it holds a
	// connection to the database.
	exportTime = 2 * time.Minute
	// exportsMost is how many exports a server makes at once. Each holds a connection.
	exportsMost = 2
	// visitsAtOnce is how many visits are in memory at a time while the page is written:
	// as large as rows can be, some 25 MB; as visits are, some 100 kB.
	visitsAtOnce = 10
	// pieceSize is how many bytes of the zip one message holds.
	pieceSize = 64 << 10
)

const (
	signedInAt = `select signed_in_at($1)`
	mergedInto = `select merged_into($1)`
	noteExport = `select note_export($1, $2)`
	useSignIn  = `select use_sign_in($1)`
	// exporting lets rows be read that are the person's at a school where they work no more.
	exporting = `select set_config('undring.export', 'on', true)`
	nameOf    = `select coalesce(trim(person_name($1)), '')`
)

// fresh refuses whoever has not signed in for this, or too long ago, and so a device that
// somebody found open and a session that was stolen. What counts is when the session was
// opened; one that has ended or has been used for a copy is refused as well.
func (s *Service) fresh(ctx context.Context, actor school.Actor) error {
	var at *time.Time
	err := s.db.Read(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(signedInAt, actor.Session).QueryRow(func(row pgx.Row) error { return row.Scan(&at) })
	})
	if err == nil && (at == nil || s.moment().Sub(*at) > school.OwnDataTime) {
		err = refusal.New(refusal.SignInAgain)
	}
	return err
}

// begin lets one export of a person be under way, and few altogether.
// OVERLOADED with a time to come back, for either: the person may have two tabs.
func (s *Service) begin(person uuid.UUID) (end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exporting[person] || len(s.exporting) >= exportsMost {
		return nil, &refusal.Refusal{Reason: refusal.Overloaded, RetryAfter: 10 * time.Second}
	}
	s.exporting[person] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.exporting, person)
	}, nil
}

// ExportMyData sends a zip with everything of the caller's.
// SIGN_IN_AGAIN where no sign-in was made for it, or too long ago. The copy of each entry is of one moment,
// however long the network takes; those that were merged follow one after the other.
func (s *Service) ExportMyData(_ *pb.ExportMyDataRequest, stream pb.PrivacyService_ExportMyDataServer) error {
	ctx, cancel := context.WithTimeout(stream.Context(), exportTime)
	defer cancel()
	actor, err := school.ActorFrom(ctx)
	if err != nil {
		return err
	}
	if err := s.fresh(ctx, actor); err != nil {
		return err
	}
	end, err := s.begin(actor.Person)
	if err != nil {
		return err
	}
	defer end()
	// Written before a byte goes out: a copy that broke off is one that somebody has a part of.
	now := s.moment()
	var merged []uuid.UUID
	err = s.db.ReadThen(ctx, actor.As(), func(b *pgx.Batch) {
		b.Queue(mergedInto, actor.Person).Query(func(rows pgx.Rows) (err error) {
			merged, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
			return err
		})
	}, func(b *pgx.Batch) {
		b.Queue(useSignIn, actor.Session)
		b.Queue(noteExport, s.newID(), now)
	})
	if err != nil {
		return err
	}
	// The zip writes a few bytes at a time; the buffer makes messages of them.
	out := bufio.NewWriterSize(pieces{stream}, pieceSize)
	z := zip.NewWriter(out)
	// What became part of the person's comes after it, each entry in a folder. It is
	// read in that one's name: no row is anybody else's to read.
	for i, who := range append([]uuid.UUID{actor.Person}, merged...) {
		e := export{tables: s.tables, actor: actor, now: now}
		e.actor.Person = who
		if i > 0 {
			e.folder = fmt.Sprintf("merged-%d/", i)
		}
		err = s.db.Snapshot(ctx, e.actor.As(), func(ask func(func(*pgx.Batch)) error) error {
			e.ask = ask
			if err := ask(func(b *pgx.Batch) { b.Queue(exporting) }); err != nil {
				return err
			}
			return e.write(z)
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(z.Close(), out.Flush())
}

// pieces sends what is written to it.
type pieces struct {
	stream pb.PrivacyService_ExportMyDataServer
}

// What Send fails with ends the export, and with it the connection that it holds.
func (p pieces) Write(content []byte) (int, error) {
	for rest := content; len(rest) > 0; {
		n := min(len(rest), pieceSize)
		// The message is encoded before Send returns, so the bytes may be written over.
		if err := p.stream.Send(&pb.ExportMyDataResponse{Content: rest[:n]}); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(content), nil
}

// export is one export under way: of one person, at one moment.
// ask is one flight of the snapshot; everything goes through it.
type export struct {
	folder string // of the zip
	tables []tables.Table
	actor  school.Actor
	now    time.Time
	ask    func(func(*pgx.Batch)) error
}

// row is a row of a table, by column.
type row map[string]any

// write writes into the zip: first the page for people, then the rows for programs. Both are
// read row by row, so that the memory that it takes does not grow with what is in it.
func (e export) write(z *zip.Writer) error {
	create := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: e.folder + name, Method: zip.Deflate, Modified: e.now})
	}
	page, err := create("undring.html")
	if err != nil {
		return err
	}
	if err := e.page(page); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	for _, t := range e.tables {
		if t.Mine == "" {
			continue
		}
		file, err := create("data/" + t.Name + ".json")
		if err != nil {
			return err
		}
		if err := e.rows(file, t); err != nil {
			return fmt.Errorf("writing the rows of %s: %w", t.Name, err)
		}
	}
	about, err := create("data/about.json")
	if err != nil {
		return err
	}
	return e.about(about)
}

// rows writes the rows of a table.
func (e export) rows(w io.Writer, t tables.Table) error {
	return writeRows(w, t, e.ask, t.Copy(), e.actor.Owner, e.actor.Person)
}

// writeRows writes the rows of a query as one array, a line each.
// Rows go to w as they come, inside of the callback: nothing holds all of them.
func writeRows(w io.Writer, t tables.Table, ask func(func(*pgx.Batch)) error, sql string, args ...any) error {
	before := "[\n"
	err := ask(func(b *pgx.Batch) {
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
			return eachRaw(rows, t, func(raw []byte) error {
				_, err := fmt.Fprintf(w, "%s%s", before, raw)
				before = ",\n"
				return err
			})
		})
	})
	if err != nil {
		return err
	}
	if before == "[\n" {
		_, err = io.WriteString(w, "[]\n")
	} else {
		_, err = io.WriteString(w, "\n]\n")
	}
	return err
}

// about says what the export holds, and what it leaves out and why.
// Of a table that is not held it says why: nothing is left out in silence.
func (e export) about(w io.Writer) error {
	type table struct {
		Held     bool              `json:"held"`
		Why      string            `json:"why,omitempty"`
		Withheld map[string]string `json:"withheld,omitempty"`
	}
	all := map[string]table{}
	for _, t := range e.tables {
		all[t.Name] = table{Held: t.Mine != "", Why: t.Apart, Withheld: t.Withheld}
	}
	j := json.NewEncoder(w)
	j.SetIndent("", "  ")
	return j.Encode(map[string]any{"person_id": e.actor.Person, "owner_id": e.actor.Owner, "time": e.now, "tables": all})
}

// visitTables are the tables of whose rows each belongs to one visit.
func (e export) visitTables() []tables.Table {
	var out []tables.Table
	for _, t := range e.tables {
		if t.CopyOf() != "" {
			out = append(out, t)
		}
	}
	return out
}

// shownAsWords lists the columns of a table that the page shows, in their order.
func shownAsWords(t tables.Table) []string {
	var out []string
	for _, w := range t.Words {
		for _, column := range strings.Fields(w.Columns) {
			if _, withheld := t.Withheld[column]; !withheld {
				out = append(out, column)
			}
		}
	}
	return out
}
