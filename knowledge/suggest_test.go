package knowledge

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	b := base(t, "",
		`text: The harbour was dug in 1911., asks: [When was the harbour dug?, How old is the harbour?]`,
		`text: The opening of the harbour museum is planned for May.`,
		`text: Port Example lies on the coast., overview: true, asks: [What is Port Example?]`,
		`text: The old mill is closed., status: withdrawn, asks: [When does the mill open?]`,
		`text: The lighthouse opens on Sundays., asks: [When does the lighthouse open?, Where do I buy a ticket for the lighthouse?]`,
	)
	for _, c := range []struct{ typed, want string }{
		{"", "c: What is Port Example? | a: When was the harbour dug? | e: When does the lighthouse open?"},
		{"   ", "c: What is Port Example? | a: When was the harbour dug? | e: When does the lighthouse open?"},
		{"harb", "a: When was the harbour dug? | b: The opening of the harbour museum is planned for May."},
		{"HOW OLD is the ha", "a: How old is the harbour?"},
		{"when", "a: When was the harbour dug? | e: When does the lighthouse open?"},
		{"lighthouse tick", "e: Where do I buy a ticket for the lighthouse?"},
		{"openi", "e: When does the lighthouse open? | b: The opening of the harbour museum is planned for May."},
		{"museum", "b: The opening of the harbour museum is planned for May."},
		{"mill", ""}, // withdrawn
		{"zebra", ""},
		{"???", "c: What is Port Example?"},
		{strings.Repeat("harbour ", 100_000), "a: When was the harbour dug?"},
	} {
		var got []string
		for _, s := range b.Suggest(c.typed, 3) {
			got = append(got, s.Fact.ID+": "+s.Question)
		}
		if all := strings.Join(got, " | "); all != c.want && (c.want == "" || !strings.HasPrefix(all, c.want)) {
			t.Errorf("%.20q: %s\nwant %s", c.typed, all, c.want)
		}
	}
	for _, n := range []int{-1, 0, 1, 2} {
		if got := len(b.Suggest("", n)); got != max(0, n) {
			t.Errorf("%d suggestions, want %d", got, n)
		}
	}
}

func BenchmarkSuggest(b *testing.B) {
	base := many(b, 500)
	for _, typed := range []string{"", "how", "how old is the rail", "station Qba", "zebra"} {
		b.Run(typed, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				base.Suggest(typed, 25)
			}
		})
	}
}

// TestSuggestWrittenOut holds that what is suggested reads as a question, where an ask that does is about as near as one that doesn't.
func TestSuggestWrittenOut(t *testing.T) {
	b := base(t, "", "text: The bridge is planned to open in June 2025., asks: [when r they gonna open the bridge, and when does the bridge open?, When will the bridge be open?, When may people walk?]")
	j, err := b.current().judge(t.Context(), "when does the mayor open the bridge", nil, true)
	if err != nil || j.question(0) != "When will the bridge be open?" {
		t.Errorf("%q, %v", j.question(0), err)
	}
}
