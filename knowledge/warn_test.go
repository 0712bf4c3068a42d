package knowledge

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestCheckAsks warns of the asks that their own facts do not surely answer, each at its place and for its reason, and of no other.
func TestCheckAsks(t *testing.T) {
	const file = `sources: {guide: {title: The Lighthouse of Marrow Point}}
facts:
  - id: height
    text: The lighthouse of Marrow Point is 41 metres tall.
    cite: [{paragraph: 1}]
    asks: [How high is it?, How tall is the lighthouse?]
  # The keepers.
  - id: tower
    text: The tower was built of brick in 1871.
    cite: [{paragraph: 2}]
    asks:
      - When was the tower built?
      - "How tall is the lighthouse"
  - id: keeper
    text: Ada Lund keeps the lighthouse. Error E403 is hers to mend.
    cite: [{paragraph: 3}]
    asks: [Who keeps the lighthouse?, "Is Ada, the keeper, awake at night?", What does error E404 mean?]
    not_asks: ["Is Ada the keeper awake at night?"]
`
	base, problems, err := Open(t.Context(), fstest.MapFS{"light.yaml": {Data: []byte(file)}})
	if err != nil || HasErrors(problems) {
		t.Fatal(err, problems)
	}
	defer base.Close()
	steps, last := 0, 0
	warnings, checked, err := base.CheckAsks(t.Context(), func(done, of int) {
		steps, last = steps+1, of
	})
	if err != nil || !checked || steps != 7 || last != 7 {
		t.Fatalf("%v, checked: %t; %d steps of %d", err, checked, steps, last)
	}
	want := []struct{ begins, reason, ask string }{
		{"light.yaml:6:29: warning: ", "tower has nearly the same", "How tall is the lighthouse?"},
		{"light.yaml:13:9: warning: ", "height has nearly the same", "How tall is the lighthouse"},
		{"light.yaml:17:39: warning: ", "its not_ask", "Is Ada, the keeper"},
		{"light.yaml:17:78: warning: ", "does not name “e404”", "What does error E404 mean?"},
	}
	if len(warnings) != len(want) {
		t.Errorf("%d warnings, want %d", len(warnings), len(want))
	}
	for i, p := range warnings {
		if i < len(want) && (!strings.HasPrefix(p.String(), want[i].begins) || !strings.Contains(p.Msg, want[i].reason) || !strings.Contains(p.Msg, want[i].ask) || p.Rule != "ask-not-sure" || p.Hint == "") {
			t.Errorf("%s\nwant one at %q on %q that says %q", p, want[i].begins, want[i].ask, want[i].reason)
		}
	}
}

// TestCheckAsksMany leaves large bases alone: asking all would take minutes.
func TestCheckAsksMany(t *testing.T) {
	set := &Set{Facts: []*Fact{{ID: "a", Asks: make([]string, maxChecked)}}}
	base := &Base{cur: &generation{set: set}}
	if warnings, checked, err := base.CheckAsks(t.Context(), nil); checked || len(warnings) > 0 || err != nil {
		t.Errorf("%v, checked: %t, %v", warnings, checked, err)
	}
}

// TestCheckAsksElsewhere falls back on the fact's place where the file's lines can't be told apart.
func TestCheckAsksElsewhere(t *testing.T) {
	const file = `{sources: {guide: {title: Guide}}, facts: [{id: a, text: The lighthouse is 41 metres tall., cite: [{paragraph: 1}], asks: [How tall is it?]},
{id: b, text: The lighthouse is 42 metres tall., cite: [{paragraph: 1}], asks: [How tall is it?]}]}`
	base, problems, err := Open(t.Context(), fstest.MapFS{"light.yaml": {Data: []byte(file)}})
	if err != nil || HasErrors(problems) {
		t.Fatal(err, problems)
	}
	defer base.Close()
	warnings, _, err := base.CheckAsks(t.Context(), nil)
	if err != nil || len(warnings) != 2 || warnings[0].Pos != base.Set().Facts[0].Pos {
		t.Errorf("%v, %v", warnings, err)
	}
}
