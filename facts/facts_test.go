package facts_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"footnote/facts"
	"footnote/knowledge"
)

var update = flag.Bool("update", false, "write score.txt anew")

// score is how the trials went when somebody last looked: a table, then a line for each that fails. A change of facts
// or of ranking shows in it. It may not fall without a word in the commit that says why.
const score = "score.txt"

// open gives the base of the built-in facts, which must load without a problem, a warning included.
func open(t *testing.T) *knowledge.Base {
	t.Helper()
	base, problems, err := knowledge.Open(t.Context(), facts.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if base == nil {
		t.FailNow()
	}
	t.Cleanup(func() {
		if err := base.Close(); err != nil {
			t.Error(err)
		}
	})
	return base
}

func TestTrials(t *testing.T) {
	base := open(t)
	results, err := base.RunTrials(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The floor, so that trials can't go missing unseen.
	declined := 0
	for _, r := range results {
		if len(r.Trial.Want) == 0 {
			declined++
		}
	}
	if len(results) < 200 || declined < 70 {
		t.Errorf("%d trials, of which %d must be declined; want at least 200 and 70", len(results), declined)
	}

	got := report(results)
	if *update {
		if err := os.WriteFile(score, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(score)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	t.Errorf("the trials went otherwise than %s says, with %d passed. Should that be right: go test ./facts -update, and say why in the commit.\n%s",
		score, knowledge.Passed(results), difference(string(want), got))
}

func report(results []knowledge.TrialResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d trials pass\n\n%s\n", knowledge.Passed(results), len(results), knowledge.TrialTable(results))
	for _, r := range results {
		if !r.Pass {
			fmt.Fprintf(&b, "fails: %s\n", r)
		}
	}
	return b.String()
}

// difference is the lines of only one of the texts, which is enough where each line tells which trial it is about.
func difference(old, new string) string {
	var b strings.Builder
	only := func(mark, in, other string) {
		known := map[string]bool{}
		for line := range strings.Lines(other) {
			known[line] = true
		}
		for line := range strings.Lines(in) {
			if !known[line] {
				b.WriteString(mark + line)
			}
		}
	}
	only("- ", old, new)
	only("+ ", new, old)
	return b.String()
}
