package tables

import (
	"fmt"
	"slices"
	"strings"
)

// OwnerRows is the body of the function that reads the rows of a table that are the school
// owner's own, each as one object: what it is called is its argument.
func OwnerRows(all []Table) string {
	var b strings.Builder
	b.WriteString("\ndeclare\n    tenant constant uuid := current_setting('undring.owner')::uuid;\nbegin\n    if not public.is_house() then\n        perform public.refuse('role_required');\n    end if;\n    case what\n")
	for _, t := range all {
		if t.Owned != "" {
			schema := "public"
			if t.Published {
				schema = "published"
			}
			fmt.Fprintf(&b, "    when '%s' then return query select to_jsonb(t) - array[%s] from %s.%s t where t.owner_id = tenant and %s;\n",
				t.Name, quoted(t.NotOwned()), schema, t.Name, t.Owned)
		}
	}
	b.WriteString("    end case;\nend\n")
	return b.String()
}

// NotOwned are the columns that an owner's export leaves out: secrets, and what somebody
// wrote for two alone.
func (t Table) NotOwned() []string {
	out := t.without()
	for _, w := range t.Words {
		if slices.Contains([]Audience{ByWriter, ByWriterTill, ByTwo}, w.Read) {
			out = append(out, strings.Fields(w.Columns)...)
		}
	}
	return out
}
