package knowledge

import (
	"slices"
	"testing"
)

func TestOneFact(t *testing.T) {
	b := base(t, "", `text: The harbour of Port Example was dug in 1911.`)
	for q, want := range map[string]string{
		"When was the harbour of Port Example dug?": "a",
		"Who won the cup final?":                    "declined",
		"Is there a zoo?":                           "declined",
	} {
		if got := said(t, b, q); got != want {
			t.Errorf("%q: %s, want %s", q, got, want)
		}
	}
}

// What a fact's status and its wordings do to the answer.
func TestStatus(t *testing.T) {
	b := base(t, "synonyms:\n  - [gizmo, windlass]",
		`text: The ferry to Grey Island leaves at noon., status: superseded, superseded_by: b, asks: [When does the ferry to Grey Island leave?]`,
		`text: The Grey Island boat departs at two o'clock., status: superseded, superseded_by: c, asks: [What is the second timetable?]`,
		`text: Since May the crossing starts at three o'clock., asks: [What is the present timetable?]`,
		`text: The mayor is Anna Berg., status: withdrawn, asks: [Who is the mayor?]`,
		`text: The council counts 300 moorings in the harbour., status: disputed, topics: [moorings], asks: [How many moorings does the harbour have?]`,
		`text: The sailing club counts 410 moorings in the harbour., status: disputed, topics: [moorings], asks: [How many moorings does the harbour have?]`,
		`text: The windlass was made by Smith and Sons., asks: [Who made the windlass?]`,
		`text: The museum shows ship models., not_asks: [Does the museum show paintings?], asks: [What does the museum show?]`,
		`text: It is run by volunteers., asks: [Who looks after the planetarium?]`,
	)
	for _, c := range []struct{ ask, want string }{
		{"When does the ferry to Grey Island leave?", "c a"}, // the last successor first, then what was asked for
		{"ferry grey island when leave", "c a"},
		{"What is the second timetable?", "c b"},
		{"What is the present timetable?", "c"},
		{"Who is the mayor?", "declined"},
		{"mayor Anna Berg", "declined"},
		{"How many moorings does the harbour have?", "e and f"}, // side by side
		{"Who made the gizmo?", "g"},                            // the file's own synonym
		{"Who made the windlas?", "g"},                          // misspelt
		{"Does the museum show paintings?", "declined"},         // a not_ask
		{"What does the museum show?", "h"},
		{"Who looks after the planetarium?", "i"}, // words that only an ask has
		{"the planetarium, who looks after it?", "i"},
	} {
		got := said(t, b, c.ask)
		if got == "e f" || got == "f e" {
			got = "e and f" // which of them is first doesn't matter
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.ask, got, c.want)
		}
	}
}

// An answer that was to be explained says which words of the question brought it, and which did not; in the question's own spelling and order.
func TestExplainedWords(t *testing.T) {
	b := base(t, "", "text: The bridge is to cost 40 million crowns., asks: [How much will the bridge cost?]",
		"text: The ferry runs until the bridge opens., asks: [How long does the ferry run?]")
	for _, tc := range []struct {
		text            string
		history         []string
		matched, missed []string
	}{
		{"How much will the BRIDGE cost?", nil, []string{"BRIDGE", "cost"}, nil},
		{"How many crowns will the bridge cost when it opens?", nil, []string{"crowns", "bridge", "cost"}, []string{"opens"}},
		{"and how much does it cost?", []string{"When does the bridge open?"}, []string{"cost"}, nil},
		{"and how much?", []string{"So now please tell me what the bridge is going to cost"}, nil, nil},
	} {
		a := answer(t, b, Question{Text: tc.text, History: tc.history, Explain: true, Candidates: 1})
		if tc.matched != nil && a.Candidates[0].Fact.ID != "a" {
			t.Errorf("%q: %s is first", tc.text, a.Candidates[0].Fact.ID)
		}
		if !slices.Equal(a.Matched, tc.matched) || !slices.Equal(a.Missed, tc.missed) {
			t.Errorf("%q: matched %q, missed %q; want %q, %q", tc.text, a.Matched, a.Missed, tc.matched, tc.missed)
		}
		plain, err := b.Ask(t.Context(), Question{Text: tc.text, History: tc.history})
		if err != nil || plain.Matched != nil || plain.Missed != nil {
			t.Errorf("%q, not to be explained: matched %q, missed %q, %v", tc.text, plain.Matched, plain.Missed, err)
		}
	}
}

// A question is declined with the words that no fact covers.
func TestUncovered(t *testing.T) {
	b := article(t)
	for q, want := range map[string]string{
		"Does the Tokyo office have a swimming pool?": "swimming",
		"Does Zanzibar sell pancakes?":                "Zanzibar",
		"Which bakery sells the best pancakes?":       "pancakes",
	} {
		a, err := b.Ask(t.Context(), Question{Text: q})
		if err != nil {
			t.Fatal(err)
		}
		if a.Answered() || !slices.Contains(a.Uncovered, want) {
			t.Errorf("%q: %s, uncovered %q, want declined for %q", q, spoken(a), a.Uncovered, want)
		}
	}
	// Where each word is covered by some fact, nothing is said of all facts.
	b = base(t, "", "text: The bridge is to cost 40 million crowns., asks: [How much will the bridge cost?]",
		"text: The ferry runs until the bridge opens., asks: [How long does the ferry run?]")
	if a := answer(t, b, Question{Text: "how many crowns is the ferry?"}); a.Answered() || len(a.Uncovered) > 0 {
		t.Errorf("%s, uncovered %q", spoken(a), a.Uncovered)
	}
}
