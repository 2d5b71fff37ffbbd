package guard

// Rules are the rules with one left out: for tests alone.
type Rules = rules

// Strict are all of them.
var Strict = strict

// Without leaves a rule out.
func Without(rule string) Rules {
	r := strict
	switch rule {
	case "P2":
		r.noAmong = true
	case "P3 sizes":
		r.least = 5
	case "P3 values":
		r.byValue = true
	case "P4":
		r.noEnds = true
	case "P12 parts":
		r.noParts = true
	case "P12 sums":
		r.noSums = true
	default:
		panic("no rule " + rule)
	}
	return r
}

// SchoolBy tells a school's figures by some rules.
func SchoolBy(r Rules, p Page, f Form, teams []Count, rest Count) (Bands, []Bands) {
	return r.school(p, f, teams, rest)
}

// OwnerBy tells an owner's figures by some rules.
func OwnerBy(r Rules, p Page, schools []Told) Bands { return r.owner(p, schools) }

// PlanBy plans by some rules.
func PlanBy(r Rules, whole int, parts []int) []bool { return r.plan(whole, parts) }
