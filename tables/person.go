package tables

import (
	"fmt"
	"slices"
	"strings"
)

// Copy is the query that an export of a person takes their rows by, each as one object:
// $1 is the owner, $2 the person. All columns are in it that the table has on the day, so
// that a new one can't be forgotten. Empty: the export holds nothing of the table.
func (t Table) Copy() string {
	if t.Mine == "" {
		return ""
	}
	sql := fmt.Sprintf("select to_jsonb(t) - array[%s] from public.%s t, (select $2::uuid as id) me where t.owner_id = $1 and (%s)",
		quoted(t.without()), t.Name, t.Mine)
	if t.Order != "" {
		sql += " order by " + t.Order
	}
	return sql
}

// CopyOf is the same for the rows of some visits: $3. Empty: the table's rows belong to
// no visit.
func (t Table) CopyOf() string {
	if t.Mine == "" || t.Visit == "" || !t.Rows && t.Visit != "id" {
		return ""
	}
	sql, order, _ := strings.Cut(t.Copy(), " order by ")
	sql += fmt.Sprintf(" and t.%s = any ($3::uuid[])", t.Visit)
	if order != "" {
		sql += " order by " + order
	}
	return sql
}

// without are the columns that an export leaves out.
func (t Table) without() []string {
	out := []string{"owner_id"}
	for column := range t.Withheld {
		out = append(out, column)
	}
	slices.Sort(out)
	return out
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = "'" + s + "'"
	}
	return strings.Join(out, ", ")
}

// ErasePersonIn is the body of the function that takes one person's words out of one
// visit, all but what is addressed to the other one.
func ErasePersonIn(all []Table) string {
	return body(all, func(t Table) bool { return t.Visit != "" }, func(t Table) string { return " and " + t.Visit + " = which" }) + "end\n"
}

// ErasePersonApart is the body of the function that takes away what is a person's beside
// their visits: so many rows at most, and it says whether there are more. So no call of it
// holds a lock for long, however much hangs on somebody.
func ErasePersonApart(all []Table) string {
	const declare = "\ndeclare\n    budget int := most; -- how many rows are left to take\n    done_now int;"
	return declare + body(all, func(t Table) bool { return t.Visit == "" || !t.Rows }, func(Table) string { return "" }) + "    return false;\nend\n"
}

// body takes away rows and words of a person in the tables that are in reach. Of a table
// that is in reach of both functions, rows go with the person and words with the visit.
func body(all []Table, reach func(Table) bool, where func(Table) string) string {
	var b strings.Builder
	b.WriteString("\nbegin\n")
	for _, t := range all {
		if !reach(t) {
			continue
		}
		apart := where(t) == ""
		if t.Gone != "" && (apart == (t.Visit == "" || !t.Rows)) {
			if apart {
				fmt.Fprintf(&b, "    delete from public.%[1]s where ctid = any (array(select ctid from public.%[1]s where owner_id = tenant and %[2]s limit budget));\n", t.Name, t.Gone)
				b.WriteString("    get diagnostics done_now = row_count;\n    budget := budget - done_now;\n    if budget <= 0 then\n        return true;\n    end if;\n")
			} else {
				fmt.Fprintf(&b, "    delete from public.%s where owner_id = tenant and %s%s;\n", t.Name, t.Gone, where(t))
			}
		}
		if apart && t.Visit != "" {
			continue
		}
		for _, w := range t.Words {
			// Where the row went whole, no word of it is left.
			if set := w.taken(); !w.Stays && len(set) > 0 && w.whose() != "" && w.whose() != t.Gone {
				fmt.Fprintf(&b, "    update public.%s set %s where owner_id = tenant and %s%s;\n", t.Name, strings.Join(set, ", "), w.whose(), where(t))
			}
		}
	}
	return b.String()
}

// whose is the condition of the rows in which the words are the person's; empty: they are
// nobody's, or go with their row.
func (w Words) whose() string {
	switch {
	case w.Where != "":
		return w.Where
	case w.By != "":
		return w.By + " = who"
	case w.Of == Observers:
		return "observer_id = who"
	case w.Of == Observeds:
		return "observed_id = who"
	case w.Of == OfBoth:
		return "true" // of the visit; which of the two wrote them nobody knows
	}
	return ""
}

// taken lists what is set when the words go and the row stays.
func (w Words) taken() []string {
	empty := "'" + w.Mark + "'"
	if w.Null {
		empty = "null"
	}
	var set []string
	for _, column := range strings.Fields(w.Columns) {
		set = append(set, column+" = "+empty)
	}
	return set
}
