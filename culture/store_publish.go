package culture

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"undring/culture/guard"
	"undring/postgres"
	"undring/school"
)

const (
	insertSheets = `
		insert into published.sheet (owner_id, term, page, cell_id, kind, school_id, name, shown, in_words, late, published_at)
		select $1, $2, $3, id, kind, school_id, name, shown, in_words, $4, $5
		from unnest($6::uuid[], $7::text[], $8::uuid[], $9::text[], $10::bool[], $11::bool[]) c (id, kind, school_id, name, shown, in_words)`

	insertBands = `
		insert into published.publication (owner_id, term, page, cell_id, figure, kind, low, high, people_low, people_high)
		select $1, $2, $3, * from unnest($4::uuid[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[], $10::int[])`

	// What was about people goes with the sheet: of this half-year, and of those
	// before it.
	markPublished = `update culture_term set published_at = $3 where owner_id = $1 and term = $2`
	forgetFacts   = `delete from culture_fact where owner_id = $1 and term <= $2`
	forgetMembers = `delete from culture_school where owner_id = $1 and term <= $2`

	markPulse     = `update culture_term set pulse_published_at = $3 where owner_id = $1 and term = $2`
	forgetBallots = `delete from pulse_answer where owner_id = $1 and term <= $2`
	forgetVoters  = `delete from pulse_answered where owner_id = $1 and term <= $2`

	// The newest half-years of a group up to one, and of the teams of a school. Each
	// row is looked up by its key, whatever the planner knows: to ask for the group or
	// its teams in one condition took it through all sheets of the owner until the
	// tables were analysed. "offset 0" keeps the bands from being joined whole.
	sheetsOfCell = `
		with half as materialized (
			select h.term from published.sheet h
			where h.owner_id = $1 and h.page = $2 and h.cell_id = $3 and ($4 = '' or h.term <= $4)
			order by h.term desc limit $5
		)
		select s.term, s.cell_id, s.kind, s.name, s.shown, s.in_words, s.late, s.published_at,
			p.figure, p.kind, p.low, p.high, p.people_low, p.people_high
		from half h
		cross join lateral (
			select * from published.sheet c where c.owner_id = $1 and c.page = $2 and c.cell_id = $3 and c.term = h.term
			union all
			select * from published.sheet t where t.owner_id = $1 and t.page = $2 and t.school_id = $3 and t.term = h.term
		) s
		left join lateral (
			select * from published.publication b where b.owner_id = $1 and b.term = s.term and b.page = $2 and b.cell_id = s.cell_id
			offset 0
		) p on true
		order by s.term, s.kind, s.name, s.cell_id, p.figure`

	termsOfCell = `
		select s.term, s.shown, s.published_at from published.sheet s
		where s.owner_id = $1 and s.page = 'SHEET' and s.cell_id = $2
		order by s.term desc
		limit 40`
)

// put publishes the cells of a page.
func put(tx *postgres.Tx, page guard.Page, owner uuid.UUID, t school.Term, late bool, now time.Time, cells []Cell) {
	// In columns: two statements, however many groups and figures there are.
	var ids, schools []uuid.UUID
	var kinds, names []string
	var shown, inWords []bool
	var of []uuid.UUID
	var figures, told []string
	var lows, highs, peopleLows, peopleHighs []int
	for _, c := range cells {
		ids, kinds, names = append(ids, c.ID), append(kinds, string(c.Kind)), append(names, c.Name)
		schools = append(schools, c.School)
		shown, inWords = append(shown, c.Shown), append(inWords, c.InWords)
		for _, l := range guard.Manifest(page) {
			b, there := c.Bands[l.Figure]
			if !there {
				continue
			}
			of, figures, told = append(of, c.ID), append(figures, l.Name), append(told, string(b.Kind))
			lows, highs = append(lows, b.Low), append(highs, b.High)
			peopleLows, peopleHighs = append(peopleLows, b.PeopleLow), append(peopleHighs, b.PeopleHigh)
		}
	}
	tx.Queue(insertSheets, owner, t.String(), pageName(page), late, now, ids, kinds, nullable(schools), names, shown, inWords)
	tx.Queue(insertBands, owner, t.String(), pageName(page), of, figures, told, lows, highs, peopleLows, peopleHighs)
}

// nullable turns the id of no team, which is nil, into NULL.
func nullable(ids []uuid.UUID) []uuid.NullUUID {
	out := make([]uuid.NullUUID, len(ids))
	for i, id := range ids {
		out[i] = uuid.NullUUID{UUID: id, Valid: id != uuid.Nil}
	}
	return out
}

// pageName is a page's name in the database.
func pageName(p guard.Page) string {
	if p == guard.Pulse {
		return "PULSE"
	}
	return "SHEET"
}

// queueCells reads what is published of a group, the oldest first: up to a
// half-year, or to the newest.
func queueCells(b *pgx.Batch, page guard.Page, owner, cell uuid.UUID, until string, most int, into *[]Cell) {
	b.Queue(sheetsOfCell, owner, pageName(page), cell, until, most).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var c Cell
			var band guard.Band
			var term string
			var figure, kind *string
			var low, high, peopleLow, peopleHigh *int
			err := rows.Scan(&term, &c.ID, &c.Kind, &c.Name, &c.Shown, &c.InWords, &c.Late, &c.Published,
				&figure, &kind, &low, &high, &peopleLow, &peopleHigh)
			if err != nil {
				return err
			}
			c.Term, _ = school.ParseTerm(term)
			// The rows of a group and a half-year follow each other, one for each figure:
			// another pair begins another cell.
			if n := len(*into); n == 0 || (*into)[n-1].ID != c.ID || (*into)[n-1].Term != c.Term {
				c.Bands = map[guard.Figure]guard.Band{}
				*into = append(*into, c)
			}
			// A group of which nothing is published has one row, without a figure.
			if figure == nil {
				continue
			}
			if l, known := guard.ByName(*figure); known { // one that is no longer counted is not read
				band = guard.Band{Kind: guard.Kind(*kind), Low: *low, High: *high, PeopleLow: *peopleLow, PeopleHigh: *peopleHigh}
				(*into)[len(*into)-1].Bands[l.Figure] = band
			}
		}
		return rows.Err()
	})
}
