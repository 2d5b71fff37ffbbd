package guard

// Count is what is known of a group: how many people, and how many of them with a
// yes in each figure.
type Count struct {
	People [staffs]int
	Yes    [Figures]int
}

// Add puts another group's people to these.
func (c *Count) Add(other Count) {
	for i := range c.People {
		c.People[i] += other.People[i]
	}
	for i := range c.Yes {
		c.Yes[i] += other.Yes[i]
	}
}

// Bands are what is told of a group, by figure.
type Bands [Figures]Band

// Plan says which parts of a whole have figures of their own, by sizes alone (P3):
// those of 8 or more, where none or 8 or more are left over. The smallest go first;
// of equal ones the last. A part of size 0 doesn't count.
func Plan(whole int, parts []int) []bool { return strict.plan(whole, parts) }

// plan says of which parts of a whole something is shown, by their sizes alone. What
// is left over must be nobody or enough people: otherwise subtracting what is shown
// from the whole would tell of a few. So the smallest part that is shown is hidden
// with it, until enough are.
func (r rules) plan(whole int, parts []int) []bool {
	shown := make([]bool, len(parts))
	left := whole
	for i, n := range parts {
		if n >= r.least {
			shown[i] = true
			left -= n
		}
	}
	for left > 0 && left < r.least {
		smallest := -1
		for i, n := range parts {
			if shown[i] && (smallest < 0 || n <= parts[smallest]) {
				smallest = i
			}
		}
		if smallest < 0 {
			break
		}
		shown[smallest] = false
		left += parts[smallest]
	}
	return shown
}

// School tells the figures of a page for a school, and for those of its teams that
// Plan shows; rest are its people who are in none of these.
func School(p Page, f Form, teams []Count, rest Count) (Bands, []Bands) {
	return strict.school(p, f, teams, rest)
}

// school makes a school's figures and those of its teams. The whole is the sum of what
// is shown of its parts and no more, so that nothing can be had by subtraction.
func (r rules) school(p Page, f Form, teams []Count, rest Count) (Bands, []Bands) {
	var all Bands
	whole := rest
	of := make([]Bands, len(teams))
	for _, t := range teams {
		whole.Add(t)
	}
	for _, l := range Manifest(p) {
		form := l.form(f)
		n, count := whole.People[l.Staff], whole.Yes[l.Figure]
		if among := r.basesOf(l); len(among) > 0 {
			all[l.Figure] = r.among(pick(&all, among), count, form)
			for i := range teams {
				of[i][l.Figure] = Band{Kind: TooFewAmong}
			}
			continue
		}
		var parts []Band
		for i, t := range teams {
			of[i][l.Figure] = r.everybody(t.People[l.Staff], t.Yes[l.Figure], form)
			parts = append(parts, of[i][l.Figure])
		}
		if l.Staff != Teaching || len(teams) == 0 || r.noSums {
			all[l.Figure] = r.everybody(n, count, form)
			if len(teams) > 0 && l.Staff != Teaching {
				for i := range teams {
					of[i][l.Figure] = Band{Kind: TooFew}
				}
			}
			continue
		}
		if rest.People[l.Staff] > 0 {
			parts = append(parts, r.everybody(rest.People[l.Staff], rest.Yes[l.Figure], form))
		}
		low, high := step(n)
		all[l.Figure] = sum(parts, low, high)
	}
	return all, of
}

// Told is a school within its owner.
type Told struct {
	Count Count
	Bands Bands
	// Shown is whether it has a sheet of its own: Plan says so.
	Shown bool
	Form  Form
}

// Owner tells the figures of a page for an owner of schools: the sums of what is
// told of them. Schools of which a figure is not told are counted together for it,
// as one group.
func Owner(p Page, schools []Told) Bands { return strict.owner(p, schools) }

// owner makes the figures of a school owner from what its schools are told. Schools
// that are not told are pooled, so that the whole gives none of them away.
// Complex because the guard's proof goes figure by figure through told and pooled
// schools, and follows this order.
func (r rules) owner(p Page, schools []Told) Bands {
	var all Bands
	var pools Bands // of the schools of which the figure is not told
	pooled := func(s Told, f Figure) bool { return !s.Shown || !s.Bands[f].Shown() }
	for _, l := range Manifest(p) {
		form := l.form(Numbers)
		var parts []Band
		var pool Count
		people, members := 0, 0
		bases := r.basesOf(l)
		known := make([]Band, len(bases)) // among how many the pool is counted
		for i, b := range bases {
			known[i] = Band{Kind: Between, Low: pools[b].Low, High: pools[b].High}
		}
		for _, s := range schools {
			people += s.Count.People[l.Staff]
			if !pooled(s, l.Figure) {
				parts = append(parts, s.Bands[l.Figure])
				continue
			}
			members++
			pool.Add(s.Count)
			for i, b := range bases {
				if !pooled(s, b) {
					known[i].Low += s.Bands[b].Low
					known[i].High += s.Bands[b].High
				}
			}
		}
		n := pool.People[l.Staff]
		low, high := step(people)
		if len(bases) == 0 {
			b := r.everybody(n, pool.Yes[l.Figure], form)
			if !b.Shown() && n > 0 {
				pools[l.Figure] = Band{Kind: b.Kind, High: n}
			} else {
				pools[l.Figure] = b
			}
		} else {
			low, high, _ = least(pick(&all, bases))
			b := r.among(known, pool.Yes[l.Figure], form)
			if _, most, _ := least(known); !b.Shown() {
				b = Band{Kind: b.Kind, High: most}
			}
			pools[l.Figure] = b
		}
		if members > 0 && pools[l.Figure].High > 0 {
			parts = append(parts, pools[l.Figure])
		}
		all[l.Figure] = sum(parts, low, high)
		switch {
		case len(bases) == 0 && people < r.least:
			all[l.Figure] = Band{Kind: TooFew}
		case len(bases) > 0 && low < r.least:
			all[l.Figure] = Band{Kind: TooFewAmong}
		}
	}
	return all
}

// sum is what bands of groups without a common person tell of all of them, among
// people of whom low to high is known. A part of which nothing is told counts with
// what it is at most.
func sum(parts []Band, low, high int) Band {
	if len(parts) == 1 && parts[0].Shown() {
		return parts[0]
	}
	out := Band{Kind: Between, PeopleLow: low, PeopleHigh: high}
	told := false
	for _, p := range parts {
		out.Low += p.Low
		out.High += p.High
		told = told || p.Shown()
	}
	out.High = min(out.High, high)
	switch {
	case !told:
		return Band{Kind: TooFew}
	case out.Low == out.High:
		out.Kind = Number
	case out.Low == 0:
		out.Kind = LowEnd
	}
	return out
}

// basesOf are the figures among which one counts.
func (r rules) basesOf(l Line) []Figure {
	switch {
	case r.noAmong:
		return nil
	case r.noParts && len(l.Among) > 0:
		first := l.Among[0]
		for len(first.Line().Among) > 0 {
			first = first.Line().Among[0]
		}
		return []Figure{first}
	}
	return l.Among
}

// form is how a figure is written: some are told in words at every school.
func (l Line) form(f Form) Form {
	if l.InWords {
		return Words
	}
	return f
}

// pick takes some of the figures of a group.
func pick(from *Bands, which []Figure) []Band {
	out := make([]Band, len(which))
	for i, f := range which {
		out[i] = from[f]
	}
	return out
}
