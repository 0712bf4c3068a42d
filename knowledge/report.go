package knowledge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// TrialTable is how the trials went as a table, a row a voice: of those with a fact to find, and of those to be declined,
// how many passed.
func TrialTable(results []TrialResult) string {
	type tally struct{ pass, of int }
	type row struct{ find, decline tally }
	rows := map[string]*row{}
	var all row
	count := func(t *tally, pass bool) {
		t.of++
		if pass {
			t.pass++
		}
	}
	for _, r := range results {
		voice := r.Trial.Voice
		if voice == "" {
			voice = "(no voice)"
		}
		if rows[voice] == nil {
			rows[voice] = &row{}
		}
		for _, w := range []*row{rows[voice], &all} {
			if len(r.Trial.Want) > 0 {
				count(&w.find, r.Pass)
			} else {
				count(&w.decline, r.Pass)
			}
		}
	}
	cell := func(t tally) string {
		if t.of == 0 {
			return "–"
		}
		return fmt.Sprintf("%d of %d", t.pass, t.of)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	line := func(voice string, r row) {
		both := tally{r.find.pass + r.decline.pass, r.find.of + r.decline.of}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", voice, cell(both), cell(r.find), cell(r.decline))
	}
	fmt.Fprintln(w, "voice\tpassed\tto find\tto decline")
	for _, voice := range slices.Sorted(maps.Keys(rows)) {
		line(voice, *rows[voice])
	}
	if len(rows) != 1 {
		line("all", all)
	}
	w.Flush() // a strings.Builder does not fail
	return b.String()
}

// Passed counts the trials that passed.
func Passed(results []TrialResult) int {
	n := 0
	for _, r := range results {
		if r.Pass {
			n++
		}
	}
	return n
}

// String says in one line what was asked, what was wanted and what came:
//
//	“which city?” wanted tokyo-office, came a decline
func (r TrialResult) String() string {
	asked := ""
	for _, q := range r.Trial.After {
		asked += "“" + q + "” … "
	}
	wanted := "a decline"
	if len(r.Trial.Want) > 0 {
		wanted = strings.Join(r.Trial.Want, " or ")
	}
	return fmt.Sprintf("%s“%s” wanted %s, came %s", asked, r.Trial.Ask, wanted, r.Answer.gist())
}

// gist is the ids of the facts it says, in order, or else what kind of answer it is.
func (a Answer) gist() string {
	if !a.Answered() {
		switch a.Kind {
		case Declined:
			return "a decline"
		case Near:
			return "near " + a.Offers[0].Fact.ID
		case Choose:
			var all []string
			for _, o := range a.Offers {
				all = append(all, o.Fact.ID)
			}
			return "a choice of " + strings.Join(all, ", ")
		}
		return string(a.Kind)
	}
	var all []string
	for _, s := range a.Sentences() {
		all = append(all, s.Fact.ID)
	}
	return strings.Join(all, ", ")
}
