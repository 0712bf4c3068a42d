package knowledge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Facts that are no rivals are those that say the same, that took another's place, or that dispute one another; whatever their order.
func TestTwins(t *testing.T) {
	facts := []*Fact{
		{ID: "old", Text: "The ferry leaves at noon.", Status: Superseded, SupersededBy: "newer"},
		{ID: "newer", Text: "The ferry leaves at two.", Status: Superseded, SupersededBy: "newest"},
		{ID: "newest", Text: "The ferry leaves at three.", Status: Disputed, Topics: []string{"ferry", "harbour"}},
		{ID: "other-side", Text: "The ferry leaves at four.", Status: Disputed, Topics: []string{"ferry"}},
		{ID: "moorings", Text: "There are 300 moorings.", Status: Disputed, Topics: []string{"moorings"}},
		{ID: "no-topic", Text: "There are 400 moorings.", Status: Disputed},
		{ID: "twin-b", Text: "The mayor is Anna Berg.", Status: Stated},
		{ID: "twin-a", Text: "the mayor is ANNA BERG", Status: Stated},
		{ID: "lost", Text: "The mill is open.", Status: Superseded, SupersededBy: "gone"},
		{ID: "alone", Text: "The harbour was dug in 1911.", Status: Stated, Topics: []string{"ferry"}},
	}
	groups := func(facts []*Fact) string {
		by := map[string][]string{}
		for f, g := range twinsOf(facts) {
			by[g] = append(by[g], f.ID)
		}
		var out []string
		for _, g := range slices.Sorted(maps.Keys(by)) {
			slices.Sort(by[g])
			out = append(out, fmt.Sprintf("%s: %s", g, strings.Join(by[g], " ")))
		}
		return strings.Join(out, "; ")
	}
	const want = "newer: newer newest old other-side; twin-a: twin-a twin-b"
	for i := range facts {
		turned := slices.Concat(facts[i:], facts[:i])
		if got := groups(turned); got != want {
			t.Errorf("from %s on: %s, want %s", turned[0].ID, got, want)
		}
		slices.Reverse(turned)
		if got := groups(turned); got != want {
			t.Errorf("backwards: %s, want %s", got, want)
		}
	}
}

// What stands around a fact, and where.
func TestEntries(t *testing.T) {
	b := base(t, "", `text: The harbour was dug in 1911., said_by: The keeper, topics: [harbour], asks: [When was it dug?], not_asks: [Who dug it?]`, `text: The mayor is Anna Berg.`)
	e := entriesOf(b.Set().Facts)
	if got := strings.Join(e[0].Around, "|"); got != "|The source|The keeper|harbour" {
		t.Errorf("around: %s", got)
	}
	if e[0].Text != b.Set().Facts[0].Text || len(e[0].Asks) != 1 || len(e[0].NotAsks) != 1 || e[0].Twins != "" {
		t.Errorf("%+v", e[0])
	}
	if e[0].Place == e[1].Place || !slices.Contains(e[0].Beside, e[1].Place) || !slices.Contains(e[1].Beside, e[0].Place) {
		t.Errorf("places %q beside %q, %q beside %q", e[0].Place, e[0].Beside, e[1].Place, e[1].Beside)
	}
}
