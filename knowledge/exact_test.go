package knowledge

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// base opens a base of one file in which each string is a fact in YAML, without its id and cite: "text: ..., asks: [...]".
func base(t testing.TB, head string, facts ...string) *Base {
	t.Helper()
	return openFiles(t, fstest.MapFS{"facts.yaml": {Data: []byte(factFile(head, facts...))}})
}

// factFile writes a fact file whose facts are called a, b, c and so on.
func factFile(head string, facts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sources: {s: {title: The source}}\n%s\nfacts:\n", head)
	for i, f := range facts {
		fmt.Fprintf(&b, "  - {id: %s, cite: [{source: s, paragraph: %d}], %s}\n", factName(i), i+1, f)
	}
	return b.String()
}

func factName(i int) string {
	if i < 26 {
		return string(rune('a' + i))
	}
	return fmt.Sprintf("f%d", i)
}

func openFiles(t testing.TB, files fstest.MapFS) *Base {
	t.Helper()
	b, problems, err := Open(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	if HasErrors(problems) {
		t.Fatal(problems)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// said asks, and gives the ids of the facts said, joined by a space; for an answer without sentences its kind.
func said(t testing.TB, b *Base, question string, history ...string) string {
	t.Helper()
	a, err := b.Ask(t.Context(), Question{Text: question, History: history})
	if err != nil {
		t.Fatal(err)
	}
	return spoken(a)
}

func spoken(a Answer) string {
	if !a.Answered() {
		return string(a.Kind)
	}
	var out []string
	for _, s := range a.Sentences() {
		out = append(out, s.Fact.ID)
	}
	return strings.Join(out, " ")
}

// Every ask of the built-in facts, put word for word, is answered by its fact; no not_ask brings it.
func TestOwnWordings(t *testing.T) {
	b, _, err := Open(t.Context(), os.DirFS("../facts"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	asks, nots := 0, 0
	for _, f := range b.Set().Facts {
		for _, q := range f.Asks {
			asks++
			if got, _, _ := strings.Cut(said(t, b, q), " "); got != f.ID {
				t.Errorf("%q: %s, want %s", q, got, f.ID)
			}
		}
		for _, q := range f.NotAsks {
			nots++
			if got := strings.Fields(said(t, b, q)); len(got) > 0 && got[0] == f.ID {
				t.Errorf("%q brings %s, although it is among its not_asks", q, f.ID)
			}
		}
	}
	if asks < 1500 || nots < 50 {
		t.Errorf("only %d asks and %d not_asks were tried", asks, nots)
	}
}

func TestExactWording(t *testing.T) {
	b := base(t, "",
		`text: The harbour was dug in 1911., asks: [When was the harbour dug?, Who is it?, "Where is it, and when was it dug?", Hello there harbour]`,
		`text: The harbour has four docks., asks: [How many docks does the harbour have?], not_asks: [Does the harbour have forty docks?, How big is the dock?]`,
		`text: The lighthouse stands on the eastern pier., asks: [How big is the dock?, Help me], not_asks: [Where does the lighthouse stand?]`,
	)
	for _, c := range []struct{ ask, want string }{
		{"When was the harbour dug?", "a"},
		{"  when WAS the harbour dug", "a"},                  // case and marks don't count
		{"When was the **harbour** dug", "a"},                // nor does markup
		{"who is it", "a"},                                   // only stop words
		{"Where is it, and when was it dug?", "a"},           // not cut into two
		{"hello there harbour", "a"},                         // not a greeting
		{"help me", "c"},                                     // a moderator knows better than our list
		{"how many docks does the harbor have", "b"},         // near, as ever
		{"How big is the dock?", "c"},                        // a not_ask of one, an ask of another
		{"Where does the lighthouse stand?", "declined"},     // its fact is kept away
		{"Does the harbour have forty docks?", "declined"},   //
		{"Does the harbour have fourty docks ?", "declined"}, // a slip doesn't get past it
	} {
		if got := said(t, b, c.ask); got != c.want {
			t.Errorf("%q: %s, want %s", c.ask, got, c.want)
		}
	}
	if got := said(t, b, "who is it", "How many docks does the harbour have?"); got != "a" {
		t.Errorf("after another question: %s, want a", got)
	}
}
